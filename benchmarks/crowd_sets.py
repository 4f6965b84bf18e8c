"""The real crowds beside the checkout, as votes and truth; what the consolidation benchmarks read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from groundswell.consolidation import Votes
from groundswell.consolidation.base import CategoricalConsolidator

SHARED = Path(os.environ.get("GROUNDSWELL_SHARED", Path(__file__).parents[2] / "shared"))
CATEGORICAL = (
    "bluebirds",
    "dogs4",
    "rte",
    "temp",
    "weather_cf",
    "music_genre",
    "sentpol",
    "zencrowd_us",
    "product",
    "web5",
    "adult5",
)


class Score(NamedTuple):
    """How right labels are, and how honest their confidences."""

    accuracy: float
    calibration_error: float
    brier: float


@dataclass(frozen=True)
class CrowdSet:
    """One data set."""

    name: str
    frame: pd.DataFrame  # task, worker, label
    votes: Votes
    truth: NDArray[Any]  # (N,) class of each object as given, None where not known
    source: str = ""  # the recorded set it is made of; its name where it is that set

    @property
    def origin(self) -> str:
        """The recorded set this one is, or is a copy of."""
        return self.source or self.name

    def accuracy(self, labels: NDArray[Any]) -> float:
        """Share of right labels (N,) among objects with truth."""
        known = self.known
        return float(np.mean(labels[known] == self.truth[known]))

    @property
    def known(self) -> NDArray[np.bool_]:
        """(N,) which objects have a truth."""
        return np.array([label is not None for label in self.truth])

    def calibration_error(self, labels: NDArray[Any], confidence: NDArray[Any], bins: int = 10) -> float:
        """Mean distance of confidence and accuracy over bins of equal width, weighted by their objects."""
        known = self.known
        right, confidence = (labels[known] == self.truth[known]).astype(float), confidence[known]
        place = np.minimum((confidence * bins).astype(int), bins - 1)
        gaps = [abs(float((right - confidence)[place == b].sum())) for b in range(bins)]
        return sum(gaps) / len(right)

    def brier(self, labels: NDArray[Any], confidence: NDArray[Any]) -> float:
        """Mean squared difference of confidence and right (1) or wrong (0) among objects with truth."""
        known = self.known
        return float(np.mean((confidence[known] - (labels[known] == self.truth[known])) ** 2))

    def judge(self, labels: NDArray[Any], confidence: NDArray[Any]) -> Score:
        """How right labels (N,) are, and how honest their confidences (N,)."""
        return Score(self.accuracy(labels), self.calibration_error(labels, confidence), self.brier(labels, confidence))

    def score(self, model: CategoricalConsolidator) -> Score:
        """The same of a fitted consolidator."""
        return self.judge(model.labels_, model.confidence_)


def read_set(name: str) -> CrowdSet:
    """A data set by its folder's name."""
    folder = SHARED / "data" / "crowd" / name
    frame = pd.read_csv(folder / "annotations.csv", dtype=str)
    known = pd.read_csv(folder / "truth.csv", dtype=str).set_index("task")["label"].to_dict()
    votes = Votes.from_frame(frame)
    return CrowdSet(name, frame, votes, np.array([known.get(task) for task in votes.objects.tolist()], dtype=object))


def read_ground_truth_job() -> CrowdSet:
    """The real Ground Truth job: 302 pictures of birds, five workers each, in ten classes."""
    folder = SHARED / "data" / "acs" / "ic_data"
    frame = pd.DataFrame(_answers(folder / "worker-response"), columns=["task", "worker", "label"])
    known = {row["ImageId"]: row["Label"] for row in json.loads((folder / "true_labels.json").read_text())}
    lines = (folder / "output.manifest").read_text(encoding="utf-8").splitlines()
    images = [Path(json.loads(line)["source-ref"]).stem for line in lines]
    votes = Votes.from_frame(frame)
    truth = [known[images[int(task)]].replace(" ", "") for task in votes.objects.tolist()]
    return CrowdSet("acs", frame, votes, np.array(truth, dtype=object))


def _answers(folder: Path) -> Iterator[tuple[str, str, str]]:
    for file in sorted(folder.glob("iteration-*/*/*.json")):
        for answer in json.loads(file.read_text(encoding="utf-8"))["answers"]:
            label = answer["answerContent"]["crowd-image-classifier"]["label"]
            yield file.parent.name, answer["workerId"], label.replace(" ", "")


def first_of_each(votes: Votes, order: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """(M,) the first `count` annotations of each object in a random order."""
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    by_object = np.lexsort((place, votes.object))
    rank = np.arange(len(order)) - votes.offsets[votes.object[by_object]]
    chosen = np.zeros(len(order), bool)
    chosen[by_object[rank < count]] = True
    return chosen
