"""Registered functions, for administrators: which there are, a new one or its next version, removing."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from groundswell.domain.errors import Conflict, InvalidInput, NotFound, Unavailable
from groundswell.domain.people import Principal
from groundswell.hooks.packing import pack
from groundswell.server.auth import Here, SignedIn
from groundswell.server.context import Context
from groundswell.server.forms import errors_of, sentence, text_of
from groundswell.server.rendering import Form, render
from groundswell.service import hooks
from groundswell.service.requests import request_of
from groundswell.wire.hooks import NewHook

router = APIRouter(prefix="/console")

_FIELDS = ("name", "code", "function", "environment")
_MODULE = "handler"  # the file's name that code typed into the page gets


@router.get("/functions")
def functions_page(request: Request, here: Here, principal: SignedIn) -> Response:
    """Every registered function."""
    return _page(request, here, principal)


@router.post("/functions")
def register(request: Request, here: Here, principal: SignedIn, form: Form) -> Response:
    """Register the code of the page's form."""
    values = {name: text_of(form, name) for name in _FIELDS}
    code = pack({f"{_MODULE}.py": str(form.get("code", "")).replace("\r\n", "\n").encode()})
    environment = dict(_variable(line) for line in values["environment"].splitlines() if line.strip())
    handler = f"{_MODULE}.{values['function'] or 'lambda_handler'}"
    asked = {"handler": handler, "code": b64encode(code).decode(), "environment": environment}
    try:
        hooks.register(here, principal, values["name"], request_of(NewHook, asked))
    except (InvalidInput, Unavailable) as error:
        return _page(request, here, principal, values=values, errors=errors_of(error, "code"), status=422)
    return RedirectResponse("/console/functions", 303)


@router.post("/functions/{name}/remove")
def remove(request: Request, here: Here, principal: SignedIn, name: str) -> Response:
    """Remove a function."""
    try:
        hooks.remove(here, principal, name)
    except (Conflict, NotFound) as error:
        return _page(request, here, principal, problem=sentence(error.message), status=409)
    return RedirectResponse("/console/functions", 303)


def _variable(line: str) -> tuple[str, str]:
    name, _, value = line.partition("=")
    return name.strip(), value.strip()


def _page(request: Request, here: Context, principal: Principal, **names: Any) -> Response:
    shown = {"values": dict.fromkeys(_FIELDS, ""), "errors": {}, "problem": None} | names
    found = hooks.registered(here, principal)
    return render(request, "console/functions.html", section="functions", functions=found, **shown)
