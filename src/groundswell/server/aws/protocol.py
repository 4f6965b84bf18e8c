"""AWS JSON 1.1: `POST /`, the operation in `X-Amz-Target`, a JSON object in, a JSON object or an error out.

A service is a table of operations. Each gets the request's members, checked against the service's own model, and is a
translation of an act of `service/`: what it raises in our words is said in the service's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson
from starlette.responses import Response

from groundswell.domain.errors import GroundswellError, InvalidInput
from groundswell.server.aws.doors import Call
from groundswell.server.aws.errors import JSON_NAMES, AwsError
from groundswell.server.aws.model import Model
from groundswell.server.bodies import read_json

Operation = Callable[[Call, Mapping[str, Any]], Mapping[str, Any] | None]
"""(who asks, the request's members) -> the answer's members, times aware; None: an empty answer."""

CONTENT_TYPE = "application/x-amz-json-1.1"
MOST_BYTES = 4 << 20
"""The largest requests there are bring a template and a task of 128,000 characters each, escaped."""

ERROR_CODES: Mapping[str, tuple[str, int]] = {
    "not_found": ("ResourceNotFound", 400),
    "conflict": ("ResourceInUse", 400),
    "unauthenticated": ("UnrecognizedClientException", 400),
    "forbidden": ("AccessDeniedException", 400),
    "too_many_requests": ("ThrottlingException", 400),
    "unavailable": ("ServiceUnavailable", 503),
    "unsealable": ("ServiceUnavailable", 503),
}
"""What our errors are called where an operation says nothing else; every other is a ValidationException."""


class JsonService:
    """One service of the protocol; `doors.Door`."""

    names = JSON_NAMES
    most_bytes = MOST_BYTES

    def __init__(self, model: str, operations: Mapping[str, Operation], *, target: str, scopes: frozenset[str]) -> None:
        """model : botocore's name of the service.      target : what its X-Amz-Target begins with."""
        self.model = Model(model)
        self.target = target
        self.scopes = scopes
        self._operations = operations

    @property
    def operations(self) -> frozenset[str]:
        """What can be asked."""
        return frozenset(self._operations)

    def answer(self, call: Call) -> Response:
        """Do the operation; raises AwsError."""
        target, _, name = call.head.headers.get("x-amz-target", "").rpartition(".")
        operation = self._operations.get(name)
        if operation is None or target != self.target:
            raise AwsError("UnknownOperationException", f"The requested operation {name[:100]!r} is not supported here")
        given = self.model.checked(name, _members(call.body))
        try:
            found = operation(call, given)
        except GroundswellError as error:
            raise translated(error) from error
        return _json(found or {}, 200, call.request_id)

    def refuse(self, error: AwsError, request_id: str) -> Response:
        """An error as JSON."""
        return error_answer(error, request_id)


def error_answer(error: AwsError, request_id: str) -> Response:
    """An error in this protocol."""
    response = _json({"__type": error.code, "Message": error.message}, error.status, request_id)
    response.headers["x-amzn-ErrorType"] = error.code
    return response


def translated(error: GroundswellError) -> AwsError:
    """Our error in the protocol's words."""
    code, status = ERROR_CODES.get(error.code, ("ValidationException", 400))
    return AwsError(code, error.message, status)


def _members(body: bytes) -> Any:
    if not body.strip():
        return {}
    try:
        return read_json(body)
    except InvalidInput as error:
        raise AwsError("SerializationException", error.message) from error


def _json(value: Mapping[str, Any], status: int, request_id: str) -> Response:
    content = orjson.dumps(value, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME)
    return Response(content, status, {"x-amzn-RequestId": request_id}, CONTENT_TYPE)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return round(value.timestamp(), 3)
    raise TypeError(f"cannot be sent: {type(value).__name__}")
