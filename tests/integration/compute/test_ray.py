"""Dawid and Skene on a local Ray cluster: the same answer, also when a worker is killed in the middle of the fit."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from compute_work import LethalOnce, weigh
from groundswell.compute.sharded_fit import fit_shards, split
from groundswell.consolidation import DawidSkene, Votes
from groundswell.consolidation.dawid_skene import Shard
from groundswell.consolidation.known import gold_index

pytest.importorskip("ray", reason="needs the extra groundswell[ray]")
pytestmark = [
    pytest.mark.slow,
    # Ray's own start-up warns about its settings and leaves sockets to the interpreter's end.
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::ResourceWarning", "ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def ray_backend() -> Iterator[Any]:
    from groundswell.compute.ray_backend import RayBackend

    tests = str(Path(__file__).resolve().parents[2])  # Ray's workers import what they call from there
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as environment:
        warnings.simplefilter("ignore")
        environment.setenv("PYTHONPATH", tests)
        backend = RayBackend.connect(None, num_cpus=3, object_store_memory=200_000_000)
    yield backend
    backend.close()


class KillingBackend:
    """A backend whose worker dies once, at the given call."""

    def __init__(self, inner: Any, folder: Path, *, at_call: int) -> None:
        self.inner, self.folder, self.at_call, self.width = inner, folder, at_call, inner.width

    def place(self, item: Any) -> Any:
        return self.inner.place(item)

    def map(self, function: Callable[[Any, Any], Any], items: Sequence[Any], shared: Any) -> list[Any]:
        lethal = LethalOnce(function, self.folder, skip=self.at_call)
        return list(self.inner.map(lethal, items, shared))

    def close(self) -> None:
        """The inner one is the fixture's."""


def crowd() -> Votes:
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 4, 3000)
    owner = np.repeat(np.arange(3000), 5)
    label = np.where(rng.random(owner.size) < 0.7, truth[owner], rng.integers(0, 4, owner.size))
    return Votes.from_arrays(owner, rng.integers(0, 40, owner.size), label, n_objects=3000, n_workers=40, n_labels=4)


def test_results_keep_the_order_of_the_items(ray_backend: Any) -> None:
    assert ray_backend.map(weigh, [3, 1, 2], 10) == [30, 10, 20]


def test_a_fit_with_a_worker_killed_in_the_middle_is_the_fit_of_one_machine(ray_backend: Any, tmp_path: Path) -> None:
    votes = crowd()
    alone = DawidSkene(max_iter=15, tol=-1.0).fit(votes)
    pieces = split(Shard.of(votes, gold_index(votes, None)), 12)
    backend = KillingBackend(ray_backend, tmp_path, at_call=40)  # twelve shards in a round: in the fourth
    fit = fit_shards(pieces, n_workers=40, n_labels=4, max_iter=15, tol=-1.0, backend=backend)
    assert (tmp_path / "40").exists()
    np.testing.assert_allclose(fit.parameters.confusion, alone.confusion_, atol=1e-9)
    np.testing.assert_allclose(fit.parameters.prior, alone.prior_, atol=1e-9)
    np.testing.assert_allclose(fit.objective, alone.objective_, rtol=1e-12)
