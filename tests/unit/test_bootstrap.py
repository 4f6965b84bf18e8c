"""The data directory is the server's alone."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

import pytest

from groundswell.bootstrap import keep_to_oneself, open_store
from groundswell.settings import Settings

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_folder_is_for_nobody_else(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "a" / "data")
    assert settings.signing_key
    open_store(settings).close()
    assert mode(settings.data_dir) == 0o700
    assert mode(settings.data_dir / "secret-key") == 0o600


def test_one_that_is_there_is_tightened(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(0o755)
    for name in ("secret-key", "groundswell.db", "groundswell.db-wal"):
        (data / name).touch(0o644)
        (data / name).chmod(0o644)
    keep_to_oneself(data)
    assert mode(data) == 0o700
    assert {mode(path) for path in data.iterdir()} == {0o600}


def test_a_folder_of_others_is_left_as_it_is_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Somebody's home or /tmp as data directory must not be closed to its users."""
    shared = tmp_path / "shared"
    shared.mkdir(0o755)
    (shared / "somebody's").touch()
    with caplog.at_level(logging.WARNING):
        keep_to_oneself(shared)
    assert mode(shared) == 0o755
    assert "other accounts of this machine may read" in caplog.text


def test_what_cannot_be_tightened_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret-key").touch()
    tmp_path.chmod(0o755)

    def refuse(self: Path, mode: int) -> None:
        raise PermissionError("not the owner")

    monkeypatch.setattr(Path, "chmod", refuse)
    keep_to_oneself(tmp_path)
    assert "not the owner" in caplog.text
