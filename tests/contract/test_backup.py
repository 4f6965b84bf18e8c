"""A backup is made while people work, holds what was acknowledged before it, and becomes a server again."""

from __future__ import annotations

import itertools
import json
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from groundswell.backups import archive
from groundswell.backups.making import make
from groundswell.backups.restoring import restore
from groundswell.bootstrap import open_storage, open_store, utc_now
from groundswell.cli.main import app
from groundswell.domain.errors import Conflict, InvalidInput, NotFound, Unavailable
from groundswell.service.ports import EventFilter, Page, Store
from groundswell.settings import Settings
from store_work import add_job, add_worker, counters, submit, take

_databases = itertools.count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def databases(request: pytest.FixtureRequest) -> Iterator[list[str | None]]:
    """Where two servers keep their data: None for SQLite in the data directory."""
    if request.param == "sqlite":
        yield [None, None]
        return
    import psycopg

    server = request.getfixturevalue("postgres_server")
    names = [f"backup{next(_databases)}" for _ in range(2)]
    with psycopg.connect(server, autocommit=True) as connection:
        for name in names:
            connection.execute(f"CREATE DATABASE {name}".encode())
    yield [server.replace("/postgres?", f"/{name}?") for name in names]


def settings_of(folder: Path, database: str | None = None) -> Settings:
    return Settings(data_dir=folder, database_url=database)


def fill(settings: Settings) -> Store:
    """A server with a job, an answer in the write-ahead log, files and a key; it goes on running."""
    store = open_store(settings)
    add_worker(store, "ada")
    job_id = add_job(store, objects=3)
    taken = take(store, job_id, "w1")
    assert taken is not None
    submit(store, taken)
    open_storage(settings).write("s3://bucket/pictures/ü 1.jpg", b"\xff\xd8 picture")
    assert settings.signing_key
    return store


def test_a_restored_server_is_the_one_of_before(tmp_path: Path, databases: list[str | None]) -> None:
    settings = settings_of(tmp_path / "one", databases[0])
    store = fill(settings)
    made = make(settings, tmp_path / "backup", at=utc_now())
    store.close()
    other = settings_of(tmp_path / "two", databases[1])
    assert restore(other, tmp_path / "backup") == made
    again = open_store(other)
    assert counters(again, 1).annotations == 1
    assert again.read(lambda tx: tx.workers.by_email("ada@example.com")[0].name) == "ada"
    assert again.read(lambda tx: tx.events.page(EventFilter(), Page())) == []
    assert add_job(again) == 2  # numbers go on where they were
    taken = take(again, 1, "w2")
    assert taken is not None
    submit(again, taken)
    assert counters(again, 1).annotations == 2
    again.close()
    assert open_storage(other).read("s3://bucket/pictures/ü 1.jpg") == b"\xff\xd8 picture"
    assert other.signing_key == settings.signing_key


def test_people_work_while_it_is_made(tmp_path: Path, databases: list[str | None]) -> None:
    settings = settings_of(tmp_path / "one", databases[0])
    store = fill(settings)
    job_id = add_job(store, objects=2_000, wanted=1)
    stop, acknowledged = threading.Event(), 0

    def work() -> None:
        nonlocal acknowledged
        while not stop.is_set():
            taken = take(store, job_id, "w1")
            assert taken is not None
            submit(store, taken)
            acknowledged += 1

    worker = threading.Thread(target=work)
    worker.start()
    while acknowledged < 20:
        worker.join(0.01)
    before = acknowledged
    make(settings, tmp_path / "backup", at=utc_now())
    after = acknowledged
    stop.set()
    worker.join()
    store.close()
    other = settings_of(tmp_path / "two", databases[1])
    restore(other, tmp_path / "backup")
    again = open_store(other)
    kept = counters(again, job_id)
    assert before <= kept.annotations <= after + 1
    made = again.read(lambda tx: tx.annotations.all(job_id))
    assert len(made) == kept.annotations == kept.answered  # of one moment
    again.close()


class TestRefusals:
    """Over SQLite: what is refused is the same for both."""

    def backup(self, tmp_path: Path) -> Path:
        settings = settings_of(tmp_path / "one")
        store = fill(settings)
        make(settings, tmp_path / "backup", at=utc_now())
        store.close()
        return tmp_path / "backup"

    def test_a_folder_with_something_in_it(self, tmp_path: Path) -> None:
        settings = settings_of(tmp_path / "one")
        fill(settings).close()
        (tmp_path / "backup").mkdir()
        (tmp_path / "backup" / "notes.txt").write_text("mine")
        with pytest.raises(Conflict, match="empty or new folder"):
            make(settings, tmp_path / "backup", at=utc_now())
        with pytest.raises(NotFound, match="no database at"):
            make(settings_of(tmp_path / "nowhere"), tmp_path / "other", at=utc_now())
        assert not (tmp_path / "other").exists()

    def test_a_place_that_is_not_empty(self, tmp_path: Path) -> None:
        folder = self.backup(tmp_path)
        with pytest.raises(Conflict, match="empty or new data directory"):
            restore(settings_of(tmp_path / "one"), folder)
        (tmp_path / "there.db").write_bytes(b"")
        with pytest.raises(Conflict, match="a database at"):
            restore(settings_of(tmp_path / "new", f"sqlite:///{tmp_path / 'there.db'}"), folder)

    @pytest.mark.parametrize(
        "damage", ["changed", "cut", "missing", "unfinished", "of the other database", "newer", "climbing"]
    )
    def test_a_backup_that_is_damaged(self, tmp_path: Path, damage: str) -> None:
        folder = self.backup(tmp_path)
        picture = folder / "data/s3/bucket/pictures/ü 1.jpg"
        said = json.loads((folder / "backup.json").read_text())
        if damage == "changed":
            picture.write_bytes(b"\xff\xd8 pictures"[:-1][::-1])
        elif damage == "cut":
            picture.write_bytes(b"")
        elif damage == "missing":
            picture.unlink()
        elif damage == "unfinished":
            (folder / "backup.json").unlink()
        elif damage == "climbing":
            said["files"]["data/../../x"] = said["files"]["data/secret-key"]
            (folder / "backup.json").write_text(json.dumps(said))
        elif damage == "newer":
            (folder / "backup.json").write_text(json.dumps(said | {"schema": "9999"}))
        else:
            (folder / "backup.json").write_text(json.dumps(said | {"database": "postgres"}))
        with pytest.raises((InvalidInput, NotFound, Unavailable)) as caught:
            restore(settings_of(tmp_path / "two"), folder)
        assert not (tmp_path / "two").exists()
        if damage in ("changed", "cut", "missing"):
            assert "ü 1.jpg" in caught.value.message

    def test_a_postgres_database_that_is_not_empty(self, tmp_path: Path, request: pytest.FixtureRequest) -> None:
        request.getfixturevalue("postgres_server")
        url = request.getfixturevalue("postgres_url")
        settings = settings_of(tmp_path / "one", url)
        fill(settings).close()
        make(settings, tmp_path / "backup", at=utc_now())
        with pytest.raises(Conflict, match="tables already"):
            restore(settings_of(tmp_path / "two", url), tmp_path / "backup")


def test_odd_names_of_folders_do_no_harm(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "a ?#%20 b")
    fill(settings).close()
    make(settings, tmp_path / "c ?#%20 d", at=utc_now())
    restore(settings_of(tmp_path / "e ?#"), tmp_path / "c ?#%20 d")
    store = open_store(settings_of(tmp_path / "e ?#"))
    assert counters(store, 1).annotations == 1
    store.close()


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "one")
    fill(settings).close()
    made = make(settings, tmp_path / "backup", at=utc_now())
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o700
    modes = {stat.S_IMODE((tmp_path / "backup" / name).stat().st_mode) for name in made.files}
    assert modes == {0o600} or os.name != "posix"
    names = set(made.files)
    assert "data/secret-key" in names and "database/groundswell.db" in names
    assert not any(name.endswith(("-wal", "-shm", "-gate", "-room", ".lock")) for name in names)


def test_a_backup_inside_the_data_directory_does_not_copy_itself(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "one")
    fill(settings).close()
    made = make(settings, tmp_path / "one" / "backups" / "today", at=utc_now())
    assert not any("backups/today" in name for name in made.files)


def test_the_commands_say_what_they_did(tmp_path: Path) -> None:
    fill(settings_of(tmp_path / "one")).close()
    runner, folder = CliRunner(), str(tmp_path / "backup")
    made = runner.invoke(app, ["backup", folder, "--data-dir", str(tmp_path / "one"), "--json"])
    assert made.exit_code == 0 and json.loads(made.stdout)["files"] == len(archive.read_list(Path(folder)).files)
    checked = runner.invoke(app, ["restore", folder, "--check"])
    assert checked.exit_code == 0 and "are as they were written" in checked.stdout
    done = runner.invoke(app, ["restore", folder, "--data-dir", str(tmp_path / "two")])
    assert done.exit_code == 0 and "start it: groundswell serve" in done.stdout.replace("\n", " ")
    assert isinstance(runner.invoke(app, ["backup", folder, "--data-dir", str(tmp_path / "one")]).exception, Conflict)
