"""Jobs that go on from another: cloned, chained, verified, adjusted; over REST, the command line and the console."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import pytest
from typer.testing import CliRunner

from groundswell.cli.main import app
from groundswell.domain.people import Role
from groundswell.runner.desk import Tools
from groundswell.runner.loop import Runner
from groundswell.sdk.client import Client
from integration.server.serving import Served, picture

LABELS = ["owl", "duck"]
SPEC: dict[str, Any] = {
    "name": "birds",
    "task_type": "text-classification",
    "input": "s3://in/birds.manifest",
    "labels": LABELS,
    "workers": {"team": "everyone", "per_object": 1},
    "tags": {"project": "wings"},
}


@pytest.fixture
def runner(served: Served) -> Iterator[Runner]:
    def no_hook(target: str, caller: object) -> Any:
        raise AssertionError(target)

    with ThreadPoolExecutor(2) as pool:
        clock = served.clock
        yield Runner(
            Tools(served.store, served.storage, clock, lambda: clock().timestamp(), pool, open_hook=no_hook), "here"
        )


def post(served: Served, path: str, body: Any, *, status: int = 201) -> dict[str, Any]:
    answer = served.requester().post(f"/api/v1/jobs{path}", json=body)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json() if answer.content else {}
    return found


def tick(served: Served, runner: Runner, name: str, *, until: str) -> dict[str, Any]:
    for _ in range(60):
        served.clock.turn(seconds=1)
        runner.tick()
        job: dict[str, Any] = served.requester().get(f"/api/v1/jobs/{name}").json()
        if job["state"] == until:
            return job
    raise AssertionError(job)


def work(
    served: Served,
    runner: Runner,
    name: str,
    label: str,
    *,
    count: int,
    element: str = "crowd-classifier",
    **more: str,
) -> None:
    worker = served.signed_in("wanda", Role.WORKER)
    for _ in range(count):
        for _ in range(20):
            served.clock.turn(seconds=1)
            runner.tick()
            taken = worker.post(f"/api/v1/jobs/{name}/assignments", json={})
            if taken.status_code == 201:
                break
        given = {"answer": {element: {"label": label, **more}}}
        sent = worker.put(f"/api/v1/assignments/{taken.json()['assignment_id']}/annotation", json=given)
        assert sent.status_code == 200, sent.text


def birds(served: Served, runner: Runner, *, answered: int, objects: int = 3, **fields: Any) -> dict[str, Any]:
    """A job of which so many objects were answered; stopped unless all were."""
    lines = [json.dumps({"source": f"bird {n}"}) for n in range(objects)]
    served.storage.write("s3://in/birds.manifest", "\n".join(lines).encode())
    post(served, "", {**SPEC, **fields})
    tick(served, runner, "birds", until="InProgress")
    work(served, runner, "birds", "owl", count=answered)
    if answered < objects:
        post(served, "/birds/stop", {}, status=200)
    return tick(served, runner, "birds", until="Completed" if answered == objects else "Stopped")


def output(served: Served, name: str) -> list[dict[str, Any]]:
    text = served.requester().get(f"/api/v1/jobs/{name}/output").text
    return [json.loads(line) for line in text.splitlines()]


def follow(served: Served, way: str, name: str, **more: Any) -> dict[str, Any]:
    return post(served, "/birds/follow-ups", {"way": way, "name": name, **more})


def test_a_stopped_job_is_resumed_under_the_same_attribute(served: Served, runner: Runner) -> None:
    birds(served, runner, answered=1)
    made = follow(served, "chain", "birds-2")
    assert made["label_attribute"] == "birds"
    tick(served, runner, "birds-2", until="InProgress")
    work(served, runner, "birds-2", "duck", count=2)
    done = tick(served, runner, "birds-2", until="Completed")
    assert (done["counters"]["skipped"], done["counters"]["labeled"]) == (1, 2)
    lines = output(served, "birds-2")
    assert [line["birds"] for line in lines] == [0, 1, 1]
    assert [line["birds-metadata"]["job-name"] for line in lines] == [
        "labeling-job/birds",
        "labeling-job/birds-2",
        "labeling-job/birds-2",
    ]


def test_a_completed_job_is_labeled_anew_under_a_new_attribute(served: Served, runner: Runner) -> None:
    birds(served, runner, answered=3)
    assert follow(served, "chain", "birds-2")["label_attribute"] == "birds-2"
    tick(served, runner, "birds-2", until="InProgress")
    work(served, runner, "birds-2", "duck", count=3)
    tick(served, runner, "birds-2", until="Completed")
    assert [(line["birds"], line["birds-2"]) for line in output(served, "birds-2")] == [(0, 1)] * 3


def test_the_choice_is_the_requesters(served: Served, runner: Runner) -> None:
    birds(served, runner, answered=1)
    assert follow(served, "chain", "anew", relabel=True)["label_attribute"] == "anew"
    changed = follow(served, "chain", "cheap", changes={"workers": {"per_object": 2}, "tags": {}})
    assert (changed["spec"]["workers"]["per_object"], changed["spec"]["tags"]) == (2, {})


def test_failed_objects_are_labeled_by_the_next_job(served: Served, runner: Runner) -> None:
    """Their lines have the reason as metadata and no label: they count as not labeled."""
    birds(served, runner, answered=1)
    job = served.store.read(lambda tx: tx.jobs.by_name("birds"))
    served.store.write(lambda tx: tx.objects.move(job.id, [1, 2], "fail", reason="ClientError: no")).result()
    post(served, "/birds/extend", {"per_object": 1, "put_back_failed": False}, status=200)
    tick(served, runner, "birds", until="Completed")
    assert "failure-reason" in output(served, "birds")[1]["birds-metadata"]
    follow(served, "chain", "birds-2", relabel=False)
    tick(served, runner, "birds-2", until="InProgress")
    work(served, runner, "birds-2", "duck", count=2)
    tick(served, runner, "birds-2", until="Completed")
    lines = output(served, "birds-2")
    assert [line["birds"] for line in lines] == [0, 1, 1]
    assert not any("failure-reason" in line["birds-metadata"] for line in lines)


def test_a_job_that_failed_before_it_wrote_anything_is_chained_from_its_input(served: Served, runner: Runner) -> None:
    served.storage.write("s3://in/birds.manifest", b"no manifest\n")
    post(served, "", SPEC)
    tick(served, runner, "birds", until="Failed")
    served.storage.write("s3://in/birds.manifest", b'{"source": "a"}\n')
    made = follow(served, "chain", "birds-2")
    assert (made["input_uri"], made["label_attribute"]) == ("s3://in/birds.manifest", "birds")
    tick(served, runner, "birds-2", until="InProgress")


def test_a_clone_has_the_settings_and_the_input(served: Served, runner: Runner) -> None:
    birds(served, runner, answered=3, label_attribute="kind")
    made = follow(served, "clone", "birds-2")
    before = served.requester().get("/api/v1/jobs/birds").json()["spec"]
    assert made["spec"] == {**before, "name": "birds-2"}
    assert made["label_attribute"] == "kind" and made["input_uri"] == "s3://in/birds.manifest"


def imported(served: Served, runner: Runner, kind: str, *, count: int = 3, **label: Any) -> dict[str, Any]:
    """A finished job over pictures; the last object has no label."""
    lines = []
    for n in range(count):
        served.storage.write(f"s3://in/{n}.png", picture("circle", n))
        said = {"type": f"groundtruth/{kind}", "job-name": "labeling-job/pictures", **label["said"]}
        labeled = {"pictures": label["value"], "pictures-metadata": said} if n < count - 1 else {}
        lines.append(json.dumps({"source-ref": f"s3://in/{n}.png", **labeled}))
    served.storage.write("s3://gt/pictures/output.manifest", "\n".join(lines).encode())
    post(served, "/import", {"source": "s3://gt/pictures"}, status=200)
    return tick(served, runner, "pictures", until="Stopped")


def test_labels_are_verified(served: Served, runner: Runner) -> None:
    imported(served, runner, "image-classification", value=0, said={"class-name": "owl"})
    made = post(served, "/pictures/follow-ups", {"way": "verify", "name": "checked"})
    assert (made["task_type"], made["spec"]["audit_attribute"], made["label_attribute"]) == (
        "label-verification",
        "pictures",
        "checked",
    )
    tick(served, runner, "checked", until="InProgress")
    work(served, runner, "checked", "wrong", count=2, element="crowd-image-classifier", workerComment="a duck")
    done = tick(served, runner, "checked", until="Completed")
    assert (done["counters"]["labeled"], done["counters"]["failed"]) == (2, 1)
    line = output(served, "checked")[0]
    assert (line["pictures"], line["checked-metadata"]["class-name"]) == (0, "wrong")
    assert line["checked-metadata"]["worker-feedback"] == [{"comment": "a duck"}]


def test_boxes_are_adjusted(served: Served, runner: Runner) -> None:
    boxes = {"image_size": [{"width": 240, "height": 180, "depth": 3}], "annotations": []}
    imported(served, runner, "object-detection", value=boxes, said={"class-map": {"0": "owl"}})
    made = post(served, "/pictures/follow-ups", {"way": "adjust", "name": "corrected"})
    assert (made["task_type"], made["spec"]["audit_attribute"], made["label_attribute"], made["spec"]["labels"]) == (
        "label-adjustment-boxes",
        "pictures",
        "corrected",
        ["owl"],
    )
    tick(served, runner, "corrected", until="InProgress")
    assert "?adjust=pictures" in served.requester().get("/console/jobs/pictures").text


@pytest.mark.parametrize(("way", "said"), [("adjust", "cannot be adjusted"), ("verify", "template of your own")])
def test_what_no_built_in_template_shows_is_refused(served: Served, runner: Runner, way: str, said: str) -> None:
    birds(served, runner, answered=3)
    refused = served.requester().post("/api/v1/jobs/birds/follow-ups", json={"way": way, "name": "b"})
    assert (refused.status_code, said in refused.text) == (422, True)


@pytest.mark.parametrize("way", ["chain", "verify"])
def test_a_job_that_goes_on_is_followed_when_it_has_ended(served: Served, runner: Runner, way: str) -> None:
    served.storage.write("s3://in/birds.manifest", b'{"source": "a"}\n')
    post(served, "", SPEC)
    tick(served, runner, "birds", until="InProgress")
    refused = served.requester().post("/api/v1/jobs/birds/follow-ups", json={"way": way, "name": "b"})
    assert (refused.status_code, "wait for its end" in refused.text) == (409, True)
    page = served.requester().get("/console/jobs/birds").text
    assert "?clone=birds" in page and "?chain=birds" not in page


def test_the_console_and_the_command_line_do_the_same(
    served: Served, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    birds(served, runner, answered=3)
    page = served.requester().get("/console/jobs/birds").text
    assert all(f"/console/new?{way}=birds" in page for way in ("clone", "chain"))
    assert "?adjust=birds" not in page and "?verify=birds" not in page
    draft = served.requester().get("/console/new", params={"chain": "birds"})
    first = served.requester().get(draft.headers["location"]).text
    assert 'value="birds-chain"' in first and "manifests/output/output.manifest" in first
    client = Client("http://testserver")
    client._http = served.requester()  # type: ignore[assignment]
    monkeypatch.setattr("groundswell.cli.job.connect", lambda url, token: nullcontext(client))
    for way, arguments in (("clone", []), ("chain", ["--resume"])):
        done = CliRunner().invoke(app, ["job", way, "birds", f"by-{way}", *arguments])
        assert done.exit_code == 0 and f"by-{way}: Initializing" in done.output, done.output
    assert served.requester().get("/api/v1/jobs/by-chain").json()["label_attribute"] == "birds"


def test_only_who_sees_a_job_and_may_make_one_follows_it(served: Served, runner: Runner) -> None:
    birds(served, runner, answered=3)
    body = {"way": "clone", "name": "b"}
    for role in (Role.WORKER, Role.REVIEWER):
        somebody = served.signed_in(f"s{role.value}", role)
        assert somebody.post("/api/v1/jobs/birds/follow-ups", json=body).status_code in (403, 404)
