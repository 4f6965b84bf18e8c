"""Consolidation by a user's own function: batches go out in Ground Truth's format, labels come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from groundswell.domain.errors import GroundswellError, Unavailable
from groundswell.domain.labels import Label
from groundswell.domain.states import JobState
from groundswell.hooks import post_annotation
from groundswell.runner.batches import (
    answer_files,
    answered_objects,
    begin_batch,
    by_iteration,
    commit_labels,
    is_answered,
    may_begin,
    read_answered,
)
from groundswell.runner.desk import Desk
from groundswell.runner.hook_calls import ATTEMPTS, HookCalls, rest_s
from groundswell.runner.labels import Answered
from groundswell.runner.response_files import request_entry, write_files
from groundswell.service import label_contexts, transitions
from groundswell.service.ports import Transaction
from groundswell.tasktypes import metadata

_CUSTOM = "groundtruth/custom"

Said = dict[int, tuple[Any, Mapping[str, Any]]]


_AT_ONCE = 4  # calls of one job's function
_OBJECTS = 500  # of one call
_IN_VAIN = 20  # calls that failed one after the other, before those of several objects are not looked into any more


@dataclass
class _Call:
    """One call under way: a batch of one iteration."""

    batch: list[Answered]
    iteration: int
    second: datetime  # that its files are named by
    event: dict[str, Any]
    payload: str
    answer: Future[Any]
    own_copy: str | None = None  # of the request, for this call alone
    attempt: int = 1
    again_at: float | None = None  # by the monotonic clock: it failed, and is made again then


@dataclass
class _UnderWay:
    """The function, its calls, and how many of them failed since the last that did not."""

    function: HookCalls
    calls: list[_Call] = field(default_factory=list)
    in_vain: int = 0

    @property
    def objects(self) -> set[int]:
        """Those that the function has been asked about."""
        return {one.n for call in self.calls for one in call.batch}


def consolidate(desk: Desk) -> bool:
    """Call the function for what has been answered, and take what it says; whether anything moved."""
    under_way: _UnderWay | None = desk.memory.get("post_annotation")
    if under_way is None:
        if not desk.job.counters.answered:
            return False
        try:
            function = HookCalls(desk, "post_annotation", desk.spec.hooks.post_annotation or "", at_once=_AT_ONCE)
        except Unavailable as error:
            return _give_up(desk, error)
        under_way = desk.memory["post_annotation"] = _UnderWay(function)
    moved = False
    for call in list(under_way.calls):
        moved |= _go_on(desk, under_way, call)
    if len(under_way.calls) < _AT_ONCE:
        moved |= _begin(desk, under_way)
    under_way.function.tell()
    return moved or (desk.wait() if under_way.calls else False)


def _give_up(desk: Desk, error: Unavailable) -> bool:
    """A job waits for a function that is not there; one that stops does not: what was answered fails."""
    if desk.job.state is not JobState.STOPPING:
        raise error
    _fail(desk, [one.n for one in answered_objects(desk)], error)
    return True


def _begin(desk: Desk, under_way: _UnderWay) -> bool:
    asked = under_way.objects
    if desk.job.counters.answered <= len(asked) or not may_begin(desk):
        return False
    batch = read_answered(desk, answered_objects(desk, most=_OBJECTS, besides=asked))
    if not batch:
        return False
    iteration, group = next(by_iteration(desk, batch))
    write_files(desk, answer_files(desk, group))
    under_way.calls.append(_call(desk, under_way, group, iteration))
    return True


def _call(desk: Desk, under_way: _UnderWay, group: list[Answered], iteration: int) -> _Call:
    """Ask the function about these objects."""
    second = begin_batch(desk)
    uri = desk.layout.consolidation_request(iteration, second)
    payload = orjson.dumps([request_entry(desk, one.n, one.line, one.annotations) for one in group])
    given = _address_to_read(desk, uri)
    write_files(desk, {uri: payload, given: payload})
    asked = desk.job.request or {}
    event = post_annotation.request(
        desk.arns.job(desk.job.name),
        labels=desk.spec.labels,
        label_attribute=desk.spec.attribute,
        role_arn=asked.get("RoleArn") or desk.arns.role(),
        output_uri=desk.job.output_uri,
        payload_uri=given,
        kms_key_id=asked.get("OutputConfig", {}).get("KmsKeyId"),
    )
    text = payload.decode()
    answer = under_way.function.submit(event, _as_it_is, payload=text)
    return _Call(group, iteration, second, event, text, answer, None if given == uri else given)


def _address_to_read(desk: Desk, uri: str) -> str:
    """Where the function reads the request: in the job's output, or where that is no bucket in one of the server's."""
    folder = desk.tools.places.functions_folder(desk.job.workspace_id, desk.job.id)
    if uri.startswith("s3://") or folder is None:
        return uri
    return f"{folder}/{uri.removeprefix(desk.job.output_uri).lstrip('/')}"


def _go_on(desk: Desk, under_way: _UnderWay, call: _Call) -> bool:
    if call.again_at is not None:
        if desk.tools.monotonic() < call.again_at:
            return False
        call.answer = under_way.function.submit(call.event, _as_it_is, payload=call.payload)
        call.attempt, call.again_at = call.attempt + 1, None
    if not call.answer.done():
        return False
    try:
        said = post_annotation.read_response(call.answer.result(), desk.spec.attribute)
    except Unavailable as error:
        again = call.attempt < ATTEMPTS
        under_way.function.failed(error.message, again=again)
        if again:
            call.again_at = desk.tools.monotonic() + rest_s(call.attempt)
            return True
        _fail(desk, [one.n for one in call.batch], error)
    except GroundswellError as error:
        under_way.in_vain += 1
        halves = _halves(call.batch) if under_way.in_vain < _IN_VAIN else ()
        under_way.function.failed(error.message, again=bool(halves))
        under_way.calls += [_call(desk, under_way, half, call.iteration) for half in halves]
        if not halves:
            _fail(desk, [one.n for one in call.batch], error)
    else:
        under_way.in_vain = 0
        _take(desk, call, said)
    under_way.calls.remove(call)
    if call.own_copy is not None:
        desk.tools.storage.delete(call.own_copy)
    return True


def _halves(batch: list[Answered]) -> Sequence[list[Answered]]:
    """One object at fault must not fail those it came with: they are asked about again by halves."""
    middle = len(batch) // 2
    return (batch[:middle], batch[middle:]) if middle else ()


def _as_it_is(answer: Any) -> Any:
    return answer


def _take(desk: Desk, call: _Call, said: Said) -> None:
    response = desk.layout.consolidation_response(call.iteration, call.second)
    write_files(desk, {response: orjson.dumps(call.answer.result())})
    labels = [_label(desk, one, *said[one.n], desk.now) for one in call.batch if one.n in said]
    left_out = [one.n for one in call.batch if one.n not in said]
    reason = "ClientError: the post-annotation function returned no label for this object"
    desk.write(lambda tx: _commit(tx, desk, labels, left_out, reason))


def _fail(desk: Desk, numbers: Sequence[int], error: GroundswellError) -> None:
    reason = f"ClientError: post-annotation function failed: {error.message}"
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
