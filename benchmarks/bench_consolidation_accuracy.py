"""How often consolidated labels are right, and how honest their confidences are, on eleven real crowds.

Asked of the default: mean accuracy at least 86.9 %, aim beyond 87.74 %; on no set more than half a point below the
majority vote; mean calibration error under 0.05 and at most half of crowd-kit's Dawid-Skene. On a real Ground Truth job
no less right than Ground Truth's own model. Copies of the sets with fewer annotations, workers or objects, or with
classes merged, show how the methods hold elsewhere (`crowd_copies.py`).

    python -m benchmarks.bench_consolidation_accuracy
"""

from __future__ import annotations

import json
import os
import platform
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.crowd_copies import copies
from benchmarks.crowd_sets import CATEGORICAL, CrowdSet, read_ground_truth_job, read_set
from groundswell.consolidation import consolidator_named

RESULTS = Path(__file__).parent / "results"
OURS = (
    "majority-vote",
    "weighted-vote",
    "one-coin",
    "dawid-skene",
    "modified-dawid-skene",
    "glad",
    "mace",
    "ordinal",
    "bcc",
    "enhanced-bcc",
    "consolidator",
)
ON_COPIES = ("majority-vote", "weighted-vote", "dawid-skene", "bcc", "enhanced-bcc", "consolidator")
Row = list[tuple[float, float]]  # accuracy and calibration error by set


def main() -> None:
    """Print the table and write `results/consolidation_accuracy.json`."""
    sets = [read_set(name) for name in CATEGORICAL]
    rows: dict[str, Row] = {}
    seconds: dict[str, float] = {}
    for name in OURS:
        started = time.perf_counter()
        rows[name] = [data.score(consolidator_named(name).fit(data.votes)) for data in sets]
        seconds[name] = time.perf_counter() - started
    started = time.perf_counter()
    rows["crowd-kit Dawid-Skene"] = [crowd_kit(data) for data in sets]
    seconds["crowd-kit Dawid-Skene"] = time.perf_counter() - started
    print(f"{'':22}{''.join(f'{data.name[:8]:>9}' for data in sets)}{'mean':>9}{'ECE':>7}{'s':>7}")
    for name, row in rows.items():
        accuracies = [accuracy for accuracy, _ in row]
        cells = "".join(f"{100 * accuracy:9.2f}" for accuracy in accuracies)
        print(
            f"{name:22}{cells}{100 * np.mean(accuracies):9.2f}{np.mean([e for _, e in row]):7.3f}{seconds[name]:7.1f}"
        )
    on_copies = {kind: score_copies(kind, make) for kind, make in copies(sets).items()}
    job = read_ground_truth_job()
    right = {name: round(job.score(consolidator_named(name).fit(job.votes))[0] * 302) for name in OURS}
    print(f"right on the Ground Truth job, of 302 (production 272): {right}")
    RESULTS.mkdir(exist_ok=True)
    figures = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "sets": CATEGORICAL,
        "accuracy": {name: [accuracy for accuracy, _ in row] for name, row in rows.items()},
        "calibration_error": {name: [error for _, error in row] for name, row in rows.items()},
        "on_copies": on_copies,
        "right_on_ground_truth_job": right,
        "seconds": seconds,
    }
    (RESULTS / "consolidation_accuracy.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")


def score_copies(kind: str, make: Callable[[], Iterator[CrowdSet]]) -> dict[str, list[float]]:
    """Mean accuracy and calibration error of each method on copies of one kind; prints a line each."""
    rows = {name: [data.score(consolidator_named(name).fit(data.votes)) for data in make()] for name in ON_COPIES}
    for name, row in rows.items():
        accuracy, error = np.mean(row, axis=0)
        gain = [a - m for (a, _), (m, _) in zip(row, rows["majority-vote"], strict=True)]
        below = sum(g < -0.005 for g in gain)
        print(
            f"{kind + ':':24}{name:16}{100 * accuracy:7.2f}{error:7.3f}   worst {100 * min(gain):+.2f}, "
            f"{below} of {len(gain)} more than half a point below the majority vote"
        )
    return {name: np.mean(row, axis=0).tolist() for name, row in rows.items()}


def crowd_kit(data: CrowdSet) -> tuple[float, float]:
    """Accuracy and calibration error of crowd-kit's Dawid-Skene, the field's best single method on these sets."""
    from crowdkit.aggregation import DawidSkene

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chances = DawidSkene(n_iter=100).fit_predict_proba(data.frame)
    chances = chances.reindex(index=data.votes.objects.tolist(), columns=data.votes.labels.tolist()).fillna(0.0)
    table = chances.to_numpy()
    labels = data.votes.labels[table.argmax(axis=1)]
    return data.accuracy(labels), data.calibration_error(labels, table.max(axis=1))


if __name__ == "__main__":
    main()
