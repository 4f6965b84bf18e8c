"""Pages for everybody: start, sign-in, register, invitations, account."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from groundswell.domain.errors import GroundswellError, InvalidInput
from groundswell.domain.people import Role
from groundswell.server.auth import Here, SignedIn, drop_cookie, has_role, refuse_other_sites, set_cookie, visitor_of
from groundswell.server.rendering import Form, render
from groundswell.server.rest.me import change_password
from groundswell.server.rest.sessions import sign_in, sign_out
from groundswell.server.rest.workers import register
from groundswell.service import work_teams, workers
from groundswell.service.ports import Transaction
from groundswell.wire import accounts as wire

router = APIRouter(include_in_schema=False)

THEMES = ("light", "dark")


@router.get("/")
def start(request: Request) -> Response:
    """To the pages that fit the visitor."""
    worker = visitor_of(request)
    if worker is None:
        return RedirectResponse("/signin", 303)
    console = has_role(worker, Role.REQUESTER, Role.VENDOR_MANAGER)
    return RedirectResponse("/console" if console else "/work", 303)


@router.get("/signin")
def sign_in_page(request: Request, here: Here, next: str = "/") -> Response:
    """The sign-in form."""
    if visitor_of(request) is not None:
        return RedirectResponse(local_path(next), 303)
    return _sign_in_form(request, here.settings.registration, next=next)


@router.post("/signin")
def sign_in_submit(request: Request, here: Here, form: Form) -> Response:
    """Sign in and go on where the visitor was going."""
    refuse_other_sites(request)
    email, target = str(form.get("email", "")), local_path(str(form.get("next", "/")))
    try:
        _, token = sign_in(request, email, str(form.get("password", "")))
    except GroundswellError as error:
        errors = {"password": error.message.capitalize() + "."}
        return _sign_in_form(request, here.settings.registration, next=target, email=email, errors=errors, status=422)
    response = RedirectResponse(target, 303)
    set_cookie(response, request, token)
    return response


def _sign_in_form(request: Request, registration: str, **names: Any) -> Response:
    given = {"email": "", "errors": {}, "next": "/", "invitation_team": None} | names
    return render(request, "signin.html", registration=registration, **(given | {"next": local_path(given["next"])}))


@router.post("/signout")
def sign_out_submit(request: Request, here: Here) -> Response:
    """Sign out."""
    refuse_other_sites(request)
    sign_out(request, here)
    response = RedirectResponse("/signin", 303)
    drop_cookie(response)
    return response


@router.get("/register")
def register_page(request: Request, here: Here, next: str = "/") -> Response:
    """The form for a worker's own account."""
    if here.settings.registration != "open":
        return _sign_in_form(request, here.settings.registration)
    return _register_form(request, next=next)


@router.post("/register")
def register_submit(request: Request, here: Here, form: Form) -> Response:
    """Make the account and go on."""
    refuse_other_sites(request)
    return _register(request, here, form, invitation=None)


@router.get("/invite/{token}")
def invitation_page(request: Request, here: Here, token: str) -> Response:
    """Who opens an invitation link joins with their account, or makes one."""
    now = here.clock()
    team = here.read(lambda tx: work_teams.invited_to(tx, token, at=now))
    if visitor_of(request) is not None:
        return render(request, "join.html", team=team, token=token)
    return _register_form(request, team=team, token=token)


@router.post("/invite/{token}")
def invitation_submit(request: Request, here: Here, form: Form, token: str) -> Response:
    """Join."""
    refuse_other_sites(request)
    worker, now = visitor_of(request), here.clock()
    if worker is None:
        return _register(request, here, form, invitation=token)
    here.write(lambda tx: work_teams.accept(tx, token, worker, at=now))
    return RedirectResponse("/work", 303)


def _register(request: Request, here: Here, form: Form, *, invitation: str | None) -> Response:
    values = {name: str(form.get(name, "")) for name in ("name", "email", "next")}
    now = here.clock()
    team = here.read(lambda tx: work_teams.invited_to(tx, invitation, at=now)) if invitation else None
    try:
        _, token = register(
            here,
            wire.Register.model_construct(
                email=values["email"],
                name=values["name"],
                password=str(form.get("password", "")),
                invitation=invitation,
            ),
        )
    except GroundswellError as error:
        errors = {error.field or "email": error.message.capitalize() + "."}
        return _register_form(
            request, team=team, token=invitation, values=values, errors=errors, next=values["next"], status=422
        )
    response = RedirectResponse(local_path(values["next"]) if values["next"] not in ("", "/") else "/work", 303)
    set_cookie(response, request, token)
    return response


def _register_form(request: Request, **names: Any) -> Response:
    given = {"team": None, "token": None, "values": {"name": "", "email": ""}, "errors": {}, "next": "/"} | names
    return render(request, "register.html", **(given | {"next": local_path(given["next"])}))


@router.get("/account")
def account_page(request: Request, here: Here, worker: SignedIn) -> Response:
    """Name, theme, password, API keys, keys of the keyboard."""
    return _account(request, here, worker)


@router.post("/account")
def account_submit(request: Request, here: Here, worker: SignedIn, form: Form) -> Response:
    """Save one of the page's forms; `what` says which."""
    what, now = str(form.get("what", "")), here.clock()
    try:
        if what == "password":
            change_password(request, worker, str(form.get("current_password", "")), str(form.get("password", "")))
        elif what == "key":
            token = workers.new_token()
            here.write(lambda tx: workers.add_key(tx, worker, token, name=str(form.get("name", "")), at=now))
            return _account(request, here, worker, token=token)
        elif what == "drop-key":
            digest = here.write(lambda tx: workers.drop_key(tx, worker, str(form.get("key", "")), at=now))
            here.tokens.forget_token(digest)
        elif what == "reset-keymap":
            here.write(lambda tx: workers.set_preferences(tx, worker, {"keymap": None}))
        else:
            _save_profile(here, worker, form)
    except GroundswellError as error:
        return _account(
            request, here, worker, errors={error.field or what: error.message.capitalize() + "."}, status=422
        )
    here.tokens.forget_worker(worker.id)
    return RedirectResponse("/account", 303)


def _save_profile(here: Here, worker: SignedIn, form: Form) -> None:
    name, theme = str(form.get("name", "")).strip(), str(form.get("theme", ""))
    if not 1 <= len(name) <= 200:
        raise InvalidInput("expected a name of 1 to 200 characters", field="name")

    def work(tx: Transaction) -> None:
        tx.workers.update(worker.id, name=name)
        workers.set_preferences(tx, worker, {"theme": theme if theme in THEMES else None})

    here.write(work)


def _account(request: Request, here: Here, worker: SignedIn, **names: Any) -> Response:
    person, keys = here.read(lambda tx: (tx.workers.get(worker.id), workers.keys(tx, worker)))
    given = {"errors": {}, "token": None} | names
    return render(
        request, "account.html", person=person, keys=keys, keymap=person.preferences.get("keymap", {}), **given
    )


def local_path(target: str) -> str:
    """The target if it is a path of this server, else the start page: no link here leads a visitor elsewhere."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"
