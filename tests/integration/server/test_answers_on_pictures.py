"""Answers are held against the picture itself: what workers say of its size does not count, nor what is beside it."""

from __future__ import annotations

import base64
import io
import struct
import threading
import time
import tracemalloc
import zlib
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from groundswell.tasktypes import registry
from integration.server.serving import Served

WRONG = {"width": 9_999, "height": 1}


def png(width: int, height: int, mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (width, height)).save(file, "PNG")
    return file.getvalue()


def white_png(width: int, height: int) -> str:
    """A white grey PNG of any size, without the memory for it, in base64."""
    packer = zlib.compressobj()
    row = b"\0" + b"\xff" * width
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    whole = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return base64.b64encode(whole).decode()


def task(served: Served, kind: str, **more: Any) -> tuple[TestClient, str]:
    """A worker with a task of a job over one picture of 320 x 240."""
    served.storage.write("s3://pictures/a.png", png(320, 240))
    attribute = {"label_attribute": "seg-ref"} if "segmentation" in kind else {}
    spec = {"name": "job", "task_type": kind, "input": "s3://pictures/", "labels": ["owl", "duck"], **attribute, **more}
    served.job(spec, [{"source-ref": "s3://pictures/a.png"}])
    worker = served.signed_in("wanda")
    taken = worker.post("/api/v1/jobs/job/assignments", json={})
    return worker, taken.json()["assignment_id"]


def submitted(worker: TestClient, assignment: str, answer: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    said = worker.put(f"/api/v1/assignments/{assignment}/annotation", json={"answer": answer})
    return said.status_code, said.json()


def box(left: float, top: float, width: float, height: float) -> dict[str, Any]:
    return {"label": "owl", "left": left, "top": top, "width": width, "height": height}


def test_boxes_partly_outside_are_taken_and_others_named(served: Served) -> None:
    worker, assignment = task(served, "object-detection")
    for wrong in (box(325, 10, 20, 20), box(10, 10, 0, 20), box(-50, -50, 50, 20)):
        answer = {"boundingBox": {"boundingBoxes": [box(0, 0, 5, 5), wrong], "inputImageProperties": WRONG}}
        status, said = submitted(worker, assignment, answer)
        assert (status, said["error"]["field"]) == (422, "boundingBoxes[1]")
        assert "320 x 240" in said["error"]["message"]
    good = {"boundingBox": {"boundingBoxes": [box(-10, 220, 60, 60)], "inputImageProperties": WRONG}}
    assert submitted(worker, assignment, good)[0] == 200
    assert submitted(worker, assignment, good)[0] == 200  # again, the same
    assert submitted(worker, assignment, {"boundingBox": {"boundingBoxes": []}})[0] == 409


@pytest.mark.parametrize(
    ("kind", "answer", "field"),
    [
        ("polygons", {"vertices": [{"x": 400, "y": 0}, {"x": 410, "y": 0}, {"x": 410, "y": 9}]}, "polygons[0]"),
        ("polylines", {"vertices": [{"x": -5, "y": 0}, {"x": -5, "y": 50}]}, "polylines[0]"),
        ("keypoints", {"x": 5, "y": 250}, "keypoints[0]"),
    ],
)
def test_other_shapes_outside_are_named(served: Served, kind: str, answer: dict[str, Any], field: str) -> None:
    worker, assignment = task(served, kind)
    drawn = {"annotatedResult": {kind: [{"label": "owl", **answer}]}}
    status, said = submitted(worker, assignment, drawn)
    assert (status, said["error"]["field"]) == (422, field)


MASKS = [
    ("semantic-segmentation", "labelMappings", {"owl": {"color": "#ffffff"}}),
    ("instance-segmentation", "instances", []),
]


@pytest.mark.parametrize(("kind", "member", "listed"), MASKS)
def test_masks_have_their_pictures_size(served: Served, kind: str, member: str, listed: Any) -> None:
    worker, assignment = task(served, kind)

    def painted(encoded: str, **more: Any) -> dict[str, Any]:
        return {"annotatedResult": {"labeledImage": {"pngImageData": encoded}, member: listed, **more}}

    small = base64.b64encode(png(50, 40)).decode()
    status, said = submitted(worker, assignment, painted(small, inputImageProperties={"width": 50, "height": 40}))
    assert status == 422 and "320 x 240" in said["error"]["message"] and "50 x 40" in said["error"]["message"]
    bomb = white_png(10_000, 9_999)
    tracemalloc.start()
    began = time.process_time()
    status, said = submitted(worker, assignment, painted(bomb))
    seconds, (_, most) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert status == 422 and "10000 x 9999" in said["error"]["message"]
    assert most < 30 << 20 and seconds < 2
    assert submitted(worker, assignment, painted(white_png(320, 240)))[0] == 200


def test_answers_have_the_size_their_kind_has_use_for(served: Served) -> None:
    worker, assignment = task(served, "image-classification")
    answer = {"crowd-image-classifier": {"label": "owl"}, "rest": "x" * (1 << 20)}
    status, said = submitted(worker, assignment, answer)
    assert (status, said["error"]["field"]) == (422, "answer")
    assert "at most 1 MiB" in said["error"]["message"]
    draft = worker.put(f"/api/v1/assignments/{assignment}/draft", json={"draft": "x" * (1 << 20)})
    assert draft.status_code == 422 and draft.json()["error"]["field"] == "draft"
    assert submitted(worker, assignment, {"crowd-image-classifier": {"label": "owl"}, "rest": "x" * 500_000})[0] == 200


def test_a_mask_of_several_megabytes_is_an_answer(served: Served) -> None:
    worker, assignment = task(served, "semantic-segmentation")
    answer = {"annotatedResult": {"labeledImage": {"pngImageData": white_png(320, 240)}, "labelMappings": {}}}
    assert submitted(worker, assignment, answer | {"rest": "x" * (5 << 20)})[0] == 200


@pytest.mark.parametrize("kind", ["semantic-segmentation", "object-detection"])
def test_neither_the_writer_nor_the_event_loop_looks_at_such_answers(
    served: Served, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    worker, assignment = task(served, kind)
    threads: list[str] = []
    task_type = registry.get(kind)

    def decode(content: Any, context: Any) -> Any:
        threads.append(threading.current_thread().name)
        return task_type.decode(content, context)

    monkeypatch.setattr(registry, "get", lambda _name: replace(task_type, decode=decode))
    mask = {"labeledImage": {"pngImageData": white_png(320, 240)}, "labelMappings": {}}
    answer = {"annotatedResult": mask if kind == "semantic-segmentation" else {"boundingBoxes": [box(1, 1, 5, 5)]}}
    assert submitted(worker, assignment, answer)[0] == 200
    assert threads and all(name.startswith("aside") for name in threads)


def test_a_picture_is_read_once_for_all_answers(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    reading = served.storage.read_range

    def read_range(uri: str, start: int, length: int) -> bytes:
        asked.append(uri)
        return reading(uri, start, length)

    monkeypatch.setattr(served.storage, "read_range", read_range)
    first, assignment = task(served, "object-detection", workers={"per_object": 3})
    for name in ("wanda", "wim", "walt"):
        client = first if name == "wanda" else served.signed_in(name)
        if name != "wanda":
            assignment = client.post("/api/v1/jobs/job/assignments", json={}).json()["assignment_id"]
        assert submitted(client, assignment, {"boundingBox": {"boundingBoxes": [box(1, 1, 5, 5)]}})[0] == 200
    assert asked == ["s3://pictures/a.png"]
