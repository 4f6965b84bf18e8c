"""The REST API under /api/v1: one file per noun."""

from __future__ import annotations

from fastapi import APIRouter

from groundswell.server.rest import (
    hooks,
    jobs,
    manifests,
    me,
    objects,
    sessions,
    task_types,
    teams,
    uploads,
    work,
    workers,
    workspaces,
)

router = APIRouter(prefix="/api/v1")
for _part in (sessions, me, workers, teams, workspaces, task_types, jobs, objects, uploads, manifests, hooks, work):
    router.include_router(_part.router)
