"""Accounts, keys and work teams, through a client."""

from __future__ import annotations

from typing import Any

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
