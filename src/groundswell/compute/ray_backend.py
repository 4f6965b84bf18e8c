"""The Ray backend: the same calls on a cluster. Needs the extra `groundswell[ray]`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Self

from groundswell.compute.backend import Closing, Item, Result, Shared
from groundswell.domain.errors import Unavailable

try:
    import ray
except ImportError as missing:
    raise Unavailable("computing on Ray needs Ray: pip install 'groundswell[ray]'") from missing

_RETRIES = 5  # deaths of workers that one call survives


class RayBackend(Closing):
    """Calls as Ray tasks. Ray starts a call again when its worker or node dies; results come in the order of the items.

    Items placed by `place` and what calls share live in Ray's object store, once a node.
    """

    def __init__(self, *, owns_cluster: bool) -> None:
        self._owns_cluster = owns_cluster
        self._call: Any = ray.remote(max_retries=_RETRIES)(_call)
        resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        self.width = max(int(resources.get("CPU", 1)), 1)

    @classmethod
    def connect(cls, url: str | None, **options: Any) -> Self:
        """Join the cluster at `ray://host:port`, or the one of this process, or start one here (None).

        options : for `ray.init`.    Raises: Unavailable, when the cluster does not answer.
        """
        joined = ray.is_initialized()
        if not joined:
            try:
                ray.init(address=url, include_dashboard=False, log_to_driver=False, **options)
            except (ConnectionError, OSError, RuntimeError, TimeoutError) as error:
                raise Unavailable(f"the Ray cluster {url or 'of this machine'} does not answer: {error}") from error
        return cls(owns_cluster=not joined)

    def place(self, item: Any) -> Any:
        """See `Backend.place`."""
        return ray.put(item)

    def map(self, function: Callable[[Item, Shared], Result], items: Sequence[Item], shared: Shared) -> list[Result]:
        """See `Backend.map`."""
        everyones = ray.put(shared)
        calls = [self._call.remote(function, item, everyones) for item in items]
        try:
            results: list[Result] = ray.get(calls)
        except (ray.exceptions.WorkerCrashedError, ray.exceptions.ObjectLostError) as error:
            raise Unavailable(f"Ray's workers died more than {_RETRIES} times in one call: {error}") from error
        return results

    def close(self) -> None:
        """Leave the cluster, and end it if this started it."""
        if self._owns_cluster:
            ray.shutdown()


def _call(function: Callable[[Item, Shared], Result], item: Item, shared: Shared) -> Result:
    return function(item, shared)


class RayFutures:
    """Single pieces of work on a cluster, as `futures.Elsewhere` begins them."""

    is_here = False

    def __init__(self, backend: RayBackend) -> None:
        self._backend = backend
        self._call: Any = ray.remote(max_retries=_RETRIES)(_call_with)

    @classmethod
    def connect(cls, url: str | None) -> Self:
        """See `RayBackend.connect`."""
        return cls(RayBackend.connect(url))

    def submit(self, function: Callable[..., Result], *arguments: Any) -> Future[Result]:
        """See `futures.Elsewhere.submit`."""
        future: Future[Result] = self._call.remote(function, arguments).future()
        return future

    def close(self) -> None:
        """Leave the cluster, and end it if this started it."""
        self._backend.close()


def _call_with(function: Callable[..., Result], arguments: Sequence[Any]) -> Result:
    return function(*arguments)
