"""A job's specification as a value, and the checks that need more than the specification itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from groundswell.domain.errors import InvalidSpec, NotFound
from groundswell.domain.money import format_usd, usd_to_micros
from groundswell.domain.people import TeamKind, WorkTeam
from groundswell.domain.records import LabelingJob
from groundswell.manifests.attributes import check_label_attribute
from groundswell.service.ports import Transaction
from groundswell.tasktypes import registry
from groundswell.tasktypes.base import TaskType
from groundswell.templates.liquid import parse
from groundswell.wire.job_spec import JobSpec

_PARSED: dict[int, tuple[Mapping[str, Any], JobSpec]] = {}
_KEPT = 1_000


def spec_of(job: LabelingJob) -> JobSpec:
    """The job's specification, parsed once for as long as the store gives out the same `spec`."""
    kept = _PARSED.get(id(job.spec))
    if kept is not None and kept[0] is job.spec:
        return kept[1]
    if len(_PARSED) >= _KEPT:
        _PARSED.clear()
    spec = JobSpec.model_validate(job.spec)
    _PARSED[id(job.spec)] = (job.spec, spec)
    return spec


def parse_spec(given: Mapping[str, Any]) -> JobSpec:
    """A specification from JSON; raises InvalidSpec that names the first field at fault and counts the others."""
    try:
        return JobSpec.model_validate(given)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        first = problems[0]
        field = ".".join(str(part) for part in first["loc"]) or None
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        where = f"{field}: " if field else ""
        text = first["msg"].removeprefix("Value error, ")
        raise InvalidSpec(f"{where}{text}, got {first['input']!r:.200}{more}", field=field) from error


def complete(tx: Transaction, spec: JobSpec) -> tuple[JobSpec, TaskType, WorkTeam]:
    """The specification with what it leaves open filled in, its task type and its team.

    Raises InvalidSpec naming the field, InvalidTemplate for a template of one's own that does not parse.
    """
    kind = registry.get(spec.task_type)
    team = _team(tx, spec)
    _check_labels(spec, kind)
    _check_method(spec, kind)
    if not spec.input:
        raise InvalidSpec(
            "expected a manifest, folder, glob, bucket prefix or CSV to label, got nothing", field="input"
        )
    if not kind.template and not spec.template:
        raise InvalidSpec(f"the task type {kind.name} needs a template of your own", field="template")
    if spec.template:
        parse(spec.template)
    _check_money(spec, team)
    return _with_attribute(spec, kind), kind, team


def _team(tx: Transaction, spec: JobSpec) -> WorkTeam:
    try:
        return tx.teams.by_name(spec.workers.team)
    except NotFound as error:
        known = [team.name for team in tx.teams.select()]
        names = ", ".join(known[:10]) + (", ..." if len(known) > 10 else "")
        raise InvalidSpec(
            f"expected the name of a work team, got {spec.workers.team!r}; there are {names}", field="workers.team"
        ) from error


def _check_labels(spec: JobSpec, kind: TaskType) -> None:
    if not kind.min_labels <= len(spec.labels) <= kind.max_labels:
        raise InvalidSpec(
            f"the task type {kind.name} takes {kind.min_labels} to {kind.max_labels} labels, got {len(spec.labels)}",
            field="labels",
        )


def _check_method(spec: JobSpec, kind: TaskType) -> None:
    method = spec.consolidation.method
    if method is not None and method not in kind.methods:
        known = ", ".join(kind.methods) or "none to choose from"
        raise InvalidSpec(
            f"expected a consolidation method of {kind.name} ({known}), got {method!r}", field="consolidation.method"
        )


def _check_money(spec: JobSpec, team: WorkTeam) -> None:
    if team.kind == TeamKind.PUBLIC and not spec.workers.no_personal_data:
        raise InvalidSpec(
            "public work is shown to anybody: declare that the data is free of personal data, or choose another team",
            field="workers.no_personal_data",
        )
    price = usd_to_micros(spec.workers.price_usd, field="workers.price_usd")
    budget = spec.stop_when.budget_usd
    if budget is not None and price:
        one_object = price * spec.workers.per_object
        if usd_to_micros(budget, field="stop_when.budget_usd") < one_object:
            raise InvalidSpec(
                f"expected a budget that pays for one data object ({format_usd(one_object, digits=6)}: "
                f"{spec.workers.per_object} annotations), got {budget}",
                field="stop_when.budget_usd",
            )


def _with_attribute(spec: JobSpec, kind: TaskType) -> JobSpec:
    """Label attributes that hold a reference end in -ref, as in Ground Truth; others must not."""
    if kind.audit_of is not None and not spec.audit_attribute:
        raise InvalidSpec(
            f"{kind.name} looks at the labels of an earlier job: expected the name of their attribute, got none",
            field="audit_attribute",
        )
    if kind.attribute_ref and spec.label_attribute is None:
        spec = spec.model_copy(update={"label_attribute": f"{spec.name}-ref"})
    check_label_attribute(spec.attribute, is_reference=kind.attribute_ref, audit_attribute=spec.audit_attribute)
    return spec
