"""Whose a bucket is: the workspace's that made it, over S3 and in jobs; the server's own are nobody's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from groundswell.domain.errors import Forbidden, InvalidSpec
from groundswell.domain.people import Role
from groundswell.service import labeling_jobs
from groundswell.testing.acting import acting
from integration.server.aws.house import AwsHouse, refused
from integration.server.s3.places import Place, new_bucket


@pytest.fixture(scope="module")
def elsewhere(house: AwsHouse) -> Place:
    """A requester of another workspace."""
    admin = house.served.administrator()
    assert admin.post("/api/v1/workspaces", json={"name": "Elsewhere"}).status_code == 201
    account = house.served.person("eve", Role.WORKER)
    roles = {"roles": ["requester"]}
    assert admin.put(f"/api/v1/workspaces/Elsewhere/members/{account.id}", json=roles).status_code == 200
    where = next(one for one in house.served.refresh("eve").memberships if one != "main")
    from groundswell.service import access_keys
    from groundswell.wire.accounts import NewAccessKey

    key, secret = access_keys.create(house.served.acts, acting(house.served.people["eve"], where), NewAccessKey())
    return Place("eve", house.url, (key.id, secret))


def test_a_workspace_reaches_its_own_alone(house: AwsHouse, elsewhere: Place) -> None:
    mine, theirs = house.client("s3"), elsewhere.client()
    bucket, other = new_bucket(mine), new_bucket(theirs)
    mine.put_object(Bucket=bucket, Key="secret", Body=b"x")
    assert other not in {one["Name"] for one in mine.list_buckets()["Buckets"]}
    assert [one["Name"] for one in theirs.list_buckets()["Buckets"]] == [other]
    asked: list[Callable[[], Any]] = [
        lambda: theirs.get_object(Bucket=bucket, Key="secret"),
        lambda: theirs.put_object(Bucket=bucket, Key="x", Body=b""),
        lambda: theirs.delete_object(Bucket=bucket, Key="secret"),
        lambda: theirs.list_objects_v2(Bucket=bucket),
        lambda: theirs.copy_object(Bucket=other, Key="x", CopySource=f"{bucket}/secret"),
        lambda: theirs.put_bucket_cors(
            Bucket=bucket, CORSConfiguration={"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
        ),
        lambda: theirs.delete_bucket(Bucket=bucket),
    ]
    for ask in asked:
        with refused("AccessDenied"):
            ask()
    with refused("BucketAlreadyExists"):
        theirs.create_bucket(Bucket=bucket)
    assert mine.get_object(Bucket=bucket, Key="secret")["Body"].read() == b"x"


def test_a_reviewer_reads_and_writes_not(house: AwsHouse) -> None:
    mine, reviewer = house.client("s3"), house.client("s3", house.key("rex", Role.REVIEWER))
    bucket = new_bucket(mine)
    mine.put_object(Bucket=bucket, Key="x", Body=b"x")
    assert reviewer.get_object(Bucket=bucket, Key="x")["Body"].read() == b"x"
    with refused("AccessDenied"):
        reviewer.put_object(Bucket=bucket, Key="y", Body=b"")
    worker = house.client("s3", house.key("wim", Role.WORKER))
    with refused("AccessDenied"):
        worker.get_object(Bucket=bucket, Key="x")


def test_jobs_of_other_workspaces_use_it_not(house: AwsHouse, elsewhere: Place) -> None:
    mine = house.client("s3")
    bucket = new_bucket(mine)
    where = next(one for one in house.served.refresh("eve").memberships if one != "main")
    eve = acting(house.served.people["eve"], where)
    spec = {"name": "x", "task_type": "text-classification", "input": f"s3://{bucket}/a.txt", "labels": ["a", "b"]}
    with pytest.raises(InvalidSpec, match="belongs to somebody else"):
        labeling_jobs.create(house.served.acts, eve, spec)
    with pytest.raises(Forbidden):
        house.served.acts.storage_of(eve).read(f"s3://{bucket}/a.txt")
    inside = Path(house.served.settings.data_dir).resolve() / "s3" / bucket / "a.txt"
    with pytest.raises(Forbidden):
        house.served.acts.storage_of(eve).read(f"file://{inside}")


def test_a_bucket_that_a_job_writes_to_is_its_workspaces(house: AwsHouse, elsewhere: Place) -> None:
    where = next(one for one in house.served.refresh("eve").memberships if one != "main")
    eve = acting(house.served.people["eve"], where)
    spec = {
        "name": "claims",
        "task_type": "text-classification",
        "input": "s3://eves-input/a.txt",
        "output": "s3://eves-labels/",
        "labels": ["a", "b"],
    }
    labeling_jobs.create(house.served.acts, eve, spec)
    with refused("AccessDenied"):
        house.client("s3").list_objects_v2(Bucket="eves-labels")
    assert "Contents" not in elsewhere.client().list_objects_v2(Bucket="eves-labels")


def test_a_folder_that_was_there_is_the_first_workspaces(house: AwsHouse, elsewhere: Place) -> None:
    house.served.storage.write("s3://by-hand/a/x.txt", b"by hand")
    mine = house.client("s3")
    assert "by-hand" in {one["Name"] for one in mine.list_buckets()["Buckets"]}
    got = mine.get_object(Bucket="by-hand", Key="a/x.txt")
    assert got["Body"].read() == b"by hand" and got["ETag"].endswith('-1"')
    assert mine.list_objects_v2(Bucket="by-hand")["Contents"][0]["ETag"] == got["ETag"]
    with refused("AccessDenied"):
        elsewhere.client().get_object(Bucket="by-hand", Key="a/x.txt")


def test_the_servers_own_are_nobodys(house: AwsHouse) -> None:
    house.served.storage.write("s3://groundswell-uploads/other/1/x", b"x")
    for name in ("groundswell-uploads",):
        with refused("AccessDenied"):
            house.client("s3").list_objects_v2(Bucket=name)
    admin = house.client("s3", house.key("ada", Role.ADMINISTRATOR))
    for ask in (admin.list_objects_v2, admin.delete_bucket):
        with refused("AccessDenied"):
            ask(Bucket="groundswell-uploads")
    with refused("NoSuchBucket"):
        admin.list_objects_v2(Bucket=".groundswell")
    with pytest.raises(Forbidden):
        house.served.storage.read("s3://.groundswell/incoming/1")


def test_what_happens_to_a_bucket_leaves_its_events(house: AwsHouse) -> None:
    client = house.client("s3")
    bucket = new_bucket(client)
    rules = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
    client.put_object(Bucket=bucket, Key="before", Body=b"1")
    client.put_bucket_cors(Bucket=bucket, CORSConfiguration=rules)
    told_of: dict[str, Any] = {"EventBridgeConfiguration": {}}
    client.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=told_of)
    client.put_object(Bucket=bucket, Key="odd name", Body=b"22")
    for key in ("odd name", "before"):
        client.delete_object(Bucket=bucket, Key=key)
    client.delete_bucket(Bucket=bucket)
    listed = house.served.administrator().get("/api/v1/events", params={"kind": "bucket"}).json()["events"][::-1]
    mine = [one for one in listed if one["subject"] == bucket]
    assert [one["kind"].removeprefix("bucket.") for one in mine] == [
        "created",
        "changed",
        "changed",
        "object_created",
        "object_removed",
        "object_removed",
        "removed",
    ]
    assert mine[3]["data"]["object"]["key"] == "odd+name" and mine[3]["data"]["object"]["size"] == 2
