"""What a worker sees of a data object."""

from __future__ import annotations

from groundswell.service.task_view import instructions_html, public_input, task_input
from groundswell.wire.job_spec import JobSpec

SPEC = JobSpec.model_validate(
    {"name": "owls", "task_type": "image-classification", "labels": ["owl", "other"], "instructions": {"short": "Look"}}
)


def test_plain_text_keeps_its_lines_and_its_signs() -> None:
    assert instructions_html("a < b\n\nsecond & last\nline") == "<p>a &lt; b</p><p>second &amp; last<br>line</p>"


def test_scripts_and_handlers_are_taken_out() -> None:
    assert instructions_html('<b onclick="x()">hi</b><script>alert(1)</script>') == "<b>hi</b>"


def test_input_has_what_ground_truth_functions_give_and_every_key() -> None:
    seen = task_input(SPEC, {"source-ref": "a.jpg", "camera": "north"}, manifest_uri="s3://in/x.manifest")
    assert seen["taskObject"] == seen["source-ref"] == "s3://in/a.jpg"
    assert seen["labels"] == ["owl", "other"]
    assert seen["camera"] == "north"
    assert seen["manifestLine"] == {"source-ref": "a.jpg", "camera": "north"}
    assert seen["shortInstructions"] == "<p>Look</p>"
    assert seen["header"] == "owls"


def test_hook_answer_is_used_as_it_is() -> None:
    assert task_input(SPEC, {"source": "x"}, manifest_uri="", hook_input={"text": "y"}) == {"text": "y"}


def test_programs_get_links() -> None:
    seen = public_input({"source-ref": "a.jpg", "k": 1}, manifest_uri="s3://in/x", link=lambda uri: f"/media/{uri}")
    assert seen == {"source-ref": "/media/s3://in/a.jpg", "k": 1}


def test_in_a_template_of_ones_own_the_line_wins() -> None:
    line = {"source": "x", "labels": ["Cat"], "header": "Which?", "taskObject": "y"}
    seen = task_input(SPEC.model_copy(update={"template": "<p>"}), line, manifest_uri="")
    assert (seen["labels"], seen["header"], seen["taskObject"]) == (["Cat"], "Which?", "y")
    seen = task_input(SPEC, line, manifest_uri="")
    assert (seen["labels"], seen["header"], seen["taskObject"]) == (["owl", "other"], "owls", "x")


def test_labels_given_as_objects_come_back_as_objects() -> None:
    given = {"name": "n", "task_type": "custom", "labels": [{"label": "person", "shortDisplayName": "per"}, "place"]}
    spec = JobSpec.model_validate(given)
    assert spec.labels == ["person", "place"]
    assert JobSpec.model_validate(spec.model_dump()) == spec
    assert task_input(spec, {}, manifest_uri="")["labels"] == given["labels"]
