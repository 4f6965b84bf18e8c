"""The document with which anybody can do the proof of a job's machine labels again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import orjson

from groundswell.autolabel.certificate import make_certificate
from groundswell.autolabel.rounds import RoundsState
from groundswell.autolabel.rounds_state import plan_from_json
from groundswell.domain.addresses import resolve
from groundswell.domain.auto_labeling import AutoLabeling, DecisionKind
from groundswell.runner.auto_labeling import files, learners
from groundswell.runner.desk import Desk
from groundswell.service.ports import Transaction

_TOGETHER = 2_000


def write_certificate(desk: Desk, loop: AutoLabeling, observed: Sequence[Sequence[Any]]) -> None:
    """Write the certificate of all attempts so far; `observed` are (object, people's label, loss) of the last one."""
    before = desk.read(lambda tx: tx.auto_labeling.decisions(desk.job.id, DecisionKind.ATTEMPT))
    state = RoundsState(attempt=loop.attempt)
    for one in before:
        _add_attempt(desk, state, one.data["frozen"], observed if one.number == loop.attempt else one.data["observed"])
        if one.number == loop.attempt or one.data["outcome"] == "certified":
            _add_certified(desk, state, one.number)
    certificate = make_certificate(
        state,
        sources=list(_sources(desk)),
        class_names=desk.spec.labels,
        learner=learners.learner_for(desk.task_type.name, desk.spec.labels).name,
    )
    desk.tools.storage.write(files.certificate_uri(desk, loop.attempt), files.as_json(certificate))


def _add_attempt(desk: Desk, state: RoundsState, frozen: str, observed: Sequence[Sequence[Any]]) -> None:
    state.finished.append(plan_from_json(files.read_json(desk, frozen)["plan"]))
    for n, label, loss in observed:
        state.audited[n] = (label, loss)
        if label is not None:
            state.labels[n] = label


def _add_certified(desk: Desk, state: RoundsState, number: int) -> None:
    arrays = files.read_arrays(desk, files.certified_uri(desk, number))
    rows = zip(*(np.asarray(arrays[name]).tolist() for name in ("n", "answer", "confidence")), strict=True)
    state.certified.update({n: (answer, confidence) for n, answer, confidence in rows})


def _sources(desk: Desk) -> Iterator[str]:
    """What each object is, as the output manifest says it."""
    uri, start = desk.tools.storage.absolute(desk.job.input_uri), 0
    while lines := desk.read(partial(_lines, desk, start)):
        for _, line in lines:
            yield _source(line, uri)
        start += len(lines)


def _lines(desk: Desk, start: int, tx: Transaction) -> list[tuple[int, str]]:
    return list(tx.objects.lines(desk.job.id, start=start, stop=start + _TOGETHER))


def _source(line: str, manifest_uri: str) -> str:
    try:
        members: Mapping[str, Any] = orjson.loads(line)
        reference = members.get("source-ref")
        return resolve(reference, manifest_uri) if isinstance(reference, str) else str(members.get("source", ""))
    except (ValueError, AttributeError):
        return ""
