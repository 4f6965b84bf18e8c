"""What a function's process is kept from: files, other processes, the server's environment and rights.

Three modes, the strongest that works here unless a setting names one:
`bubblewrap`: a file system with the system's libraries and the function's Python only, no other process in sight, a
temporary folder in memory, and a user of its own when the server is root; `user`: another user, when the server is
root; `none`: the server's own user. In each: an environment of its own, limits of memory, files and processes, a
temporary folder that is removed, and an end with the server. docs/guides/hooks.md says what each does not keep from.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Mode = Literal["auto", "bubblewrap", "user", "none"]
_TEMPORARY_BYTES = 256 << 20
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/sys/devices/system/cpu")
_SETTINGS = (  # of the system: how names are resolved, whom TLS trusts, who `nobody` is
    "alternatives ca-certificates ca-certificates.conf crypto-policies gai.conf group host.conf hosts ld.so.cache "
    "ld.so.conf ld.so.conf.d localtime mime.types nsswitch.conf os-release passwd pki protocols resolv.conf services "
    "ssl/certs ssl/openssl.cnf timezone"
).split()
WAY = "/run/groundswell/server.sock"
"""Where a closed sandbox shows the way to this server."""
WAY_PORT = 8080
"""The port of its own loopback on which a function finds the server there."""
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class SandboxOptions:
    """What the administrator chose."""

    mode: Mode = "auto"
    user: str = "nobody"  # whom functions run as when the server is root
    python: str = sys.executable  # the interpreter, with the packages that functions may import
    network: bool | None = True  # whether functions reach the network; None: not where they can be kept from it
    memory_mb: int = 2_048  # address space of a process
    hidden: tuple[Path, ...] = ()  # folders never shown, wherever they lie: the server's data


@dataclass(frozen=True)
class Sandbox:
    """A way to start functions' processes that has been tried on this machine."""

    mode: Literal["bubblewrap", "user", "none"]
    options: SandboxOptions
    identity: tuple[int, int] | None = None  # user and group to become, when the server is root
    shown: tuple[str, ...] = ()  # folders of the interpreter and its packages
    closed: bool = False  # no network but the way to this server, if there is one

    def command(self, program: str, folders: Sequence[str] = (), *, way: Path | None = None) -> list[str]:
        """The command line that runs a Python program's text inside; `folders` are shown there besides.

        way : the Unix socket that leads to this server; shown in a sandbox that is closed.
        """
        python = [self.options.python, "-I", "-c", program]
        return [*self._bubblewrap(folders, way), *python] if self.mode == "bubblewrap" else python

    def environment(self, folder: str, own: Mapping[str, str]) -> dict[str, str]:
        """The environment in there: where programs are, the language, the temporary folder, and the function's own."""
        language = os.environ.get("LANG", "C.UTF-8")
        return {"PATH": _PATH, "LANG": language, "HOME": folder, "TMPDIR": folder, **own}

    def new_folder(self) -> str | None:
        """A temporary folder outside for one process; None when the process has one inside that ends with it."""
        if self.mode == "bubblewrap":
            return None
        folder = tempfile.mkdtemp(prefix="groundswell-hook-")
        if self.identity is not None:
            os.chown(folder, *self.identity)
        return folder

    def limits(self) -> dict[str, object]:
        """What a process is held to, by the names of `resource`."""
        resources = {
            "RLIMIT_AS": self.options.memory_mb << 20,
            "RLIMIT_FSIZE": _TEMPORARY_BYTES,
            "RLIMIT_NOFILE": 256,
            "RLIMIT_CORE": 0,
            "RLIMIT_NPROC": _room_for_processes(self.identity[0] if self.identity else None),
        }
        return {"memory_mb": self.options.memory_mb, "resources": resources}

    def _bubblewrap(self, folders: Sequence[str], way: Path | None) -> list[str]:
        args = [
            shutil.which("bwrap") or "bwrap",
            "--die-with-parent",
            "--new-session",
            "--unshare-pid",
            "--unshare-ipc",
            "--unshare-uts",
        ]
        args += ["--unshare-net"] if self.closed else []
        if self.identity is not None:  # it becomes another user inside, and loses these as it does
            args += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        else:
            args += ["--unshare-user", "--cap-drop", "ALL"]
        shown = [*_SYSTEM, *(f"/etc/{name}" for name in _SETTINGS), *outermost([*self.shown, *folders])]
        args += [part for path in shown if os.path.exists(path) for part in _shown(path)]
        args += ["--dev", "/dev", "--proc", "/proc"]
        if self.closed and way is not None:
            args += ["--perms", "0755", "--dir", os.path.dirname(WAY), "--ro-bind", str(way), WAY]
        args += ["--perms", "1777", "--size", str(_TEMPORARY_BYTES), "--tmpfs", "/tmp"]
        for folder in self.options.hidden:
            if any(str(folder).startswith(f"{path.rstrip('/')}/") for path in shown) and folder.is_dir():
                args += ["--perms", "0000", "--tmpfs", str(folder)]
        return [*args, "--remount-ro", "/", "--chdir", "/tmp", "--"]


def _shown(path: str) -> tuple[str, ...]:
    """Links of the root (`/bin` -> `usr/bin`) stay links."""
    if os.path.islink(path) and path.count("/") == 1:
        return ("--symlink", os.readlink(path), path)
    above = [str(folder) for folder in reversed(Path(path).parents) if folder != Path("/")]
    # Folders above are made anew and empty, so that everybody may pass through them to what is shown.
    return (*(part for folder in above for part in ("--perms", "0755", "--dir", folder)), "--ro-bind", path, path)


def _room_for_processes(user: int | None) -> int | None:
    """What the user has now and 64 more: the system counts all of a user's processes and threads together."""
    wanted = os.getuid() if user is None else user
    try:
        return 64 + sum(_threads(entry.path) for entry in os.scandir("/proc") if _owner(entry) == wanted)
    except OSError:
        return None


def _owner(entry: os.DirEntry[str]) -> int | None:
    try:
        return entry.stat().st_uid if entry.name.isdecimal() else None
    except OSError:
        return None


def _threads(process: str) -> int:
    try:
        return len(os.listdir(f"{process}/task"))
    except OSError:
        return 1


def outermost(folders: Sequence[str]) -> tuple[str, ...]:
    """Without those inside another, or inside the system's."""
    found = sorted(set(folders))
    return tuple(path for path in found if not any(path.startswith(f"{other}/") for other in (*found, *_SYSTEM)))
