"""Labeling jobs: described, listed, stopped. Making one is in `create_job.py`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from groundswell.domain.arns import Arns
from groundswell.domain.records import JobCounters, JobSummary, LabelingJob
from groundswell.domain.states import JobState
from groundswell.server.aws.doors import Call
from groundswell.server.aws.sagemaker.common import (
    MOST,
    NOT_FOUND,
    Given,
    arns_of,
    invalid,
    make_token,
    naming,
    read_token,
    tags_out,
)
from groundswell.server.aws.sagemaker.descriptions import described_request
from groundswell.server.aws.sagemaker.teams import team_arn, team_name
from groundswell.service import auto_labeling, job_listing, labeling_jobs
from groundswell.service.job_listing import ListedJob
from groundswell.service.ports import JobQuery

_STATES: Mapping[str, frozenset[JobState]] = {
    "Initializing": frozenset(),
    "InProgress": frozenset({JobState.INITIALIZING, JobState.IN_PROGRESS, JobState.PAUSED}),
    "Completed": frozenset({JobState.COMPLETED}),
    "Failed": frozenset({JobState.FAILED}),
    "Stopping": frozenset({JobState.STOPPING}),
    "Stopped": frozenset({JobState.STOPPED}),
}
"""What LabelingJobStatus says of each state here.

Scripts poll for InProgress right after CreateLabelingJob and take anything else for the end: reading the input is
progress too. A paused job goes on.
"""
_STATUS = {state: status for status, states in _STATES.items() for state in states}
_SORTS = {"CreationTime": "created", "Name": "name", "Status": "state"}
_MOST_REASON = 1_024


def describe_labeling_job(call: Call, given: Given) -> Given:
    """DescribeLabelingJob."""
    with naming(not_found=("ResourceNotFound", NOT_FOUND)):
        view = labeling_jobs.describe(call.here, call.caller.principal, given["LabelingJobName"])
    job, arns = view.job, arns_of(call)
    team = call.here.read(lambda tx: tx.teams.get(job.team_id))
    tags: Mapping[str, str] = job.spec["tags"]
    return {
        "LabelingJobStatus": _STATUS[job.state],
        "LabelCounters": _counters(job.counters),
        **_reason(job),
        "CreationTime": job.created_at,
        "LastModifiedTime": job.last_modified_at,
        "JobReferenceCode": reference_code(job.id),
        "LabelingJobName": job.name,
        "LabelingJobArn": arns.job(job.name),
        **described_request(job, team, arns),
        **({"Tags": tags_out(tags)} if tags else {}),
        **_with_model(call, job, arns, _output(job, job.output_uri)),
    }


def list_labeling_jobs(call: Call, given: Given) -> Given:
    """ListLabelingJobs."""
    sort = _SORTS[given.get("SortBy", "CreationTime")]
    query = replace(
        _query("ListLabelingJobs", given, sort),
        name_contains=given.get("NameContains") or None,
        states=_STATES[given["StatusEquals"]] if "StatusEquals" in given else None,
        modified_after=given.get("LastModifiedTimeAfter"),
        modified_before=given.get("LastModifiedTimeBefore"),
    )
    found = job_listing.listing(call.here, call.caller.principal, query)
    arns = arns_of(call)
    return _page("ListLabelingJobs", sort, query, found, [_summary(one, arns) for one in found])


def list_labeling_jobs_for_workteam(call: Call, given: Given) -> Given:
    """ListLabelingJobsForWorkteam."""
    query, code = _query("ListLabelingJobsForWorkteam", given, "created"), given.get("JobReferenceCodeContains")
    with naming(not_found=("ResourceNotFound", NOT_FOUND)):
        name = team_name(given["WorkteamArn"])
        found = _with_code(call, name, query, code)
    account = arns_of(call).account
    shown = [_summary_for_team(one.job, account) for one in found]
    return _page("ListLabelingJobsForWorkteam", "created", query, found, shown)


def stop_labeling_job(call: Call, given: Given) -> None:
    """StopLabelingJob. Stopping again changes nothing; a job that ended by itself cannot be stopped any more."""
    with naming(not_found=("ResourceNotFound", NOT_FOUND), conflict=("ValidationException", "")):
        labeling_jobs.stop(call.here, call.caller.principal, given["LabelingJobName"])


def reference_code(job_id: int) -> str:
    """What a vendor knows a job by."""
    return hashlib.blake2b(f"labeling job {job_id}".encode(), digest_size=12).hexdigest()


def _query(operation: str, given: Given, sort: str) -> JobQuery:
    key = int if sort == "created" else str
    after: Any = read_token(operation, given, (str, key, int))
    if after is not None and after[0] != sort:
        raise invalid("The NextToken is of a listing in another order: go on as it began")
    return JobQuery(
        limit=given.get("MaxResults", MOST),
        sort_by=sort,  # type: ignore[arg-type]
        descending=given.get("SortOrder") == "Descending",
        after=None if after is None else (after[1], after[2]),
        created_after=given.get("CreationTimeAfter"),
        created_before=given.get("CreationTimeBefore"),
    )


def _page(operation: str, sort: str, query: JobQuery, found: Sequence[ListedJob], shown: Sequence[Given]) -> Given:
    """A page that is full may have another after it."""
    answer: dict[str, Any] = {"LabelingJobSummaryList": list(shown)}
    if len(found) == query.limit:
        answer["NextToken"] = make_token(operation, [sort, *found[-1].after])
    return answer


def _with_code(call: Call, name: str, query: JobQuery, code: str | None) -> list[ListedJob]:
    """A page of a team's jobs whose reference code contains this."""
    found: list[ListedJob] = []
    while len(found) < query.limit:
        page = job_listing.of_team(call.here, call.caller.principal, name, query)
        found += [one for one in page if code is None or code in reference_code(one.job.id)]
        if len(page) < query.limit:
            break
        query = replace(query, after=page[-1].after)
    return found[: query.limit]


def _summary(one: ListedJob, arns: Arns) -> Given:
    job, request = one.job, one.job.request or {}
    config: Given = request.get("HumanTaskConfig", {})
    post = config.get("AnnotationConsolidationConfig", {}).get("AnnotationConsolidationLambdaArn")
    known = {
        "PreHumanTaskLambdaArn": config.get("PreHumanTaskLambdaArn"),
        "AnnotationConsolidationLambdaArn": post,
        "InputConfig": request.get("InputConfig") or {"DataSource": {"S3DataSource": {"ManifestS3Uri": job.input_uri}}},
    }
    return {
        "LabelingJobName": job.name,
        "LabelingJobArn": arns.job(job.name),
        "CreationTime": job.created_at,
        "LastModifiedTime": job.last_modified_at,
        "LabelingJobStatus": _STATUS[job.state],
        "LabelCounters": _counters(job.counters),
        "WorkteamArn": team_arn(arns, one.team),
        **{name: value for name, value in known.items() if value},
        **_reason(job),
        **_output(job, job.output_uri),
    }


def _summary_for_team(job: JobSummary, account: str) -> Given:
    counters = job.counters
    wanted = (job.request or {}).get("HumanTaskConfig", {}).get("NumberOfHumanWorkersPerDataObject")
    return {
        "LabelingJobName": job.name,
        "JobReferenceCode": reference_code(job.id),
        "WorkRequesterAccountId": account,
        "CreationTime": job.created_at,
        "LabelCounters": {
            "HumanLabeled": counters.human_labeled,
            "PendingHuman": counters.pending + counters.open + counters.answered,
            "Total": counters.total,
        },
        **({"NumberOfHumanWorkersPerDataObject": wanted} if wanted else {}),
    }


def _counters(counters: JobCounters) -> Given:
    return {
        "TotalLabeled": counters.labeled,
        "HumanLabeled": counters.human_labeled,
        "MachineLabeled": counters.machine_labeled,
        "FailedNonRetryableError": counters.failed,
        "Unlabeled": counters.pending + counters.open + counters.answered,
    }


def _reason(job: LabelingJob | JobSummary) -> Given:
    if job.state is not JobState.FAILED or not job.failure_reason:
        return {}
    return {"FailureReason": job.failure_reason[:_MOST_REASON]}


def _with_model(call: Call, job: LabelingJob, arns: Arns, output: Given) -> Given:
    """The output with the model that labeled last, where one did."""
    if not output or not job.counters.machine_labeled:
        return output
    found = auto_labeling.describe(call.here, call.caller.principal, job.name)
    models = [one.data["model"] for one in found.attempts if one.data["outcome"] == "certified"]
    final = {"FinalActiveLearningModelArn": arns.model(models[-1])} if models else {}
    return {"LabelingJobOutput": {**output["LabelingJobOutput"], **final}}


def _output(job: LabelingJob | JobSummary, uri: str) -> Given:
    """Where the output is, as soon as there is one."""
    if job.state not in (JobState.COMPLETED, JobState.STOPPED) and not job.counters.labeled:
        return {}
    return {"LabelingJobOutput": {"OutputDatasetS3Uri": f"{uri.rstrip('/')}/manifests/output/output.manifest"}}
