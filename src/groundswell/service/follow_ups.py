"""Jobs that follow another: the same once more, the rest of its objects, a look at its labels, their correction.

Ground Truth's "Chaining labeling jobs" and "Verify and adjust labels" (developer guide): a chained job reads the output
manifest of the one before. Under the same label attribute it labels what has no label, under a new one everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from groundswell.domain.errors import Conflict, InvalidSpec
from groundswell.domain.people import Principal
from groundswell.domain.records import LabelingJob
from groundswell.domain.states import ENDED, JobState
from groundswell.service import labeling_jobs
from groundswell.service.access import Action, job_for, require_here
from groundswell.service.context import Context
from groundswell.tasktypes import registry
from groundswell.wire.jobs import FollowUp

Way = Literal["clone", "chain", "verify", "adjust"]
WAYS: tuple[Way, ...] = get_args(Way)
VERDICTS = ("correct", "wrong")
_SHOWN = ("image-classification", "object-detection", "semantic-segmentation")
"""Kinds of task whose labels the built-in template of verification shows; and those that adjust them."""
_NOT_THE_INPUT = {"input_format": "manifest", "csv_column": None, "sample_percent": None, "sample_seed": 0}
_OF_LABELS: Mapping[str, Any] = {
    "template": None,
    "hooks": {},
    "consolidation": {},
    "auto_labeling": {},
    "skip_bad": True,
}
"""Of a job that looks at labels: the built-in templates show them; a line without one fails by itself."""


def create(context: Context, principal: Principal, name: str, asked: FollowUp) -> LabelingJob:
    """Make a job that follows another, with these changes. Raises as `specification` and `labeling_jobs.create` do."""
    given = specification(context, principal, name, asked.way, relabel=asked.relabel)
    return labeling_jobs.create(context, principal, {**given, **asked.changes, "name": asked.name})


def specification(
    context: Context, principal: Principal, name: str, way: Way, *, relabel: bool | None = None
) -> dict[str, Any]:
    """The specification of a job that follows another, but for its name.

    relabel : of a chained job: everything is labeled anew, under an attribute of its own; None: only after a job that
    was completed. Raises Conflict for a job that has not ended or has no output, InvalidSpec for labels of a kind that
    cannot be looked at so.
    """
    require_here(principal, Action.CREATE_JOB)
    job = context.read(lambda tx: job_for(tx, principal, name))
    given: dict[str, Any] = {key: value for key, value in job.spec.items() if key != "name"}
    if _is_of_name(job.spec):
        given["label_attribute"] = None
    if way == "clone":
        return given
    given |= {**_NOT_THE_INPUT, "input": _output(context, job)}
    if way == "chain":
        anew = job.state is JobState.COMPLETED if relabel is None else relabel
        return given | {"label_attribute": None if anew else attribute_of(job)}
    given |= {**_OF_LABELS, "label_attribute": None, "audit_attribute": attribute_of(job)}
    if way == "verify":
        if not _is_shown(job):
            raise InvalidSpec(
                f"labels of {job.task_type} are not shown by the template of verification, which shows those of "
                f"{', '.join(_SHOWN)}: create a custom job over {given['input']} with a template of your own",
                field="way",
            )
        return given | {"task_type": "label-verification", "labels": list(VERDICTS), "instructions": {}}
    return given | {"task_type": _adjustment(job)}


def attribute_of(job: LabelingJob) -> str:
    """The label attribute name of a job."""
    return str(job.spec.get("label_attribute") or job.spec["name"])


def ways_of(job: LabelingJob, *, has_output: bool) -> tuple[Way, ...]:
    """How a job can be followed now."""
    if job.state not in ENDED or not has_output:
        return ("clone",)
    possible = {"clone": True, "chain": True, "verify": _is_shown(job), "adjust": _adjustment_or_none(job) is not None}
    return tuple(way for way in WAYS if possible[way])


def _is_of_name(spec: Mapping[str, Any]) -> bool:
    """Whether the attribute is the one that the job's name gave it."""
    return spec.get("label_attribute") in (None, spec["name"], f"{spec['name']}-ref")


def _is_shown(job: LabelingJob) -> bool:
    return bool({job.task_type, registry.get(job.task_type).audit_of} & {*_SHOWN})


def _output(context: Context, job: LabelingJob) -> str:
    """The manifest that the next job reads; of one that failed before it wrote any, its own input."""
    if job.state not in ENDED:
        raise Conflict(f"the job {job.name} is {job.state.value}: wait for its end, or stop it, then go on from it")
    uri = labeling_jobs.output_manifest(job)
    if context.storage.exists(uri):
        return uri
    if job.state is JobState.FAILED and job.input_uri:
        return job.input_uri
    raise Conflict(f"the job {job.name} has no output manifest at {uri}")


def _adjustment_or_none(job: LabelingJob) -> str | None:
    kinds = registry.every().values()
    labels = registry.get(job.task_type)
    own = labels.name if labels.audit_of not in (None, "any") else None  # an adjustment, adjusted again
    return own or next((kind.name for kind in kinds if kind.audit_of == labels.name), None)


def _adjustment(job: LabelingJob) -> str:
    found = _adjustment_or_none(job)
    if found is None:
        raise InvalidSpec(
            f"labels of {job.task_type} cannot be adjusted: expected bounding boxes or masks of classes. Chain a job "
            "that labels them anew, or verify them",
            field="way",
        )
    return found
