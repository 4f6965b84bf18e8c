"""Models without a server: fitted to a labeled manifest, held against another, asked about objects.

    model = train_model(read_labeled_manifest(Path("labeled.manifest"), None))
    Path("model.safetensors").write_bytes(model.pack())
    read_model(Path("model.safetensors")).predict(["who is it?"])

A model's file is a safetensors file, or the `model.tar.gz` that a labeling job leaves; nothing is ever unpickled.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from groundswell.autolabel import model_files, registry
from groundswell.autolabel.learner import Learner, Model, ModelState
from groundswell.domain.errors import InvalidInput
from groundswell.offline.labeled_manifest import LabeledManifest

LABELS = "labels"
"""The fact of a model's file that names its label categories, in the order of their index."""
_INNER = "model.safetensors"
_ARCHIVE = b"\x1f\x8b"


@dataclass(frozen=True)
class Prediction:
    """What a model says of one object."""

    label: str
    margin: float  # how sure: the best output less the second best


@dataclass(frozen=True)
class Evaluation:
    """How a model stands to labels that it did not learn from."""

    objects: int
    accuracy: float
    confusion: dict[str, dict[str, int]]  # true label -> said label -> how often


@dataclass(frozen=True)
class OpenModel:
    """A model with its label categories."""

    learner: Learner
    model: Model
    labels: tuple[str, ...]

    def predict(self, objects: Sequence[Any]) -> list[Prediction]:
        """What it says of texts, or of images as encoded bytes; None for one that cannot be read."""
        if not objects:
            return []
        scores = self.model.score(self.learner.features(objects))
        rows = zip(scores.best.tolist(), scores.margin.tolist(), strict=True)
        return [Prediction(self.labels[best], float(margin)) for best, margin in rows]

    def evaluate(self, data: LabeledManifest) -> Evaluation:
        """How it does on a labeled manifest."""
        return _evaluation([one.label for one in self.predict(list(data.objects()))], _names(data))

    def pack(self) -> bytes:
        """The model's file."""
        return pack_model(self.model.state(), self.labels)


def train_model(data: LabeledManifest, *, learner: str | None = None, seed: int = 0) -> tuple[OpenModel, Evaluation]:
    """A model of every labeled object, and how it does on each of them left out.

    Raises: InvalidInput, where there is nothing to learn from or no such learner.
    """
    chosen = registry.get(learner) if learner else registry.default_for(data.modality)
    if chosen.modality != data.modality:
        raise InvalidInput(
            f"expected a learner of {data.modality}s, {chosen.name} is of {chosen.modality}s", field="learner"
        )
    if len(data.class_names) < 2:
        raise InvalidInput(f"expected two label categories or more, got {', '.join(data.class_names)}", field="labels")
    rows = np.arange(len(data.labels))
    features = chosen.features(list(data.objects()))
    model = chosen.fit(features, rows, data.labels, classes=len(data.class_names), rng=np.random.default_rng(seed))
    left_out = [data.class_names[k] for k in model.left_out.best.tolist()]
    return OpenModel(chosen, model, data.class_names), _evaluation(left_out, _names(data)[: len(left_out)])


def read_model(path: Path) -> OpenModel:
    """A model from its file. Raises: InvalidInput, where it is none, or is damaged."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"expected a model's file, {path} cannot be read: {error}", field="model") from error
    return open_model(_unpacked(data) if data.startswith(_ARCHIVE) else data)


def open_model(data: bytes) -> OpenModel:
    """A model from the bytes of its file. Raises: InvalidInput."""
    state = model_files.unpack(data)
    labels = state.facts.get(LABELS)
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise InvalidInput(
            "the model's file does not name its label categories: expected one that a job or "
            "`groundswell model train` wrote",
            field="model",
        )
    learner = registry.learner_of(state)
    return OpenModel(learner, learner.load(state), tuple(labels))


def pack_model(state: ModelState, labels: Sequence[str]) -> bytes:
    """A fitted model's file, with its label categories."""
    return model_files.pack(replace(state, facts={**state.facts, LABELS: list(labels)}))


def _unpacked(data: bytes) -> bytes:
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
            found = archive.extractfile(_INNER)
            if found is not None:
                return found.read()
    except (tarfile.TarError, OSError, EOFError, KeyError) as error:
        raise InvalidInput(f"expected an archive with {_INNER}: {error}", field="model") from error
    raise InvalidInput(f"expected an archive with {_INNER}, which is not in it", field="model")


def _names(data: LabeledManifest) -> list[str]:
    return [data.class_names[k] for k in data.labels.tolist()]


def _evaluation(said: Sequence[str], true: Sequence[str]) -> Evaluation:
    confusion: dict[str, dict[str, int]] = {}
    for given, known in zip(said, true, strict=True):
        row = confusion.setdefault(known, {})
        row[given] = row.get(given, 0) + 1
    right = sum(given == known for given, known in zip(said, true, strict=True))
    return Evaluation(len(true), right / max(len(true), 1), confusion)
