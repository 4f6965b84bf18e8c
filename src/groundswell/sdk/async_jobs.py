"""Labeling jobs, through an `AsyncClient`. What is local, such as reading files to send, happens in a thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from groundswell.manifests.left_out import LeftOut
from groundswell.sdk import calls
from groundswell.sdk.inputs import ground_truth_files, is_remote, resolve_input
from groundswell.sdk.jobs import ENDED, DescribedJob, has_file, naming_file
from groundswell.sdk.running import AsyncRunning
from groundswell.wire import auto_labeling as loops
from groundswell.wire import jobs
from groundswell.wire.job_spec import JobSpec

_POLL_S = 1.0


class AsyncJob(DescribedJob):
    """A labeling job on the server."""

    def __init__(self, client: AsyncRunning, described: jobs.Job) -> None:
        self._client = client
        self.described = described

    async def refresh(self) -> AsyncJob:
        """Ask the server again."""
        self.described = await self._client.run(calls.describe_job(self.name))
        return self

    async def wait(
        self, *, timeout_s: float | None = None, on_change: Callable[[jobs.Job], None] | None = None
    ) -> AsyncJob:
        """Return once the job is Completed, Stopped or Failed; raises TimeoutError."""
        end = None if timeout_s is None else time.monotonic() + timeout_s
        while (await self.refresh()).state not in ENDED:
            if on_change:
                on_change(self.described)
            if end is not None and time.monotonic() > end:
                raise TimeoutError(f"labeling job {self.name!r} is still {self.state} after {timeout_s} s")
            await asyncio.sleep(_POLL_S)
        if on_change:
            on_change(self.described)
        return self

    async def pause(self) -> AsyncJob:
        """Give out no more tasks for now."""
        return await self._change("pause")

    async def resume(self) -> AsyncJob:
        """Give out tasks again."""
        return await self._change("resume")

    async def stop(self) -> AsyncJob:
        """End the job with the labels there are."""
        return await self._change("stop")

    async def consolidate(self, method: str | None = None) -> AsyncJob:
        """Make the labels of a job that has ended anew, by this method or its own; wait for its end."""
        body = jobs.Consolidate(method=method)
        self.described = await self._client.run(calls.change_job(self.name, "consolidate", body))
        return self

    async def follow(self, way: str, name: str, *, relabel: bool | None = None, **changes: Any) -> AsyncJob:
        """A new job that goes on from this one: clone, chain, verify or adjust; see `wire.jobs.FollowUp`."""
        given = {"way": way, "name": name, "relabel": relabel, "changes": changes}
        body = jobs.FollowUp.model_validate(given)
        return AsyncJob(self._client, await self._client.run(calls.follow_job(self.name, body)))

    async def delete(self, *, files: bool = False) -> None:
        """Delete the job, which has ended, with its annotations and labels; files: those of its output too."""
        await self._client.run(calls.delete_job(self.name, files))

    async def extend(self, **more: Any) -> AsyncJob:
        """More workers per object, budget, time...: the fields of `wire.jobs.Extend`."""
        return await self._change("extend", jobs.Extend.model_validate(more))

    async def _change(self, verb: str, body: jobs.Extend | None = None) -> AsyncJob:
        self.described = await self._client.run(calls.change_job(self.name, verb, body))
        return self

    async def report(self) -> dict[str, Any]:
        """The numbers of the job's page."""
        return await self._client.run(calls.job_report(self.name))

    async def objects(self, **filters: Any) -> AsyncIterator[jobs.Object]:
        """Data objects in order, page by page."""
        after: str | None = None
        while True:
            page = await self._client.run(calls.list_objects(self.name, filters, 200, after))
            for one in page.objects:
                yield one
            after = page.next
            if after is None:
                return

    async def object(self, n: int) -> jobs.ObjectDetail:
        """One data object with its annotations and history."""
        return await self._client.run(calls.describe_object(self.name, n))

    async def put_back(self, numbers: list[int] | None = None) -> int:
        """Try failed objects again (all of them by default); how many."""
        return (await self._client.run(calls.put_back(self.name, numbers))).count

    async def withdraw_labels(self, numbers: list[int] | None = None, *, reason: str) -> int:
        """Withdraw labels that models gave (all of them by default); how many. What was in force before is again."""
        return (await self._client.run(calls.withdraw_labels(self.name, numbers, reason))).count

    async def auto_labeling(self) -> loops.AutoLabeling:
        """Where automated labeling is: its rounds, its audits, why people go on alone."""
        return await self._client.run(calls.auto_labeling(self.name))

    async def undo_attempt(self, attempt: int) -> int:
        """Take an attempt's machine labels back; how many. People label these objects."""
        return (await self._client.run(calls.undo_attempt(self.name, attempt))).count

    async def end_auto_labeling(self) -> loops.AutoLabeling:
        """No model labels anything more; people label the rest."""
        return await self._client.run(calls.end_auto_labeling(self.name))

    async def overrule(self, n: int, category: str, *, reason: str = "") -> None:
        """Put one's own label over a model's."""
        await self._client.run(calls.overrule(self.name, n, category, reason))

    def output(self) -> AsyncIterator[bytes]:
        """The output manifest as it is now, piece by piece."""
        return self._client.stream(calls.output_path(self.name))

    async def download(self, path: str | Path, *, files: str | Path | None = None) -> Path:
        """Write the output manifest into a file.

        files: a folder for the masks that it names; the manifest then names them there, relative to itself.
        """
        target = Path(path)
        pieces = self.output() if files is None else self._with_files(Path(files), target.parent)
        await self._save(pieces, target)
        return target

    async def _with_files(self, folder: Path, base: Path) -> AsyncIterator[bytes]:
        """The output's lines, each mask stored in a folder and named relative to the folder `base`."""
        attribute, n = self.described.label_attribute, 0
        folder.mkdir(parents=True, exist_ok=True)
        async for line in _lines(self.output()):
            if has_file(line, attribute):
                path = folder / f"{n}.png"
                await self._save(self._client.stream(calls.file_path(self.name, n)), path)
                line = naming_file(line, attribute, path, base)
            yield line + b"\n"
            n += 1

    async def _save(self, pieces: AsyncIterator[bytes], path: Path) -> None:
        with await asyncio.to_thread(path.open, "wb") as file:
            async for piece in pieces:
                await asyncio.to_thread(file.write, piece)


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The lines of a manifest that comes in pieces, without their ends."""
    rest = b""
    async for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line
    if rest:
        yield rest


class AsyncJobs:
    """Labeling jobs."""

    def __init__(self, client: AsyncRunning) -> None:
        self._client = client

    async def create(
        self,
        spec: JobSpec | Mapping[str, Any],
        *,
        base: Path | None = None,
        on_file: Callable[[str], None] | None = None,
        left_out: LeftOut | None = None,
    ) -> AsyncJob:
        """Create a job. An input, template or example image on this machine is sent to the server first.

        base: what relative paths in the specification are relative to; default: the working directory.
        on_file: called with the name of each file sent. left_out: counts the files of the input that are not.
        Raises InvalidSpec, whose `field_problems` are everything that stands against the specification.
        """
        asked = calls.readable(spec)
        if asked is None:
            return AsyncJob(self._client, await self._client.run(calls.create_job(spec)))
        loop = asyncio.get_running_loop()

        def upload(files: Sequence[tuple[str, Path]]) -> str:
            return asyncio.run_coroutine_threadsafe(self._client.upload(files, on_file=on_file), loop).result()

        ready = await asyncio.to_thread(resolve_input, asked, base or Path.cwd(), upload=upload, left_out=left_out)
        return AsyncJob(self._client, await self._client.run(calls.create_job(ready)))

    async def import_ground_truth(
        self, source: str, *, base: Path | None = None, on_file: Callable[[str], None] | None = None, **options: Any
    ) -> tuple[AsyncJob, bool]:
        """As `Jobs.import_ground_truth`."""
        if not is_remote(source):
            files = await asyncio.to_thread(ground_truth_files, (base or Path.cwd()) / source)
            source = await self._client.upload(files, on_file=on_file)
        made = await self._client.run(calls.import_job(jobs.ImportJob.model_validate({"source": source, **options})))
        return AsyncJob(self._client, made.job), made.is_new

    async def get(self, name: str) -> AsyncJob:
        """A job by its name."""
        return AsyncJob(self._client, await self._client.run(calls.describe_job(name)))

    async def list(self, *, state: str | None = None, name: str | None = None, limit: int = 50) -> Sequence[AsyncJob]:
        """Newest first."""
        found: list[jobs.Job] = []
        after: str | None = None
        while len(found) < limit:
            page = await self._client.run(calls.list_jobs(state, name, min(200, limit - len(found)), after))
            found += page.jobs
            after = page.next
            if after is None:
                break
        return [AsyncJob(self._client, one) for one in found]

    async def task_types(self) -> Sequence[jobs.TaskTypeOut]:
        """The kinds of task that the server knows."""
        return await self._client.run(calls.task_types())
