"""Reading what somebody asks for as a request's type: every problem said, whichever door it came by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from groundswell.domain.errors import FieldProblem, InvalidInput
from groundswell.wire.problems import field_problems

Request = TypeVar("Request", bound=BaseModel)


def request_of(kind: type[Request], given: Mapping[str, Any]) -> Request:
    """The request in these values; raises InvalidInput that names every field at fault."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        problems = problems_of(error)
        raise InvalidInput(sentence_of(problems), field=problems[0].field or None, field_problems=problems) from error


def problems_of(error: ValidationError) -> list[FieldProblem]:
    """Pydantic's errors in our own words."""
    return [FieldProblem(one["field"], one["message"]) for one in field_problems(error.errors(include_url=False))]


def sentence_of(problems: list[FieldProblem]) -> str:
    """The problems as one message: the first five."""
    said = [f"{one.field}: {one.message}" if one.field else one.message for one in problems[:5]]
    more = f"; and {len(problems) - 5} more" if len(problems) > 5 else ""
    return "; ".join(said) + more
