"""Every error Groundswell raises on purpose, in one tree.

GroundswellError
├── InvalidInput          a value given by a user is not acceptable
│   ├── InvalidSpec       ... in a labeling job's specification
│   ├── InvalidManifest   ... in lines of a manifest
│   ├── InvalidAnnotation ... in a worker's submitted answer
│   ├── InvalidTemplate   ... in a worker task template
│   └── InvalidVotes      ... in annotations given to consolidation
├── NotFound              the named thing does not exist, or not for this person
├── Conflict              the thing exists but its state forbids the request
├── Unauthenticated       nobody is signed in, or the token is not valid
├── Forbidden             the signed-in person may not do this
├── TooManyRequests       asked again too soon
└── Unavailable           something this server needs does not answer; try again
    └── Unsealable        ... a secret was sealed with another key than the server has

Messages say what was expected, what was given and what to do. `server/errors.py` is the only map from code to HTTP
status.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class GroundswellError(Exception):
    """The base of every error Groundswell raises on purpose."""

    code = "error"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field  # the dotted path of the field at fault, or None


@dataclass(frozen=True)
class FieldProblem:
    """One thing wrong with one field of a request or a specification."""

    field: str  # its dotted path
    message: str  # what was expected, what was given


class InvalidInput(GroundswellError):
    """A value given by a user is not acceptable; `field` names it where there is one.

    Where several are wrong, `field_problems` holds them all; `field` and the message begin with the first.
    """

    code = "invalid_input"

    def __init__(self, message: str, *, field: str | None = None, field_problems: Sequence[FieldProblem] = ()) -> None:
        super().__init__(message, field=field)
        self.field_problems = tuple(field_problems)


class InvalidSpec(InvalidInput):
    """A labeling job's specification has a value that cannot work."""

    code = "invalid_spec"


@dataclass(frozen=True)
class LineProblem:
    """One thing wrong with one line of a file."""

    line: int  # 1-based
    key: str | None  # the attribute at fault
    message: str  # what was expected, what was found


class InvalidManifest(InvalidInput):
    """Lines of a manifest cannot be labeled; `problems` holds the first of them and `problem_count` their number."""

    code = "invalid_manifest"

    def __init__(self, message: str, *, problems: Sequence[LineProblem] = (), problem_count: int | None = None) -> None:
        super().__init__(message, field="input")
        self.problems = tuple(problems)
        self.problem_count = len(self.problems) if problem_count is None else problem_count


class InvalidAnnotation(InvalidInput):
    """A submitted answer does not fit the task type's schema. The worker's draft is kept."""

    code = "invalid_annotation"


class InvalidTemplate(InvalidInput):
    """A worker task template cannot be parsed or rendered; `line` is 1-based where known."""

    code = "invalid_template"

    def __init__(self, message: str, *, line: int | None = None, field: str | None = "template") -> None:
        super().__init__(message, field=field)
        self.line = line


class InvalidVotes(InvalidInput):
    """Annotations given to consolidation cannot be read; `row` is the 0-based row at fault where known."""

    code = "invalid_votes"

    def __init__(self, message: str, *, row: int | None = None, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.row = row


class NotFound(GroundswellError):
    """The named thing does not exist, or this person may not know that it does."""

    code = "not_found"


class Conflict(GroundswellError):
    """The thing exists, but its present state forbids what was asked."""

    code = "conflict"


class Unauthenticated(GroundswellError):
    """Nobody is signed in, or the token or password given is not valid."""

    code = "unauthenticated"


class Forbidden(GroundswellError):
    """The signed-in person's role or team does not allow this."""

    code = "forbidden"


class TooManyRequests(GroundswellError):
    """Asked again too soon; try later."""

    code = "too_many_requests"


class Unavailable(GroundswellError):
    """Something this server needs (database, object storage, a hook) does not answer. Trying again may help."""

    code = "unavailable"


class Unsealable(Unavailable):
    """A secret at rest was sealed with another key than the server has, or changed since."""

    code = "unsealable"
