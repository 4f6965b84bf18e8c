"""Telling that somebody is shown data of a job that is not for the public."""

from __future__ import annotations

import logging

from groundswell.domain import events
from groundswell.domain.errors import Unavailable
from groundswell.domain.people import PUBLIC, Principal, built_in
from groundswell.domain.records import LabelingJob
from groundswell.service.context import Context

log = logging.getLogger(__name__)


def note_view(context: Context, principal: Principal, job: LabelingJob) -> None:
    """Remember that somebody is shown data of a job now."""
    built_in_team = built_in(job.team_id)
    if built_in_team is not None and built_in_team[1] == PUBLIC:
        return
    if context.media_views.is_first(principal.token.digest, job.id):
        event = events.JobMediaViewed(
            at=context.clock(), actor=principal.id, workspace=job.workspace_id, job=job.id, name=job.name
        )
        try:
            context.write(lambda tx: tx.record(event))
        except Unavailable as error:  # a full disk: people see what there is, and the next view tells
            context.media_views.forget(principal.token.digest, job.id)
            log.warning("that %s looks at the data of %s could not be recorded: %s", principal.id, job.name, error)
