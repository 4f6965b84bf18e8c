"""What pages' forms say: read as the same requests that the API takes, and what stands against them as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from groundswell.domain.errors import (
    Conflict,
    FieldProblem,
    GroundswellError,
    InvalidInput,
    NotFound,
    TooManyRequests,
    Unavailable,
)
from groundswell.domain.people import Role

SHOWN = (InvalidInput, NotFound, Conflict, TooManyRequests, Unavailable)
"""Errors that a form shows beside what was filled in; others are a page of their own."""


def text_of(form: Mapping[str, Any], name: str) -> str:
    """A field without outer blanks; empty when it is not there."""
    return str(form.get(name, "")).strip()


def given(form: Mapping[str, Any], *names: str) -> dict[str, str]:
    """Those of the fields that were filled in: what was left empty is left to its default."""
    return {name: text for name in names if (text := text_of(form, name))}


def roles_of(form: Mapping[str, Any]) -> list[str]:
    """The roles whose boxes are ticked."""
    return [role.value for role in Role if form.get(f"role-{role.value}")]


def sentence(message: str) -> str:
    """A message as a sentence of its own."""
    text = message if "_" in message.split(" ")[0] else message[:1].upper() + message[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."


def errors_of(error: GroundswellError, default: str) -> dict[str, str]:
    """Field -> what is wrong with it; `default` is where what names no field is shown."""
    return {problem.field: sentence(problem.message) for problem in reversed(problems_in(error, default))}


def problems_in(error: GroundswellError, default: str) -> list[FieldProblem]:
    """Everything an error says, by field."""
    found = error.field_problems if isinstance(error, InvalidInput) and error.field_problems else ()
    problems = found or (FieldProblem(error.field or default, error.message),)
    return [FieldProblem(problem.field or default, problem.message) for problem in problems]
