"""Every route of the app, for tests that walk them all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute


@dataclass(frozen=True)
class Known:
    """One way in."""

    method: str
    path: str  # with its parameters: /api/v1/jobs/{name}


def routes_of(app: FastAPI) -> list[Known]:
    """All of them, those of included routers with their whole paths."""
    return [Known(method, path) for path, methods in _walk(app.router, "") for method in sorted(methods)]


def _walk(router: Any, prefix: str) -> Iterator[tuple[str, set[str]]]:
    for route in router.routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _walk(inner, prefix + route.include_context.prefix)
        elif isinstance(route, APIRoute):
            yield prefix + route.path, route.methods or set()
