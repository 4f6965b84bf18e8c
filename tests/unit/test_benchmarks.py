"""Benchmarks that judge what was chosen on other data: sets that share answers count as one."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pandas")

from benchmarks.crowd_sets import CrowdSet
from benchmarks.left_out import CANDIDATES, WHOLE, Fitted, averaged, groups_of, left_out, tried_on

from groundswell.consolidation import Consolidator, Votes


def recorded(name: str, *, seed: int, objects: range) -> CrowdSet:
    import pandas as pd

    rng = np.random.default_rng(seed)
    truth = {n: "ab"[rng.integers(2)] for n in range(200)}
    rows = [
        (str(n), f"{seed}-{w}", truth[n] if rng.random() < 0.75 else "ab"[rng.integers(2)])
        for n in range(200)
        for w in range(4)
    ]
    frame = pd.DataFrame([row for row in rows if int(row[0]) in objects], columns=["task", "worker", "label"])
    votes = Votes.from_frame(frame)
    return CrowdSet(name, frame, votes, np.array([truth[int(n)] for n in votes.objects.tolist()], dtype=object))


def test_sets_that_share_answers_are_one() -> None:
    small, large = (recorded(name, seed=1, objects=range(n)) for name, n in (("small", 50), ("large", 200)))
    other = recorded("other", seed=2, objects=range(200))  # the same ids of objects, but other people's answers
    groups = groups_of([small, large, other])
    assert groups["small"] == groups["large"] != groups["other"]


def test_constants_are_found_without_the_set_and_whatever_shares_answers_with_it() -> None:
    sets = [recorded("small", seed=1, objects=range(50)), recorded("large", seed=1, objects=range(200))]
    sets.append(recorded("other", seed=2, objects=range(200)))
    fits = [Fitted(WHOLE, data, Consolidator().fit(data.votes).belief_) for data in sets]
    tried = tried_on(fits)
    found = left_out(tried, groups_of(sets))[WHOLE]
    constants = averaged(tried[2:])  # of the one set that shares nothing
    assert constants != averaged(tried)
    assert found["small"] == [fits[0].judged(constants)] and found["large"] == [fits[1].judged(constants)]


def test_constants_are_the_mean_of_those_that_do_about_as_well_as_the_best() -> None:
    fit = Fitted(WHOLE, recorded("one", seed=1, objects=range(20)), np.zeros((20, 2)))
    scores = np.full(len(CANDIDATES), 0.2)
    scores[[3, 40]] = 0.1
    first, second = CANDIDATES[3], CANDIDATES[40]
    found = averaged([(fit, scores)])
    assert found.tempering == pytest.approx((first.tempering + second.tempering) / 2)
    assert found.scatter == pytest.approx((first.scatter + second.scatter) / 2)
