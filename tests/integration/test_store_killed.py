"""A process killed at any moment loses no write it has acknowledged, and leaves a database that opens and adds up."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from groundswell.store.opening import open_store
from store_work import add_job, counters, recount

KILLS = 8
OBJECTS = 30_000
WRITER = """
import sys
sys.path.insert(0, sys.argv[3])
from threading import Lock, Thread
from groundswell.store.opening import open_store
from store_work import submit, take
import store_work, itertools

store, job, turn, lock = open_store(sys.argv[1]), int(sys.argv[2]), sys.argv[4], Lock()
store_work._numbers = itertools.count(int(turn) * 1_000_000)

def work(number):
    while (taken := take(store, job, f"w{turn}-{number}")) is not None:
        submit(store, taken)
        with lock:
            sys.stdout.write(taken.id + "\\n")
            sys.stdout.flush()

for number in range(6):
    Thread(target=work, args=(number,)).start()
"""


def test_killed_writers_lose_nothing_they_acknowledged(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/killed.db"
    store = open_store(url)
    job_id = add_job(store, objects=OBJECTS, wanted=1)
    rng = random.Random(9)
    acknowledged: list[str] = []
    for turn in range(1, KILLS + 1):
        acknowledged += _work_until_killed(url, job_id, turn, rng.uniform(0.05, 0.4))
    stored = {one.assignment_id for one in store.read(lambda tx: tx.annotations.all(job_id, limit=10**6))}
    assert len(acknowledged) > KILLS
    assert set(acknowledged) <= stored
    assert counters(store, job_id) == recount(store, job_id)
    store.close()


def _work_until_killed(url: str, job_id: int, turn: int, seconds: float) -> list[str]:
    """Start a writer, kill it so many seconds after its first acknowledgement; all it acknowledged."""
    tests = str(Path(__file__).parent.parent)
    command = [sys.executable, "-c", WRITER, url, str(job_id), tests, str(turn)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        lines = (first + process.stdout.read()).split("\n")
    return [line for line in lines[:-1] if line]
