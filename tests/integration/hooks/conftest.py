"""Functions in each kind of sandbox that this machine has."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from groundswell.domain.errors import NotFound, Unavailable
from groundswell.domain.hooks import HookCaller, RegisteredHook
from groundswell.hooks.finding import find_sandbox
from groundswell.hooks.packing import pack
from groundswell.hooks.sandbox import Sandbox, SandboxOptions
from groundswell.hooks.targets import HookRules, Hooks
from groundswell.net.networks import Networks

CALLER = HookCaller("main", "rita", "birds")
LOOPBACK = Networks(["127.0.0.0/8"])
# Where the server's own Python cannot be read by another user, the system's may be.
PYTHONS = [sys.executable, *filter(None, [shutil.which("python3", path="/usr/bin")])]


def registered(
    name: str, source: str, *, version: int = 1, environment: dict[str, str] | None = None
) -> RegisteredHook:
    """A function `handler` in one file of this text."""
    code = pack({"prepare.py": source.encode()})
    return RegisteredHook(name, version, "prepare", "handler", code, "", environment or {}, datetime.now(UTC), "admin")


class Shelf(dict[str, RegisteredHook]):
    """Registered functions by name."""

    def get_hook(self, name: str) -> RegisteredHook:
        if name not in self:
            raise NotFound(f"there is no registered function {name!r}")
        return self[name]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A server's folder, with its secret."""
    found = tmp_path_factory.mktemp("data")
    (found / "secret-key").write_text("the key")
    return found


def sandbox_of(mode: Any, data_dir: Path) -> Sandbox:
    reasons = []
    for python in PYTHONS if mode == "user" else PYTHONS[:1]:
        try:
            return find_sandbox(SandboxOptions(mode=mode, python=python, hidden=(data_dir,), memory_mb=512))
        except Unavailable as error:
            reasons.append(error.message)
    pytest.skip(f"this machine has no sandbox of the kind {mode}: {reasons}")


@pytest.fixture(params=["bubblewrap", "user", "none"])
def sandbox(request: pytest.FixtureRequest, data_dir: Path) -> Sandbox:
    return sandbox_of(request.param, data_dir)


@pytest.fixture
def hooks(sandbox: Sandbox, shelf: Shelf) -> Hooks:
    return Hooks(shelf.get_hook, lambda: sandbox, HookRules(LOOPBACK, ["json", "no_such*"], timeout_s=10))


@pytest.fixture
def opened(sandbox: Sandbox, shelf: Shelf) -> Iterator[Callable[..., Any]]:
    """Opens a function of this text; closed at the end."""
    found: list[Any] = []

    def open_(source: str, *, timeout_s: float = 10, **environment: str) -> Any:
        name = f"f{len(found)}"
        shelf[name] = registered(name, source, environment=environment)
        rules = HookRules(LOOPBACK, timeout_s=timeout_s)
        hook = Hooks(shelf.get_hook, lambda: sandbox, rules).open(name, CALLER)
        found.append(hook)
        return hook

    yield open_
    for hook in found:
        hook.close()


def processes_with(word: str) -> list[int]:
    """Processes of this machine that have the word in their environment or command line."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                read = b"".join(Path(entry.path, name).read_bytes() for name in ("environ", "cmdline"))
            except OSError:
                continue
            if word.encode() in read:
                found.append(int(entry.name))
    return found
