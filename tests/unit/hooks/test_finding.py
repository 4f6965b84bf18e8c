"""Which sandbox is taken, by what works on a machine."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator

import pytest

from groundswell.domain.errors import Unavailable
from groundswell.hooks import finding
from groundswell.hooks.finding import find_sandbox
from groundswell.hooks.sandbox import Mode, Sandbox, SandboxOptions

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sandboxes are of POSIX systems")
Machine = Callable[..., None]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """A machine on which these modes work, with or without rights."""

    def set_up(*working: str, root: bool) -> None:
        find_sandbox.cache_clear()
        monkeypatch.setattr(os, "getuid", lambda: 0 if root else 1000)
        monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
        monkeypatch.setattr(finding, "_layout", lambda python: ())

        def problem(sandbox: Sandbox) -> str | None:
            return None if sandbox.mode in working else "it does not work"

        monkeypatch.setattr(finding, "_problem", problem)

    yield set_up
    find_sandbox.cache_clear()


@pytest.mark.parametrize(
    ("working", "root", "mode", "found"),
    [
        (("bubblewrap", "user", "none"), True, "auto", ("bubblewrap", True)),
        (("user", "none"), True, "auto", ("user", True)),
        (("none",), True, "none", ("none", False)),  # chosen by name
        (("bubblewrap", "none"), False, "auto", ("bubblewrap", False)),
        (("none",), False, "auto", ("none", False)),
    ],
)
def test_the_strongest_that_works(
    machine: Machine, working: tuple[str, ...], root: bool, mode: Mode, found: tuple[str, bool]
) -> None:
    machine(*working, root=root)
    sandbox = find_sandbox(SandboxOptions(mode=mode))
    assert (sandbox.mode, sandbox.identity is not None) == found


@pytest.mark.parametrize(
    ("working", "root", "options"),
    [
        (("none",), True, SandboxOptions()),  # root's rights are given by name only
        (("user", "none"), False, SandboxOptions(mode="user")),  # becoming somebody else takes root
        (("user", "none"), True, SandboxOptions(mode="bubblewrap")),
        (("user", "none"), True, SandboxOptions(network=False)),  # only bubblewrap closes the network
    ],
)
def test_what_does_not_work_is_said_with_what_to_do(
    machine: Machine, working: tuple[str, ...], root: bool, options: SandboxOptions
) -> None:
    machine(*working, root=root)
    with pytest.raises(Unavailable, match="GROUNDSWELL_HOOK_SANDBOX=none"):
        find_sandbox(options)


def test_running_with_the_servers_rights_is_said(machine: Machine, caplog: pytest.LogCaptureFixture) -> None:
    machine("none", root=False)
    with caplog.at_level(logging.WARNING):
        find_sandbox(SandboxOptions())
    assert "with the server's own rights" in caplog.text
