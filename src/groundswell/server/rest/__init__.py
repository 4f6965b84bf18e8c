"""The REST API under /api/v1: one file per noun."""

from __future__ import annotations

from fastapi import APIRouter

from groundswell.server.rest import (
    access_keys,
    auto_labeling,
    events,
    hooks,
    jobs,
    manifests,
    me,
    objects,
    sessions,
    task_types,
    teams,
    uploads,
    webhooks,
    work,
    worker_uis,
    workers,
    workspaces,
)

router = APIRouter(prefix="/api/v1")
_PARTS = (
    sessions,
    me,
    access_keys,
    workers,
    teams,
    workspaces,
    task_types,
    jobs,
    objects,
    auto_labeling,
    uploads,
    manifests,
    hooks,
    events,
    webhooks,
    worker_uis,
    work,
)
for _part in _PARTS:
    router.include_router(_part.router)
