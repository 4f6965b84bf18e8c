"""Finding the strongest sandbox that works here: each is tried by running Python in it."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import lru_cache

from groundswell.domain.errors import Unavailable
from groundswell.hooks.child_process import Child, ChildFailed, Order
from groundswell.hooks.sandbox import Mode, Sandbox, SandboxOptions, outermost

PROBE_SECONDS = 20
log = logging.getLogger(__name__)


@lru_cache(maxsize=8)
def find_sandbox(options: SandboxOptions) -> Sandbox:
    """The strongest sandbox that works here, or the one the options name; each is tried by running Python in it.

    Raises Unavailable when the one named does not work, or when the server is root and has none but `none`: that one
    has to be chosen by name.
    """
    if os.name != "posix":
        raise Unavailable("functions in processes need Linux or macOS: use an http(s) endpoint on this system")
    modes: Sequence[Mode] = ("bubblewrap", "user", "none") if options.mode == "auto" else (options.mode,)
    if options.mode == "auto" and options.network is False:
        modes = ("bubblewrap",)
    if options.mode == "auto" and os.getuid() == 0:
        modes = tuple(mode for mode in modes if mode != "none")
    reasons: list[str] = []
    for mode in modes:
        for sandbox in _candidates(mode, options):
            reason = _problem(sandbox)
            if reason is None:
                if mode == "none" and options.mode == "auto":
                    log.warning("functions run with the server's own rights: %s", "; ".join(reasons) or "no bubblewrap")
                return sandbox
            reasons.append(f"{mode}: {reason}")
    said = "; ".join(reasons) or "no mode is possible on this system"
    raise Unavailable(
        f"no sandbox for functions works here ({said}). Install bubblewrap, name a Python that the user "
        f"{options.user!r} may read (GROUNDSWELL_HOOK_PYTHON), or let functions run with the server's own rights "
        "(GROUNDSWELL_HOOK_SANDBOX=none)"
    )


def _candidates(mode: Mode, options: SandboxOptions) -> list[Sandbox]:
    root = os.getuid() == 0
    identity = _identity(options.user) if root else None
    if mode == "bubblewrap":
        if shutil.which("bwrap") is None:
            return []
        shown = _layout(options.python)
        identities = [identity, None] if identity else [None]
        closed = {None: (True, False), True: (False,), False: (True,)}[options.network]
        return [Sandbox("bubblewrap", options, one, shown, how) for how in closed for one in identities]
    if mode == "user":
        return [Sandbox("user", options, identity)] if identity else []
    return [Sandbox("none", options)]


def _identity(user: str) -> tuple[int, int] | None:
    import pwd

    try:
        found = pwd.getpwnam(user)
    except KeyError:
        return None
    return (found.pw_uid, found.pw_gid) if found.pw_uid else None


def _layout(python: str) -> tuple[str, ...]:
    """Folders that the interpreter needs: its own, that of the Python it was made from, those of its packages."""
    asked = "import json, sys; print(json.dumps([sys.prefix, sys.base_prefix, *sys.path]))"
    done = subprocess.run(
        [python, "-I", "-c", asked], capture_output=True, timeout=PROBE_SECONDS, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        return ()
    found = {os.path.dirname(os.path.realpath(python)), *json.loads(done.stdout)}
    return outermost([path for path in found if os.path.isdir(path) and path != "/"])


def _problem(sandbox: Sandbox) -> str | None:
    """Why a function cannot run in this sandbox; None when it can. One is really started."""
    try:
        child = Child(sandbox, Order("probe", module="http.client", function="HTTPConnection"))
    except OSError as error:
        return str(error)
    try:
        child.load(timeout_s=PROBE_SECONDS)
    except ChildFailed as error:
        return f"{error}{child.last_words()[-200:]}"
    finally:
        child.stop()
    return None
