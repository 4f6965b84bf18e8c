"""What happened on this server, newest first, narrowed by kind, person, job and dates; for administrators."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from groundswell.domain.errors import InvalidInput
from groundswell.domain.events import KINDS
from groundswell.server.auth import Here, SignedIn
from groundswell.server.forms import errors_of
from groundswell.server.rendering import render
from groundswell.service import audit
from groundswell.service.audit import Asked, EventView
from groundswell.service.ports import Page

router = APIRouter(prefix="/console")

PAGE = 50
_KINDS = (
    ("", "Everything"),
    *((name, f"Everything of {name}") for name in audit.FAMILIES),
    *((kind, kind) for kind in KINDS),
)
_FIELDS = ("kind", "actor", "job", "since", "until")


@router.get("/audit")
def audit_page(request: Request, here: Here, principal: SignedIn, after: str | None = None) -> Response:
    """Events that pass the page's filters."""
    given = {name: request.query_params.get(name, "").strip() for name in _FIELDS}
    errors: dict[str, str] = {}
    found: list[EventView] = []
    try:
        found = audit.page(here, principal, _asked(given), Page(limit=PAGE, after=after))
    except InvalidInput as error:
        errors = errors_of(error, "kind")
    following = str(found[-1].event.id) if len(found) == PAGE else None
    return render(
        request,
        "console/audit.html",
        section="audit",
        events=found,
        kinds=_KINDS,
        values=given,
        errors=errors,
        narrowed=any(given.values()),
        following=following and "?" + urlencode({**{k: v for k, v in given.items() if v}, "after": following}),
        status=422 if errors else 200,
    )


def _asked(given: dict[str, str]) -> Asked:
    until = _day(given, "until")
    return Asked(
        kind=given["kind"] or None,
        actor=given["actor"] or None,
        job=given["job"] or None,
        since=_day(given, "since"),
        until=until + timedelta(days=1) if until else None,  # the whole of the last day
    )


def _day(given: dict[str, str], name: str) -> datetime | None:
    try:
        return datetime.strptime(given[name], "%Y-%m-%d") if given[name] else None
    except ValueError:
        raise InvalidInput(f"expected a day such as 2026-11-28, got {given[name]!r}", field=name) from None
