"""Which server, as whom: options, then GROUNDSWELL_URL and GROUNDSWELL_TOKEN, then what `key login` saved."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from groundswell.sdk import Client

Url = Annotated[
    str | None, typer.Option("--url", help="The server; default: GROUNDSWELL_URL, or the one you logged in to.")
]
Token = Annotated[
    str | None, typer.Option("--token", help="An API key; default: GROUNDSWELL_TOKEN, or the one you logged in with.")
]


def config_path() -> Path:
    """Where `key login` keeps the server's address and the API key, readable by this account only."""
    root = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(root) / "groundswell" / "login.json"


def saved_login() -> dict[str, str]:
    """What `key login` saved; empty where nobody logged in."""
    try:
        found = json.loads(config_path().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def save_login(url: str, token: str) -> Path:
    """Keep the login; the file's place."""
    path = config_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        json.dump({"url": url, "token": token}, file)
    return path


def connect(url: str | None, token: str | None) -> Client:
    """A client of the server the options, the environment or the last login name."""
    saved = saved_login()
    address = url or os.environ.get("GROUNDSWELL_URL") or saved.get("url")
    key = token or os.environ.get("GROUNDSWELL_TOKEN") or (saved.get("token") if address == saved.get("url") else None)
    return Client(address, key)
