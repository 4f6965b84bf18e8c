"""The state of `Rounds` as JSON and back: what a restart needs, and what a record of every decision holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from groundswell.autolabel.audit import Decisions
from groundswell.autolabel.audit_plan import AuditPlan, Chain, Promise
from groundswell.autolabel.calibration import Calibration
from groundswell.autolabel.rounds import Origin, Round, RoundsState
from groundswell.autolabel.value import Value


def plan_to_json(plan: AuditPlan) -> dict[str, Any]:
    """A plan as JSON values."""
    return asdict(plan)


def plan_from_json(value: Mapping[str, Any]) -> AuditPlan:
    """The plan again; equal to the first where its answers are JSON values."""
    chains = tuple(
        Chain(
            one["name"],
            tuple(one["objects"]),
            tuple(one["sizes"]),
            tuple(one["slack"]),
            tuple(one["predicted"]),
            one["level"],
        )
        for one in value["chains"]
    )
    return AuditPlan(
        Promise(**value["promise"]),
        value["attempt"],
        value["seed"],
        chains,
        tuple(value["answers"]),
        value["whole"],
        None if value["weights"] is None else tuple(value["weights"]),
        None if value["groups"] is None else tuple(value["groups"]),
    )


def decisions_to_json(decisions: Decisions) -> list[list[list[int]]]:
    """For each chain, pairs of draws taken and the set that was kept."""
    return [[[taken, kept] for taken, kept in chain.items()] for chain in decisions]


def decisions_from_json(value: Any) -> Decisions:
    """The decisions again."""
    return [{int(taken): int(kept) for taken, kept in chain} for chain in value]


def round_to_json(one: Round) -> dict[str, Any]:
    """One fit's findings, in the words of a report."""
    return asdict(one)


def state_to_json(state: RoundsState) -> dict[str, Any]:
    """All of it as JSON values."""
    return {
        "labels": list(state.labels.items()),
        "origins": list(state.origins.items()),
        "given_up": sorted(state.given_up),
        "batch": list(state.batch),
        "rounds": [round_to_json(one) for one in state.rounds],
        "attempt": state.attempt,
        "plan": None if state.plan is None else plan_to_json(state.plan),
        "audited": [[row, *known] for row, known in state.audited.items()],
        "decisions": [[attempt, decisions_to_json(one)] for attempt, one in state.decisions.items()],
        "finished": [plan_to_json(plan) for plan in state.finished],
        "certified": [[row, *label] for row, label in state.certified.items()],
        "confidences": list(state.confidences.items()),
        "done": state.done,
        "reason": state.reason,
    }


def state_from_json(value: Mapping[str, Any]) -> RoundsState:
    """The state again."""
    return RoundsState(
        labels={int(row): label for row, label in value["labels"]},
        origins={int(row): Origin(origin) for row, origin in value["origins"]},
        given_up=set(value["given_up"]),
        batch=list(value["batch"]),
        rounds=[_round(one) for one in value["rounds"]],
        attempt=value["attempt"],
        plan=None if value["plan"] is None else plan_from_json(value["plan"]),
        audited={int(row): (label, loss) for row, label, loss in value["audited"]},
        decisions={attempt: decisions_from_json(one) for attempt, one in value.get("decisions", [])},
        finished=[plan_from_json(plan) for plan in value["finished"]],
        certified={int(row): (label, confidence) for row, label, confidence in value["certified"]},
        confidences={int(row): confidence for row, confidence in value["confidences"]},
        done=value["done"],
        reason=value["reason"],
    )


def _round(value: Mapping[str, Any]) -> Round:
    inner = {"value": Value(**value["value"]), "calibration": Calibration(**value["calibration"])}
    return Round(**{**value, **inner})
