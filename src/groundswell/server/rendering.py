"""Jinja over the pages' templates: what every page is given, and the addresses of our static files."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse

from groundswell.charts.drawing import STYLES
from groundswell.server.auth import visitor_of
from groundswell.server.bodies import check_texts
from groundswell.server.context import context
from groundswell.server.formatting import FILTERS, ago
from groundswell.service import profile
from groundswell.service.access import Action, may

STATIC = Path(__file__).with_name("static")
_CAN = {
    "console": Action.SEE_JOB,
    "request": Action.CREATE_JOB,
    "administer": Action.CHANGE_ACCOUNTS,
    "audit": Action.SEE_EVENTS,
    "overrule": Action.OVERRULE_LABEL,
    "models": Action.SEE_MODELS,
    "work": Action.WORK,
    "functions": Action.CHANGE_HOOKS,
}
"""What pages show by what the person may do."""


@cache
def static(name: str) -> str:
    """The address of a static file; a changed file has another one, so browsers may keep it for ever."""
    folder = STATIC if (STATIC / name).exists() else STYLES.parent
    version = hashlib.blake2b((folder / name).read_bytes(), digest_size=5).hexdigest()
    return f"/static/{name}?v={version}"


@cache
def environment() -> Environment:
    """The pages' templates: autoescaped, and a name that was not given is an error."""
    env = Environment(
        loader=PackageLoader("groundswell.server", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(FILTERS)
    env.globals["static"] = static
    return env


def fragment(request: Request, template: str, **names: Any) -> str:
    """A template as text, with what every page is given."""
    principal = visitor_of(request)
    worker = principal.account if principal else None
    now = context(request).clock()
    can = {name: principal is not None and may(principal, action) for name, action in _CAN.items()}
    given = {
        "worker": worker,
        "can": can,
        "section": None,
        "theme": worker.preferences.get("theme") if worker else None,
        "places": lambda: profile.places(context(request), principal) if principal else (),
        "acts_in": principal.workspace_id if principal else None,
        "now": now,
        "ago": lambda at: ago(at, now),
    }
    return environment().get_template(template).render(given | names)


def render(request: Request, template: str, *, status: int = 200, **names: Any) -> HTMLResponse:
    """A template as a page."""
    return HTMLResponse(fragment(request, template, **({"status": status} | names)), status)


async def _form_of(request: Request) -> FormData:
    form = await request.form(max_files=10_000, max_fields=10_000, max_part_size=16 << 20)
    check_texts(form.multi_items())
    return form


Form = Annotated[FormData, Depends(_form_of)]
