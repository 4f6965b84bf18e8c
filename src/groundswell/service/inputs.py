"""Looking at an input before a job is made of it: the problems of its lines, and the first of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from groundswell.domain.errors import InvalidInput, LineProblem
from groundswell.domain.job_notes import LeftOutFiles
from groundswell.domain.people import Principal
from groundswell.manifests.left_out import LeftOut
from groundswell.manifests.lines import LineChecker, LineRules
from groundswell.service import input_sample
from groundswell.service.access import Action, require_here
from groundswell.service.context import Context
from groundswell.tasktypes import registry
from groundswell.wire import jobs as wire
from groundswell.wire.job_spec import JobSpec

SHOWN = 3
SAMPLES: Mapping[str, Mapping[str, Any]] = {
    "image": {"source-ref": "/static/sample.svg"},
    "text": {"source": "The train to the coast was late again, but the view made up for it."},
}
"""What a preview shows before there is any input."""


@dataclass(frozen=True)
class InputReport:
    """What an input holds, and what is wrong with it."""

    objects: int
    problems: tuple[LineProblem, ...]
    problem_count: int
    first: tuple[Mapping[str, Any], ...]  # the first good lines
    left_out: Sequence[LeftOutFiles] = ()  # files that are not used


def check(context: Context, principal: Principal, asked: wire.ManifestCheck) -> InputReport:
    """Every problem of an input's lines (a manifest's, or those made of files, CSV or text): the first hundred."""
    require_here(principal, Action.CREATE_JOB)
    checker = LineChecker(LineRules(label_attribute=asked.label_attribute))
    first: list[Mapping[str, Any]] = []
    left_out = LeftOut()
    lines = input_sample.input_lines(
        context.storage_of(principal),
        asked.input,
        input_format=asked.input_format,
        column=asked.csv_column,
        left_out=left_out,
    )
    for line in lines:
        if checker.check(line) is not None and len(first) < SHOWN:
            first.append(json.loads(line))
    return InputReport(checker.lines, tuple(checker.problems), checker.problem_count, tuple(first), left_out.as_json())


def glance(context: Context, principal: Principal, spec: JobSpec) -> Mapping[str, Any]:
    """The first line of a specification's input; raises what an input that cannot be labeled raises."""
    require_here(principal, Action.CREATE_JOB)
    found = input_sample.first_lines(context.storage_of(principal), spec, 1)
    if not found:
        raise InvalidInput(
            "there is nothing to label there: no file or line that this kind of task can use", field="input"
        )
    return found[0]


def sample(
    context: Context, principal: Principal, spec: JobSpec, line: Mapping[str, Any] | None = None
) -> Mapping[str, Any]:
    """A line to preview a specification with: this, or the first of its input, or a made-up one before there is any."""
    require_here(principal, Action.CREATE_JOB)
    if line is not None:
        return line
    found = input_sample.first_lines(context.storage_of(principal), spec, 1)
    return found[0] if found else SAMPLES.get(registry.get(spec.task_type).modality, SAMPLES["text"])
