"""Simulated scenes of regions, and crowds who paint them with four kinds of mistake: what the masks' bench reads.

A scene is a patchwork of curved cells, each of one class. Workers move its borders (smoothly, some pixels far), take a
whole cell for another class, leave a cell out, and leave specks; each worker has rates of their own. Numbers of cells,
classes, workers and scenes, sizes, rates and which classes are taken for which are drawn anew for every job.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Plane = NDArray[np.uint8]
Ints = NDArray[np.int64]
Instances = tuple[NDArray[np.uint16], list[str]]
Rng = np.random.Generator


@dataclass(frozen=True)
class Regime:
    """An average worker's mistakes; each is a range from which a job's is drawn."""

    border_px: tuple[float, float] = (0.0, 0.0)  # standard deviation of a border's displacement
    mistaken: tuple[float, float] = (0.0, 0.0)  # share of cells taken for another class
    missed: tuple[float, float] = (0.0, 0.0)  # share of cells left out
    specks: tuple[float, float] = (0.0, 0.0)  # share of pixels of any class


REGIMES = {
    "borders": Regime(border_px=(0.5, 3.0)),
    "regions 5 %": Regime(mistaken=(0.03, 0.07)),
    "regions 15 %": Regime(mistaken=(0.12, 0.18)),
    "regions 30 %": Regime(mistaken=(0.25, 0.35)),
    "missing": Regime(missed=(0.05, 0.25)),
    "specks": Regime(specks=(0.01, 0.15)),
    "borders, regions": Regime(border_px=(0.5, 3.0), mistaken=(0.03, 0.3)),
    "all, light": Regime((0.3, 1.5), (0.01, 0.08), (0.01, 0.08), (0.0, 0.02)),
    "all, heavy": Regime((1.0, 3.0), (0.08, 0.25), (0.02, 0.15), (0.01, 0.1)),
}


@dataclass(frozen=True)
class Job:
    """Scenes and what their workers painted, as classes and as instances: cells of other classes than background."""

    labels: list[str]
    truth: list[Plane]
    answers: list[dict[str, Plane]]
    true_instances: list[Instances]
    instances: list[dict[str, Instances]]


@dataclass(frozen=True)
class _Worker:
    """One worker's rates, as in `Regime`."""

    border_px: float
    mistaken: float
    missed: float
    specks: float


def jobs(regime: Regime, per_scene: int, *, scenes: int, seed: int) -> Iterator[Job]:
    """Jobs of 8 to 16 scenes, with `per_scene` workers each, until there are at least `scenes`."""
    rng = np.random.default_rng(seed)
    done = 0
    while done < scenes:
        made = _job(rng, regime, per_scene, int(rng.integers(8, 17)))
        done += len(made.truth)
        yield made


def _job(rng: Rng, regime: Regime, per_scene: int, scenes: int) -> Job:
    size = int(rng.integers(3, 7))  # classes, background among them
    crowd = [_worker(rng, regime) for _ in range(per_scene + int(rng.integers(0, 2 * per_scene)))]
    common = rng.dirichlet(np.full(size, 2.0)) * 0.8 + 0.2 / size
    taken_for = _mistakes(rng, size)
    job = Job([f"label {k}" for k in range(1, size)], [], [], [], [])
    for _ in range(scenes):
        side = int(rng.integers(80, 145))
        cells = _cells(rng, side)
        classes = rng.choice(size, int(cells.max()) + 1, p=common)
        chosen = {f"w{w}": crowd[w] for w in rng.choice(len(crowd), per_scene, replace=False).tolist()}
        seen = {name: _seen(rng, worker, classes, taken_for) for name, worker in chosen.items()}
        drawn = {name: _drawn(rng, worker, cells) for name, worker in chosen.items()}
        job.truth.append(classes[cells].astype(np.uint8))
        job.answers.append({name: _specked(rng, chosen[name], seen[name][drawn[name]], size) for name in chosen})
        job.true_instances.append(_instances(cells, classes, job.labels))
        job.instances.append({name: _instances(drawn[name], seen[name], job.labels) for name in chosen})
    return job


def _worker(rng: Rng, regime: Regime) -> _Worker:
    """Good and bad workers: each rate is the crowd's times a factor of mean 1 from about 0.3 to 2.5."""
    ranges = (regime.border_px, regime.mistaken, regime.missed, regime.specks)
    factors = rng.lognormal(-0.18, 0.6, 4).clip(0.2, 2.5)
    border, *rates = (float(rng.uniform(*span) * factor) for span, factor in zip(ranges, factors, strict=True))
    return _Worker(border, *(min(rate, 0.6) for rate in rates))


def _mistakes(rng: Rng, size: int) -> Floats:
    """(size, size) what a class is taken for: mostly its usual neighbour in some jobs, anything in others."""
    usual = np.roll(np.eye(size), 1, axis=1)
    anything = (1.0 - np.eye(size)) / (size - 1)
    share = rng.uniform(0.0, 0.9)
    return np.asarray(share * usual + (1.0 - share) * anything)


def _cells(rng: Rng, side: int) -> Ints:
    """(side, side) number of the nearest of some points, in a bent plane."""
    points = rng.uniform(0, side, (int(rng.integers(4, 16)), 2))
    rows, columns = np.mgrid[:side, :side] + _bend(rng, side, side / 20)
    distance = (rows[..., None] - points[:, 0]) ** 2 + (columns[..., None] - points[:, 1]) ** 2
    return np.asarray(distance.argmin(axis=2))


def _bend(rng: Rng, side: int, size_px: float) -> Floats:
    """(2, side, side) smooth displacements with that standard deviation: some waves of random direction and phase."""
    rows, columns = np.mgrid[:side, :side]
    bend = np.zeros((2, side, side))
    for axis in range(2):
        for _ in range(6):
            turn, phase = rng.uniform(0, 2 * np.pi, 2)
            length = rng.uniform(side / 6, side)
            along = (rows * np.cos(turn) + columns * np.sin(turn)) * (2 * np.pi / length)
            bend[axis] += np.sin(along + phase)
    return np.asarray(bend * (size_px / np.sqrt(3.0)))


def _seen(rng: Rng, worker: _Worker, classes: Ints, taken_for: Floats) -> Ints:
    """Class that a worker gives each cell."""
    seen = classes.copy()
    for i in np.flatnonzero(rng.random(len(seen)) < worker.mistaken).tolist():
        seen[i] = rng.choice(len(taken_for), p=taken_for[classes[i]])
    seen[rng.random(len(seen)) < worker.missed] = 0
    return seen


def _drawn(rng: Rng, worker: _Worker, cells: Ints) -> Ints:
    """The cells between a worker's borders."""
    side = len(cells)
    rows, columns = np.rint(np.mgrid[:side, :side] + _bend(rng, side, worker.border_px)).astype(np.int64)
    return np.asarray(cells[rows.clip(0, side - 1), columns.clip(0, side - 1)])


def _specked(rng: Rng, worker: _Worker, plane: Ints, size: int) -> Plane:
    specks = rng.random(plane.shape) < worker.specks
    return np.where(specks, rng.integers(0, size, plane.shape), plane).astype(np.uint8)


def _instances(cells: Ints, classes: Ints, labels: list[str]) -> Instances:
    there = np.flatnonzero(classes > 0)
    number = np.zeros(len(classes), np.uint16)
    number[there] = np.arange(1, len(there) + 1)
    return number[cells], [labels[k - 1] for k in classes[there].tolist()]
