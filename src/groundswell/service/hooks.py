"""Registered functions: register, list, try out, remove. Which of them a job may name is asked when it is created."""

from __future__ import annotations

import hashlib
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from groundswell.domain import events
from groundswell.domain.errors import Conflict, GroundswellError, InvalidInput
from groundswell.domain.hooks import HookAbout, HookCaller, RegisteredHook, endpoint_secret
from groundswell.domain.people import Principal
from groundswell.service.access import Action, require, require_here
from groundswell.service.context import Context
from groundswell.service.ports import Seals, Transaction
from groundswell.service.requests import request_of
from groundswell.wire.hook_target import NAME, registered_name, target_kind
from groundswell.wire.hooks import ChangedHook, HookAnswer, NewHook

ROLES = ("pre_annotation", "post_annotation")


def registered(context: Context, principal: Principal) -> list[RegisteredHook]:
    """Every registered function by name, without its code."""
    require(principal, Action.SEE_HOOKS)
    return context.read(lambda tx: tx.hooks.select())


def describe(context: Context, principal: Principal, name: str) -> RegisteredHook:
    """One function with its code and the values of its environment, which only who registers them sees."""
    require(principal, Action.CHANGE_HOOKS)
    return with_secrets(context.seals, context.read(lambda tx: tx.hooks.get(name)))


def register(
    context: Context, principal: Principal, name: str, asked: NewHook, *, only_new: bool = False
) -> RegisteredHook:
    """Register a function or its next version, after starting it once.

    Raises InvalidInput for a name that cannot be one and for code that cannot run; with `only_new` Conflict for a name
    that is there.
    """
    require(principal, Action.CHANGE_HOOKS)
    if not NAME.fullmatch(name):
        raise InvalidInput(f"expected 1 to 64 letters, digits, - and _, got {name!r:.100}", field="name")
    module, _, function = asked.handler.rpartition(".")
    code, now = b64decode(asked.code), context.clock()
    hook = RegisteredHook(
        name=name,
        version=1,
        module=module,
        function=function,
        code=code,
        sha256=hashlib.sha256(code).hexdigest(),
        environment=dict(asked.environment),
        registered_at=now,
        registered_by=principal.id,
        about=HookAbout(
            asked.timeout_s, asked.memory_mb, asked.description, asked.runtime, asked.role, tuple(asked.writes)
        ),
    )
    context.functions.check_code(hook, caller=caller_of(principal))
    values = {name: context.seals.seal(value.encode()) for name, value in hook.environment.items()}
    sealed = replace(hook, environment=values)

    def work(tx: Transaction) -> RegisteredHook:
        put = tx.hooks.put(sealed)
        if only_new and put.version > 1:
            raise Conflict(f"Function already exist: {name}", field="name")
        tx.record(events.HookRegistered(at=now, actor=principal.id, hook=name, version=put.version, sha256=hook.sha256))
        return put

    return context.write(work)


def change(context: Context, principal: Principal, name: str, asked: ChangedHook) -> RegisteredHook:
    """The next version of a function, the same but for this. Raises NotFound, and what `register` raises."""
    before = describe(context, principal, name)
    about = before.about
    given = {
        "handler": f"{before.module}.{before.function}",
        "code": b64encode(before.code).decode(),
        "environment": dict(before.environment),
        "timeout_s": about.timeout_s,
        "memory_mb": about.memory_mb,
        "description": about.description,
        "runtime": about.runtime,
        "role": about.role,
        "writes": list(about.writes),
        **asked.model_dump(exclude_none=True),
    }
    return register(context, principal, name, request_of(NewHook, given))


def signing_secret(context: Context, principal: Principal, url: str) -> str:
    """What requests of this workspace's jobs to an endpoint are signed with. Raises InvalidInput for no http(s) URL."""
    require_here(principal, Action.CREATE_JOB)
    return endpoint_secret(context.secret, principal.workspace_id, url)


def remove(context: Context, principal: Principal, name: str) -> None:
    """Remove a function; raises NotFound, Conflict while a job that has not ended names it."""
    require(principal, Action.CHANGE_HOOKS)
    now = context.clock()

    def work(tx: Transaction) -> None:
        users = [job.name for job in tx.jobs.active() if name in _names(job.spec)]
        if users:
            raise Conflict(f"the function {name} is used by {', '.join(users[:5])}: stop them first, or wait")
        tx.hooks.remove(name)
        tx.record(events.HookRemoved(at=now, actor=principal.id, hook=name))

    context.write(work)


def try_out(context: Context, principal: Principal, name: str, event: Any) -> HookAnswer:
    """What a function answers to an event. Raises NotFound; InvalidInput, Unavailable as the function fails."""
    require(principal, Action.CHANGE_HOOKS)
    hook = with_secrets(context.seals, context.read(lambda tx: tx.hooks.get(name)))
    begun = time.perf_counter()
    answer = context.functions.try_out(hook, event, caller=caller_of(principal))
    return HookAnswer(answer=answer, seconds=round(time.perf_counter() - begun, 3))


def with_secrets(seals: Seals, hook: RegisteredHook) -> RegisteredHook:
    """The function with the values of its environment as its process gets them; raises Unsealable."""
    return replace(hook, environment={name: seals.unseal(kept).decode() for name, kept in hook.environment.items()})


def caller_of(principal: Principal) -> HookCaller:
    """Somebody who tries a function: it reads nothing."""
    return HookCaller(principal.workspace_id, principal.id)


def problems(
    context: Context, principal: Principal, given: Mapping[str, Any], *, start: bool
) -> list[GroundswellError]:
    """What stands against a specification's functions: not allowed, not there or, with `start`, not able to run."""
    found = []
    for role, target in _targets(given).items():
        try:
            target_kind(target)
        except ValueError:
            continue  # said with the specification's other problems
        try:
            context.functions.check(target, caller=caller_of(principal), field=f"hooks.{role}", start=start)
        except GroundswellError as error:
            found.append(error)
    return found


def _targets(spec: Mapping[str, Any]) -> dict[str, str]:
    hooks = spec.get("hooks")
    named = {role: hooks.get(role) for role in ROLES} if isinstance(hooks, Mapping) else {}
    return {role: target for role, target in named.items() if isinstance(target, str)}


def _names(spec: Mapping[str, Any]) -> set[str | None]:
    return {registered_name(target) for target in _targets(spec).values()}
