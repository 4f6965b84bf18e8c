"""Work teams as ARNs name them: the private crowd's, vendors', and the public crowd's one."""

from __future__ import annotations

from groundswell.domain.arns import Arns, resource_of
from groundswell.domain.errors import NotFound
from groundswell.domain.people import PUBLIC, TeamKind, WorkTeam

_PUBLIC = "public-crowd/default"
_CROWDS = ("private-crowd/", "vendor-crowd/")


def team_name(arn: str) -> str:
    """The name of the team that an ARN names, whichever account and region it is of; raises NotFound."""
    resource = resource_of(arn)
    if resource is not None and resource.kind == "workteam":
        if resource.name == _PUBLIC:
            return PUBLIC
        for crowd in _CROWDS:
            if resource.name.startswith(crowd):
                return resource.name.removeprefix(crowd)
    raise NotFound(f"there is no work team {arn}")


def team_arn(arns: Arns, team: WorkTeam) -> str:
    """The ARN of a team."""
    if team.kind is TeamKind.PUBLIC:
        return arns.public_team()
    return arns.vendor_team(team.name) if team.kind is TeamKind.VENDOR else arns.private_team(team.name)
