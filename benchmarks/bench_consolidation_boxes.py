"""How right consolidated boxes are: real pedestrians by seven workers an image, against experts.

Asked: F1 at an intersection over union of 0.5 above 0.935 with all 7 workers and above 0.90 with 3. Beside it in the
same run: one worker, and the rule "at least so many workers agree" (greedy clusters, median box). Fewer workers than 7
are drawn at random, the mean of several draws. Also: calibration of the boxes' confidences, and speed.

    python -m benchmarks.bench_consolidation_boxes
"""

from __future__ import annotations

import csv
import json
import os
import platform
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from groundswell.consolidation.boxes import BoxConsolidator
from groundswell.consolidation.calibration import calibration_error
from groundswell.consolidation.geometry import overlapping_pairs, paired_box_iou
from groundswell.consolidation.matching import cluster_instances
from groundswell.quality.detection import DetectionScore, edges, score_detections

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("GROUNDSWELL_SHARED", HERE.parent.parent / "shared"))
DRAWS = 5
Boxes = list[dict[str, Any]]
Objects = list[dict[str, Boxes]]
Labels = list[tuple[Boxes, list[float]]]


def main() -> None:
    """Print the table and write `results/consolidation_boxes.json`."""
    answers, truth = pedestrians(SHARED / "data" / "crowd" / "bbox_pedestrians")
    figures: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        "images with expert boxes": sum(known is not None for known in truth),
    }
    for workers in (7, 5, 3, 2, 1):
        draws = [drawn(answers, workers, seed) for seed in range(1 if workers == 7 else DRAWS)]
        report(figures, f"{workers} workers", [(consolidated, draws)], truth)
        quorums = [k for k in (1, 2, 3, 4) if k <= (workers + 2) // 2]
        for quorum in quorums:
            report(figures, f"{workers} workers, at least {quorum} agree", [(by_quorum(quorum), draws)], truth)
    figures |= calibration(answers, truth) | speed(answers)
    for name, value in figures.items():
        print(f"{name:44} {value}")
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "consolidation_boxes.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")


def report(
    figures: dict[str, Any],
    name: str,
    runs: Sequence[tuple[Callable[[Objects], Labels], list[Objects]]],
    truth: list[Boxes | None],
) -> None:
    """Add precision, recall, F1 and mean overlap of a method, the mean over draws."""
    scores = [score(method(objects), truth) for method, draws in runs for objects in draws]
    means = {key: np.mean([getattr(s, key) for s in scores]) for key in ("f1", "precision", "recall", "mean_iou")}
    figures[name] = {key: round(float(value), 4) for key, value in means.items()}


def consolidated(objects: Objects) -> Labels:
    """Ours, with its defaults."""
    results = BoxConsolidator().fit(objects).consolidate_all(objects)
    return [(r.value, r.details["confidences"]) for r in results]


def by_quorum(least: int) -> Callable[[Objects], Labels]:
    """The rule to beat: greedy clusters without a worker twice, the median box of those with enough workers."""

    def label(objects: Objects) -> Labels:
        labels: Labels = []
        for given in objects:
            owner = np.array([w for w, boxes in enumerate(given.values()) for _ in boxes], np.int64)
            boxes = edges([box for boxes in given.values() for box in boxes])
            first, second = overlapping_pairs(boxes)
            cluster = cluster_instances(owner, first, second, paired_box_iou(boxes[first], boxes[second]), join_at=0.4)
            kept = [boxes[cluster == c] for c in range(int(cluster.max(initial=-1)) + 1)]
            kept = [members for members in kept if len(members) >= least]
            medians = [np.median(members, axis=0).tolist() for members in kept]
            labels.append(([as_box(*m) for m in medians], [float(len(members)) for members in kept]))
        return labels

    return label


def score(labels: Labels, truth: list[Boxes | None]) -> DetectionScore:
    """Counts over the images experts drew on."""
    return DetectionScore.total(
        score_detections(boxes, known, confidences=confidences)
        for (boxes, confidences), known in zip(labels, truth, strict=True)
        if known is not None
    )


def calibration(answers: Objects, truth: list[Boxes | None]) -> dict[str, Any]:
    """Expected calibration error of the boxes' confidences, right being an overlap of 0.5 with an expert's box."""
    found: dict[str, Any] = {}
    for workers in (7, 3):
        labels = consolidated(drawn(answers, workers, 0))
        total = score(labels, truth)
        sure = [c for (_, cs), known in zip(labels, truth, strict=True) if known is not None for c in cs]
        found[f"calibration error, {workers} workers"] = round(calibration_error(sure, total.correct).ece, 4)
    return found


def speed(answers: Objects) -> dict[str, Any]:
    """Seconds to fit and to consolidate all images; compiled beforehand."""
    started = time.perf_counter()
    model = BoxConsolidator().fit(answers)
    fitted = time.perf_counter()
    model.consolidate_all(answers)
    done = time.perf_counter()
    boxes = sum(len(b) for given in answers for b in given.values())
    return {"boxes": boxes, "fit s": round(fitted - started, 2), "consolidate s": round(done - fitted, 2)}


def drawn(answers: Objects, workers: int, seed: int) -> Objects:
    """So many workers of every image, at random."""
    rng = np.random.default_rng(seed)
    return [{w: given[w] for w in rng.permutation(sorted(given))[:workers].tolist()} for given in answers]


def pedestrians(folder: Path) -> tuple[Objects, list[Boxes | None]]:
    """Answers by image, and the experts' boxes where there are any."""
    answers: dict[str, dict[str, Boxes]] = {}
    for row in rows_of(folder / "annotations.csv"):
        answers.setdefault(row["task"], {})[row["worker"]] = boxes_of(row["label"])
    truth = {row["task"]: boxes_of(row["label"]) for row in rows_of(folder / "truth.csv")}
    return list(answers.values()), [truth.get(task) for task in answers]


def rows_of(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def boxes_of(text: str) -> Boxes:
    """Boxes from JSON [[x1, y1, x2, y2], ...], corners in any order."""
    return [as_box(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in json.loads(text)]


def as_box(left: float, top: float, right: float, bottom: float) -> dict[str, Any]:
    """A box as annotations have it."""
    return {"label": "", "left": left, "top": top, "width": right - left, "height": bottom - top}


if __name__ == "__main__":
    main()
