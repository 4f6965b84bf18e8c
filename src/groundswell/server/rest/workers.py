"""Accounts: registering oneself, and what administrators do with others'."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from groundswell.domain.errors import Forbidden
from groundswell.domain.people import Account, Role
from groundswell.server.auth import Administrator, Here, Requester, refuse_other_sites, set_cookie
from groundswell.server.context import Context
from groundswell.server.rest.shapes import worker_out
from groundswell.service import workers
from groundswell.service.passwords import hash_password
from groundswell.service.ports import Page, Transaction
from groundswell.wire import accounts as wire

router = APIRouter(tags=["accounts"])


def register(here: Context, body: wire.Register) -> tuple[Account, str]:
    """A worker's account for oneself and its first session's token."""
    open_to_all = here.settings.registration == "open"
    if body.invitation is None and not open_to_all:
        raise Forbidden("this server takes new accounts by invitation only; ask for an invitation link")
    workers.valid_email(body.email)
    password_hash = hash_password(body.password)
    worker_id, now = here.new_id(), here.clock()
    worker = here.write(
        lambda tx: workers.register_self(
            tx,
            worker_id=worker_id,
            email=body.email,
            name=body.name,
            password_hash=password_hash,
            at=now,
            invitation=body.invitation,
            open_to_all=open_to_all,
        )
    )
    token, days = workers.new_token(), here.settings.session_days
    here.write(lambda tx: workers.open_session(tx, worker, token, at=now, days=days))
    return worker, token


@router.post("/workers", status_code=201)
def register_worker(request: Request, response: Response, here: Here, body: wire.Register) -> wire.Session:
    """Make a worker's account for oneself and sign in with it."""
    refuse_other_sites(request)
    worker, token = register(here, body)
    set_cookie(response, request, token)
    return wire.Session(token=token, worker=worker_out(worker))


@router.post("/workers/new", status_code=201)
def create_worker(here: Here, admin: Administrator, body: wire.NewWorker) -> wire.WorkerMade:
    """Make an account for somebody else, with any roles."""
    made = None if body.password else workers.new_token()[:16]
    password_hash = hash_password(body.password or made or "")
    worker_id, now, roles = here.new_id(), here.clock(), [Role(name) for name in body.roles]
    worker = here.write(
        lambda tx: workers.register(
            tx,
            worker_id=worker_id,
            email=body.email,
            name=body.name,
            password_hash=password_hash,
            at=now,
            roles=roles,
            by=admin.id,
        )
    )
    return wire.WorkerMade(worker=worker_out(worker), password=made)


@router.get("/workers")
def list_workers(
    here: Here,
    requester: Requester,
    limit: int = 50,
    after: str | None = None,
    role: wire.RoleName | None = None,
    team: str | None = None,
) -> wire.WorkerPage:
    """Accounts of this server, of one role or one team."""
    page = Page(limit=max(1, min(limit, 1_000)), after=after)

    def work(tx: Transaction) -> list[Account]:
        team_id = tx.teams.by_name(team).id if team else None
        return tx.workers.page(page, team_id=team_id, role=Role(role) if role else None)

    found = here.read(work)
    return wire.WorkerPage(
        workers=[worker_out(one) for one in found], next=found[-1].id if len(found) == page.limit else None
    )


@router.get("/workers/{worker_id}")
def get_worker(here: Here, requester: Requester, worker_id: str) -> wire.Worker:
    """One account."""
    return worker_out(here.read(lambda tx: tx.workers.get(worker_id)))


@router.patch("/workers/{worker_id}")
def patch_worker(here: Here, admin: Administrator, worker_id: str, body: wire.PatchWorker) -> wire.Worker:
    """Change somebody's name, roles or password, or disable their account."""
    password_hash = hash_password(body.password) if body.password else None
    now = here.clock()
    changed = here.write(
        lambda tx: workers.change(
            tx,
            worker_id,
            by=admin,
            at=now,
            name=body.name,
            roles=None if body.roles is None else [Role(name) for name in body.roles],
            disabled=body.disabled,
            password_hash=password_hash,
        )
    )
    here.tokens.forget_worker(worker_id)
    return worker_out(changed)
