"""How often consolidated labels are right, and how honest their confidences are, on eleven real crowds.

Asked of the default: mean accuracy at least 86.9 %, aim beyond 87.74 %; on no set more than half a point below the
majority vote; mean calibration error under 0.05, on sets left out too, and at most half of crowd-kit's Dawid-Skene. On
a real Ground Truth job no less right than Ground Truth's own model. Copies of the sets with fewer annotations, workers
or objects, or with classes merged, show how the methods hold elsewhere (`crowd_copies.py`). The default's confidences
are judged a second time with constants found without the set judged, its copies and whatever shares answers with it
(`left_out.py`).

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
from benchmarks.crowd_sets import CATEGORICAL, CrowdSet, Score, read_ground_truth_job, read_set
from benchmarks.left_out import WHOLE, averaged, fitted, groups_of, left_out, tried_on
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
Row = list[Score]  # by set


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
    print(f"{'':22}{''.join(f'{data.name[:8]:>9}' for data in sets)}{'mean':>9}{'ECE':>7}{'Brier':>8}{'s':>7}")
    for name, row in rows.items():
        cells = "".join(f"{100 * score.accuracy:9.2f}" for score in row)
        accuracy, error, brier = np.mean(row, axis=0)
        print(f"{name:22}{cells}{100 * accuracy:9.2f}{error:7.3f}{brier:8.4f}{seconds[name]:7.1f}")
    on_copies = {kind: score_copies(kind, make) for kind, make in copies(sets).items()}
    unseen = score_left_out(sets)
    job = read_ground_truth_job()
    right = {
        name: round(job.score(consolidator_named(name).fit(job.votes))[0] * 302) for name in OURS if name != "ordinal"
    }
    print(f"right on the Ground Truth job, of 302 (production 272): {right}")
    RESULTS.mkdir(exist_ok=True)
    figures = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "sets": CATEGORICAL,
        "accuracy": {name: [score.accuracy for score in row] for name, row in rows.items()},
        "calibration_error": {name: [score.calibration_error for score in row] for name, row in rows.items()},
        "brier": {name: [score.brier for score in row] for name, row in rows.items()},
        "on_copies": on_copies,
        "left_out": unseen,
        "right_on_ground_truth_job": right,
        "seconds": seconds,
    }
    (RESULTS / "consolidation_accuracy.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")


def score_copies(kind: str, make: Callable[[], Iterator[CrowdSet]]) -> dict[str, list[float]]:
    """Mean accuracy, calibration error and Brier score of each method on copies of one kind; prints a line each."""
    rows = {name: [data.score(consolidator_named(name).fit(data.votes)) for data in make()] for name in ON_COPIES}
    for name, row in rows.items():
        accuracy, error, brier = np.mean(row, axis=0)
        gain = [ours.accuracy - vote.accuracy for ours, vote in zip(row, rows["majority-vote"], strict=True)]
        below = sum(g < -0.005 for g in gain)
        print(
            f"{kind + ':':24}{name:16}{100 * accuracy:7.2f}{error:7.3f}{brier:8.4f}   worst {100 * min(gain):+.2f}, "
            f"{below} of {len(gain)} more than half a point below the majority vote"
        )
    return {name: np.mean(row, axis=0).tolist() for name, row in rows.items()}


def score_left_out(sets: list[CrowdSet]) -> dict[str, dict[str, list[float]]]:
    """The default with constants found without each set, by kind of copy and set; prints each set and the means."""
    fits = fitted(WHOLE, sets) + [fit for kind, make in copies(sets).items() for fit in fitted(kind, make())]
    tried = tried_on(fits)
    figures: dict[str, dict[str, list[float]]] = {}
    for kind, by_set in left_out(tried, groups_of(sets)).items():
        figures[kind] = {name: np.mean(scores, axis=0).tolist() for name, scores in by_set.items()}
        for name, (accuracy, error, brier) in figures[kind].items() if kind == WHOLE else ():
            print(f"left out, {name + ':':29}{100 * accuracy:7.2f}{error:7.3f}{brier:8.4f}")
        every = [score for scores in by_set.values() for score in scores]
        accuracy, error, brier = np.mean(every, axis=0)
        print(f"left out, {kind + ', mean:':29}{100 * accuracy:7.2f}{error:7.3f}{brier:8.4f}", flush=True)
    constants = averaged(tried)
    accuracy, error, brier = np.mean([fit.judged(constants) for fit in fits if fit.kind == WHOLE], axis=0)
    print(f"with none left out {constants}: {100 * accuracy:.2f}{error:7.3f}{brier:8.4f}")
    return figures


def crowd_kit(data: CrowdSet) -> Score:
    """How right and honest crowd-kit's Dawid-Skene is, the field's best single method on these sets."""
    from crowdkit.aggregation import DawidSkene

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chances = DawidSkene(n_iter=100).fit_predict_proba(data.frame)
    chances = chances.reindex(index=data.votes.objects.tolist(), columns=data.votes.labels.tolist()).fillna(0.0)
    table = chances.to_numpy()
    labels = data.votes.labels[table.argmax(axis=1)]
    return data.judge(labels, table.max(axis=1))


if __name__ == "__main__":
    main()
