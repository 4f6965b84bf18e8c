"""A worker task template as a page: Liquid filled in, Ground Truth's script addresses pointed at our own elements."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from groundswell.templates.liquid import Renderer

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
    return text if _DOCUMENT.search(text) else _HEAD + text


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
