"""What a runner writes down of a labeling job beside its state: how far reading the input is, and notes of its own.

Kept as JSON; every member may be absent. Elsewhere: the job itself (`records.py`).
"""

from __future__ import annotations

from typing import Literal, TypedDict

IngestPhase = Literal["making", "checking", "inserting", "importing", "done", "failed"]


class BadLine(TypedDict):
    """One problem of an input."""

    line: int  # 1-based; 0: it is about a whole file, which `key` names
    key: str | None  # the member of the line at fault
    message: str


class LeftOutFiles(TypedDict):
    """Files of an input that are not used, by why."""

    why: str
    count: int
    names: list[str]  # the first of them


class IngestReport(TypedDict, total=False):
    """How far reading the input is, and what was found."""

    phase: IngestPhase
    done: int  # lines made, checked or inserted
    total: int  # of how many; an estimate while checking
    lines: int  # of the whole input, where a sample of it is taken
    made_from: str  # what was given, where a manifest was made of it
    message: str  # why it failed
    problems: list[BadLine]  # the first of them
    problem_count: int  # all of them
    left_out: list[LeftOutFiles]
    imported_from: str  # the output folder of a Ground Truth job, whose answers and labels this job takes over
    imported_digest: str  # of its manifest: the same job is not imported twice
    answers_of: dict[str, int]  # of an import: how many objects came with so many answers


HookRole = Literal["pre_annotation", "post_annotation"]


class HookNote(TypedDict):
    """What a job's function does. Times are ISO."""

    running: int  # calls that have been under way for longer than two seconds
    since: str | None  # when the longest of them began
    failures: int
    retries: int
    last_error: str | None
    last_error_at: str | None


class ReliabilityNote(TypedDict):
    """What labels that are known say of confidences."""

    known: int  # objects with answers whose label is known
    before: list[tuple[float, float, int]]  # by bin: mean confidence stated, share of right labels, objects
    after: list[tuple[float, float, int]]  # the same, as other known labels set it right
    error_before: float  # expected calibration error
    error_after: float


class Progress(TypedDict, total=False):
    """A runner's notes, for the next runner and for the job's page."""

    trouble: str  # why it cannot go on at present
    paused_at: str  # ISO, while the job is paused
    paused_s: float  # seconds of pauses that ended
    probe_last: int  # the last object of the first iteration
    last_batch: str  # ISO, when labels were last made: part of their files' names
    worker_skill: dict[str, float]  # annotator -> chance of a right answer, in [0, 1]
    reliability: ReliabilityNote  # of the last full fit with enough known labels
    hooks: dict[HookRole, HookNote]
    consolidate_again: bool  # imported labels too are made anew of the answers they came with, once


ProgressNote = Literal[
    "trouble",
    "paused_at",
    "paused_s",
    "probe_last",
    "last_batch",
    "worker_skill",
    "reliability",
    "hooks",
    "consolidate_again",
]
"""A member of `Progress`."""
