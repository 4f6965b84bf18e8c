"""Work teams, vendors' teams and workforces by boto3, and everything that can be wrong with a request."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config

from groundswell.domain.people import Role
from integration.server.aws.house import AwsHouse, refused
from integration.server.aws.requests import MEMBERS, OIDC, PUBLIC, conforms, job_request, put_inputs

ARN = "arn:aws:sagemaker:us-east-1:000000000000:"
TOPIC = {"NotificationTopicArn": "arn:aws:sns:us-east-1:111122223333:news"}
ACCESS = {"S3Presign": {"IamPolicyConstraints": {"SourceIp": "Enabled"}}}
COGNITO = {"UserPool": "us-east-1_abc", "ClientId": "c"}
GROUPS = [{"OidcMemberDefinition": {"Groups": ["birders"]}}]


@pytest.fixture(scope="module")
def client(house: AwsHouse) -> Any:
    put_inputs(house)
    return house.client()


@pytest.fixture
def birders(client: Any) -> Any:
    client.create_workteam(WorkteamName="birders", MemberDefinitions=MEMBERS, Description="Who know birds")
    yield "birders"
    client.delete_workteam(WorkteamName="birders")


def test_a_teams_life(client: Any, house: AwsHouse) -> None:
    asked = {
        "WorkteamName": "Rangers",
        "MemberDefinitions": MEMBERS,
        "Description": "Rangers of the park",
        "NotificationConfiguration": TOPIC,
        "WorkerAccessConfiguration": ACCESS,
    }
    made = conforms("CreateWorkteam", client.create_workteam(**asked, Tags=[{"Key": "a", "Value": "b"}]))
    assert made["WorkteamArn"] == f"{ARN}workteam/private-crowd/Rangers"
    found = conforms("DescribeWorkteam", client.describe_workteam(WorkteamName="rangers"))["Workteam"]
    assert {name: found[name] for name in asked} == asked
    assert found["CreateDate"] == found["LastUpdatedDate"] and "WorkforceArn" not in found
    assert client.list_tags(ResourceArn=made["WorkteamArn"])["Tags"] == [{"Key": "a", "Value": "b"}]
    house.served.clock.turn(seconds=5)
    client.update_workteam(WorkteamName="Rangers", Description="Of both parks")
    changed = conforms("UpdateWorkteam", client.update_workteam(WorkteamName="Rangers", MemberDefinitions=GROUPS))
    assert changed["Workteam"]["MemberDefinitions"] == GROUPS  # replaced, not added to
    assert changed["Workteam"]["Description"] == "Of both parks"
    assert changed["Workteam"]["LastUpdatedDate"] > changed["Workteam"]["CreateDate"]
    assert changed["Workteam"]["NotificationConfiguration"] == TOPIC
    assert "Rangers" in house.served.requester().get("/console/workforce").text
    assert conforms("DeleteWorkteam", client.delete_workteam(WorkteamName="Rangers")) == {"Success": True}
    with refused("ValidationException", "The work team"):  # what Terraform waits for
        client.describe_workteam(WorkteamName="Rangers")


def test_teams_of_the_console_and_rest_are_listed_too(client: Any, house: AwsHouse) -> None:
    rita = house.served.requester()
    for name in ("zebra", "Aardvark", "mole"):
        house.served.clock.turn(seconds=1)
        assert rita.post("/api/v1/teams", json={"name": name}).status_code == 201
    found = conforms("ListWorkteams", client.list_workteams())["Workteams"]
    assert [one["WorkteamName"] for one in found] == ["everyone", "zebra", "Aardvark", "mole"]
    assert found[1]["Description"] == "zebra" and found[1]["MemberDefinitions"]
    by_name = client.list_workteams(SortBy="Name", SortOrder="Descending")["Workteams"]
    assert [one["WorkteamName"] for one in by_name] == ["zebra", "mole", "everyone", "Aardvark"]
    assert [one["WorkteamName"] for one in client.list_workteams(NameContains="O")["Workteams"]] == ["everyone", "mole"]
    pages = client.get_paginator("list_workteams").paginate(PaginationConfig={"PageSize": 3})
    assert [len(page["Workteams"]) for page in pages] == [3, 1]
    with refused("ValidationException", "NextToken"):
        client.list_workteams(NextToken="x")
    for name in ("zebra", "Aardvark", "mole"):
        client.delete_workteam(WorkteamName=name)


TWO_POOLS = [*MEMBERS, {"CognitoMemberDefinition": {**MEMBERS[0]["CognitoMemberDefinition"], "ClientId": "other"}}]
WRONG_TEAMS: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("create_workteam", "a taken name", {"WorkteamName": "BIRDERS"}, "ResourceInUse", "already exists"),
    ("create_workteam", "a built-in name", {"WorkteamName": "public"}, "ResourceInUse", "already exists"),
    (
        "create_workteam",
        "two ways to sign in",
        {"MemberDefinitions": [*MEMBERS, *GROUPS]},
        "ValidationException",
        "both",
    ),
    ("create_workteam", "two pools", {"MemberDefinitions": TWO_POOLS}, "ValidationException", "same Cognito"),
    ("create_workteam", "no way", {"MemberDefinitions": [{}]}, "ValidationException", "one of them"),
    ("create_workteam", "an unknown workforce", {"WorkforceName": "none"}, "ValidationException", "No workforce"),
    ("create_workteam", "a long description", {"Description": "x" * 201}, "ValidationException", "or equal to 200"),
    ("create_workteam", "eleven members", {"MemberDefinitions": MEMBERS * 11}, "ValidationException", "or equal to 10"),
    ("create_workteam", "an empty name", {"WorkteamName": ""}, "ValidationException", "greater than or equal to 1"),
]


@pytest.mark.parametrize(("operation", "changes", "code", "words"), [(one[0], *one[2:]) for one in WRONG_TEAMS])
def test_teams_that_cannot_be(
    house: AwsHouse, birders: str, operation: str, changes: dict[str, Any], code: str, words: str
) -> None:
    unchecked = house.client(config=Config(parameter_validation=False))
    asked = {"WorkteamName": "other", "MemberDefinitions": MEMBERS, "Description": "d"}
    with refused(code, words):
        getattr(unchecked, operation)(**{**asked, **changes})


def test_teams_that_are_not_there_or_not_private(client: Any) -> None:
    for ask in (client.describe_workteam, client.delete_workteam, client.update_workteam):
        for name in ("nobody", "public"):
            with refused("ValidationException", "The work team"):
                ask(WorkteamName=name)


def test_a_team_with_jobs_stays(client: Any, birders: str) -> None:
    client.create_workteam(WorkteamName="busy", MemberDefinitions=MEMBERS, Description="d")
    team = f"{ARN}workteam/private-crowd/busy"
    client.create_labeling_job(**job_request("of-the-busy", HumanTaskConfig__WorkteamArn=team))
    with refused("ValidationException", "use this work team"):
        client.delete_workteam(WorkteamName="busy")
    with refused("ValidationException", "built in"):
        client.update_workteam(WorkteamName="everyone", Description="other")


def test_twenty_five_teams(house: AwsHouse) -> None:
    admin = house.served.administrator()
    admin.post("/api/v1/workspaces", json={"name": "Crowded"})
    admin.put("/api/v1/me/workspace", json={"name": "Crowded"})
    for n in range(25):
        assert admin.post("/api/v1/teams", json={"name": f"t{n}"}).status_code == 201
    made = admin.post("/api/v1/access-keys", json={}).json()
    crowded = house.client(key=(made["id"], made["secret"]))
    with refused("ResourceLimitExceeded", "25"):
        crowded.create_workteam(WorkteamName="one-more", MemberDefinitions=MEMBERS, Description="d")


def test_vendors_teams_are_subscribed_to(client: Any, house: AwsHouse) -> None:
    vera = house.served.person("vera", Role.VENDOR_MANAGER)
    rita = house.served.requester()
    for name in ("acme", "umbrella"):
        asked = {"name": name, "kind": "vendor", "manager": vera.email, "description": "Labels of all kinds"}
        assert rita.post("/api/v1/teams", json=asked).status_code == 201
    found = conforms("ListSubscribedWorkteams", client.list_subscribed_workteams())["SubscribedWorkteams"]
    assert [one["WorkteamArn"] for one in found] == [
        f"{ARN}workteam/vendor-crowd/{name}" for name in ("acme", "umbrella")
    ]
    one = client.describe_subscribed_workteam(WorkteamArn=found[0]["WorkteamArn"])
    assert conforms("DescribeSubscribedWorkteam", one)["SubscribedWorkteam"] == found[0]
    assert (found[0]["MarketplaceTitle"], found[0]["SellerName"]) == ("acme", "Vera")
    assert len(client.list_subscribed_workteams(NameContains="um")["SubscribedWorkteams"]) == 1
    pages = client.get_paginator("list_subscribed_workteams").paginate(PaginationConfig={"PageSize": 1})
    assert sum(len(page["SubscribedWorkteams"]) for page in pages) == 2
    for arn in (
        f"{ARN}workteam/vendor-crowd/nobody",
        PUBLIC,
        f"{ARN}workteam/private-crowd/everyone",
        f"{ARN}workteam/x",
    ):
        with refused("ValidationException", "work team"):
            client.describe_subscribed_workteam(WorkteamArn=arn)
    team = found[0]["WorkteamArn"]
    client.create_labeling_job(**job_request("of-a-vendor", HumanTaskConfig__WorkteamArn=team))
    listed = client.list_labeling_jobs(NameContains="of-a-vendor")["LabelingJobSummaryList"]
    assert listed[0]["WorkteamArn"] == team
    theirs = house.client(key=house.key("vera"))
    assert [one["LabelingJobName"] for one in theirs.list_labeling_jobs()["LabelingJobSummaryList"]] == ["of-a-vendor"]


def test_a_workforces_life(client: Any, house: AwsHouse) -> None:
    assert conforms("ListWorkforces", client.list_workforces()) == {"Workforces": []}
    cidrs = {"Cidrs": ["10.0.0.0/16"]}
    made = client.create_workforce(
        WorkforceName="ours", OidcConfig=OIDC, SourceIpConfig=cidrs, Tags=[{"Key": "a", "Value": "b"}]
    )
    assert conforms("CreateWorkforce", made) == {"WorkforceArn": f"{ARN}workforce/ours"}
    found = conforms("DescribeWorkforce", client.describe_workforce(WorkforceName="Ours"))["Workforce"]
    assert found["Status"] == "Active" and found["SourceIpConfig"] == cidrs
    assert found["OidcConfig"] == {name: value for name, value in OIDC.items() if name != "ClientSecret"}
    assert "hush" not in str(client.list_workforces()) and b"hush" not in _database(house)
    assert client.list_tags(ResourceArn=found["WorkforceArn"])["Tags"] == [{"Key": "a", "Value": "b"}]
    with refused("ValidationException", "already"):
        client.create_workforce(WorkforceName="theirs", CognitoConfig=COGNITO)
    changed = client.update_workforce(WorkforceName="ours", SourceIpConfig={"Cidrs": []}, IpAddressType="dualstack")
    assert conforms("UpdateWorkforce", changed)["Workforce"]["IpAddressType"] == "dualstack"
    assert client.list_workforces(NameContains="our")["Workforces"][0]["SourceIpConfig"] == {"Cidrs": []}
    assert client.list_workforces(NameContains="their")["Workforces"] == []
    assert len(list(client.get_paginator("list_workforces").paginate())) == 1


def test_a_workforce_with_teams(client: Any, birders: str) -> None:
    team = client.describe_workteam(WorkteamName="birders")["Workteam"]
    assert team["WorkforceArn"] == f"{ARN}workforce/ours"
    client.create_workteam(WorkteamName="named", WorkforceName="ours", MemberDefinitions=GROUPS, Description="d")
    with refused("ResourceInUse", "delete them first"):
        client.delete_workforce(WorkforceName="ours")
    with refused("ConflictException", "work teams"):
        client.update_workforce(WorkforceName="ours", OidcConfig={**OIDC, "ClientId": "other"})
    client.delete_workteam(WorkteamName="named")


def test_workforces_that_cannot_be(client: Any) -> None:
    for config in ({}, {"CognitoConfig": COGNITO, "OidcConfig": OIDC}):
        with refused("ValidationException", "exactly one"):
            client.create_workforce(WorkforceName="x", **config)
    with refused("ValidationException", "10"):
        client.create_workforce(
            WorkforceName="x", CognitoConfig=COGNITO, SourceIpConfig={"Cidrs": [f"10.0.{n}.0/24" for n in range(11)]}
        )
    with refused("ValidationException", "sourceIpConfig.cidrs"):
        client.create_workforce(WorkforceName="x", CognitoConfig=COGNITO, SourceIpConfig={"Cidrs": ["everywhere"]})
    for ask in (client.describe_workforce, client.update_workforce, client.delete_workforce):
        with refused("ValidationException", "No workforce"):  # what Terraform waits for
            ask(WorkforceName="nobody")


def test_the_workforce_of_a_workspace_without_teams_goes(house: AwsHouse) -> None:
    admin = house.served.administrator()
    admin.post("/api/v1/workspaces", json={"name": "Empty"})
    admin.put("/api/v1/me/workspace", json={"name": "Empty"})
    made = admin.post("/api/v1/access-keys", json={}).json()
    empty = house.client(key=(made["id"], made["secret"]))
    empty.create_workforce(WorkforceName="w", CognitoConfig=COGNITO)
    with refused("ValidationException", "Cognito"):
        empty.update_workforce(WorkforceName="w", OidcConfig=OIDC)
    conforms("DeleteWorkforce", empty.delete_workforce(WorkforceName="w"))
    with refused("ValidationException", "No workforce"):
        empty.describe_workforce(WorkforceName="w")


def _database(house: AwsHouse) -> bytes:
    folder = house.served.settings.data_dir
    return b"".join(path.read_bytes() for path in folder.glob("groundswell.db*"))
