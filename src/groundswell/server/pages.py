"""Pages for everybody: start, sign-in, register, invitations, account."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from groundswell.domain.errors import GroundswellError, InvalidInput
from groundswell.server import once
from groundswell.server.auth import (
    Here,
    SignedIn,
    drop_cookie,
    network_of,
    refuse_other_sites,
    set_cookie,
    token_of,
    visitor_of,
)
from groundswell.server.forms import errors_of, given, sentence, text_of
from groundswell.server.rendering import Form, render
from groundswell.service import access_keys, invitations, keys, profile, sign_in, two_step, verification, workspaces
from groundswell.service.access import Action, may
from groundswell.service.requests import request_of
from groundswell.wire import accounts as wire

router = APIRouter(include_in_schema=False)

THEMES = ("light", "dark")


@router.get("/")
def start(request: Request) -> Response:
    """To the pages that fit the visitor."""
    principal = visitor_of(request)
    if principal is None:
        return RedirectResponse("/signin", 303)
    return RedirectResponse("/console" if may(principal, Action.SEE_JOB) else "/work", 303)


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
        given_code = {"code": text_of(form, "code")} if text_of(form, "code") else {}
        asked = request_of(wire.SignIn, {"email": email, "password": str(form.get("password", "")), **given_code})
        _, token = sign_in.sign_in(here, asked, network=network_of(request))
    except GroundswellError as error:
        errors = {"code" if error.field == "code" else "password": sentence(error.message)}
        return _sign_in_form(request, here.settings.registration, next=target, email=email, errors=errors, status=422)
    response = RedirectResponse(target, 303)
    set_cookie(response, request, token)
    return response


def _sign_in_form(request: Request, registration: str, **names: Any) -> Response:
    shown = {"email": "", "errors": {}, "next": "/", "invitation_team": None} | names
    return render(request, "signin.html", registration=registration, **(shown | {"next": local_path(shown["next"])}))


@router.post("/signout")
def sign_out_submit(request: Request, here: Here) -> Response:
    """Sign out."""
    refuse_other_sites(request)
    sign_in.sign_out(here, token_of(request))
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
    team = invitations.team_of(here, token)
    if visitor_of(request) is not None:
        return render(request, "join.html", team=team, token=token)
    return _register_form(request, team=team, token=token)


@router.post("/invite/{token}")
def invitation_submit(request: Request, here: Here, form: Form, token: str) -> Response:
    """Join."""
    refuse_other_sites(request)
    principal = visitor_of(request)
    if principal is None:
        return _register(request, here, form, invitation=token)
    invitations.accept(here, principal, token)
    return RedirectResponse("/work", 303)


def _register(request: Request, here: Here, form: Form, *, invitation: str | None) -> Response:
    values = {name: text_of(form, name) for name in ("name", "email", "next")}
    team = invitations.team_of(here, invitation) if invitation else None
    asked = {"email": values["email"], "name": values["name"], "password": str(form.get("password", ""))}
    try:
        account, token = sign_in.register(here, request_of(wire.Register, {**asked, "invitation": invitation}))
    except GroundswellError as error:
        errors = errors_of(error, "email")
        return _register_form(
            request, team=team, token=invitation, values=values, errors=errors, next=values["next"], status=422
        )
    home = "/work" if account.verified else "/account"
    response = RedirectResponse(local_path(values["next"]) if values["next"] not in ("", "/") else home, 303)
    set_cookie(response, request, token)
    return response


def _register_form(request: Request, **names: Any) -> Response:
    shown = {"team": None, "token": None, "values": {"name": "", "email": ""}, "errors": {}, "next": "/"} | names
    return render(request, "register.html", **(shown | {"next": local_path(shown["next"])}))


@router.get("/account")
def account_page(request: Request, here: Here, principal: SignedIn) -> Response:
    """Name, theme, password, API keys, keys of the keyboard."""
    told = once.told(request)
    codes = told.get("recovery", "").split()
    access_key = {"id": told["access_key"], "secret": told["secret"]} if "secret" in told else None
    shown = _account(request, here, principal, token=told.get("token"), access_key=access_key, codes=codes)
    return once.showing(request, shown)


@router.post("/account")
def account_submit(request: Request, here: Here, principal: SignedIn, form: Form) -> Response:
    """Save one of the page's forms; `what` says which."""
    what = text_of(form, "what")
    try:
        if what == "key":
            _, token = keys.create(here, principal, request_of(wire.NewKey, given(form, "name")))
            return once.redirect(request, "/account", {"token": token})
        if what == "access-key":
            key, secret = access_keys.create(
                here, principal, request_of(wire.NewAccessKey, given(form, "name", "role"))
            )
            return once.redirect(request, "/account", {"access_key": key.id, "secret": secret})
        if what in ("two-step", "two-step-off"):
            return _change_two_step(request, here, principal, what, text_of(form, "code"))
        if what == "verify":
            verification.ask_again(here, principal)
        elif what == "workspace":
            profile.choose_workspace(here, principal, text_of(form, "workspace"))
            return RedirectResponse("/", 303)
        elif what == "drop-key":
            keys.drop(here, principal, text_of(form, "key"))
        elif what == "drop-access-key":
            access_keys.drop(here, principal, text_of(form, "key"))
        else:
            profile.change(here, principal, request_of(wire.PatchMe, _profile_change(what, form)))
    except GroundswellError as error:
        return _account(request, here, principal, errors=errors_of(error, what), status=422)
    return RedirectResponse("/account", 303)


def _change_two_step(request: Request, here: Here, principal: SignedIn, what: str, code: str) -> Response:
    if what == "two-step-off":
        two_step.end(here, principal, code)
        return RedirectResponse("/account", 303)
    codes = two_step.confirm(here, principal, code)
    return once.redirect(request, "/account", {"recovery": " ".join(codes)})


@router.get("/account/two-step")
def two_step_page(request: Request, here: Here, principal: SignedIn) -> Response:
    """Set the second step of signing in up."""
    return render(request, "two_step.html", setup=two_step.begin(here, principal), errors={})


@router.get("/verify/{token}")
def verify_page(request: Request, token: str) -> Response:
    """Asked before an address is confirmed: programs open the links of letters too."""
    return render(request, "verify.html", token=token)


@router.post("/verify/{token}")
def verify_submit(request: Request, here: Here, token: str) -> Response:
    """Confirm the address."""
    refuse_other_sites(request)
    verification.confirm(here, token)
    return RedirectResponse("/work" if visitor_of(request) else "/signin", 303)


def _profile_change(what: str, form: Form) -> dict[str, Any]:
    """What a form of the page asks to change of the account."""
    if what == "password":
        return {name: str(form.get(name, "")) for name in ("current_password", "password")}
    if what == "reset-keymap":
        return {"preferences": {"keymap": None}}
    if what != "profile":
        raise InvalidInput(f"expected one of this page's forms, got {what!r:.50}", field="what")
    theme = text_of(form, "theme")
    return {"name": text_of(form, "name"), "preferences": {"theme": theme if theme in THEMES else None}}


def _account(request: Request, here: Here, principal: SignedIn, **names: Any) -> Response:
    seen = profile.describe(here, principal)
    shown = {
        "errors": {},
        "token": None,
        "access_key": None,
        "codes": [],
        "sends_letters": here.mail is not None,
    } | names
    return render(
        request,
        "account.html",
        person=seen.account,
        roles=sorted(role.value for role in principal.roles),
        seen=seen,
        keys=keys.own(here, principal),
        access_keys=access_keys.own(here, principal),
        workspace=workspaces.own(here, principal),
        keymap=seen.account.preferences.get("keymap", {}),
        **shown,
    )


def local_path(target: str) -> str:
    """The target if it is a path of this server, else the start page: no link here leads a visitor elsewhere."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"
