"""Follows calls of groundswell's own functions in a process that `scripts/walks.py` starts.

SIGUSR1 begins a walk, SIGUSR2 ends it: its calls between files go to $GROUNDSWELL_WALK.<process>.json, each pair of
caller and callee once, in order of its first call, with the files that wait for its answer, and whether the callee is
handed on to whoever calls it: a function made inside another one, or a generator. What runs while a module is imported
is no part of a walk.
"""

from __future__ import annotations

import inspect
import json
import os
import signal
import sys
import threading
from typing import Any

OUT = os.environ.get("GROUNDSWELL_WALK", "")
ROOT = os.environ.get("GROUNDSWELL_WALK_SOURCE", "")
calls: dict[tuple[str, str, bool], list[str]] = {}  # (caller's file, callee's, handed on) -> files that wait
names: dict[str, str] = {}  # file -> its name from the package on, "" for files that are not ours
following = False


def name_of(code: Any) -> str:
    """`offline/consolidate.py`; nothing for other packages' code."""
    path = code.co_filename
    if path not in names:
        names[path] = path.removeprefix(ROOT) if path.startswith(ROOT) else ""
    return names[path]


def follow(frame: Any, event: str, _: Any) -> None:
    """Note a call: its caller is the nearest function of ours below it on the stack."""
    if not following or event != "call":
        return
    callee = name_of(frame.f_code)
    if not callee:
        return
    below = frame.f_back
    while below is not None and not name_of(below.f_code):
        below = below.f_back
    caller = name_of(below.f_code) if below is not None else ""
    if caller == callee:
        return
    handed_on = "<locals>" in frame.f_code.co_qualname or bool(frame.f_code.co_flags & inspect.CO_GENERATOR)
    pair = (caller, callee, handed_on)
    if pair not in calls and (waiting := files_below(frame)) is not None:
        calls[pair] = waiting


def files_below(frame: Any) -> list[str] | None:
    """Our files that wait for a call, the caller first; None while a module of ours is being imported."""
    found: dict[str, None] = {}
    while (frame := frame.f_back) is not None:
        name = name_of(frame.f_code)
        if name and frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") != "__main__":
            return None
        if name:
            found[name] = None
    return list(found)


def begin(*_: object) -> None:
    """Follow calls from now on."""
    global following
    calls.clear()
    following = True


def end(*_: object) -> None:
    """Write what was followed, whole or not at all."""
    global following
    following = False
    path = f"{OUT}.{os.getpid()}.json"
    with open(f"{path}.part", "w", encoding="utf-8") as file:
        json.dump([(*pair, waiting) for pair, waiting in calls.items()], file)
    os.replace(f"{path}.part", path)


if OUT:
    signal.signal(signal.SIGUSR1, begin)
    signal.signal(signal.SIGUSR2, end)
    threading.setprofile(follow)
    sys.setprofile(follow)
    with open(f"{OUT}.{os.getpid()}.ready", "w", encoding="utf-8"):
        pass  # from now on signals are understood
