"""Matching without a worker twice, and which sites exist."""

from __future__ import annotations

import numpy as np
import pytest

from groundswell.consolidation.existence import EXISTS, Marks, fit_existence
from groundswell.consolidation.geometry import overlapping_pairs, paired_box_iou
from groundswell.consolidation.matching import cluster_instances


def test_a_worker_is_never_twice_in_a_cluster() -> None:
    owner = np.array([0, 0, 1])
    first, second = np.array([0, 0, 1]), np.array([1, 2, 2])
    cluster = cluster_instances(owner, first, second, np.array([0.9, 0.6, 0.7]), join_at=0.3)
    assert cluster[1] == cluster[2] != cluster[0]


def test_the_most_alike_join_first_and_average_linkage_decides() -> None:
    owner = np.array([0, 1, 2])
    first, second = np.array([0, 1, 0]), np.array([1, 2, 2])
    assert cluster_instances(owner, first, second, np.array([0.8, 0.6, 0.1]), join_at=0.5).tolist() == [0, 0, 1]
    assert cluster_instances(owner, first, second, np.array([0.8, 0.6, 0.5]), join_at=0.5).tolist() == [0, 0, 0]


@pytest.mark.timeout(60)  # looking at all pairs before every join takes minutes
def test_thousands_of_marks_that_touch_are_matched_in_no_time() -> None:
    rng = np.random.default_rng(0)
    things, workers = rng.random((1500, 2)) * 3000.0, 5
    corner = np.repeat(things, workers, axis=0) + rng.normal(0.0, 3.0, (len(things) * workers, 2))
    boxes = np.concatenate((corner, corner + 100.0), axis=1)
    owner = np.tile(np.arange(workers), len(things))
    first, second = overlapping_pairs(boxes)
    cluster = cluster_instances(owner, first, second, paired_box_iou(boxes[first], boxes[second]), join_at=0.3)
    members = np.unique(cluster * workers + owner)
    assert len(members) == len(owner)  # nobody twice in a cluster
    assert cluster.max() + 1 == pytest.approx(len(things), rel=0.1)


def crowd(rng: np.random.Generator, *, hit: np.ndarray, invent: np.ndarray, n_objects: int) -> tuple[Marks, np.ndarray]:
    """Every worker sees every object; two real sites each, and phantoms of one worker's own."""
    marked, truth, n_workers = [], [], len(hit)
    for _ in range(n_objects):
        for _ in range(2):
            row = rng.random(n_workers) < hit
            if row.any():
                marked.append(row)
                truth.append(True)
        for w in np.flatnonzero(rng.random(n_workers) < invent):
            marked.append(np.arange(n_workers) == w)
            truth.append(False)
    sites = len(marked)
    marks = Marks(
        np.repeat(np.arange(sites), n_workers),
        np.tile(np.arange(n_workers), sites),
        np.concatenate(marked),
        np.repeat(np.arange(n_objects), n_workers),
        np.tile(np.arange(n_workers), n_objects),
        sites,
        n_objects,
        n_workers,
    )
    return marks, np.array(truth)


def test_a_simulated_crowd_is_recovered() -> None:
    hit, invent = np.array([0.95, 0.9, 0.85, 0.8, 0.5]), np.array([0.02, 0.05, 0.1, 0.1, 0.8])
    marks, truth = crowd(np.random.default_rng(0), hit=hit, invent=invent, n_objects=300)
    model = fit_existence(marks)
    exists = model.site_posterior(marks)[:, EXISTS].sum(axis=1)
    assert ((exists > 0.5) == truth).mean() > 0.98
    assert np.argmin(model.bias[:, 1]) == 4  # the worker who misses most
    assert np.argmax(model.bias[:, 0]) == 4  # and invents most
    assert model.rate[EXISTS].sum() == pytest.approx(2.0, rel=0.05)


def test_the_objective_never_falls() -> None:
    marks, _ = crowd(
        np.random.default_rng(1), hit=np.array([0.9, 0.6, 0.7]), invent=np.array([0.3, 0.1, 0.2]), n_objects=60
    )
    objective = np.array(fit_existence(marks, max_iter=80, tolerance=0.0).objective)
    assert (np.diff(objective) > -1e-8).all()
