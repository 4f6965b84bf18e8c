"""A labeling job's specification: YAML, JSON, REST and the console's form share it (docs/reference/job-spec.md)."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, field_validator, model_validator

from groundswell.wire.hook_target import target_kind

MAX_PER_OBJECT = 100
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


def name_from(title: str) -> str:
    """A job's name made from any title: itself where it is a name, else its letters and digits with hyphens between."""
    if _NAME.fullmatch(title):
        return title
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:63].rstrip("-") or "job"


def parse_duration(value: Any) -> Any:
    """Seconds of `5m`, `1h30m`, `2d`, `45s`, or a plain number; anything else is an error that shows the forms."""
    if isinstance(value, str):
        text = value.strip().replace(" ", "")
        if text.isdigit():
            return int(text)
        match = _DURATION.fullmatch(text)
        if not text or match is None:
            raise ValueError(f"expected a duration such as 45s, 5m, 1h30m or 2d, got {value!r}")
        days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    return value


Duration = Annotated[int, BeforeValidator(parse_duration)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Instructions(_Strict):
    """What workers read. HTML is sanitised before it is shown."""

    header: str = Field("", max_length=1_000, description="The question above the task")
    short: str = Field("", max_length=100_000, description="Always visible: HTML or plain text")
    full: str = Field("", max_length=1_000_000, description="Opened on demand: HTML or plain text")
    good_example: str | None = Field(None, description="URI of an image that shows how it is done")
    good_example_text: str = Field("", max_length=2_000)
    bad_example: str | None = Field(None, description="URI of an image that shows how it is not done")
    bad_example_text: str = Field("", max_length=2_000)


class Workers(_Strict):
    """Who labels, how many a data object, how long, for how much."""

    team: str = Field(
        "everyone",
        description="A work team's name; built in: `everyone` (all workers) and `public` (whoever registers)",
    )
    per_object: int = Field(3, ge=1, le=MAX_PER_OBJECT, description="Annotations asked for each data object")
    max_per_object: int | None = Field(
        None,
        ge=1,
        le=MAX_PER_OBJECT,
        description="The most, when stop_at_confidence asks for more; default: per_object, or 9 with it",
    )
    min_answers: int = Field(
        1, ge=1, le=MAX_PER_OBJECT, description="Annotations enough to consolidate when availability ends"
    )
    task_time_limit: Duration = Field(300, ge=30, le=30 * 86_400, description="How long one worker may hold a task")
    availability: Duration = Field(864_000, ge=60, le=365 * 86_400, description="How long a task stays open to workers")
    max_concurrent_objects: int = Field(
        1_000, ge=1, le=100_000, description="Open data objects at a time: the rolling window"
    )
    price_usd: Decimal = Field(
        Decimal(0), ge=0, le=1_000, max_digits=10, decimal_places=6, description="Reward per annotation"
    )
    estimated_seconds: int | None = Field(
        None, ge=1, le=86_400, description="The time estimate that goes with the price"
    )
    no_adult_content: bool = Field(False, description="Declared: the data is free of adult content")
    no_personal_data: bool = Field(
        False, description="Declared: the data is free of personally identifiable information"
    )

    @model_validator(mode="after")
    def _bounds(self) -> Workers:
        if self.max_per_object is not None and self.max_per_object < self.per_object:
            raise ValueError(f"max_per_object ({self.max_per_object}) is below per_object ({self.per_object})")
        if self.min_answers > self.per_object:
            raise ValueError(f"min_answers ({self.min_answers}) is above per_object ({self.per_object})")
        return self


class Consolidation(_Strict):
    """How annotations become labels."""

    method: str | None = Field(None, description="A method of the task type; default: the task type's own")
    stop_at_confidence: float | None = Field(
        None,
        gt=0.5,
        lt=1,
        description="Ask one more worker only while the label's confidence is below this, up to workers.max_per_object",
    )
    options: dict[str, Any] = Field(default_factory=dict)


class AutoLabeling(_Strict):
    """Machine labels at a promised accuracy: what a model can label that well, no person is asked."""

    enabled: bool = False
    target_accuracy: float = Field(
        0.95, gt=0.5, lt=1, description="At least this share of the machine's labels are what your people would say"
    )
    confidence: float = Field(
        0.95, ge=0.5, lt=1, description="The promise holds in at least this share of jobs, whatever the model"
    )
    class_floors: bool = Field(
        False, description="The target holds for the machine's labels of every label category apart, not only for all"
    )
    batch_size: int | None = Field(
        None, ge=10, le=10_000, description="Objects people label between two trainings; default: by the job's size"
    )
    initial_model: str | None = Field(None, description="Name or ARN of a kept model of this task type to begin with")
    seed: int | None = Field(None, ge=0, lt=2**53, description="Of everything random; default: drawn")


class StopWhen(_Strict):
    """Conditions that end the job before every object is labeled."""

    human_labeled: int | None = Field(None, ge=1)
    labeled_percent: float | None = Field(None, gt=0, le=100)
    budget_usd: Decimal | None = Field(None, gt=0, le=1_000_000_000)


class Hooks(_Strict):
    """Users' own functions around a task: a registered name or its Lambda ARN, an http(s) URL, or `module:function`."""

    pre_annotation: str | None = None
    post_annotation: str | None = None

    @field_validator("pre_annotation", "post_annotation")
    @classmethod
    def _target(cls, target: str | None) -> str | None:
        if target is not None:
            target_kind(target)
        return target


class JobSpec(_Strict):
    """What a requester asks for."""

    name: str = Field(description="1 to 63 letters, digits and inner hyphens; unique without regard to case")
    task_type: str
    input: str | None = Field(None, description="Manifest, folder, glob, bucket prefix or CSV")
    input_format: Literal["auto", "manifest", "files", "csv", "text"] = "auto"
    csv_column: str | None = Field(
        None,
        description="The CSV's column to label; default: source-ref, source, text, url, or the only one",
    )
    sample_percent: float | None = Field(None, gt=0, le=100, description="Label a random part of the input")
    sample_seed: int = 0
    skip_bad: bool = Field(False, description="Bad manifest lines become failed objects instead of failing the job")
    output: str | None = Field(None, description="Folder or bucket prefix; default: the server's data directory")
    label_attribute: str | None = Field(
        None, description="The key of the label in the manifest; default: the job's name"
    )
    labels: list[str] = Field(
        default_factory=list,
        max_length=1_000,
        description="Names; or objects with a `label` and what the template shows of it, such as `shortDisplayName`",
    )
    label_details: dict[str, dict[str, JsonValue]] = Field(
        default_factory=dict, description="By label: the other members of the labels that were given as objects"
    )
    title: str = Field(
        "", max_length=256, description="What workers see in their list; default: the header, then the name"
    )
    description: str = Field("", max_length=2_000)
    keywords: list[str] = Field(default_factory=list, max_length=20)
    instructions: Instructions = Field(default_factory=Instructions)
    template: str | None = Field(
        None,
        max_length=1_000_000,
        description="A worker task template of one's own (its text; the CLI also takes a file's name)",
    )
    workers: Workers = Field(default_factory=Workers)
    consolidation: Consolidation = Field(default_factory=Consolidation)
    auto_labeling: AutoLabeling = Field(default_factory=AutoLabeling)
    stop_when: StopWhen = Field(default_factory=StopWhen)
    hooks: Hooks = Field(default_factory=Hooks)
    audit_attribute: str | None = Field(
        None, description="Verification and adjustment: the label attribute that is looked at"
    )
    tags: dict[str, str] = Field(default_factory=dict)

    @field_validator("name")
    @classmethod
    def _name(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(f"expected 1 to 63 letters, digits and inner hyphens, got {name!r}")
        return name

    @model_validator(mode="before")
    @classmethod
    def _label_objects(cls, given: Any) -> Any:
        labels = given.get("labels") if isinstance(given, dict) else None
        if not isinstance(labels, list) or not any(isinstance(one, dict) and "label" in one for one in labels):
            return given
        objects = [one for one in labels if isinstance(one, dict) and isinstance(one.get("label"), str)]
        details = {one["label"]: {k: v for k, v in one.items() if k != "label"} for one in objects}
        names = [one["label"] if isinstance(one, dict) and isinstance(one.get("label"), str) else one for one in labels]
        return {**given, "labels": names, "label_details": {**(given.get("label_details") or {}), **details}}

    @field_validator("label_details")
    @classmethod
    def _label_details(cls, details: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        for label, members in details.items():
            if len(members) > 20 or len(str(members)) > 4_000:
                raise ValueError(f"label {label!r}: expected at most 20 members and 4,000 characters beside its name")
        return {label: members for label, members in details.items() if members}

    @field_validator("labels")
    @classmethod
    def _labels(cls, labels: list[str]) -> list[str]:
        seen: set[str] = set()
        for index, label in enumerate(labels):
            if not label.strip() or len(label) > 256:
                raise ValueError(f"label {index + 1}: expected 1 to 256 characters, got {label!r}")
            if label in seen:
                raise ValueError(f"label {index + 1}: {label!r} is in the list twice")
            seen.add(label)
        return labels

    @field_validator("label_attribute")
    @classmethod
    def _label_attribute(cls, name: str | None) -> str | None:
        if name is not None:
            if not re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9_]){0,126}", name):
                raise ValueError(f"expected letters, digits and inner hyphens, at most 127, got {name!r}")
            if name in ("source", "source-ref") or name.endswith("-metadata"):
                raise ValueError(
                    f"{name!r} is reserved: use a name that is not source or source-ref and does not end in -metadata"
                )
        return name

    @property
    def attribute(self) -> str:
        """The label attribute name in force."""
        return self.label_attribute or self.name

    @property
    def max_per_object(self) -> int:
        """The most annotations one data object may get."""
        if self.workers.max_per_object is not None:
            return self.workers.max_per_object
        return max(9, self.workers.per_object) if self.consolidation.stop_at_confidence else self.workers.per_object
