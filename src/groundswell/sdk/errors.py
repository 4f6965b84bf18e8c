"""The server's errors, as the same classes the server raised."""

from __future__ import annotations

import json
from collections.abc import Iterator

from groundswell.domain import errors
from groundswell.domain.errors import (
    FieldProblem,
    GroundswellError,
    InvalidInput,
    InvalidManifest,
    LineProblem,
    Unavailable,
)


def _tree(base: type[GroundswellError]) -> Iterator[type[GroundswellError]]:
    yield base
    for derived in base.__subclasses__():
        yield from _tree(derived)


# A narrower class without a code of its own comes as the one whose code it has.
_BY_CODE = {kind.code: kind for kind in _tree(errors.GroundswellError) if "code" in vars(kind)}


def error_of(status: int, body: bytes) -> GroundswellError:
    """The error of an answer that was not 2xx; one that is not in the server's form says so."""
    try:
        said = json.loads(body)["error"]
        kind, message = _BY_CODE.get(said["code"], GroundswellError), said["message"]
    except (ValueError, KeyError, TypeError):
        return Unavailable(f"expected an answer of a Groundswell server, got status {status}: {body[:200]!r}")
    if kind is InvalidManifest:
        problems = [LineProblem(one["line"], one.get("key"), one["message"]) for one in said.get("problems", [])]
        return InvalidManifest(message, problems=problems, problem_count=said.get("problem_count"))
    if issubclass(kind, InvalidInput) and kind not in (errors.InvalidTemplate, errors.InvalidVotes):
        several = [FieldProblem(one["field"], one["message"]) for one in said.get("problems", [])]
        return kind(message, field=said.get("field"), field_problems=several)
    return kind(message, field=said.get("field"))
