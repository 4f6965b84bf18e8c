"""The client raises the class the server raised."""

from __future__ import annotations

import json

import pytest

from groundswell.domain.errors import Conflict, GroundswellError, InvalidManifest, Unavailable
from groundswell.sdk.errors import error_of


def test_same_class_message_and_field() -> None:
    body = json.dumps({"error": {"code": "conflict", "message": "the job is Stopped", "field": "state"}}).encode()
    error = error_of(409, body)
    assert type(error) is Conflict
    assert (error.message, error.field) == ("the job is Stopped", "state")


def test_manifest_problems_come_along() -> None:
    said = {
        "code": "invalid_manifest",
        "message": "bad",
        "problem_count": 7,
        "problems": [{"line": 3, "message": "no"}],
    }
    error = error_of(422, json.dumps({"error": said}).encode())
    assert isinstance(error, InvalidManifest)
    assert error.problem_count == 7
    assert error.problems[0].line == 3


def test_unknown_code_is_still_ours() -> None:
    assert type(error_of(418, b'{"error": {"code": "teapot", "message": "short and stout"}}')) is GroundswellError


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": 5}'])
def test_another_server_is_named_as_such(body: bytes) -> None:
    with pytest.raises(Unavailable, match="expected an answer of a Groundswell server, got status 502"):
        raise error_of(502, body)
