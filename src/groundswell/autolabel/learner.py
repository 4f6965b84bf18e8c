"""What a learner is: features of objects, a fit on the labeled ones, scores of all, and a state that can be stored.

    features = learner.features(objects)                       # once a job; may be stored and shared
    model = learner.fit(features, rows, labels, classes=10, rng=rng)
    scores = model.score(features)                             # best label and margin of every object
    stored = pack(model.state())                               # autolabel/model_files.py; never a pickle

Here: the protocols and the values that pass between learners, selection and the certificate. Elsewhere: learners, one
file each; finding them by name (`registry.py`); bytes of models (`model_files.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Reals = NDArray[np.float64]
Modality = Literal["text", "image"]
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Scores:
    """What a model says of N objects. Class learners fill `best` and `outputs`; structured ones `answers`."""

    best: Rows  # (N,) index of the most likely class; ties go to the earliest; -1 where the learner has no classes
    margin: Reals  # (N,) how sure: best output minus second best, or any confidence; higher is surer
    outputs: NDArray[np.float32] | None = None  # (N, C) one output a class
    answers: Sequence[Any] | None = None  # the label of each object where it is no class: boxes, spans, a mask
    expected_loss: Reals | None = None  # (N,) the learner's own guess of the loss, where it has one

    def __len__(self) -> int:
        return len(self.margin)

    @classmethod
    def of_outputs(cls, outputs: NDArray[Any]) -> Scores:
        """Scores from one output a class, (N, C) with C >= 1; the margin of a single class is its output."""
        outputs = np.asarray(outputs)
        best = outputs.argmax(axis=1).astype(np.int64)
        top = outputs[np.arange(len(outputs)), best].astype(np.float64)
        if outputs.shape[1] == 1:
            return cls(best, top, outputs.astype(np.float32, copy=False))
        second = np.partition(outputs, -2, axis=1)[:, -2].astype(np.float64)
        return cls(best, top - second, outputs.astype(np.float32, copy=False))


@dataclass(frozen=True)
class ModelState:
    """All there is to know of a fitted model or of features: arrays by name and facts that JSON can hold."""

    learner: str  # the name by which `registry.get` finds who can load it
    arrays: Mapping[str, NDArray[Any]]
    facts: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class Features(Protocol):
    """What a learner computed of N objects, in their order; opaque to everybody else."""

    def __len__(self) -> int: ...

    def state(self) -> ModelState:
        """For storage; `Learner.load_features` reads it again."""
        ...


@runtime_checkable
class Model(Protocol):
    """A fitted learner."""

    @property
    def left_out(self) -> Scores:
        """(L,) what the model would have said of each training object, in the order of `rows`, without its label."""
        ...

    def score(self, features: Any) -> Scores:
        """What it says of every object of these features."""
        ...

    def state(self) -> ModelState:
        """For storage; `Learner.load` reads it again, and the loaded model scores alike."""
        ...


@runtime_checkable
class Learner(Protocol):
    """Something that learns labels from examples. Deterministic: the same arguments give the same model."""

    name: str
    modality: Modality

    def features(self, objects: Sequence[Any], *, progress: Progress | None = None) -> Any:
        """Features of objects: texts as `str`, images as encoded `bytes`; None for one that could not be read.

        An object that cannot be used (an empty text, a corrupt image) has features without content: it is never
        among the surest. `progress` is told how many objects are done.
        """
        ...

    def fit(
        self,
        features: Any,
        rows: Rows,
        labels: Rows,
        *,
        classes: int,
        rng: np.random.Generator,
        previous: Model | None = None,
    ) -> Model:
        """A model of labels (L,), class indices below `classes`, of the objects at `rows` (L,).

        previous : the last round's model, whose rows are a prefix of these: for learners that can go on from it.
        Raises: InvalidInput, where there is nothing to learn from.
        """
        ...

    def load(self, state: ModelState) -> Model:
        """A stored model. Raises: InvalidInput, where the state is not of this learner or is damaged."""
        ...

    def load_features(self, state: ModelState) -> Any:
        """Stored features. Raises: InvalidInput, as `load`."""
        ...
