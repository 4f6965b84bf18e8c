"""Listings of data objects: the one place where statements are put together at run time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, exists, func, select

from groundswell.domain.states import ObjectState
from groundswell.service.ports import ObjectFilter, Page
from groundswell.store import tables
from groundswell.store.label_versions import IN_FORCE, VERSION_COLUMNS
from groundswell.store.object_rows import OBJECT_COLUMNS

_objects, _tasks, _labels, _versions = tables.data_objects, tables.tasks, tables.labels, tables.label_versions
_TABLES = {"o": _objects, "t": _tasks}


def filtered_page(job_id: int, wanted: ObjectFilter, page: Page) -> Select[Any]:
    """One page of objects with their labels, in order of n."""
    columns = [_TABLES[name[0]].c[name[2:]] for name in OBJECT_COLUMNS.split(", ")]
    columns += [(_labels if name in IN_FORCE else _versions).c[name] for name in VERSION_COLUMNS]
    source = (
        _objects.outerjoin(_tasks, _tasks.c.id == _objects.c.task_id)
        .outerjoin(_labels, and_(_labels.c.job_id == _objects.c.job_id, _labels.c.n == _objects.c.n))
        .outerjoin(
            _versions,
            and_(
                _versions.c.job_id == _labels.c.job_id,
                _versions.c.n == _labels.c.n,
                _versions.c.version == _labels.c.version,
            ),
        )
    )
    query = select(*columns).select_from(source)
    if (after := page.after_number) is not None:
        query = query.where(_objects.c.n > after)
    return _narrowed(query, job_id, wanted).order_by(_objects.c.n).limit(page.limit)


def filtered_count(job_id: int, wanted: ObjectFilter) -> Select[Any]:
    """How many objects pass the filter."""
    source = _objects
    if _asks_of_label(wanted):
        joined = and_(_labels.c.job_id == _objects.c.job_id, _labels.c.n == _objects.c.n)
        return _narrowed(select(func.count()).select_from(_objects.join(_labels, joined)), job_id, wanted)
    return _narrowed(select(func.count()).select_from(source), job_id, wanted)


def _asks_of_label(wanted: ObjectFilter) -> bool:
    return any(value is not None for value in (wanted.category, wanted.max_confidence, wanted.disputed, wanted.human))


def _narrowed(query: Select[Any], job_id: int, wanted: ObjectFilter) -> Select[Any]:
    query = query.where(_objects.c.job_id == job_id)
    if wanted.states is not None:
        query = query.where(_objects.c.state.in_([state.value for state in sorted(wanted.states)]))
    elif _asks_of_label(wanted):
        query = query.where(_objects.c.state == ObjectState.LABELED.value)
    if wanted.category is not None:
        query = query.where(_labels.c.job_id == job_id, _labels.c.category == wanted.category)
    if wanted.max_confidence is not None:
        query = query.where(_labels.c.confidence <= wanted.max_confidence)
    if wanted.disputed is not None:
        query = query.where(_labels.c.disputed == int(wanted.disputed))
    if wanted.human is not None:
        query = query.where(_labels.c.human == int(wanted.human))
    if wanted.worker_id is not None:
        made = tables.annotations
        query = query.where(
            exists().where(
                made.c.job_id == _objects.c.job_id, made.c.n == _objects.c.n, made.c.annotator_id == wanted.worker_id
            )
        )
    return query
