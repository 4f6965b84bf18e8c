"""Install a wheel in an empty virtual environment and see a server answer: `python scripts/smoke_dist.py WHEEL`.

With `--borrow` the dependencies are those of the Python that runs this, which takes seconds; without it they are
downloaded, and the demonstration job runs to its end.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

WAIT_S = 120.0
ELEMENTS = "/static/elements/crowd-html-elements.js"


def main() -> None:
    """Install, start, ask, stop; exits with a sentence where something is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--borrow", action="store_true", help="use the dependencies that are installed here")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command = install(asked.wheel.resolve(), Path(folder), borrow=asked.borrow)
        serve(command, Path(folder))
        if not asked.borrow:
            subprocess.run([command, "demo", "--once"], cwd=folder, env=environment(Path(folder) / "demo"), check=True)
    print(f"{asked.wheel.name} installs and serves")


def install(wheel: Path, folder: Path, *, borrow: bool) -> Path:
    """The `groundswell` command of a new virtual environment that has the wheel."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    scripts = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    pip = [str(scripts / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if borrow:
        # As a plain path, in which no other installation of this project is looked for.
        packages = next((folder / "venv").rglob("site-packages"))
        (packages / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
        subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    else:
        subprocess.run([*pip, f"{wheel}[demo]"], check=True)
    return scripts / "groundswell"


def environment(data_dir: Path) -> dict[str, str]:
    """The settings of a server; nothing of a checkout is on the way to its modules."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GROUNDSWELL_"))}
    data_dir.mkdir(exist_ok=True)
    return {**kept, "GROUNDSWELL_DATA_DIR": str(data_dir), "GROUNDSWELL_ADMIN_EMAIL": "a@b.example"}


def serve(command: Path, folder: Path) -> None:
    """Start a server and ask for its health and its elements."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {**environment(folder / "data"), "GROUNDSWELL_PORT": str(port)}
    with subprocess.Popen([command, "serve"], cwd=folder, env=settings, stdout=subprocess.DEVNULL) as server:
        try:
            if ask(server, f"http://127.0.0.1:{port}/healthz") != b"ok\n":
                sys.exit("the installed server does not say that it is well")
            if b"crowd" not in ask(server, f"http://127.0.0.1:{port}{ELEMENTS}"):
                sys.exit("the installed server has no custom elements")
        finally:
            server.terminate()


def ask(server: subprocess.Popen[bytes], url: str) -> bytes:
    """What the address answers, once it does."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end and server.poll() is None:
        try:
            with urlopen(url, timeout=5) as answer:
                return bytes(answer.read())
        except (URLError, OSError):
            time.sleep(0.1)
    sys.exit(f"{url} did not answer")


if __name__ == "__main__":
    main()
