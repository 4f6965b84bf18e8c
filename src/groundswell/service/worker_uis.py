"""Worker task templates kept by name, and templates rendered to be looked at."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from groundswell.domain import events
from groundswell.domain.errors import InvalidInput
from groundswell.domain.people import Principal
from groundswell.domain.worker_uis import WorkerUi
from groundswell.service.access import Action, require_here
from groundswell.service.context import Context
from groundswell.service.ports import Transaction
from groundswell.service.tags import check_tags
from groundswell.templates.liquid import check_usable
from groundswell.templates.render import render
from groundswell.wire import worker_uis as wire

_RENDER_S = 5.0  # what one template may take


def every(context: Context, principal: Principal) -> list[WorkerUi]:
    """The worker UIs of the workspace, in order of their making, without their templates."""
    require_here(principal, Action.CREATE_JOB)
    return context.read(lambda tx: tx.worker_uis.select(principal.workspace_id))


def describe(context: Context, principal: Principal, name: str) -> WorkerUi:
    """One of them, with its template; raises NotFound."""
    require_here(principal, Action.CREATE_JOB)
    return context.read(lambda tx: tx.worker_uis.get(principal.workspace_id, name))


def template_of(context: Context, workspace_id: str, name: str) -> str:
    """A worker UI's template, for who holds a link to it; raises NotFound."""
    return context.read(lambda tx: tx.worker_uis.get(workspace_id, name)).template


def create(context: Context, principal: Principal, asked: wire.NewWorkerUi) -> WorkerUi:
    """A new worker UI; raises InvalidTemplate for what cannot be parsed, Conflict when the name is taken."""
    require_here(principal, Action.CREATE_JOB)
    check_usable(asked.template)
    check_tags(asked.tags)
    ui = WorkerUi(
        workspace_id=principal.workspace_id,
        name=asked.name,
        template=asked.template,
        sha256=hashlib.sha256(asked.template.encode()).hexdigest(),
        created_at=context.clock(),
        tags=asked.tags,
    )

    def work(tx: Transaction) -> WorkerUi:
        tx.worker_uis.add(ui)
        made = events.WorkerUiCreated(
            at=ui.created_at, actor=principal.id, workspace=ui.workspace_id, name=ui.name, sha256=ui.sha256
        )
        tx.record(made)
        return ui

    return context.write(work)


def remove(context: Context, principal: Principal, name: str) -> None:
    """Remove one; jobs that were made with it keep its template. Raises NotFound."""
    require_here(principal, Action.CREATE_JOB)
    now = context.clock()

    def work(tx: Transaction) -> None:
        tx.worker_uis.remove(principal.workspace_id, name)
        tx.record(events.WorkerUiRemoved(at=now, actor=principal.id, workspace=principal.workspace_id, name=name))

    context.write(work)


def rendered(principal: Principal, template: str, task_input: str, *, link: Callable[[str], str], assets: str) -> str:
    """A template as workers would see it. Raises InvalidInput for an input that is no JSON object, InvalidTemplate.

    task_input : JSON, what the template calls `task.input`.      link : a storage address as a link for the browser.
    """
    require_here(principal, Action.CREATE_JOB)
    end = time.monotonic() + _RENDER_S
    return render(
        template,
        _task_input(task_input),
        grant_read_access=link,
        assets=assets,
        expired=lambda: time.monotonic() > end,
    )


def _task_input(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"expected the task's input as JSON: {error}", field="task_input") from error
    if not isinstance(found, dict):
        raise InvalidInput(
            f"expected the task's input as a JSON object, got {type(found).__name__}", field="task_input"
        )
    return found
