"""Functions written for Ground Truth, as their authors publish them, on a server as it is after its first start.

They assume `roleArn`, read `payload.s3Uri` by boto3 in each of the usual ways, and know nothing of this server.
"""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from groundswell.domain.errors import Unavailable
from groundswell.hooks.finding import find_sandbox
from groundswell.hooks.packing import pack
from groundswell.hooks.sandbox import SandboxOptions
from integration.processes import EMAIL, PASSWORD, Processes

PRE = {
    "whole-line": """
def lambda_handler(event, context):
    source = event["dataObject"].get("source") or event["dataObject"]["source-ref"]
    return {"taskInput": {"text": source, "job": event["labelingJobArn"].split("/")[-1]},
            "isHumanAnnotationRequired": "true"}
""",
    "old-spelling": """
import json
def lambda_handler(event, context):
    print("Received: " + json.dumps(event))
    line = event["dataObject"]
    response = {"taskInput": {}, "humanAnnotationRequired": "true" if "skip" not in line["source"] else "false"}
    response["taskInput"]["text"] = line["source"]
    response["taskInput"]["labels"] = ["yes", "no"]
    return response
""",
}

READ_BY_CLIENT = """
import json, boto3
from urllib.parse import urlparse
def lambda_handler(event, context):
    parsed = urlparse(event["payload"]["s3Uri"])
    s3 = boto3.client("s3")
    text = s3.get_object(Bucket=parsed.netloc, Key=parsed.path[1:])["Body"].read()
    out = []
    for item in json.loads(text):
        votes = [json.loads(a["annotationData"]["content"])["choice"] for a in item["annotations"]]
        best = max(sorted(set(votes)), key=votes.count)
        out.append({"datasetObjectId": item["datasetObjectId"], "consolidatedAnnotation": {"content": {
            event["labelAttributeName"]: {"winner": best, "workers": [a["workerId"] for a in item["annotations"]]},
            event["labelAttributeName"] + "-metadata": {"votes": len(votes)}}}})
    return out
"""

WITH_ROLE = """
import json, boto3
from urllib.parse import urlparse

class S3Client(object):
    def __init__(self, role_arn=None, kms_key_id=None):
        sts = boto3.client("sts")
        if role_arn:
            assumed = sts.assume_role(RoleArn=role_arn, RoleSessionName="AssumeRoleSession1")
            self.credentials = assumed["Credentials"]
            self.s3 = boto3.resource("s3", aws_access_key_id=self.credentials["AccessKeyId"],
                                     aws_secret_access_key=self.credentials["SecretAccessKey"],
                                     aws_session_token=self.credentials["SessionToken"])
        else:
            self.s3 = boto3.resource("s3")

    def get_object_from_s3(self, uri):
        parsed = urlparse(uri)
        return self.s3.Object(parsed.netloc, parsed.path.lstrip("/")).get()["Body"].read().decode("utf-8")

def do_consolidation(job_arn, payload, label_attribute_name, s3_client):
    if "s3Uri" in payload:
        payload = json.loads(s3_client.get_object_from_s3(payload["s3Uri"]))
    consolidated = []
    for p in payload:
        response = {"datasetObjectId": p["datasetObjectId"], "consolidatedAnnotation": {"content": {
            label_attribute_name: {"annotationsFromAllWorkers": []}}}}
        for i in range(len(p["annotations"])):
            response["consolidatedAnnotation"]["content"][label_attribute_name]["annotationsFromAllWorkers"].append(
                {"workerId": p["annotations"][i]["workerId"],
                 "annotation": json.loads(p["annotations"][i]["annotationData"]["content"])})
        consolidated.append(response)
    return consolidated

def lambda_handler(event, context):
    s3_client = S3Client(event["roleArn"], event.get("kmsKeyId"))
    return do_consolidation(event["labelingJobArn"], event["payload"], event["labelAttributeName"], s3_client)
"""

BY_FILE = """
import json, os, tempfile, boto3
s3 = boto3.client("s3")          # when the module is loaded, as AWS advises
def lambda_handler(event, context):
    bucket, key = event["payload"]["s3Uri"].replace("s3://", "").split("/", 1)
    head = s3.head_object(Bucket=bucket, Key=key)
    path = os.path.join(tempfile.mkdtemp(), "payload.json")
    s3.download_file(bucket, key, path)
    assert os.path.getsize(path) == head["ContentLength"]
    folder = key.rsplit("/", 1)[0] + "/"
    listed = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, Prefix=folder)["Contents"]]
    assert key in listed
    who = boto3.client("sts").get_caller_identity()
    with open(path) as file:
        return [{"datasetObjectId": item["datasetObjectId"], "consolidatedAnnotation": {"content": {
                    event["labelAttributeName"]: {"text": item["dataObject"]["content"], "as": who["Arn"]}}}}
                for item in json.load(file)]
"""

GREEDY = """
import json, boto3
from botocore.exceptions import ClientError
from urllib.parse import urlparse
s3 = boto3.client("s3")
def tried(work, *given, **named):
    try:
        work(*given, **named)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "done"
def lambda_handler(event, context):
    parsed = urlparse(event["payload"]["s3Uri"])
    bucket, key = parsed.netloc, parsed.path[1:]
    seen = {
        "own": tried(s3.get_object, Bucket=bucket, Key=key),
        "put": tried(s3.put_object, Bucket=bucket, Key=key, Body=b"x"),
        "put beside": tried(s3.put_object, Bucket="other", Key="x", Body=b"x"),
        "delete": tried(s3.delete_object, Bucket=bucket, Key=key),
        "other": tried(s3.get_object, Bucket="other", Key="secret.json"),
        "other by a role": None,
        "bucket": tried(s3.list_objects_v2, Bucket=bucket),
        "all": tried(s3.list_buckets),
        "make": tried(s3.create_bucket, Bucket="mine-now"),
        "jobs": tried(boto3.client("sagemaker").list_labeling_jobs),
        "functions": tried(boto3.client("lambda").list_functions),
    }
    role = boto3.client("sts").assume_role(RoleArn="arn:aws:iam::123456789012:role/Admin", RoleSessionName="me")
    assumed = role["Credentials"]
    other = boto3.client("s3", aws_access_key_id=assumed["AccessKeyId"],
                         aws_secret_access_key=assumed["SecretAccessKey"], aws_session_token=assumed["SessionToken"])
    seen["other by a role"] = tried(other.get_object, Bucket="other", Key="secret.json")
    return [{"datasetObjectId": item["datasetObjectId"],
             "consolidatedAnnotation": {"content": {event["labelAttributeName"]: seen}}}
            for item in json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())]
"""
WRITING = """
import json, boto3
from botocore.exceptions import ClientError
from urllib.parse import urlparse
s3 = boto3.client("s3")
def tried(work, **named):
    try:
        work(**named)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "done"
def lambda_handler(event, context):
    parsed = urlparse(event["payload"]["s3Uri"])
    out = []
    for item in json.loads(s3.get_object(Bucket=parsed.netloc, Key=parsed.path[1:])["Body"].read()):
        key = "masks/" + item["datasetObjectId"] + ".txt"
        s3.put_object(Bucket="labels-of-mine", Key=key, Body=b"a mask")
        said = {
            "ref": "s3://labels-of-mine/" + key,
            "read": s3.get_object(Bucket="labels-of-mine", Key=key)["Body"].read().decode(),
            "parts": tried(s3.create_multipart_upload, Bucket="labels-of-mine", Key="masks/big"),
            "beside": tried(s3.put_object, Bucket="labels-of-mine", Key="other/x", Body=b"x"),
            "parts beside": tried(s3.create_multipart_upload, Bucket="labels-of-mine", Key="other/x"),
            "copied": tried(s3.copy_object, Bucket="labels-of-mine", Key="other/x",
                            CopySource={"Bucket": "labels-of-mine", "Key": key}),
            "bucket": tried(s3.delete_bucket, Bucket="labels-of-mine"),
            "deleted beside": tried(s3.delete_object, Bucket="labels-of-mine", Key="other/y"),
        }
        out.append({"datasetObjectId": item["datasetObjectId"],
                    "consolidatedAnnotation": {"content": {event["labelAttributeName"]: said}}})
    return out
"""
TEMPLATE = "<crowd-form><p>{{ task.input.text }}</p><crowd-input name='choice'></crowd-input></crowd-form>"


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    try:
        find_sandbox(SandboxOptions(network=None))
    except Unavailable as error:
        pytest.skip(f"functions cannot run here: {error.message}")
    started = Processes(tmp_path_factory.mktemp("published"))
    started.start("server")
    started.start("runner")
    yield started
    started.close()


@pytest.fixture(scope="module")
def api(processes: Processes) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{processes.url}/api/v1", timeout=60) as client:
        session = client.post("/sessions", json={"email": EMAIL, "password": PASSWORD}).json()
        client.headers["Authorization"] = f"Bearer {session['token']}"
        yield client


@pytest.fixture(scope="module")
def worker(processes: Processes, api: httpx.Client) -> Iterator[httpx.Client]:
    made = api.post("/workers/new", json={"email": "w@example.com", "name": "W", "roles": ["worker"]}).json()
    with httpx.Client(base_url=f"{processes.url}/api/v1", timeout=60) as client:
        session = client.post("/sessions", json={"email": "w@example.com", "password": made["password"]}).json()
        client.headers["Authorization"] = f"Bearer {session['token']}"
        yield client


def register(api: httpx.Client, name: str, source: str, **more: Any) -> str:
    code = b64encode(pack({"lambda_function.py": source.encode()})).decode()
    made = api.put(f"/hooks/{name}", json={"handler": "lambda_function.lambda_handler", "code": code, **more})
    assert made.status_code == 200, made.text
    return f"arn:aws:lambda:us-west-2:123456789012:function:{name}"


def finished(
    api: httpx.Client, worker: httpx.Client, processes: Processes, name: str, texts: list[str], **fields: Any
) -> list[dict[str, Any]]:
    """The output's lines of a job that one worker did."""
    source = processes.data_dir / "input" / f"{name}.manifest"
    source.parent.mkdir(exist_ok=True)
    source.write_text("".join(json.dumps({"source": text}) + "\n" for text in texts))
    spec = {
        "name": name,
        "task_type": "custom",
        "template": TEMPLATE,
        "input": f"input/{name}.manifest",
        "workers": {"per_object": 1},
        **fields,
    }
    made = api.post("/jobs", json=spec)
    assert made.status_code == 201, made.text
    deadline = time.monotonic() + 60
    while (job := api.get(f"/jobs/{name}").json())["state"] not in ("Completed", "Stopped", "Failed"):
        assert time.monotonic() < deadline, job
        taken = worker.post(f"/jobs/{name}/assignments", json={})
        if taken.status_code == 201:
            answer = {"answer": {"choice": f"y{taken.json()['task']['object']}"}}
            worker.put(f"/assignments/{taken.json()['assignment_id']}/annotation", json=answer).raise_for_status()
        else:
            time.sleep(0.05)
    assert job["state"] == "Completed", job
    return [json.loads(line) for line in api.get(f"/jobs/{name}/output").text.splitlines()]


@pytest.mark.parametrize(("name", "source"), [("client", READ_BY_CLIENT), ("role", WITH_ROLE), ("file", BY_FILE)])
def test_post_annotation_functions_finish(
    api: httpx.Client, worker: httpx.Client, processes: Processes, name: str, source: str
) -> None:
    hooks = {
        "pre_annotation": register(api, f"Pre-{name}", PRE["whole-line"]),
        "post_annotation": register(api, f"Post-{name}", source),
    }
    lines = finished(api, worker, processes, f"by-{name}", ["one", "two"], hooks=hooks)
    labels = [line[f"by-{name}"] for line in lines]
    if name == "client":
        assert [label["winner"] for label in labels] == ["y0", "y1"]
        assert labels[0]["workers"][0].startswith("private.")
        assert lines[0]["by-client-metadata"]["votes"] == 1
    elif name == "role":
        assert [label["annotationsFromAllWorkers"][0]["annotation"] for label in labels] == [
            {"choice": "y0"},
            {"choice": "y1"},
        ]
    else:
        assert [label["text"] for label in labels] == ["one", "two"]
        assert labels[0]["as"] == "arn:aws:sts::000000000000:assumed-role/groundswell-function/by-file"


def test_an_output_in_a_bucket_is_read_there(api: httpx.Client, worker: httpx.Client, processes: Processes) -> None:
    hooks = {"post_annotation": register(api, "Post-bucket", WITH_ROLE)}
    lines = finished(api, worker, processes, "in-bucket", ["one"], hooks=hooks, output="s3://labels/mine")
    assert lines[0]["in-bucket"]["annotationsFromAllWorkers"][0]["annotation"] == {"choice": "y0"}


def test_objects_that_need_nobody_are_left(api: httpx.Client, worker: httpx.Client, processes: Processes) -> None:
    hooks = {"pre_annotation": register(api, "Pre-old", PRE["old-spelling"])}
    lines = finished(api, worker, processes, "skipping", ["one", "skip me"], hooks=hooks)
    assert "skipping" in lines[0] and "skipping" not in lines[1]


def test_a_functions_credentials_read_its_own_job_and_change_nothing(
    api: httpx.Client, worker: httpx.Client, processes: Processes
) -> None:
    bearer = {"Authorization": api.headers["Authorization"]}
    with httpx.Client(base_url=f"{processes.url}/s3", headers=bearer) as s3:
        assert s3.put("/other").status_code == 200
        assert s3.put("/other/secret.json", content=b"{}").status_code == 200
    hooks = {"post_annotation": register(api, "Greedy", GREEDY)}
    (line,) = finished(api, worker, processes, "greedy", ["one"], hooks=hooks)
    seen = line["greedy"]
    assert seen.pop("own") == "done"
    assert {what: code for what, code in seen.items() if code not in ("AccessDenied", "AccessDeniedException")} == {}
    payloads = processes.data_dir / "s3" / "groundswell-functions"
    assert not [path for path in payloads.rglob("*") if path.is_file()], "the copies for functions are left behind"


def test_a_function_writes_where_it_was_allowed_to(
    api: httpx.Client, worker: httpx.Client, processes: Processes
) -> None:
    bearer = {"Authorization": api.headers["Authorization"]}
    with httpx.Client(base_url=f"{processes.url}/s3", headers=bearer) as s3:
        assert s3.put("/labels-of-mine").status_code == 200
        arn = register(api, "Writing", WRITING, writes=["s3://labels-of-mine/masks/"])
        (line,) = finished(api, worker, processes, "writing", ["one"], hooks={"post_annotation": arn})
        seen = line["writing"]
        assert (seen.pop("ref"), seen.pop("read"), seen.pop("parts")) == (
            "s3://labels-of-mine/masks/0.txt",
            "a mask",
            "done",
        )
        assert set(seen.values()) == {"AccessDenied"}, seen
        assert s3.get("/labels-of-mine/masks/0.txt").content == b"a mask"
    for address in ("labels/", "s3://labels", "s3:///x/", "file:///etc/"):
        refused = api.put("/hooks/x", json={"handler": "a.b", "code": "", "writes": [address]})
        assert refused.status_code == 422 and "writes" in refused.text
