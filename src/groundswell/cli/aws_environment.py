"""The lines that point a shell, and every client of AWS started in it, at a server."""

from __future__ import annotations

from collections.abc import Iterator

from groundswell.wire.accounts import AccessKeyMade


def exports(url: str, key: AccessKeyMade) -> Iterator[str]:
    """`export NAME=value` for each variable that boto3, the AWS CLI and the other SDKs read."""
    variables = {
        "AWS_ENDPOINT_URL": url.rstrip("/"),
        "AWS_ACCESS_KEY_ID": key.id,
        "AWS_SECRET_ACCESS_KEY": key.secret,
        "AWS_DEFAULT_REGION": key.region,
        "AWS_REGION": key.region,
        # Of a profile or a sign-in of before: they would be used besides.
        "AWS_SESSION_TOKEN": "",
        "AWS_PROFILE": "",
    }
    for name, value in variables.items():
        yield f"export {name}={value}" if value else f"unset {name}"
