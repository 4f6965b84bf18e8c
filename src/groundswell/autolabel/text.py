"""Text classification by kernel ridge over TF-IDF of words and characters: the learner that needs no download.

Its kernel is the mean of the cosine of words and the cosine of characters (`tfidf.py`), or three fifths of that and two
fifths of the cosine of embeddings where the learner has them (`embedded_text.py`). All of them are products of
features, so that a fitted model is one weight for each feature and class: it scores a text it never saw as fast as one
of the pool.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.autolabel.kernel_ridge import MOST, RidgeFit, fit_ridge
from groundswell.autolabel.learner import Modality, Model, ModelState, Progress, Rows, Scores
from groundswell.autolabel.text_counts import TextCounts, count_texts
from groundswell.autolabel.tfidf import COLUMNS, Sparse, beside, idf_of, weighted
from groundswell.domain.errors import InvalidInput

Vectors = NDArray[np.float32]
EMBEDDING_SHARE = 0.4


@dataclass(frozen=True)
class TextLook:
    """How a pool's texts are looked at: enough to see other texts alike."""

    idf: tuple[Vectors, Vectors]  # of words and of characters, (COLUMNS,) each
    embedded: bool  # whether a part of the kernel is the embedding's cosine


class TextFeatures:
    """Counts of terms of N texts, and their embeddings (N, E) where there are any; the kernel follows from them."""

    def __init__(self, counts: TextCounts, embedded: Vectors | None = None, learner: str = "tfidf-ridge") -> None:
        self.counts, self.embedded, self.learner = counts, embedded, learner
        self.gram_of_all: Vectors | None = None

    def __len__(self) -> int:
        return len(self.counts.words)

    @cached_property
    def look(self) -> TextLook:
        """How these texts are looked at."""
        return TextLook((idf_of(self.counts.words), idf_of(self.counts.characters)), self.embedded is not None)

    @cached_property
    def rows(self) -> tuple[Sparse, Vectors]:
        """(N, COLUMNS) TF-IDF and (N, E) embeddings, maybe of no columns; the kernel is the product of both."""
        return self.rows_under(self.look)

    def rows_under(self, look: TextLook) -> tuple[Sparse, Vectors]:
        """The rows under another pool's look: how a model sees texts that it did not learn from."""
        half = ((1 - EMBEDDING_SHARE * look.embedded) / 2) ** 0.5
        words, characters = (
            weighted(self.counts.words, look.idf[0], half),
            weighted(self.counts.characters, look.idf[1], half),
        )
        if not look.embedded:
            return beside(words, characters), np.zeros((len(self), 0), np.float32)
        if self.embedded is None:
            raise InvalidInput("this model reads embeddings; compute the features with the learner that made it")
        return beside(words, characters), self.embedded * np.float32(EMBEDDING_SHARE**0.5)

    def gram(self, rows: Rows, columns: Rows) -> Vectors:
        """(R, S) kernel values."""
        if self.gram_of_all is not None:
            found: Vectors = self.gram_of_all[np.ix_(rows, columns)]
            return found
        sparse, dense = self.rows
        values: Vectors = sparse.take(rows).gram(sparse.take(columns)) + dense[rows] @ dense[columns].T
        return values

    def state(self) -> ModelState:
        arrays = dict(self.counts.arrays())
        if self.embedded is not None:
            arrays["embedded"] = self.embedded
        return ModelState(self.learner, arrays, {"features": 1})


class TextModel:
    """A fitted text classifier: `weights` (COLUMNS, C) of terms, `dense` (E, C) of embeddings."""

    def __init__(
        self,
        look: TextLook,
        learner: str,
        *,
        fit: RidgeFit | None = None,
        weights: tuple[Vectors, Vectors] | None = None,
    ) -> None:
        self.look, self.learner, self.fit = look, learner, fit
        self.trained_on: TextFeatures | None = None
        self._weights = weights

    @cached_property
    def weights(self) -> tuple[Vectors, Vectors]:
        """Of terms and classes, of dense features and classes."""
        if self._weights is not None:
            return self._weights
        if self.fit is None or self.trained_on is None:
            raise InvalidInput("a text model needs its weights or what it was fitted on; given was neither")
        sparse, dense = self.trained_on.rows
        alpha = self.fit.alpha
        return sparse.take(self.fit.rows).transposed_times(alpha), (dense[self.fit.rows].T @ alpha).astype(np.float32)

    @property
    def left_out(self) -> Scores:
        if self.fit is None:
            raise InvalidInput("a stored model has no left-out outputs; fit it again to have them")
        return Scores.of_outputs(self.fit.left_out)

    def score(self, features: TextFeatures) -> Scores:
        known = features is self.trained_on
        if known and features.gram_of_all is not None and self.fit is not None:
            alpha = self.fit.alpha.T.astype(np.float32)
            return Scores.of_outputs((alpha @ features.gram_of_all[self.fit.rows]).T)
        sparse, dense = features.rows if known else features.rows_under(self.look)
        return Scores.of_outputs(sparse.times(self.weights[0]) + dense @ self.weights[1])

    def state(self) -> ModelState:
        used = np.flatnonzero(np.abs(self.weights[0]).sum(axis=1))
        arrays: dict[str, NDArray[Any]] = {
            "columns": used.astype(np.int32),
            "weights": self.weights[0][used],
            "dense": self.weights[1],
            "idf_words": self.look.idf[0],
            "idf_characters": self.look.idf[1],
        }
        return ModelState(self.learner, arrays, {"embedded": self.look.embedded})


class TextLearner:
    """`tfidf-ridge`: fits in seconds, needs NumPy only."""

    name = "tfidf-ridge"
    modality: Modality = "text"

    def features(self, objects: Sequence[str | None], *, progress: Progress | None = None) -> TextFeatures:
        """Counts of the words and characters of texts."""
        return TextFeatures(count_texts(objects, progress), learner=self.name)

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
        model = TextModel(features.look, self.name, fit=fit)
        model.trained_on = features
        return model

    def load(self, state: ModelState) -> TextModel:
        """See `Learner.load`."""
        arrays = state.arrays
        weights = np.zeros((COLUMNS, arrays["weights"].shape[1]), np.float32)
        weights[arrays["columns"]] = arrays["weights"]
        look = TextLook((arrays["idf_words"], arrays["idf_characters"]), bool(state.facts["embedded"]))
        return TextModel(look, self.name, weights=(weights, arrays["dense"]))

    def load_features(self, state: ModelState) -> TextFeatures:
        """See `Learner.load_features`."""
        return TextFeatures(TextCounts.of_arrays(state.arrays), state.arrays.get("embedded"), self.name)
