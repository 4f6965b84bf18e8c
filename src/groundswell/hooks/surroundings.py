"""What a function's process is told of this server: where it is, so that boto3 finds it, and as whom it is asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from groundswell.domain.hooks import HookCaller
from groundswell.hooks.relay import Relay
from groundswell.hooks.sandbox import WAY_PORT, Sandbox


@dataclass(frozen=True)
class Access:
    """As whom a function asks this server: short-lived credentials of its own."""

    region: str
    access_key: str
    secret: str
    session_token: str


class Surroundings:
    """The same for every function of this process. Safe to share between threads."""

    def __init__(self, server_url: str, lend: Callable[[HookCaller], Access]) -> None:
        """server_url : how this machine reaches the server.      lend : credentials for a process that starts now."""
        self._server_url = server_url.rstrip("/")
        self._lend = lend
        self._lock = threading.Lock()
        self._relay: Relay | None = None

    def of(self, caller: HookCaller, sandbox: Sandbox) -> Mapping[str, str]:
        """Variables of a process that starts now."""
        access = self._lend(caller)
        url = f"http://127.0.0.1:{WAY_PORT}" if sandbox.closed else self._server_url
        return {
            "AWS_ENDPOINT_URL": url,
            "AWS_ENDPOINT_URL_S3": f"{url}/s3",
            "AWS_REGION": access.region,
            "AWS_DEFAULT_REGION": access.region,
            "AWS_ACCESS_KEY_ID": access.access_key,
            "AWS_SECRET_ACCESS_KEY": access.secret,
            "AWS_SESSION_TOKEN": access.session_token,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def way(self) -> Path | None:
        """The Unix socket that leads to the server; made when the first function starts."""
        with self._lock:
            if self._relay is None:
                self._relay = Relay(self._server_url)
            return self._relay.path
