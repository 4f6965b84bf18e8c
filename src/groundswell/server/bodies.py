"""Reading what strangers send as JSON, query or form: what cannot be kept or shown later is refused here, by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from groundswell.domain.errors import InvalidInput

MAX_DEPTH = 100
"""Levels of lists and objects in each other: far from what readers that recurse can take."""
MAX_MEMBERS = 10_000
"""Members of one object: no specification, preference or answer has a tenth of it."""
MAX_QUERY_FIELDS = 100


async def whole(receive: Receive) -> bytes:
    """The body of a request; raises ClientDisconnect when its sender leaves before its end."""
    parts: list[bytes] = []
    while (message := await receive())["type"] == "http.request":
        if not message.get("more_body"):
            last: bytes = message.get("body", b"")
            return b"".join((*parts, last)) if parts else last
        parts.append(message.get("body", b""))
    raise ClientDisconnect


def read_json(raw: bytes) -> Any:
    """The value of a JSON text; raises InvalidInput, with the field, for what is not JSON or could not be stored.

    Refused are NaN, lone surrogates and invalid UTF-8 (by orjson), NUL (no database keeps it in a text), deep nesting
    and objects of very many members.
    """
    try:
        value = orjson.loads(raw)
    except ValueError as error:
        raise InvalidInput(f"expected a body of JSON: {error}") from error
    # Counting bytes is a thousand times faster than a walk, and nearly always enough.
    if b"\\u0000" in raw or raw.count(b"[") + raw.count(b"{") > MAX_DEPTH or raw.count(b":") > MAX_MEMBERS:
        _check(value)
    return value


def check_texts(texts: Iterable[tuple[str, object]]) -> None:
    """Raise InvalidInput for the first (name, value) that holds a NUL; values that are no text are not looked at."""
    for name, value in texts:
        if "\x00" in name or (isinstance(value, str) and "\x00" in value):
            raise _nul(name)


def check_query(query: bytes) -> None:
    """Raise InvalidInput, naming the field, for a query that is no UTF-8, holds a NUL or has very many fields."""
    if not query:
        return
    fields = query.split(b"&")
    if len(fields) > MAX_QUERY_FIELDS:
        raise InvalidInput(f"expected at most {MAX_QUERY_FIELDS} fields after the question mark, got {len(fields):,}")
    for field in fields:
        name, _, value = field.replace(b"+", b" ").partition(b"=")
        try:
            check_texts([(unquote_to_bytes(name).decode(), unquote_to_bytes(value).decode())])
        except UnicodeDecodeError as error:
            shown = unquote_to_bytes(name).decode(errors="replace")
            raise InvalidInput(f"expected UTF-8 in {shown!r}: {error}", field=shown) from error


def _check(value: Any) -> None:
    stack: list[tuple[str, Any, int]] = [("", value, 1)]
    while stack:
        path, found, depth = stack.pop()
        if isinstance(found, str):
            check_texts([(path, found)])
            continue
        if not isinstance(found, dict | list):
            continue
        if depth > MAX_DEPTH:
            raise InvalidInput(f"expected at most {MAX_DEPTH} levels of lists and objects", field=path.split(".")[0])
        if isinstance(found, dict):
            if len(found) > MAX_MEMBERS:
                raise InvalidInput(
                    f"expected at most {MAX_MEMBERS:,} members in one object, got {len(found):,}", field=path
                )
            check_texts((f"{path}.{key}".lstrip("."), key) for key in found)
        members = found.items() if isinstance(found, dict) else enumerate(found)
        stack += [
            (f"{path}.{key}".lstrip("."), one, depth + 1) for key, one in members if isinstance(one, dict | list | str)
        ]


def _nul(name: str) -> InvalidInput:
    shown = name.replace("\x00", "\\0")
    return InvalidInput("expected text without NUL characters; take them out and send it again", field=shown)
