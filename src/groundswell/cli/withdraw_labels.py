"""`groundswell job withdraw-labels`: labels that models gave stand no more."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from groundswell.cli.connection import Token, Url, connect
from groundswell.cli.output import console
from groundswell.domain.errors import InvalidInput

_MOST = 100_000
_PART = re.compile(r"\s*(\d{1,15})(?:\s*-\s*(\d{1,15}))?\s*")


def withdraw_labels(
    name: Annotated[str, typer.Argument(help="The job's name.")],
    reason: Annotated[str, typer.Option(help="Why; shown in the history of each object.")],
    objects: Annotated[str | None, typer.Option(help="Numbers of objects: 7, 0-99, 3,8,20-40.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every object whose label a model gave.")] = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Withdraw labels that models gave; what was in force before is again, and an ended job goes on.

    [dim]Example:[/]  groundswell job withdraw-labels sports --objects 0-99 --reason "trained on wrong labels"
    """
    if (objects is None) != all_:
        raise InvalidInput("expected either --objects 0-99 or --all", field="objects")
    numbers = None if objects is None else numbers_of(objects)
    with connect(url, token) as client:
        count = client.jobs.get(name).withdraw_labels(numbers, reason=reason)
    console.print(f"withdrew {count:,} {'label' if count == 1 else 'labels'} of {name}", highlight=False)


def numbers_of(given: str) -> list[int]:
    """The numbers in `3,8,20-40`; raises InvalidInput."""
    found: list[int] = []
    for part in given.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise InvalidInput(f"expected numbers of objects such as 3,8,20-40, got {given!r:.100}", field="objects")
        first, last = int(match[1]), int(match[2] or match[1])
        if last - first >= _MOST or len(found) >= _MOST:
            raise InvalidInput(f"expected {_MOST:,} objects at most at a time, or --all", field="objects")
        found.extend(range(first, last + 1))
    return found
