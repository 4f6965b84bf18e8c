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
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from groundswell.cli.demo import free_port

RESULTS = Path(__file__).parent / "results"
STARTS = 5


def start(folder: Path) -> tuple[float, dict[str, int]]:
    """Seconds until `/healthz` answers, and the resident megabytes of each process two seconds later."""
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
        time.sleep(2)
        process = psutil.Process(server.pid)
        memory = {"server": process.memory_info().rss >> 20}
        memory["runner"] = sum(child.memory_info().rss for child in process.children()) >> 20
        return took, memory
    finally:
        server.terminate()
        server.wait(20)


def install_megabytes() -> int:
    """Bytes of every package of requirements/base.txt as installed here."""
    lock = Path(__file__).parent.parent / "requirements" / "base.txt"
    names = [line.split("==")[0] for line in lock.read_text().splitlines() if "==" in line]
    total = 0
    for name in names:
        for file in importlib.metadata.files(name) or []:
            path = Path(str(file.locate()))
            total += path.stat().st_size if path.is_file() else 0
    return total >> 20


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        first, _memory = start(Path(folder))
        later = [start(Path(folder)) for _ in range(STARTS)]
    times = sorted(took for took, _ in later)
    figures = {
        "first_start_s": round(first, 2),
        "later_start_s_median": round(times[len(times) // 2], 2),
        "server_mb": max(memory["server"] for _, memory in later),
        "runner_mb": max(memory["runner"] for _, memory in later),
        "install_mb": install_megabytes(),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "startup.json").write_text(json.dumps(figures, indent=2))
    for name, value in figures.items():
        print(f"{name:24} {value}")


if __name__ == "__main__":
    main()
