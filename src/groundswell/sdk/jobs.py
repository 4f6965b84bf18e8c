"""Labeling jobs, through a client."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from groundswell.manifests.left_out import LeftOut
from groundswell.manifests.members import with_values
from groundswell.manifests.splitting import split_lines
from groundswell.sdk import calls
from groundswell.sdk.inputs import ground_truth_files, is_remote, resolve_input
from groundswell.sdk.running import Running
from groundswell.wire import auto_labeling as loops
from groundswell.wire import jobs
from groundswell.wire.job_spec import JobSpec

ENDED = frozenset({"Completed", "Stopped", "Failed"})


class DescribedJob:
    """A labeling job as the server last described it."""

    described: jobs.Job

    def __repr__(self) -> str:
        return f"<Job {self.name} {self.state}: {self.described.counters.labeled} of {self.described.counters.total}>"

    @property
    def name(self) -> str:
        return self.described.name

    @property
    def state(self) -> str:
        """As of the last request."""
        return self.described.state


class Job(DescribedJob):
    """A labeling job on the server."""

    def __init__(self, client: Running, described: jobs.Job) -> None:
        self._client = client
        self.described = described

    def refresh(self) -> Job:
        """Ask the server again."""
        self.described = self._client.run(calls.describe_job(self.name))
        return self

    def wait(self, *, timeout_s: float | None = None, on_change: Callable[[jobs.Job], None] | None = None) -> Job:
        """Return once the job is Completed, Stopped or Failed; raises TimeoutError."""
        end = None if timeout_s is None else time.monotonic() + timeout_s
        while self.refresh().state not in ENDED:
            if on_change:
                on_change(self.described)
            if end is not None and time.monotonic() > end:
                raise TimeoutError(f"labeling job {self.name!r} is still {self.state} after {timeout_s} s")
            time.sleep(1)
        if on_change:
            on_change(self.described)
        return self

    def pause(self) -> Job:
        return self._change("pause")

    def resume(self) -> Job:
        return self._change("resume")

    def stop(self) -> Job:
        return self._change("stop")

    def extend(self, **more: Any) -> Job:
        """More workers per object, budget, time...: the fields of `wire.jobs.Extend`."""
        self.described = self._client.run(calls.change_job(self.name, "extend", jobs.Extend.model_validate(more)))
        return self

    def consolidate(self, method: str | None = None) -> Job:
        """Make the labels of a job that has ended anew, by this method or its own; wait for its end."""
        body = jobs.Consolidate(method=method)
        self.described = self._client.run(calls.change_job(self.name, "consolidate", body))
        return self

    def follow(self, way: str, name: str, *, relabel: bool | None = None, **changes: Any) -> Job:
        """A new job that goes on from this one: clone, chain, verify or adjust; see `wire.jobs.FollowUp`."""
        given = {"way": way, "name": name, "relabel": relabel, "changes": changes}
        body = jobs.FollowUp.model_validate(given)
        return Job(self._client, self._client.run(calls.follow_job(self.name, body)))

    def delete(self, *, files: bool = False) -> None:
        """Delete the job, which has ended, with its annotations and labels; files: those of its output too."""
        self._client.run(calls.delete_job(self.name, files))

    def _change(self, verb: str) -> Job:
        self.described = self._client.run(calls.change_job(self.name, verb))
        return self

    def report(self) -> dict[str, Any]:
        """The numbers of the job's page."""
        return self._client.run(calls.job_report(self.name))

    def objects(self, **filters: Any) -> Iterator[jobs.Object]:
        """Data objects in order, page by page."""
        after: str | None = None
        while True:
            page = self._client.run(calls.list_objects(self.name, filters, 200, after))
            yield from page.objects
            after = page.next
            if after is None:
                return

    def object(self, n: int) -> jobs.ObjectDetail:
        """One data object with its annotations and history."""
        return self._client.run(calls.describe_object(self.name, n))

    def put_back(self, numbers: list[int] | None = None) -> int:
        """Try failed objects again (all of them by default); how many."""
        return self._client.run(calls.put_back(self.name, numbers)).count

    def withdraw_labels(self, numbers: list[int] | None = None, *, reason: str) -> int:
        """Withdraw labels that models gave (all of them by default); how many. What was in force before is again."""
        return self._client.run(calls.withdraw_labels(self.name, numbers, reason)).count

    def auto_labeling(self) -> loops.AutoLabeling:
        """Where automated labeling is: its rounds, its audits, why people go on alone."""
        return self._client.run(calls.auto_labeling(self.name))

    def undo_attempt(self, attempt: int) -> int:
        """Take an attempt's machine labels back; how many. People label these objects."""
        return (self._client.run(calls.undo_attempt(self.name, attempt))).count

    def end_auto_labeling(self) -> loops.AutoLabeling:
        """No model labels anything more; people label the rest."""
        return self._client.run(calls.end_auto_labeling(self.name))

    def overrule(self, n: int, category: str, *, reason: str = "") -> None:
        """Put one's own label over a model's."""
        self._client.run(calls.overrule(self.name, n, category, reason))

    def output(self) -> Iterator[bytes]:
        """The output manifest as it is now, piece by piece."""
        return self._client.stream(calls.output_path(self.name))

    def download(self, path: str | Path, *, files: str | Path | None = None) -> Path:
        """Write the output manifest into a file.

        files: a folder for the masks that it names; the manifest then names them there, relative to itself.
        """
        target = Path(path)
        with target.open("wb") as file:
            for chunk in self.output() if files is None else self.output_with_files(files, base=target.parent):
                file.write(chunk)
        return target

    def output_with_files(self, files: str | Path, *, base: Path) -> Iterator[bytes]:
        """The output's lines, each mask stored in the folder `files` and named relative to the folder `base`."""
        attribute, folder = self.described.label_attribute, Path(files)
        folder.mkdir(parents=True, exist_ok=True)
        for n, line in enumerate(split_lines(self.output())):
            if has_file(line, attribute):
                path = folder / f"{n}.png"
                with path.open("wb") as file:
                    for chunk in self._client.stream(calls.file_path(self.name, n)):
                        file.write(chunk)
                line = naming_file(line, attribute, path, base)
            yield line + b"\n"


def has_file(line: bytes, attribute: str) -> bool:
    """Whether the label on a line of an output manifest is a file, such as a mask."""
    if not attribute.endswith("-ref") or attribute.encode() not in line:
        return False
    return isinstance(orjson.loads(line).get(attribute), str)


def naming_file(line: bytes, attribute: str, path: Path, base: Path) -> bytes:
    """The line with its label's file at a path, named from the folder `base`."""
    return with_values(line.decode(), {attribute: Path(os.path.relpath(path, base)).as_posix()}).encode()


class Jobs:
    """Labeling jobs."""

    def __init__(self, client: Running) -> None:
        self._client = client

    def create(
        self,
        spec: JobSpec | Mapping[str, Any],
        *,
        base: Path | None = None,
        on_file: Callable[[str], None] | None = None,
        left_out: LeftOut | None = None,
    ) -> Job:
        """Create a job. An input, template or example image on this machine is sent to the server first.

        base: what relative paths in the specification are relative to; default: the working directory.
        on_file: called with the name of each file sent. left_out: counts the files of the input that are not.
        Raises InvalidSpec, whose `field_problems` are everything that stands against the specification.
        """
        asked = calls.readable(spec)
        if asked is None:
            return Job(self._client, self._client.run(calls.create_job(spec)))
        ready = resolve_input(
            asked,
            base or Path.cwd(),
            upload=lambda files: self._client.upload(files, on_file=on_file),
            left_out=left_out,
        )
        return Job(self._client, self._client.run(calls.create_job(ready)))

    def import_ground_truth(
        self, source: str, *, base: Path | None = None, on_file: Callable[[str], None] | None = None, **options: Any
    ) -> tuple[Job, bool]:
        """Take over a finished Ground Truth job; the job and whether it is new. A runner fills it: wait for its end.

        source: its output folder, in a bucket or on this machine (sent to the server first).
        options: the other fields of `wire.jobs.ImportJob`.
        """
        if not is_remote(source):
            files = ground_truth_files((base or Path.cwd()) / source)
            source = self._client.upload(files, on_file=on_file)
        made = self._client.run(calls.import_job(jobs.ImportJob.model_validate({"source": source, **options})))
        return Job(self._client, made.job), made.is_new

    def get(self, name: str) -> Job:
        return Job(self._client, self._client.run(calls.describe_job(name)))

    def list(self, *, state: str | None = None, name: str | None = None, limit: int = 50) -> Sequence[Job]:
        """Newest first."""
        found: list[jobs.Job] = []
        after: str | None = None
        while len(found) < limit:
            page = self._client.run(calls.list_jobs(state, name, min(200, limit - len(found)), after))
            found += page.jobs
            after = page.next
            if after is None:
                break
        return [Job(self._client, one) for one in found]

    def task_types(self) -> Sequence[jobs.TaskTypeOut]:
        return self._client.run(calls.task_types())
