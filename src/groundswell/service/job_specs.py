"""A job's specification as a value, and the checks that need more than the specification itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from pydantic import ValidationError

from groundswell.domain.addresses import name_problem
from groundswell.domain.addresses import parse as parse_address
from groundswell.domain.errors import FieldProblem, GroundswellError, InvalidInput, InvalidSpec, NotFound
from groundswell.domain.models import model_name
from groundswell.domain.money import format_usd, usd_to_micros
from groundswell.domain.people import TeamKind, WorkTeam
from groundswell.domain.records import LabelingJob
from groundswell.manifests.attributes import check_label_attribute
from groundswell.service.ports import Transaction
from groundswell.service.requests import problems_of, sentence_of
from groundswell.tasktypes import registry
from groundswell.tasktypes.base import TaskType
from groundswell.templates.liquid import check_usable
from groundswell.wire.job_spec import JobSpec

_PARSED: dict[int, tuple[Mapping[str, Any], JobSpec]] = {}
_KEPT = 1_000
_STAND_IN: Mapping[str, Any] = {"name": "unnamed", "task_type": ""}
"""Read in place of what every specification needs and one lacks, to look at the rest of it."""
_DEPTH = 8
"""Levels of a field's path that are told apart: more than a specification has."""
T = TypeVar("T")


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


@dataclass(frozen=True)
class Examined:
    """What a specification says, and everything that stands against it."""

    spec: JobSpec | None  # with what it leaves open filled in; None where it cannot be read at all
    kind: TaskType | None
    team: WorkTeam | None
    errors: tuple[GroundswellError, ...]  # each names its field

    @property
    def problems(self) -> list[FieldProblem]:
        """The errors by field."""
        return [FieldProblem(error.field or "", error.message) for error in self.errors]


def examine(tx: Transaction, workspace_id: str, given: Mapping[str, Any]) -> Examined:
    """Read a specification and find all that stands against it, by the one set of rules that there is.

    What cannot be read is left out and the rest is looked at nevertheless, so that every problem is said at once.
    """
    read, errors = _read(given)
    if read is None:
        return Examined(None, None, None, tuple(errors))
    spec = read
    known = {error.field or "" for error in errors}
    kind = _found(errors, lambda: registry.get(read.task_type)) if "task_type" not in known else None
    team = _found(errors, lambda: _team(tx, workspace_id, read)) if not known & {"workers", "workers.team"} else None
    for check in _CHECKS:
        _found(errors, partial(check, spec, kind, team))
    if "auto_labeling" not in known:
        _found(errors, lambda: _check_initial_model(tx, workspace_id, read, kind))
    if kind is not None:
        spec = _with_attribute(spec, kind)
        if "name" not in known or "label_attribute" in given:
            _found(errors, partial(_check_attribute, spec, kind))
    return Examined(spec, kind, team, tuple(_first_of_each_field(errors)))


def complete(
    tx: Transaction, workspace_id: str, given: Mapping[str, Any], *, besides: Sequence[GroundswellError] = ()
) -> tuple[JobSpec, TaskType, WorkTeam]:
    """The specification with what it leaves open filled in, its task type and its team.

    besides: what was found to stand against it before.
    Raises what stands against it: InvalidSpec naming every field, InvalidTemplate where only the template does.
    """
    found = examine(tx, workspace_id, given)
    errors = list(_first_of_each_field([*found.errors, *besides]))
    if errors:
        raise _together(errors)
    assert found.spec is not None and found.kind is not None and found.team is not None
    return found.spec, found.kind, found.team


def parse_spec(given: Mapping[str, Any]) -> JobSpec:
    """A specification from JSON; raises InvalidSpec that names every field that cannot be read."""
    spec, errors = _read(given)
    if errors or spec is None:
        raise _together(errors)
    return spec


def _read(given: Mapping[str, Any]) -> tuple[JobSpec | None, list[GroundswellError]]:
    """The specification without what cannot be read of it, and an error for each of those fields."""
    try:
        return JobSpec.model_validate(given), []
    except ValidationError as error:
        problems = problems_of(error)
    errors: list[GroundswellError] = [InvalidSpec(one.message, field=one.field or None) for one in problems]
    rest: dict[str, Any] = {**_STAND_IN, **given} if isinstance(given, Mapping) else {}
    rest = _without(rest, [one.field.split(".") for one in problems])
    try:
        return JobSpec.model_validate({**_STAND_IN, **rest}), errors
    except ValidationError:
        return None, errors


def _without(given: Mapping[str, Any], paths: Iterable[Sequence[str]]) -> dict[str, Any]:
    """A copy without what is at these paths; where one leads into a list, without the list."""
    below: dict[str, list[Sequence[str]]] = {}
    for path in paths:
        below.setdefault(path[0], []).append(path[1:])
    rest: dict[str, Any] = {}
    for key, value in given.items():
        if key not in below:
            rest[key] = value
        elif isinstance(value, Mapping) and all(below[key]):
            rest[key] = _without(value, below[key])
    return rest


def _found(errors: list[GroundswellError], look: Callable[[], T]) -> T | None:
    """What a check answers; what it raises is kept with the others."""
    try:
        return look()
    except InvalidInput as error:
        errors.append(error)
        return None


def _first_of_each_field(errors: Sequence[GroundswellError]) -> Iterator[GroundswellError]:
    """Without what is said of a field, or of a part of it, that is at fault already."""
    at_fault: set[str] = set()
    above: set[str] = set()  # those fields, and what they are parts of
    for error in errors:
        field = error.field or ""
        parts = field.split(".", _DEPTH)
        ways = {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
        if field not in above and not ways & at_fault:
            yield error
        at_fault.add(field)
        above |= ways


def _together(errors: Sequence[GroundswellError]) -> GroundswellError:
    """One error of them all; a single one stays what it is."""
    if len(errors) == 1 and errors[0].field and not isinstance(errors[0], InvalidSpec):
        return errors[0]
    problems = [FieldProblem(error.field or "", error.message) for error in errors]
    return InvalidSpec(sentence_of(problems), field=errors[0].field, field_problems=problems)


def _check_input(spec: JobSpec, kind: TaskType | None, team: WorkTeam | None) -> None:
    if not spec.input:
        raise InvalidSpec(
            "expected a manifest, folder, glob, bucket prefix or CSV to label, got nothing", field="input"
        )
    _check_address(spec.input, "input")


def _check_output(spec: JobSpec, kind: TaskType | None, team: WorkTeam | None) -> None:
    key = _check_address(spec.output, "output").strip("/") if spec.output else ""
    if key and (problem := name_problem(key)):
        raise InvalidSpec(f"expected another address than {spec.output!r}: it {problem}", field="output")


def _check_address(given: str, field: str) -> str:
    """The key or path in an address; raises InvalidSpec for one that nothing can be read from or written to."""
    try:
        return parse_address(given).key
    except InvalidInput as error:
        raise InvalidSpec(error.message, field=field) from error


def _check_template(spec: JobSpec, kind: TaskType | None, team: WorkTeam | None) -> None:
    if spec.template:
        check_usable(spec.template)
    elif kind is not None and not kind.template:
        raise InvalidSpec(f"the task type {kind.name} needs a template of your own", field="template")


def _check_audit(spec: JobSpec, kind: TaskType | None, team: WorkTeam | None) -> None:
    if kind is not None and kind.audit_of is not None and not spec.audit_attribute:
        raise InvalidSpec(
            f"{kind.name} looks at the labels of an earlier job: expected the name of their attribute, got none",
            field="audit_attribute",
        )


def _team(tx: Transaction, workspace_id: str, spec: JobSpec) -> WorkTeam:
    try:
        return tx.teams.by_name(workspace_id, spec.workers.team)
    except NotFound as error:
        known = [team.name for team in tx.teams.select(workspace_id=workspace_id)]
        names = ", ".join(known[:10]) + (", ..." if len(known) > 10 else "")
        raise InvalidSpec(
            f"expected the name of a work team, got {spec.workers.team!r}; there are {names}", field="workers.team"
        ) from error


def _check_labels(spec: JobSpec, kind: TaskType | None, team: WorkTeam | None) -> None:
    if kind is not None and not kind.min_labels <= len(spec.labels) <= kind.max_labels:
        raise InvalidSpec(
            f"the task type {kind.name} takes {kind.min_labels} to {kind.max_labels} labels, got {len(spec.labels)}",
            field="labels",
        )


def _check_initial_model(tx: Transaction, workspace_id: str, spec: JobSpec, kind: TaskType | None) -> None:
    """A job may begin with a model of its workspace that knows the same kind of task and the same labels."""
    given, field = spec.auto_labeling.initial_model, "auto_labeling.initial_model"
    if given is None:
        return
    try:
        model = tx.models.get(model_name(given))
    except (NotFound, InvalidInput) as error:
        raise InvalidSpec(error.message, field=field) from error
    if model.workspace_id != workspace_id:
        raise InvalidSpec(f"there is no model named {given!r}", field=field)
    if (kind is not None and kind.name != model.task_type) or list(model.labels) != spec.labels:
        raise InvalidSpec(
            f"expected a model of this task type with this job's labels in this order; {model.name} is of "
            f"{model.task_type} with {', '.join(model.labels)}",
            field=field,
        )


def _check_method(spec: JobSpec, kind: TaskType | None, team: WorkTeam | None) -> None:
    method = spec.consolidation.method
    if kind is not None and method is not None and method not in kind.methods:
        known = ", ".join(kind.methods) or "none to choose from"
        raise InvalidSpec(
            f"expected a consolidation method of {kind.name} ({known}), got {method!r}", field="consolidation.method"
        )


def _check_options(spec: JobSpec, kind: TaskType | None, team: WorkTeam | None) -> None:
    """What the runner would make of them is made here once, where there are any: nothing else knows every method's."""
    method, options = spec.consolidation.method, spec.consolidation.options
    if kind is None or not options or (method is not None and method not in kind.methods):
        return
    try:
        kind.consolidation(spec.labels, method, options)
    except (TypeError, AttributeError, ValueError, GroundswellError) as error:
        by = f" by {method}" if method else ""
        raise InvalidSpec(
            f"the consolidation of {kind.name}{by} cannot take the options {', '.join(sorted(options))}: {error}",
            field="consolidation.options",
        ) from error


def _check_adult_content(spec: JobSpec, kind: TaskType | None, team: WorkTeam | None) -> None:
    if team is not None and team.kind == TeamKind.PUBLIC and not spec.workers.no_adult_content:
        raise InvalidSpec(
            "public work is shown to anybody: declare that the data is free of adult content, or choose another team",
            field="workers.no_adult_content",
        )


def _check_personal_data(spec: JobSpec, kind: TaskType | None, team: WorkTeam | None) -> None:
    if team is not None and team.kind == TeamKind.PUBLIC and not spec.workers.no_personal_data:
        raise InvalidSpec(
            "public work is shown to anybody: declare that the data is free of personal data, or choose another team",
            field="workers.no_personal_data",
        )


def _check_budget(spec: JobSpec, kind: TaskType | None, team: WorkTeam | None) -> None:
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
    """Label attributes that hold a reference end in -ref, as in Ground Truth."""
    if kind.attribute_ref and spec.label_attribute is None:
        return spec.model_copy(update={"label_attribute": f"{spec.name}-ref"})
    return spec


def _check_attribute(spec: JobSpec, kind: TaskType) -> None:
    check_label_attribute(spec.attribute, is_reference=kind.attribute_ref, audit_attribute=spec.audit_attribute)


_CHECKS = (
    _check_labels,
    _check_method,
    _check_options,
    _check_input,
    _check_output,
    _check_template,
    _check_audit,
    _check_personal_data,
    _check_adult_content,
    _check_budget,
)
