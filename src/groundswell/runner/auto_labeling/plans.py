"""Audit plans as JSON: what an audit of days goes on from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from groundswell.autolabel.audit_plan import AuditPlan, Chain, Promise


def as_json(plan: AuditPlan) -> dict[str, Any]:
    """All there is to know of a plan."""
    return asdict(plan)


def from_json(said: Mapping[str, Any]) -> AuditPlan:
    """The plan that `as_json` wrote."""
    weights = said["weights"]
    return AuditPlan(
        promise=Promise(**said["promise"]),
        attempt=said["attempt"],
        seed=said["seed"],
        chains=tuple(_chain(chain) for chain in said["chains"]),
        answers=tuple(said["answers"]),
        whole=said["whole"],
        weights=None if weights is None else tuple(weights),
    )


def _chain(said: Mapping[str, Any]) -> Chain:
    return Chain(
        name=said["name"],
        objects=tuple(said["objects"]),
        sizes=tuple(said["sizes"]),
        slack=tuple(said["slack"]),
        predicted=tuple(said["predicted"]),
        level=said["level"],
    )
