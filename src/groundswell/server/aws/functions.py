"""AWS Lambda, as far as scripts need it that deploy their functions: create, update, invoke, list, delete.

REST-JSON: members are in the path, the query and a JSON body, as the service's own model says. A function is a
registered one of that name; its versions and aliases are all `$LATEST`, and it runs in this server's Python.
Source: docs.aws.amazon.com/lambda/latest/api/
"""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import unhexlify
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson
from starlette.responses import Response

from groundswell.domain.arns import Arns
from groundswell.domain.errors import GroundswellError, InvalidInput
from groundswell.domain.hooks import RegisteredHook
from groundswell.server.aws.doors import Call
from groundswell.server.aws.errors import JSON_NAMES, AwsError
from groundswell.server.aws.model import Model
from groundswell.server.bodies import read_json
from groundswell.service import hooks, workspaces
from groundswell.service.requests import request_of
from groundswell.wire.hooks import MAX_CODE_CHARACTERS, ChangedHook, NewHook

MOST_BYTES = MAX_CODE_CHARACTERS + (4 << 20)
_FUNCTIONS = "/2015-03-31/functions"
_PAGE = 50
_NAME = re.compile(r"(?:(?:arn:aws[\w-]*:lambda:[\w-]*:)?\d{12}:(?:function:)?)?(?P<name>[\w-]{1,64})(?::[\w$-]+)?")
_FAILED = re.compile(r"failed: (?P<type>[A-Za-z_][\w.]*): (?P<message>.*)", re.DOTALL)
_MEMORY_MB, _TIMEOUT_S = 128, 3  # what Lambda says where nothing was asked
_CODES: Mapping[str, tuple[str, int]] = {
    "not_found": ("ResourceNotFoundException", 404),
    "conflict": ("ResourceConflictException", 409),
    "forbidden": ("AccessDeniedException", 403),
    "too_many_requests": ("TooManyRequestsException", 429),
    "unavailable": ("ServiceException", 500),
    "unsealable": ("ServiceException", 500),
}
_REFUSED = {
    "Layers": "layers are not known here: put the packages into the code, or into the server's Python",
    "FileSystemConfigs": "functions have no file systems here",
    "ImageConfig": "expected the code as a zip file",
}


@dataclass(frozen=True)
class _Request:
    """One call of an operation."""

    call: Call
    given: Mapping[str, Any]  # members by the model's names
    body: bytes

    @property
    def name(self) -> str:
        """The function's, of whatever form the client names it by."""
        match = _NAME.fullmatch(self.given["FunctionName"])
        if match is None:
            raise AwsError("InvalidParameterValueException", f"expected a function's name, got {self.given!r:.200}")
        return match["name"]


@dataclass(frozen=True)
class _Said:
    """What is answered."""

    value: Any
    status: int = 200
    headers: Mapping[str, str] | None = None


_Operation = Callable[[_Request], _Said]


class LambdaDoor:
    """`doors.Door`."""

    scopes = frozenset({"lambda"})
    target = ""
    names = JSON_NAMES
    most_bytes = MOST_BYTES

    def __init__(self) -> None:
        self._model = Model("lambda")

    def answer(self, call: Call) -> Response:
        """Do the operation; raises AwsError."""
        name, operation, path = _route(call)
        given = self._model.checked(name, _members(call, name, path))
        try:
            said = operation(_Request(call, given, call.body))
        except GroundswellError as error:
            code, status = _CODES.get(error.code, ("InvalidParameterValueException", 400))
            raise AwsError(code, error.message, status) from error
        return _json(said, call.request_id)

    def refuse(self, error: AwsError, request_id: str) -> Response:
        """An error as Lambda says it."""
        body = {"Type": "User" if error.status < 500 else "Service", "Message": error.message}
        return _json(_Said(body, error.status, {"x-amzn-ErrorType": error.code}), request_id)


def _create(asked: _Request) -> _Said:
    given = asked.given
    _check_supported(given)
    new = {**_about(given), "handler": _handler(given.get("Handler")), "code": _code(asked, given["Code"])}
    made = hooks.register(asked.call.here, asked.call.caller.principal, asked.name, _new(new), only_new=True)
    return _Said(_configuration(asked, made), 201)


def _update_code(asked: _Request) -> _Said:
    change = ChangedHook(code=_code(asked, asked.given))
    if asked.given.get("DryRun"):
        return _Said(_configuration(asked, _described(asked)))
    return _Said(_configuration(asked, _changed(asked, change)))


def _update_configuration(asked: _Request) -> _Said:
    given = asked.given
    _check_supported(given)
    handler = {"handler": _handler(given["Handler"])} if given.get("Handler") else {}
    return _Said(_configuration(asked, _changed(asked, request_of(ChangedHook, {**_about(given), **handler}))))


def _get(asked: _Request) -> _Said:
    return _Said(
        {"Configuration": _configuration(asked, _described(asked)), "Code": {"RepositoryType": "S3"}, "Tags": {}}
    )


def _get_configuration(asked: _Request) -> _Said:
    return _Said(_configuration(asked, _described(asked)))


def _list(asked: _Request) -> _Said:
    call, after = asked.call, asked.given.get("Marker", "")
    there = [one for one in hooks.registered(call.here, call.caller.principal) if one.name > after]
    page = there[: min(_PAGE, int(asked.given.get("MaxItems", _PAGE)))]
    found: dict[str, Any] = {"Functions": [_configuration(asked, one) for one in page]}
    if len(page) < len(there):
        found["NextMarker"] = page[-1].name
    return _Said(found)


def _delete(asked: _Request) -> _Said:
    hooks.remove(asked.call.here, asked.call.caller.principal, asked.name)
    return _Said(None, 204)


def _invoke(asked: _Request) -> _Said:
    call, kind = asked.call, asked.call.head.headers.get("x-amz-invocation-type", "RequestResponse")
    if kind not in ("RequestResponse", "DryRun"):
        raise AwsError("InvalidParameterValueException", f"expected the type RequestResponse or DryRun, got {kind:.50}")
    principal, name = call.caller.principal, asked.name
    _described(asked)
    if kind == "DryRun":
        return _Said(None, 204)
    try:
        event = read_json(asked.body) if asked.body.strip() else {}
    except InvalidInput as error:
        raise AwsError(
            "InvalidRequestContentException", f"Could not parse request body into json: {error.message}"
        ) from error
    version = {"X-Amz-Executed-Version": "$LATEST"}
    try:
        return _Said(hooks.try_out(call.here, principal, name, event).answer, 200, version)
    except GroundswellError as error:
        if error.code not in ("invalid_input", "unavailable"):
            raise
        return _Said(_failure(error.message), 200, {**version, "X-Amz-Function-Error": "Unhandled"})


def _failure(message: str) -> dict[str, str]:
    match = _FAILED.search(message)
    if match is None:
        return {"errorMessage": message, "errorType": "Runtime.ExitError"}
    return {"errorMessage": match["message"], "errorType": match["type"]}


_ONE = "/(?P<FunctionName>[^/]+)"
_ROUTES: tuple[tuple[str, str, str, _Operation], ...] = (
    ("POST", "", "CreateFunction", _create),
    ("GET", "", "ListFunctions", _list),
    ("GET", _ONE, "GetFunction", _get),
    ("DELETE", _ONE, "DeleteFunction", _delete),
    ("GET", f"{_ONE}/configuration", "GetFunctionConfiguration", _get_configuration),
    ("PUT", f"{_ONE}/configuration", "UpdateFunctionConfiguration", _update_configuration),
    ("PUT", f"{_ONE}/code", "UpdateFunctionCode", _update_code),
    ("POST", f"{_ONE}/invocations", "Invoke", _invoke),
)


def _route(call: Call) -> tuple[str, _Operation, Mapping[str, str]]:
    """The operation, and what the path says. Raises AwsError."""
    head = call.head
    path = head.path.rstrip("/")
    for method, pattern, name, operation in _ROUTES:
        match = re.fullmatch(_FUNCTIONS + pattern, path) if method == head.method else None
        if match is not None:
            return name, operation, {key: unquote(value) for key, value in match.groupdict().items()}
    raise AwsError("UnknownOperationException", f"{head.method} {head.path:.200} is not supported here", 404)


def _members(call: Call, name: str, path: Mapping[str, str]) -> dict[str, Any]:
    """The request's members by the model's names. Raises AwsError."""
    body: Any = {}
    if name != "Invoke" and call.body.strip():
        try:
            body = read_json(call.body)
        except InvalidInput as error:
            raise AwsError("SerializationException", error.message) from error
        if not isinstance(body, dict):
            raise AwsError("SerializationException", "expected a JSON object")
    query: dict[str, Any] = dict(parse_qsl(call.head.query, max_num_fields=100))
    if query.get("MaxItems", "").isdecimal():
        query["MaxItems"] = int(query["MaxItems"])
    return {**body, **query, **path}


def _code(asked: _Request, given: Mapping[str, Any]) -> str:
    """The zip file in base64: as it was sent, or from a bucket. Raises AwsError."""
    if given.get("ZipFile"):
        return str(given["ZipFile"])
    if given.get("S3Bucket") and given.get("S3Key"):
        storage = asked.call.here.storage_of(asked.call.caller.principal)
        uri = f"s3://{given['S3Bucket']}/{given['S3Key']}"
        if storage.size(uri) > MAX_CODE_CHARACTERS // 4 * 3:
            raise AwsError("RequestEntityTooLargeException", f"the code at {uri} is too large", 413)
        return b64encode(storage.read(uri)).decode()
    raise AwsError(
        "InvalidParameterValueException", "Please provide a source for function code: ZipFile, or S3Bucket and S3Key"
    )


def _check_supported(given: Mapping[str, Any]) -> None:
    runtime = given.get("Runtime", "")
    if runtime and not runtime.startswith("python"):
        raise AwsError(
            "InvalidParameterValueException", f"expected a Python runtime, got {runtime}: others are not here"
        )
    if given.get("PackageType") == "Image":
        raise AwsError("InvalidParameterValueException", _REFUSED["ImageConfig"])
    for member, why in _REFUSED.items():
        if given.get(member):
            raise AwsError("InvalidParameterValueException", why)


def _handler(given: str | None) -> str:
    """`folder/file.function` as a module and its function. Raises AwsError."""
    if not given:
        raise AwsError("InvalidParameterValueException", "expected a Handler such as lambda_function.lambda_handler")
    return given.replace("/", ".")


def _about(given: Mapping[str, Any]) -> dict[str, Any]:
    named = {
        "timeout_s": given.get("Timeout"),
        "memory_mb": given.get("MemorySize"),
        "description": given.get("Description"),
        "runtime": given.get("Runtime"),
        "role": given.get("Role"),
        "environment": (given["Environment"].get("Variables") or {}) if "Environment" in given else None,
    }
    return {name: value for name, value in named.items() if value is not None}


def _new(given: Mapping[str, Any]) -> NewHook:
    return request_of(NewHook, given)


def _described(asked: _Request) -> RegisteredHook:
    return hooks.describe(asked.call.here, asked.call.caller.principal, asked.name)


def _changed(asked: _Request, change: ChangedHook) -> RegisteredHook:
    return hooks.change(asked.call.here, asked.call.caller.principal, asked.name, change)


def _configuration(asked: _Request, hook: RegisteredHook) -> dict[str, Any]:
    """A function as Lambda describes it. The values of its environment are told to nobody."""
    workspace = workspaces.own(asked.call.here, asked.call.caller.principal)
    arns, about = Arns(workspace.aws_account, workspace.region), hook.about
    return {
        "FunctionName": hook.name,
        "FunctionArn": arns.function(hook.name),
        "Runtime": about.runtime or "python3.11",
        "Role": about.role or arns.role(),
        "Handler": f"{hook.module}.{hook.function}",
        "CodeSize": len(hook.code),
        "CodeSha256": b64encode(unhexlify(hook.sha256)).decode(),
        "Description": about.description,
        "Timeout": about.timeout_s or _TIMEOUT_S,
        "MemorySize": about.memory_mb or _MEMORY_MB,
        "LastModified": f"{hook.registered_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000+0000}",
        "Version": "$LATEST",
        "RevisionId": f"{hook.sha256[:8]}-{hook.version:04x}-4000-8000-{hook.sha256[8:20]}",
        "Environment": {"Error": {"ErrorCode": "AccessDenied", "Message": "Values are told to nobody"}},
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "State": "Active",
        "LastUpdateStatus": "Successful",
    }


def _json(said: _Said, request_id: str) -> Response:
    content = b"" if said.status == 204 else orjson.dumps(said.value)
    headers = {"x-amzn-RequestId": request_id, **(said.headers or {})}
    return Response(content, said.status, headers, "application/json")


LAMBDA = LambdaDoor()
