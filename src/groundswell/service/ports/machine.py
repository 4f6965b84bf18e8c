"""Machine labels: a job's loop, its decisions, and the models that are kept."""

from __future__ import annotations

from typing import Protocol

from groundswell.domain.auto_labeling import AutoLabeling, Decision, DecisionKind, Model


class AutoLabelingRepository(Protocol):
    """One loop a job, and the log of what it decided."""

    def get(self, job_id: int) -> AutoLabeling | None:
        """The job's loop; None before it began."""
        ...

    def put(self, loop: AutoLabeling) -> None:
        """Begin it, or write what became of it."""
        ...

    def decide(self, decision: Decision) -> None:
        """Write a round or an attempt; one of the same kind and number is replaced."""
        ...

    def decisions(self, job_id: int, kind: DecisionKind) -> list[Decision]:
        """Those of a kind, in order of their number."""
        ...


class ModelRepository(Protocol):
    """Models that were kept."""

    def add(self, model: Model) -> None:
        """Keep one; one of this name that is there already is replaced: a step of a loop may be done again."""
        ...

    def get(self, name: str) -> Model:
        """Raises NotFound."""
        ...

    def select(self, workspace_id: str) -> list[Model]:
        """A workspace's, newest first."""
        ...
