"""Who is in a team, as conditions on an account `w`.

A team that somebody made has rows of members. `everyone` is who an administrator or an invitation brought into the
workspace as a worker; `public` is them and whoever registered alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from groundswell.domain.people import EVERYONE, built_in

BROUGHT_IN = (
    "EXISTS (SELECT 1 FROM memberships AS r "
    "WHERE r.worker_id = w.id AND r.role = 'worker' AND r.workspace_id = :members_of)"
)
FOR_ALL = "EXISTS (SELECT 1 FROM worker_roles AS r WHERE r.worker_id = w.id AND r.role = 'worker')"


def in_team(team_id: str) -> tuple[str, Mapping[str, str]]:
    """The condition that the account `w` is in this team, and its parameters."""
    found = built_in(team_id)
    if found is None:
        return (
            "w.id IN (SELECT worker_id FROM team_members WHERE team_id = :members_of)",
            {"members_of": team_id},
        )
    workspace_id, name = found
    condition = BROUGHT_IN if name == EVERYONE else f"({FOR_ALL} OR {BROUGHT_IN})"
    return condition, {"members_of": workspace_id}
