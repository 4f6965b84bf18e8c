"""A real server and runner, a job whose function misbehaves, and another that goes on as if it were alone."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from groundswell.cli import hook
from groundswell.domain.errors import Unavailable
from groundswell.hooks.finding import find_sandbox
from groundswell.hooks.packing import pack
from groundswell.hooks.sandbox import SandboxOptions
from integration.processes import EMAIL, PASSWORD, Processes

FAULTS = {
    "hangs": "import time\ndef handler(event): time.sleep(600)",
    "does not read, and holds its pipes": (
        "import os, time\ndef handler(event):\n  if os.fork(): os._exit(0)\n  time.sleep(600)"
    ),
    "floods": "import sys\ndef handler(event):\n  while True: sys.stderr.write('y' * 65536)",
}
TEMPLATE = "<crowd-form><crowd-input name='x'></crowd-input></crowd-form>"


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    try:
        find_sandbox(SandboxOptions())
    except Unavailable as error:
        pytest.skip(f"functions cannot run here: {error.message}")
    started = Processes(tmp_path)
    started.start("server")
    started.start("runner")
    yield started
    started.close()


@pytest.fixture
def api(processes: Processes) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{processes.url}/api/v1", timeout=30) as client:
        session = client.post("/sessions", json={"email": EMAIL, "password": PASSWORD}).json()
        client.headers["Authorization"] = f"Bearer {session['token']}"
        yield client


def register(api: httpx.Client, name: str, source: str) -> None:
    code = b64encode(pack({"f.py": source.encode()})).decode()
    made = api.put(f"/hooks/{name}", json={"handler": "f.handler", "code": code})
    assert made.status_code == 200, made.text


def create(api: httpx.Client, data_dir: Path, name: str, hook: str, *, objects: int) -> None:
    source = data_dir / "input" / f"{name}.manifest"
    source.parent.mkdir(exist_ok=True)
    source.write_text("".join(json.dumps({"source": f"text {n}"}) + "\n" for n in range(objects)))
    spec = {"name": name, "task_type": "custom", "template": TEMPLATE, "input": f"input/{name}.manifest"}
    made = api.post("/jobs", json={**spec, "hooks": {"pre_annotation": hook}})
    assert made.status_code == 201, made.text


def wait_for(api: httpx.Client, name: str, wanted: Any, *, seconds: float) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while True:
        job: dict[str, Any] = api.get(f"/jobs/{name}").json()
        if wanted(job):
            return job
        assert time.monotonic() < deadline, job
        time.sleep(0.02)


def test_the_commands(processes: Processes, api: httpx.Client, tmp_path: Path) -> None:
    (tmp_path / "handler.py").write_text("import os\ndef lambda_handler(event, _): return [event, os.environ['K']]")
    (tmp_path / "event.json").write_text('{"a": 1}')
    server = ["--url", processes.url, "--token", api.headers["Authorization"].removeprefix("Bearer ")]

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(hook.app, [*arguments, *server])
        assert done.exit_code == 0, (done.output, done.exception)
        return done.output

    assert "prepare, version 1" in run("add", "prepare", str(tmp_path / "handler.py"), "--env", "K=v")
    assert json.loads(run("list", "--json"))[0]["handler"] == "handler.lambda_handler"
    assert json.loads(run("test", "prepare", str(tmp_path / "event.json"))) == [{"a": 1}, "v"]
    run("remove", "prepare")
    assert "No functions" in run("list")


@pytest.mark.slow
def test_another_job_goes_on_at_once_while_a_function_misbehaves(processes: Processes, api: httpx.Client) -> None:
    register(api, "good", "def handler(event): return {'taskInput': event['dataObject']}")
    for number, (fault, source) in enumerate(FAULTS.items()):
        register(api, f"bad-{number}", source)
        create(api, processes.data_dir, f"bad-{number}", f"bad-{number}", objects=40)
        told = wait_for(api, f"bad-{number}", lambda job: job["hooks"], seconds=20)["hooks"]["pre_annotation"]
        assert told["running"] or told["last_error"], (fault, told)
        create(api, processes.data_dir, f"good-{number}", "good", objects=3)
        wait_for(api, f"good-{number}", lambda job: job["state"] == "InProgress", seconds=20)
        begun = time.monotonic()
        wait_for(api, f"good-{number}", lambda job: job["counters"]["open"] == 3, seconds=20)
        assert time.monotonic() - begun < 1.5, fault  # the function's own start included
    for number in range(len(FAULTS)):
        stopped = time.monotonic()
        api.post(f"/jobs/bad-{number}/stop")
        wait_for(api, f"bad-{number}", lambda job: job["state"] in ("Stopped", "Completed"), seconds=20)
        assert time.monotonic() - stopped < 3
