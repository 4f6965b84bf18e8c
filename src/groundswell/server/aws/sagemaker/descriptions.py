"""A job as the CreateLabelingJob that would make it: what was asked, with what is in force now.

Of a job made in the console, by the command line or over REST it is put together from its specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from groundswell.domain.arns import Arns
from groundswell.domain.people import WorkTeam
from groundswell.domain.records import LabelingJob
from groundswell.server.aws.sagemaker.common import Given
from groundswell.server.aws.sagemaker.teams import team_arn
from groundswell.service.job_specs import spec_of
from groundswell.tasktypes import registry
from groundswell.wire.job_spec import JobSpec

_MOST_WORKERS = 9
_MOST_CONCURRENT = 5_000
_LINE_BREAKS = str.maketrans("\r\n", "  ")


def described_request(job: LabelingJob, team: WorkTeam, arns: Arns) -> Given:
    """The members of DescribeLabelingJob that a request has."""
    spec = spec_of(job)
    asked: dict[str, Any] = dict(job.request) if job.request is not None else _as_request(job, spec, arns)
    config = {**asked["HumanTaskConfig"], **_in_force(spec), "WorkteamArn": _team(asked, team, arns)}
    described = {**asked, "LabelAttributeName": spec.attribute, "HumanTaskConfig": config}
    described.pop("LabelingJobName", None)
    if conditions := _conditions(spec):
        described["StoppingConditions"] = conditions
    return described


def _team(asked: Given, team: WorkTeam, arns: Arns) -> str:
    """The team's ARN as it was given: that of another account or region names the same team here."""
    given: str | None = asked["HumanTaskConfig"].get("WorkteamArn")
    return given or team_arn(arns, team)


def _in_force(spec: JobSpec) -> Given:
    workers = spec.workers
    return {
        "NumberOfHumanWorkersPerDataObject": min(workers.per_object, _MOST_WORKERS),
        "TaskTimeLimitInSeconds": workers.task_time_limit,
        "TaskAvailabilityLifetimeInSeconds": workers.availability,
        "MaxConcurrentTaskCount": min(workers.max_concurrent_objects, _MOST_CONCURRENT),
    }


def _conditions(spec: JobSpec) -> Given:
    stop, found = spec.stop_when, {}
    if stop.human_labeled is not None:
        found["MaxHumanLabeledObjectCount"] = stop.human_labeled
    if stop.labeled_percent is not None:
        found["MaxPercentageOfInputDatasetLabeled"] = max(1, int(stop.labeled_percent))
    return found


def _as_request(job: LabelingJob, spec: JobSpec, arns: Arns) -> dict[str, Any]:
    said = {
        "FreeOfPersonallyIdentifiableInformation": spec.workers.no_personal_data,
        "FreeOfAdultContent": spec.workers.no_adult_content,
    }
    classifiers = [name for name, true in said.items() if true]
    return {
        "InputConfig": {
            "DataSource": {"S3DataSource": {"ManifestS3Uri": job.input_uri}},
            **({"DataAttributes": {"ContentClassifiers": classifiers}} if classifiers else {}),
        },
        "OutputConfig": {"S3OutputPath": job.output_uri.rpartition("/")[0], "KmsKeyId": ""},
        "RoleArn": arns.role(),
        "HumanTaskConfig": {
            "UiConfig": {},
            "TaskTitle": (spec.title or spec.instructions.header or spec.name)[:128].translate(_LINE_BREAKS),
            "TaskDescription": (spec.description or spec.title or spec.name)[:255].translate(_LINE_BREAKS),
            **({"TaskKeywords": spec.keywords[:5]} if spec.keywords else {}),
            **_functions(spec, arns),
            **_price(spec),
        },
    }


def _functions(spec: JobSpec, arns: Arns) -> Given:
    """The functions' ARNs: the users' own by their names, else Ground Truth's of the task type."""
    names = registry.get(spec.task_type).ground_truth_names if spec.task_type in registry.names() else ()
    own = {"PRE": spec.hooks.pre_annotation, "ACS": spec.hooks.post_annotation}
    found = {which: _function(own[which], f"{which}-{names[0]}" if names else None, arns) for which in ("PRE", "ACS")}
    answer: dict[str, Any] = {}
    if found["PRE"]:
        answer["PreHumanTaskLambdaArn"] = found["PRE"]
    if found["ACS"]:
        answer["AnnotationConsolidationConfig"] = {"AnnotationConsolidationLambdaArn": found["ACS"]}
    return answer


def _function(own: str | None, built_in: str | None, arns: Arns) -> str | None:
    if own is None:
        return arns.function(built_in) if built_in else None
    if own.startswith("arn:"):
        return own
    return None if ":" in own else arns.function(own)  # an address or a module has no name in Lambda


def _price(spec: JobSpec) -> Mapping[str, Any]:
    tenths = int(spec.workers.price_usd * 1_000)
    if not tenths:
        return {}
    amount = {"Dollars": tenths // 1_000, "Cents": tenths // 10 % 100, "TenthFractionsOfACent": tenths % 10}
    return {"PublicWorkforceTaskPrice": {"AmountInUsd": amount}}
