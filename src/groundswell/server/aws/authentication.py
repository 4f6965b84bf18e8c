"""Who sends a signed request: from the claim to the account, workspace and roles of its access key.

For every door that speaks AWS's protocols, `server/s3/` included.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import timedelta

from groundswell.domain.access_keys import KnownKey
from groundswell.domain.errors import Unauthenticated
from groundswell.domain.people import Principal
from groundswell.server.aws.errors import Fault, SignatureFault
from groundswell.server.aws.sigv4 import Claim, Head, check, read_claim
from groundswell.service import access_keys
from groundswell.service.context import Context

SKEW = timedelta(minutes=15)
"""By how much a client's clock may differ."""

_FAULTS = {"session_token": Fault.WRONG_TOKEN, "expires": Fault.EXPIRED_TOKEN}


@dataclass(frozen=True)
class Caller:
    """Who asks, let in by a right signature."""

    key: KnownKey
    claim: Claim

    @property
    def principal(self) -> Principal:
        """Who acts."""
        return self.key.principal


def authenticate(here: Context, head: Head, *, services: frozenset[str], payload: str | None) -> Caller:
    """Who signed this request. At most one query in ten seconds a key.

    services : what the credential's scope may name, and what the key must be good for.
    payload : the body's SHA-256 in hexadecimal; None: what the request itself says stands for its body (S3), which the
        caller then holds against the body.
    Raises SignatureFault.
    """
    claim = claim_of(head)
    key = known_key(here, claim)
    if payload is not None and claim.payload not in (None, payload):
        raise SignatureFault(Fault.WRONG_PAYLOAD, "The provided 'x-amz-content-sha256' header does not match.")
    signed = payload or claim.payload
    if signed is None:
        raise SignatureFault(Fault.INCOMPLETE, "Missing required header for this request: x-amz-content-sha256")
    check(claim, head, key.secret, now=here.clock(), services=services, payload=signed, skew=SKEW)
    if key.services and not services & key.services:
        allowed = ", ".join(sorted(key.services))
        raise SignatureFault(Fault.NOT_FOR_THIS, f"These credentials are good for {allowed} only")
    return Caller(key, claim)


def claim_of(head: Head) -> Claim:
    """The request's claim; raises SignatureFault where there is none or it cannot be read."""
    claim = read_claim(head)
    if claim is None:
        raise SignatureFault(Fault.MISSING, "Missing Authentication Token")
    return claim


def known_key(here: Context, claim: Claim) -> KnownKey:
    """Whose access key a claim names; the signature is not looked at. Raises SignatureFault."""
    try:
        return access_keys.known(here, claim.access_key, claim.token)
    except Unauthenticated as error:
        raise SignatureFault(_FAULTS.get(error.field or "", Fault.UNKNOWN_KEY), error.message) from error


def digest_of(body: bytes) -> str:
    """What stands for a body in a signature."""
    return hashlib.sha256(body).hexdigest()


class Replays:
    """Signatures seen of late. One that comes again after some seconds was recorded and sent by somebody else.

    Within these seconds it may be a client that asked the same twice: a signature's time has no fractions.
    """

    GRACE_S = 10.0

    def __init__(self, size: int = 100_000) -> None:
        self._first: dict[str, float] = {}  # signature -> when it came first, oldest first
        self._size = size

    def refuse(self, claim: Claim) -> None:
        """Raise SignatureFault for a signature that came before."""
        now = time.monotonic()
        first = self._first.setdefault(claim.signature, now)
        if now - first > self.GRACE_S:
            raise SignatureFault(Fault.REPLAYED, "Signature already used: this request was received before")
        if first == now:
            self._forget(now)

    def _forget(self, now: float) -> None:
        """What is older than any signature that would be let in, and the oldest where there are very many."""
        oldest = now - 2 * SKEW.total_seconds()
        while self._first:
            signature = next(iter(self._first))
            if self._first[signature] > oldest and len(self._first) <= self._size:
                return
            del self._first[signature]
