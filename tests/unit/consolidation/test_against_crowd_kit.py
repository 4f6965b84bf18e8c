"""The same models in an independent library give the same labels: crowd-kit, an oracle in tests only.

Its weighted vote (Wawa) does not run with current scikit-learn and is left out; Dawid-Skene is compared in
`test_dawid_skene.py`.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

from groundswell.consolidation import GLAD, MACE, OneCoin, Votes
from groundswell.consolidation.base import CategoricalConsolidator

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from crowdkit import aggregation


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """200 objects in three classes, seven annotations each by workers accurate to 0.45..0.95."""
    random = np.random.default_rng(5)
    truth, skill = random.integers(3, size=200), random.uniform(0.45, 0.95, 14)
    task = np.repeat(np.arange(200), 7)
    worker = np.concatenate([random.permutation(14)[:7] for _ in range(200)])
    other = (truth[task] + random.integers(1, 3, task.size)) % 3
    label = np.where(random.random(task.size) < skill[worker], truth[task], other)
    return pd.DataFrame({"task": task, "worker": worker, "label": label})


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (OneCoin(right=0.0, wrong=0.0), aggregation.OneCoinDawidSkene(n_iter=100)),
        (GLAD(), aggregation.GLAD(n_iter=30)),
        (MACE(), aggregation.MACE(n_restarts=2, n_iter=30, random_state=0)),
    ],
    ids=["one-coin", "glad", "mace"],
)
def test_same_labels(frame: pd.DataFrame, ours: CategoricalConsolidator, theirs: Any) -> None:
    votes = Votes.from_frame(frame)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = theirs.fit_predict(frame)
    labels = expected.reindex(votes.objects.tolist()).to_numpy()
    assert np.mean(ours.fit(votes).labels_ == labels) >= 0.985
