"""A workspace's private workforce, as clients of AWS make and describe it.

What it says about signing in (Cognito, OIDC), addresses and networks is kept and told again; who labels is said by the
teams' members here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from groundswell.domain import events
from groundswell.domain.errors import Conflict, InvalidInput, NotFound
from groundswell.domain.people import Principal, TeamKind
from groundswell.domain.workforces import Workforce
from groundswell.service.access import Action, require_here
from groundswell.service.context import Context
from groundswell.service.ports import Transaction
from groundswell.service.tags import Tags, check_tags
from groundswell.service.work_teams import is_built_in


def find(context: Context, principal: Principal) -> Workforce | None:
    """The workspace's workforce; None where nobody made one."""
    require_here(principal, Action.SEE_TEAM)
    return context.read(lambda tx: tx.workforces.find(principal.workspace_id))


def named(context: Context, principal: Principal, name: str) -> Workforce:
    """The workforce of this name, case ignored; raises NotFound."""
    found = find(context, principal)
    return _named(found, name)


def create(
    context: Context,
    principal: Principal,
    name: str,
    details: Mapping[str, Any],
    *,
    client_secret: str | None = None,
    tags: Tags | None = None,
) -> Workforce:
    """Make the workspace's workforce; raises InvalidInput where it has one."""
    require_here(principal, Action.CHANGE_TEAM)
    check_tags(tags or {})
    now = context.clock()
    sealed = "" if client_secret is None else context.seals.seal(client_secret.encode())
    made = Workforce(principal.workspace_id, name, details, now, now, sealed, tags or {})

    def work(tx: Transaction) -> Workforce:
        before = tx.workforces.find(principal.workspace_id)
        if before is not None:
            raise InvalidInput(
                f"there is a private workforce already, {before.name!r}: a workspace has one", field="name"
            )
        tx.workforces.put(made)
        tx.record(events.WorkforceCreated(at=now, actor=principal.id, workspace=made.workspace_id, name=name))
        return made

    return context.write(work)


def change(
    context: Context,
    principal: Principal,
    name: str,
    details: Mapping[str, Any],
    *,
    client_secret: str | None = None,
) -> Workforce:
    """Replace those of the workforce's details that are given.

    Raises NotFound; Conflict for another way of signing in while there are teams.
    """
    require_here(principal, Action.CHANGE_TEAM)
    now = context.clock()
    sealed = None if client_secret is None else context.seals.seal(client_secret.encode())

    def work(tx: Transaction) -> Workforce:
        before = _named(tx.workforces.find(principal.workspace_id), name)
        if sealed is not None and (teams := _teams(tx, principal)):
            raise Conflict(f"the workforce has work teams ({teams}): how people sign in changes only without any")
        after = replace(before, details={**before.details, **details}, secret=sealed or before.secret, updated_at=now)
        tx.workforces.put(after)
        tx.record(events.WorkforceChanged(at=now, actor=principal.id, workspace=after.workspace_id, name=after.name))
        return after

    return context.write(work)


def remove(context: Context, principal: Principal, name: str) -> None:
    """Remove the workforce; raises NotFound, Conflict while there are teams."""
    require_here(principal, Action.CHANGE_TEAM)
    now = context.clock()

    def work(tx: Transaction) -> None:
        found = _named(tx.workforces.find(principal.workspace_id), name)
        if teams := _teams(tx, principal):
            raise Conflict(f"the workforce has work teams: {teams}; delete them first")
        tx.workforces.remove(found.workspace_id)
        tx.record(events.WorkforceRemoved(at=now, actor=principal.id, workspace=found.workspace_id, name=found.name))

    context.write(work)


def _named(found: Workforce | None, name: str) -> Workforce:
    if found is None or found.name.casefold() != name.casefold():
        raise NotFound(f"there is no workforce named {name!r}", field="name")
    return found


def _teams(tx: Transaction, principal: Principal) -> str:
    """The names of the workforce's teams, some of them; empty where it has none."""
    found = tx.teams.select(kind=TeamKind.PRIVATE, workspace_id=principal.workspace_id)
    return ", ".join(team.name for team in found if not is_built_in(team))[:200]
