"""Registered functions and their code."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import asdict
from typing import Any

from groundswell.domain.errors import NotFound
from groundswell.domain.hooks import HookAbout, RegisteredHook
from groundswell.store.codec import from_json, micros, moment, to_json
from groundswell.store.session import Row, Session

_COLUMNS = "name, version, module, function, sha256, environment, registered_at, registered_by, about"


class SqlHooks:
    """`service.ports.HookRepository` in SQL."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, hook: RegisteredHook) -> RegisteredHook:
        self._session.run(
            """
            INSERT INTO registered_hooks
            (name, version, module, function, code, sha256, environment, registered_at, registered_by, about)
            VALUES (:name, 1, :module, :function, :code, :sha256, :environment, :registered_at, :registered_by, :about)
            ON CONFLICT (name) DO UPDATE SET version = registered_hooks.version + 1, module = excluded.module,
            function = excluded.function, code = excluded.code, sha256 = excluded.sha256,
            environment = excluded.environment, registered_at = excluded.registered_at,
            registered_by = excluded.registered_by, about = excluded.about
            """,
            name=hook.name,
            module=hook.module,
            function=hook.function,
            code=b64encode(hook.code).decode(),
            sha256=hook.sha256,
            environment=to_json(dict(hook.environment)),
            registered_at=micros(hook.registered_at),
            registered_by=hook.registered_by,
            about=to_json(asdict(hook.about)),
        )
        return self.get(hook.name)

    def get(self, name: str) -> RegisteredHook:
        row = self._session.row(f"SELECT {_COLUMNS}, code FROM registered_hooks WHERE name = :name", name=name)
        if row is None:
            raise NotFound(f"there is no registered function {name!r}", field="name")
        return _hook(row[:-1], b64decode(row[-1]))

    def select(self) -> list[RegisteredHook]:
        rows = self._session.rows(f"SELECT {_COLUMNS} FROM registered_hooks ORDER BY name")
        return [_hook(row, b"") for row in rows]

    def remove(self, name: str) -> None:
        if not self._session.run("DELETE FROM registered_hooks WHERE name = :name", name=name):
            raise NotFound(f"there is no registered function {name!r}", field="name")


def _hook(row: Row, code: bytes) -> RegisteredHook:
    name, version, module, function, sha256, environment, registered_at, registered_by, about = row
    return RegisteredHook(
        name,
        version,
        module,
        function,
        code,
        sha256,
        from_json(environment),
        moment(registered_at),
        registered_by,
        _about(from_json(about)),
    )


def _about(kept: dict[str, Any]) -> HookAbout:
    return HookAbout(**{**kept, "writes": tuple(kept.get("writes", ()))})
