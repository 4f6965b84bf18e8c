"""What workers do: see their jobs, take a task, answer it, give it back.

Taking and submitting are the hottest routes of the server, so these take the request and give the response themselves:
no argument injection, no thread pool, no model of the body; the store's future is awaited on the event loop. What they
exchange is described in `wire.work`, from which FastAPI writes their part of the OpenAPI document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from typing import Any

import orjson
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from groundswell.domain.errors import InvalidInput
from groundswell.domain.money import usd_to_micros
from groundswell.domain.people import Principal
from groundswell.manifests.lines import members_of
from groundswell.server.admission import QUICK_BYTES
from groundswell.server.auth import principal_soon
from groundswell.server.bodies import read_json, whole
from groundswell.server.context import Context, context
from groundswell.server.waiting import outcome
from groundswell.service import work
from groundswell.service.assignments import OpenJob, Taken
from groundswell.service.task_view import public_input
from groundswell.wire import work as wire

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


class LeanRoute(APIRoute):
    """A route whose endpoint is called with the request and nothing is done for it."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"{(\w+)}", path)
        ]
        options["openapi_extra"] = {**(options.get("openapi_extra") or {}), "parameters": parameters}
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Endpoint:
        endpoint: Endpoint = self.endpoint
        return endpoint


router = APIRouter(tags=["work"], route_class=LeanRoute)


def _body_of(model: type) -> dict[str, Any]:
    """The part of an OpenAPI operation that describes a body of this model."""
    schema = model.model_json_schema()  # type: ignore[attr-defined]
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


@router.get("/me/jobs", response_model=wire.MyJobs)
async def my_jobs(request: Request) -> Response:
    """The jobs open to the signed-in worker."""
    return await run_in_threadpool(_my_jobs, context(request), await principal_soon(request))


def _my_jobs(here: Context, principal: Principal) -> Response:
    """In a thread: with hundreds of jobs it takes as long as dozens of submissions."""
    jobs, (done, earned) = work.jobs(here, principal)
    return _json({"jobs": [_open_job(job) for job in jobs], "done_today": done, "earned_today_usd_micros": earned})


@router.get("/me/held", response_model=list[wire.TakenTask])
async def my_tasks(request: Request) -> Response:
    """Every task in the signed-in worker's hands."""
    return await run_in_threadpool(_my_tasks, context(request), await principal_soon(request))


def _my_tasks(here: Context, principal: Principal) -> Response:
    return _json([_taken(here, taken) for taken in work.held(here, principal)])


@router.post(
    "/jobs/{name}/assignments",
    status_code=201,
    response_model=wire.TakenTask,
    responses={204: {"description": "No task for this worker now"}},
    openapi_extra=_body_of(wire.TakeRequest),
)
async def take_task(request: Request) -> Response:
    """Take the next task of a job; 204 when there is none for this worker now."""
    here, principal = context(request), await principal_soon(request)
    name, holding = request.path_params["name"], _holding(await _body(await whole(request.receive), optional=True))
    taken = await outcome(work.take(here, principal, name, holding=holding))
    return Response(status_code=204) if taken is None else _json(_taken(here, taken), status=201)


@router.get("/assignments/{assignment_id}", response_model=wire.TakenTask)
async def get_task(request: Request) -> Response:
    """A task in one's hands again, after a reload; 409 when it is not there any more."""
    here, principal = context(request), await principal_soon(request)
    found = request.path_params["assignment_id"]
    return _json(_taken(here, await run_in_threadpool(work.describe, here, principal, found)))


@router.put(
    "/assignments/{assignment_id}/annotation",
    response_model=wire.SubmitResponse,
    openapi_extra=_body_of(wire.SubmitRequest),
)
async def submit_annotation(request: Request) -> Response:
    """Submit the answer. Answered once it is durable; the same answer again is the same annotation."""
    here, principal = context(request), await principal_soon(request)
    found, raw = request.path_params["assignment_id"], await whole(request.receive)
    body = await _body(raw)
    answer, seconds = body.get("answer"), body.get("time_spent_s", 0)
    submitted = await outcome(work.submit(here, principal, found, answer, seconds, size=len(raw)))
    annotation, assignment = await outcome(submitted) if isinstance(submitted, Future) else submitted
    return _json(
        {
            "assignment_id": found,
            "submitted_at": annotation.submitted_at,
            "reward_usd_micros": assignment.reward_usd_micros,
        }
    )


@router.post("/assignments/{assignment_id}/begin", response_model=wire.BeginResponse)
async def begin_task(request: Request) -> Response:
    """A task that was fetched ahead is on screen now: its time starts, once."""
    found = request.path_params["assignment_id"]
    begun, draft = await outcome(work.begin(context(request), await principal_soon(request), found))
    kept = None if draft is None else orjson.Fragment(draft)
    return _json({"accepted_at": begun.accepted_at, "expires_at": begun.expires_at, "draft": kept})


@router.post("/assignments/{assignment_id}/return", status_code=204)
async def return_task(request: Request) -> Response:
    """Give a task back: another worker, or this one later, gets it."""
    return await _give_back(request, "return")


@router.post("/assignments/{assignment_id}/decline", status_code=204)
async def decline_task(request: Request) -> Response:
    """Refuse a task: this worker is not shown the object again. `{"reason": "..."}` tells the requester why."""
    return await _give_back(request, "decline")


@router.put("/assignments/{assignment_id}/draft", status_code=204)
async def save_draft(request: Request) -> Response:
    """Keep what the worker has so far: `{"draft": anything}`."""
    here, principal = context(request), await principal_soon(request)
    found, body = request.path_params["assignment_id"], await _body(await whole(request.receive))
    if "draft" not in body:
        raise InvalidInput("expected an object with the key `draft`", field="draft")
    await outcome(work.save_draft(here, principal, found, orjson.dumps(body["draft"]).decode()))
    return Response(status_code=204)


async def _give_back(request: Request, event: str) -> Response:
    here, principal = context(request), await principal_soon(request)
    body = await _body(await whole(request.receive), optional=True)
    reason = body.get("reason") or ""
    if not isinstance(reason, str):
        raise InvalidInput(f"expected a text, got {work.kind_of(reason)}", field="reason")
    found = request.path_params["assignment_id"]
    await outcome(work.give_back(here, principal, found, event, reason.strip()))
    return Response(status_code=204)


async def _body(raw: bytes, *, optional: bool = False) -> dict[str, Any]:
    if not raw and optional:
        return {}
    body = await run_in_threadpool(read_json, raw) if len(raw) > QUICK_BYTES else read_json(raw)
    if not isinstance(body, dict):
        raise InvalidInput(f"expected a JSON object as body, got {work.kind_of(body)}")
    return body


def _holding(body: Mapping[str, Any]) -> tuple[str, ...]:
    found = body.get("holding") or ()
    if not isinstance(found, list | tuple) or not all(isinstance(one, str) for one in found):
        raise InvalidInput(f"expected a list of assignment ids, got {found!r:.200}", field="holding")
    return tuple(found)


def _taken(here: Context, taken: Taken) -> dict[str, Any]:
    """`wire.work.TakenTask`."""
    assignment, spec = taken.assignment, taken.spec
    links = here.links.of(assignment.worker_id, taken.job.workspace_id)
    return {
        "assignment_id": assignment.id,
        "task": {
            "job": taken.job.name,
            "title": spec.title or spec.instructions.header or spec.name,
            "object": assignment.n,
            "frame_url": links.frame(assignment.id),
            "labels": spec.labels,
            "input": public_input(members_of(taken.line), manifest_uri=taken.job.input_uri, link=links.media),
        },
        "accepted_at": assignment.accepted_at,
        "expires_at": assignment.expires_at,
        "time_limit_s": spec.workers.task_time_limit,
        "reward_usd_micros": assignment.reward_usd_micros,
        "draft": None if taken.draft is None else orjson.Fragment(taken.draft),  # JSON as it was stored, not parsed
    }


def _open_job(row: OpenJob) -> dict[str, Any]:
    """`wire.work.OpenJob`."""
    spec = row.spec
    return {
        "name": row.job.name,
        "title": spec.title or spec.instructions.header or spec.name,
        "description": spec.description,
        "task_type": row.job.task_type,
        "team": row.team.name,
        "reward_usd_micros": usd_to_micros(spec.workers.price_usd),
        "time_limit_s": spec.workers.task_time_limit,
        "estimated_seconds": spec.workers.estimated_seconds,
        "left": row.left,
        "held": row.held,
        "done": row.done,
    }


def _json(value: Any, *, status: int = 200) -> Response:
    return _Json(orjson.dumps(value, option=orjson.OPT_UTC_Z), status)


class _Json(Response):
    """A response whose two headers are known."""

    def __init__(self, content: bytes, status: int) -> None:
        self.status_code, self.body, self.background = status, content, None
        self.raw_headers = [(b"content-length", b"%d" % len(content)), (b"content-type", b"application/json")]
