"""People label what is chosen for them while models are trained: nobody waits for training, training for nobody."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from groundswell.autolabel.audit_plan import Promise
from groundswell.autolabel.learner import Rows
from groundswell.domain.auto_labeling import KEPT_BACK, AutoLabeling, DecisionKind, Phase
from groundswell.domain.events import AutoLabelingEvent, RoundTrained
from groundswell.domain.models import model_name
from groundswell.domain.states import ObjectState
from groundswell.runner.auto_labeling import files, studying
from groundswell.runner.auto_labeling.auditing import freeze
from groundswell.runner.auto_labeling.preparing import rank, spare_of
from groundswell.runner.auto_labeling.progress import AtHand, advance, at_hand, event_of
from groundswell.runner.auto_labeling.reading import read_objects
from groundswell.runner.auto_labeling.releasing import give_up
from groundswell.runner.auto_labeling.studying import Findings, Study
from groundswell.runner.desk import Desk
from groundswell.service import window
from groundswell.service.ports import ObjectFilter, Page

_PAGE = 5_000


def learn(desk: Desk, loop: AutoLabeling) -> bool:
    """One round of the phase; whether anything moved."""
    hand, counters = at_hand(desk), desk.job.counters
    if not (counters.pending or counters.open or counters.answered):
        give_up(desk, loop, "every object has its label")
        return True
    if hand.training is not None:
        if hand.training.done():
            future, hand.training = hand.training, None
            return _take(desk, loop, hand, future.result())
        return _keep_busy(desk, loop, hand) or desk.wait()
    if hand.features is None and not _make_features(desk, hand):
        return _keep_busy(desk, loop, hand) or desk.wait()
    if _is_due(desk, loop):
        hand.training = _begin(desk, loop, hand)
        hand.memory["topped_up"] = False
        return True
    return _keep_busy(desk, loop, hand)


def _is_due(desk: Desk, loop: AutoLabeling) -> bool:
    """Whether there is enough that the last training has not seen, or nothing that people could do meanwhile."""
    new = desk.job.counters.human_labeled - loop.notes.get("trained_at", 0)
    if new >= loop.notes["batch"]:
        return True
    counters = desk.job.counters
    return bool(new or counters.pending) and not counters.answered and _stock(desk, 1) == 0


def _stock(desk: Desk, most: int) -> int:
    """How many objects people have before them or may take; counted up to `most` of those not published."""
    return desk.job.counters.open + len(desk.read(lambda tx: tx.objects.pending(desk.job.id, most)))


def _make_features(desk: Desk, hand: AtHand) -> bool:
    """Go on with what learners see of the objects: read here, computed elsewhere, stored; whether it is."""
    uri, same = files.features_uri(desk), files.groups_uri(desk)
    if hand.computing is not None:
        if not hand.computing.done():
            return False
        future, hand.computing = hand.computing, None
        hand.features, hand.groups = future.result()
        files.write_arrays(desk, same, {"groups": hand.groups})
        desk.tools.storage.write(uri, hand.features)
        return True
    if desk.tools.storage.exists(uri):
        hand.groups = files.read_arrays(desk, same)["groups"]
        hand.features = desk.tools.storage.read(uri)
        return True
    if desk.slice("auto-read", lambda: read_objects(desk, hand.raw)):
        asked = desk.task_type.name, desk.spec.labels, hand.raw
        hand.computing = desk.tools.elsewhere.submit(studying.features_of, *asked)
        hand.raw = []
    return False


def _begin(desk: Desk, loop: AutoLabeling, hand: AtHand) -> Future[Findings]:
    assert hand.features is not None and hand.groups is not None
    return desk.tools.elsewhere.submit(studying.study, study_of(desk, loop, hand.features, hand.groups))


def study_of(desk: Desk, loop: AutoLabeling, features: bytes, groups: Rows) -> Study:
    """What a training has to know: the labels there are, where they came from, and what is left."""
    index = {label: k for k, label in enumerate(desk.spec.labels)}
    labels = desk.read(lambda tx: [one for one in tx.labels.all(desk.job.id) if one.human and one.category in index])
    asked = desk.spec.auto_labeling
    return Study(
        task_type=desk.task_type.name,
        features=features,
        groups=groups,
        rows=np.array([one.n for one in labels], np.int64),
        labels=np.array([index[one.category or ""] for one in labels], np.int64),
        random=np.array(loop.notes["random"], np.int64),
        pool=np.array(_kept_back(desk), np.int64),
        classes=tuple(desk.spec.labels),
        seed=loop.seed,
        round=loop.round + 1,
        attempt=loop.attempt + 1,
        batch=loop.notes["batch"],
        spare=spare_of(loop.notes["batch"]),
        promise=Promise(asked.target_accuracy, asked.confidence, by_class=asked.class_floors),
        values=tuple(loop.notes.get("values", ())),
        labeled_by_machine=desk.job.counters.machine_labeled,
        allowed=window.allowance(desk.spec, desk.job.counters),
        initial=_initial_model(desk, loop),
    )


def _initial_model(desk: Desk, loop: AutoLabeling) -> bytes | None:
    """The kept model that the job begins with, while nothing was audited yet."""
    given = desk.spec.auto_labeling.initial_model
    if given is None or loop.attempt:
        return None
    model = desk.read(lambda tx: tx.models.get(model_name(given)))
    return files.unpacked_model(desk.tools.storage.read(model.uri))


def _take(desk: Desk, loop: AutoLabeling, hand: AtHand, found: Findings) -> bool:
    """Keep what a training found, and do what it says: let people go on, have it audited, or give up."""
    number = loop.round + 1
    if found.model:
        desk.tools.storage.write(files.training_uri(desk, number), files.packed_model(found.model))
        files.write_arrays(desk, files.scores_uri(desk, number), found.arrays)
    hand.failures = 0
    if found.hopeless is not None:
        give_up(desk, loop, found.hopeless)
        return True
    ahead = loop.notes["batch"] + spare_of(loop.notes["batch"])
    chosen = () if found.plan is not None else found.chosen[: max(0, ahead - _stock(desk, ahead))]
    _record(desk, loop, found, chosen)
    return True


def _record(desk: Desk, loop: AutoLabeling, found: Findings, chosen: Sequence[tuple[int, bool]]) -> None:
    """Write the round down, with what people are given next; or with the audit that begins."""
    number, numbers = loop.round + 1, [n for n, _ in chosen]
    notes = {
        **loop.notes,
        "trained_at": found.labels,
        "values": [*loop.notes.get("values", ()), found.value],
        "random": [*loop.notes["random"], *(n for n, random in chosen if random)],
    }
    if found.model:
        notes["scored"] = number
    model = files.model_of(desk, number) if found.model else None
    decisions = [(DecisionKind.ROUND, number, {**found.told, "model": model, "chosen": numbers})]
    events: list[AutoLabelingEvent] = [
        RoundTrained(**event_of(desk), round=number, labels=found.labels, chosen=len(numbers))
    ]
    changes: dict[str, Any] = {"round": number, "notes": notes}
    if found.plan is not None:
        frozen = freeze(desk, replace(loop, round=number), found.plan, found.arrays)
        decisions.append((DecisionKind.ATTEMPT, loop.attempt + 1, frozen.data))
        events.append(frozen.event)
        changes |= {"phase": Phase.AUDITING, "attempt": loop.attempt + 1, "reason": None}
    shown = partial(rank, desk.job.id, dict.fromkeys(numbers, number)) if numbers else None
    advance(desk, loop, decisions=decisions, events=events, with_work=shown, **changes)


def _keep_busy(desk: Desk, loop: AutoLabeling, hand: AtHand) -> bool:
    """Give people more while a training lasts, once, where they would run out: what a model is least sure of."""
    spare = spare_of(loop.notes["batch"])
    if hand.memory.get("topped_up", False) or _stock(desk, spare) >= spare // 2:
        return False
    hand.memory["topped_up"] = True
    left = np.array(_kept_back(desk), np.int64)
    if not left.size:
        return False
    some = [int(n) for n in _next_by_last_model(desk, loop, left)[:spare]]
    random = [] if "scored" in loop.notes else some
    advance(
        desk,
        loop,
        notes={**loop.notes, "random": [*loop.notes["random"], *random]},
        with_work=partial(rank, desk.job.id, dict.fromkeys(some, loop.round + 1)),
    )
    return True


def _next_by_last_model(desk: Desk, loop: AutoLabeling, left: Any) -> Any:
    scored = loop.notes.get("scored")
    if scored is None:
        return studying.random_order(loop.seed, "probe", left)
    margin = files.read_arrays(desk, files.scores_uri(desk, scored))["margin"]
    return left[np.argsort(margin[left], kind="stable")]


def _kept_back(desk: Desk) -> list[int]:
    """Objects that neither people nor a model have labeled, and that nobody was asked about."""
    wanted = ObjectFilter(states=frozenset({ObjectState.PENDING}))
    found: list[int] = []
    after: str | None = None
    while True:
        block = desk.read(lambda tx, after=after: tx.objects.page(desk.job.id, wanted, Page(_PAGE, after)))  # type: ignore[misc]
        if not block:
            return found
        found += [one.n for one, _ in block if one.rank >= KEPT_BACK]
        after = str(block[-1][0].n)
