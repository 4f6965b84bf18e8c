"""The one map from error code to HTTP status, and the one JSON body: `{"error": {"code", "message", "field"?}}`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from groundswell.domain.errors import GroundswellError, InvalidInput, InvalidManifest, Unauthenticated
from groundswell.wire.problems import field_problems

STATUS = {
    "invalid_input": 422,
    "invalid_spec": 422,
    "invalid_manifest": 422,
    "invalid_annotation": 422,
    "invalid_template": 422,
    "invalid_votes": 422,
    "not_found": 404,
    "conflict": 409,
    "unauthenticated": 401,
    "forbidden": 403,
    "too_many_requests": 429,
    "unavailable": 503,
    "unsealable": 503,
    "method_not_allowed": 405,
    "too_large": 413,
    "error": 500,
}
MAX_PROBLEMS = 100  # in one answer; `problem_count` says how many there are
_CODE_OF_STATUS = {status: code for code, status in reversed(STATUS.items())}
_TITLES = {401: "Please sign in", 403: "Not for this account", 404: "Not found", 409: "Not now", 429: "Too soon"}


def error_body(error: GroundswellError) -> dict[str, Any]:
    """What the API answers for an error: its code, message, and every datum it carries."""
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.field is not None:
        body["field"] = error.field
    if isinstance(error, InvalidInput) and error.field_problems:
        body["problems"] = [asdict(problem) for problem in error.field_problems[:MAX_PROBLEMS]]
        body["problem_count"] = len(error.field_problems)
    if isinstance(error, InvalidManifest):
        body["problems"] = [asdict(problem) for problem in error.problems[:MAX_PROBLEMS]]
        body["problem_count"] = error.problem_count
    body |= {name: found for name in ("line", "row") if (found := getattr(error, name, None)) is not None}
    return {"error": body}


def install(app: FastAPI) -> None:
    """Have every error of this app answered in the one form."""
    app.add_exception_handler(GroundswellError, _on_groundswell_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)
    app.add_exception_handler(Exception, _on_bug)


def refusing(app: FastAPI) -> Callable[[Scope, Receive, Send, Exception], Awaitable[None]]:
    """Answers an error outside of the routes, as a route would have."""

    async def refuse(scope: Scope, receive: Receive, send: Send, error: Exception) -> None:
        scope["app"] = app
        handle = _on_http_exception if isinstance(error, HTTPException) else _on_groundswell_error
        response = await handle(Request(scope, receive), error)
        response.headers["Connection"] = "close"  # what is left of the body is not wanted
        await response(scope, receive, send)

    return refuse


async def _on_groundswell_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, GroundswellError)
    if isinstance(error, Unauthenticated) and _wants_page(request):
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if request.headers.get("hx-request"):
            return Response(status_code=401, headers={"HX-Redirect": "/signin"})
        return RedirectResponse(f"/signin?next={quote(target if request.method == 'GET' else '/')}", 303)
    return await _answer(request, error_body(error), STATUS.get(error.code, 500))


async def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = field_problems(error.errors())
    body = {
        "code": "invalid_input",
        "message": _sentence(problems),
        "field": problems[0]["field"],
        "problems": problems[:MAX_PROBLEMS],
        "problem_count": len(problems),
    }
    return await _answer(request, {"error": body}, 422)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _CODE_OF_STATUS.get(error.status_code, "error")
    message = (
        f"there is nothing at {request.method} {request.url.path}" if error.status_code == 404 else str(error.detail)
    )
    return await _answer(request, {"error": {"code": code, "message": message}}, error.status_code)


async def _on_disconnect(request: Request, error: Exception) -> Response:
    """Somebody left in the middle of a body (a second click, a closed tab): no bug, and nobody is there to read."""
    return Response(status_code=400)


async def _on_bug(request: Request, error: Exception) -> Response:
    """The page of a bug; Starlette raises the error on, so that the server logs it."""
    body = {"code": "error", "message": "the server failed on this request; the cause is in its log"}
    return await _answer(request, {"error": body}, 500)


def _sentence(problems: Sequence[dict[str, str]]) -> str:
    return "; ".join(f"{one['field']}: {one['message']}" if one["field"] else one["message"] for one in problems[:5])


def _wants_page(request: Request) -> bool:
    if request.url.path.startswith(("/api/", "/media/", "/static/", "/healthz", "/metrics")):
        return False
    return "text/html" in request.headers.get("accept", "") or "hx-request" in request.headers


async def _answer(request: Request, body: dict[str, Any], status: int) -> Response:
    if _wants_page(request):
        from groundswell.server.rendering import render  # needs who is signed in, which raises errors: imported late

        title = _TITLES.get(status, "That did not work")
        # The page says who is signed in, which may ask the database.
        return await run_in_threadpool(render, request, "error.html", status=status, title=title, error=body["error"])
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return Response(orjson.dumps(body), status, media_type="application/json", headers=headers)
