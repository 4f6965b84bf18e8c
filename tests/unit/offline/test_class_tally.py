"""What a report says of objects: parts add up to the whole, the least sure objects are the right ones."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from operator import add

import numpy as np
import pytest

from groundswell.consolidation import MajorityVote, Votes
from groundswell.offline.class_tally import MOST_DISPUTED, Disputed, Tally, least_sure


def crowd(n_objects: int = 150) -> tuple[Votes, MajorityVote]:
    """A majority vote has many ties."""
    rng = np.random.default_rng(2)
    owner = np.repeat(np.arange(n_objects), rng.integers(1, 5, n_objects))
    votes = Votes.from_arrays(
        owner,
        rng.integers(0, 40, owner.size),
        rng.integers(0, 3, owner.size),
        n_objects=n_objects,
        n_workers=40,
        n_labels=3,
    )
    return votes, MajorityVote().fit(votes)


def tally(votes: Votes, model: MajorityVote, start: int, stop: int) -> Tally:
    chosen, confidence = model.label_index_[start:stop], model.confidence_[start:stop]
    disputed = [Disputed(start + n, int(chosen[n]), float(confidence[n]), ()) for n in least_sure(confidence).tolist()]
    offsets = votes.offsets[start : stop + 1]
    return Tally.of(offsets, votes.label, chosen, confidence, n_labels=3, disputed=disputed)


@pytest.mark.parametrize("edges", [(0, 75, 150), (0, 3, 3, 90, 150)])
def test_parts_add_up_to_the_whole_in_any_order(edges: tuple[int, ...]) -> None:
    votes, model = crowd()
    whole = tally(votes, model, 0, 150)
    parts = [tally(votes, model, start, stop) for start, stop in pairwise(edges)]
    for total in (reduce(add, parts), reduce(add, reversed(parts))):
        assert total.n_objects == 150 and total.n_several == np.count_nonzero(votes.counts_by_object > 1)
        assert [entry.object for entry in total.disputed] == [entry.object for entry in whole.disputed]
        for name in ("labels", "sureness", "confidence", "unsure", "agreement", "unanimous", "meetings"):
            assert getattr(total, name) == pytest.approx(getattr(whole, name))


def test_the_tally_counts_objects() -> None:
    votes, model = crowd()
    whole, table = tally(votes, model, 0, 150), np.zeros((150, 3))
    np.add.at(table, (votes.object, votes.label), 1)
    several = table.sum(axis=1) > 1
    assert whole.unanimous == np.count_nonzero(several & (table.max(axis=1) == table.sum(axis=1)))
    assert whole.unsure == np.count_nonzero(model.confidence_ < 0.9)
    assert whole.labels.tolist() == np.bincount(model.label_index_).tolist()
    assert whole.sureness.sum() == 150


@pytest.mark.parametrize("size", [0, MOST_DISPUTED, MOST_DISPUTED + 1, 5000])
def test_the_least_sure_are_those_of_a_full_stable_sort(size: int) -> None:
    confidence = np.round(np.random.default_rng(1).random(size), 2)
    assert least_sure(confidence).tolist() == np.argsort(confidence, kind="stable")[:MOST_DISPUTED].tolist()
