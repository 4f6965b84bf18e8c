"""A hook that is a function on AWS Lambda, invoked with the server's own AWS credentials.

Only functions that the administrator names (`hook_lambdas`) are called: whoever writes a specification would otherwise
use the server's credentials. Source: docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from groundswell.domain.errors import InvalidInput, Unavailable

_BUSY = frozenset(
    {
        "TooManyRequestsException",
        "ServiceException",
        "EC2ThrottledException",
        "ENILimitReachedException",
        "ResourceNotReadyException",
        "ResourceConflictException",
    }
)
"""Errors of Lambda itself that pass."""


def is_named(arn: str, allowed: Sequence[str]) -> bool:
    """Whether one of the globs allows this ARN."""
    return any(fnmatch.fnmatchcase(arn, glob) for glob in allowed)


class LambdaHook:
    """One function, by its ARN; the region is the ARN's. Safe to call from several threads."""

    def __init__(self, arn: str, *, timeout_s: float) -> None:
        """Raises Unavailable where boto3's own credential chain finds none."""
        import botocore.config
        import botocore.session

        session = botocore.session.get_session()
        if session.get_credentials() is None:
            raise Unavailable(
                f"the function {arn} is called on AWS Lambda, and this server has no AWS credentials: set them, or "
                "register a function of this name"
            )
        self._arn = arn
        self._timeout_s = timeout_s
        config = botocore.config.Config(
            connect_timeout=min(10.0, timeout_s),
            read_timeout=timeout_s,
            retries={"total_max_attempts": 1},
            max_pool_connections=32,
        )
        self._client = session.create_client("lambda", region_name=arn.split(":")[3], config=config)

    def call(self, event: Mapping[str, Any], *, payload: str | None = None) -> Any:
        """See `Hook.call`. The function reads `event["payload"]["s3Uri"]` itself, from S3."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._client.invoke(FunctionName=self._arn, Payload=orjson.dumps(event, default=str))
            body = answer["Payload"].read()
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            said = f"{self._arn}: Lambda refuses: {error}"
            if code in _BUSY or error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
                raise Unavailable(said) from error
            raise InvalidInput(said, field="hooks") from error
        except BotoCoreError as error:
            raise Unavailable(f"{self._arn}: Lambda does not answer: {error}") from error
        return self._read(body, failed="FunctionError" in answer)

    def check(self) -> None:
        """Raise InvalidInput unless the function is there and may be called, Unavailable without an answer."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.invoke(FunctionName=self._arn, InvocationType="DryRun")
        except ClientError as error:
            raise InvalidInput(f"{self._arn}: Lambda refuses: {error}", field="hooks") from error
        except BotoCoreError as error:
            raise Unavailable(f"{self._arn}: Lambda does not answer: {error}") from error

    def close(self) -> None:
        """See `Hook.close`."""
        self._client.close()

    def _read(self, body: bytes, *, failed: bool) -> Any:
        try:
            found = orjson.loads(body) if body else None
        except ValueError as error:
            raise InvalidInput(f"{self._arn}: expected JSON, got something else", field="hooks") from error
        if failed:
            said = found if isinstance(found, Mapping) else {}
            kind, message = said.get("errorType", "Error"), said.get("errorMessage", "it failed")
            raise InvalidInput(f"the function {self._arn} failed: {kind}: {message}"[:2_000], field="hooks")
        return found
