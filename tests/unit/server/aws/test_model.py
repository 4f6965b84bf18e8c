"""Requests held against botocore's model: what operations get, and AWS's words for what is wrong."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from groundswell.server.aws.errors import AwsError
from groundswell.server.aws.model import Model

MODEL = Model("sagemaker")


def refused(operation: str, given: Any) -> AwsError:
    with pytest.raises(AwsError) as found:
        MODEL.checked(operation, given)
    return found.value


def test_members_come_out_as_they_are_but_for_times_nulls_and_unknown_ones() -> None:
    given = {"MaxResults": 7.0, "CreationTimeAfter": 1_500_000_000.25, "NameContains": None, "NoSuch": {"a": 1}}
    assert MODEL.checked("ListLabelingJobs", given) == {
        "MaxResults": 7,
        "CreationTimeAfter": datetime(2017, 7, 14, 2, 40, 0, 250_000, tzinfo=UTC),
    }


@pytest.mark.parametrize(
    ("operation", "given", "message"),
    [
        (
            "StopLabelingJob",
            {},
            "1 validation error detected: Value null at 'labelingJobName' failed to satisfy constraint: Member must "
            "not be null",
        ),
        (
            "StopLabelingJob",
            {"LabelingJobName": "a-"},
            "1 validation error detected: Value 'a-' at 'labelingJobName' failed to satisfy constraint: Member must "
            "satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
        ),
        (
            "ListLabelingJobs",
            {"MaxResults": 101, "SortBy": "Age"},
            "2 validation errors detected: Value '101' at 'maxResults' failed to satisfy constraint: Member must have "
            "value less than or equal to 100; Value 'Age' at 'sortBy' failed to satisfy constraint: Member must "
            "satisfy enum value set: [Name, CreationTime, Status]",
        ),
        (
            "AddTags",
            {"ResourceArn": "arn:aws:sagemaker:x:000000000000:a", "Tags": [{"Key": "", "Value": "v"}, {"Key": "k"}]},
            "2 validation errors detected: Value '' at 'tags.1.member.key' failed to satisfy constraint: Member must "
            "have length greater than or equal to 1; Value null at 'tags.2.member.value' failed to satisfy constraint: "
            "Member must not be null",
        ),
        (
            "DeleteTags",
            {"ResourceArn": "arn:aws:sagemaker:x:000000000000:a", "TagKeys": ["a", "b" * 129]},
            f"1 validation error detected: Value '[a, {'b' * 129}]' at 'tagKeys' failed to satisfy constraint: Member "
            "must satisfy constraint: [Member must have length less than or equal to 128]",
        ),
    ],
)
def test_violations_are_said_in_awss_words_all_at_once(operation: str, given: dict[str, Any], message: str) -> None:
    error = refused(operation, given)
    assert (error.code, error.message, error.status) == ("ValidationException", message, 400)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "LIST_VALUE cannot be converted to Structure"),
        ({"LabelingJobName": 7}, "NUMBER_VALUE cannot be converted to String at 'labelingJobName'"),
        ({"LabelingJobName": True}, "BOOLEAN_VALUE cannot be converted to String at 'labelingJobName'"),
        ({"Tags": {}}, "STRUCTURE_VALUE cannot be converted to List at 'tags'"),
        ({"Tags": ["a"]}, "STRING_VALUE cannot be converted to Structure at 'tags.1.member'"),
    ],
)
def test_values_of_another_type_cannot_be_read(given: Any, message: str) -> None:
    error = refused("CreateLabelingJob", given)
    assert (error.code, error.message) == ("SerializationException", message)


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 2**70, 0.5, True, "7"])
def test_integers_are_of_32_bits(number: Any) -> None:
    assert refused("ListLabelingJobs", {"MaxResults": number}).code == "SerializationException"


@pytest.mark.parametrize("at", [1e18, -1e18, "2026-01-01", True, float("1e308")])
def test_times_are_seconds_of_years_that_there_are(at: Any) -> None:
    assert refused("ListLabelingJobs", {"CreationTimeAfter": at}).code == "SerializationException"


def test_letters_of_every_script_may_be_in_tags() -> None:
    tags = [{"Key": "Größe/été_日本語:1", "Value": "a b+c=d@e-f"}]
    given = {"ResourceArn": "arn:aws:sagemaker:x:000000000000:a", "Tags": tags}
    assert MODEL.checked("AddTags", given)["Tags"] == tags
    given["Tags"] = [{"Key": "a<b", "Value": ""}]
    assert "regular expression" in refused("AddTags", given).message


@pytest.mark.parametrize("name", ["a" + "-" * 60_000, "a-" * 60_000, "-" * 500_000, "a" * 1_000_000 + "!"])
def test_texts_that_patterns_might_take_long_over_do_not(name: str) -> None:
    began = time.perf_counter()
    message = refused("StopLabelingJob", {"LabelingJobName": name}).message
    assert time.perf_counter() - began < 2 and len(message) < 5_000
