"""Worker UIs (templates kept by name) and tags, as the API shows them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class NewWorkerUi(BaseModel):
    """`POST /api/v1/worker-uis`."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9](-*[a-z0-9])*$", max_length=63)
    template: str = Field(min_length=1, max_length=1_000_000, description="Liquid with crowd-* elements")
    tags: dict[str, str] = Field(default_factory=dict)


class WorkerUi(BaseModel):
    """A worker UI, without its template."""

    name: str
    sha256: str = Field(description="Of the template")
    created_at: datetime
    tags: dict[str, str] = Field(default_factory=dict)


class WorkerUiWithTemplate(WorkerUi):
    """A worker UI."""

    template: str


class ChangeTags(BaseModel):
    """`PATCH /api/v1/jobs/{name}/tags`."""

    model_config = ConfigDict(extra="forbid")

    put: dict[str, str] = Field(default_factory=dict, description="Tags to add or to give another value")
    remove: list[str] = Field(default_factory=list, max_length=100, description="Keys of tags to take away")
