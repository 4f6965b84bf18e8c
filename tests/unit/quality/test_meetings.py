"""Counts of answers that meet, against products of sparse tables, and the best pairing against SciPy's."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from groundswell.consolidation.votes import Votes
from groundswell.quality.agreement import krippendorff_alpha, nominal_alpha
from groundswell.quality.meetings import (
    agreeing_share,
    commonest_share,
    given_in_common,
    label_meetings,
    meetings_of,
    worker_meetings,
)
from groundswell.quality.pairing import best_pairing
from random_examples import examples

SEEDS = st.integers(0, 2**32 - 1)


def some_votes() -> Votes:
    rng = np.random.default_rng(3)
    rows = rng.random((40, 12)) < 0.4
    owner, worker = np.nonzero(rows)
    return Votes.from_arrays(owner, worker, rng.integers(0, 4, owner.size), n_objects=40, n_workers=12, n_labels=4)


def test_meetings_are_products_of_tables() -> None:
    votes = some_votes()
    gave = np.zeros((4, 40, 12))
    gave[votes.label, votes.object, votes.worker] = 1.0
    seen = gave.sum(axis=0)
    common, alike = worker_meetings(votes)
    assert (common == seen.T @ seen).all()
    assert (alike == sum(table.T @ table for table in gave)).all()
    assert all((given_in_common(votes, k) == gave[k].T @ seen).all() for k in range(4))


def test_labels_meet_as_in_the_coincidence_matrix() -> None:
    votes = some_votes()
    table = np.zeros((40, 4))
    np.add.at(table, (votes.object, votes.label), 1.0)
    weight = np.where(table.sum(axis=1) > 1, 1.0 / np.maximum(table.sum(axis=1) - 1, 1), 0.0)
    expected = table.T @ (table * weight[:, None]) - np.diag(table.T @ weight)
    assert label_meetings(votes) == pytest.approx(expected)
    pairs = table.sum(axis=1) * (table.sum(axis=1) - 1)
    share = (table * (table - 1)).sum(axis=1) / np.maximum(pairs, 1)
    assert agreeing_share(votes) == pytest.approx(share)
    most = table.max(axis=1) / np.maximum(table.sum(axis=1), 1)
    assert commonest_share(votes.offsets, votes.label, votes.n_labels) == pytest.approx(most)


def test_meetings_of_parts_add_up_to_those_of_all_and_give_their_alpha() -> None:
    votes = some_votes()
    edges = (0, 1, 17, 40)
    parts = [
        meetings_of(votes.offsets[start : stop + 1], votes.label, votes.n_labels) for start, stop in pairwise(edges)
    ]
    assert sum(parts) == pytest.approx(label_meetings(votes))
    assert nominal_alpha(sum(parts, np.zeros((4, 4)))) == pytest.approx(krippendorff_alpha(votes))
    assert nominal_alpha(np.zeros((4, 4))) is None


@given(SEEDS, st.sampled_from(["reals", "ties", "mostly nothing"]))
@settings(max_examples=examples(150))
def test_pairing_is_worth_as_much_as_scipys(seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    worth = rng.normal(size=rng.integers(1, 25, 2))
    if kind == "ties":
        worth = np.round(worth)
    if kind == "mostly nothing":
        worth = np.where(rng.random(worth.shape) < 0.8, 0.0, worth)
    before = worth.copy()
    rows, columns = best_pairing(worth)
    assert worth[rows, columns].sum() == pytest.approx(worth[linear_sum_assignment(-worth)].sum(), abs=1e-9)
    assert len(rows) == min(worth.shape) == len(set(columns.tolist()))
    assert (np.diff(rows) > 0).all() and (worth == before).all()


def test_pairing_larger_lists() -> None:
    worth = np.random.default_rng(0).random((200, 260))
    assert worth[best_pairing(worth)].sum() == pytest.approx(worth[linear_sum_assignment(-worth)].sum())
    assert (best_pairing(worth.T)[1][np.argsort(best_pairing(worth.T)[1])] == np.arange(200)).all()
