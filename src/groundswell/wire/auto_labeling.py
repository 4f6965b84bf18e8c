"""Automated labeling of a job, and kept models, as the API shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Chain(BaseModel):
    """One claim that an audit tries to prove: of all objects the model would label, or of those of one class."""

    chain: str = Field(description="all, or the label category whose floor it is")
    size: int = Field(description="Objects in the largest set that is still pursued")
    audited: int
    losses: float = Field(description="Audited objects that the model got wrong, or the sum of their losses")
    log_evidence: float
    log_evidence_needed: float
    certified: int = Field(description="Objects of the largest set that is proven, the audited ones included")


class AuditError(BaseModel):
    """One audited object that the model got wrong."""

    n: int
    machine: str
    people: str | None = Field(description="null: people could not label it, which counts as an error")


class Attempt(BaseModel):
    """A model that was frozen and audited."""

    attempt: int
    at: datetime
    outcome: str = Field(description="auditing, certified, refused or undone")
    model: str
    objects: int = Field(description="Objects that the model might label")
    level: float = Field(description="Chance of a wrong certificate that this attempt spends")
    audited: int = 0
    certified: int = Field(0, description="Objects labeled by the model, once certified")
    chains: list[Chain] = Field(default_factory=list)
    errors: list[AuditError] = Field(default_factory=list)
    reason: str | None = Field(None, description="Why nothing was proven")
    path: list[list[float]] = Field(default_factory=list, description="Draws, then each chain's evidence (logarithm)")


class Round(BaseModel):
    """A training, and what was chosen next."""

    round: int
    at: datetime
    labels: int = Field(description="Labels by people that the model learned from")
    seconds: float
    accuracy: float | None = Field(None, description="Of randomly drawn labels, each left out of the training")
    share: float | None = Field(None, description="Forecast: part of all objects that the model will label")
    chosen: int = Field(description="Objects that people were given next")
    forecast: dict[str, Any] = Field(default_factory=dict)


class AutoLabeling(BaseModel):
    """Where a job's loop of automated labeling is, and what it decided."""

    enabled: bool
    phase: str | None = Field(
        None, description="preparing, learning, auditing, labeling, releasing, ended; null before it begins"
    )
    reason: str | None = Field(None, description="Why people label alone, or why the last audit proved nothing")
    target_accuracy: float
    confidence: float
    seed: int | None = None
    rounds: list[Round] = Field(default_factory=list)
    attempts: list[Attempt] = Field(default_factory=list)
    final_model_arn: str | None = Field(None, description="Of the model that labeled last")


class Overrule(BaseModel):
    """`POST /api/v1/jobs/{name}/objects/{n}/overrule`."""

    model_config = ConfigDict(extra="forbid")

    category: str
    reason: str = Field("", max_length=1_000)


class Undo(BaseModel):
    """`POST /api/v1/jobs/{name}/auto-labeling/undo`."""

    model_config = ConfigDict(extra="forbid")

    attempt: int = Field(ge=1)


class Model(BaseModel):
    """A kept model."""

    name: str
    arn: str
    task_type: str
    labels: list[str]
    learner: str
    uri: str
    created_at: datetime
    job: str | None = None
    measures: dict[str, Any] = Field(default_factory=dict)


class ModelList(BaseModel):
    """The workspace's models, newest first."""

    models: list[Model]
