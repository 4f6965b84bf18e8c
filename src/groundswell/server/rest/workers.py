"""Accounts: registering oneself, and what administrators do with others'."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from groundswell.domain.people import Role
from groundswell.server.auth import Here, SignedIn, refuse_other_sites, set_cookie
from groundswell.server.rest.shapes import page_of, worker_out, worker_page_out
from groundswell.service import accounts, deletion, sign_in
from groundswell.service.deletion import Answers
from groundswell.wire import accounts as wire

router = APIRouter(tags=["accounts"])


@router.post("/workers", status_code=201)
def register_worker(request: Request, response: Response, here: Here, body: wire.Register) -> wire.Session:
    """Make a worker's account for oneself and sign in with it."""
    refuse_other_sites(request)
    account, token = sign_in.register(here, body)
    set_cookie(response, request, token)
    return wire.Session(token=token, worker=worker_out(account, account.home))


@router.post("/workers/new", status_code=201)
def create_worker(here: Here, principal: SignedIn, body: wire.NewWorker) -> wire.WorkerMade:
    """Make an account for somebody else, with any roles."""
    account, password = accounts.create(here, principal, body)
    return wire.WorkerMade(worker=worker_out(account, principal.workspace_id), password=password)


@router.get("/workers")
def list_workers(
    here: Here,
    principal: SignedIn,
    limit: int = 50,
    after: str | None = None,
    role: wire.RoleName | None = None,
    team: str | None = None,
) -> wire.WorkerPage:
    """Accounts of this workspace, for administrators of this server: of one role or one team."""
    page = page_of(limit, after)
    found = accounts.page(here, principal, page, role=Role(role) if role else None, team=team)
    return worker_page_out(found, page, principal.workspace_id)


@router.get("/workers/{worker_id}")
def get_worker(here: Here, principal: SignedIn, worker_id: str) -> wire.Worker:
    """One account."""
    return worker_out(accounts.describe(here, principal, worker_id), principal.workspace_id)


@router.patch("/workers/{worker_id}")
def patch_worker(here: Here, principal: SignedIn, worker_id: str, body: wire.PatchWorker) -> wire.Worker:
    """Change somebody's name, roles or password, or disable their account."""
    return worker_out(accounts.change(here, principal, worker_id, body), principal.workspace_id)


@router.delete("/workers/{worker_id}", status_code=204)
def delete_worker(here: Here, principal: SignedIn, worker_id: str, answers: Answers = "anonymised") -> None:
    """Delete an account; its answers stay under no name, are kept under the name, or are removed."""
    deletion.delete_account(here, principal, worker_id, answers=answers)
