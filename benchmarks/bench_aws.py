"""SageMaker's operations: a page of 10,000 jobs, a rendered template, a checked signature, a job of a long manifest.

Listings and templates are asked for by boto3 over HTTP from a server in this process, so that what is measured is what
a client waits for, botocore's own time included; that alone is measured with an operation that does nothing.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import uvicorn
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from fastapi import FastAPI

from groundswell.bootstrap import new_id, open_storage, open_store, utc_now
from groundswell.domain.people import EVERYONE, MAIN, Account, Role
from groundswell.domain.records import LabelingJob
from groundswell.domain.states import JobState
from groundswell.server.app import create_app
from groundswell.server.aws.authentication import authenticate, digest_of
from groundswell.server.aws.sigv4 import Head
from groundswell.service import access_keys, accounts
from groundswell.service.ports import Transaction
from groundswell.settings import Settings
from groundswell.testing.acting import acting
from groundswell.wire.accounts import NewAccessKey

JOBS = 10_000
TIMES = 30
_FUNCTION = "arn:aws:lambda:us-east-1:432418664414:function:"
_ROLE = "arn:aws:iam::111122223333:role/gt"
_LISTINGS: dict[str, dict[str, str]] = {
    "by time": {},
    "by name, descending": {"SortBy": "Name", "SortOrder": "Descending"},
    "one status, name filtered, by status": {"SortBy": "Status", "StatusEquals": "Failed", "NameContains": "9"},
}
_TEMPLATE = (
    "<crowd-form><crowd-image-classifier name='crowd-image-classifier' src='{{ task.input.taskObject | "
    "grant_read_access }}' categories='{{ task.input.labels | to_json | escape }}' header='Which?'>"
    "<full-instructions header='h'>f</full-instructions><short-instructions>s</short-instructions>"
    "</crowd-image-classifier></crowd-form>"
)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.model_validate({"data_dir": Path(folder) / "data", "s3": "local"})
        store, storage = open_store(settings), open_storage(settings)
        app = create_app(settings, store=store, storage=storage)
        person = Account(
            new_id(),
            "rita@example.com",
            "Rita",
            frozenset(),
            utc_now(),
            memberships={MAIN: frozenset({Role.REQUESTER})},
        )
        store.write(lambda tx: accounts.add(tx, person, password_hash=None)).result()
        key, secret = access_keys.create(app.state.context, acting(person), NewAccessKey())
        store.write(lambda tx: _add_jobs(tx, person)).result()
        _signatures(app, key.id, secret)
        with _served(app) as url:
            _operations(url, storage, key.id, secret)
        store.close()


def _add_jobs(tx: Transaction, person: Account) -> None:
    states = (JobState.COMPLETED, JobState.STOPPED, JobState.FAILED)
    request = {"HumanTaskConfig": {"PreHumanTaskLambdaArn": f"{_FUNCTION}PRE-BoundingBox"}}
    for n in range(JOBS):
        tx.jobs.add(
            LabelingJob(
                id=0,
                name=f"job-{n * 7_919 % JOBS:05}-of-birds",
                spec={"name": "x", "tags": {}},
                task_type="object-detection",
                team_id=EVERYONE,
                state=states[n % 3],
                created_at=utc_now() - timedelta(minutes=JOBS - n),
                created_by=person.id,
                input_uri="s3://in/birds.manifest",
                output_uri=f"s3://out/{n}",
                request=request,
            )
        )


def _signatures(app: FastAPI, key: str, secret: str) -> None:
    body = json.dumps({"LabelingJobName": "birds"}).encode()
    heads = []
    for n in range(1_000):
        request = AWSRequest("POST", "http://h/", headers={"x-amz-target": f"SageMaker.Stop{n}"}, data=body)
        SigV4Auth(Credentials(key, secret), "sagemaker", "us-east-1").add_auth(request)
        heads.append(
            Head("POST", "/", "", {name.lower(): one for name, one in request.headers.items()} | {"host": "h"})
        )
    began = time.process_time()
    for head in heads:
        authenticate(app.state.context, head, services=frozenset({"sagemaker"}), payload=digest_of(body))
    each = (time.process_time() - began) / len(heads)
    print(f"{'signature, processor time':<58}{each * 1_000:>9.3f} ms   (asked: below 0.3)")


def _operations(url: str, storage: Any, key: str, secret: str) -> None:
    import boto3

    client = boto3.session.Session(key, secret, None, "us-east-1").client("sagemaker", endpoint_url=url)
    _show("botocore and HTTP alone (an empty list)", client.list_workforces, "")
    for text, asked in _LISTINGS.items():
        _show(f"100 of {JOBS:,} jobs, {text}", partial(client.list_labeling_jobs, MaxResults=100, **asked), "50")
    token = client.list_labeling_jobs(MaxResults=100, SortBy="Name")["NextToken"]
    later = partial(client.list_labeling_jobs, MaxResults=100, SortBy="Name", NextToken=token)
    _show(f"100 of {JOBS:,} jobs, a later page", later, "50")
    task = {"Input": json.dumps({"taskObject": "s3://in/0.png", "labels": ["owl", "jay"]})}
    template = {"Content": _TEMPLATE}
    _show("RenderUiTemplate", partial(client.render_ui_template, UiTemplate=template, Task=task, RoleArn=_ROLE), "10")
    storage.write("s3://in/labels.json", b'{"labels":[{"label":"owl"},{"label":"jay"}]}')
    storage.write("s3://in/classify.html", _TEMPLATE.encode())
    storage.write("s3://in/long.manifest", b'{"source-ref":"s3://in/0.png"}\n' * 1_000_000)
    began = time.perf_counter()
    client.create_labeling_job(**_request())
    took = (time.perf_counter() - began) * 1_000
    print(f"{'CreateLabelingJob, a manifest of a million lines':<58}{took:>9.1f} ms   (asked: below 1,000)")
    client.close()


def _show(text: str, ask: Callable[[], Any], most: str) -> None:
    ask()
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        ask()
        took.append(time.perf_counter() - began)
    asked = f"   (asked: below {most})" if most else ""
    print(f"{text:<58}{median(took) * 1_000:>9.1f} ms{asked}", flush=True)


def _request() -> dict[str, Any]:
    return {
        "LabelingJobName": "long",
        "LabelAttributeName": "species",
        "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://in/long.manifest"}}},
        "OutputConfig": {"S3OutputPath": "s3://out/"},
        "RoleArn": _ROLE,
        "LabelCategoryConfigS3Uri": "s3://in/labels.json",
        "HumanTaskConfig": {
            "WorkteamArn": "arn:aws:sagemaker:us-east-1:000000000000:workteam/private-crowd/everyone",
            "UiConfig": {"UiTemplateS3Uri": "s3://in/classify.html"},
            "PreHumanTaskLambdaArn": f"{_FUNCTION}PRE-ImageMultiClass",
            "AnnotationConsolidationConfig": {"AnnotationConsolidationLambdaArn": f"{_FUNCTION}ACS-ImageMultiClass"},
            "TaskTitle": "t",
            "TaskDescription": "d",
            "NumberOfHumanWorkersPerDataObject": 3,
            "TaskTimeLimitInSeconds": 600,
        },
    }


@contextmanager
def _served(app: FastAPI) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, ws="none", log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


if __name__ == "__main__":
    main()
