"""Workforces: a workspace has one, and who signs in is said by its accounts here."""

from __future__ import annotations

from typing import Any

from groundswell.domain.arns import Arns
from groundswell.domain.workforces import Workforce
from groundswell.server.aws.doors import Call
from groundswell.server.aws.sagemaker.common import Given, arns_of, invalid, naming, paged, tags_in
from groundswell.server.aws.sagemaker.work_teams import sub_domain
from groundswell.service import workforces

_KEPT = ("CognitoConfig", "OidcConfig", "SourceIpConfig", "WorkforceVpcConfig", "IpAddressType")
_MOST_CIDRS = 10


def create_workforce(call: Call, given: Given) -> Given:
    """CreateWorkforce."""
    if ("CognitoConfig" in given) == ("OidcConfig" in given):
        raise invalid("expected exactly one of CognitoConfig and OidcConfig")
    details, secret = _kept(given)
    made = workforces.create(
        call.here,
        call.caller.principal,
        given["WorkforceName"],
        details,
        client_secret=secret,
        tags=tags_in(given),
    )
    return {"WorkforceArn": arns_of(call).workforce(made.name)}


def update_workforce(call: Call, given: Given) -> Given:
    """UpdateWorkforce."""
    details, secret = _kept(given)
    with naming(not_found=_missing(given), conflict=("ConflictException", "")):
        before = workforces.named(call.here, call.caller.principal, given["WorkforceName"])
        if secret is not None and "CognitoConfig" in before.details:
            raise invalid(f"The workforce {before.name} signs in with Cognito: it has no OidcConfig")
        changed = workforces.change(call.here, call.caller.principal, before.name, details, client_secret=secret)
    return {"Workforce": _shown(changed, arns_of(call), call.base_url)}


def describe_workforce(call: Call, given: Given) -> Given:
    """DescribeWorkforce."""
    with naming(not_found=_missing(given)):
        found = workforces.named(call.here, call.caller.principal, given["WorkforceName"])
    return {"Workforce": _shown(found, arns_of(call), call.base_url)}


def list_workforces(call: Call, given: Given) -> Given:
    """ListWorkforces."""
    one = workforces.find(call.here, call.caller.principal)
    wanted = given.get("NameContains", "").casefold()
    found = [one] if one is not None and wanted in one.name.casefold() else []
    page, more = paged("ListWorkforces", found, given, "name")
    return {"Workforces": [_shown(each, arns_of(call), call.base_url) for each in page], **more}


def delete_workforce(call: Call, given: Given) -> None:
    """DeleteWorkforce."""
    with naming(not_found=_missing(given), conflict=("ResourceInUse", "")):
        workforces.remove(call.here, call.caller.principal, given["WorkforceName"])


def _missing(given: Given) -> tuple[str, str]:
    return "ValidationException", f"No workforce found with the name {given['WorkforceName']}"


def _kept(given: Given) -> tuple[dict[str, Any], str | None]:
    """What is kept in the clear, and the client's secret where there is one."""
    if len(given.get("SourceIpConfig", {}).get("Cidrs", ())) > _MOST_CIDRS:
        raise invalid(f"SourceIpConfig: expected at most {_MOST_CIDRS} Cidrs")
    details = {name: given[name] for name in _KEPT if name in given}
    if "OidcConfig" not in details:
        return details, None
    oidc = dict(details["OidcConfig"])
    secret = oidc.pop("ClientSecret")
    return {**details, "OidcConfig": oidc}, secret


def _shown(found: Workforce, arns: Arns, base_url: str) -> Given:
    return {
        "WorkforceName": found.name,
        "WorkforceArn": arns.workforce(found.name),
        "LastUpdatedDate": found.updated_at,
        "SourceIpConfig": {"Cidrs": []},
        "SubDomain": sub_domain(base_url),
        "CreateDate": found.created_at,
        "Status": "Active",
        **found.details,
    }
