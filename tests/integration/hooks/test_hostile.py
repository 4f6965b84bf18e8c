"""Functions that misbehave: each call ends in its time with all its processes, and reads nothing of the server's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from groundswell.domain.errors import GroundswellError, InvalidInput, Unavailable
from groundswell.hooks.child_process import Order
from groundswell.hooks.process_hook import ProcessHook
from groundswell.hooks.sandbox import Sandbox
from groundswell.hooks.targets import Hook
from integration.hooks.conftest import processes_with

FAULTS = {
    "hangs": "import time\ndef handler(event): time.sleep(60)",
    "spins": "def handler(event):\n  while True: pass",
    "ignores signals": (
        "import signal, time\nfor n in range(1, 32):\n  try: signal.signal(n, signal.SIG_IGN)\n  except OSError: pass\n"
        "def handler(event): time.sleep(60)"
    ),
    "stops itself": "import os, signal\ndef handler(event): os.kill(os.getpid(), signal.SIGSTOP)",
    "forks and dies": (  # its child holds its pipes
        "import os, time\ndef handler(event):\n  if os.fork(): os._exit(0)\n  time.sleep(60)"
    ),
    "leaves a daemon": (
        "import os, time\ndef handler(event):\n  if os.fork(): os._exit(0)\n  os.setsid()\n"
        "  if os.fork(): os._exit(0)\n  time.sleep(60)"
    ),
    "closes everything": "import os, time\ndef handler(event):\n  os.closerange(0, 64)\n  time.sleep(60)",
    "writes into every pipe without a line end": (
        "import os\ndef handler(event):\n  while True:\n    for n in range(1, 12):\n"
        "      try: os.write(n, b'x' * 65536)\n      except OSError: pass"
    ),
    "writes lines that are no answers": (
        "import os\ndef handler(event):\n  for n in range(3, 12):\n"
        "    try: os.write(n, b'[1]\\n{}\\n')\n    except OSError: pass\n  os._exit(0)"
    ),
    "floods its error stream": "import sys\ndef handler(event):\n  while True: sys.stderr.write('y' * 65536)",
    "answers without end": "def handler(event): return 'z' * (70 << 20)",
    "eats memory": "def handler(event):\n  held = []\n  while True: held.append(bytearray(10 << 20))",
    "fills the disk": ("def handler(event):\n  with open('f', 'wb') as f:\n    while True: f.write(b'0' * (1 << 20))"),
    "forks without end": (
        "import os, time\ndef handler(event):\n  while True:\n    try:\n      if not os.fork(): time.sleep(60)\n"
        "    except OSError: time.sleep(0.01)"
    ),
    "nests too deeply": "def handler(event):\n  a = []\n  for _ in range(100000): a = [a]\n  return a",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_call_ends_in_its_time_and_leaves_nothing(opened: Callable[..., Hook], fault: str) -> None:
    mark = uuid.uuid4().hex
    hook = opened(FAULTS[fault], timeout_s=2.0, MARK=mark)
    begun = time.monotonic()
    with pytest.raises(GroundswellError) as raised:
        hook.call({"text": "x" * 1000})
    assert time.monotonic() - begun < 6
    assert len(raised.value.message) < 10_000
    hook.close()
    assert gone(mark), f"still there: {processes_with(mark)}"


def gone(mark: str) -> bool:
    deadline = time.monotonic() + 5
    while processes_with(mark):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_a_request_that_is_not_read_ends_too(opened: Callable[..., Hook]) -> None:
    hook = opened("import time\ntime.sleep(0)\ndef handler(event): time.sleep(60)", timeout_s=1.5)
    big = {"text": "x" * 5_000_000}  # more than a pipe holds

    def other() -> None:
        with pytest.raises(Unavailable):
            hook.call(big)

    threads = [threading.Thread(target=other) for _ in range(3)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - begun < 6


def test_closing_ends_a_call_under_way_at_once(opened: Callable[..., Hook]) -> None:
    mark = uuid.uuid4().hex
    hook = opened(FAULTS["ignores signals"], timeout_s=60, MARK=mark)
    raised: list[BaseException] = []

    def call() -> None:
        try:
            hook.call({})
        except GroundswellError as error:
            raised.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    deadline = time.monotonic() + 10
    while not processes_with(mark) and time.monotonic() < deadline:
        time.sleep(0.01)
    begun = time.monotonic()
    hook.close()
    assert time.monotonic() - begun < 0.5
    thread.join(5)
    assert not thread.is_alive() and raised
    assert gone(mark)


LOOK = """
import json, os, signal, socket
def tried(work):
    try:
        return work()
    except BaseException as error:
        return type(error).__name__
def handler(event):
    return {
        "secret": tried(lambda: open(event["secret"]).read()),
        "listed": tried(lambda: os.listdir(os.path.dirname(event["secret"]))),
        "put": tried(lambda: open(os.path.dirname(event["secret"]) + "/put", "w").write("x")),
        "shadow": tried(lambda: open("/etc/shadow").read()),
        "environ": tried(lambda: open("/proc/%d/environ" % event["server"]).read()),
        "killed": tried(lambda: os.kill(event["server"], 0)),
        "environment": sorted(os.environ),
        "own": os.environ.get("OWN"),
        "uid": os.getuid(),
        "root": tried(lambda: os.setuid(0)),
        "temporary": tried(lambda: open("here", "w").write("x")),
        "here": os.getcwd(),
    }
"""


def test_what_a_function_sees(
    opened: Callable[..., Any], sandbox: Sandbox, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDSWELL_SECRET_KEY", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    os.chmod(data_dir, 0o700)
    hook = opened(LOOK, OWN="mine")
    seen = hook.call({"secret": str(data_dir / "secret-key"), "server": os.getpid()})
    assert set(seen["environment"]) - {"LC_CTYPE", "PWD"} == {"PATH", "LANG", "HOME", "TMPDIR", "OWN"}
    assert (seen["own"], seen["temporary"]) == ("mine", 1)
    if sandbox.mode != "none":
        assert seen["secret"] in ("FileNotFoundError", "PermissionError")
        assert seen["listed"] in ("FileNotFoundError", "PermissionError")
        assert seen["put"] in ("FileNotFoundError", "PermissionError")
        assert seen["environ"] in ("FileNotFoundError", "PermissionError")
        assert seen["killed"] in ("ProcessLookupError", "PermissionError")
        assert seen["shadow"] in ("FileNotFoundError", "PermissionError")
    if sandbox.identity is not None:
        assert seen["uid"] == sandbox.identity[0] and seen["root"] == "PermissionError"
    hook.close()
    if sandbox.mode != "bubblewrap":  # that one's folder is in its own memory
        deadline = time.monotonic() + 5
        while os.path.exists(seen["here"]):
            assert time.monotonic() < deadline, "its folder is still there"
            time.sleep(0.05)


SERVER = """
import os, sys, threading
from groundswell.hooks.finding import find_sandbox
from groundswell.hooks.sandbox import SandboxOptions
from groundswell.hooks.targets import HookRules, Hooks
from groundswell.net.networks import Networks
from integration.hooks.conftest import CALLER, Shelf, registered
mode, python, source, mark = sys.argv[1:]
sandbox = find_sandbox(SandboxOptions(mode=mode, python=python))
shelf = Shelf(f=registered("f", source, environment={"MARK": mark}))
hook = Hooks(shelf.get_hook, lambda: sandbox, HookRules(Networks(), timeout_s=60)).open("f", CALLER)
threading.Thread(target=hook.call, args=({},), daemon=True).start()
sys.stdin.read()
"""


@pytest.mark.parametrize("fault", ["hangs", "ignores signals", "leaves a daemon and stays"])
def test_no_process_outlives_a_server_that_is_killed(sandbox: Sandbox, fault: str) -> None:
    stays = "import os, time\ndef handler(event):\n  if not os.fork():\n    os.setsid()\n  time.sleep(60)"
    source, mark = FAULTS.get(fault, stays), uuid.uuid4().hex
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, sandbox.mode, sandbox.options.python, source, mark],
        env=environment,
        stdin=subprocess.PIPE,
    )
    try:
        deadline = time.monotonic() + 20
        wanted = 3 if "daemon" in fault else 2  # the server itself has the mark in its command line
        while len(processes_with(mark)) < wanted:
            assert time.monotonic() < deadline, "the function has not started"
            time.sleep(0.05)
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait()
        assert server.stdin is not None
        server.stdin.close()
    assert gone(mark), f"still there: {processes_with(mark)}"


def test_only_a_call_that_fails_loses_its_process(opened: Callable[..., Any]) -> None:
    hook = opened("import os\ndef handler(event):\n  if event: raise ValueError('no')\n  return os.getpid()")
    first = hook.call({})
    with pytest.raises(InvalidInput):
        hook.call({"fail": 1})
    assert hook.call({}) == first


def test_idle_processes_are_let_go(sandbox: Sandbox) -> None:
    mark = uuid.uuid4().hex
    order = Order("f", module="json", function="dumps", environment={"MARK": mark})
    hook = ProcessHook(lambda: order, lambda: sandbox, timeout_s=10, idle_s=0.2)
    for _ in range(2):
        assert hook.call({"a": 1}) == '{"a": 1}'
        assert gone(mark)
    hook.close()
