"""Errors as AWS's services name them: a code, a message, an HTTP status; and the names each protocol has for one fault.

`SignatureFault` is what `sigv4` raises; a protocol's table here turns it into its own error.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class AwsError(Exception):
    """What a service answers instead of a result."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class Fault(StrEnum):
    """What is wrong with a request's signature."""

    MISSING = "missing"  # there is none
    INCOMPLETE = "incomplete"  # a part of it is not there, or cannot be read
    MALFORMED_QUERY = "malformed query"  # the same, of a presigned address
    UNKNOWN_KEY = "unknown key"  # nobody has this access key (any more)
    WRONG = "wrong"  # made with another secret, or of another request
    UNSIGNED_HEADERS = "unsigned headers"  # that change what is asked, and that anybody may have added
    WRONG_PAYLOAD = "wrong payload"  # the body is not the one that was signed
    SKEWED = "skewed"  # signed too long ago, or in the future
    EXPIRED_LINK = "expired link"  # a presigned address that is not valid any more
    WRONG_TOKEN = "wrong token"  # the session token is not that of the access key
    EXPIRED_TOKEN = "expired token"  # short-lived credentials that are over
    REPLAYED = "replayed"  # the same signature came before
    NOT_FOR_THIS = "not for this"  # the access key may not use this service


class SignatureFault(Exception):
    """A request that is not let in; `protocol_error` names it as its protocol does."""

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fault = fault
        self.message = message


ErrorNames = Mapping[Fault, tuple[str, int]]
"""Code and HTTP status of each fault, in one protocol."""

JSON_NAMES: ErrorNames = {
    Fault.MISSING: ("MissingAuthenticationToken", 403),
    Fault.INCOMPLETE: ("IncompleteSignature", 400),
    Fault.MALFORMED_QUERY: ("IncompleteSignature", 400),
    Fault.UNKNOWN_KEY: ("UnrecognizedClientException", 400),
    Fault.WRONG: ("InvalidSignatureException", 400),
    Fault.UNSIGNED_HEADERS: ("InvalidSignatureException", 400),
    Fault.WRONG_PAYLOAD: ("InvalidSignatureException", 400),
    Fault.SKEWED: ("InvalidSignatureException", 400),
    Fault.EXPIRED_LINK: ("InvalidSignatureException", 400),
    Fault.WRONG_TOKEN: ("UnrecognizedClientException", 400),
    Fault.EXPIRED_TOKEN: ("ExpiredTokenException", 400),
    Fault.REPLAYED: ("InvalidSignatureException", 400),
    Fault.NOT_FOR_THIS: ("AccessDeniedException", 400),
}
"""SageMaker, Mechanical Turk, Lambda."""

QUERY_NAMES: ErrorNames = {
    Fault.MISSING: ("MissingAuthenticationToken", 403),
    Fault.INCOMPLETE: ("IncompleteSignature", 400),
    Fault.MALFORMED_QUERY: ("IncompleteSignature", 400),
    Fault.UNKNOWN_KEY: ("InvalidClientTokenId", 403),
    Fault.WRONG: ("SignatureDoesNotMatch", 403),
    Fault.UNSIGNED_HEADERS: ("SignatureDoesNotMatch", 403),
    Fault.WRONG_PAYLOAD: ("SignatureDoesNotMatch", 403),
    Fault.SKEWED: ("SignatureDoesNotMatch", 403),
    Fault.EXPIRED_LINK: ("RequestExpired", 400),
    Fault.WRONG_TOKEN: ("InvalidClientTokenId", 403),
    Fault.EXPIRED_TOKEN: ("ExpiredToken", 403),
    Fault.REPLAYED: ("SignatureDoesNotMatch", 403),
    Fault.NOT_FOR_THIS: ("AccessDenied", 403),
}
"""STS."""

S3_NAMES: ErrorNames = {
    Fault.MISSING: ("AccessDenied", 403),
    Fault.INCOMPLETE: ("AuthorizationHeaderMalformed", 400),
    Fault.MALFORMED_QUERY: ("AuthorizationQueryParametersError", 400),
    Fault.UNKNOWN_KEY: ("InvalidAccessKeyId", 403),
    Fault.WRONG: ("SignatureDoesNotMatch", 403),
    Fault.UNSIGNED_HEADERS: ("AccessDenied", 403),
    Fault.WRONG_PAYLOAD: ("XAmzContentSHA256Mismatch", 400),
    Fault.SKEWED: ("RequestTimeTooSkewed", 403),
    Fault.EXPIRED_LINK: ("AccessDenied", 403),
    Fault.WRONG_TOKEN: ("InvalidToken", 400),
    Fault.EXPIRED_TOKEN: ("ExpiredToken", 400),
    Fault.REPLAYED: ("AccessDenied", 403),
    Fault.NOT_FOR_THIS: ("AccessDenied", 403),
}


def protocol_error(fault: SignatureFault, names: ErrorNames) -> AwsError:
    """The fault by its name in a protocol."""
    code, status = names[fault.fault]
    return AwsError(code, fault.message, status)
