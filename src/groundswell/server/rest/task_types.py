"""The kinds of task this server knows."""

from __future__ import annotations

from fastapi import APIRouter

from groundswell.server.auth import SignedIn
from groundswell.tasktypes import registry
from groundswell.wire import jobs as wire

router = APIRouter(tags=["jobs"])


@router.get("/task-types")
def list_task_types(worker: SignedIn) -> list[wire.TaskTypeOut]:
    """Every kind of task, in order of name."""
    return [
        wire.TaskTypeOut(
            name=one.name,
            title=one.title,
            summary=one.summary,
            modality=one.modality,
            min_labels=one.min_labels,
            max_labels=one.max_labels,
            default_per_object=one.default_per_object,
            default_time_limit_s=one.default_time_limit_s,
            methods=list(one.methods),
        )
        for one in registry.every().values()
    ]
