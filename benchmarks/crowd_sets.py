"""The real crowds beside the checkout, as votes and truth; what the consolidation benchmarks read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True)
class CrowdSet:
    """One data set."""

    name: str
    frame: pd.DataFrame  # task, worker, label
    votes: Votes
    truth: NDArray[Any]  # (N,) class of each object as given, None where not known

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

    def score(self, model: CategoricalConsolidator) -> tuple[float, float]:
        """Accuracy and calibration error of a fitted consolidator."""
        return self.accuracy(model.labels_), self.calibration_error(model.labels_, model.confidence_)


def read_set(name: str) -> CrowdSet:
    """A data set by its folder's name."""
    folder = SHARED / "data" / "crowd" / name
    frame = pd.read_csv(folder / "annotations.csv", dtype=str)
    known = pd.read_csv(folder / "truth.csv", dtype=str).set_index("task")["label"].to_dict()
    votes = Votes.from_frame(frame)
    return CrowdSet(name, frame, votes, np.array([known.get(task) for task in votes.objects.tolist()], dtype=object))
