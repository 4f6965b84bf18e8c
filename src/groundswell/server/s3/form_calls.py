"""Presigned POST: a browser's form that stores one object in a bucket."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

from groundswell.domain.access_keys import KnownKey
from groundswell.domain.buckets import StoredObject
from groundswell.domain.people import Principal
from groundswell.server.aws.authentication import known_key
from groundswell.server.aws.errors import S3_NAMES, SignatureFault, protocol_error
from groundswell.server.aws.sigv4 import Claim, signing_key
from groundswell.server.context import Context
from groundswell.server.s3.call import Answer, Call
from groundswell.server.s3.errors import S3Error
from groundswell.server.s3.form_policy import check_policy
from groundswell.server.s3.forms import Form
from groundswell.server.s3.old_links import signer_of_policy, wrong_signature
from groundswell.server.s3.said import described_of, sums_of
from groundswell.server.s3.xml import document, leaf
from groundswell.service import bucket_objects

_CREDENTIAL = re.compile(r"([^/\s]{1,128})/(\d{8})/([\w-]{1,64})/s3/aws4_request")


async def post_form(call: Call, form: Form) -> Answer:
    """Store the file of a form whose fields were read, by its policy."""
    fields = {**form.fields, "bucket": call.bucket}
    limits = check_policy(fields.get("policy", ""), fields, call.here.clock())
    if not fields.get("key"):
        raise S3Error("InvalidArgument", "Bucket POST must contain a field named 'key'.")
    key = fields["key"].replace("${filename}", form.filename.replace("\\", "/").rpartition("/")[2])
    described, sums = described_of(fields), sums_of({**fields, "x-amz-content-sha256": ""})
    incoming = await call.act(bucket_objects.begin, call.bucket, key, sums.algorithms)
    try:
        async for data in form.file():
            await call.run(incoming.write, data)
            limits.check(incoming.size, whole=False)
        limits.check(incoming.size, whole=True)
        stored = await call.act(
            bucket_objects.finish,
            call.bucket,
            incoming,
            described,
            expected=sums.expected,
            keep=sums.keep,
            how="Post",
        )
    finally:
        await call.run(incoming.discard)
    return _answer(call, stored, fields.get("success_action_status", ""), fields.get("success_action_redirect", ""))


def signer_of(here: Context, fields: Mapping[str, str]) -> Principal:
    """Whose access key signed a form's policy; raises S3Error."""
    try:
        key = signer_of_policy(here, fields) if "awsaccesskeyid" in fields else _signer(here, fields)
    except SignatureFault as fault:
        error = protocol_error(fault, S3_NAMES)
        raise S3Error(error.code, error.message, error.status) from fault
    if key.services and "s3" not in key.services:
        raise S3Error("AccessDenied", "These credentials are not good for S3", 403)
    return key.principal


def _signer(here: Context, fields: Mapping[str, str]) -> KnownKey:
    match = _CREDENTIAL.fullmatch(fields.get("x-amz-credential", ""))
    if match is None or fields.get("x-amz-algorithm") != "AWS4-HMAC-SHA256":
        raise S3Error("AccessDenied", "Access Denied", 403)
    access_key, date, region = match.groups()
    key = known_key(
        here, Claim(access_key, date, region, "s3", (), "", here.clock(), fields.get("x-amz-security-token"))
    )
    signing = signing_key(key.secret, date, region, "s3")
    made = hmac.digest(signing, fields.get("policy", "").encode("utf-8", "surrogateescape"), "sha256").hex()
    if not hmac.compare_digest(made.encode(), fields.get("x-amz-signature", "").encode("utf-8", "surrogateescape")):
        raise wrong_signature()
    return key


def _answer(call: Call, stored: StoredObject, status: str, redirect: str) -> Answer:
    headers = {"ETag": f'"{stored.etag}"', "Location": f"{call.location.rstrip('/')}/{quote(stored.key)}"}
    target = urlsplit(redirect) if redirect.isprintable() else None
    if target is not None and target.scheme in ("http", "https") and target.netloc:
        told = urlencode({"bucket": call.bucket, "key": stored.key, "etag": headers["ETag"]})
        headers["Location"] = f"{redirect}{'&' if target.query else '?'}{told}"
        return Answer(303, {**headers, "Content-Length": "0"})
    if status != "201":
        return Answer(200 if status == "200" else 204, headers | ({"Content-Length": "0"} if status == "200" else {}))
    body = document(
        "PostResponse",
        leaf("Location", headers["Location"]),
        leaf("Bucket", call.bucket),
        leaf("Key", stored.key),
        leaf("ETag", headers["ETag"]),
        namespace=None,
    )
    answer = Answer.xml(body, 201)
    answer.headers |= headers
    return answer
