"""A model over HTTP as SageMaker's containers serve theirs: `GET /ping` and `POST /invocations`.

Accepted: `text/plain` (a text a line), `application/jsonlines` (a manifest line each: `source`), `application/json`
(`{"instances": [...]}`), and `image/*` (one image). Answered: `{"predictions": [{"label", "margin"}, ...]}`, or a line
each where JSON Lines were sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from groundswell.offline.models import OpenModel

MOST_BYTES = 6 << 20
"""Of a request, as SageMaker allows."""


def serving(model: OpenModel) -> Starlette:
    """The application."""

    async def ping(_request: Request) -> Response:
        return Response(status_code=200)

    async def invocations(request: Request) -> Response:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                return _refusal(413, f"expected a request of {MOST_BYTES:,} bytes at most")
        kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        try:
            objects = objects_of(body, kind, model.learner.modality)
        except ValueError as error:
            return _refusal(415 if "content type" in str(error) else 400, str(error))
        found = await run_in_threadpool(model.predict, objects)
        said = [{"label": one.label, "margin": round(one.margin, 6)} for one in found]
        if kind == "application/jsonlines":
            lines = b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in said)
            return Response(lines, media_type="application/jsonlines")
        return Response(orjson.dumps({"predictions": said}), media_type="application/json")

    return Starlette(routes=[Route("/ping", ping), Route("/invocations", invocations, methods=["POST"])])


def objects_of(body: bytes, kind: str, modality: str) -> Sequence[Any]:
    """The objects in a request. Raises ValueError, which says what was expected."""
    if kind.startswith("image/") and modality == "image":
        return [body]
    if modality == "image":
        raise ValueError(f"expected the content type image/png or image/jpeg, got {kind}")
    try:
        if kind == "text/plain":
            return body.decode().splitlines()
        if kind == "application/jsonlines":
            return [_text(orjson.loads(line)) for line in body.splitlines() if line.strip()]
        if kind == "application/json":
            return [_text(one) for one in orjson.loads(body)["instances"]]
    except (UnicodeDecodeError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError(f'expected texts as {kind}, such as {{"instances": ["a text"]}}: {error}') from error
    raise ValueError(f"expected the content type text/plain, application/jsonlines or application/json, got {kind}")


def _text(one: Any) -> str:
    found = one.get("source", one.get("data")) if isinstance(one, dict) else one
    if not isinstance(found, str):
        raise TypeError(f"an instance is a text or has `source`, got {found!r:.80}")
    return found


def _refusal(status: int, message: str) -> Response:
    return Response(orjson.dumps({"error": message}), status_code=status, media_type="application/json")
