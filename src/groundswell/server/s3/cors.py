"""What browsers are told of a bucket: the answer to their question before a request, and headers on every answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from groundswell.domain.buckets import CorsRule
from groundswell.server.s3.call import Answer
from groundswell.server.s3.errors import S3Error

_VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"


def preflight(rules: Sequence[CorsRule], headers: Mapping[str, str]) -> Answer:
    """The answer to OPTIONS; raises S3Error where no rule allows what is asked."""
    origin, method = headers.get("origin"), headers.get("access-control-request-method")
    if not origin or not method:
        raise S3Error("BadRequest", "Insufficient information. Origin request header needed.")
    asked = [one.strip().lower() for one in headers.get("access-control-request-headers", "").split(",") if one.strip()]
    for rule in rules:
        if _allows(rule, origin, method) and all(_fits(one, rule.headers) for one in asked):
            found = allowing(rule, origin)
            found["Access-Control-Allow-Methods"] = ", ".join(rule.methods)
            if asked:
                found["Access-Control-Allow-Headers"] = ", ".join(asked)
            if rule.max_age_s is not None:
                found["Access-Control-Max-Age"] = str(rule.max_age_s)
            return Answer(200, {**found, "Content-Length": "0"})
    raise S3Error(
        "AccessForbidden",
        "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request "
        "method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the "
        "resource's CORS spec.",
        403,
    )


def headers_for(rules: Sequence[CorsRule], headers: Mapping[str, str], method: str) -> dict[str, str]:
    """What an answer to a page of another origin says besides."""
    origin = headers.get("origin")
    if not origin:
        return {}
    rule = next((rule for rule in rules if _allows(rule, origin, method)), None)
    return {} if rule is None else allowing(rule, origin)


def allowing(rule: CorsRule, origin: str) -> dict[str, str]:
    """The headers of a rule that allows this origin."""
    found = {"Access-Control-Allow-Origin": "*" if "*" in rule.origins else origin, "Vary": _VARY}
    if "*" not in rule.origins:
        found["Access-Control-Allow-Credentials"] = "true"
    if rule.exposed:
        found["Access-Control-Expose-Headers"] = ", ".join(rule.exposed)
    return found


def _allows(rule: CorsRule, origin: str, method: str) -> bool:
    return method in rule.methods and _fits(origin, rule.origins)


def _fits(text: str, patterns: Sequence[str]) -> bool:
    """Whether a text is one of these, in which one `*` stands for anything."""
    for pattern in patterns:
        before, star, after = pattern.lower().partition("*")
        found = text.lower()
        if found == pattern.lower() or (
            star and len(found) >= len(before) + len(after) and found.startswith(before) and found.endswith(after)
        ):
            return True
    return False
