"""What runs inside a function's process, before and around the function itself: standard library only, any Python 3.9+.

Sent to the interpreter as text (`python -I -c`), so that the function's Python need not have Groundswell. The first
line of standard input is the order: what to load, whom to become, what to be held to. Every further line is one call.
Handlers take Lambda's `(event, context)`, or the event alone.
"""

from __future__ import annotations

import base64
import importlib
import inspect
import io
import json
import os
import signal
import sys
import time
import uuid
import zipfile
from collections.abc import Callable
from typing import Any


class Context:
    """What AWS's Python functions find in their second argument."""

    def __init__(self, order: dict[str, Any], seconds: float) -> None:
        self.function_name = order["name"]
        self.function_version = str(order.get("version") or "$LATEST")
        self.memory_limit_in_mb = str(order["limits"]["memory_mb"])
        self.invoked_function_arn = order.get("arn") or ""
        self.aws_request_id = str(uuid.uuid4())
        self.log_group_name = "/aws/lambda/" + self.function_name
        self.log_stream_name = "groundswell"
        self._deadline = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def hold_to(limits: dict[str, Any]) -> None:
    """Limits that nothing in this process can raise again, once it is nobody."""
    import resource

    for name, value in limits["resources"].items():
        kind = getattr(resource, name, None)
        if kind is not None and value is not None:
            hard = resource.getrlimit(kind)[1]
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (most, most))


def become(user: dict[str, int] | None) -> None:
    """Another user for good: neither the server's files nor its processes are this process's any more."""
    if user is not None:
        os.setgroups([])
        os.setresgid(user["gid"], user["gid"], user["gid"])
        os.setresuid(user["uid"], user["uid"], user["uid"])


def tie_to_parent(parent: int, number: int) -> None:
    """Get this signal when the parent dies, where the system can do that."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    ctypes.CDLL(None).prctl(1, number)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


def leave_a_warden(server: int) -> None:
    """Go on in a child; this process stays and ends whatever the child has started, daemons too, when either ends.

    Outside a sandbox with process ids of its own a function's processes could leave their group and outlive it. All
    that lose their parent become the warden's children.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGCHLD})
    ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER
    warden = os.getpid()
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        tie_to_parent(warden, signal.SIGKILL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGCHLD})
        return
    os.closerange(0, 64)  # the pipes are the child's
    tie_to_parent(server, signal.SIGTERM)
    while True:
        if signal.sigwait({signal.SIGTERM, signal.SIGCHLD}) == signal.SIGTERM or not is_there(child):
            end_all()
            os._exit(0)


def is_there(child: int) -> bool:
    """Whether the child still runs; other children that have ended are let go of."""
    while True:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if ended == child:
            return False
        if ended == 0:
            return True


def end_all() -> None:
    """Kill this process's children, and those that become its children as their parents die, until there are none."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        for name in filter(str.isdecimal, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    parent = int(file.read().rpartition(b")")[2].split()[1])
                if parent == os.getpid():
                    os.kill(int(name), signal.SIGKILL)
            except OSError:
                continue
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.005)


def open_way(way: dict[str, Any] | None, user: dict[str, int] | None) -> None:
    """Let a process beside this one pass connections to a port of this sandbox's loopback on to a Unix socket."""
    if way is None:
        return
    import socket
    import threading

    listener = socket.create_server(("127.0.0.1", way["port"]), backlog=32)
    if os.fork():
        listener.close()
        return
    become(user)
    os.closerange(0, listener.fileno())  # the pipes are the function's
    os.closerange(listener.fileno() + 1, 64)

    def pump(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(1 << 16):
                target.sendall(data)
        except OSError:
            pass
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def serve(inside: socket.socket) -> None:
        with inside, socket.socket(socket.AF_UNIX) as outside:
            try:
                outside.connect(way["socket"])
            except OSError:
                return
            back = threading.Thread(target=pump, args=(outside, inside), daemon=True)
            back.start()
            pump(inside, outside)
            back.join()

    while True:
        inside, _ = listener.accept()
        threading.Thread(target=serve, args=(inside,), daemon=True).start()


def load(order: dict[str, Any]) -> Callable[..., Any]:
    """The function that the order names; raises whatever its loading raises."""
    sys.path[:0] = order["path"]
    if order.get("code") is not None:
        folder = os.path.join(os.getcwd(), "code")
        zipfile.ZipFile(io.BytesIO(base64.b64decode(order["code"]))).extractall(folder)
        sys.path.insert(0, folder)
    module = importlib.import_module(order["module"])
    function = getattr(module, order["function"], None)
    if not callable(function):
        raise AttributeError("{} has no function {}".format(order["module"], order["function"]))
    return function  # type: ignore[no-any-return]


def call(function: Callable[..., Any], order: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """What the function says to one event, or why it failed."""
    event = asked["event"]
    for name, text in asked.get("files", {}).items():
        with open(os.path.join(os.getcwd(), name), "w", encoding="utf-8") as file:
            file.write(text)
    try:
        try:
            inspect.signature(function).bind(event, None)
        except TypeError:
            return {"answer": function(event)}
        except ValueError:  # a builtin without a signature
            pass
        return {"answer": function(event, Context(order, asked["seconds"]))}
    except Exception as error:
        return {"error": reason_of(error)}


def reason_of(error: BaseException) -> str:
    """An error in one line, at most 2,000 characters."""
    return f"{type(error).__name__}: {error}"[:2000]


def main() -> None:
    """Confine this process, load the function, answer calls until the input ends."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # what the function reads is no request
    os.dup2(2, 1)  # and what it prints is no answer

    def say(said: dict[str, Any]) -> None:
        try:
            text = json.dumps(said)
        except (TypeError, ValueError, RecursionError) as error:
            text = json.dumps({"error": f"its answer is no JSON: {error}"})
        answers.write(text.encode() + b"\n")
        answers.flush()

    order = json.loads(requests.readline())
    open_way(order["way"], order["user"])
    become(order["user"])
    hold_to(order["limits"])
    if order["server"] is not None:
        leave_a_warden(order["server"])
    try:
        function = load(order)
    except (Exception, SystemExit) as error:
        say({"error": reason_of(error)})
        return
    say({"ready": True})
    for line in requests:
        say(call(function, order, json.loads(line)))


if __name__ == "__main__":
    main()
