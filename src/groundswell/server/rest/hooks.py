"""Registered functions: administrators register, try out and remove them; requesters see which there are."""

from __future__ import annotations

from fastapi import APIRouter

from groundswell.domain.hooks import RegisteredHook
from groundswell.server.auth import Here, SignedIn
from groundswell.service import hooks
from groundswell.wire import hooks as wire

router = APIRouter(tags=["functions"])


@router.get("/hooks")
def list_hooks(here: Here, principal: SignedIn) -> list[wire.RegisteredHook]:
    """The functions that jobs may name."""
    return [_hook_out(hook) for hook in hooks.registered(here, principal)]


@router.get("/hooks/secret")
def get_endpoint_secret(here: Here, principal: SignedIn, url: str) -> wire.EndpointSecret:
    """What requests of this workspace's jobs to functions at an address are signed with."""
    return wire.EndpointSecret(url=url, secret=hooks.signing_secret(here, principal, url))


@router.put("/hooks/{name}")
def put_hook(here: Here, principal: SignedIn, name: str, body: wire.NewHook) -> wire.RegisteredHook:
    """Register a function, or its next version; it is started once before, and refused when it cannot run."""
    return _hook_out(hooks.register(here, principal, name, body))


@router.post("/hooks/{name}/test")
def test_hook(here: Here, principal: SignedIn, name: str, body: wire.HookTest) -> wire.HookAnswer:
    """Call a function with an event, away from any job."""
    return hooks.try_out(here, principal, name, body.event)


@router.delete("/hooks/{name}", status_code=204)
def delete_hook(here: Here, principal: SignedIn, name: str) -> None:
    """Remove a function that no job in progress names."""
    hooks.remove(here, principal, name)


def _hook_out(hook: RegisteredHook) -> wire.RegisteredHook:
    return wire.RegisteredHook(
        name=hook.name,
        version=hook.version,
        handler=f"{hook.module}.{hook.function}",
        sha256=hook.sha256,
        environment=sorted(hook.environment),
        registered_at=hook.registered_at,
        registered_by=hook.registered_by,
        timeout_s=hook.about.timeout_s,
        description=hook.about.description,
        writes=list(hook.about.writes),
    )
