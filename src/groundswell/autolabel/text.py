"""Text classification by kernel ridge over TF-IDF of words and characters: the learner that needs no download.

Its kernel is the mean of the cosine of words and the cosine of characters (`tfidf.py`), so that a fitted model is one
weight for each term and class: it scores a text it never saw as fast as one of the pool.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from groundswell.autolabel.kernel_ridge import MOST, RidgeFit, fit_ridge
from groundswell.autolabel.learner import Modality, Model, ModelState, Progress, Rows, Scores
from groundswell.autolabel.tfidf import (
    COLUMNS,
    Sparse,
    beside,
    character_counts,
    idf_of,
    joined,
    weighted,
    word_counts,
)
from groundswell.domain.errors import InvalidInput

_HALF = 0.5**0.5
_STEP = 500


class TextFeatures:
    """Counts of terms of N texts; the TF-IDF rows follow from them. `gram_of_all` may hold all kernel values."""

    def __init__(self, words: Sparse, characters: Sparse) -> None:
        self.words, self.characters = words, characters
        self.gram_of_all: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def idf(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Of words and of characters, (COLUMNS,) each, over these texts."""
        return idf_of(self.words), idf_of(self.characters)

    @cached_property
    def rows(self) -> Sparse:
        """(N, COLUMNS) TF-IDF."""
        return self.rows_under(self.idf)

    def rows_under(self, idf: tuple[NDArray[np.float32], NDArray[np.float32]]) -> Sparse:
        """(N, COLUMNS) TF-IDF with another pool's idf: how a model sees texts that it did not learn from."""
        return beside(weighted(self.words, idf[0], _HALF), weighted(self.characters, idf[1], _HALF))

    def gram(self, rows: Rows, columns: Rows) -> NDArray[np.float32]:
        """(R, S) kernel values."""
        if self.gram_of_all is not None:
            found: NDArray[np.float32] = self.gram_of_all[np.ix_(rows, columns)]
            return found
        return self.rows.take(rows).gram(self.rows.take(columns))

    def state(self) -> ModelState:
        arrays = {f"words_{name}": value for name, value in vars(self.words).items()}
        arrays |= {f"characters_{name}": value for name, value in vars(self.characters).items()}
        return ModelState(TextLearner.name, arrays, {"features": 1})


class TextModel:
    """A fitted text classifier."""

    def __init__(
        self,
        idf: tuple[NDArray[np.float32], NDArray[np.float32]],
        *,
        fit: RidgeFit | None = None,
        trained_on: TextFeatures | None = None,
        weights: NDArray[np.float32] | None = None,
    ) -> None:
        self.idf, self.fit, self.trained_on, self._weights = idf, fit, trained_on, weights

    @cached_property
    def weights(self) -> NDArray[np.float32]:
        """(COLUMNS, C) of each term and class."""
        if self._weights is not None:
            return self._weights
        if self.fit is None or self.trained_on is None:
            raise InvalidInput("a text model needs its weights or what it was fitted on; given was neither")
        return self.trained_on.rows.take(self.fit.rows).transposed_times(self.fit.alpha)

    @property
    def left_out(self) -> Scores:
        if self.fit is None:
            raise InvalidInput("a stored model has no left-out outputs; fit it again to have them")
        return Scores.of_outputs(self.fit.left_out)

    def score(self, features: TextFeatures) -> Scores:
        known = features is self.trained_on
        if known and features.gram_of_all is not None and self.fit is not None:
            weights = self.fit.alpha.T.astype(np.float32)
            return Scores.of_outputs((weights @ features.gram_of_all[self.fit.rows]).T)
        return Scores.of_outputs((features.rows if known else features.rows_under(self.idf)).times(self.weights))

    def state(self) -> ModelState:
        used = np.flatnonzero(np.abs(self.weights).sum(axis=1))
        arrays = {"columns": used.astype(np.int32), "weights": self.weights[used]}
        return ModelState(TextLearner.name, arrays | {"idf_words": self.idf[0], "idf_characters": self.idf[1]})


class TextLearner:
    """`tfidf-ridge`: fits in seconds, needs NumPy only."""

    name = "tfidf-ridge"
    modality: Modality = "text"

    def features(self, objects: Sequence[str | None], *, progress: Progress | None = None) -> TextFeatures:
        """Counts of the words and characters of texts."""
        parts = []
        for start in range(0, max(len(objects), 1), _STEP):
            some = objects[start : start + _STEP]
            parts.append((word_counts(some), character_counts(some)))
            if progress is not None:
                progress(min(start + _STEP, len(objects)))
        return TextFeatures(joined([words for words, _ in parts]), joined([characters for _, characters in parts]))

    def fit(
        self,
        features: TextFeatures,
        rows: Rows,
        labels: Rows,
        *,
        classes: int,
        rng: np.random.Generator,
        previous: Model | None = None,
    ) -> TextModel:
        """See `Learner.fit`."""
        before = previous.fit if isinstance(previous, TextModel) and previous.trained_on is features else None
        if len(rows) > MOST:
            kept = np.sort(rng.choice(len(rows), MOST, replace=False))
            rows, labels, before = rows[kept], labels[kept], None
        fit = fit_ridge(features.gram, rows, np.asarray(labels, np.int64), classes, before)
        return TextModel(features.idf, fit=fit, trained_on=features)

    def load(self, state: ModelState) -> TextModel:
        """See `Learner.load`."""
        weights = np.zeros((COLUMNS, state.arrays["weights"].shape[1]), np.float32)
        weights[state.arrays["columns"]] = state.arrays["weights"]
        return TextModel((state.arrays["idf_words"], state.arrays["idf_characters"]), weights=weights)

    def load_features(self, state: ModelState) -> TextFeatures:
        """See `Learner.load_features`."""
        return TextFeatures(*(_sparse(state, family) for family in ("words", "characters")))


def _sparse(state: ModelState, family: str) -> Sparse:
    return Sparse(*(state.arrays[f"{family}_{name}"] for name in ("start", "columns", "values")))
