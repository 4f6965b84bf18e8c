"""AddTags, ListTags, DeleteTags: of labeling jobs, work teams, worker UIs and workforces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from groundswell.domain.arns import resource_of
from groundswell.domain.errors import NotFound
from groundswell.server.aws.doors import Call
from groundswell.server.aws.sagemaker.common import NOT_FOUND, Given, naming, paged, tags_in, tags_out
from groundswell.server.aws.sagemaker.teams import team_name
from groundswell.service.tags import MAX_TAGS, Kind, change_tags, tags_of

_KINDS: Mapping[str, Kind] = {
    "labeling-job": "labeling job",
    "workteam": "work team",
    "human-task-ui": "worker UI",
    "workforce": "workforce",
}
_MISSING = ("ValidationException", NOT_FOUND)


@dataclass(frozen=True)
class _Tag:
    key: str
    value: str


def add_tags(call: Call, given: Given) -> Given:
    """AddTags; those there are then."""
    with naming(not_found=_MISSING):
        kind, name = _named(given["ResourceArn"])
        found = change_tags(call.here, call.caller.principal, kind, name, put=tags_in(given))
    return {"Tags": tags_out(found)}


def list_tags(call: Call, given: Given) -> Given:
    """ListTags."""
    with naming(not_found=_MISSING):
        kind, name = _named(given["ResourceArn"])
        found = tags_of(call.here, call.caller.principal, kind, name)
    page, more = paged("ListTags", [_Tag(key, value) for key, value in found.items()], given, "key", MAX_TAGS)
    return {"Tags": tags_out({tag.key: tag.value for tag in page}), **more}


def delete_tags(call: Call, given: Given) -> None:
    """DeleteTags; keys that are not there count as deleted."""
    with naming(not_found=_MISSING):
        kind, name = _named(given["ResourceArn"])
        change_tags(call.here, call.caller.principal, kind, name, put={}, remove=given["TagKeys"])


def _named(arn: str) -> tuple[Kind, str]:
    """What an ARN names; raises NotFound."""
    resource = resource_of(arn)
    if resource is None or resource.kind not in _KINDS:
        raise NotFound(f"there is nothing named {arn}")
    return _KINDS[resource.kind], team_name(arn) if resource.kind == "workteam" else resource.name
