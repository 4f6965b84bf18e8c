"""AWS's signature, version 4: what a request claims, and whether its signature is right.

Pure: no clock, store or network. `read_claim` reads header and presigned signatures alike; `check` compares. Streamed
bodies are checked chunk by chunk (`chunks.py`) with the signature found here as the first.
Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from starlette.types import Scope

from groundswell.server.aws.errors import Fault, SignatureFault

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
STREAMED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
STREAMED_WITH_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_WITH_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
EMPTY_HASH = hashlib.sha256(b"").hexdigest()
LONGEST_LINK_S = 7 * 86_400

_CREDENTIAL = re.compile(r"([!-.0-~]{1,128})/([0-9]{8})/([\w-]{1,64})/([\w-]{1,64})/aws4_request")
_HARMLESS = ("x-amz-cf-", "x-amz-user-agent")  # what proxies add, and what nobody acts on
_SPACES = re.compile("[ \t]+")
_UNRESERVED = "-_.~"
_WRONG = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)


@dataclass(frozen=True)
class Head:
    """What of a request is signed besides its body, as it was sent."""

    method: str
    path: str  # raw: with its percent signs
    query: str  # raw
    headers: Mapping[str, str]  # by lower-case name; several of one name in one, with commas

    @classmethod
    def of(cls, scope: Scope) -> Head:
        """The head of an ASGI request."""
        headers: dict[str, str] = {}
        for raw_name, raw in scope["headers"]:
            name, value = raw_name.decode("latin-1").lower(), raw.decode("utf-8", "surrogateescape")
            headers[name] = f"{headers[name]},{value}" if name in headers else value
        raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
        path = raw_path.decode("latin-1").partition("?")[0]
        return cls(scope["method"], path, scope["query_string"].decode("latin-1"), headers)


@dataclass(frozen=True)
class Claim:
    """Who a request says it is from, and the signature it brings."""

    access_key: str
    date: str  # of the credential's scope, YYYYMMDD
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    at: datetime
    token: str | None = None  # the session's, of short-lived credentials
    payload: str | None = None  # what stands for the body in the signature, where the request says it
    valid_s: int | None = None  # of a presigned address

    @property
    def scope(self) -> str:
        """The credential's scope."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request"

    @property
    def amz_date(self) -> str:
        """The time it was signed at, as it is signed."""
        return self.at.strftime("%Y%m%dT%H%M%SZ")

    @property
    def is_presigned(self) -> bool:
        """Whether the signature is in the address."""
        return self.valid_s is not None


def read_claim(head: Head) -> Claim | None:
    """The request's claim; None where it is not signed at all. Raises SignatureFault for what cannot be read."""
    given = head.headers.get("authorization")
    if given is not None:
        return _of_header(head, given)
    if "X-Amz-Algorithm=" in head.query or "X-Amz-Credential=" in head.query or "X-Amz-Signature=" in head.query:
        return _of_query(head)
    return None


def check(
    claim: Claim,
    head: Head,
    secret: str,
    *,
    now: datetime,
    services: frozenset[str],
    payload: str,
    skew: timedelta = timedelta(minutes=15),
) -> None:
    """Raise SignatureFault unless the claim's signature is of this request, by this secret, and of now.

    services : what the credential's scope may name.
    payload : what stands for the body: its SHA-256 in hexadecimal, or one of the names above (`claim.payload`).
    """
    if claim.service not in services:
        expected = " or ".join(f"'{name}'" for name in sorted(services))
        raise SignatureFault(Fault.WRONG, f"Credential should be scoped to correct service: {expected}. ")
    _check_time(claim, now, skew)
    _check_headers(claim, head)
    text = string_to_sign(claim, head, payload)
    key = signing_key(secret, claim.date, claim.region, claim.service)
    if not hmac.compare_digest(_sign(key, text), claim.signature):
        raise SignatureFault(Fault.WRONG, _WRONG)


def string_to_sign(claim: Claim, head: Head, payload: str) -> str:
    """What the signature is made of."""
    canonical = canonical_request(claim, head, payload)
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{ALGORITHM}\n{claim.amz_date}\n{claim.scope}\n{digest}"


def canonical_request(claim: Claim, head: Head, payload: str) -> str:
    """The request in the one form that both sides sign."""
    headers = "".join(f"{name}:{_one_space(head.headers.get(name, ''))}\n" for name in claim.signed_headers)
    sent = head.path or "/"
    # S3 alone signs a path with its percent signs as they are; everybody else quotes it once more.
    path = quote(unquote_to_bytes(sent) if claim.service == "s3" else sent, safe="/-_.~")
    names = ";".join(claim.signed_headers)
    return f"{head.method}\n{path}\n{_canonical_query(head.query)}\n{headers}\n{names}\n{payload}"


@lru_cache(maxsize=4_096)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key of a day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def chunk_signature(key: bytes, kind: str, claim: Claim, previous: str, digest: str) -> str:
    """The signature of a streamed body's next part.

    kind : `AWS4-HMAC-SHA256-PAYLOAD` or `-TRAILER`.      previous : the signature before, first the request's own.
    digest : SHA-256 of the part in hexadecimal.
    """
    middle = f"{EMPTY_HASH}\n" if kind.endswith("PAYLOAD") else ""
    return _sign(key, f"{kind}\n{claim.amz_date}\n{claim.scope}\n{previous}\n{middle}{digest}")


def _sign(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode("utf-8", "surrogateescape"), "sha256").hex()


def _one_space(value: str) -> str:
    return _SPACES.sub(" ", value.strip())


def _canonical_query(query: str) -> str:
    if not query:
        return ""
    pairs = []
    for field in query.split("&"):
        name, _, value = field.partition("=")
        name = quote(unquote_to_bytes(name), safe=_UNRESERVED)
        if field and name != "X-Amz-Signature":
            pairs.append((name, quote(unquote_to_bytes(value), safe=_UNRESERVED)))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _check_time(claim: Claim, now: datetime, skew: timedelta) -> None:
    if claim.date != claim.amz_date[:8]:
        raise SignatureFault(
            Fault.WRONG,
            f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{claim.date}' != '{claim.amz_date[:8]}', from '{claim.amz_date}'.",
        )
    shown, minutes = now.strftime("%Y%m%dT%H%M%SZ"), int(skew.total_seconds() // 60)
    if claim.at > now + skew:
        latest = (now + skew).strftime("%Y%m%dT%H%M%SZ")
        raise SignatureFault(
            Fault.SKEWED,
            f"Signature not yet current: {claim.amz_date} is still later than {latest} ({shown} + {minutes} min.)",
        )
    if claim.valid_s is not None:
        if now >= claim.at + timedelta(seconds=claim.valid_s):
            raise SignatureFault(Fault.EXPIRED_LINK, "Request has expired")
    elif claim.at < now - skew:
        earliest = (now - skew).strftime("%Y%m%dT%H%M%SZ")
        raise SignatureFault(
            Fault.SKEWED,
            f"Signature expired: {claim.amz_date} is now earlier than {earliest} ({shown} - {minutes} min.)",
        )


def _check_headers(claim: Claim, head: Head) -> None:
    """What says what is asked (X-Amz-Target, x-amz-copy-source, ...) must be signed: anybody may have added it."""
    for name in head.headers:
        if name.startswith("x-amz-") and name not in claim.signed_headers and not name.startswith(_HARMLESS):
            raise SignatureFault(
                Fault.UNSIGNED_HEADERS, f"There were headers present in the request which were not signed: {name}"
            )


def _of_header(head: Head, given: str) -> Claim:
    algorithm, _, rest = given.strip().partition(" ")
    if algorithm != ALGORITHM:
        raise SignatureFault(
            Fault.INCOMPLETE, f"Unsupported AWS 'algorithm': '{algorithm[:40]}' (only {ALGORITHM} is accepted)."
        )
    found = dict(_assignment(part) for part in rest.split(","))
    for name in ("Credential", "Signature", "SignedHeaders"):
        if not found.get(name):
            raise SignatureFault(
                Fault.INCOMPLETE, f"Authorization header requires '{name}' parameter. Authorization={algorithm}"
            )
    date = head.headers.get("x-amz-date") or head.headers.get("date", "")
    if not date:
        raise SignatureFault(
            Fault.INCOMPLETE, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
    return _claim(
        Fault.INCOMPLETE,
        found["Credential"],
        found["SignedHeaders"],
        found["Signature"],
        date,
        token=head.headers.get("x-amz-security-token"),
        payload=head.headers.get("x-amz-content-sha256"),
    )


def _of_query(head: Head) -> Claim:
    found: dict[str, str] = {}
    for field in head.query.split("&"):
        name, _, value = field.partition("=")
        found[unquote_to_bytes(name).decode("utf-8", "replace")] = unquote_to_bytes(value).decode("utf-8", "replace")
    if found.get("X-Amz-Algorithm") != ALGORITHM:
        raise SignatureFault(Fault.MALFORMED_QUERY, f'X-Amz-Algorithm only supports "{ALGORITHM}"')
    for name in ("X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Expires"):
        if not found.get(name):
            raise SignatureFault(
                Fault.MALFORMED_QUERY,
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
            )
    return _claim(
        Fault.MALFORMED_QUERY,
        found["X-Amz-Credential"],
        found["X-Amz-SignedHeaders"],
        found["X-Amz-Signature"],
        found["X-Amz-Date"],
        token=found.get("X-Amz-Security-Token"),
        payload=found.get("X-Amz-Content-Sha256") or head.headers.get("x-amz-content-sha256"),
        valid_s=_validity(found["X-Amz-Expires"]),
    )


def _claim(fault: Fault, credential: str, names: str, signature: str, date: str, **rest: Any) -> Claim:
    match = _CREDENTIAL.fullmatch(credential)
    if match is None:
        raise SignatureFault(
            fault,
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
            f"got '{credential[:100]}'",
        )
    signed = tuple(names.lower().split(";"))
    if "host" not in signed and ":authority" not in signed:
        raise SignatureFault(Fault.WRONG, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    key, day, region, service = match.groups()
    if service == "s3" and rest.get("valid_s") is not None:
        rest["payload"] = rest["payload"] or UNSIGNED  # an address is made before there is a body
    return Claim(key, day, region, service, signed, signature, _time(fault, date), **rest)


def _assignment(part: str) -> tuple[str, str]:
    name, _, value = part.strip().partition("=")
    return name, value


def _time(fault: Fault, date: str) -> datetime:
    for form in ("%Y%m%dT%H%M%SZ", "%a, %d %b %Y %H:%M:%S GMT"):
        try:
            return datetime.strptime(date, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise SignatureFault(
        fault,
        f"Date must be in ISO-8601 'basic format'. Got '{date[:40]}'. See http://en.wikipedia.org/wiki/ISO_8601",
    )


def _validity(given: str) -> int:
    if not re.fullmatch(r"[0-9]{1,7}", given):
        raise SignatureFault(Fault.MALFORMED_QUERY, "X-Amz-Expires should be a number")
    if int(given) > LONGEST_LINK_S:
        raise SignatureFault(
            Fault.MALFORMED_QUERY,
            f"X-Amz-Expires must be less than a week (in seconds) that is {LONGEST_LINK_S}",
        )
    return int(given)
