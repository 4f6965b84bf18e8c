"""Worker UIs: worker task templates kept by name."""

from __future__ import annotations

from fastapi import APIRouter

from groundswell.domain.worker_uis import WorkerUi
from groundswell.server.auth import Here, SignedIn
from groundswell.service import worker_uis
from groundswell.wire import worker_uis as wire

router = APIRouter(tags=["worker UIs"])


@router.get("/worker-uis")
def list_worker_uis(here: Here, principal: SignedIn) -> list[wire.WorkerUi]:
    """The worker UIs of the workspace, in order of their making."""
    return [wire.WorkerUi(**_shown(ui)) for ui in worker_uis.every(here, principal)]


@router.post("/worker-uis", status_code=201)
def create_worker_ui(here: Here, principal: SignedIn, body: wire.NewWorkerUi) -> wire.WorkerUi:
    """Keep a worker task template under a name; it is never changed, only removed."""
    return wire.WorkerUi(**_shown(worker_uis.create(here, principal, body)))


@router.get("/worker-uis/{name}")
def get_worker_ui(here: Here, principal: SignedIn, name: str) -> wire.WorkerUiWithTemplate:
    """One worker UI with its template."""
    found = worker_uis.describe(here, principal, name)
    return wire.WorkerUiWithTemplate(**_shown(found), template=found.template)


@router.delete("/worker-uis/{name}", status_code=204)
def delete_worker_ui(here: Here, principal: SignedIn, name: str) -> None:
    """Remove a worker UI; jobs made with it keep its template."""
    worker_uis.remove(here, principal, name)


def _shown(ui: WorkerUi) -> dict[str, object]:
    return {"name": ui.name, "sha256": ui.sha256, "created_at": ui.created_at, "tags": dict(ui.tags)}
