"""The wizard's form fields and a job's specification: the same dotted names, one table, both ways."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from groundswell.domain.errors import FieldProblem
from groundswell.server.formatting import short_duration
from groundswell.server.forms import sentence
from groundswell.wire.job_spec import name_from

STEPS = ("Details and data", "Workers", "Labels and instructions", "Review and start")


@dataclass(frozen=True)
class FormField:
    """One field: its dotted path in the specification, the step it is on, and how it is written in the form."""

    name: str
    step: int
    kind: str = "text"  # text, lines, tick, duration


FIELDS = (
    FormField("name", 1),
    FormField("title", 1),
    FormField("description", 1),
    FormField("task_type", 1),
    FormField("input", 1),
    FormField("input_format", 1),
    FormField("csv_column", 1),
    FormField("sample_percent", 1),
    FormField("skip_bad", 1, "tick"),
    FormField("label_attribute", 1),
    FormField("audit_attribute", 1),
    FormField("output", 1),
    FormField("workers.team", 2),
    FormField("workers.per_object", 2),
    FormField("workers.max_per_object", 2),
    FormField("workers.min_answers", 2),
    FormField("workers.task_time_limit", 2, "duration"),
    FormField("workers.availability", 2, "duration"),
    FormField("workers.max_concurrent_objects", 2),
    FormField("workers.price_usd", 2),
    FormField("workers.estimated_seconds", 2),
    FormField("workers.no_adult_content", 2, "tick"),
    FormField("workers.no_personal_data", 2, "tick"),
    FormField("consolidation.method", 2),
    FormField("consolidation.stop_at_confidence", 2),
    FormField("stop_when.budget_usd", 2),
    FormField("stop_when.human_labeled", 2),
    FormField("stop_when.labeled_percent", 2),
    FormField("auto_labeling.enabled", 2, "tick"),
    FormField("auto_labeling.target_accuracy", 2),
    FormField("labels", 3, "lines"),
    FormField("instructions.header", 3),
    FormField("instructions.short", 3),
    FormField("instructions.full", 3),
    FormField("instructions.good_example", 3),
    FormField("instructions.good_example_text", 3),
    FormField("instructions.bad_example", 3),
    FormField("instructions.bad_example_text", 3),
    FormField("template", 3),
    FormField("hooks.pre_annotation", 3),
    FormField("hooks.post_annotation", 3),
)
REST = "rest"
"""The draft's value that holds, as JSON, what a cloned specification says beyond the form."""
_NEEDED = {"name": "A name for the job", "task_type": "A kind of task"}
_STEP_OF = {field.name: field.step for field in FIELDS}


def step_of(name: str | None) -> int:
    """The step a field is on; the last one for what has no field of its own."""
    wanted = name or ""
    if wanted in _STEP_OF:
        return _STEP_OF[wanted]
    return next((step for field, step in _STEP_OF.items() if wanted.split(".")[0] == field.split(".")[0]), len(STEPS))


def posted(form: Mapping[str, Any], step: int) -> dict[str, str]:
    """What a step's form says: every field of the step, ticks that are off as empty texts."""
    names = [field.name for field in FIELDS if field.step == step]
    said = {name: str(form.get(name, "")).replace("\r\n", "\n") for name in names}
    return said | _named(said) if "name" in said else said


def _named(said: Mapping[str, str]) -> dict[str, str]:
    """The name made from what was typed as one: any title is taken, and shown to workers unless there is another."""
    typed = said["name"].strip()
    name = name_from(typed)
    if not typed or name == typed:
        return {"name": typed}
    return {"name": name, "title": said["title"].strip() or typed}


def spec_document(values: Mapping[str, str]) -> dict[str, Any]:
    """The specification's document: what was left empty is left out, so that defaults hold."""
    document: dict[str, Any] = json.loads(values.get(REST) or "{}")
    for field in FIELDS:
        text = values.get(field.name, "")
        if not text.strip():
            continue
        value: Any = text.strip()
        if field.kind == "lines":
            value = [line.strip() for line in text.split("\n") if line.strip()]
        elif field.kind == "tick":
            value = True
        _put(document, field.name, value)
    return document


def errors_by_field(problems: Iterable[FieldProblem]) -> dict[str, str]:
    """What stands against a specification, by the form's field it is shown at."""
    return {known_field(problem.field): _said(problem) for problem in reversed(list(problems))}


def _said(problem: FieldProblem) -> str:
    if problem.message == "is needed":
        return f"{_NEEDED.get(problem.field, 'This')} is needed."
    return sentence(problem.message)


def values_of(document: Mapping[str, Any]) -> dict[str, str]:
    """A specification's document as form values: for cloning a job."""
    values = {field.name: _written(field, _find(document, field.name)) for field in FIELDS}
    return {**values, REST: json.dumps(_without_fields(document))}


def _without_fields(document: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """What no form field shows."""
    rest = {}
    for name, value in document.items():
        if isinstance(value, Mapping) and any(field.startswith(f"{path}{name}.") for field in _STEP_OF):
            value = _without_fields(value, f"{path}{name}.")
        if f"{path}{name}" not in _STEP_OF and value not in (None, {}, []):
            rest[name] = value
    return rest


def _written(field: FormField, value: Any) -> str:
    if value is None or value is False:
        return ""
    if field.kind == "tick":
        return "yes"
    if field.kind == "lines":
        return "\n".join(str(one) for one in value)
    if field.kind == "duration" and isinstance(value, int):
        return short_duration(value)
    return str(value)


def known_field(path: str) -> str:
    """The form field an error belongs to: `labels.3` is shown at `labels`, `workers` at its first field."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        if ".".join(parts[:length]) in _STEP_OF:
            return ".".join(parts[:length])
    inside: Iterable[str] = (name for name in _STEP_OF if name.startswith(f"{parts[0]}."))
    return {"workers": "workers.per_object"}.get(parts[0], next(iter(inside), path))


def _put(document: dict[str, Any], path: str, value: Any) -> None:
    *folders, last = path.split(".")
    for folder in folders:
        document = document.setdefault(folder, {})
    document[last] = value


def _find(document: Mapping[str, Any], path: str) -> Any:
    found: Any = document
    for part in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found
