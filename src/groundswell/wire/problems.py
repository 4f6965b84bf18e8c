"""Pydantic's errors in our own words: which field, what was expected, what was given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_MOST_LETTERS = 200  # of a field's name that is shown: a made-up one may have millions
_WORDS = {
    "missing": "is needed",
    "extra_forbidden": "is not a known field; check its spelling",
    "int_parsing": "expected a whole number",
    "int_type": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_parsing": "expected a number",
    "float_type": "expected a number",
    "decimal_parsing": "expected an amount such as 0.036",
    "decimal_type": "expected an amount such as 0.036",
    "decimal_max_places": "expected at most {decimal_places} digits after the point",
    "bool_parsing": "expected true or false",
    "bool_type": "expected true or false",
    "string_type": "expected a text",
    "string_too_long": "expected at most {max_length:,} characters",
    "string_too_short": "expected at least {min_length:,} characters",
    "too_long": "expected at most {max_length:,}",
    "list_type": "expected a list",
    "dict_type": "expected an object",
    "model_type": "expected an object",
    "model_attributes_type": "expected an object",
    "greater_than": "expected more than {gt:,}",
    "greater_than_equal": "expected at least {ge:,}",
    "less_than": "expected less than {lt:,}",
    "less_than_equal": "expected at most {le:,}",
    "literal_error": "expected {expected}",
    "json_invalid": "expected JSON: {error}",
}


def field_problems(errors: Sequence[Any]) -> list[dict[str, str]]:
    """Pydantic's errors as `{"field": dotted path, "message": expected and given}`."""
    problems = []
    for one in errors:
        path = [str(part)[:_MOST_LETTERS] for part in one["loc"]]
        path = path[1:] if path and path[0] in ("body", "query", "path") else path
        message = one["msg"].removeprefix("Value error, ")
        if one["type"] in _WORDS:
            bounds = {name: _whole(bound) for name, bound in one.get("ctx", {}).items()}
            message = _WORDS[one["type"]].format(**bounds)
            given = one.get("input")
            if message.startswith("expected") and isinstance(given, str | int | float | bool):
                message += f", got {given!r}"[:200]
        problems.append({"field": ".".join(path), "message": message})
    return problems


def _whole(bound: Any) -> Any:
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound
