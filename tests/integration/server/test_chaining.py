"""Addresses in an output manifest hold for whoever reads it: the next job starts from the mask of the one before."""

from __future__ import annotations

import base64
import html
import io
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from PIL import Image

from groundswell.domain.people import Role
from groundswell.runner.desk import Tools
from groundswell.runner.loop import Runner
from groundswell.sdk.client import Client
from groundswell.service.ports import ObjectStorage
from integration.server.serving import Served

SPEC: dict[str, Any] = {
    "task_type": "semantic-segmentation",
    "labels": ["owl"],
    "workers": {"team": "everyone", "per_object": 1},
}


@pytest.fixture
def runner(served: Served) -> Iterator[Runner]:
    with ThreadPoolExecutor(2) as pool:
        clock = served.clock
        tools = Tools(served.store, served.storage, clock, lambda: clock().timestamp(), pool, open_hook=_no_hook)
        yield Runner(tools, "here")


def _no_hook(target: str, caller: object) -> Any:
    raise AssertionError(target)


def png(pixels: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(file, "PNG")
    return file.getvalue()


def tick(served: Served, runner: Runner, name: str, *, until: str) -> None:
    client = served.requester()
    for _ in range(60):
        served.clock.turn(seconds=1)
        runner.tick()
        if (state := client.get(f"/api/v1/jobs/{name}").json()["state"]) == until:
            return
    raise AssertionError(state)


def labeled(served: Served, runner: Runner, name: str, **fields: Any) -> list[dict[str, Any]]:
    """Create a job over one picture, paint its left half, and give the output's lines."""
    created = served.requester().post("/api/v1/jobs", json={**SPEC, "name": name, **fields})
    assert created.status_code == 201, created.text
    tick(served, runner, name, until="InProgress")
    worker = served.signed_in("wanda")
    pixels = np.full((4, 8, 3), 255)
    pixels[:, :4] = (44, 160, 44)
    mask = {
        "labeledImage": {"pngImageData": base64.b64encode(png(pixels)).decode()},
        "labelMappings": {"owl": {"color": "#2ca02c"}},
        "inputImageProperties": {"width": 8, "height": 4},
    }
    taken = worker.post(f"/api/v1/jobs/{name}/assignments", json={}).json()
    put = worker.put(
        f"/api/v1/assignments/{taken['assignment_id']}/annotation",
        json={"answer": {"crowd-semantic-segmentation": mask}},
    )
    assert put.status_code == 200, put.text
    tick(served, runner, name, until="Completed")
    output = served.requester().get(f"/api/v1/jobs/{name}/output").text
    return [json.loads(line) for line in output.splitlines()]


@pytest.fixture
def picture(served: Served) -> str:
    """The manifest of one picture, which it names by a relative path out of its folder."""
    served.storage.write("s3://in/images/7 #.png", png(np.zeros((4, 8, 3))))
    served.storage.write("s3://in/set/x.manifest", b'{"source-ref" : "../images/7 #.png", "k":1.50}\n')
    return "s3://in/set/x.manifest"


@pytest.mark.parametrize("output", [None, "results/of mine", "s3://out"])
def test_masks_are_found_and_the_next_job_starts_from_them(
    served: Served, runner: Runner, picture: str, output: str | None
) -> None:
    (line,) = labeled(served, runner, "first", input=picture, output=output)
    assert line["source-ref"] == "s3://in/images/7 #.png" and line["k"] == 1.5
    assert re.match("(s3|file)://", line["first-ref"])
    if line["first-ref"].startswith("file:"):
        assert Path(unquote(urlsplit(line["first-ref"]).path)).is_file()
    plane = np.asarray(Image.open(io.BytesIO(served.storage.read(line["first-ref"]))))
    assert plane[0].tolist() == [1, 1, 1, 1, 0, 0, 0, 0]
    described = served.requester().get("/api/v1/jobs/first").json()
    adjust = {**SPEC, "name": "second", "task_type": "label-adjustment-masks", "audit_attribute": "first-ref"}
    given = {**adjust, "input": described["output_manifest"]}
    assert served.requester().post("/api/v1/jobs", json=given).status_code == 201
    tick(served, runner, "second", until="InProgress")
    assert shown_mask(served, "second") == served.storage.read(line["first-ref"])


def shown_mask(served: Served, name: str) -> bytes:
    """The mask that a worker's page of this job begins with."""
    worker = served.signed_in("wanda")
    taken = worker.post(f"/api/v1/jobs/{name}/assignments", json={}).json()
    page = html.unescape(worker.get(taken["task"]["frame_url"]).text)
    (link,) = re.findall(r'"src": "([^"]+)"', page)
    answer = worker.get(link)
    assert answer.status_code == 200, (link, answer.text)
    return bytes(answer.content)


def test_an_export_brings_masks_along(served: Served, runner: Runner, picture: str, tmp_path: Path) -> None:
    (line,) = labeled(served, runner, "first", input=picture)
    inside = served.signed_in("rita", Role.REQUESTER)
    client = Client("http://testserver")
    client._http = inside  # type: ignore[assignment]
    target = client.jobs.get("first").download(tmp_path / "first.manifest", files=tmp_path / "masks")
    (exported,) = [json.loads(one) for one in target.read_text().splitlines()]
    assert exported == {**line, "first-ref": "masks/0.png"}
    assert (tmp_path / "masks/0.png").read_bytes() == served.storage.read(line["first-ref"])
    adjust = {**SPEC, "task_type": "label-adjustment-masks", "audit_attribute": "first-ref", "name": "third"}
    client.jobs.create({**adjust, "input": "first.manifest"}, base=tmp_path)
    tick(served, runner, "third", until="InProgress")
    assert shown_mask(served, "third") == (tmp_path / "masks/0.png").read_bytes()
    assert inside.get("/api/v1/jobs/first/objects/5/file").status_code == 404


def test_folders_of_the_data_directory_are_inputs(served: Served, runner: Runner) -> None:
    served.storage.write("photos/a b.png", png(np.zeros((4, 8, 3))))
    (line,) = labeled(served, runner, "first", input="photos")
    assert readable(served.storage, line["source-ref"])
    assert line["source-ref"].startswith("file://") and line["source-ref"].endswith("/photos/a%20b.png")


def readable(storage: ObjectStorage, uri: str) -> bool:
    return storage.exists(uri)
