"""Two server processes over one Postgres share a job's tasks: everything is done, and nothing twice."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from groundswell.store.opening import open_store
from store_work import add_job, counters, recount

OBJECTS, WANTED, PROCESSES = 150, 2, 2
SERVER = """
import sys
sys.path.insert(0, sys.argv[1])
import itertools
from threading import Thread
import store_work
from groundswell.domain.errors import Conflict
from groundswell.store.opening import open_store
from store_work import submit, take

store, job, process = open_store(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
store_work._numbers = itertools.count((process + 1) * 100_000_000)
print("ready", flush=True)
sys.stdin.readline()  # both begin together

def work(worker):
    while (taken := take(store, job, worker)) is not None:
        try:
            submit(store, taken)
        except Conflict:
            continue  # the same person's window at the other server was first

threads = [Thread(target=work, args=(f"w{number}",)) for number in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
store.close()
"""


def _started(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.postgres
def test_two_processes_do_everything_once(postgres_url: str) -> None:
    store = open_store(postgres_url)
    job_id = add_job(store, objects=OBJECTS, wanted=WANTED)
    tests = str(Path(__file__).parent.parent)
    command = [sys.executable, "-c", SERVER, tests, postgres_url, str(job_id)]
    with ExitStack() as stack:
        running = [stack.enter_context(_started([*command, str(number)])) for number in range(PROCESSES)]
        for process in running:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
        for process in running:
            assert process.stdin is not None
            process.stdin.close()
        assert [process.wait(120) for process in running] == [0] * PROCESSES
    made = store.read(lambda tx: tx.annotations.all(job_id, limit=10_000))
    assert Counter(one.n for one in made) == dict.fromkeys(range(OBJECTS), WANTED)
    assert set(Counter((one.n, one.annotator_id) for one in made).values()) == {1}
    processes = {one.assignment_id[3] for one in made}
    assert len(processes) == PROCESSES  # neither was kept out
    assert counters(store, job_id) == recount(store, job_id)
    store.close()
