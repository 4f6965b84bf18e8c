"""Services of AWS that are not here: their clients are told so in their own protocol, once they are known."""

from __future__ import annotations

from xml.sax.saxutils import escape

from starlette.responses import Response

from groundswell.server.aws.doors import Call
from groundswell.server.aws.errors import JSON_NAMES, QUERY_NAMES, AwsError, ErrorNames
from groundswell.server.aws.protocol import error_answer

_MOST_BYTES = 1 << 20


class ElsewhereInJson:
    """What is asked with an X-Amz-Target; `doors.Door`."""

    scopes: frozenset[str] = frozenset()  # any
    target = ""
    names: ErrorNames = JSON_NAMES
    most_bytes = _MOST_BYTES

    def answer(self, call: Call) -> Response:
        """Raises AwsError."""
        asked = call.head.headers.get("x-amz-target", "")[:100]
        raise AwsError("UnknownOperationException", f"{asked} of {call.caller.claim.service} is not supported here")

    def refuse(self, error: AwsError, request_id: str) -> Response:
        """An error as JSON."""
        return error_answer(error, request_id)


class ElsewhereInXml:
    """What is asked with a form (IAM, EC2, SNS, ...); `doors.Door`."""

    scopes: frozenset[str] = frozenset()  # any
    target = ""
    names: ErrorNames = QUERY_NAMES
    most_bytes = _MOST_BYTES

    def answer(self, call: Call) -> Response:
        """Raises AwsError."""
        raise AwsError("InvalidAction", f"The service {call.caller.claim.service} is not supported here")

    def refuse(self, error: AwsError, request_id: str) -> Response:
        """An error as XML."""
        said = f"<Type>Sender</Type><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
        body = f"<ErrorResponse><Error>{said}</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
        return Response(body, error.status, {"x-amzn-RequestId": request_id}, "text/xml")
