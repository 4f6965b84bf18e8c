"""`groundswell audit`: what happened on a server, and who did it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from groundswell.cli.connection import Token, Url, connect
from groundswell.cli.output import AsJson, print_json, print_table
from groundswell.wire.events import Event

_DATES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]


def audit(
    kind: Annotated[str | None, typer.Option(help="A kind such as job.created, or a family: job, account, ...")] = None,
    actor: Annotated[str | None, typer.Option(help="Who did it: an e-mail address or an account's id.")] = None,
    job: Annotated[str | None, typer.Option(help="Of this labeling job.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=_DATES, help="At this time or later; UTC.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=_DATES, help="Before this time; UTC.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most this many, the newest.")] = 50,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Show what happened, newest first; for administrators.

    [dim]Examples:[/]

    groundswell audit --job sports

    groundswell audit --kind account.sign_in_failed --since 2026-11-01

    groundswell audit --actor ann@example.com --json
    """
    with connect(url, token) as client:
        found = client.events(kind=kind, actor=actor, job=job, since=since, until=until, limit=limit)
    if as_json:
        return print_json(found)
    columns = ("time (UTC)", "what", "who", "about", "said")
    print_table(columns, map(_row, found), empty="Nothing of this kind happened.")
    return None


def _row(event: Event) -> tuple[str, str, str, str, str]:
    said = ", ".join(f"{name} {value}" for name, value in event.data.items() if value not in (None, "", []))
    who = event.actor or ("somebody" if event.kind == "account.sign_in_failed" else "the server")
    return f"{event.at:%Y-%m-%d %H:%M:%S}", event.kind, who, event.job or event.subject, said[:80]
