"""Tags: words that people hang on jobs, teams, worker UIs and workforces, for their own order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from groundswell.domain import events
from groundswell.domain.errors import InvalidInput, NotFound
from groundswell.domain.people import Principal
from groundswell.service.access import Action, job_for, require_here, team_for
from groundswell.service.context import Context
from groundswell.service.ports import Transaction

MAX_TAGS = 50  # of one thing
_KEY, _VALUE = 128, 256  # characters

Tags = Mapping[str, str]
Kind = Literal["labeling job", "work team", "worker UI", "workforce"]
"""What has tags."""

_Put = Callable[[Tags], None]


def tags_of(context: Context, principal: Principal, kind: Kind, name: str) -> Tags:
    """The tags of a thing; raises NotFound."""
    return context.read(lambda tx: _FINDERS[kind](tx, principal, name, Action.SEE_JOB, context.clock())[0])


def change_tags(
    context: Context, principal: Principal, kind: Kind, name: str, *, put: Tags, remove: Sequence[str] = ()
) -> Tags:
    """Add, replace and take away tags; those there are then. Raises NotFound, InvalidInput for more than fifty."""
    now = context.clock()

    def work(tx: Transaction) -> Tags:
        before, set_tags = _FINDERS[kind](tx, principal, name, Action.CHANGE_JOB, now)
        after = {key: value for key, value in before.items() if key not in remove} | dict(put)
        check_tags(after)
        if after != dict(before):
            set_tags(after)
            changed = events.TagsChanged(
                at=now, actor=principal.id, workspace=principal.workspace_id, name=name, resource=kind, tags=after
            )
            tx.record(changed)
        return after

    return context.write(work)


def check_tags(tags: Tags) -> None:
    """Raise InvalidInput for more tags, or longer ones, than a thing may have."""
    if len(tags) > MAX_TAGS:
        raise InvalidInput(f"expected at most {MAX_TAGS} tags, got {len(tags)}: take some away first", field="tags")
    for key, value in tags.items():
        if not 1 <= len(key) <= _KEY or len(value) > _VALUE:
            raise InvalidInput(
                f"expected tags of 1 to {_KEY} characters with values of at most {_VALUE}, got {key!r:.150}",
                field="tags",
            )


def _of_job(tx: Transaction, principal: Principal, name: str, action: Action, at: datetime) -> tuple[Tags, _Put]:
    job = job_for(tx, principal, name, action)
    return job.spec["tags"], lambda tags: tx.jobs.update(job.id, spec={**job.spec, "tags": dict(tags)}, at=at)


def _of_team(tx: Transaction, principal: Principal, name: str, action: Action, at: datetime) -> tuple[Tags, _Put]:
    team = team_for(tx, principal, name, Action.SEE_TEAM if action is Action.SEE_JOB else Action.CHANGE_TEAM)
    return team.tags, lambda tags: tx.teams.update(team.id, tags=tags, at=at)


def _of_ui(tx: Transaction, principal: Principal, name: str, action: Action, at: datetime) -> tuple[Tags, _Put]:
    require_here(principal, Action.CREATE_JOB)
    ui = tx.worker_uis.get(principal.workspace_id, name)
    return ui.tags, lambda tags: tx.worker_uis.set_tags(ui.workspace_id, ui.name, tags)


def _of_workforce(tx: Transaction, principal: Principal, name: str, action: Action, at: datetime) -> tuple[Tags, _Put]:
    require_here(principal, Action.SEE_TEAM if action is Action.SEE_JOB else Action.CHANGE_TEAM)
    found = tx.workforces.find(principal.workspace_id)
    if found is None or found.name.casefold() != name.casefold():
        raise NotFound(f"there is no workforce named {name!r}", field="name")
    return found.tags, lambda tags: tx.workforces.put(replace(found, tags=dict(tags), updated_at=at))


_FINDERS: Mapping[Kind, Callable[[Transaction, Principal, str, Action, datetime], tuple[Tags, _Put]]] = {
    "labeling job": _of_job,
    "work team": _of_team,
    "worker UI": _of_ui,
    "workforce": _of_workforce,
}
"""How the tags of each kind of thing are found and put."""
