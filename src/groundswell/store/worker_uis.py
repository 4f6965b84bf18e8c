"""Worker task templates that are kept by name, and workforces."""

from __future__ import annotations

from collections.abc import Mapping

from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.worker_uis import WorkerUi
from groundswell.domain.workforces import Workforce
from groundswell.store.codec import from_json, micros, moment, to_json
from groundswell.store.session import Row, Session

_UI = "workspace_id, name, sha256, created_at, tags"
_WORKFORCE = "workspace_id, name, details, secret, tags, created_at, updated_at"


class SqlWorkerUis:
    """`service.ports.WorkerUiRepository` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, ui: WorkerUi) -> None:
        added = self._session.run(
            f"""
            INSERT INTO worker_uis ({_UI}, template)
            VALUES (:workspace_id, :name, :sha256, :created_at, :tags, :template) ON CONFLICT DO NOTHING
            """,
            workspace_id=ui.workspace_id,
            name=ui.name,
            template=ui.template,
            sha256=ui.sha256,
            created_at=micros(ui.created_at),
            tags=to_json(ui.tags),
        )
        if not added:
            raise Conflict(f"a worker UI is named {ui.name!r} already; choose another name", field="name")

    def get(self, workspace_id: str, name: str) -> WorkerUi:
        row = self._session.row(
            f"SELECT {_UI}, template FROM worker_uis WHERE workspace_id = :workspace_id AND name = :name",
            workspace_id=workspace_id,
            name=name,
        )
        if row is None:
            raise _no_ui(name)
        return _ui(row, row[-1])

    def select(self, workspace_id: str) -> list[WorkerUi]:
        rows = self._session.rows(
            f"SELECT {_UI} FROM worker_uis WHERE workspace_id = :workspace_id ORDER BY created_at, name",
            workspace_id=workspace_id,
        )
        return [_ui(row, "") for row in rows]

    def set_tags(self, workspace_id: str, name: str, tags: Mapping[str, str]) -> None:
        changed = self._session.run(
            "UPDATE worker_uis SET tags = :tags WHERE workspace_id = :workspace_id AND name = :name",
            workspace_id=workspace_id,
            name=name,
            tags=to_json(tags),
        )
        if not changed:
            raise _no_ui(name)

    def remove(self, workspace_id: str, name: str) -> None:
        removed = self._session.run(
            "DELETE FROM worker_uis WHERE workspace_id = :workspace_id AND name = :name",
            workspace_id=workspace_id,
            name=name,
        )
        if not removed:
            raise _no_ui(name)


class SqlWorkforces:
    """`service.ports.WorkforceRepository` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, workforce: Workforce) -> None:
        self._session.run(
            f"""
            INSERT INTO workforces ({_WORKFORCE})
            VALUES (:workspace_id, :name, :details, :secret, :tags, :created_at, :updated_at)
            ON CONFLICT (workspace_id) DO UPDATE SET name = excluded.name, details = excluded.details,
                secret = excluded.secret, tags = excluded.tags, updated_at = excluded.updated_at
            """,
            workspace_id=workforce.workspace_id,
            name=workforce.name,
            details=to_json(workforce.details),
            secret=workforce.secret,
            tags=to_json(workforce.tags),
            created_at=micros(workforce.created_at),
            updated_at=micros(workforce.updated_at),
        )

    def find(self, workspace_id: str) -> Workforce | None:
        row = self._session.row(
            f"SELECT {_WORKFORCE} FROM workforces WHERE workspace_id = :workspace_id", workspace_id=workspace_id
        )
        if row is None:
            return None
        return Workforce(
            workspace_id=row[0],
            name=row[1],
            details=from_json(row[2]),
            secret=row[3],
            tags=from_json(row[4]),
            created_at=moment(row[5]),
            updated_at=moment(row[6]),
        )

    def remove(self, workspace_id: str) -> None:
        self._session.run("DELETE FROM workforces WHERE workspace_id = :workspace_id", workspace_id=workspace_id)


def _ui(row: Row, template: str) -> WorkerUi:
    return WorkerUi(row[0], row[1], template, row[2], moment(row[3]), from_json(row[4]))


def _no_ui(name: str) -> NotFound:
    return NotFound(f"there is no worker UI named {name!r}", field="name")
