"""What belonged to a removed job, taken away a few data objects at a time: nobody waits for a million rows."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from groundswell.domain.identity import identity_of
from groundswell.store.session import Session
from groundswell.store.tables import ACTIVE, CHECKS, GIVEN_BACK

_OF_OBJECTS = ("annotations", "labels", "label_versions", "task_inputs", "manifest_lines", "data_objects")
_OF_JOB = ("job_workers", "auto_decisions", "auto_labelings")


def purge(session: Session, limit: int) -> int:
    """Remove the rows of up to `limit` objects of a removed job; how many objects, or 1 for the end of a job."""
    found = session.row(f"SELECT job_id, input_uri FROM removed_jobs ORDER BY job_id LIMIT 1{session.skip_locked}")
    if found is None:
        return 0
    job_id, input_uri = found
    rows = session.rows(
        "SELECT n, task_id FROM data_objects WHERE job_id = :job_id ORDER BY n LIMIT :limit", job_id=job_id, limit=limit
    )
    if not rows:
        for table in _OF_JOB:
            session.run(f"DELETE FROM {table} WHERE job_id = :job_id", job_id=job_id)
        session.run("DELETE FROM removed_jobs WHERE job_id = :job_id", job_id=job_id)
        return 1
    numbers = [n for n, _ in rows]
    _remove_tasks(session, job_id, numbers, [task_id for _, task_id in rows if task_id is not None])
    _remove_identities(session, job_id, numbers, input_uri)
    for table in _OF_OBJECTS:
        session.run(
            f"DELETE FROM {table} WHERE job_id = :job_id AND {session.among('n')}",
            job_id=job_id,
            numbers=session.numbers(numbers),
        )
    return len(rows)


def _remove_tasks(session: Session, job_id: int, numbers: Sequence[int], ordinary: Sequence[int]) -> None:
    checks = session.rows(
        f"SELECT id FROM tasks WHERE job_id = :job_id AND {session.among('n')} AND {CHECKS}",
        job_id=job_id,
        numbers=session.numbers(numbers),
    )
    ids = session.numbers([*ordinary, *(row[0] for row in checks)])
    for which in (ACTIVE, GIVEN_BACK):  # each has an index by task
        theirs = f"{session.among('task_id')} AND {which}"
        drafts = f"assignment_id IN (SELECT id FROM assignments WHERE {theirs})"
        session.run(f"DELETE FROM drafts WHERE {drafts}", numbers=ids)
        session.run(f"DELETE FROM assignments WHERE {theirs}", numbers=ids)
    session.run(f"DELETE FROM task_objects WHERE {session.among('task_id')}", numbers=ids)
    session.run(f"DELETE FROM tasks WHERE {session.among('id')}", numbers=ids)


def _remove_identities(session: Session, job_id: int, numbers: Sequence[int], input_uri: str) -> None:
    """They are found by what they are, as they are kept in that order."""
    lines = session.rows(
        f"SELECT n, line FROM manifest_lines WHERE job_id = :job_id AND {session.among('n')}",
        job_id=job_id,
        numbers=session.numbers(numbers),
    )
    known = [{"job_id": job_id, "n": n, "identity": _identity(line, input_uri)} for n, line in lines]
    session.many(
        "DELETE FROM object_identities WHERE identity = :identity AND job_id = :job_id AND n = :n",
        [one for one in known if one["identity"] is not None],
    )


def _identity(line: str, input_uri: str) -> int | None:
    try:
        members = orjson.loads(line)
    except ValueError:
        return None
    return identity_of(members, input_uri) if isinstance(members, dict) else None
