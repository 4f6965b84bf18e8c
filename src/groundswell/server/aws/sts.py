"""AWS STS, as far as functions and scripts need it: AssumeRole, GetCallerIdentity, GetSessionToken.

The query protocol: a form in, XML out. Source: docs.aws.amazon.com/STS/latest/APIReference/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from starlette.responses import Response

from groundswell.domain.errors import InvalidInput
from groundswell.server.aws.doors import Call
from groundswell.server.aws.errors import QUERY_NAMES, AwsError
from groundswell.server.aws.model import Model
from groundswell.service import roles
from groundswell.service.access_keys import Credentials

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_HOUR_S = 3_600
_HALF_DAY_S = 43_200

Tree = Mapping[str, "str | Tree"]


class Sts:
    """`doors.Door`."""

    scopes = frozenset({"sts"})
    target = ""
    names = QUERY_NAMES
    most_bytes = 64 << 10

    def __init__(self) -> None:
        self._model = Model("sts")

    def answer(self, call: Call) -> Response:
        """Do the operation; raises AwsError."""
        try:
            # A signed address (as `aws eks get-token` makes) has its form in the query.
            form = call.body.decode() or call.head.query
            given = dict(parse_qsl(form, keep_blank_values=True, max_num_fields=200))
        except ValueError as error:
            raise AwsError("MalformedQueryString", "expected a form in UTF-8") from error
        name = given.pop("Action", "")
        operation = _OPERATIONS.get(name)
        if operation is None:
            raise AwsError("InvalidAction", f"Could not find operation {name[:100]!r} for version 2011-06-15")
        try:
            found = operation(call, self._checked(name, given))
        except InvalidInput as error:
            raise AwsError("ValidationError", error.message) from error
        result = {f"{name}Result": found, "ResponseMetadata": {"RequestId": call.request_id}}
        return _xml({f"{name}Response": result}, 200, call.request_id)

    def refuse(self, error: AwsError, request_id: str) -> Response:
        """An error as XML."""
        kind = "Sender" if error.status < 500 else "Receiver"
        said: Tree = {"Type": kind, "Code": error.code, "Message": error.message}
        return _xml({"ErrorResponse": {"Error": said, "RequestId": request_id}}, error.status, request_id)

    def _checked(self, name: str, given: Mapping[str, str]) -> Mapping[str, str]:
        """The parameters, held against the service's model. Raises AwsError."""
        typed: dict[str, object] = {key: value for key, value in given.items() if "." not in key and key != "Version"}
        if "DurationSeconds" in typed:
            if not given["DurationSeconds"].isdecimal() or len(given["DurationSeconds"]) > 9:
                raise AwsError(
                    "ValidationError", f"expected DurationSeconds as a number, got {given['DurationSeconds']!r}"
                )
            typed["DurationSeconds"] = int(given["DurationSeconds"])
        try:
            self._model.checked(name, typed)
        except AwsError as error:
            raise AwsError("ValidationError", error.message) from error
        return given


def _assume_role(call: Call, given: Mapping[str, str]) -> Tree:
    if "Policy" in given or any(key.startswith("PolicyArns.") for key in given):
        raise InvalidInput("session policies are not known here: credentials would allow more than the policy does")
    session = given["RoleSessionName"]
    seconds = int(given.get("DurationSeconds", _HOUR_S))
    made = roles.assume(call.here, call.caller.key, given["RoleArn"], session, seconds=seconds)
    user: Tree = {"AssumedRoleId": f"{made.role_id}:{session}", "Arn": made.arn}
    return {"AssumedRoleUser": user, "Credentials": _credentials(made.credentials)}


def _get_caller_identity(call: Call, given: Mapping[str, str]) -> Tree:
    found = roles.identity(call.here, call.caller.key)
    return {"UserId": found.user_id, "Account": found.account, "Arn": found.arn}


def _get_session_token(call: Call, given: Mapping[str, str]) -> Tree:
    key = call.caller.key
    if key.arn:
        raise AwsError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
    arn = roles.identity(call.here, key).arn
    seconds = int(given.get("DurationSeconds", _HALF_DAY_S))
    return {"Credentials": _credentials(roles.session_of(call.here, key, arn, seconds=seconds))}


_OPERATIONS: Mapping[str, Callable[[Call, Mapping[str, str]], Tree]] = {
    "AssumeRole": _assume_role,
    "GetCallerIdentity": _get_caller_identity,
    "GetSessionToken": _get_session_token,
}


def _credentials(made: Credentials) -> Tree:
    return {
        "AccessKeyId": made.access_key,
        "SecretAccessKey": made.secret,
        "SessionToken": made.session_token,
        "Expiration": f"{made.expires_at:%Y-%m-%dT%H:%M:%SZ}",
    }


def _xml(tree: Tree, status: int, request_id: str) -> Response:
    (name,) = tree
    text = _text(tree).replace(f"<{name}>", f'<{name} xmlns="{_NAMESPACE}">', 1)
    return Response(text, status, {"x-amzn-RequestId": request_id}, "text/xml")


def _text(tree: Tree | str) -> str:
    if isinstance(tree, str):
        return escape("".join(one for one in tree if one.isprintable() or one in "\n\t"))
    return "".join(f"<{name}>{_text(value)}</{name}>" for name, value in tree.items())


STS = Sts()
