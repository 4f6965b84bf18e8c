"""What learners see of objects: texts as they are, images as their files have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import orjson

from groundswell.domain.addresses import is_web, resolve
from groundswell.domain.errors import GroundswellError
from groundswell.runner.desk import Desk
from groundswell.service.ports import Transaction

_TOGETHER = 200


def read_objects(desk: Desk, into: list[Any]) -> Iterator[None]:
    """Append what every object of the job is to a list, by number; None for what cannot be read.

    Raises Unavailable where the storage does not answer at all.
    """
    while True:
        lines = desk.read(partial(_lines, desk, len(into)))
        if not lines:
            return
        found = desk.tools.pool.map(lambda one: _content(desk, one[1]), lines)
        into.extend(found)
        yield


def _lines(desk: Desk, start: int, tx: Transaction) -> list[tuple[int, str]]:
    return list(tx.objects.lines(desk.job.id, start=start, stop=start + _TOGETHER))


def _content(desk: Desk, line: str) -> str | bytes | None:
    try:
        members: Mapping[str, Any] = orjson.loads(line)
        source, reference = members.get("source"), members.get("source-ref")
        if isinstance(source, str):
            return source
        if not isinstance(reference, str):
            return None
        uri = resolve(reference, desk.tools.storage.absolute(desk.job.input_uri))
        if is_web(uri):
            return None
        data = desk.tools.storage.read(uri)
    except (ValueError, AttributeError, GroundswellError):
        return None
    return data.decode("utf-8", "replace") if desk.task_type.modality == "text" else data
