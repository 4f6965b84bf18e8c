"""Replays of a labeled manifest: what auto-labeling would have saved, had people labeled it object by object.

    found = backtest(read_labeled_manifest(Path("labeled.manifest"), "class"), BacktestSettings(batch=200))
    found.replays[0].machine_labeled, found.replays[0].machine_accuracy

Features are computed once and shared by all seeds. Elsewhere: the loop that is replayed (`groundswell.autolabel`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from groundswell.autolabel.audit_plan import Promise
from groundswell.autolabel.certificate import make_certificate
from groundswell.autolabel.gram_of_all import MOST_OBJECTS, gram_of_all
from groundswell.autolabel.learner import Learner, Model, Rows
from groundswell.autolabel.reasons import explain
from groundswell.autolabel.registry import default_for, get
from groundswell.autolabel.rounds import Rounds, RoundsState, Settings, Step
from groundswell.autolabel.text import TextFeatures
from groundswell.domain.errors import InvalidInput
from groundswell.offline.labeled_manifest import LabeledManifest

Show = Callable[[str, int | None], Callable[[int], None]]
_MANY = 3
"""From so many replays on, all kernel values of texts are computed at once."""


@dataclass(frozen=True)
class BacktestSettings:
    """How a manifest is replayed."""

    target: float = 0.95
    confidence: float = 0.95
    by_class: bool = False
    batch: int = 200
    seed: int = 0
    seeds: int = 1
    learner: str | None = None  # by default the one that is always there for texts or images

    def check(self) -> None:
        """Raises: InvalidInput."""
        for name in ("target", "confidence"):
            if not 0 < getattr(self, name) < 1:
                raise InvalidInput(f"expected a {name} between 0 and 1, got {getattr(self, name):g}", field=name)
        for name in ("batch", "seeds"):
            if getattr(self, name) < 1:
                raise InvalidInput(f"expected {name} of at least 1, got {getattr(self, name)}", field=name)


@dataclass(frozen=True)
class Replay:
    """What came of one seed."""

    seed: int
    objects: int
    human_labeled: int
    machine_labeled: int
    machine_accuracy: float | None  # of the machine's labels against the manifest's; None without any
    target_accuracy: float
    attempts: int
    audited: int  # objects of human_labeled that the audits drew
    rounds: tuple[dict[str, Any], ...]
    reason: str
    state: RoundsState

    @property
    def broken(self) -> bool:
        """Whether the promise did not hold."""
        return self.machine_accuracy is not None and self.machine_accuracy < self.target_accuracy

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {key: value for key, value in vars(self).items() if key != "state"}


@dataclass(frozen=True)
class Backtest:
    """What came of every seed."""

    manifest: LabeledManifest
    learner: str
    replays: tuple[Replay, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON: one seed's findings, or every seed's with mean, spread and broken promises."""
        first = self.replays[0]
        if len(self.replays) == 1:
            return first.as_dict()
        shares = np.array([one.machine_labeled / one.objects for one in self.replays])
        accuracies = [one.machine_accuracy for one in self.replays if one.machine_accuracy is not None]
        return {
            "objects": first.objects,
            "target_accuracy": first.target_accuracy,
            "seeds": [one.as_dict() for one in self.replays],
            "mean": {
                "human_labeled": float(np.mean([one.human_labeled for one in self.replays])),
                "machine_labeled": float(np.mean([one.machine_labeled for one in self.replays])),
                "machine_share": float(shares.mean()),
                "machine_accuracy": float(np.mean(accuracies)) if accuracies else None,
            },
            "spread": {
                "machine_share": float(shares.std(ddof=1)),
                "least_share": float(shares.min()),
                "most_share": float(shares.max()),
                "least_accuracy": min(accuracies, default=None),
            },
            "broken": sum(one.broken for one in self.replays),
        }

    def certificate(self) -> dict[str, Any]:
        """The first seed's certificate."""
        return make_certificate(
            self.replays[0].state,
            sources=self.manifest.sources,
            class_names=self.manifest.class_names,
            learner=self.learner,
        )


def backtest(manifest: LabeledManifest, settings: BacktestSettings, *, progress: Show | None = None) -> Backtest:
    """Replay a manifest with every seed from `settings.seed` on.

    Raises: InvalidInput, for settings without meaning or a learner of another kind of objects.
    """
    settings.check()
    learner = get(settings.learner) if settings.learner else default_for(manifest.modality)
    if learner.modality != manifest.modality:
        raise InvalidInput(
            f"{learner.name} learns {learner.modality}s, {manifest.path} has {manifest.modality}s; choose another",
            field="learner",
        )
    show = progress or (lambda text, total: lambda done: None)
    step = show("Computing features", len(manifest.sources))
    features = features_for(manifest, learner, settings.seeds, step)
    tell = show("Replaying", settings.seeds)
    replays = []
    for turn in range(settings.seeds):
        replays.append(replay(manifest, learner, features, settings, settings.seed + turn))
        tell(turn + 1)
    return Backtest(manifest, learner.name, tuple(replays))


def features_for(
    manifest: LabeledManifest, learner: Learner, seeds: int, step: Callable[[int], None] | None = None
) -> Any:
    """Features of a manifest's objects, made ready for so many replays."""
    features = learner.features(list(manifest.objects()), progress=step)
    if isinstance(features, TextFeatures) and seeds >= _MANY and len(features) <= MOST_OBJECTS:
        features.gram_of_all = gram_of_all(*features.rows)
    return features


def replay(
    manifest: LabeledManifest,
    learner: Learner,
    features: Any,
    settings: BacktestSettings,
    seed: int,
) -> Replay:
    """One run of the loop with the manifest's labels as people's answers."""
    truth, classes = manifest.labels, len(manifest.class_names)
    promise = Promise(settings.target, settings.confidence, settings.by_class)
    rounds = Rounds(len(truth), Settings(classes, settings.batch, seed, promise, class_names=manifest.class_names))
    model: Model | None = None
    while (step := rounds.step()) is not Step.DONE:
        if step is Step.ASK:
            _answer(rounds, truth)
        else:
            rows, labels = rounds.training_set()
            model = learner.fit(
                features,
                rows,
                np.array(labels, np.int64),
                classes=classes,
                rng=np.random.default_rng([seed, len(rounds.state.rounds)]),
                previous=model,
            )
            rounds.fitted(model.score(features), model.left_out)
    return _summary(rounds, truth, settings, seed)


def _answer(rounds: Rounds, truth: Rows) -> None:
    """People label what is asked, one object after the other; those of an audit until it is over."""
    auditing = rounds.audit is not None
    for row in rounds.asked().tolist():
        rounds.answered(row, int(truth[row]))
        if auditing and rounds.audit is None:
            return


def _summary(rounds: Rounds, truth: Rows, settings: BacktestSettings, seed: int) -> Replay:
    machine = rounds.machine_labels()
    right = sum(label == truth[row] for row, (label, _) in machine.items())
    state = rounds.state
    return Replay(
        seed,
        len(truth),
        len(truth) - len(machine),
        len(machine),
        float(right / len(machine)) if machine else None,
        settings.target,
        state.attempt,
        len(state.audited),
        tuple(_round(one) for one in state.rounds),
        explain(state, len(truth), settings.batch, rounds.settings.promise),
        state,
    )


def _round(one: Any) -> dict[str, Any]:
    value = asdict(one.value)
    return {
        "round": one.number,
        "human_labeled": one.labels,
        "pool": one.pool,
        "could_label": value["size"],
        "predicted_accuracy": 1 - value["loss"],
        "expected_audits": value["audits"],
        "noise_floor": one.calibration.floor,
        "next": one.action,
    }
