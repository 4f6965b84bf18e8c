"""A hook that is an HTTP endpoint: the event is posted as JSON, the body of the answer is the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from groundswell.domain.errors import InvalidInput, Unavailable

_ATTEMPTS = 3


class HttpHook:
    """Posts events to one URL; a server that is busy or away is asked again."""

    def __init__(self, url: str, *, timeout_s: float) -> None:
        self._url = url
        transport = httpx.HTTPTransport(retries=_ATTEMPTS - 1)
        self._client = httpx.Client(timeout=timeout_s, transport=transport, follow_redirects=True)

    def call(self, event: Mapping[str, Any]) -> Any:
        """See `Hook.call`."""
        try:
            answer = self._client.post(self._url, json=event)
        except httpx.HTTPError as error:
            raise Unavailable(f"the hook {self._url} does not answer: {error or type(error).__name__}") from error
        if answer.status_code in (429, 502, 503, 504):
            raise Unavailable(f"the hook {self._url} is busy: HTTP {answer.status_code}")
        if answer.status_code >= 400:
            raise InvalidInput(
                f"the hook {self._url} failed: HTTP {answer.status_code}: {answer.text[:300]}", field="hooks"
            )
        try:
            return answer.json()
        except ValueError as error:
            raise InvalidInput(
                f"the hook {self._url}: expected JSON, got {answer.text[:100]!r}", field="hooks"
            ) from error

    def close(self) -> None:
        """See `Hook.close`."""
        self._client.close()
