"""What stands in the way of a start is one sentence and exit code 1, never a traceback."""

from __future__ import annotations

import os
import re
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from groundswell.store import migrate
from groundswell.store.opening import open_store


def start(command: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start a server or a runner that cannot start."""
    return subprocess.run(
        [sys.executable, "-m", "groundswell.cli.main", command, *options],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def newer(folder: Path) -> list[str]:
    """A data directory in which a version to come has worked."""
    path = folder / "groundswell.db"
    open_store(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    return ["--data-dir", str(folder)]


def no_database(folder: Path) -> list[str]:
    (folder / "groundswell.db").write_bytes(b"this is no database at all, but a text" * 100)
    return ["--data-dir", str(folder)]


def a_file(folder: Path) -> list[str]:
    (folder / "data").write_text("in the way")
    return ["--data-dir", str(folder / "data")]


def nobody_there(folder: Path) -> list[str]:
    url = "postgresql://gs:geheim@127.0.0.1:1/groundswell?connect_timeout=2"
    return ["--data-dir", str(folder), "--database-url", url]


CASES = [
    (newer, r"newer Groundswell: its schema is 9999, this program knows up to " + migrate.HEAD),
    (no_database, r"groundswell\.db is no SQLite database .* restore a backup"),
    (a_file, r"cannot make or read the data directory .*data: .*--data-dir"),
    (nobody_there, r"no database answers at postgresql://127\.0\.0\.1:1/groundswell: .* is it started"),
]


@pytest.mark.parametrize("command", ["serve", "runner"])
@pytest.mark.parametrize(("fault", "said"), CASES, ids=[fault.__name__ for fault, _ in CASES])
def test_a_fault_is_one_sentence(tmp_path: Path, command: str, fault: object, said: str) -> None:
    assert callable(fault)
    ended = start(command, *fault(tmp_path))
    assert ended.returncode == 1, ended.stderr
    assert re.search(said, ended.stderr), ended.stderr
    assert "Traceback" not in ended.stderr and "geheim" not in ended.stderr
    assert len([line for line in ended.stderr.splitlines() if line.strip()]) <= 2  # the sentence, and its field


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_port_that_is_taken_is_said_before_anything_is_made(tmp_path: Path, host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = start("serve", "--data-dir", str(tmp_path / "data"), "--host", host, "--port", str(port))
    assert ended.returncode == 1, ended.stderr
    assert f"cannot listen on {host} port {port}: " in ended.stderr and "--port" in ended.stderr
    assert "Traceback" not in ended.stderr and "administrator" not in ended.stdout
    assert not (tmp_path / "data").exists()


def test_an_address_that_is_not_this_machine_s_is_said(tmp_path: Path) -> None:
    for host in ("192.0.2.1", "no.such.host.invalid"):
        ended = start("serve", "--data-dir", str(tmp_path / "data"), "--host", host)
        assert ended.returncode == 1 and f"cannot listen on {host} port 8080: " in ended.stderr
        assert "--host" in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that nobody can write in")
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    ended = start("serve", "--data-dir", "/proc/groundswell")
    assert ended.returncode == 1 and "cannot make or read the data directory" in ended.stderr
    assert "Traceback" not in ended.stderr
    database = start("runner", "--data-dir", str(tmp_path), GROUNDSWELL_DATABASE_URL="sqlite:////proc/none/gs.db")
    assert database.returncode == 1 and "cannot write in /proc/none" in database.stderr
    assert "Traceback" not in database.stderr
