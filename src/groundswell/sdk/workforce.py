"""Accounts, keys and work teams, through a client."""

from __future__ import annotations

from typing import Any

from groundswell.domain.errors import InvalidInput
from groundswell.sdk import calls
from groundswell.sdk.running import Running
from groundswell.wire import accounts


class Workforce:
    """Accounts, keys and work teams."""

    def __init__(self, client: Running) -> None:
        self._client = client

    def teams(self) -> list[accounts.Team]:
        return self._client.run(calls.list_teams())

    def new_team(self, name: str, **details: Any) -> accounts.Team:
        return self._client.run(calls.new_team(accounts.NewTeam.model_validate({"name": name, **details})))

    def invite(self, team: str, *, days: int = 14, max_uses: int = 50) -> accounts.Invitation:
        return self._client.run(calls.invite(team, days, max_uses))

    def add_member(self, team: str, email: str) -> None:
        self._client.run(calls.add_member(team, email))

    def new_worker(self, email: str, **details: Any) -> accounts.WorkerMade:
        return self._client.run(calls.new_worker(accounts.NewWorker.model_validate({"email": email, **details})))

    def new_key(self, name: str = "", *, days: int | None = None) -> accounts.KeyMade:
        return self._client.run(calls.new_key(name, days))

    def id_of(self, email: str) -> str:
        """The id of the account of an address, case ignored; raises InvalidInput."""
        after: str | None = None
        while True:
            page = self._client.run(calls.list_workers(None, 200, after))
            for one in page.workers:
                if one.email.lower() == email.lower():
                    return one.id
            after = page.next
            if after is None:
                raise InvalidInput(f"there is no account {email!r}", field="email")

    def workspaces(self) -> list[accounts.Workspace]:
        """Every workspace of the server; for administrators."""
        return self._client.run(calls.list_workspaces())

    def new_workspace(self, name: str) -> accounts.Workspace:
        return self._client.run(calls.new_workspace(accounts.NewWorkspace(name=name)))

    def members_of(self, workspace: str) -> list[accounts.Worker]:
        """Who has roles in a workspace, with these roles, or is in one of its teams."""
        found: list[accounts.Worker] = []
        after: str | None = None
        while True:
            page = self._client.run(calls.workspace_members(workspace, 200, after))
            found += page.workers
            after = page.next
            if after is None:
                return found

    def set_member(self, workspace: str, email: str, roles: list[accounts.RoleName]) -> accounts.Worker:
        """Give an account these roles in a workspace; none ends its membership."""
        asked = accounts.SetMember(roles=roles)
        return self._client.run(calls.set_workspace_member(workspace, self.id_of(email), asked))
