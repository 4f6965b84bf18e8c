"""Registered functions in memory, and a server on which any function may be named and runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from groundswell.domain.errors import NotFound
from groundswell.domain.hooks import HookCaller, RegisteredHook
from groundswell.testing.memory_tables import Tables


class MemoryHooks:
    """`service.ports.HookRepository` over a dictionary."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def put(self, hook: RegisteredHook) -> RegisteredHook:
        before = self._tables.hooks.get(hook.name)
        put = replace(hook, version=before.version + 1 if before else 1)
        self._tables.hooks[hook.name] = put
        return put

    def get(self, name: str) -> RegisteredHook:
        if name not in self._tables.hooks:
            raise NotFound(f"there is no registered function {name!r}", field="name")
        return self._tables.hooks[name]

    def select(self) -> list[RegisteredHook]:
        return [replace(self._tables.hooks[name], code=b"") for name in sorted(self._tables.hooks)]

    def remove(self, name: str) -> None:
        self.get(name)
        del self._tables.hooks[name]


class AnyFunction:
    """`service.ports.Functions` without processes: everything is allowed, an event is its own answer."""

    def check(self, target: str, *, caller: HookCaller, field: str, start: bool) -> None:
        return None

    def check_code(self, hook: RegisteredHook, *, caller: HookCaller) -> None:
        return None

    def try_out(self, hook: RegisteredHook, event: Any, *, caller: HookCaller) -> Any:
        return event
