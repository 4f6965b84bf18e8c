"""Drafts of jobs: kept in the storage as people go back and forth between the wizard's steps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import orjson

from groundswell.domain.errors import GroundswellError, NotFound
from groundswell.domain.people import Account
from groundswell.service.ports import ObjectStorage

_ID = re.compile(r"[0-9a-f]{8,64}")
SHOWN = 20


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

    def having(self, values: Mapping[str, str], *, at: datetime) -> Draft:
        """The draft with these values on top."""
        return replace(self, values={**self.values, **values}, updated_at=at)


def load(storage: ObjectStorage, worker: Account, draft_id: str) -> Draft:
    """One's own draft of this id; raises NotFound."""
    if not _ID.fullmatch(draft_id):
        raise NotFound(f"there is no draft {draft_id!r}")
    try:
        raw = orjson.loads(storage.read(_uri(worker, draft_id)))
    except NotFound:
        raise NotFound("this draft is gone: it was started as a job or discarded") from None
    return Draft(draft_id, datetime.fromisoformat(raw["updated_at"]), raw["values"])


def save(storage: ObjectStorage, worker: Account, draft: Draft) -> None:
    """Keep a draft."""
    body = {"updated_at": draft.updated_at.isoformat(), "values": dict(draft.values)}
    storage.write(_uri(worker, draft.id), orjson.dumps(body))


def discard(storage: ObjectStorage, worker: Account, draft_id: str) -> None:
    """Drop a draft."""
    if _ID.fullmatch(draft_id):
        storage.delete(_uri(worker, draft_id))


def every(storage: ObjectStorage, worker: Account) -> list[Draft]:
    """One's own drafts, the last changed first."""
    found = []
    for uri, _ in storage.entries(f"drafts/{worker.id}/"):
        try:
            found.append(load(storage, worker, uri.rsplit("/", 1)[-1].removesuffix(".json")))
        except (GroundswellError, ValueError, KeyError):
            continue  # a draft that another tab has just discarded
    return sorted(found, key=lambda draft: draft.updated_at, reverse=True)[:SHOWN]


def _uri(worker: Account, draft_id: str) -> str:
    return f"drafts/{worker.id}/{draft_id}.json"
