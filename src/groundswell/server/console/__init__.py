"""The requesters' pages: jobs, the wizard that makes one, a job's page and its objects, the workforce."""

from __future__ import annotations

from fastapi import APIRouter

from groundswell.server.console import (
    audit,
    auto_labeling,
    delete_person,
    functions,
    gallery,
    job_list,
    job_page,
    keys,
    people,
    teams,
    webhooks,
    wizard,
    workspaces,
)

router = APIRouter(include_in_schema=False)
_PARTS = (
    job_list,
    wizard,
    job_page,
    auto_labeling,
    gallery,
    teams,
    people,
    delete_person,
    functions,
    keys,
    audit,
    webhooks,
    workspaces,
)
for _part in _PARTS:
    router.include_router(_part.router)

__all__ = ["router"]
