"""A user's own function as an administrator registers it: a name, its code, and what its process is given."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from groundswell.domain.errors import InvalidInput


@dataclass(frozen=True)
class HookAbout:
    """What a function is registered with besides its code; only the time changes how it is called."""

    timeout_s: int | None = None  # of one call; None: the server's
    memory_mb: int | None = None
    description: str = ""
    runtime: str = ""
    role: str = ""
    writes: tuple[str, ...] = ()  # beginnings of the s3:// addresses that it may write, and read


@dataclass(frozen=True)
class RegisteredHook:
    """A function that jobs may name. Never changed: a new version takes its place."""

    name: str  # 1 to 64 letters, digits, hyphens and underscores; unique as it is written
    version: int  # 1, and one more each time it is registered anew
    module: str  # in the code: `prepare` of prepare.py
    function: str  # in the module: `lambda_handler`
    code: bytes  # a zip file
    sha256: str  # of the code, hexadecimal
    environment: Mapping[str, str]  # what its process finds in its environment, besides PATH, LANG, HOME and TMPDIR;
    # values are sealed at rest
    registered_at: datetime
    registered_by: str  # the account
    about: HookAbout = HookAbout()


@dataclass(frozen=True)
class HookCaller:
    """For whom a function is called: whose credentials its process gets, and what they are good for."""

    workspace_id: str
    account_id: str  # who created the job, or tries the function
    job: str = ""  # the job's name; empty: no job's
    reads: tuple[str, ...] = ()  # beginnings of the s3:// addresses that it may read
    writes: tuple[str, ...] = ()  # and of those that it may write


def endpoint_secret(secret: bytes, workspace_id: str, url: str) -> str:
    """What requests to functions of one host are signed with (`domain.webhooks.signature`): each workspace's own.

    It follows from the server's secret, so nothing is kept. Raises InvalidInput for what is no http(s) URL.
    """
    try:
        found = urlsplit(url)
        host, port = found.hostname, found.port
    except ValueError:
        host = port = None
    if not host or found.scheme not in ("http", "https"):
        raise InvalidInput(f"expected an http(s) URL such as https://example.org/consolidate, got {url!r}", field="url")
    origin = f"{found.scheme}://{host}:{port or (443 if found.scheme == 'https' else 80)}"
    made = hmac.digest(secret, f"functions of {workspace_id} at {origin}".encode(), "sha256")
    return urlsafe_b64encode(made).decode().rstrip("=")
