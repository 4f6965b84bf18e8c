"""How specifications name users' functions: `module:function`, `file.py:function`, an http(s) URL."""

from __future__ import annotations

import re
from typing import Literal

FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
FILE = re.compile(r"(?P<path>.+\.py)(?::(?P<function>[A-Za-z_]\w*))?")


def target_kind(target: str) -> Literal["http", "file", "module"]:
    """What kind of function a target names. Raises ValueError for anything else, Lambda ARNs included."""
    if target.startswith("arn:"):
        raise ValueError(
            f"AWS Lambda is not configured on this server, so {target!r} cannot be called: expected an http(s) URL, "
            "a handler file (handler.py:lambda_handler) or a Python function (module:function)"
        )
    if target.startswith(("http://", "https://")):
        return "http"
    if FILE.fullmatch(target):
        return "file"
    if FUNCTION.fullmatch(target):
        return "module"
    raise ValueError(
        f"expected module:function, a handler file such as handler.py:lambda_handler, or an http(s) URL, got {target!r}"
    )
