"""Single-class task types: the answer's schema, the manifest's form, and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.consolidation.estimates import Answer, Estimate
from groundswell.domain.errors import InvalidAnnotation
from groundswell.tasktypes.base import DecodeContext, EncodeContext
from groundswell.tasktypes.registry import get

DecodeFactory = Callable[..., DecodeContext]
EncodeFactory = Callable[..., EncodeContext]
KINDS = ["image-classification", "text-classification"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "content",
    [
        {"crowd-image-classifier": {"label": "owl"}},
        {"crowd-classifier": {"label": "owl", "workerComment": "dark"}},
        # production answers carry stray spaces
        {"crowd-image-classifier": {"label": " owl "}},
        # an element renamed, beside other controls
        {"notes": "x", "species": {"label": "owl"}},
    ],
)
def test_answers_that_fit(shown: DecodeFactory, kind: str, content: dict[str, Any]) -> None:
    assert get(kind).decode(content, shown()) == "owl"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "expected an answer such as"),
        ({"crowd-classifier": "owl"}, "expected an answer such as"),
        ({"crowd-classifier": {"label": "eagle"}}, 'one of the labels owl, duck, hawk, got "eagle"'),
        ({"crowd-classifier": {"label": None}}, "got null"),
        ({"crowd-classifier": {"label": ["owl"]}}, "got"),
    ],
)
def test_answers_that_do_not_fit(shown: DecodeFactory, kind: str, content: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidAnnotation, match=message) as info:
        get(kind).decode(content, shown())
    assert info.value.field == "label"


@pytest.mark.parametrize("kind", KINDS)
def test_the_manifest_has_ground_truths_form(context: EncodeFactory, kind: str) -> None:
    encoded = get(kind).encode(Estimate(7, "duck", 0.94444), context())
    assert encoded.value == 1
    assert encoded.category == "duck"
    assert encoded.metadata == {
        "class-name": "duck",
        "confidence": 0.94,
        "type": f"groundtruth/{kind}",
        "job-name": "labeling-job/birds-1",
        "human-annotated": "yes",
        "creation-date": "2026-11-20T08:01:16.123456",
    }
    alone = get(kind).encode(Estimate(7, "duck", 0.94444), context(rated=False, human=False))
    assert (alone.metadata["confidence"], alone.metadata["human-annotated"]) == (0, "no")


@pytest.mark.parametrize("kind", KINDS)
@given(st.lists(st.text(min_size=1), min_size=2, max_size=5, unique_by=str.strip), st.data())
def test_round_trip(kind: str, labels: list[str], data: st.DataObject) -> None:
    context = EncodeContext(labels, "job", "s3://out/job", datetime(2026, 1, 1, tzinfo=UTC))
    chosen = data.draw(st.sampled_from(labels))
    task_type = get(kind)
    value = task_type.decode({"crowd-classifier": {"label": chosen}}, DecodeContext(labels))
    encoded = task_type.encode(Estimate(0, value, 1.0), context)
    assert task_type.read_label(encoded.value, encoded.metadata, labels) == value == chosen


def test_labels_are_read_by_name_or_index_whatever_their_type() -> None:
    read = get("image-classification").read_label
    labels = ["owl", "duck"]
    assert read(1, {}, labels) == read("1", {}, labels) == read(0, {"class-name": "duck"}, labels) == "duck"
    with pytest.raises(InvalidAnnotation, match="class index from 0 to 1"):
        read(2, {"class-name": "eagle"}, labels)


def test_consolidation_is_live() -> None:
    live = get("image-classification").consolidation(["owl", "duck"], "majority-vote", {})
    live.absorb([Answer(0, worker, label) for worker, label in [("a", "owl"), ("b", "duck"), ("c", "duck")]])
    (estimate,) = live.estimate([0])
    assert (estimate.value, round(estimate.confidence, 4)) == ("duck", 0.6667)
