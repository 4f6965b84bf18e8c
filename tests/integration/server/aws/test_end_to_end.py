"""A notebook's way: upload by boto3, create the job, people work over HTTP, read the labels from the bucket."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from groundswell.sdk import Client, calls
from groundswell.wire.work import TakenTask
from integration.processes import EMAIL, PASSWORD, Processes
from integration.server.aws.requests import CLASSIFIER, MEMBERS, job_request
from integration.server.serving import SHAPES, picture

OBJECTS = 6
QUIET = Config(retries={"total_max_attempts": 1})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """A server and a runner as they are started by hand."""
    running = Processes(tmp_path_factory.mktemp("house"))
    running.start("server")
    running.start("runner")
    yield running
    running.close()


def test_a_job_by_boto3_is_finished_by_people(server: Processes) -> None:
    with Client(server.url) as people:
        people.sign_in(EMAIL, PASSWORD)
        session = _session(people)
        sagemaker, s3 = (session.client(name, endpoint_url=server.url, config=QUIET) for name in ("sagemaker", "s3"))
        try:
            _upload(s3)
            sagemaker.create_workteam(WorkteamName="crew", MemberDefinitions=MEMBERS, Description="d")
            assert sagemaker.list_workteams(NameContains="crew")["Workteams"]
            source = {"S3DataSource": {"ManifestS3Uri": "s3://input-birds/birds.manifest"}}
            asked = job_request(
                "Shapes-1",
                InputConfig__DataSource=source,
                OutputConfig__S3OutputPath="s3://output-birds/gt/",
                LabelCategoryConfigS3Uri="s3://input-birds/labels.json",
                HumanTaskConfig__UiConfig={"UiTemplateS3Uri": "s3://input-birds/classify.html"},
                HumanTaskConfig__NumberOfHumanWorkersPerDataObject=1,
            )
            sagemaker.create_labeling_job(**asked)
            job = people.jobs.get("Shapes-1")
            while job.refresh().state == "Initializing":
                time.sleep(0.05)
            for _ in range(OBJECTS):
                _answer_next(people, "shapes-1")
            job.wait(timeout_s=60)
            found = sagemaker.describe_labeling_job(LabelingJobName="Shapes-1")
            uri = found["LabelingJobOutput"]["OutputDatasetS3Uri"]
            bucket, _, key = uri.removeprefix("s3://").partition("/")
            manifest = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        finally:
            sagemaker.close()
            s3.close()
    assert found["LabelingJobStatus"] == "Completed"
    assert found["LabelCounters"] == {
        "TotalLabeled": OBJECTS,
        "HumanLabeled": OBJECTS,
        "MachineLabeled": 0,
        "FailedNonRetryableError": 0,
        "Unlabeled": 0,
    }
    assert uri == "s3://output-birds/gt/Shapes-1/manifests/output/output.manifest"
    written = [json.loads(line) for line in manifest.splitlines()]
    assert [one["species"] for one in written] == [n % 3 for n in range(OBJECTS)]
    assert [one["id"] for one in written] == list(range(OBJECTS))
    said = written[1]["species-metadata"]
    assert said["type"] == "groundtruth/image-classification" and said["class-name"] == SHAPES[1]
    assert (said["job-name"], said["human-annotated"]) == ("labeling-job/shapes-1", "yes")


def _session(people: Client) -> Any:
    key = people.run(calls.new_access_key("test", 1, None))
    return boto3.session.Session(key.id, key.secret, None, key.region)


def _upload(s3: Any) -> None:
    """What notebooks upload before they create a job."""
    for bucket in ("in", "out"):
        s3.create_bucket(Bucket=f"{bucket}put-birds")
    lines = (json.dumps({"source-ref": f"s3://input-birds/{n}.png", "id": n}) + "\n" for n in range(OBJECTS))
    labels = {"document-version": "2018-11-28", "labels": [{"label": shape} for shape in SHAPES]}
    files = {
        "birds.manifest": "".join(lines).encode(),
        "labels.json": json.dumps(labels).encode(),
        "classify.html": CLASSIFIER.encode(),
        **{f"{n}.png": picture(SHAPES[n % 3], n) for n in range(OBJECTS)},
    }
    for key, body in files.items():
        s3.put_object(Bucket="input-birds", Key=key, Body=body)


def _next_task(people: Client, job: str) -> TakenTask:
    """A task, as soon as there is one."""
    end = time.monotonic() + 30
    while (task := people.work.take(job)) is None:
        assert time.monotonic() < end, "no task was published"
        time.sleep(0.05)
    return task


def _answer_next(people: Client, job: str) -> None:
    """Say what the next picture shows."""
    task = _next_task(people, job)
    shape = SHAPES[task.task.object % 3]
    people.work.submit(task.assignment_id, {"crowd-image-classifier": {"label": shape}})


def test_the_guides_programs_run_as_they_are(server: Processes) -> None:
    guide = (Path(__file__).parents[4] / "docs" / "guides" / "from-ground-truth.md").read_text("utf-8")
    make, read = re.findall(r"```python\n(.*?)```", guide, re.S)
    with Client(server.url) as people:
        people.sign_in(EMAIL, PASSWORD)
        environment = _environment(server, people.run(calls.new_key("guide", 1)).token)
        assert f"label at {server.url}/work" in _program(make, environment)
        for _ in range(3):
            _answer_letter(people)
    assert _program(read, environment).splitlines()[-3:] == [
        "complaint The train is late again",
        "praise Lovely staff, thank you",
        "question Where is platform 4?",
    ]


def _answer_letter(people: Client) -> None:
    task = _next_task(people, "letters")
    label = ("complaint", "praise", "question")[task.task.object]
    people.work.submit(task.assignment_id, {"crowd-classifier": {"label": label}})


def test_aws_env_points_a_shell_at_the_server(server: Processes) -> None:
    with Client(server.url) as people:
        people.sign_in(EMAIL, PASSWORD)
        token = people.run(calls.new_key("test", 1)).token
    program = "import boto3; print(boto3.client('sagemaker').list_workteams()['Workteams'][0]['WorkteamName'])"
    assert "everyone" in _program(program, _environment(server, token))
    assert "account 000000000000, region us-east-1" in _command(server, token, "aws", "account")
    made = json.loads(_command(server, token, "key", "create", "ci", "--aws", "--role", "requester", "--json"))
    assert made["id"] in _command(server, token, "key", "list") and made["role"] == "requester"
    _command(server, token, "key", "drop", made["id"])
    assert made["id"] not in _command(server, token, "key", "list")


def _environment(server: Processes, token: str) -> dict[str, str]:
    """What a shell has after `groundswell aws env`."""
    lines = _command(server, token, "aws", "env").splitlines()
    assert lines[0] == f"export AWS_ENDPOINT_URL={server.url}" and "unset AWS_SESSION_TOKEN" in lines
    found = dict(line.removeprefix("export ").split("=", 1) for line in lines if line.startswith("export "))
    return {**os.environ, **found}


def _program(text: str, environment: dict[str, str]) -> str:
    done = subprocess.run([sys.executable, "-c", text], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _command(server: Processes, token: str, *arguments: str) -> str:
    command = [sys.executable, "-m", "groundswell.cli.main", *arguments, "--url", server.url, "--token", token]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
