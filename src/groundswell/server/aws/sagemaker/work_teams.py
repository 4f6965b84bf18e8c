"""Work teams: the private crowd's, made and changed here; vendors', which are subscribed to.

A team's members are who was invited or added here; MemberDefinitions are kept and told again.
"""

from __future__ import annotations

from typing import Any

from groundswell.domain.arns import Arns
from groundswell.domain.people import TeamKind, WorkTeam
from groundswell.server.aws.doors import Call
from groundswell.server.aws.errors import AwsError
from groundswell.server.aws.sagemaker.common import Given, arns_of, invalid, naming, paged, tags_in
from groundswell.server.aws.sagemaker.teams import team_arn, team_name
from groundswell.service import work_teams, workforces
from groundswell.service.work_teams import TeamView
from groundswell.wire import accounts as wire

MOST_TEAMS = 25
"""Of a workspace, as AWS allows an account in a region; the console and REST have no such limit."""

_KEPT = ("MemberDefinitions", "NotificationConfiguration", "WorkerAccessConfiguration")
_MOST_DESCRIPTION = 200


def create_workteam(call: Call, given: Given) -> Given:
    """CreateWorkteam."""
    here, principal, name = call.here, call.caller.principal, given["WorkteamName"]
    _check_members(given)
    if "WorkforceName" in given:
        with naming(not_found=("ValidationException", f"No workforce found with the name {given['WorkforceName']}")):
            workforces.named(here, principal, given["WorkforceName"])
    if len([view for view in _private(call) if not view.built_in]) >= MOST_TEAMS:
        raise AwsError(
            "ResourceLimitExceeded", f"The account-level service limit 'Number of work teams' is {MOST_TEAMS}"
        )
    asked = wire.NewTeam(name=name, description=given["Description"])
    with naming(conflict=("ResourceInUse", f"The work team {name} already exists")):
        made = work_teams.create(here, principal, asked, details=_kept(given), tags=tags_in(given))
    return {"WorkteamArn": team_arn(arns_of(call), made.team)}


def update_workteam(call: Call, given: Given) -> Given:
    """UpdateWorkteam."""
    _check_members(given)
    name = given["WorkteamName"]
    asked = wire.PatchTeam(description=given.get("Description"))
    with naming(not_found=_missing(name), conflict=("ValidationException", "")):
        _described(call, name)
        changed = work_teams.change(call.here, call.caller.principal, name, asked, details=_kept(given))
    return {"Workteam": _shown(call, changed, arns_of(call))}


def describe_workteam(call: Call, given: Given) -> Given:
    """DescribeWorkteam."""
    with naming(not_found=_missing(given["WorkteamName"])):
        return {"Workteam": _shown(call, _described(call, given["WorkteamName"]), arns_of(call))}


def list_workteams(call: Call, given: Given) -> Given:
    """ListWorkteams: the private crowd's."""
    wanted = given.get("NameContains", "").casefold()
    found = [view.team for view in _private(call) if wanted in view.team.name.casefold()]
    if given.get("SortBy", "CreateDate") == "Name":
        found.sort(key=lambda team: team.name.casefold())
    else:
        found.sort(key=lambda team: (team.created_at, team.id))
    if given.get("SortOrder") == "Descending":
        found.reverse()
    page, more = paged("ListWorkteams", found, given, "id")
    arns, force = arns_of(call), _workforce_arn(call)
    return {"Workteams": [_workteam(team, arns, force, call.base_url) for team in page], **more}


def delete_workteam(call: Call, given: Given) -> Given:
    """DeleteWorkteam."""
    name = given["WorkteamName"]
    with naming(not_found=_missing(name), conflict=("ValidationException", "")):
        _described(call, name)
        work_teams.remove(call.here, call.caller.principal, name)
    return {"Success": True}


def describe_subscribed_workteam(call: Call, given: Given) -> Given:
    """DescribeSubscribedWorkteam: a vendor's."""
    arn = given["WorkteamArn"]
    with naming(not_found=_missing(arn)):
        found = work_teams.describe(call.here, call.caller.principal, team_name(arn))
    if found.team.kind is not TeamKind.VENDOR:
        raise invalid(f"The work team {arn} is not a vendor's")
    return {"SubscribedWorkteam": _subscribed(found, arns_of(call))}


def list_subscribed_workteams(call: Call, given: Given) -> Given:
    """ListSubscribedWorkteams."""
    wanted = given.get("NameContains", "").casefold()
    views = work_teams.visible(call.here, call.caller.principal)
    found = {
        view.team.id: view
        for view in views
        if view.team.kind is TeamKind.VENDOR and wanted in view.team.name.casefold()
    }
    page, more = paged("ListSubscribedWorkteams", [view.team for view in found.values()], given, "id")
    arns = arns_of(call)
    return {"SubscribedWorkteams": [_subscribed(found[team.id], arns) for team in page], **more}


def _missing(name: str) -> tuple[str, str]:
    return "ValidationException", f"The work team {name} does not exist"


def _described(call: Call, name: str) -> TeamView:
    """A private team; others are not known by their names alone. Raises NotFound."""
    found = work_teams.describe(call.here, call.caller.principal, name)
    if found.team.kind is not TeamKind.PRIVATE:
        raise AwsError(*_missing(name))
    return found


def _private(call: Call) -> list[TeamView]:
    views = work_teams.visible(call.here, call.caller.principal)
    where = call.caller.principal.workspace_id
    return [view for view in views if view.team.kind is TeamKind.PRIVATE and view.team.workspace_id == where]


def _check_members(given: Given) -> None:
    """One way of signing in for a whole team, and one pool of it."""
    definitions: list[Given] = given.get("MemberDefinitions", [])
    ways = {way for one in definitions for way in one}
    if any(len(one) != 1 for one in definitions):
        raise invalid(
            "MemberDefinitions: expected CognitoMemberDefinition or OidcMemberDefinition in each, one of them"
        )
    if len(ways) > 1:
        raise invalid("MemberDefinitions: a work team cannot have both Cognito and OIDC members")
    cognito = [one["CognitoMemberDefinition"] for one in definitions if "CognitoMemberDefinition" in one]
    if len({(one["UserPool"], one["ClientId"]) for one in cognito}) > 1:
        raise invalid("MemberDefinitions: all must have the same Cognito UserPool and ClientId")


def _kept(given: Given) -> dict[str, Any]:
    return {name: given[name] for name in _KEPT if name in given}


def _shown(call: Call, view: TeamView, arns: Arns) -> Given:
    return _workteam(view.team, arns, _workforce_arn(call), call.base_url)


def _workforce_arn(call: Call) -> str | None:
    found = workforces.find(call.here, call.caller.principal)
    return arns_of(call).workforce(found.name) if found else None


def _workteam(team: WorkTeam, arns: Arns, workforce: str | None, base_url: str) -> Given:
    standing_in = {
        "UserPool": f"{arns.region}_groundswell",
        "UserGroup": team.name,
        "ClientId": "groundswell",
    }
    return {
        "WorkteamName": team.name,
        "MemberDefinitions": [{"CognitoMemberDefinition": standing_in}],  # of a team that was not made here
        **team.details,
        "WorkteamArn": team_arn(arns, team),
        **({"WorkforceArn": workforce} if workforce else {}),
        "Description": (team.description or team.name)[:_MOST_DESCRIPTION],
        "SubDomain": sub_domain(base_url),
        "CreateDate": team.created_at,
        "LastUpdatedDate": team.updated_at or team.created_at,
    }


def _subscribed(view: TeamView, arns: Arns) -> Given:
    title = view.team.name
    return {
        "WorkteamArn": team_arn(arns, view.team),
        "MarketplaceTitle": title,
        "MarketplaceDescription": (view.team.description or title)[:_MOST_DESCRIPTION],
        **({"SellerName": view.manager.name} if view.manager else {}),
    }


def sub_domain(base_url: str) -> str:
    """Where workers go, without the scheme."""
    return base_url.partition("://")[2]
