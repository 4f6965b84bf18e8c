"""Where Ground Truth puts the files of a job, under `<output>/<job name>/`, and how it numbers iterations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from groundswell.domain.addresses import join

PROBE_OBJECTS = 10
"""Iteration 1 holds the first ten objects, whatever the window: Ground Truth tries a job on these before the rest."""


@dataclass(frozen=True)
class Layout:
    """The addresses of one job's output."""

    root: str  # LabelingJob.output_uri

    @property
    def output_manifest(self) -> str:
        """The augmented manifest: refreshed while the job runs, final when it has ended."""
        return join(self.root, "manifests/output/output.manifest")

    def made_manifest(self, at: datetime) -> str:
        """The manifest made of a folder, a CSV or a text file."""
        return join(self.root, f"manifests/input/dataset-{at.astimezone(UTC):%y%m%dT%H%M%S}.manifest")

    def worker_response(self, iteration: int, n: int, at: datetime) -> str:
        """All answers to one object; `at` is the time of the last of them."""
        return join(self.root, f"annotations/worker-response/iteration-{iteration}/{n}/{file_time(at)}.json")

    def consolidation_request(self, iteration: int, at: datetime) -> str:
        """What consolidation was asked in one batch."""
        return self._consolidation("request", iteration, at)

    def consolidation_response(self, iteration: int, at: datetime) -> str:
        """What consolidation answered."""
        return self._consolidation("response", iteration, at)

    def _consolidation(self, what: str, iteration: int, at: datetime) -> str:
        folder = f"annotations/consolidated-annotation/consolidation-{what}/iteration-{iteration}"
        return join(self.root, f"{folder}/{file_time(at)}.json")


def file_time(at: datetime) -> str:
    """A time in file names: `2026-11-20_08:01:16`."""
    return f"{at.astimezone(UTC):%Y-%m-%d_%H:%M:%S}"


def iso_time(at: datetime) -> str:
    """A time inside answer files: `2026-11-20T08:01:16.123Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iteration_of(n: int, *, probe_last: int | None, window: int) -> int:
    """The iteration of an object: 1 up to the last of the probe, then one for each `window` objects.

    It follows from the object's number alone, so that a step done twice writes the same files.
    """
    if probe_last is None or n <= probe_last:
        return 1
    return 2 + (n - probe_last - 1) // window
