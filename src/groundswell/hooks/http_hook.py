"""A hook that is an HTTP endpoint: the event is posted as JSON, signed as webhooks are; the body of the answer is the
answer."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import orjson

from groundswell.domain.errors import Forbidden, InvalidInput, Unavailable
from groundswell.domain.webhooks import signature
from groundswell.net.client import GuardedClient
from groundswell.net.networks import Networks

_BUSY = (429, 502, 503, 504)
MAX_ANSWER_BYTES = 64 << 20  # a whole batch's labels


class HttpHook:
    """Posts events to one URL, which leads to a network that is allowed."""

    def __init__(self, url: str, *, networks: Networks, timeout_s: float, secret: str = "") -> None:
        """secret : what requests are signed with; empty: they are not."""
        self._url = url
        self._secret = secret
        self._timeout_s = timeout_s
        self._client = GuardedClient(networks)

    def call(self, event: Mapping[str, Any], *, payload: str | None = None) -> Any:
        """See `Hook.call`. Of an answer that cannot be used only its status is told: it may not be a function's."""
        body = orjson.dumps(event, default=str)
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "Groundswell-Hook"}
        if self._secret:
            timestamp = int(time.time())
            headers["Groundswell-Timestamp"] = str(timestamp)
            headers["Groundswell-Signature"] = signature(self._secret, timestamp, body)
        try:
            answer = self._client.post(
                self._url, body, headers=headers, timeout_s=self._timeout_s, max_bytes=MAX_ANSWER_BYTES
            )
        except Forbidden as error:
            raise InvalidInput(f"the hook {self._url}: {error.message}", field="hooks") from error
        if answer.status in _BUSY:
            raise Unavailable(f"the hook {self._url} is busy: HTTP {answer.status}")
        if not 200 <= answer.status < 300:
            redirected = " (a redirect to another address is not followed)" if answer.status // 100 == 3 else ""
            raise InvalidInput(f"the hook {self._url} failed: HTTP {answer.status}{redirected}", field="hooks")
        try:
            return orjson.loads(answer.body)
        except ValueError as error:
            raise InvalidInput(f"the hook {self._url}: expected JSON, got something else", field="hooks") from error

    def close(self) -> None:
        """See `Hook.close`."""
        self._client.close()
