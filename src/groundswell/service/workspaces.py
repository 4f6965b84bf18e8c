"""Workspaces: who owns jobs, teams, keys and events. A server starts with one, and many never need another."""

from __future__ import annotations

import hashlib

from groundswell.domain import events
from groundswell.domain.errors import InvalidInput
from groundswell.domain.people import (
    EVERYONE,
    PUBLIC,
    Account,
    Principal,
    Role,
    TeamKind,
    Workspace,
    WorkTeam,
    built_in_team,
)
from groundswell.service import accounts
from groundswell.service.access import Action, require_here
from groundswell.service.context import Context
from groundswell.service.ports import Page, Transaction
from groundswell.wire import accounts as wire


def all_of_them(context: Context, principal: Principal) -> list[Workspace]:
    """Every workspace, in order of their making."""
    require_here(principal, Action.RUN_WORKSPACES)
    return context.read(lambda tx: tx.workspaces.all())


def named(context: Context, principal: Principal, name: str) -> Workspace:
    """The workspace of this name, case ignored; raises NotFound."""
    require_here(principal, Action.RUN_WORKSPACES)
    return context.read(lambda tx: tx.workspaces.by_name(name))


def create(context: Context, principal: Principal, asked: wire.NewWorkspace) -> Workspace:
    """A new workspace with its built-in teams; raises Conflict when the name is taken."""
    require_here(principal, Action.RUN_WORKSPACES)
    name = asked.name.strip()
    if not name or not name.isprintable() or "/" in name or not name.strip("."):
        raise InvalidInput(f"expected a name of 1 to 100 visible characters without /, got {name!r}", field="name")
    fresh = context.new_id()
    made = Workspace(fresh, name, context.clock(), aws_account=_account_number(fresh))

    def work(tx: Transaction) -> Workspace:
        tx.workspaces.add(made)
        for team, kind, text in _BUILT_IN:
            team_id = built_in_team(made.id, team)
            tx.teams.add(WorkTeam(team_id, team, kind, text, made.created_at, workspace_id=made.id))
        tx.record(events.WorkspaceCreated(at=made.created_at, actor=principal.id, workspace=made.id, name=made.name))
        return made

    return context.write(work)


def members(context: Context, principal: Principal, name: str, page: Page) -> tuple[Workspace, list[Account]]:
    """A workspace and one page of those who have roles in it or are in one of its teams; raises NotFound."""
    require_here(principal, Action.RUN_WORKSPACES)

    def work(tx: Transaction) -> tuple[Workspace, list[Account]]:
        workspace = tx.workspaces.by_name(name)
        return workspace, tx.workers.page(page, workspace_id=workspace.id)

    return context.read(work)


def account_named(context: Context, principal: Principal, email: str) -> Account:
    """The account of an address; raises InvalidInput where there is none."""
    require_here(principal, Action.RUN_WORKSPACES)
    found = context.read(lambda tx: accounts.find(tx, email))
    if found is None:
        raise InvalidInput(f"there is no account {email!r:.200}: make it first", field="email")
    return found[0]


def change(context: Context, principal: Principal, name: str, asked: wire.PatchWorkspace) -> Workspace:
    """Give a workspace's ARNs another account id or region; raises NotFound."""
    require_here(principal, Action.RUN_WORKSPACES)
    now = context.clock()

    def work(tx: Transaction) -> Workspace:
        before = tx.workspaces.by_name(name)
        after = tx.workspaces.update(before.id, aws_account=asked.aws_account, region=asked.region)
        tx.record(
            events.WorkspaceChanged(
                at=now,
                actor=principal.id,
                workspace=after.id,
                name=after.name,
                aws_account=after.aws_account,
                region=after.region,
            )
        )
        return after

    return context.write(work)


def own(context: Context, principal: Principal) -> Workspace:
    """The workspace that one acts in."""
    return context.read(lambda tx: tx.workspaces.get(principal.workspace_id))


def set_member(context: Context, principal: Principal, name: str, account_id: str, asked: wire.SetMember) -> Account:
    """Give an account these roles in a workspace; none ends its membership."""
    require_here(principal, Action.RUN_WORKSPACES)
    roles = frozenset(Role(role) for role in asked.roles)
    if Role.ADMINISTRATOR in roles:
        raise InvalidInput("an administrator is one everywhere: change the account's own roles", field="roles")
    now = context.clock()

    def work(tx: Transaction) -> Account:
        workspace = tx.workspaces.by_name(name)
        tx.workers.get(account_id)
        tx.workers.set_membership(account_id, workspace.id, roles)
        after = tx.workers.get(account_id)
        accounts.record_change(tx, after, by=principal.id, workspace=workspace.id, at=now, password=False)
        return after

    changed = context.write(work)
    context.forget_account(account_id)
    return changed


def _account_number(workspace_id: str) -> str:
    """Twelve digits of a workspace's own, so that ARNs of two workspaces differ; it can be given another number."""
    return f"{int.from_bytes(hashlib.blake2b(workspace_id.encode(), digest_size=8).digest()) % 10**12:012}"


_BUILT_IN = (
    (EVERYONE, TeamKind.PRIVATE, "All workers of this workspace"),
    (PUBLIC, TeamKind.PUBLIC, "Whoever registers"),
)
