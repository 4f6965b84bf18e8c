"""Ground Truth's names for kinds of tasks: its PRE-/ACS- functions, algorithms and worker UIs of all regions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from groundswell.domain.arns import AWS_ACCOUNT, function_name, resource_of
from groundswell.server.aws.sagemaker.common import Given, invalid
from groundswell.tasktypes import registry
from groundswell.tasktypes.base import TaskType

_BUILT_IN = re.compile(r"(PRE|ACS)-(\w+)")
_PASS_THROUGH = "PassThrough"
_NOT_YET = (
    "VideoMultiClass",
    "VideoClassification",
    "VideoObjectDetection",
    "VideoObjectTracking",
    "AdjustmentVideoObjectDetection",
    "AdjustmentVideoObjectTracking",
    "3DPointCloudObjectDetection",
    "3DPointCloudObjectTracking",
    "3DPointCloudSemanticSegmentation",
    "Adjustment3DPointCloudObjectDetection",
    "Adjustment3DPointCloudObjectTracking",
    "Adjustment3DPointCloudSemanticSegmentation",
)
_ALGORITHMS: Mapping[str, str] = {
    "image-classification": "ImageMultiClass",
    "text-classification": "TextMultiClass",
    "object-detection": "BoundingBox",
    "semantic-segmentation": "SemanticSegmentation",
}
_ALGORITHM = re.compile(r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:labeling-job-algorithm-specification/([\w-]+)")


@dataclass(frozen=True)
class AskedTask:
    """What kind of task a request's functions say, and which of them are users' own."""

    name: str  # Ground Truth's; empty: custom
    kind: TaskType
    pre_annotation: str | None = None  # a function's ARN
    post_annotation: str | None = None

    @property
    def is_custom(self) -> bool:
        """Whether no function of Ground Truth's own says what it is."""
        return not self.name


def asked_task(config: Given) -> AskedTask:
    """The task of a HumanTaskConfig. Raises AwsError for tasks that are not here, and for names that disagree."""
    pre = config.get("PreHumanTaskLambdaArn")
    post = config.get("AnnotationConsolidationConfig", {}).get("AnnotationConsolidationLambdaArn")
    found = {"PRE": _built_in(pre, "PRE"), "ACS": _built_in(post, "ACS")}
    names = {name for name in found.values() if name and name != _PASS_THROUGH}
    if len(names) > 1:
        raise invalid(
            f"PreHumanTaskLambdaArn and AnnotationConsolidationLambdaArn are of different tasks: {pre}, {post}"
        )
    name = names.pop() if names else ""
    own_pre = pre if pre and found["PRE"] is None else None
    own_post = post if post and found["ACS"] is None else None
    return AskedTask(name, _kind(name), own_pre, own_post)


def check_algorithm(arn: str, task: AskedTask) -> None:
    """Raise AwsError unless an algorithm for automated labeling is that of the task."""
    match = _ALGORITHM.fullmatch(arn)
    wanted = _ALGORITHMS.get(match[1]) if match else None
    if wanted is None:
        known = ", ".join(_ALGORITHMS)
        raise invalid(f"LabelingJobAlgorithmSpecificationArn {arn} is not known: expected one that ends in {known}")
    if wanted != task.name:
        raise invalid(
            f"LabelingJobAlgorithmSpecificationArn {arn} is for {wanted} tasks, the job's functions are for "
            f"{task.name or 'custom'} tasks"
        )


def check_own_ui(arn: str, task: AskedTask) -> None:
    """Raise AwsError unless one of SageMaker's own worker UIs (of its account) is that of the task."""
    resource = resource_of(arn)
    name = resource.name if resource else arn
    if name != task.name:
        if name != "NamedEntityRecognition":
            raise invalid(f"The worker UI {arn} is for video frames or point clouds, {_WHY_NOT}")
        raise invalid(f"The worker UI {arn} is not for {task.name or 'custom'} tasks")


def is_sagemakers(arn: str) -> bool:
    """Whether a worker UI is one of SageMaker's own."""
    resource = resource_of(arn)
    return resource is not None and resource.account == AWS_ACCOUNT


_WHY_NOT = "which are not supported on this server yet"


def _built_in(arn: str | None, which: str) -> str | None:
    """The task in the name of one of Ground Truth's functions; None for a user's own."""
    name = function_name(arn) if arn else None
    match = _BUILT_IN.fullmatch(name or "")
    if match is None or (match[2] not in _NOT_YET and match[2] != _PASS_THROUGH and _of(match[2]) is None):
        return None
    if match[1] != which:
        other = "AnnotationConsolidationLambdaArn" if which == "PRE" else "PreHumanTaskLambdaArn"
        raise invalid(f"{arn} is not a function of this kind: expected {which}-{match[2]} here, and it as {other}")
    return match[2]


def _of(name: str) -> TaskType | None:
    return registry.by_ground_truth_name(name)


def _kind(name: str) -> TaskType:
    if name in _NOT_YET:
        raise invalid(f"The task type {name} is for videos or point clouds, {_WHY_NOT}")
    return (_of(name) if name else None) or registry.get("custom")
