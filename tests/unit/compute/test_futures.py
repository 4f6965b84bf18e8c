"""Work done elsewhere: it comes back, survives the death of a process, and holds nobody up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from compute_work import die_always, die_once, refuse, slow_pid, square
from groundswell.compute.futures import Elsewhere, Here, Processes, open_elsewhere
from groundswell.domain.errors import InvalidInput, Unavailable


@pytest.fixture(params=["serial", "threads:2", "processes:2"])
def elsewhere(request: pytest.FixtureRequest) -> Iterator[Elsewhere]:
    opened = open_elsewhere(request.param)
    yield opened
    opened.close()


@pytest.fixture
def processes() -> Iterator[Processes]:
    opened = Processes(1)
    yield opened
    opened.close()


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())}


def test_results_and_refusals_come_back(elsewhere: Elsewhere) -> None:
    assert elsewhere.submit(square, 7).result(60) == 49
    with pytest.raises(InvalidInput, match="no"):
        elsewhere.submit(refuse, "no").result(60)


def test_work_is_what_it_was_when_it_was_begun(processes: Processes) -> None:
    numbers = [1, 2]
    future = processes.submit(sum, numbers)
    numbers.append(100)
    assert future.result(60) == 3


def test_no_process_starts_before_it_is_needed_and_none_outlives_its_end(processes: Processes) -> None:
    before = children()
    assert children() == before
    worker = processes.submit(slow_pid, 0.0).result(60)
    assert worker in children()
    processes.submit(slow_pid, 60.0)
    processes.close()
    psutil.wait_procs([psutil.Process(worker)] if psutil.pid_exists(worker) else [], timeout=20)
    assert not psutil.pid_exists(worker)


def test_a_killed_process_is_replaced_and_its_work_done_again(processes: Processes, tmp_path: Path) -> None:
    assert processes.submit(die_once, str(tmp_path / "died")).result(60) == "alive"
    assert processes.submit(square, 3).result(60) == 9


def test_work_that_kills_every_process_is_given_up(processes: Processes) -> None:
    with pytest.raises(Unavailable, match="died 3 times"):
        processes.submit(die_always).result(60)
    assert processes.submit(square, 2).result(60) == 4


PARENT = """
import sys, time
from compute_work import slow_pid
from groundswell.compute.futures import Processes
if __name__ == "__main__":
    pool = Processes(1)
    print(pool.submit(slow_pid, 0.0).result(60), flush=True)
    pool.submit(slow_pid, 600.0)
    time.sleep(600)
"""


def test_a_process_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    tests = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tests), *sys.path])}
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    end = time.monotonic() + 20
    while psutil.pid_exists(worker) and time.monotonic() < end:
        time.sleep(0.05)
    assert not psutil.pid_exists(worker)


@pytest.mark.parametrize("url", ["", "processes", "processes:0", "threads:x", "cloud"])
def test_other_names_are_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="processes:N"):
        open_elsewhere(url)


def test_here_is_at_once() -> None:
    assert Here().submit(square, 5).done()
