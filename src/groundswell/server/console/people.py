"""Accounts, for administrators: roles, disabling, new ones, passwords."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from groundswell.domain.errors import GroundswellError
from groundswell.domain.people import Account, Role
from groundswell.server.auth import Administrator, Here
from groundswell.server.console.job_form import sentence
from groundswell.server.context import Context
from groundswell.server.rendering import Form, render
from groundswell.service import workers
from groundswell.service.passwords import hash_password
from groundswell.service.ports import Page

router = APIRouter(prefix="/console")

PAGE = 100
ROLE_WORDS = {
    Role.ADMINISTRATOR: "Administrator: everything, accounts included",
    Role.REQUESTER: "Requester: creates jobs and sees their labels",
    Role.VENDOR_MANAGER: "Vendor manager: runs a vendor team of their own",
    Role.WORKER: "Worker: labels",
}


@router.get("/people")
def people_page(request: Request, here: Here, admin: Administrator, after: str | None = None) -> Response:
    """Every account."""
    return _people(request, here, after=after)


@router.post("/people")
def new_person(request: Request, here: Here, admin: Administrator, form: Form) -> Response:
    """Make an account for somebody; its password is shown once."""
    email, password = str(form.get("email", "")), workers.new_token()[:16]
    roles = [role for role in Role if form.get(f"role-{role.value}")] or [Role.WORKER]
    worker_id, now, password_hash = here.new_id(), here.clock(), hash_password(password)
    try:
        made = here.write(
            lambda tx: workers.register(
                tx,
                worker_id=worker_id,
                email=email,
                name=str(form.get("name", "")),
                password_hash=password_hash,
                at=now,
                roles=roles,
                by=admin.id,
            )
        )
    except GroundswellError as error:
        return _people(request, here, errors={"email": sentence(error.message)}, email=email, status=422)
    return _people(request, here, made=made, password=password)


@router.post("/people/{worker_id}")
def change_person(request: Request, here: Here, admin: Administrator, form: Form, worker_id: str) -> Response:
    """Roles, disabled or not, or a new password."""
    what, now = str(form.get("what", "")), here.clock()
    password = workers.new_token()[:16] if what == "password" else None
    changes: dict[str, Any] = {}
    if what == "roles":
        changes["roles"] = [role for role in Role if form.get(f"role-{role.value}")]
    elif what in ("disable", "enable"):
        changes["disabled"] = what == "disable"
    elif password:
        changes["password_hash"] = hash_password(password)
    try:
        changed = here.write(lambda tx: workers.change(tx, worker_id, by=admin, at=now, **changes))
    except GroundswellError as error:
        return _people(request, here, problem=sentence(error.message), status=422)
    here.tokens.forget_worker(worker_id)
    if password:
        return _people(request, here, made=changed, password=password)
    return RedirectResponse("/console/people", 303)


def _people(request: Request, here: Context, *, after: str | None = None, **names: Any) -> Response:
    found: list[Account] = here.read(lambda tx: tx.workers.page(Page(limit=PAGE, after=after)))
    given = {"errors": {}, "email": "", "made": None, "password": None, "problem": None} | names
    following = found[-1].id if len(found) == PAGE else None
    return render(
        request, "console/people.html", section="workforce", people=found, roles=ROLE_WORDS, next=following, **given
    )
