"""Who looks at the data of jobs that are not for the public: told once a session and job, not at every picture."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from groundswell.domain import events
from groundswell.domain.people import PUBLIC, Principal, built_in
from groundswell.domain.records import LabelingJob

if TYPE_CHECKING:
    from groundswell.service.context import Context


class MediaViews:
    """Sessions and the jobs whose data they have seen; the `size` of late. A restarted server tells once more."""

    def __init__(self, *, size: int = 100_000) -> None:
        self._size = size
        self._seen: OrderedDict[tuple[str, int], None] = OrderedDict()
        self._lock = Lock()

    def is_first(self, digest: str, job_id: int) -> bool:
        """Whether this session has not seen this job's data before; from now on it has."""
        with self._lock:
            fresh = (digest, job_id) not in self._seen
            self._seen[digest, job_id] = None
            self._seen.move_to_end((digest, job_id))
            if len(self._seen) > self._size:
                self._seen.popitem(last=False)
        return fresh


def note_view(context: Context, principal: Principal, job: LabelingJob) -> None:
    """Remember that somebody is shown data of a job now."""
    built_in_team = built_in(job.team_id)
    if built_in_team is not None and built_in_team[1] == PUBLIC:
        return
    if context.media_views.is_first(principal.token.digest, job.id):
        event = events.JobMediaViewed(
            at=context.clock(), actor=principal.id, workspace=job.workspace_id, job=job.id, name=job.name
        )
        context.write(lambda tx: tx.record(event))
