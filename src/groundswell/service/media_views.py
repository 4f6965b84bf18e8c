"""Who looks at the data of jobs that are not for the public: told once a session and job, not at every picture."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock


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

    def forget(self, digest: str, job_id: int) -> None:
        """It could not be told: the next view is the first again."""
        with self._lock:
            self._seen.pop((digest, job_id), None)
