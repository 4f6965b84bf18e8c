"""Walks four ways as data goes, and counts the rooms and files entered: does a walk go down, or up and down?

    python scripts/walks.py                      # of this checkout
    python scripts/walks.py --source OLD/src     # of another one

A walk follows real calls between files (a server and a runner are started). *Rooms* are the packages entered, *files*
the modules. Whoever reads along goes back up whenever the next new room, or file, is not entered from the last one but
from an earlier one: a *turn*. Worse is a *climb*: a call back into a room, or a file, that itself waits for the answer.
What a caller hands down, such as lines to be read or what is to be done in a transaction, is its own, and what stands
behind an interface (`service/ports.py`; clocks and ids from `bootstrap.py`) is called through it: no climbs.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import httpx

T = TypeVar("T")
HERE = Path(__file__).parent
EMAIL, PASSWORD = "walker@example.com", "correct horse battery"
PORTS = ("store", "objects", "hooks", "compute", "net", "bootstrap.py")  # rooms that stand behind interfaces
Call = tuple[str, str, bool, list[str]]
"""Caller's file, callee's file, whether the function was handed down, the files that wait, the caller first."""


@dataclass(frozen=True)
class Walk:
    """One walk, counted."""

    name: str
    rooms: Sequence[str]  # in the order they are entered
    files: Sequence[str]
    turns: int  # between rooms
    file_turns: int
    climbs: Sequence[tuple[str, str]]  # between rooms
    file_climbs: Sequence[tuple[str, str]]


def counted(name: str, calls: Sequence[Call]) -> Walk:
    """A walk from its calls, in order of the first of each."""
    own = [(a, b, waiting) for a, b, handed, waiting in calls if a and not handed and room_of(b) not in PORTS]
    file_climbs = [(a, b) for a, b, waiting in own if b in waiting]
    between = [(room_of(a), room_of(b), set(map(room_of, waiting))) for a, b, waiting in own]
    climbs = [(a, b) for a, b, waiting in between if a != b and b in waiting]
    files = [(a, b) for a, b, _, _ in calls]
    rooms = [(room_of(a), room_of(b)) for a, b in files]
    return Walk(
        name,
        rooms=_once(room for _, room in rooms),
        files=_once(file for _, file in files),
        turns=turns_of(rooms),
        file_turns=turns_of(files),
        climbs=_once(climbs),
        file_climbs=_once(file_climbs),
    )


def turns_of(calls: Iterable[tuple[str, str]]) -> int:
    """How often something new is entered from elsewhere than what was entered last."""
    entered: list[str] = []
    turns = 0
    for caller, callee in calls:
        if callee not in entered:
            turns += bool(entered) and caller != entered[-1]
            entered.append(callee)
    return turns


def _once(values: Iterable[T]) -> list[T]:
    return list(dict.fromkeys(values))


def room_of(file: str) -> str:
    """The package a file is in; files beside the packages are rooms of their own."""
    return file.partition("/")[0]


class House:
    """A server and a runner whose calls are followed, over a folder of their own."""

    def __init__(self, source: Path, folder: Path) -> None:
        self.source, self.folder, self.port = source, folder, 18_000 + os.getpid() % 10_000
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def environment(self, what: str) -> dict[str, str]:
        """Of a process whose calls are followed."""
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(HERE / "walk_trace"), str(self.source)]),
            "GROUNDSWELL_WALK": str(self.folder / what),
            "GROUNDSWELL_WALK_SOURCE": f"{self.source}/groundswell/",
            "GROUNDSWELL_DATA_DIR": str(self.folder / "data"),
            "GROUNDSWELL_PORT": str(self.port),
            "GROUNDSWELL_ADMIN_EMAIL": EMAIL,
            "GROUNDSWELL_ADMIN_PASSWORD": PASSWORD,
        }

    def start(self, what: str, *arguments: str) -> None:
        """Start the server or the runner."""
        (self.folder / "data").mkdir(exist_ok=True)
        with (self.folder / f"{what}.log").open("ab") as log:
            command = [sys.executable, "-m", "groundswell.cli.main", *arguments]
            process = subprocess.Popen(command, env=self.environment(what), stdout=log, stderr=log)
        self.processes[what] = process
        until((self.folder / f"{what}.{process.pid}.ready").exists)

    def follow(self, what: str, walk: Callable[[], None]) -> list[Call]:
        """The calls of a process while something happens."""
        process, path = self.processes[what], self.folder / f"{what}.{self.processes[what].pid}.json"
        path.unlink(missing_ok=True)
        process.send_signal(signal.SIGUSR1)
        time.sleep(0.2)  # a signal has no answer
        walk()
        process.send_signal(signal.SIGUSR2)
        until(path.exists)
        return calls_in(path)

    def close(self) -> None:
        """Stop both."""
        for process in self.processes.values():
            process.kill()
            process.wait()


def calls_in(path: Path) -> list[Call]:
    """What a process wrote down."""
    return [(caller, callee, handed, waiting) for caller, callee, handed, waiting in json.loads(path.read_bytes())]


def until(done: Callable[[], object], timeout_s: float = 400.0, said: Callable[[], object] = str) -> None:
    """Wait for something; raises TimeoutError, with what is said then."""
    end = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(f"a walk does not come to its end: {said()}")
        time.sleep(0.05)


@contextmanager
def house(source: Path, folder: Path) -> Iterator[tuple[House, httpx.Client]]:
    """A house with somebody signed in."""
    found = House(source, folder)
    try:
        found.start("server", "serve", "--no-runner")
        with httpx.Client(base_url=found.url, timeout=60) as client:
            until(lambda: _answers(client))
            answer = client.post("/api/v1/sessions", json={"email": EMAIL, "password": PASSWORD})
            client.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['token']}"
            found.start("runner", "runner")
            yield found, client
    finally:
        found.close()


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz").is_success
    except httpx.TransportError:
        return False


def uploaded(client: httpx.Client, manifest: bytes) -> str:
    """The address of a manifest that was sent to the server."""
    folder = str(client.post("/api/v1/uploads", json={}).raise_for_status().json()["uri"]).rstrip("/")
    client.put(f"/api/v1/uploads/{folder.rsplit('/', 1)[-1]}/texts.manifest", content=manifest).raise_for_status()
    return f"{folder}/texts.manifest"


def form_to_job(at: House, client: httpx.Client, manifest: str) -> list[Call]:
    """Four steps of the console's form, and the start of the job."""
    fields = {"name": "walked", "task_type": "text-classification", "input": manifest, "workers.team": "everyone",
              "workers.per_object": "1", "labels": "a\nb"}  # fmt: skip
    draft = client.get("/console/new").headers["location"].split("/")[-2]

    def walk() -> None:
        for step in (1, 2, 3):
            client.post(f"/console/drafts/{draft}/{step}", data={**fields, "go": str(step + 1)})
        started = client.post(f"/console/drafts/{draft}/start")
        assert started.headers.get("location", "").endswith("/console/jobs/walked"), started.text[:2_000]

    return at.follow("server", walk)


def line_to_label(at: House, client: httpx.Client, manifest: str) -> tuple[list[Call], list[Call]]:
    """In the runner, a manifest's lines to labels in the output; in the server, a click to an annotation."""
    spec = {"name": "lines", "task_type": "text-classification", "input": manifest, "labels": ["a", "b"],
            "workers": {"per_object": 1}}  # fmt: skip
    clicks: list[Call] = []

    def job() -> Any:
        return client.get("/api/v1/jobs/lines").json()

    def walk() -> None:
        client.post("/api/v1/jobs", json=spec).raise_for_status()
        until(lambda: job()["counters"]["open"] == 2 or job()["state"] == "Failed")
        assert job()["state"] != "Failed", job()
        clicks.extend(at.follow("server", click))
        until(lambda: not take())
        until(lambda: job()["state"] == "Completed", said=job)

    def take() -> bool:
        found = client.post("/api/v1/jobs/lines/assignments", json={"holding": []})
        if found.status_code == 204:
            return False
        body = {"answer": {"crowd-classifier": {"label": "a"}}, "time_spent_s": 1}
        path = f"/api/v1/assignments/{found.raise_for_status().json()['assignment_id']}/annotation"
        client.put(path, json=body).raise_for_status()
        return True

    def click() -> None:
        assert take()

    return at.follow("runner", walk), clicks


def csv_to_labels(at: House) -> list[Call]:
    """`groundswell consolidate` in a process of its own."""
    votes = at.folder / "votes.csv"
    rows = [f"t{n},{worker},{'ab'[n % 2]}\n" for n in range(20) for worker in "xyz"]
    votes.write_text("task,worker,label\n" + "".join(rows), "utf-8")
    program = (
        "import sitecustomize, sys; from groundswell.cli.main import app; sitecustomize.begin();"
        "app(sys.argv[1:], standalone_mode=False); sitecustomize.end()"
    )
    command = [sys.executable, "-c", program, "consolidate", str(votes), "-o", str(at.folder / "labels.csv")]
    process = subprocess.Popen(command, env=at.environment("csv"), stdout=subprocess.DEVNULL)
    if process.wait() != 0:
        raise RuntimeError("groundswell consolidate failed")
    return calls_in(at.folder / f"csv.{process.pid}.json")


def walks(source: Path) -> list[Walk]:
    """The four walks of the package in a source folder."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        with house(source, folder) as (at, client):
            manifest = uploaded(client, b'{"source": "one"}\n{"source": "two"}\n')
            lines, clicks = line_to_label(at, client, manifest)
            form = form_to_job(at, client, manifest)
            table = csv_to_labels(at)
    return [
        counted("manifest line to label", lines),
        counted("click to annotation", clicks),
        counted("form to job", form),
        counted("CSV to labels", table),
    ]


def main() -> None:
    """Print the walks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--source", type=Path, default=HERE.parent / "src", help="the folder with groundswell/ in it")
    parser.add_argument("--verbose", action="store_true", help="name the rooms, and the climbs between them")
    given = parser.parse_args()
    print(f"{'':24}{'rooms':>7}{'turns':>7}{'climbs':>8}{'files':>9}{'turns':>7}{'climbs':>8}")
    for walk in walks(given.source.resolve()):
        print(f"{walk.name:24}{len(walk.rooms):7}{walk.turns:7}{len(walk.climbs):8}", end="")
        print(f"{len(walk.files):9}{walk.file_turns:7}{len(walk.file_climbs):8}")
        if given.verbose:
            print("  rooms:", ", ".join(walk.rooms))
            print("  files:", ", ".join(walk.files))
            print("  climbs:", ", ".join(f"{a} -> {b}" for a, b in (*walk.climbs, *walk.file_climbs)) or "none")


if __name__ == "__main__":
    main()
