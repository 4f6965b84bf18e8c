"""Files of every name arrive as themselves, by folder, glob and manifest, or are refused before any is sent."""

from __future__ import annotations

import io
import json
import threading
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from PIL import Image

from groundswell.domain.errors import InvalidInput, InvalidSpec
from groundswell.domain.people import Role
from groundswell.manifests.inputs import made_lines
from groundswell.manifests.left_out import LeftOut
from groundswell.sdk.client import Client
from integration.server.serving import Served

NAMES = [
    "shot#1.jpg",
    "shot#2.jpg",
    "a b.jpg",
    "a%20b.jpg",
    "50%25 off.png",
    "what?.png",
    "q?x=1&y=2.jpg",
    "plus+sign.jpg",
    "semi;colon.jpg",
    'quote"double.jpg',
    "quote'single.jpg",
    "한글.jpg",
    unicodedata.normalize("NFC", "éclair.jpg"),
    unicodedata.normalize("NFD", "éclair.jpg"),
    "back\\slash.jpg",
    "UPPER.JPG",
    "[1] *.jpg",
    "...dots... .jpg",
    "%2e%2e%2fup.jpg",
    "sub folder#/deep?/x.jpg",
    "n" * 250 + ".jpg",
]
SHOWN = [name for name in NAMES if not name.startswith(".")]


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    """The SDK over a real server: test clients decode addresses twice."""
    server = uvicorn.Server(uvicorn.Config(served.app, host="127.0.0.1", port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with Client(f"http://127.0.0.1:{port}", served.token("rita", Role.REQUESTER)) as made:
        yield made
    server.should_exit = True
    thread.join()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A picture of a colour of its own under each name."""
    for number, name in enumerate(NAMES):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(colour(number))
    return tmp_path


def colour(number: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (2, 2), (number, 0, 0)).save(file, "PNG")
    return file.getvalue()


def spec(given: str) -> dict[str, object]:
    return {"name": "names", "task_type": "image-classification", "labels": ["a", "b"], "input": given}


@pytest.mark.parametrize("given", ["photos", "photos/", "photos/**"])
def test_folders_and_globs_arrive_whole(served: Served, client: Client, photos: Path, given: str) -> None:
    left_out = LeftOut()
    job = client.jobs.create(spec(given), base=photos, left_out=left_out)
    assert left_out.counts == {"hidden": 1} and left_out.names == {"hidden": ["...dots... .jpg"]}
    folder = job.described.spec["input"]
    lines = [json.loads(line)["source-ref"] for line in made_lines(served.storage, folder, modality="image")]
    assert sorted(line.removeprefix(folder) for line in lines) == sorted(SHOWN)
    for name in SHOWN:
        assert served.storage.read(f"{folder}{name}") == colour(NAMES.index(name)), name


def test_a_manifest_takes_the_files_it_names_along(served: Served, client: Client, photos: Path) -> None:
    (photos / "sets").mkdir()
    lines = "".join(json.dumps({"source-ref": f"../photos/{name}"}) + "\n" for name in NAMES)
    (photos / "sets/all.manifest").write_text(lines, "utf-8")
    job = client.jobs.create(spec("sets/all.manifest"), base=photos)
    manifest = job.described.spec["input"]
    assert manifest.endswith("/sets/all.manifest")
    for number, name in enumerate(NAMES):
        assert served.storage.read(f"{manifest.removesuffix('sets/all.manifest')}photos/{name}") == colour(number), name


@pytest.mark.parametrize("name", ["tab\there.jpg", "line\nbreak.jpg", "\x7f.jpg"])
def test_a_name_that_cannot_be_kept_is_refused_before_anything_is_sent(
    served: Served, client: Client, photos: Path, name: str
) -> None:
    (photos / "photos" / name).write_bytes(b"x")
    with pytest.raises(InvalidSpec, match="control character") as caught:
        client.jobs.create(spec("photos"), base=photos)
    assert repr(name) in caught.value.message
    with pytest.raises(InvalidInput, match="control character"):
        client.upload([("a.jpg", photos / "photos/a b.jpg"), (name, photos / "photos" / name)])
    assert list(served.storage.entries("s3://groundswell-uploads")) == []


def test_forms_keep_names_or_refuse_them(served: Served) -> None:
    client = served.requester()
    kept = client.post(
        "/api/v1/uploads", files=[("files", ("a%20b#1.png", b"1")), ("files", ("a b#1.png", b"2"))]
    ).json()
    assert served.storage.read(f"{kept['uri']}/a%20b#1.png") == b"1"
    assert served.storage.read(f"{kept['uri']}/a b#1.png") == b"2"
    for names in (['q".png'], ["same.png", "same.png"]):
        answer = client.post("/api/v1/uploads", files=[("files", (name, b"x")) for name in names])
        assert answer.status_code == 422 and answer.json()["error"]["field"] == "files"
