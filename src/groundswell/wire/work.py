"""What a worker's page, the SDK and the simulated crowd exchange with the server while people label."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

MAX_HOLDING = 8  # assignments that a page names when it takes another: one on screen, the others fetched ahead


class TakeRequest(BaseModel):
    """Body of `POST /api/v1/jobs/{name}/assignments`; may be left out."""

    holding: list[str] = Field(
        default_factory=list,
        max_length=MAX_HOLDING,
        description="Assignments this page already has on screen or fetched ahead: another one is wanted",
    )


class Task(BaseModel):
    """What is to be done, without anything another worker answered."""

    job: str
    title: str
    object: int = Field(description="The data object's number: the 0-based line of the manifest")
    frame_url: str = Field(description="A signed page with the rendered template, for a sandboxed iframe")
    labels: list[str] = Field(default_factory=list)
    input: dict[str, Any] = Field(default_factory=dict, description="The manifest line; media links are signed")


class TakenTask(BaseModel):
    """An assignment and its task: the answer to taking one, and to asking for it again after a reload."""

    assignment_id: str
    task: Task
    accepted_at: datetime
    expires_at: datetime
    time_limit_s: int
    reward_usd_micros: int
    draft: Any | None = Field(None, description="What was saved as the worker went along")


class BeginResponse(BaseModel):
    """`POST /api/v1/assignments/{id}/begin`: a task fetched ahead is on screen now, so its time starts. Once only."""

    accepted_at: datetime
    expires_at: datetime
    draft: Any = Field(None, description="What this worker had of the task, also before its time ran out once")


class SubmitRequest(BaseModel):
    """Body of `PUT /api/v1/assignments/{id}/annotation`. The assignment's id is the idempotency key."""

    answer: dict[str, Any]
    time_spent_s: float = Field(0, ge=0, description="Active time, pauses left out")


class SubmitResponse(BaseModel):
    """The annotation is durable."""

    assignment_id: str
    submitted_at: datetime
    reward_usd_micros: int


class OpenJob(BaseModel):
    """One row of a worker's list."""

    name: str
    title: str
    description: str
    task_type: str
    team: str
    reward_usd_micros: int
    time_limit_s: int
    estimated_seconds: int | None
    left: int = Field(description="About how many tasks are open to this worker now")
    held: list[str] = Field(default_factory=list, description="Assignments of this job the worker can resume")
    done: int = Field(0, description="Annotations this worker has submitted to the job")


class MyJobs(BaseModel):
    """`GET /api/v1/me/jobs`."""

    jobs: list[OpenJob]
    earned_today_usd_micros: int = 0
    done_today: int = 0
