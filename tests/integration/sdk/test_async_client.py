"""`AsyncClient` over a real server: jobs and work, with the names that `Client` has."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import own_loop
from groundswell import AsyncClient, Client
from groundswell.domain.errors import InvalidInput, NotFound, Unauthenticated, Unavailable
from integration.processes import EMAIL, PASSWORD, Processes

GUIDE = Path(__file__).parents[3] / "docs/guides/api.md"
TEXTS = ["a wing", "a fin", "two wings"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    started = Processes(tmp_path_factory.mktemp("server"))
    started.start("server")
    started.start("runner")
    yield started
    started.close()


@pytest.fixture(scope="module")
def key(server: Processes) -> str:
    with Client(server.url) as client:
        client.sign_in(EMAIL, PASSWORD)
        return client.workforce.new_key("async").token


def spec(name: str, folder: Path, **more: object) -> dict[str, object]:
    """A job over texts in a local manifest."""
    manifest = folder / f"{name}.manifest"
    manifest.write_text("".join(json.dumps({"source": text}) + "\n" for text in TEXTS), "utf-8")
    labels = {"task_type": "text-classification", "labels": ["bird", "fish"], "workers": {"per_object": 1}}
    return {"name": name, "input": manifest.name, **labels, **more}


def test_a_job_from_a_local_file_to_its_output(server: Processes, key: str, tmp_path: Path) -> None:
    sent: list[str] = []

    async def all_of_it() -> None:
        async with AsyncClient(server.url, key) as client:
            assert (await client.me()).email == EMAIL
            job = await client.jobs.create(spec("fishes", tmp_path), base=tmp_path, on_file=sent.append)
            assert [one.name for one in await client.jobs.list(name="fishes")] == [job.name]
            assert "text-classification" in [kind.name for kind in await client.jobs.task_types()]
            while (await job.refresh()).state == "Initializing":
                await asyncio.sleep(0.05)
            assert "fishes" in [one.name for one in await client.work.jobs()]

            first = await client.work.take("fishes")
            assert first is not None
            await client.work.give_back(first.assignment_id)
            while task := await client.work.take("fishes"):
                answer = {"crowd-classifier": {"label": "fish"}}
                await client.work.submit(task.assignment_id, answer, time_spent_s=1.5)
                await client.work.submit(task.assignment_id, answer, time_spent_s=1.5)  # twice is once
            seen: list[str] = []
            await job.wait(timeout_s=60, on_change=lambda described: seen.append(described.state))
            assert seen[-1] == job.state == "Completed"
            assert (await job.report())["counters"]["human_labeled"] == len(TEXTS)
            assert [one.n async for one in job.objects()] == [0, 1, 2]
            assert len((await job.object(0)).annotations) == 1

            found = await job.download(tmp_path / "out.manifest")
            lines = [json.loads(line) for line in found.read_text("utf-8").splitlines()]
            assert [line["source"] for line in lines] == TEXTS
            assert {line["fishes-metadata"]["class-name"] for line in lines} == {"fish"}
            await job.download(tmp_path / "again.manifest", files=tmp_path / "files")
            assert (tmp_path / "again.manifest").read_bytes() == found.read_bytes()

    own_loop.run(all_of_it())
    assert sent == ["fishes.manifest"]


def test_jobs_are_paused_extended_and_stopped(server: Processes, key: str, tmp_path: Path) -> None:
    async def all_of_it() -> None:
        async with AsyncClient(server.url, key) as client:
            job = await client.jobs.create(spec("changed", tmp_path), base=tmp_path)
            while (await job.refresh()).state == "Initializing":
                await asyncio.sleep(0.05)
            assert (await job.pause()).state == "Paused"
            assert (await job.resume()).state == "InProgress"
            assert (await job.extend(per_object=2)).described.spec["workers"]["per_object"] == 2
            declined = await client.work.take("changed")
            assert declined is not None
            await client.work.decline(declined.assignment_id)
            await job.stop()
            assert (await job.wait(timeout_s=60)).state == "Stopped"
            assert await job.put_back([]) == 0
            assert await job.withdraw_labels(reason="drift") == 0
            assert (await job.auto_labeling()).enabled is False
            await job.delete()
            with pytest.raises(NotFound):
                await job.refresh()

    own_loop.run(all_of_it())


def test_errors_are_the_servers_own(server: Processes, key: str, tmp_path: Path) -> None:
    async def all_of_it() -> None:
        async with AsyncClient(server.url, key) as client:
            with pytest.raises(NotFound, match="nobody-knows-it"):
                await client.jobs.get("nobody-knows-it")
            with pytest.raises(InvalidInput, match="expected another name"):
                await client.upload([("a\0b", tmp_path)])
        async with AsyncClient(server.url, "wrong") as client:
            with pytest.raises(Unauthenticated):
                await client.jobs.list()
        async with AsyncClient("http://127.0.0.1:9") as client:
            with pytest.raises(Unavailable, match="is it started"):
                await client.me()

    own_loop.run(all_of_it())


def test_many_wait_at_once(server: Processes, key: str) -> None:
    async def all_of_it() -> None:
        async with AsyncClient(server.url, key) as client:
            found = await asyncio.gather(*(client.me() for _ in range(20)))
        assert {one.email for one in found} == {EMAIL}

    own_loop.run(all_of_it())


def test_the_program_of_the_guide_runs(
    server: Processes, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDSWELL_URL", server.url)
    monkeypatch.setenv("GROUNDSWELL_TOKEN", key)
    with Client() as client:
        job = client.jobs.create(spec("animals", tmp_path), base=tmp_path)
        while job.refresh().described.counters.open < len(TEXTS):
            time.sleep(0.05)
    (program,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.S)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "animals is Completed: 3 lines\n", done.stderr


def test_both_clients_have_the_same_names() -> None:
    def names(thing: object) -> set[str]:
        return {name for name in dir(thing) if not name.startswith("_")}

    with Client() as plain:
        waiting = AsyncClient()
        assert names(waiting.jobs) == names(plain.jobs)
        assert names(waiting.work) == names(plain.work)
        assert names(plain) - names(waiting) == {"workforce"}
        from groundswell.sdk import AsyncJob, Job

        assert names(Job) - names(AsyncJob) <= {"output_with_files"}
        own_loop.run(waiting.close())
