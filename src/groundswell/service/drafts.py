"""Drafts of jobs: kept in the storage as people go back and forth between the wizard's steps."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from groundswell.domain.errors import GroundswellError, InvalidInput, NotFound
from groundswell.domain.people import Principal
from groundswell.service.access import Action, require_here
from groundswell.service.context import Context

_ID = re.compile(r"[0-9a-f]{8,64}")
SHOWN = 20
MAX_BYTES = 8 << 20
"""A specification with its longest instructions and template has half of it."""


@dataclass(frozen=True)
class Draft:
    """What a requester has filled in so far, as form values by dotted name."""

    id: str
    updated_at: datetime
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What to call it in a list."""
        return self.values.get("name") or "Without a name yet"


def begin(context: Context, principal: Principal, values: Mapping[str, str]) -> Draft:
    """A new draft of one's own with these values."""
    require_here(principal, Action.CREATE_JOB)
    return _keep(context, principal, Draft(context.new_id(), context.clock(), values))


def load(context: Context, principal: Principal, draft_id: str) -> Draft:
    """One's own draft of this id; raises NotFound."""
    require_here(principal, Action.CREATE_JOB)
    if not _ID.fullmatch(draft_id):
        raise NotFound(f"there is no draft {draft_id!r}")
    try:
        raw = json.loads(context.storage.read(_uri(principal, draft_id)))
    except NotFound:
        raise NotFound("this draft is gone: it was started as a job or discarded") from None
    return Draft(draft_id, datetime.fromisoformat(raw["updated_at"]), raw["values"])


def change(context: Context, principal: Principal, draft_id: str, values: Mapping[str, str]) -> Draft:
    """The draft with these values on top, kept; raises NotFound."""
    draft = load(context, principal, draft_id)
    return _keep(context, principal, replace(draft, values={**draft.values, **values}, updated_at=context.clock()))


def discard(context: Context, principal: Principal, draft_id: str) -> None:
    """Drop a draft."""
    require_here(principal, Action.CREATE_JOB)
    if _ID.fullmatch(draft_id):
        context.storage.delete(_uri(principal, draft_id))


def every(context: Context, principal: Principal) -> list[Draft]:
    """One's own drafts, the last changed first."""
    require_here(principal, Action.CREATE_JOB)
    found = []
    for uri, _ in context.storage.entries(_folder(principal)):
        try:
            found.append(load(context, principal, uri.rsplit("/", 1)[-1].removesuffix(".json")))
        except (GroundswellError, ValueError, KeyError):
            continue  # a draft that another tab has just discarded
    return sorted(found, key=lambda draft: draft.updated_at, reverse=True)[:SHOWN]


def _keep(context: Context, principal: Principal, draft: Draft) -> Draft:
    body = json.dumps({"updated_at": draft.updated_at.isoformat(), "values": dict(draft.values)}).encode()
    if len(body) > MAX_BYTES:
        longest = max(draft.values, key=lambda name: len(draft.values[name]))
        raise InvalidInput(f"expected a draft of at most {MAX_BYTES >> 20} MiB, got {len(body):,} bytes", field=longest)
    context.storage.write(_uri(principal, draft.id), body)
    return draft


def _folder(principal: Principal) -> str:
    return f"drafts/{principal.id}/"


def _uri(principal: Principal, draft_id: str) -> str:
    return f"{_folder(principal)}{draft_id}.json"
