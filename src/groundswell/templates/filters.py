"""Filters in place of python-liquid's: those that Ground Truth adds, and those whose work could not be bounded."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from liquid import Environment
from liquid.builtin.filters.misc import date as liquid_date
from liquid.exceptions import FilterArgumentError
from liquid.filter import with_environment
from liquid.undefined import Undefined
from markupsafe import Markup, escape

from groundswell.templates.budget import ELEMENT, current, size_of, spend, spend_all

MAX_DATE_CHARACTERS = 200
_GROWING = frozenset({"escape", "escape_once", "newline_to_br", "url_encode"})  # up to six characters for one
_BLOCKS = (("<script", "</script>"), ("<!--", "-->"), ("<style", "</style>"))


def printed(value: Any) -> str:
    """How a value is printed: lists and objects as JSON, true and false in small letters, nothing for nothing."""
    if isinstance(value, str) or hasattr(value, "__html__"):
        return value  # type: ignore[no-any-return]
    if value is None or isinstance(value, Undefined):
        return ""
    if isinstance(value, range):
        return f"{value.start}..{value.stop - 1}"
    return json_of(value)


def json_of(value: Any) -> str:
    """The JSON text of a value, in Unicode as it stands; what Liquid does not know is null."""
    if isinstance(value, Undefined):
        return "null"
    if current.get() is not None:
        spend_all(value)
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if hasattr(value, "__iter__") else str(value)


class Escaped(Markup):
    """Text that has been escaped once: escaping it again changes nothing."""

    __slots__ = ()


def escaped(text: str) -> Escaped:
    """Escaped for HTML text and attributes of either quote; a carriage return is named, or parsing would lose it."""
    return Escaped(str(escape(str(text))).replace("\r", "&#13;"))


def _to_json(value: Any) -> str:
    return json_of(value)


def _skip_autoescape(value: Any) -> Markup:
    return Markup(printed(value))


def _replace(value: Any, old: Any, new: Any = "") -> str:
    text, sought, put = printed(value), printed(old), printed(new)
    if isinstance(text, Markup):  # what is put into safe text must be safe as well
        sought, put = escape(sought), escape(put)
    # Known before it is made: two short texts can make one that fills the memory.
    spend(text.count(sought) * len(put) if sought else (len(text) + 1) * len(put))
    return type(text)(str(text).replace(str(sought), str(put)))


def _escape(value: Any) -> Escaped:
    text = printed(value)
    return text if isinstance(text, Escaped) else escaped(text)


def _escape_once(value: Any) -> Escaped:
    text = printed(value)
    return text if isinstance(text, Escaped) else escaped(Markup(text).unescape())


def _strip_html(value: Any) -> str:
    """Without tags, comments, scripts and styles, in one pass: each end is looked for once, and no more when there is
    none."""
    text = printed(value)
    kept, at, missing = [], 0, set()
    lowered = text.lower()
    while (start := text.find("<", at)) >= 0:
        kept.append(text[at:start])
        closing = next((end for begin, end in _BLOCKS if lowered.startswith(begin, start)), ">")
        end = -1 if closing in missing else lowered.find(closing, start)
        if end < 0:
            missing.add(closing)
            closing = ">"
            end = -1 if ">" in missing else text.find(">", start)
        if end < 0:
            at = start
            break
        at = end + len(closing)
    return type(text)("".join([*kept, text[at:]]))


def _date(value: Any, form: Any, *, environment: Environment) -> Any:
    if isinstance(value, str) and len(value) > MAX_DATE_CHARACTERS:
        return value  # as any text that is no date
    if isinstance(form, str) and (len(form) > MAX_DATE_CHARACTERS or re.search(r"%[-_0^#]*\d", form)):
        raise FilterArgumentError("expected a short date format such as %d.%m.%Y", token=None)
    return liquid_date(value, form, environment=environment)


def own_filters(grant_read_access: Callable[[str], str]) -> dict[str, Callable[..., Any]]:
    """By their names."""
    return {
        "to_json": _to_json,
        "skip_autoescape": _skip_autoescape,
        "replace": _replace,
        "escape": _escape,
        "escape_once": _escape_once,
        "strip_html": _strip_html,
        "date": with_environment(_date),
        "grant_read_access": lambda value: grant_read_access(str(printed(value))),
    }


def spend_before(name: str, left: Any, arguments: tuple[Any, ...]) -> None:
    """Count what a filter is about to make, where that is more than what it is given."""
    for argument in arguments:
        if not isinstance(argument, str):  # a list as the name of a member is printed for each element
            spend(size_of(argument) * max(1, size_of(left) // ELEMENT if name != "concat" else 1))
    if name == "join":
        separator = arguments[0] if arguments else " "
        spend_all(left)
        spend((size_of(left) // ELEMENT) * len(printed(separator)) if not isinstance(left, str) else 0)
    elif name == "split":
        separator = arguments[0] if arguments else ""
        text = printed(left)
        spend(ELEMENT * (text.count(separator) if isinstance(separator, str) and separator else len(text)))
    elif name == "truncatewords":
        spend(ELEMENT * (len(printed(left)) // 2))  # splits all of it first
    elif name in _GROWING:
        spend(5 * size_of(left))
    elif name == "uniq":  # compares everything with everything
        count = size_of(left) // ELEMENT
        spend(2 * count * count)
