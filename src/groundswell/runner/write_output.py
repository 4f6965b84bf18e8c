"""The output manifest: every input line as it came, with its label where it has one.

Refreshed while the job runs, whole or not at all, and less often the longer it takes. Failed objects get metadata with
the reason; objects without a label are the input's bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import orjson

from groundswell.domain.labels import Label
from groundswell.domain.records import DataObject
from groundswell.domain.states import ObjectState
from groundswell.manifests.members import with_members
from groundswell.manifests.references import with_absolute_references
from groundswell.runner.desk import Desk
from groundswell.runner.spool import spooled
from groundswell.service.ports import ObjectFilter, Page, Transaction
from groundswell.tasktypes import metadata

EVERY_S = 5.0
_BLOCK = 2_000  # lines read from the store at a time
_SHARE = 10  # at most a tenth of the runner's time goes into refreshing


def write_output(desk: Desk) -> bool:
    """Refresh the output manifest when there is something new in it; whether writing goes on."""
    counters = desk.job.counters
    state = (counters.labeled, counters.failed, counters.skipped, desk.job.progress.get("last_batch"))
    if not desk.is_under_way("output"):
        if desk.memory.get("output_state") == state or not (counters.labeled or counters.failed):
            return False
        if not desk.due("output", max(EVERY_S, _SHARE * desk.memory.get("output_s", 0.0))):
            return False
        desk.memory["output_state"] = state
        desk.memory["output_began"] = desk.tools.monotonic()
    if desk.slice("output", lambda: output(desk)):
        desk.memory["output_s"] = desk.tools.monotonic() - desk.memory["output_began"]
    return True


def output(desk: Desk) -> Iterator[None]:
    """Write the whole output manifest."""
    yield from spooled(desk.tools.storage, desk.layout.output_manifest, _lines(desk, desk.now))


def _lines(desk: Desk, at: datetime) -> Iterator[bytes]:
    total, start = desk.read(lambda tx: tx.jobs.counters(desk.job.id)).total, 0
    while start < total:
        stop = start + _BLOCK
        yield from desk.read(lambda tx, start=start, stop=stop: _block(tx, desk, start, stop, at))  # type: ignore[misc]
        start = stop


def _block(tx: Transaction, desk: Desk, start: int, stop: int, at: datetime) -> list[bytes]:
    labels = {label.n: label for label in tx.labels.all(desk.job.id, start=start, stop=stop)}
    failed: dict[int, DataObject] = {}
    if tx.jobs.counters(desk.job.id).failed:
        wanted = ObjectFilter(states=frozenset({ObjectState.FAILED}))
        page = tx.objects.page(desk.job.id, wanted, Page(limit=stop - start, after=str(start - 1)))
        failed = {one.n: one for one, _ in page if one.n < stop}
    block = []
    for n, line in tx.objects.lines(desk.job.id, start=start, stop=stop):
        line = _anywhere(desk, line)
        if n in failed:
            line = _with_failure(desk, line, failed[n], at)
        elif n in labels:
            line = _with_label(desk, line, labels[n])
        block.append(line.encode() + b"\n")
    return block


def _anywhere(desk: Desk, line: str) -> str:
    """The line with relative addresses made absolute: the output manifest is elsewhere than the input."""
    if '-ref"' not in line:
        return line
    try:
        members = orjson.loads(line)
    except ValueError:
        return line
    if not isinstance(members, dict):
        return line
    return with_absolute_references(line, members, desk.tools.storage.absolute(desk.job.input_uri))


def _with_label(desk: Desk, line: str, label: Label) -> str:
    attribute = desk.spec.attribute
    return with_members(line, {attribute: label.value, f"{attribute}-metadata": label.metadata})


def _with_failure(desk: Desk, line: str, one: DataObject, at: datetime) -> str:
    """A line that is no JSON object (a bad one that was skipped) stays as it is."""
    said = metadata.failure(
        reason=one.failure_reason or "ClientError: no label",
        manifest_type=desk.task_type.manifest_type,
        name=desk.job.name,
        at=one.opened_at or desk.job.started_at or at,
    )
    try:
        return with_members(line, {f"{desk.spec.attribute}-metadata": said})
    except ValueError:
        return line
