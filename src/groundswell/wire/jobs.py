"""Labeling jobs, their data objects and their numbers as the API shows them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from groundswell.wire.hooks import HookState
from groundswell.wire.job_spec import Duration, JobSpec

JobStateName = Literal["Initializing", "InProgress", "Paused", "Stopping", "Stopped", "Completed", "Failed"]
ObjectStateName = Literal["pending", "open", "answered", "labeled", "failed", "skipped"]


class Counters(BaseModel):
    """Data objects of a job by where they are."""

    total: int
    pending: int
    open: int
    answered: int
    labeled: int
    human_labeled: int
    machine_labeled: int
    failed: int
    skipped: int
    annotations: int
    spent_usd_micros: int


class BadLine(BaseModel):
    """One problem of a job's input."""

    line: int = Field(description="Counted from 1; 0: it is about a file of an import, which key names")
    key: str | None = Field(None, description="The member of the line at fault")
    message: str


class LeftOutFiles(BaseModel):
    """Files of a job's input that are not used, by why."""

    why: str
    count: int
    names: list[str] = Field(description="The first of them")


class Ingest(BaseModel):
    """How far reading a job's input is, and what was found."""

    phase: str | None = Field(
        None, description="making, checking, inserting, importing, done, failed; null before it begins"
    )
    done: int = Field(0, description="Lines made, checked or inserted")
    total: int | None = Field(None, description="Of how many; an estimate while checking")
    lines: int | None = Field(None, description="Of the whole input, where a sample is taken")
    made_from: str | None = Field(None, description="What was given, where a manifest was made of it")
    message: str | None = Field(None, description="Why it failed")
    problems: list[BadLine] = Field(default_factory=list, description="The first of them")
    problem_count: int = 0
    left_out: list[LeftOutFiles] = Field(default_factory=list)
    imported_from: str | None = Field(None, description="The Ground Truth job's output folder")


class Job(BaseModel):
    """A labeling job."""

    name: str
    state: JobStateName
    task_type: str
    team: str
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    failure_reason: str | None = None
    trouble: str | None = Field(None, description="Why the runner cannot go on at present; it tries again")
    created_by: str | None = Field(None, description="Who asked for it, by name")
    shared: bool = Field(True, description="Whether the workspace's other requesters and reviewers see it")
    input_uri: str
    output_uri: str
    output_manifest: str
    label_attribute: str
    counters: Counters
    hooks: dict[str, HookState] = Field(
        default_factory=dict, description="What its functions do, once there is something to tell: by their role"
    )
    ingest: Ingest = Field(default_factory=Ingest)
    spec: dict[str, Any] = Field(description="The specification, exactly as asked")


class JobPage(BaseModel):
    """One page of jobs, newest first; pass `next` back as `after`."""

    jobs: list[Job]
    next: str | None = None


class Extend(BaseModel):
    """`POST /api/v1/jobs/{name}/extend`: more of anything; a stopped or completed job goes on."""

    model_config = ConfigDict(extra="forbid")

    per_object: int | None = Field(None, ge=1, le=100)
    max_per_object: int | None = Field(None, ge=1, le=100)
    availability: Duration | None = Field(None, ge=60, le=365 * 86_400)
    task_time_limit: Duration | None = Field(None, ge=30, le=30 * 86_400)
    human_labeled: int | None = Field(None, ge=1)
    labeled_percent: float | None = Field(None, gt=0, le=100)
    budget_usd: Decimal | None = Field(None, gt=0, le=1_000_000_000)
    put_back_failed: bool = Field(True, description="Objects that failed are tried again")


class Consolidate(BaseModel):
    """`POST /api/v1/jobs/{name}/consolidate`: make a job's labels anew, of the answers there are."""

    model_config = ConfigDict(extra="forbid")

    method: str | None = Field(None, description="Default: the job's own")


class FollowUp(BaseModel):
    """`POST /api/v1/jobs/{name}/follow-ups`: a job that goes on from another."""

    model_config = ConfigDict(extra="forbid")

    way: Literal["clone", "chain", "verify", "adjust"]
    name: str = Field(max_length=100, description="Of the new job")
    relabel: bool | None = Field(
        None,
        description="Chained: label everything anew, under a new attribute, or only what has no label; default: anew "
        "after a job that was completed",
    )
    changes: dict[str, Any] = Field(default_factory=dict, description="Members of the specification that differ")


class ImportJob(BaseModel):
    """`POST /api/v1/jobs/import`: take over a finished Ground Truth job from its output folder."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(min_length=1, max_length=2_000, description="<S3OutputPath>/<job name>, or an upload's folder")
    name: str | None = Field(None, description="Default: the job's own name")
    label_attribute: str | None = Field(None, description="Default: that of the job's own labels")
    task_type: str | None = Field(None, description="Default: as the labels' metadata says")
    labels: list[str] | None = Field(None, max_length=1_000, description="In order; default: those in the labels")
    template: str | None = Field(None, max_length=1_000_000, description="Of a custom job")


class Imported(BaseModel):
    """The job that an import fills."""

    job: Job
    is_new: bool = Field(description="False: it was imported before")


class Share(BaseModel):
    """`POST /api/v1/jobs/{name}/share`."""

    model_config = ConfigDict(extra="forbid")

    shared: bool


class PutBack(BaseModel):
    """`POST /api/v1/jobs/{name}/objects/put-back`."""

    model_config = ConfigDict(extra="forbid")

    objects: list[int] | None = Field(None, max_length=100_000, description="Numbers; default: every failed object")


class WithdrawLabels(BaseModel):
    """`POST /api/v1/jobs/{name}/objects/withdraw-labels`."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    objects: list[Annotated[int, Field(ge=0, lt=2**53)]] | None = Field(
        None, max_length=100_000, description="Numbers; default: every object whose label a model gave"
    )
    reason: str = Field(min_length=1, max_length=500, description="Why; shown in the history of each object")


class Count(BaseModel):
    """How many were touched."""

    count: int


class Label(BaseModel):
    """A consolidated label."""

    value: Any
    category: str | None
    confidence: float
    human: bool
    disputed: bool
    annotations: int
    labeled_at: datetime
    metadata: dict[str, Any] = Field(default_factory=dict)


class Object(BaseModel):
    """One data object of a job."""

    n: int
    state: ObjectStateName
    label: Label | None = None
    wanted: int
    held: int
    answered: int
    declined: int
    failure_reason: str | None = None
    source: str | None = Field(None, description="The text, or the reference as the manifest has it")
    url: str | None = Field(None, description="A signed link to what `source-ref` names")


class ObjectPage(BaseModel):
    """One page of data objects in order of n; pass `next` back as `after`."""

    objects: list[Object]
    next: str | None = None
    count: int | None = Field(None, description="How many match in all, on the first page")


class Event(BaseModel):
    """One thing that happened to a data object."""

    at: datetime
    what: str = Field(description="published, accepted, submitted, returned, declined, expired, labeled, failed")
    worker: str | None = None
    note: str | None = None


class AnnotationOut(BaseModel):
    """One worker's submitted answer."""

    assignment_id: str
    n: int
    worker: str
    worker_name: str | None = None
    answer: dict[str, Any]
    category: str | None = Field(None, description="The answer's label category, where it is one")
    agrees: bool | None = Field(None, description="Whether it is the consolidated label's category")
    accepted_at: datetime
    submitted_at: datetime
    time_spent_s: float


class ObjectDetail(Object):
    """One data object with its annotations and its history."""

    manifest_line: dict[str, Any]
    annotations: list[AnnotationOut]
    history: list[Event]


class TaskTypeOut(BaseModel):
    """A kind of task."""

    name: str
    title: str
    summary: str
    modality: str
    min_labels: int
    max_labels: int
    default_per_object: int
    default_time_limit_s: int
    methods: list[str]


class Preview(BaseModel):
    """`POST /api/v1/jobs/preview`: a draft and a line to show it with."""

    model_config = ConfigDict(extra="forbid")

    spec: JobSpec
    line: dict[str, Any] | None = Field(None, description="A manifest line; default: the first of the input")


class PreviewOut(BaseModel):
    """What a worker will see."""

    html: str


class ManifestCheck(BaseModel):
    """`POST /api/v1/manifests/check`."""

    model_config = ConfigDict(extra="forbid")

    input: str
    input_format: Literal["auto", "manifest", "files", "csv", "text"] = "auto"
    csv_column: str | None = None
    label_attribute: str | None = None


class LineProblemOut(BaseModel):
    """One thing wrong with one line."""

    line: int
    key: str | None
    message: str


class ManifestReport(BaseModel):
    """What a manifest holds, and what is wrong with it."""

    input: str
    objects: int
    ok: bool
    problems: list[LineProblemOut]
    problem_count: int
    first: list[dict[str, Any]] = Field(default_factory=list, description="The first lines")
    left_out: list[LeftOutFiles] = Field(default_factory=list, description="Files of a folder that are not used")


class Upload(BaseModel):
    """Files that were stored; `uri` names them as a job's input."""

    uri: str
    files: int
    bytes: int
