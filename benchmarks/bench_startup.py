"""How soon and how lean a server is: starts until it answers, memory of server and runner, size of an install.

Issue figures: an answer within 2 s at under 150 MB; an install without extras under 500 MB. Label Studio 1.23.2 on the
same kind of machine, 2026-11-23: 26 s at the first start, 3 s after, 266 MB, 995 MB installed.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.error import URLError
from urllib.request import urlopen

import psutil

import groundswell
from groundswell.cli.demo import free_port

RESULTS = Path(__file__).parent / "results"
STARTS = 5
BLOCK_BYTES = 4096  # files take whole blocks, as `du` counts them


@dataclass(frozen=True)
class Start:
    """One start of a server with its runner."""

    took_s: float  # until `/healthz` answers
    processor_s: float  # of the server until then: what the machine's other load changes least
    server_mb: int  # resident, two seconds later
    runner_mb: int


def start(folder: Path) -> Start:
    """Start a server over a folder, measure, stop it."""
    port = free_port(0)
    settings = {
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "ADMIN_EMAIL": "a@b.example",
        "ADMIN_PASSWORD": "long enough",
    }
    environment = {**os.environ, **{f"GROUNDSWELL_{name}": value for name, value in settings.items()}}
    begun = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "groundswell.cli.main", "serve"], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                    break
            except (URLError, OSError):
                time.sleep(0.01)
        took = time.perf_counter() - begun
        process = psutil.Process(server.pid)
        spent = process.cpu_times()
        time.sleep(2)
        runner = sum(child.memory_info().rss for child in process.children())
        return Start(took, spent.user + spent.system, process.memory_info().rss >> 20, runner >> 20)
    finally:
        server.terminate()
        server.wait(20)


def install_megabytes() -> int:
    """What every package of requirements/base.txt, as installed here, and this one take on a disk, with bytecode."""
    lock = Path(__file__).parent.parent / "requirements" / "base.txt"
    names = [line.split("==")[0] for line in lock.read_text().splitlines() if "==" in line]
    paths = [Path(str(file.locate())) for name in names for file in importlib.metadata.files(name) or []]
    # What numba compiled here is no part of an install.
    paths += [path for path in Path(groundswell.__file__).parent.rglob("*") if path.suffix not in (".nbc", ".nbi")]
    return sum(-(-path.stat().st_size // BLOCK_BYTES) * BLOCK_BYTES for path in paths if path.is_file()) >> 20


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        first = start(Path(folder))
        later = [start(Path(folder)) for _ in range(STARTS)]
    figures = {
        "first_start_s": round(first.took_s, 2),
        "first_start_processor_s": round(first.processor_s, 2),
        "later_start_s_median": round(median(each.took_s for each in later), 2),
        "later_start_processor_s": round(median(each.processor_s for each in later), 2),
        "server_mb": max(each.server_mb for each in later),
        "runner_mb": max(each.runner_mb for each in later),
        "install_mb": install_megabytes(),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "startup.json").write_text(json.dumps(figures, indent=2))
    for name, value in figures.items():
        print(f"{name:24} {value}")


if __name__ == "__main__":
    main()
