"""What a specification may name as a hook: `module:function`, `file.py:function`, an http(s) URL, a Lambda ARN."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from groundswell.domain.errors import InvalidSpec
from groundswell.net.networks import Networks
from groundswell.wire.hook_target import FILE, target_kind

DEFAULT_FUNCTION = "lambda_handler"


class Hook(Protocol):
    """A user's function that can be called. Safe to call from several threads."""

    def call(self, event: Mapping[str, Any]) -> Any:
        """What the function answers to the event, as JSON values.

        Raises InvalidInput when the function fails or answers what is no JSON, Unavailable when it does not answer.
        """
        ...

    def close(self) -> None:
        """Let go of processes and connections."""
        ...


def check_target(target: str, *, field: str = "hooks") -> str:
    """The kind of a target: http, file or module. Raises InvalidSpec for anything else, Lambda ARNs included."""
    try:
        return target_kind(target)
    except ValueError as error:
        raise InvalidSpec(str(error), field=field) from None


def open_hook(
    target: str, *, timeout_s: float = 60.0, folder: Path | None = None, networks: Networks | None = None
) -> Hook:
    """The hook of this target; relative handler files are looked for in `folder`, URLs may lead to `networks`.

    Raises InvalidSpec. Without `networks`, URLs may lead to the public internet only.

    Ground Truth gives its functions 60 seconds unless configured otherwise; so does this.
    """
    kind = check_target(target)
    if kind == "http":
        from groundswell.hooks.http_hook import HttpHook

        return HttpHook(target, networks=networks or Networks(), timeout_s=timeout_s)
    from groundswell.hooks.process_hook import ProcessHook

    match = FILE.fullmatch(target)
    if match is None:
        return ProcessHook(*target.rsplit(":", 1), timeout_s=timeout_s)
    path = (folder or Path()) / match["path"]
    if not path.is_file():
        raise InvalidSpec(f"expected a handler file at {str(path)!r}, found none", field="hooks")
    return ProcessHook(str(path), match["function"] or DEFAULT_FUNCTION, timeout_s=timeout_s)
