"""Signed, expiring links: whoever holds one may read that object or that task, nothing else.

A link names the account it was made for, so that disabling the account ends its links at once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from groundswell.domain.errors import NotFound
from groundswell.service.ports import Clock

_SIGNATURE_BYTES = 16


class SignedLinks:
    """Makes and opens links.

    Expiry times are rounded up to a whole period, so that the same object has the same link for a while: browsers
    can cache it, and an image fetched ahead is the image shown.
    """

    def __init__(self, key: bytes, clock: Clock, *, seconds: int) -> None:
        self._key = hashlib.sha256(b"groundswell links" + key).digest()
        self._clock = clock
        self._seconds = seconds

    def of(self, holder: str, workspace_id: str) -> Links:
        """Links for one account to what a workspace may read."""
        return Links(self, holder, workspace_id)

    def open_for(self, kind: str, token: str) -> tuple[str, str, str]:
        """The account a link was made for, the workspace and the data; raises NotFound as `open`."""
        holder, _, rest = self.open(kind, token).partition("\n")
        workspace_id, _, data = rest.partition("\n")
        return holder, workspace_id, data

    def sign(self, kind: str, data: str, *, seconds: int | None = None) -> str:
        """A token that `open` of the same kind turns into the data again, for at least `seconds`."""
        period = seconds or self._seconds
        expires = (int(self._clock().timestamp()) // period + 2) * period
        payload = f"{kind}\n{expires}\n{data}".encode()
        return base64.urlsafe_b64encode(self._signature(payload) + payload).rstrip(b"=").decode()

    def open(self, kind: str, token: str) -> str:
        """The data of a token; raises NotFound when it was altered, is of another kind or has expired."""
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
            valid = hmac.compare_digest(signature, self._signature(payload))
            found, expires, data = payload.decode().split("\n", 2)
        except (ValueError, UnicodeError):
            valid, found, expires, data = False, "", "0", ""
        if not valid or found != kind or self._clock() > datetime.fromtimestamp(int(expires), self._clock().tzinfo):
            raise NotFound("this link is not valid or has expired; open the page it came from again")
        return data

    def _signature(self, payload: bytes) -> bytes:
        return hmac.digest(self._key, payload, "sha256")[:_SIGNATURE_BYTES]


@dataclass(frozen=True)
class Links:
    """Makes links for one account."""

    signed: SignedLinks
    holder: str  # the account's id
    workspace_id: str  # as which the storage is read

    def media(self, uri: str) -> str:
        """Where a browser reads an object; other people's http(s) addresses are given back unchanged."""
        if uri.startswith(("http://", "https://", "data:", "/media/", "/static/")):
            return uri
        # Bucket and key, as in the addresses of a bucket: templates answer with the path of what they show.
        path = quote(uri.partition("://")[2] if uri.startswith("s3://") else uri.rstrip("/").rsplit("/", 1)[-1])
        return f"/media/{self._sign('media', uri)}/{path or 'object'}"

    def frame(self, assignment_id: str) -> str:
        """Where a browser reads a task as its template shows it."""
        return f"/frame/{assignment_id}?sig={self._sign('frame', assignment_id)}"

    def worker_ui(self, name: str) -> str:
        """Where a worker task template that is kept by name is read."""
        return f"/worker-ui/{self._sign('worker-ui', name)}"

    def _sign(self, kind: str, data: str) -> str:
        return self.signed.sign(kind, f"{self.holder}\n{self.workspace_id}\n{data}")
