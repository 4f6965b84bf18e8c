"""A learner of texts for tests: ridge regression on which words a text has, small and quick."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.autolabel.learner import Model, ModelState, Progress, Rows, Scores

_WIDTH = 256
_RIDGE = 0.3


class WordFeatures:
    """Which words each text has."""

    def __init__(self, words: NDArray[np.float32]) -> None:
        self.words = words

    def __len__(self) -> int:
        return len(self.words)

    def state(self) -> ModelState:
        return ModelState("words", {"words": self.words})


class WordModel:
    """A weight for each word and class."""

    def __init__(self, weights: NDArray[np.float32], left_out: NDArray[np.float64]) -> None:
        self._weights, self._left_out = weights, left_out

    @property
    def left_out(self) -> Scores:
        return Scores.of_outputs(self._left_out)

    def score(self, features: WordFeatures) -> Scores:
        return Scores.of_outputs(features.words @ self._weights)

    def state(self) -> ModelState:
        return ModelState("words", {"weights": self._weights})


class WordLearner:
    """`autolabel.learner.Learner`."""

    name = "words"
    modality = "text"

    def features(self, objects: Sequence[Any], *, progress: Progress | None = None) -> WordFeatures:
        words = np.zeros((len(objects), _WIDTH), np.float32)
        for row, text in enumerate(objects):
            for word in (text if isinstance(text, str) else "").split():
                words[row, zlib.crc32(word.encode()) % _WIDTH] += 1
        return WordFeatures(words / np.maximum(np.linalg.norm(words, axis=1, keepdims=True), 1e-9))

    def fit(
        self,
        features: WordFeatures,
        rows: Rows,
        labels: Rows,
        *,
        classes: int,
        rng: np.random.Generator,
        previous: Model | None = None,
    ) -> WordModel:
        x = features.words[rows].astype(np.float64)
        y = np.where(np.arange(classes) == labels[:, None], 1.0, -1.0 / max(classes - 1, 1))
        inverse = np.linalg.inv(x @ x.T + _RIDGE * np.eye(len(x)))
        alpha = inverse @ y
        return WordModel((x.T @ alpha).astype(np.float32), y - alpha / np.diag(inverse)[:, None])

    def load(self, state: ModelState) -> WordModel:
        return WordModel(state.arrays["weights"], np.zeros((0, 2)))

    def load_features(self, state: ModelState) -> WordFeatures:
        return WordFeatures(state.arrays["words"])
