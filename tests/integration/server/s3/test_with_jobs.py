"""A bucket filled by boto3 is what a job labels, and what the job writes is read back by boto3."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import own_loop
from groundswell.cli.simulate import hire
from groundswell.sdk import Client
from integration.processes import EMAIL, PASSWORD, Processes
from integration.server.s3.places import Place

LABELS = ["cat", "dog"]


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    started = Processes(tmp_path)
    started.start("server")
    started.start("runner")
    yield started
    started.close()


def signed_in(processes: Processes, email: str, password: str) -> str:
    """A session's token."""
    answer = httpx.post(f"{processes.url}/api/v1/sessions", json={"email": email, "password": password})
    return str(answer.json()["token"])


def access_key(processes: Processes) -> tuple[str, str]:
    """An access key of the administrator's."""
    bearer = {"Authorization": f"Bearer {signed_in(processes, EMAIL, PASSWORD)}"}
    made = httpx.post(f"{processes.url}/api/v1/access-keys", json={}, headers=bearer).json()
    return made["id"], made["secret"]


async def answer_all(processes: Processes, token: str, job: str) -> int:
    """Answer every task with the animal that its text names; how many there were."""
    done = 0
    async with httpx.AsyncClient(
        base_url=f"{processes.url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=30
    ) as api:
        while (state := (await api.get("/me/jobs")).status_code) == 200 and done < 8:
            taken = await api.post(f"/jobs/{job}/assignments")
            if taken.status_code != 201:
                await asyncio.sleep(0.2)
                continue
            text = taken.json()["task"]["input"]["source"]
            answer = {"answer": {"crowd-classifier": {"label": text.split()[1]}}}
            put = await api.put(f"/assignments/{taken.json()['assignment_id']}/annotation", json=answer)
            assert put.status_code == 200, put.text
            done += 1
        assert state == 200
    return done


def test_a_job_reads_a_bucket_and_writes_one(processes: Processes) -> None:
    place = Place("ours", processes.url, access_key(processes))
    s3 = place.client()
    s3.create_bucket(Bucket="pets")
    s3.put_object(Bucket="pets", Key="set/", Body=b"")  # as tools mark a folder
    for n in range(2):
        lines = "".join(f"a {LABELS[(n + k) % 2]} number {n}{k}\n" for k in range(4))
        s3.put_object(Bucket="pets", Key=f"set/{n}.txt", Body=lines.encode(), Metadata={"by": "boto3"})
    with Client(processes.url) as client:
        client.sign_in(EMAIL, PASSWORD)
        (worker,) = hire(client, "everyone", 1, [1.0])
        job = client.jobs.create(
            {
                "name": "pets",
                "task_type": "text-classification",
                "input": "s3://pets/set/",
                "output": "s3://labels/out",
                "labels": LABELS,
                "workers": {"per_object": 1},
            }
        )
        assert own_loop.run(answer_all(processes, signed_in(processes, worker.email, worker.password), "pets")) == 8
        job.wait(timeout_s=60)
        assert job.refresh().state == "Completed"
    assert {one["Name"] for one in s3.list_buckets()["Buckets"]} == {"labels", "pets"}
    found = s3.get_object(Bucket="labels", Key="out/pets/manifests/output/output.manifest")
    output = [json.loads(line) for line in found["Body"].read().splitlines()]
    assert [line["pets-metadata"]["class-name"] for line in output] == [line["source"].split()[1] for line in output]
    assert len(output) == 8
    listed = s3.list_objects_v2(Bucket="labels", Prefix="out/pets/", Delimiter="/")
    assert "out/pets/manifests/" in [one["Prefix"] for one in listed["CommonPrefixes"]]
    s3.close()
