"""Loops of automated labeling and kept models in memory."""

from __future__ import annotations

from dataclasses import replace

from groundswell.domain.auto_labeling import AutoLabeling, Decision, DecisionKind, Model
from groundswell.domain.errors import NotFound
from groundswell.testing.memory_tables import Tables


class MemoryAutoLabeling:
    """`service.ports.AutoLabelingRepository` over dictionaries."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def get(self, job_id: int) -> AutoLabeling | None:
        return self._tables.auto_labelings.get(job_id)

    def put(self, loop: AutoLabeling) -> None:
        before = self._tables.auto_labelings.get(loop.job_id, loop)
        self._tables.auto_labelings[loop.job_id] = replace(loop, seed=before.seed, began_at=before.began_at)

    def decide(self, decision: Decision) -> None:
        self._tables.auto_decisions[decision.job_id, decision.kind, decision.number] = decision

    def decisions(self, job_id: int, kind: DecisionKind) -> list[Decision]:
        mine = [one for one in self._tables.auto_decisions.values() if (one.job_id, one.kind) == (job_id, kind)]
        return sorted(mine, key=lambda one: one.number)


class MemoryModels:
    """`service.ports.ModelRepository` over a dictionary."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, model: Model) -> None:
        before = self._tables.models.get(model.name, model)
        self._tables.models[model.name] = replace(model, workspace_id=before.workspace_id)

    def get(self, name: str) -> Model:
        if name not in self._tables.models:
            raise NotFound(f"there is no model named {name!r}", field="name")
        return self._tables.models[name]

    def select(self, workspace_id: str) -> list[Model]:
        mine = [one for one in self._tables.models.values() if one.workspace_id == workspace_id]
        return sorted(sorted(mine, key=lambda one: one.name), key=lambda one: one.created_at, reverse=True)
