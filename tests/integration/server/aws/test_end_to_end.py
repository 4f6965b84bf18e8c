"""A job from boto3's first call to the labels in its bucket: people work over HTTP, the runner does the rest."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from groundswell.sdk import Client, calls
from integration.processes import EMAIL, PASSWORD, Processes
from integration.server.aws.requests import CLASSIFIER, MEMBERS, job_request
from integration.server.serving import SHAPES, picture

OBJECTS = 6


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """A server and a runner as they are started by hand."""
    running = Processes(tmp_path_factory.mktemp("house"))
    running.start("server")
    running.start("runner")
    yield running
    running.close()


def test_a_job_by_boto3_is_finished_by_people(server: Processes, tmp_path: Path) -> None:
    bucket = server.data_dir / "s3" / "in"
    bucket.mkdir(parents=True)
    for n in range(OBJECTS):
        (bucket / f"{n}.png").write_bytes(picture(SHAPES[n % 3], n))
    lines = "".join(json.dumps({"source-ref": f"s3://in/{n}.png", "id": n}) + "\n" for n in range(OBJECTS))
    (bucket / "birds.manifest").write_text(lines)
    labels = {"document-version": "2018-11-28", "labels": [{"label": shape} for shape in SHAPES]}
    (bucket / "labels.json").write_text(json.dumps(labels))
    (bucket / "classify.html").write_text(CLASSIFIER)
    with Client(server.url) as people:
        people.sign_in(EMAIL, PASSWORD)
        sagemaker = _sagemaker(server.url, people)
        try:
            sagemaker.create_workteam(WorkteamName="crew", MemberDefinitions=MEMBERS, Description="d")
            assert sagemaker.list_workteams(NameContains="crew")["Workteams"]
            asked = job_request("Shapes-1", HumanTaskConfig__NumberOfHumanWorkersPerDataObject=1)
            sagemaker.create_labeling_job(**asked)
            job = people.jobs.get("Shapes-1")
            while job.refresh().state == "Initializing":
                time.sleep(0.05)
            for _ in range(OBJECTS):
                _answer_next(people, "shapes-1")
            job.wait(timeout_s=60)
            found = sagemaker.describe_labeling_job(LabelingJobName="Shapes-1")
        finally:
            sagemaker.close()
    assert found["LabelingJobStatus"] == "Completed"
    assert found["LabelCounters"] == {
        "TotalLabeled": OBJECTS,
        "HumanLabeled": OBJECTS,
        "MachineLabeled": 0,
        "FailedNonRetryableError": 0,
        "Unlabeled": 0,
    }
    uri = found["LabelingJobOutput"]["OutputDatasetS3Uri"]
    assert uri == "s3://out/gt/Shapes-1/manifests/output/output.manifest"
    written = [json.loads(line) for line in (server.data_dir / "s3" / uri[5:]).read_text().splitlines()]
    assert [one["species"] for one in written] == [n % 3 for n in range(OBJECTS)]
    assert [one["id"] for one in written] == list(range(OBJECTS))
    said = written[1]["species-metadata"]
    assert said["type"] == "groundtruth/image-classification" and said["class-name"] == SHAPES[1]
    assert (said["job-name"], said["human-annotated"]) == ("labeling-job/shapes-1", "yes")


def _sagemaker(url: str, people: Client) -> Any:
    key = people.run(calls.new_access_key("test", 1, None))
    session = boto3.session.Session(key.id, key.secret, None, key.region)
    return session.client("sagemaker", endpoint_url=url, config=Config(retries={"total_max_attempts": 1}))


def _answer_next(people: Client, job: str) -> None:
    """Take a task, as soon as there is one, and say what the picture shows."""
    end = time.monotonic() + 30
    while (task := people.work.take(job)) is None:
        assert time.monotonic() < end, "no task was published"
        time.sleep(0.05)
    shape = SHAPES[task.task.object % 3]
    people.work.submit(task.assignment_id, {"crowd-image-classifier": {"label": shape}})
