"""Ground Truth's request and response shapes, with the spellings its users' functions have."""

from __future__ import annotations

from typing import Any

import pytest

from groundswell.domain.arns import Arns
from groundswell.domain.errors import InvalidInput
from groundswell.hooks import post_annotation, pre_annotation
from groundswell.wire.hook_target import target_kind

ARN = Arns("123456789012", "eu-west-1").job("Birds-1")


def test_pre_annotation_request() -> None:
    event = pre_annotation.request(ARN, {"source-ref": "s3://in/a.jpg"})
    assert event == {
        "version": "2018-10-16",
        "labelingJobArn": "arn:aws:sagemaker:eu-west-1:123456789012:labeling-job/birds-1",
        "dataObject": {"source-ref": "s3://in/a.jpg"},
    }
    assert event["labelingJobArn"].split(":")[5] == "labeling-job/birds-1"


@pytest.mark.parametrize(
    ("answer", "needed"),
    [
        ({"taskInput": {"a": 1}}, True),
        ({"taskInput": {"a": 1}, "isHumanAnnotationRequired": False}, False),
        ({"taskInput": {"a": 1}, "humanAnnotationRequired": "true"}, True),
        ({"taskInput": {"a": 1}, "isHumanAnnotationRequired": "False"}, False),
    ],
)
def test_pre_annotation_responses(answer: dict[str, Any], needed: bool) -> None:
    assert pre_annotation.read_response(answer) == pre_annotation.Prepared({"a": 1}, needed)


@pytest.mark.parametrize(
    "answer", [None, [], {}, {"taskInput": "x"}, {"taskInput": {}, "isHumanAnnotationRequired": 3}]
)
def test_pre_annotation_responses_that_are_refused(answer: Any) -> None:
    with pytest.raises(InvalidInput, match="the pre-annotation hook: expected"):
        pre_annotation.read_response(answer)


def test_post_annotation_request_and_response() -> None:
    event = post_annotation.request(
        ARN,
        role_arn="arn:aws:iam::123456789012:role/r",
        labels=[],
        label_attribute="a",
        output_uri="s3://out/Birds-1",
        payload_uri="s3://out/x.json",
    )
    assert event["labelCategories"] is None
    assert event["payload"] == {"s3Uri": "s3://out/x.json"}
    answer = [
        {
            "datasetObjectId": "3",
            "consolidatedAnnotation": {"content": {"a": {"x": 1}, "a-metadata": {"confidence": 1}}},
        },
        {"datasetObjectId": 4, "consolidatedAnnotation": {"content": {"a": 0}}},
        {"datasetObjectId": "5", "consolidatedAnnotation": {"content": {"other": 1}}},
    ]
    assert post_annotation.read_response(answer, "a") == {
        3: ({"x": 1}, {"confidence": 1}),
        4: (0, {}),
        5: ({"other": 1}, {}),
    }


@pytest.mark.parametrize("answer", [None, {}, "x", [{}], [{"datasetObjectId": "a"}], [1]])
def test_post_annotation_responses_that_are_refused(answer: Any) -> None:
    with pytest.raises(InvalidInput, match="the post-annotation hook"):
        post_annotation.read_response(answer, "a")


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("my_package.hooks:prepare", "module"),
        ("handlers/pre.py", "file"),
        ("/srv/pre.py:handler", "file"),
        ("https://example.org/pre", "http"),
        ("prepare-2_a", "registered"),
        ("arn:aws:lambda:us-east-1:123456789012:function:prepare", "registered"),
        ("arn:aws-cn:lambda:cn-north-1:123456789012:function:prepare:live", "registered"),
    ],
)
def test_targets(target: str, kind: str) -> None:
    assert target_kind(target) == kind


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("arn:aws:s3:::bucket", "expected the name of a registered function"),
        ("non sense", "expected the name of a registered function"),
        ("a b:c", "expected the name of a registered function"),
        ("x" * 65, "expected the name of a registered function"),
    ],
)
def test_targets_that_are_refused(target: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        target_kind(target)
