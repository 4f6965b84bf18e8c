"""Buckets: list, create, look for, remove; where they are, which pages read them, what is told of them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from groundswell.domain.buckets import Bucket, CorsRule
from groundswell.server.s3.call import Answer, Call, iso_date, malformed
from groundswell.server.s3.errors import S3Error
from groundswell.server.s3.listing_calls import owner
from groundswell.server.s3.xml import Element, document, leaf, node
from groundswell.service import buckets, workspaces

NAMELESS_REGION = "us-east-1"  # S3 tells it by an empty text
_METHODS = frozenset({"GET", "PUT", "POST", "DELETE", "HEAD"})
_MOST_RULES = 100
_NOT_SET: Mapping[str, tuple[str, str]] = {
    "policy": ("NoSuchBucketPolicy", "The bucket policy does not exist"),
    "tagging": ("NoSuchTagSet", "The TagSet does not exist"),
    "lifecycle": ("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
    "website": ("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
    "replication": ("ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
    "publicAccessBlock": (
        "NoSuchPublicAccessBlockConfiguration",
        "The public access block configuration was not found",
    ),
    "encryption": (
        "ServerSideEncryptionConfigurationNotFoundError",
        "The server side encryption configuration was not found",
    ),
    "object-lock": (
        "ObjectLockConfigurationNotFoundError",
        "Object Lock configuration does not exist for this bucket",
    ),
}
_EMPTY: Mapping[str, str] = {
    "versioning": "VersioningConfiguration",
    "logging": "BucketLoggingStatus",
    "accelerate": "AccelerateConfiguration",
}
NOT_SET = frozenset(_NOT_SET) | frozenset(_EMPTY)
"""What S3's buckets may have and these have not: told as S3 tells it of a bucket where nobody set it."""


async def list_buckets(call: Call) -> Answer:
    found: list[Bucket] = await call.act(buckets.mine)
    named = [
        node("Bucket", leaf("Name", one.name), leaf("CreationDate", iso_date(one.created_at)))
        for one in found
        if one.name.startswith(call.query.get("prefix", ""))
    ]
    return Answer.xml(document("ListAllMyBucketsResult", node("Owner", *owner(call)), node("Buckets", *named)))


async def create_bucket(call: Call) -> Answer:
    if call.headers.get("content-length", "0") != "0" or "transfer-encoding" in call.headers:
        data = await call.body.piece()
        if data:
            await _check_configuration(call, data)
    made: Bucket = await call.act(buckets.create, call.bucket)
    return Answer(200, {"Location": f"/{made.name}", "Content-Length": "0"})


async def _check_configuration(call: Call, data: bytes) -> None:
    from groundswell.server.s3.xml import BadXml, read

    try:
        await call.run(read, data, "CreateBucketConfiguration")
    except BadXml as error:
        raise malformed() from error


async def head_bucket(call: Call) -> Answer:
    await call.act(buckets.reach, call.bucket)
    return Answer(200, {"x-amz-bucket-region": await _region(call), "Content-Type": "application/xml"})


async def delete_bucket(call: Call) -> Answer:
    await call.act(buckets.remove, call.bucket)
    return Answer(204)


async def get_location(call: Call) -> Answer:
    await call.act(buckets.reach, call.bucket)
    region = await _region(call)
    return Answer.xml(document("LocationConstraint", "" if region == NAMELESS_REGION else region))


async def _region(call: Call) -> str:
    """The region that the workspace says it is in."""
    return (await call.act(workspaces.own)).region


async def not_set(call: Call) -> Answer:
    """What a bucket of S3 answers where nobody set a thing."""
    await call.act(buckets.reach, call.bucket)
    for name, root in _EMPTY.items():
        if name in call.query:
            return Answer.xml(document(root))
    code, message = next(_NOT_SET[name] for name in _NOT_SET if name in call.query)
    raise S3Error(code, message, 404)


async def get_acl(call: Call) -> Answer:
    """Whoever owns the bucket may do everything; nobody else is granted anything."""
    await call.act(buckets.reach, call.bucket)
    grantee = '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">'
    grant = node("Grant", grantee + "".join(owner(call)) + "</Grantee>", leaf("Permission", "FULL_CONTROL"))
    return Answer.xml(document("AccessControlPolicy", node("Owner", *owner(call)), node("AccessControlList", grant)))


async def get_cors(call: Call) -> Answer:
    bucket: Bucket = await call.act(buckets.reach, call.bucket)
    if not bucket.cors:
        raise S3Error("NoSuchCORSConfiguration", "The CORS configuration does not exist", 404)
    return Answer.xml(document("CORSConfiguration", *(_rule_xml(rule) for rule in bucket.cors)))


async def put_cors(call: Call) -> Answer:
    data = await call.xml("CORSConfiguration")
    rules = [_rule(one) for one in data.all("CORSRule")]
    if not 1 <= len(rules) <= _MOST_RULES:
        raise malformed()
    await call.act(buckets.set_cors, call.bucket, rules)
    return Answer(200)


async def delete_cors(call: Call) -> Answer:
    await call.act(buckets.set_cors, call.bucket, ())
    return Answer(204)


async def get_notification(call: Call) -> Answer:
    bucket: Bucket = await call.act(buckets.reach, call.bucket)
    told = [node("EventBridgeConfiguration")] if bucket.told else []
    return Answer.xml(document("NotificationConfiguration", *told))


async def put_notification(call: Call) -> Answer:
    """With an EventBridge configuration, events tell of every object that comes and goes."""
    data = await call.xml("NotificationConfiguration")
    others = [one.name for one in data.children if one.name != "EventBridgeConfiguration"]
    if others:
        raise S3Error(
            "InvalidArgument",
            f"Unable to validate {others[0]}: this server tells of objects by its events and webhooks alone "
            "(EventBridgeConfiguration)",
        )
    await call.act(buckets.set_told, call.bucket, bool(data.children))
    return Answer(200)


def _rule(element: Element) -> CorsRule:
    methods, origins = element.texts("AllowedMethod"), element.texts("AllowedOrigin")
    unknown = [method for method in methods if method not in _METHODS]
    if unknown:
        raise S3Error(
            "InvalidRequest",
            f"Found unsupported HTTP method in CORS config. Unsupported method is {unknown[0][:40]}",
        )
    age = element.get("MaxAgeSeconds")
    if not methods or not origins or (age is not None and not re.fullmatch(r"[0-9]{1,9}", age)):
        raise malformed()
    if any(origin.count("*") > 1 for origin in origins):
        raise S3Error("InvalidRequest", "AllowedOrigin can not have more than one wildcard.")
    return CorsRule(
        origins=tuple(origins),
        methods=tuple(methods),
        headers=tuple(element.texts("AllowedHeader")),
        exposed=tuple(element.texts("ExposeHeader")),
        max_age_s=None if age is None else int(age),
        id=element.get("ID"),
    )


def _rule_xml(rule: CorsRule) -> str:
    return node(
        "CORSRule",
        *([leaf("ID", rule.id)] if rule.id else []),
        *(leaf("AllowedOrigin", one) for one in rule.origins),
        *(leaf("AllowedMethod", one) for one in rule.methods),
        *(leaf("AllowedHeader", one) for one in rule.headers),
        *(leaf("ExposeHeader", one) for one in rule.exposed),
        *([] if rule.max_age_s is None else [leaf("MaxAgeSeconds", rule.max_age_s)]),
    )
