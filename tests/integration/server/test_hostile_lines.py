"""Whatever ingest lets in, every later step shows; what cannot be shown is refused there, with its line and key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from groundswell.runner.desk import Tools
from groundswell.runner.loop import Runner
from integration.server.serving import Served, picture

DEEP = "[" * 90 + "]" * 90
TEXTS = [
    '{"source":"plain"}',
    '{"source":"nul \\u0000 and bell \\u0007"}',
    '{"source":"<script>alert(1)</script>{{ 1 }} {% raw %} ]]> &amp; \\u2028\\u202e"}',
    '{"source":"big","n":123456789012345678901234567890,"m":-1e300,"z":0.1e-400}',
    f'{{"source":"deep","deep":{DEEP}}}',
    '{"source":"keys","":1,"a b":2,"\\u00e9\\"\\\\":3,"__class__":4,"taskObject":5,"labels":null,"task":{"input":1}}',
    '{"source":"types","labels":[1,{"x":null}],"header":{"a":[true]},"manifestLine":7}',
    '{"source":"\\ud83d\\ude00 \\u202b\\u05e9\\u05dc"}',
    json.dumps({"source": "x" * 20_000}),
    '{"source":" \\n\\t padded \\r\\n "}',
    '{"source":"metadata","hostile-metadata":{"class-name":["x"]},"other-ref":"a","other-ref-metadata":5}',
    '{"source-ref":"text jobs need source"}',
    '{"source":"lone \\ud83d"}',
    f'{{"source":"too deep","deep":{"[" * 400 + "]" * 400}}}',
    '{"source":"infinite","n":1e999}',
    "null",
    "",
    "\x00",
]
PICTURES = [
    '{"source-ref":"s3://pictures/a.png"}',
    '{"source-ref":"./a.png","text":{"deep":[1e308]}}',
    '{"source-ref":"data:image/png;base64,AAAA"}',
    '{"source-ref":"data:,%00"}',
    '{"source-ref":"https://example.org/a.png?x=1#y"}',
    '{"source-ref":"HTTPS://EXAMPLE.ORG:8080/\\u00e9 b.png"}',
    '{"source-ref":"http://user:pass@[2001:db8::1]:80/a.png"}',
    '{"source-ref":"http://[::1/a.png"}',
    '{"source-ref":"http://"}',
    '{"source-ref":"http://x:99999999/"}',
    '{"source-ref":"javascript:alert(1)"}',
    '{"source-ref":"ftp://x/y.png"}',
    '{"source-ref":"s3://"}',
    '{"source-ref":"s3:///x"}',
    '{"source-ref":"s3://pictures"}',
    '{"source-ref":"s3://../x"}',
    '{"source-ref":"a\\u0000.png"}',
    '{"source-ref":"//host/x.png"}',
    '{"source-ref":"/etc/passwd"}',
    '{"source-ref":"../../../../../etc/passwd"}',
    '{"source-ref":"file://host/x"}',
    '{"source-ref":"file:///etc/%2e%2e/passwd"}',
    json.dumps({"source-ref": "x" * 5_000 + ".png"}),
]
TEMPLATE = (
    "<crowd-form>{{ task.input }} {{ task.input | to_json }} {{ task.input.taskObject | grant_read_access }}"
    "</crowd-form>"
)


@pytest.fixture
def runner(served: Served) -> Iterator[Runner]:
    with ThreadPoolExecutor(2) as pool:
        clock = served.clock
        tools = Tools(served.store, served.storage, clock, lambda: clock().timestamp(), pool, open_hook=_no_hook)
        yield Runner(tools, "here")


def _no_hook(target: str, caller: object) -> Any:
    raise AssertionError(target)


def answer_of(kind: str) -> dict[str, Any]:
    if kind == "object-detection":
        box = {"label": "a", "left": 1, "top": 1, "width": 20, "height": 20}
        return {"boundingBox": {"boundingBoxes": [box], "inputImageProperties": {"width": 240, "height": 180}}}
    return {"crowd-classifier": {"label": "a"}, "anything": {"else": "\u0007"}}


@pytest.mark.parametrize(
    ("kind", "lines", "refused"),
    [
        ("text-classification", TEXTS, 8),
        ("image-classification", PICTURES, 16),
        ("object-detection", PICTURES, 16),
        ("custom", TEXTS + PICTURES[:7], 8),
    ],
)
def test_every_view_shows_what_ingest_lets_in(
    served: Served, runner: Runner, kind: str, lines: list[str], refused: int
) -> None:
    served.storage.write("s3://pictures/a.png", picture("circle", 1))
    served.storage.write("s3://pictures/in.manifest", "\n".join(lines).encode("utf-8", "surrogatepass") + b"\n")
    spec = {
        "name": "hostile",
        "task_type": kind,
        "labels": ["a", "b"],
        "input": "s3://pictures/in.manifest",
        "skip_bad": True,
        "workers": {"per_object": 1},
        **({"template": TEMPLATE} if kind == "custom" else {}),
    }
    requester, worker = served.requester(), served.signed_in("wanda")
    assert requester.post("/api/v1/jobs", json=spec).status_code == 201
    for _ in range(6):
        served.clock.turn(seconds=2)
        runner.tick()
    job = requester.get("/api/v1/jobs/hostile").json()
    assert job["state"] == "InProgress", job
    assert job["counters"]["total"] == len(lines)
    assert job["counters"]["failed"] == refused, job["ingest"]["problems"]
    assert all(one["message"] for one in job["ingest"]["problems"])
    preview = requester.post("/api/v1/jobs/preview", json={"spec": spec})
    assert preview.status_code < 500, preview.text
    answered = 0
    while (taken := worker.post("/api/v1/jobs/hostile/assignments", json={})).status_code == 201:
        task = taken.json()
        frame = worker.get(task["task"]["frame_url"])
        assert frame.status_code == 200, (task, frame.text)
        path = f"/api/v1/assignments/{task['assignment_id']}"
        assert worker.get(path).status_code == 200
        put = worker.put(f"{path}/annotation", json={"answer": answer_of(kind)})
        assert put.status_code == 200, (task, put.text)
        answered += 1
    assert answered == len(lines) - refused
    for _ in range(30):
        served.clock.turn(seconds=2)
        runner.tick()
    job = requester.get("/api/v1/jobs/hostile").json()
    assert job["state"] == "Completed", job
    for path in views(len(lines)):
        answer = requester.get(path)
        assert answer.status_code == 200, (path, answer.text[:500])
    output = requester.get("/api/v1/jobs/hostile/output").content.split(b"\n")[:-1]
    assert len(output) == len(lines)


def views(count: int) -> Iterator[str]:
    yield from ("/console", "/console/jobs/hostile", "/console/jobs/hostile/objects", "/api/v1/jobs/hostile/report")
    yield from ("/console/jobs/hostile/objects?filter=failed", "/api/v1/jobs/hostile/annotations")
    yield f"/api/v1/jobs/hostile/objects?limit={count}"
    for n in range(count):
        yield from (f"/console/jobs/hostile/objects/{n}", f"/api/v1/jobs/hostile/objects/{n}")
