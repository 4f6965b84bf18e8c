"""Links and forms signed the old way (version 2), which is still what boto3 makes unless it is told otherwise.

Source: docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html#RESTAuthenticationQueryStringAuth
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping

from groundswell.domain.access_keys import KnownKey
from groundswell.server.aws.authentication import known_key
from groundswell.server.aws.sigv4 import Claim, Head
from groundswell.server.context import Context
from groundswell.server.s3.errors import S3Error

_OLDEST_LINK_S = 7 * 86_400
_SIGNED_FIELDS = frozenset(
    "accelerate acl analytics cors defaultObjectAcl delete inventory lifecycle location logging metrics notification "
    "object-lock partNumber policy replication requestPayment response-cache-control response-content-disposition "
    "response-content-encoding response-content-language response-content-type response-expires restore select "
    "select-type storageClass tagging torrent uploadId uploads versionId versioning versions website".split()
)


def is_old_link(query: Mapping[str, str]) -> bool:
    """Whether an address is signed the old way."""
    return "AWSAccessKeyId" in query and "Signature" in query


def signer_of_link(here: Context, head: Head, query: Mapping[str, str], paths: tuple[str, ...]) -> KnownKey:
    """Whose access key signed an address; raises S3Error, SignatureFault.

    paths : what the signature may call the object: clients know the server by several addresses.
    """
    expires, now = query.get("Expires", ""), here.clock().timestamp()
    if not expires.isascii() or not expires.isdigit() or len(expires) > 12:
        raise S3Error(
            "AccessDenied",
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
            403,
        )
    if int(expires) <= now:
        raise S3Error("AccessDenied", "Request has expired", 403)
    if int(expires) > now + _OLDEST_LINK_S:
        raise S3Error("AccessDenied", "Expires must be less than a week away", 403)
    key = _key(here, query["AWSAccessKeyId"], query.get("x-amz-security-token"))
    if not any(_fits(key.secret, _text(head, query, expires, path), query["Signature"]) for path in paths):
        raise wrong_signature()
    return key


def signer_of_policy(here: Context, fields: Mapping[str, str]) -> KnownKey:
    """Whose access key signed a form's policy; raises S3Error, SignatureFault."""
    key = _key(here, fields["awsaccesskeyid"], fields.get("x-amz-security-token"))
    if not _fits(key.secret, fields.get("policy", ""), fields.get("signature", "")):
        raise wrong_signature()
    return key


def _key(here: Context, access_key: str, token: str | None) -> KnownKey:
    return known_key(here, Claim(access_key, "", "", "s3", (), "", here.clock(), token))


def _fits(secret: str, text: str, signature: str) -> bool:
    made = b64encode(hmac.digest(secret.encode(), text.encode("utf-8", "surrogateescape"), "sha1"))
    return hmac.compare_digest(made, signature.encode("utf-8", "surrogateescape"))


def _text(head: Head, query: Mapping[str, str], expires: str, path: str) -> str:
    said = {**head.headers, **{name: value for name, value in query.items() if name.startswith(("x-amz-", "content-"))}}
    amz = sorted((name, " ".join(value.split())) for name, value in said.items() if name.startswith("x-amz-"))
    fields = sorted((name, value) for name, value in query.items() if name in _SIGNED_FIELDS)
    named = "&".join(f"{name}={value}" if value else name for name, value in fields)
    return "\n".join(
        (
            head.method,
            said.get("content-md5", ""),
            said.get("content-type", ""),
            expires,
            *(f"{name}:{value}" for name, value in amz),
            f"{path}?{named}" if named else path,
        )
    )


def wrong_signature() -> S3Error:
    """For what was signed with another secret, or otherwise."""
    return S3Error(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing "
        "method.",
        403,
    )
