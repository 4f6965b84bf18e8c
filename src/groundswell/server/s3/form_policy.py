"""What a presigned form may hold, by the policy that whoever signed it wrote.

Source: docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from groundswell.server.s3.errors import S3Error

_FREE = frozenset({"x-amz-signature", "file", "policy", "bucket", "awsaccesskeyid", "signature"})
"""Fields that no condition needs to name; those that begin with x-ignore- besides."""
_INVALID = "Invalid according to Policy"


@dataclass(frozen=True)
class Limits:
    """How many bytes the file may have."""

    least: int = 0
    most: int | None = None

    def check(self, size: int, *, whole: bool) -> None:
        """Raise S3Error for a file too large or, once it is whole, too small."""
        if self.most is not None and size > self.most:
            raise S3Error("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        if whole and size < self.least:
            raise S3Error("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")


def check_policy(policy: str, fields: Mapping[str, str], now: datetime) -> Limits:
    """The file's limits; raises S3Error for a form that its policy does not allow, or that is too late."""
    try:
        said = json.loads(b64decode(policy, validate=True))
        expires = datetime.fromisoformat(said["expiration"])
        conditions = [_condition(one) for one in said["conditions"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise S3Error("InvalidPolicyDocument", "Invalid Policy: Invalid JSON or conditions.") from error
    if expires.tzinfo is None or expires <= now:
        raise _refused("Policy expired.")
    limits, named = Limits(), set()
    for verb, name, value in conditions:
        if verb == "content-length-range":
            limits = Limits(int(name), int(value))
            continue
        named.add(name)
        given = fields.get(name, "")
        if not (given == value if verb == "eq" else given.startswith(value)):
            raise _refused(f'Policy Condition failed: ["{verb}", "${name}", "{value}"]')
    extra = [name for name in fields if name not in named | _FREE and not name.startswith("x-ignore-")]
    if extra:
        raise _refused(f"Extra input fields: {extra[0]}")
    return limits


def _condition(given: Any) -> tuple[str, str, str]:
    if isinstance(given, dict):
        ((name, value),) = given.items()
        return "eq", str(name).lower(), str(value)
    verb, name, value = given
    if verb == "content-length-range":
        return verb, str(int(name)), str(int(value))
    if verb not in ("eq", "starts-with"):
        raise ValueError(verb)
    return verb, str(name).removeprefix("$").lower(), str(value)


def _refused(why: str) -> S3Error:
    return S3Error("AccessDenied", f"{_INVALID}: {why}", 403)
