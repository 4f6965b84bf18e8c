"""Consolidation for task types: which kind of `consolidation` a job uses while it runs.

Imported when a job is consolidated, not when task types are listed: the algorithms bring compiled code with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from groundswell.consolidation.estimates import LiveConsolidation
from groundswell.consolidation.methods import DEFAULT_METHOD, METHOD_NAMES

CATEGORICAL_METHODS = METHOD_NAMES
"""What a specification may name for single-class labels; the first is the default."""


def classification(labels: Sequence[str], method: str | None, options: Mapping[str, Any]) -> LiveConsolidation:
    """Single-class labels."""
    from groundswell.consolidation.live import LiveClassification

    return LiveClassification(list(labels), method or DEFAULT_METHOD, **options)


def structured(kind: str) -> Callable[[Sequence[str], str | None, Mapping[str, Any]], LiveConsolidation]:
    """Answers of another kind, as `consolidation.registry` names it."""

    def create(labels: Sequence[str], method: str | None, options: Mapping[str, Any]) -> LiveConsolidation:
        from groundswell.consolidation.registry import create_live

        made: LiveConsolidation = create_live(kind, labels=list(labels), method=method, **options)
        return made

    return create
