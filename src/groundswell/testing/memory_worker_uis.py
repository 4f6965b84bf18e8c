"""Worker UIs and workforces in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from groundswell.domain.errors import Conflict, NotFound
from groundswell.domain.worker_uis import WorkerUi
from groundswell.domain.workforces import Workforce
from groundswell.testing.memory_tables import Tables


class MemoryWorkerUis:
    """`service.ports.WorkerUiRepository`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, ui: WorkerUi) -> None:
        if (ui.workspace_id, ui.name) in self._tables.worker_uis:
            raise Conflict(f"a worker UI is named {ui.name!r} already; choose another name", field="name")
        self._tables.worker_uis[ui.workspace_id, ui.name] = ui

    def get(self, workspace_id: str, name: str) -> WorkerUi:
        found = self._tables.worker_uis.get((workspace_id, name))
        if found is None:
            raise NotFound(f"there is no worker UI named {name!r}", field="name")
        return found

    def select(self, workspace_id: str) -> list[WorkerUi]:
        mine = [replace(ui, template="") for ui in self._tables.worker_uis.values() if ui.workspace_id == workspace_id]
        return sorted(mine, key=lambda ui: (ui.created_at, ui.name))

    def set_tags(self, workspace_id: str, name: str, tags: Mapping[str, str]) -> None:
        self._tables.worker_uis[workspace_id, name] = replace(self.get(workspace_id, name), tags=dict(tags))

    def remove(self, workspace_id: str, name: str) -> None:
        self.get(workspace_id, name)
        del self._tables.worker_uis[workspace_id, name]


class MemoryWorkforces:
    """`service.ports.WorkforceRepository`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, workforce: Workforce) -> None:
        self._tables.workforces[workforce.workspace_id] = workforce

    def find(self, workspace_id: str) -> Workforce | None:
        return self._tables.workforces.get(workspace_id)

    def remove(self, workspace_id: str) -> None:
        self._tables.workforces.pop(workspace_id, None)
