"""Do masks of simulated crowds come out right, and are they as sure as they should be?

Asked, in every regime of mistakes (`mask_crowds.py`) with 3, 5 and 7 workers a scene: pixels and mean intersection over
union no worse than the majority's, the mean confidence of a pixel within 0.03 of the share of right ones, an expected
calibration error of at most 0.05. Beside it the confidence of whole masks (over labelled pixels), and of instances: one
is right when it overlaps a true one of its class by half.

    python -m benchmarks semantic_masks
"""

from __future__ import annotations

import json
import os
import platform
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.mask_crowds import REGIMES, Instances, Job, Plane, Regime, jobs
from groundswell.consolidation.calibration import calibration_error
from groundswell.consolidation.instance_masks import InstanceMaskConsolidator, instances_of, run_iou
from groundswell.consolidation.masks import SemanticMaskConsolidator

Floats = NDArray[np.floating[Any]]
RESULTS = Path(__file__).parent / "results"
SCENES = 120  # at least, for each regime and number of workers
SEED = 5


def main() -> None:
    """Print the table and write `results/semantic_masks.json`."""
    rows: list[dict[str, Any]] = []
    started = time.perf_counter()
    for name, regime in REGIMES.items():
        for workers in (3, 5, 7):
            figures = measure(regime, workers)
            if not rows:
                print(f"{'regime':18}workers", *figures, sep="  ")
            print(f"{name:18}{workers:7}", *(f"{value:{len(key)}.3f}" for key, value in figures.items()), sep="  ")
            rows.append({"regime": name, "workers": workers} | figures)
    RESULTS.mkdir(exist_ok=True)
    summary = {
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        "seconds": round(time.perf_counter() - started),
        "rows": rows,
    }
    (RESULTS / "semantic_masks.json").write_text(json.dumps(summary, indent=1), encoding="utf-8")


def measure(regime: Regime, workers: int) -> dict[str, float]:
    """The figures of one row."""
    scores, pixels, things = [], [], []
    for job in jobs(regime, workers, scenes=SCENES, seed=SEED):
        for figures, said, right in semantic(job):
            scores.append(figures)
            pixels.append((said, right))
        things.append(instances(job))
    means = np.mean(scores, axis=0).round(4).tolist()
    columns = ("majority", "pixels", "majority_iou", "iou", "mask_said", "mask_right")
    return dict(zip(columns, means, strict=True)) | calibration("pixel", pixels) | calibration("thing", things)


def calibration(of: str, parts: list[tuple[Floats, NDArray[np.bool_]]]) -> dict[str, float]:
    """Mean confidence, share of right ones, expected calibration error."""
    said, right = (np.concatenate(column) for column in zip(*parts, strict=True))
    error = calibration_error(said.astype(np.float64).clip(0.0, 1.0), right).ece
    named = {f"{of}_said": said.mean(dtype=np.float64), f"{of}_right": right.mean(), f"{of}_ece": error}
    return {name: round(float(value), 4) for name, value in named.items()}


def semantic(job: Job) -> list[tuple[tuple[float, ...], Floats, NDArray[np.bool_]]]:
    """For each scene: figures of its row, the confidence of each pixel, and whether it is right."""
    model = SemanticMaskConsolidator(labels=job.labels).fit(job.answers)
    found: list[tuple[tuple[float, ...], Floats, NDArray[np.bool_]]] = []
    for answers, truth in zip(job.answers, job.truth, strict=True):
        result, vote = model.consolidate(answers), majority(answers, len(job.labels) + 1)
        right = result.value == truth
        labelled = result.value > 0 if result.value.any() else np.ones(truth.shape, np.bool_)
        figures = (
            *(float((vote == truth).mean()), float(right.mean()), mean_iou(vote, truth), mean_iou(result.value, truth)),
            *(result.confidence, float(right[labelled].mean())),
        )
        found.append((figures, model.pixel_confidences(answers).ravel(), right.ravel()))
    return found


def majority(answers: dict[str, Plane], size: int) -> Plane:
    """The class most workers give, the first of equals."""
    votes = np.stack([sum((plane == k).astype(np.int64) for plane in answers.values()) for k in range(size)])
    return np.asarray(votes.argmax(axis=0), np.uint8)


def mean_iou(label: Plane, truth: Plane) -> float:
    """Mean over the classes that either has."""
    classes = np.union1d(label, truth).tolist()
    overlaps = [((label == k) & (truth == k)).sum() / ((label == k) | (truth == k)).sum() for k in classes]
    return float(np.mean(overlaps))


def instances(job: Job) -> tuple[Floats, NDArray[np.bool_]]:
    """Confidence of each consolidated instance, and whether it is right."""
    results = InstanceMaskConsolidator(labels=job.labels).fit(job.instances).consolidate_all(job.instances)
    said: list[float] = []
    right: list[bool] = []
    for result, truth in zip(results, job.true_instances, strict=True):
        if result.value is not None:
            said += result.details["confidences"]
            right += found_in(result.value, truth)
    return np.array(said, np.float64), np.array(right, np.bool_)


def found_in(label: Instances, truth: Instances) -> list[bool]:
    """Whether each instance overlaps a true one of its class by half."""
    there: list[dict[str, Any]] = instances_of(truth)
    return [
        any(own["label"] == other["label"] and run_iou(own["runs"], other["runs"]) >= 0.5 for other in there)
        for own in instances_of(label)
    ]


if __name__ == "__main__":
    main()
