"""From what a specification names to a function that can be called, as far as this server's administrator allows it.

A function is a registered one, by name or Lambda ARN; one on AWS Lambda that the setting `hook_lambdas` allows; one of
an installed module that the setting `hook_modules` allows; or an http(s) endpoint in an allowed network. Files are
never run where they lie: who may write files (uploads, outputs) could run code.
"""

from __future__ import annotations

import fnmatch
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Protocol

from groundswell.domain.errors import Forbidden, GroundswellError, InvalidSpec, NotFound, Unavailable
from groundswell.domain.hooks import HookCaller, RegisteredHook
from groundswell.hooks.child_process import Order
from groundswell.hooks.http_hook import HttpHook
from groundswell.hooks.lambda_hook import LambdaHook, is_named
from groundswell.hooks.packing import check_code
from groundswell.hooks.process_hook import ProcessHook
from groundswell.hooks.sandbox import Sandbox
from groundswell.net.client import check_url
from groundswell.net.networks import Networks
from groundswell.wire.hook_target import FILE, registered_name, target_kind

_START_S = 15.0  # what loading a function may take when a job is created
_STARTS = 4  # of them at a time
_KEPT_S = 2.0  # how soon a new version is seen
_OWN_ACCESS = frozenset({"AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ENDPOINT_URL"})
"""Variables of a function that has access of its own to AWS or elsewhere: it is left to find its way."""
TIMEOUT_S = 60.0  # what Ground Truth gives its functions unless configured otherwise


class Hook(Protocol):
    """A user's function that can be called. Safe to call from several threads."""

    def call(self, event: Mapping[str, Any], *, payload: str | None = None) -> Any:
        """What the function answers to the event, as JSON values.

        payload: the text of the file that `event["payload"]["s3Uri"]` names. Functions in processes see no storage:
        they find it in their working directory, by the name `event["payload"]["path"]`.
        Raises InvalidInput when the function fails or answers what is no JSON, Unavailable when it does not answer.
        """
        ...

    def close(self) -> None:
        """Let go of processes and connections, calls under way included. Returns at once."""
        ...


Surroundings = Callable[[HookCaller, Sandbox], Mapping[str, str]]
"""What a function's process finds in its environment besides what was registered: where this server is, as whom."""


def _nothing(caller: HookCaller, sandbox: Sandbox) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class HookRules:
    """What the administrator allows, and what functions are given."""

    networks: Networks
    modules: Sequence[str] = ()  # globs of modules that jobs may name
    lambdas: Sequence[str] = ()  # globs of ARNs that are called on AWS Lambda, with the server's own credentials
    timeout_s: float = TIMEOUT_S
    secret: Callable[[str, str], str] = lambda workspace_id, url: ""  # what requests to an endpoint are signed with
    surroundings: Surroundings = _nothing
    arn: Callable[[str, str], str] = lambda workspace_id, name: name  # of a registered function that is named plainly
    way: Callable[[], Path | None] = field(default=lambda: None)  # the Unix socket that leads to this server


class Hooks:
    """The functions of a server."""

    def __init__(
        self, registered: Callable[[str], RegisteredHook], sandbox: Callable[[], Sandbox], rules: HookRules
    ) -> None:
        """registered: the function of a name, raising NotFound."""
        self._registered = registered
        self._sandbox = sandbox
        self._rules = rules
        self._turns = BoundedSemaphore(_STARTS)
        self._known: dict[str, tuple[float, RegisteredHook]] = {}  # name -> when it was read, and what it is

    def open(self, target: str, caller: HookCaller) -> Hook:
        """The function of this target. Raises InvalidSpec for what may not be named, Unavailable for what is missing.

        A job whose function has been allowed goes on with it as it is registered now, in its next process.
        """
        kind, rules = _kind(target), self._rules
        if kind == "http":
            secret = rules.secret(caller.workspace_id, target)
            return HttpHook(target, networks=rules.networks, timeout_s=rules.timeout_s, secret=secret)
        name = registered_name(target)
        if kind == "file":  # of a job made when files could be named: its file's name, without .py
            match = FILE.fullmatch(target)
            assert match is not None
            name, function = Path(match["path"]).stem, match["function"] or "lambda_handler"
            return self._process(lambda: self._order(str(name), function=function), caller)
        if name is not None and self._is_on_lambda(target, name):
            return LambdaHook(target, timeout_s=rules.timeout_s)
        if name is not None:
            return self._process(lambda: self._order(name, arn=target), caller)
        self._check_module(target)
        return self._process(lambda: _module_order(target), caller)

    def check(self, target: str, *, caller: HookCaller, field: str, start: bool = True) -> None:
        """Whether a new job may name this and, with `start`, whether it runs: it is loaded once, without an event.

        Raises InvalidSpec naming the field.
        """
        try:
            kind = _kind(target)
            if kind == "http":
                return check_url(target, self._rules.networks) if start else None
            if kind == "file":
                raise InvalidSpec(
                    f"files are not run where they lie, got {target!r}: an administrator registers the function "
                    f"(groundswell hook add NAME {Path(target).name}), and the job names it"
                )
            hook = self.open(target, caller)
        except (Unavailable, Forbidden, InvalidSpec) as error:
            raise InvalidSpec(error.message, field=field) from error
        try:
            if start and isinstance(hook, ProcessHook):
                with self._a_turn():
                    hook.start(timeout_s=min(_START_S, self._rules.timeout_s))
            elif start and isinstance(hook, LambdaHook):
                hook.check()
        except GroundswellError as error:
            raise InvalidSpec(error.message, field=field) from error
        finally:
            hook.close()

    @contextmanager
    def _a_turn(self) -> Iterator[None]:
        """A few functions are started for new jobs at a time: threads that requests need do not wait for more."""
        if not self._turns.acquire(timeout=_START_S):
            raise Unavailable("many functions are being started for new jobs: try again in some seconds")
        try:
            yield
        finally:
            self._turns.release()

    def try_out(self, hook: RegisteredHook, event: Any, *, caller: HookCaller) -> Any:
        """What a function answers to an event, in a process of its own. Raises InvalidInput, Unavailable."""
        process = self._process(lambda: _registered_order(hook), caller)
        try:
            return process.call(event)
        finally:
            process.close()

    def check_code(self, hook: RegisteredHook, *, caller: HookCaller) -> None:
        """Start a function once. Raises InvalidInput when it cannot run, Unavailable when none can."""
        check_code(hook.code, hook.module, hook.function)
        process = self._process(lambda: _registered_order(hook), caller)
        try:
            process.start()
        finally:
            process.close()

    def _process(self, order: Callable[[], Order], caller: HookCaller) -> ProcessHook:
        order()  # what is missing is said at once
        rules = self._rules

        def equipped(order: Order, sandbox: Sandbox) -> Order:
            order = replace(order, arn=order.arn or rules.arn(caller.workspace_id, order.name))
            if _OWN_ACCESS & set(order.environment):
                return order
            return replace(
                order,
                environment={**rules.surroundings(_for(order, caller), sandbox), **order.environment},
                way=rules.way(),
            )

        return ProcessHook(order, self._sandbox, equipped=equipped, timeout_s=rules.timeout_s)

    def _is_on_lambda(self, target: str, name: str) -> bool:
        """Whether an ARN is to be called on AWS: it is allowed, and no function of its name is registered here."""
        if not is_named(target, self._rules.lambdas):
            return False
        try:
            self._registered(name)
        except NotFound:
            return True
        return False

    def _order(self, name: str, *, function: str | None = None, arn: str = "") -> Order:
        known = self._known.get(name)
        if known is None or time.monotonic() - known[0] > _KEPT_S:
            try:
                known = self._known[name] = (time.monotonic(), self._registered(name))
            except NotFound as error:
                advice = f"an administrator registers it (groundswell hook add {name} ...)"
                raise Unavailable(f"{error.message}: {advice}") from error
        return _registered_order(known[1], function=function, arn=arn if ":" in arn else "")

    def _check_module(self, target: str) -> None:
        module = target.rpartition(":")[0]
        if not any(fnmatch.fnmatchcase(module, allowed) for allowed in self._rules.modules):
            raise InvalidSpec(
                f"functions of the module {module!r} are not allowed on this server: an administrator registers the "
                "function (groundswell hook add NAME handler.py:lambda_handler), or allows the module "
                "(GROUNDSWELL_HOOK_MODULES)",
                field="hooks",
            )


def _for(order: Order, caller: HookCaller) -> HookCaller:
    """Who calls, with what this function may write besides."""
    return replace(caller, reads=(*caller.reads, *order.writes), writes=order.writes)


def _kind(target: str) -> str:
    try:
        return target_kind(target)
    except ValueError as error:
        raise InvalidSpec(str(error), field="hooks") from None


def _registered_order(hook: RegisteredHook, *, function: str | None = None, arn: str = "") -> Order:
    return Order(
        name=hook.name,
        module=hook.module,
        function=function or hook.function,
        code=hook.code,
        environment=hook.environment,
        version=hook.version,
        timeout_s=hook.about.timeout_s,
        writes=hook.about.writes,
        arn=arn,
    )


def _module_order(target: str) -> Order:
    """Its module is looked for where this process looks, the folder it was started in left out."""
    module, _, function = target.rpartition(":")
    folders = tuple(path for path in sys.path if path and os.path.isdir(path))
    return Order(name=target, module=module, function=function, path=folders)
