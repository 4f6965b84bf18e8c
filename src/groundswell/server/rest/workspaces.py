"""Workspaces, for administrators of servers that have several."""

from __future__ import annotations

from fastapi import APIRouter

from groundswell.server.auth import Here, SignedIn
from groundswell.server.rest.shapes import page_of, worker_out, worker_page_out, workspace_out
from groundswell.service import workspaces
from groundswell.wire import accounts as wire

router = APIRouter(tags=["workspaces"])


@router.get("/workspaces")
def list_workspaces(here: Here, principal: SignedIn) -> list[wire.Workspace]:
    """Every workspace of this server."""
    return [workspace_out(one) for one in workspaces.all_of_them(here, principal)]


@router.post("/workspaces", status_code=201)
def create_workspace(here: Here, principal: SignedIn, body: wire.NewWorkspace) -> wire.Workspace:
    """A new workspace, with teams `everyone` and `public` of its own."""
    return workspace_out(workspaces.create(here, principal, body))


@router.patch("/workspaces/{name}")
def patch_workspace(here: Here, principal: SignedIn, name: str, body: wire.PatchWorkspace) -> wire.Workspace:
    """Give a workspace's ARNs another account id or region."""
    return workspace_out(workspaces.change(here, principal, name, body))


@router.get("/workspaces/{name}/members")
def list_workspace_members(
    here: Here, principal: SignedIn, name: str, limit: int = 50, after: str | None = None
) -> wire.WorkerPage:
    """Who has roles in a workspace, with these roles, or is in one of its teams."""
    page = page_of(limit, after)
    workspace, found = workspaces.members(here, principal, name, page)
    return worker_page_out(found, page, workspace.id)


@router.put("/workspaces/{name}/members/{worker_id}")
def set_workspace_member(
    here: Here, principal: SignedIn, name: str, worker_id: str, body: wire.SetMember
) -> wire.Worker:
    """Give an account these roles in a workspace; none ends its membership."""
    changed = workspaces.set_member(here, principal, name, worker_id, body)
    return worker_out(changed, workspaces.named(here, principal, name).id)
