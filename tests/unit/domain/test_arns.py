"""Names of things in ARNs, made and read."""

from __future__ import annotations

import pytest

from groundswell.domain.arns import Arns, Resource, function_name, resource_of


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-east-1", "aws"),
        ("ap-southeast-2", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
    ],
)
def test_regions_are_in_their_partition(region: str, partition: str) -> None:
    arns = Arns("111122223333", region)
    assert arns.job("Birds-1") == f"arn:{partition}:sagemaker:{region}:111122223333:labeling-job/birds-1"
    assert arns.public_team() == f"arn:{partition}:sagemaker:{region}:394669845002:workteam/public-crowd/default"


def test_what_is_made_is_read_again() -> None:
    arns = Arns("111122223333", "eu-west-1")
    named = {
        "labeling-job": (arns.job("a"), "a"),
        "workteam": (arns.private_team("Crew"), "private-crowd/Crew"),
        "workforce": (arns.workforce("ours"), "ours"),
        "human-task-ui": (arns.worker_ui("boxes"), "boxes"),
    }
    for kind, (arn, name) in named.items():
        assert resource_of(arn) == Resource("eu-west-1", "111122223333", kind, name)
    assert function_name(arns.function("prepare")) == "prepare"


@pytest.mark.parametrize("arn", ["", "arn:aws:s3:::bucket", "arn:aws:sagemaker:x:1:workteam/a", "workteam/a", "arn:"])
def test_what_is_no_arn_of_sagemaker_names_nothing(arn: str) -> None:
    assert resource_of(arn) is None and function_name(arn) is None


def test_functions_by_version_and_alias() -> None:
    arn = "arn:aws:lambda:us-east-1:111122223333:function:prepare"
    assert function_name(f"{arn}:7") == function_name(f"{arn}:live") == "prepare"
    assert function_name(f"{arn}:7:8") is None
