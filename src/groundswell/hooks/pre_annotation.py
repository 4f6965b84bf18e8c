"""Ground Truth's pre-annotation request and response (developer guide, "Pre-annotation Lambda")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from groundswell.domain.errors import InvalidInput

VERSION = "2018-10-16"


@dataclass(frozen=True)
class Prepared:
    """What a pre-annotation function made of an object."""

    task_input: Mapping[str, Any]
    needs_people: bool


def request(job_arn: str, data_object: Mapping[str, Any]) -> dict[str, Any]:
    """The event: the whole manifest line is the data object."""
    return {"version": VERSION, "labelingJobArn": job_arn, "dataObject": dict(data_object)}


def read_response(answer: Any) -> Prepared:
    """The response, either spelling of its flag, a boolean or a text. Raises InvalidInput."""
    if not isinstance(answer, Mapping) or not isinstance(answer.get("taskInput"), Mapping):
        raise InvalidInput(
            'the pre-annotation hook: expected {"taskInput": {...}, "isHumanAnnotationRequired": true}, '
            f"got {answer!r:.200}",
            field="hooks.pre_annotation",
        )
    flag = answer.get("isHumanAnnotationRequired", answer.get("humanAnnotationRequired", True))
    if isinstance(flag, str) and flag.strip().lower() in ("true", "false"):
        flag = flag.strip().lower() == "true"
    if not isinstance(flag, bool):
        raise InvalidInput(
            f"the pre-annotation hook: expected isHumanAnnotationRequired true or false, got {flag!r}",
            field="hooks.pre_annotation",
        )
    return Prepared(answer["taskInput"], flag)
