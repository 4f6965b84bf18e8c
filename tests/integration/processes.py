"""Real server and runner processes for tests, started and killed at will."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from groundswell.cli.demo import free_port

EMAIL, PASSWORD = "admin@example.com", "correct horse battery"
START_TIMEOUT_S = 60.0


class Processes:
    """A server without a runner, and a runner, over one data directory; each can be killed and started again."""

    def __init__(self, data_dir: Path, *, database_url: str | None = None) -> None:
        self.port = free_port(0)
        self.url = f"http://127.0.0.1:{self.port}"
        self.data_dir = data_dir
        self._environment = {
            **os.environ,
            "GROUNDSWELL_DATA_DIR": str(data_dir),
            "GROUNDSWELL_PORT": str(self.port),
            "GROUNDSWELL_ADMIN_EMAIL": EMAIL,
            "GROUNDSWELL_ADMIN_PASSWORD": PASSWORD,
            "GROUNDSWELL_S3": "local",
            **({"GROUNDSWELL_DATABASE_URL": database_url} if database_url else {}),
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, what: str, *, wait: bool = True) -> None:
        """Start `server` or `runner`; a server is waited for until it answers."""
        arguments = ["serve", "--no-runner"] if what == "server" else ["runner"]
        log = (self.data_dir / f"{what}.log").open("ab")
        command = [sys.executable, "-m", "groundswell.cli.main", *arguments]
        self._running[what] = subprocess.Popen(
            command, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        log.close()
        if what == "server" and wait:
            self.wait_for_server()

    def wait_for_server(self) -> None:
        """Return once the server answers; raises AssertionError with its log when it does not."""
        end = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < end:
            try:
                with urlopen(f"{self.url}/healthz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (URLError, OSError):
                time.sleep(0.05)
        raise AssertionError((self.data_dir / "server.log").read_text())

    def kill(self, what: str) -> None:
        """SIGKILL: nothing is flushed, nothing is said goodbye to."""
        process = self._running[what]
        process.send_signal(signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        """Kill what runs."""
        for process in self._running.values():
            process.kill()
            process.wait()
