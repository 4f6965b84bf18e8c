"""A worker task template as a page: Liquid filled in, Ground Truth's script addresses pointed at our own elements."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from groundswell.templates.liquid import Renderer

_SCRIPT = re.compile(r"<script\b[^>]*\bsrc\s*=", re.I)
_HEAD_TAG = re.compile(r"<head[^>]*>|<html[^>]*>|<!doctype[^>]*>", re.I)
_ASSETS = re.compile(r"(?:https?:)?//assets\.crowd\.aws/(css/)?crowd-html-elements(-v2s?)?(\.min)?\.(js|css)", re.I)
_DOCUMENT = re.compile(r"<!doctype|<html[\s>]", re.I)
# On one line, so that the lines of an error are the template's own.
_HEAD = (
    '<!doctype html><html lang="en"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Task</title>'
)
_grant: ContextVar[Callable[[str], str]] = ContextVar("grant_read_access", default=lambda uri: uri)


def _asset(assets: str) -> Callable[[re.Match[str]], str]:
    def replaced(match: re.Match[str]) -> str:
        version = "-v2" if match[2] else ""
        name = (
            f"css/crowd-html-elements{version}.css" if match[4].lower() == "css" else f"crowd-html-elements{version}.js"
        )
        return f"{assets}/{name}"

    return replaced


@lru_cache(maxsize=256)
def page_template(template: str, assets: str) -> str:
    """The template as a whole page that loads our elements, Liquid still in it.

    `assets` is where the built elements are served. A template that uses crowd elements without loading them loads
    ours; a fragment becomes a document, so that browsers do not fall back to their oldest layout rules.
    """
    text = _ASSETS.sub(_asset(assets), template)
    if "<crowd-" in text and f"{assets}/crowd-html-elements" not in text:
        text = f'<script src="{assets}/crowd-html-elements.js"></script>{text}'
    whole = text if _DOCUMENT.search(text) else _HEAD + text
    return _begun(whole, assets)


def _begun(page: str, assets: str) -> str:
    """The page with what it lacks for want of an origin, before its first script; on the line it begins with."""
    scripts = f'<script src="{assets}/frame.js"></script>'
    foreign = any(assets not in page[one.start() : page.find(">", one.start())] for one in _SCRIPT.finditer(page))
    if foreign or "indexedDB" in page:
        scripts += f'<script src="{assets}/indexed-db.js"></script>'
    if page.startswith(_HEAD):
        return _HEAD + scripts + page[len(_HEAD) :]
    first = _SCRIPT.search(page)
    tags = list(_HEAD_TAG.finditer(page, 0, first.start() if first else len(page)))
    at = tags[-1].end() if tags else 0
    return page[:at] + scripts + page[at:]


_LOADED = re.compile(
    r"<script\b[^>]*?\bsrc\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)[^>]*>\s*</script\s*>"
    r"|<link\b[^>]*?\bhref\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)[^>]*>",
    re.I,
)


def leave_out(page: str, addresses: Collection[str]) -> str:
    """The page without the scripts and styles at these addresses of other servers, which did not answer."""
    hanging = {address.partition(":")[2] for address in addresses if address.startswith(("http://", "https://"))}

    def kept(match: re.Match[str]) -> str:
        address = html.unescape((match[1] or match[2]).strip("\"'"))
        return "" if address.removeprefix("http:").removeprefix("https:") in hanging else match[0]

    return _LOADED.sub(kept, page) if hanging else page


@lru_cache(maxsize=1)
def _renderer() -> Renderer:
    return Renderer(lambda uri: _grant.get()(uri))


def render(
    template: str,
    task_input: Mapping[str, Any],
    *,
    grant_read_access: Callable[[str], str],
    assets: str = "/static/elements",
    expired: Callable[[], bool] = lambda: False,
) -> str:
    """The page a worker sees.

    grant_read_access: turns a storage address into a link the worker's browser can read; addresses that are not of a
    storage come back unchanged.
    expired: whether the time for this is over; asked at every step. Raises InvalidTemplate with the line at fault.
    """
    before = _grant.set(grant_read_access)
    try:
        return _renderer().render(page_template(template, assets), task_input, expired=expired)
    finally:
        _grant.reset(before)
