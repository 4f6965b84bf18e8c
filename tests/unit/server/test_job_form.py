"""The wizard's form and a specification: both ways, and errors at their fields."""

from __future__ import annotations

from typing import Any

import pytest

from groundswell.domain.errors import InvalidSpec
from groundswell.server.console.job_form import FIELDS, errors_by_field, posted, spec_document, step_of, values_of
from groundswell.service.job_specs import parse_spec
from groundswell.wire.job_spec import JobSpec

SPEC: dict[str, Any] = {
    "name": "owls",
    "task_type": "image-classification",
    "input": "s3://birds/",
    "labels": ["owl", "حسون", "not a bird"],
    "keywords": ["birds"],
    "skip_bad": True,
    "sample_percent": 12.5,
    "workers": {"team": "rangers", "per_object": 5, "task_time_limit": "1h30m", "price_usd": "0.036"},
    "consolidation": {"method": "dawid-skene", "stop_at_confidence": 0.95, "options": {"smoothing": 2}},
    "auto_labeling": {"enabled": True},
    "tags": {"cost-centre": "7"},
    "instructions": {"short": "Look\nclosely", "good_example": "s3://birds/good.jpg"},
}


def test_a_cloned_job_is_the_same_job_whether_the_form_shows_it_or_not() -> None:
    spec = JobSpec.model_validate(SPEC)
    assert parse_spec(spec_document(values_of(spec.model_dump(mode="json")))) == spec


def test_what_is_left_empty_takes_the_default() -> None:
    values = {field.name: "" for field in FIELDS} | {"name": "owls", "task_type": "image-classification"}
    assert spec_document(values) == {"name": "owls", "task_type": "image-classification"}


def test_a_step_posts_its_own_fields_and_ticks_that_are_off() -> None:
    found = posted({"workers.team": "rangers", "labels": "a\r\nb"}, 2)
    assert found["workers.team"] == "rangers" and found["workers.no_adult_content"] == ""
    assert "labels" not in found
    assert posted({"labels": "a\r\nb"}, 3)["labels"] == "a\nb"


@pytest.mark.parametrize(
    ("values", "field", "text"),
    [
        ({"name": ""}, "name", "A name for the job is needed."),
        ({"name": "a b"}, "name", "Expected 1 to 63 letters, digits and inner hyphens, got 'a b'."),
        ({"workers.per_object": "three"}, "workers.per_object", "Expected a whole number, got 'three'."),
        ({"workers.per_object": "0"}, "workers.per_object", "Expected at least 1, got '0'."),
        ({"workers.price_usd": "much"}, "workers.price_usd", "Expected an amount such as 0.036, got 'much'."),
        ({"workers.task_time_limit": "soon"}, "workers.task_time_limit", "Expected a duration"),
        ({"labels": "a\nb\na"}, "labels", "Label 3: 'a' is in the list twice."),
        ({"sample_percent": "0"}, "sample_percent", "Expected more than 0, got '0'."),
        ({"workers.per_object": "5", "workers.max_per_object": "3"}, "workers.per_object", "max_per_object (3)"),
    ],
)
def test_errors_are_sentences_at_their_field(values: dict[str, str], field: str, text: str) -> None:
    with pytest.raises(InvalidSpec) as caught:
        parse_spec(spec_document({"name": "owls", "task_type": "image-classification"} | values))
    assert errors_by_field(caught.value.field_problems)[field].startswith(text)


@pytest.mark.parametrize(
    ("field", "step"), [("name", 1), ("workers.team", 2), ("labels", 3), ("instructions.header", 3), ("elsewhere", 4)]
)
def test_every_error_has_a_step(field: str, step: int) -> None:
    assert step_of(field) == step


def test_any_words_make_a_name_and_stay_the_title() -> None:
    said = posted({"name": " My photos 2026! ", "task_type": "custom"}, 1)
    assert (said["name"], said["title"]) == ("my-photos-2026", "My photos 2026!")
    said = posted({"name": "My photos", "title": "Which photo?"}, 1)
    assert (said["name"], said["title"]) == ("my-photos", "Which photo?")
    said = posted({"name": "owls-2", "title": ""}, 1)
    assert (said["name"], said["title"]) == ("owls-2", "")
    assert "name" not in posted({"name": "x y"}, 2)
