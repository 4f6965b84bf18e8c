"""Events of automated labeling."""

from __future__ import annotations

from dataclasses import dataclass

from groundswell.domain.events.jobs import JobEvent, ObjectsEvent


@dataclass(frozen=True, kw_only=True)
class AutoLabelingEvent(JobEvent):
    """Something that a job's loop of automated labeling decided."""


@dataclass(frozen=True, kw_only=True)
class RoundTrained(AutoLabelingEvent, kind="auto_labeling.round"):
    """A model was trained, and objects were chosen for people."""

    round: int
    labels: int  # that it learned from
    chosen: int


@dataclass(frozen=True, kw_only=True)
class AuditBegan(AutoLabelingEvent, kind="auto_labeling.audit"):
    """A model and its scores were frozen; people label a random draw of what it would label."""

    attempt: int
    objects: int  # that it might label
    model: str


@dataclass(frozen=True, kw_only=True)
class MachineCertified(AutoLabelingEvent, kind="auto_labeling.certified"):
    """The audit proved that the machine's labels are as right as was asked for."""

    attempt: int
    objects: int  # certified, the audited ones included
    audited: int
    errors: int
    model: str


@dataclass(frozen=True, kw_only=True)
class AuditGaveUp(AutoLabelingEvent, kind="auto_labeling.refused"):
    """The audit could not prove it; its labels teach the next model."""

    attempt: int
    audited: int
    errors: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class AutoLabelingEnded(AutoLabelingEvent, kind="auto_labeling.ended"):
    """No model labels anything more in this job."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class AutoLabelingUndone(ObjectsEvent, kind="auto_labeling.undone"):
    """Somebody took a model's labels back; people label these objects."""

    attempt: int


@dataclass(frozen=True, kw_only=True)
class LabelOverruled(ObjectsEvent, kind="object.overruled"):
    """Somebody put their own label over a model's."""

    category: str
