"""Consolidation by a user's own function: batches go out in Ground Truth's format, labels come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from groundswell.domain.errors import GroundswellError, Unavailable
from groundswell.domain.labels import Label
from groundswell.hooks import post_annotation
from groundswell.hooks.targets import Hook
from groundswell.runner.batches import (
    answer_files,
    by_iteration,
    commit_labels,
    is_answered,
    is_new_second,
    mark_second,
    read_answered,
)
from groundswell.runner.desk import Desk
from groundswell.runner.labels import Answered
from groundswell.runner.response_files import request_entry, write_files
from groundswell.service import label_contexts, transitions
from groundswell.service.ports import Transaction
from groundswell.tasktypes import metadata

_ATTEMPTS = 3  # calls of a function that does not answer, before its batch fails
_CUSTOM = "groundtruth/custom"

Said = dict[int, tuple[Any, Mapping[str, Any]]]


@dataclass
class _Call:
    """One call under way: a batch of one iteration."""

    batch: list[Answered]
    iteration: int
    at: datetime
    event: dict[str, Any]
    answer: Future[Any]
    attempt: int = 1


def consolidate(desk: Desk) -> bool:
    """Call the function for what has been answered, or take what it says; whether anything moved."""
    call: _Call | None = desk.memory.get("post_annotation")
    if call is None:
        return _begin(desk)
    if not call.answer.done():
        return True
    del desk.memory["post_annotation"]
    try:
        said = post_annotation.read_response(call.answer.result(), desk.spec.attribute)
    except Unavailable as error:
        if call.attempt < _ATTEMPTS:
            call.answer, call.attempt = desk.tools.pool.submit(_hook(desk).call, call.event), call.attempt + 1
            desk.memory["post_annotation"] = call
        else:
            _fail_batch(desk, call, error)
    except GroundswellError as error:
        _fail_batch(desk, call, error)
    else:
        _take(desk, call, said)
    return True


def _begin(desk: Desk) -> bool:
    if not desk.job.counters.answered or not is_new_second(desk):
        return False
    batch = read_answered(desk, desk.read(lambda tx: tx.objects.answered(desk.job.id, desk.batch_size)))
    if not batch:
        return False
    iteration, group = next(by_iteration(desk, batch))
    at = mark_second(desk)
    payload = desk.layout.consolidation_request(iteration, at)
    requests = [request_entry(desk, one.n, one.line, one.annotations) for one in group]
    write_files(desk, answer_files(desk, group) | {payload: orjson.dumps(requests)})
    event = post_annotation.request(
        desk.job.name,
        labels=desk.spec.labels,
        label_attribute=desk.spec.attribute,
        output_uri=desk.job.output_uri,
        payload_uri=payload,
    )
    answer = desk.tools.pool.submit(_hook(desk).call, event)
    desk.memory["post_annotation"] = _Call(group, iteration, at, event, answer)
    return True


def _hook(desk: Desk) -> Hook:
    hook: Hook | None = desk.memory.get("post_hook")
    if hook is None:
        hook = desk.memory["post_hook"] = desk.tools.open_hook(desk.spec.hooks.post_annotation or "")
        desk.closing.append(hook.close)
    return hook


def _take(desk: Desk, call: _Call, said: Said) -> None:
    response = desk.layout.consolidation_response(call.iteration, call.at)
    write_files(desk, {response: orjson.dumps(call.answer.result())})
    labels = [_label(desk, one, *said[one.n], call.at) for one in call.batch if one.n in said]
    left_out = [one.n for one in call.batch if one.n not in said]
    reason = "ClientError: the post-annotation function returned no label for this object"
    desk.write(lambda tx: _commit(tx, desk, labels, left_out, reason))


def _fail_batch(desk: Desk, call: _Call, error: GroundswellError) -> None:
    reason = f"ClientError: post-annotation function failed: {error.message}"
    numbers = [one.n for one in call.batch]
    desk.write(lambda tx: _commit(tx, desk, [], numbers, reason))


def _commit(tx: Transaction, desk: Desk, labels: Sequence[Label], failed: Sequence[int], reason: str) -> None:
    commit_labels(tx, desk, labels)
    still = [n for n in failed if is_answered(tx, desk, n)]
    transitions.fail_objects(tx, desk.job, still, reason=reason, at=desk.now)


def _label(desk: Desk, one: Answered, value: Any, said: Mapping[str, Any], at: datetime) -> Label:
    """The function's label; what it leaves out of the metadata, every label's metadata has."""
    kind = desk.task_type.manifest_type if desk.spec.task_type != "custom" else _CUSTOM
    context = label_contexts.encoding(desk.job, n=one.n, at=at)
    confidence, name = said.get("confidence"), said.get("class-name")
    return Label(
        job_id=desk.job.id,
        n=one.n,
        value=value,
        metadata={**metadata.common(context, kind), **said},
        confidence=float(confidence) if isinstance(confidence, int | float) and 0 <= confidence <= 1 else 0.0,
        category=name if isinstance(name, str) else None,
        human=True,
        labeled_at=at,
        annotation_count=len(one.answers),
        method=desk.spec.hooks.post_annotation,
    )
