"""Workspaces, and the annotators whose answers count in their statistics."""

from __future__ import annotations

from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.people import Annotator, AnnotatorKind, Workspace
from groundswell.store.codec import fold, micros, moment
from groundswell.store.session import Row, Session


class SqlWorkspaces:
    """`service.ports.WorkspaceRepository` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, workspace: Workspace) -> None:
        added = self._session.run(
            """
            INSERT INTO workspaces (id, name, name_key, created_at, aws_account, region)
            VALUES (:id, :name, :name_key, :created_at, :aws_account, :region)
            ON CONFLICT DO NOTHING
            """,
            id=workspace.id,
            name=workspace.name,
            name_key=fold(workspace.name),
            created_at=micros(workspace.created_at),
            aws_account=workspace.aws_account,
            region=workspace.region,
        )
        if not added:
            raise Conflict(f"a workspace is named {workspace.name!r} already; choose another name", field="name")

    def get(self, workspace_id: str) -> Workspace:
        row = self._session.row(
            "SELECT id, name, created_at, aws_account, region FROM workspaces WHERE id = :id", id=workspace_id
        )
        if row is None:
            raise NotFound(f"there is no workspace {workspace_id!r}")
        return _workspace(row)

    def by_name(self, name: str) -> Workspace:
        row = self._session.row(
            "SELECT id, name, created_at, aws_account, region FROM workspaces WHERE name_key = :key", key=fold(name)
        )
        if row is None:
            raise NotFound(f"there is no workspace named {name!r}", field="workspace")
        return _workspace(row)

    def update(self, workspace_id: str, *, aws_account: str | None = None, region: str | None = None) -> Workspace:
        self._session.run(
            """
            UPDATE workspaces SET aws_account = COALESCE(:aws_account, aws_account), region = COALESCE(:region, region)
            WHERE id = :id
            """,
            id=workspace_id,
            aws_account=aws_account,
            region=region,
        )
        return self.get(workspace_id)

    def all(self) -> list[Workspace]:
        rows = self._session.rows(
            "SELECT id, name, created_at, aws_account, region FROM workspaces ORDER BY created_at, id"
        )
        return [_workspace(row) for row in rows]


class SqlAnnotators:
    """`service.ports.AnnotatorRepository` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, annotator: Annotator) -> None:
        self._session.run(
            """
            INSERT INTO annotators (id, kind, name, created_at) VALUES (:id, :kind, :name, :created_at)
            ON CONFLICT (id) DO NOTHING
            """,
            id=annotator.id,
            kind=annotator.kind.value,
            name=annotator.name,
            created_at=micros(annotator.created_at),
        )

    def get(self, annotator_id: str) -> Annotator:
        row = self._session.row("SELECT id, kind, name, created_at FROM annotators WHERE id = :id", id=annotator_id)
        if row is None:
            raise NotFound(f"there is no annotator {annotator_id!r}")
        return Annotator(row[0], AnnotatorKind(row[1]), row[2], moment(row[3]))


def _workspace(row: Row) -> Workspace:
    return Workspace(row[0], row[1], moment(row[2]), row[3], row[4])
