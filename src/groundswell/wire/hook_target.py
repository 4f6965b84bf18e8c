"""How specifications name users' functions: a registered name, `module:function`, an http(s) URL, a Lambda ARN."""

from __future__ import annotations

import re
from typing import Literal

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
FILE = re.compile(r"(?P<path>.+\.py)(?::(?P<function>[A-Za-z_]\w*))?")
_ARN = re.compile(r"arn:aws[\w-]*:lambda:[^:]*:[^:]*:function:(?P<name>[A-Za-z0-9_-]{1,64})(?::[^:]+)?")


def target_kind(target: str) -> Literal["http", "registered", "file", "module"]:
    """What kind of function a target names; whether it may be named is the server's to say. Raises ValueError."""
    if target.startswith(("http://", "https://")):
        return "http"
    if registered_name(target) is not None:
        return "registered"
    if FILE.fullmatch(target):
        return "file"
    if FUNCTION.fullmatch(target):
        return "module"
    raise ValueError(
        f"expected the name of a registered function, its Lambda ARN, module:function or an http(s) URL, got {target!r}"
    )


def registered_name(target: str) -> str | None:
    """The registered function that a target names, plainly or as a Lambda function of that name; None: another kind."""
    if NAME.fullmatch(target):
        return target
    arn = _ARN.fullmatch(target)
    return arn["name"] if arn else None
