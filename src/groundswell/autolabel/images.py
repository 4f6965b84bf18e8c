"""Image classification by kernel ridge over patch features: the learner for images that needs no PyTorch.

Its kernel is the RBF of an image's patch features (`patches.py`), taken of the figure where most images are drawings
on a plain ground and of the colours otherwise; gamma is `_WIDTH` over the median squared distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.autolabel.kernel_ridge import MOST, RidgeFit, fit_ridge
from groundswell.autolabel.learner import Modality, Model, ModelState, Progress, Reals, Rows, Scores
from groundswell.autolabel.patches import Patterns, describe, learn_patterns
from groundswell.autolabel.pictures import Small, read_all
from groundswell.domain.errors import InvalidInput

Vectors = NDArray[np.float32] | NDArray[np.float64]

_DRAWINGS = 0.5
_WIDTH = 0.4
_CHUNK = 4_096
_SEED = 2011


@dataclass(frozen=True)
class Look:
    """How a pool's images are looked at: enough to see other images alike."""

    patterns: Patterns
    mean: NDArray[np.float32]  # (D,) of the vectors, and
    gamma: float
    figures: bool  # drawings set upright, or photographs in colour


class ImageFeatures:
    """Patch features of N images and how they came about."""

    def __init__(self, vectors: NDArray[np.float32], readable: NDArray[np.bool_], look: Look, small: Small) -> None:
        self.vectors, self.readable, self.look, self.small = vectors, readable, look, small

    def __len__(self) -> int:
        return len(self.vectors)

    def gram(self, rows: Rows, columns: Rows) -> NDArray[np.float32]:
        """(R, S) kernel values; an image that could not be read is like none but itself."""
        seen = self.readable[rows][:, None] & self.readable[columns]
        # In double precision: a system grown from an earlier one must not differ by how a product was cut up.
        left, right = self.vectors[rows].astype(np.float64), self.vectors[columns].astype(np.float64)
        values: NDArray[np.float32] = rbf(left, right, self.look.gamma) * seen
        values[rows[:, None] == columns] = 1
        return values

    def under(self, look: Look) -> NDArray[np.float32]:
        """(N, D) these images as another pool's look has them."""
        return self.vectors if look is self.look else vectors_of(self.small, look)

    def state(self) -> ModelState:
        arrays = {"readable": self.readable, "colour": self.small.colour, "figure": self.small.figure}
        return ModelState(
            ImageLearner.name, {"vectors": self.vectors, **arrays, **_arrays(self.look)}, _facts(self.look)
        )


class ImageModel:
    """A fitted image classifier: the vectors it rests on and their weights."""

    def __init__(
        self, vectors: NDArray[np.float32], alpha: Reals, look: Look, *, fit: RidgeFit | None = None, pool: Any = None
    ) -> None:
        self.vectors, self.alpha, self.look, self.fit, self.pool = vectors, alpha, look, fit, pool

    @property
    def left_out(self) -> Scores:
        if self.fit is None:
            raise InvalidInput("a stored model has no left-out outputs; fit it again to have them")
        return Scores.of_outputs(self.fit.left_out)

    def score(self, features: ImageFeatures) -> Scores:
        vectors, weights = features.under(self.look), self.alpha.astype(np.float32)
        outputs = np.zeros((len(vectors), weights.shape[1]), np.float32)
        for start in range(0, len(vectors), _CHUNK):
            outputs[start : start + _CHUNK] = (
                rbf(vectors[start : start + _CHUNK], self.vectors, self.look.gamma) @ weights
            )
        outputs[~features.readable] = 0
        return Scores.of_outputs(outputs)

    def state(self) -> ModelState:
        arrays = {"vectors": self.vectors, "alpha": self.alpha.astype(np.float32), **_arrays(self.look)}
        return ModelState(ImageLearner.name, arrays, _facts(self.look))


class ImageLearner:
    """`patch-ridge`: features in a minute for 5,000 small images, fits in seconds, NumPy and Pillow only."""

    name = "patch-ridge"
    modality: Modality = "image"

    def features(self, objects: Sequence[bytes | None], *, progress: Progress | None = None) -> ImageFeatures:
        """Patch features of encoded images."""
        small, readable = read_all(objects, progress)
        figures = bool(small.drawings >= _DRAWINGS * max(int(readable.sum()), 1))
        images = small.seen(figures)
        patterns = learn_patterns(images[readable] if readable.any() else images, np.random.default_rng(_SEED))
        raw = describe(images, patterns)
        mean = raw[readable].mean(axis=0) if readable.any() else raw.mean(axis=0)
        vectors = (raw - mean).astype(np.float32)
        look = Look(patterns, mean.astype(np.float32), _gamma(vectors[readable]), figures)
        return ImageFeatures(vectors, readable, look, small)

    def fit(
        self,
        features: ImageFeatures,
        rows: Rows,
        labels: Rows,
        *,
        classes: int,
        rng: np.random.Generator,
        previous: Model | None = None,
    ) -> ImageModel:
        """See `Learner.fit`."""
        before = previous.fit if isinstance(previous, ImageModel) and previous.pool is features else None
        if len(rows) > MOST:
            kept = np.sort(rng.choice(len(rows), MOST, replace=False))
            rows, labels, before = rows[kept], labels[kept], None
        fit = fit_ridge(features.gram, rows, np.asarray(labels, np.int64), classes, before)
        seen = features.readable[rows]  # the others are like no image, so that they weigh nothing
        return ImageModel(features.vectors[rows[seen]], fit.alpha[seen], features.look, fit=fit, pool=features)

    def load(self, state: ModelState) -> ImageModel:
        """See `Learner.load`."""
        return ImageModel(state.arrays["vectors"], state.arrays["alpha"].astype(np.float64), _look(state))

    def load_features(self, state: ModelState) -> ImageFeatures:
        """See `Learner.load_features`."""
        small = Small(state.arrays["colour"], state.arrays["figure"], 0)
        return ImageFeatures(state.arrays["vectors"], state.arrays["readable"], _look(state), small)


def vectors_of(small: Small, look: Look) -> NDArray[np.float32]:
    """(N, D) patch features of small images under a look."""
    vectors: NDArray[np.float32] = describe(small.seen(look.figures), look.patterns) - look.mean
    return vectors


def rbf(left: Vectors, right: Vectors, gamma: float) -> NDArray[np.float32]:
    """(R, S) exp(-gamma * squared distance)."""
    apart = (left**2).sum(axis=1)[:, None] - 2 * (left @ right.T) + (right**2).sum(axis=1)
    values: NDArray[np.float32] = np.exp(-np.float32(gamma) * np.maximum(apart, 0)).astype(np.float32, copy=False)
    return values


def _gamma(vectors: NDArray[np.float32]) -> float:
    some = vectors[:: max(1, len(vectors) // 400)][:400]
    if len(some) < 2:
        return 1.0
    apart = -np.log(np.maximum(rbf(some, some, 1e-6), 1e-300)) / 1e-6
    return _WIDTH / max(float(np.median(apart[np.triu_indices(len(some), 1)])), 1e-12)


def _arrays(look: Look) -> dict[str, NDArray[np.float32]]:
    patterns = look.patterns
    return {
        "patch_mean": patterns.mean,
        "whitening": patterns.whitening,
        "centres": patterns.centres,
        "vector_mean": look.mean,
    }


def _facts(look: Look) -> dict[str, Any]:
    return {"gamma": look.gamma, "figures": look.figures}


def _look(state: ModelState) -> Look:
    arrays = state.arrays
    patterns = Patterns(arrays["patch_mean"], arrays["whitening"], arrays["centres"])
    return Look(patterns, arrays["vector_mean"], float(state.facts["gamma"]), bool(state.facts["figures"]))
