"""A finished Ground Truth job becomes a job here: objects, answers, labels; broken parts of its folder are named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from groundswell.cli import import_ground_truth
from groundswell.cli.main import load
from groundswell.domain.errors import InvalidInput
from groundswell.domain.labels import Origin
from groundswell.domain.people import AnnotatorKind, Role
from groundswell.runner.desk import Tools
from groundswell.runner.loop import Runner
from groundswell.sdk.client import Client
from integration.server.serving import Served

ACS = Path("/work/shared/data/acs/ic_data")
FOLDER = "s3://gt-output/birds"


@pytest.fixture
def runner(served: Served) -> Iterator[Runner]:
    with ThreadPoolExecutor(2) as pool:
        yield new_runner(served, pool, "here")


def new_runner(served: Served, pool: ThreadPoolExecutor, name: str) -> Runner:
    clock = served.clock
    return Runner(
        Tools(served.store, served.storage, clock, lambda: clock().timestamp(), pool, open_hook=_no_hook), name
    )


def _no_hook(target: str, caller: object) -> Any:
    raise AssertionError(target)


def tick(served: Served, runner: Runner, name: str, *, until: str, rounds: int = 60) -> dict[str, Any]:
    job: dict[str, Any] = {}
    for _ in range(rounds):
        served.clock.turn(seconds=1)
        runner.tick()
        job = served.requester().get(f"/api/v1/jobs/{name}").json()
        if job["state"] == until:
            return job
    raise AssertionError(job)


def metadata(name: str, **more: Any) -> dict[str, Any]:
    return {
        "class-name": name,
        "confidence": 0.83,
        "type": "groundtruth/image-classification",
        "job-name": "labeling-job/birds",
        "human-annotated": "yes",
        "creation-date": "2024-05-06T07:08:09.123456",
    } | more


def answer(worker: str, label: str, second: int) -> dict[str, Any]:
    return {
        "acceptanceTime": f"2024-05-06T07:00:{second:02}.000Z",
        "submissionTime": f"2024-05-06T07:01:{second:02}.250Z",
        "timeSpentInSeconds": 12.5,
        "answerContent": {"crowd-image-classifier": {"label": label}},
        "workerId": worker,
        "workerMetadata": {"identityData": {"sub": "x"}},
    }


def put(served: Served, name: str, value: Any) -> None:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    served.storage.write(f"{FOLDER}/{name}", data)


def line(n: int, **more: Any) -> dict[str, Any]:
    return {"source-ref": f"s3://in/{n}.jpg", "camera": "nörth", **more}


def make_folder(served: Served, lines: list[Any]) -> None:
    text = b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in lines)
    served.storage.write(f"{FOLDER}/manifests/output/output.manifest", text)


@pytest.fixture
def folder(served: Served) -> str:
    """Four objects: two labeled, one failed, one that nobody labeled, with an earlier job's label on each line."""
    earlier = {"old": 1, "old-metadata": metadata("cat", **{"job-name": "labeling-job/older", "creation-date": "2020"})}
    make_folder(
        served,
        [
            line(0, **earlier, species=2, **{"species-metadata": metadata("owl")}),
            line(1, **earlier, species=0, **{"species-metadata": metadata("duck", confidence=0.6)}),
            line(2, **earlier, **{"species-metadata": {**metadata("x"), "failure-reason": "ClientError: expired"}}),
            line(3, **earlier),
        ],
    )
    files = "annotations/worker-response/iteration"
    put(served, f"{files}-1/0/2024-05-06_07:02:00.json", {"answers": [answer("private.eu-west-1.aa", "owl", 1)]})
    put(
        served,
        f"{files}-1/1/2024-05-06_07:02:00.json",
        {"answers": [answer("private.eu-west-1.aa", "owl", 2), answer("private.eu-west-1.bb", "duck", 3)]},
    )
    put(served, f"{files}-2/0/2024-05-06_07:03:00.json", {"answers": [answer("private.eu-west-1.bb", "heron", 9)]})
    return FOLDER


def import_it(served: Served, **fields: Any) -> dict[str, Any]:
    made = served.requester().post("/api/v1/jobs/import", json={"source": FOLDER, **fields})
    assert made.status_code == 200, made.text
    found: dict[str, Any] = made.json()
    return found


def test_everything_of_a_job_comes_over(served: Served, runner: Runner, folder: str) -> None:
    made = import_it(served)
    assert made["is_new"] and made["job"]["name"] == "birds" and made["job"]["label_attribute"] == "species"
    job = tick(served, runner, "birds", until="Stopped")  # one object was never labeled: it can go on
    spec = job["spec"]
    assert (spec["task_type"], spec["labels"]) == ("image-classification", ["duck", "class 1", "owl", "heron"])
    assert spec["workers"]["per_object"] == 2
    counted = {name: job["counters"][name] for name in ("total", "human_labeled", "failed", "pending", "annotations")}
    assert counted == {"total": 4, "human_labeled": 2, "failed": 1, "pending": 1, "annotations": 4}
    assert job["ingest"]["problem_count"] == 0
    stored = served.store.read(lambda tx: tx.jobs.by_name("birds"))
    label = served.store.read(lambda tx: tx.labels.in_force(stored.id, 0))
    assert label is not None
    assert (label.origin, label.category, label.confidence) == (Origin.IMPORTED, "owl", 0.83)
    assert (label.labeled_at.isoformat(), label.human) == ("2024-05-06T07:08:09.123456+00:00", True)
    first = served.store.read(lambda tx: tx.annotations.of_objects(stored.id, [0]))
    assert [(one.annotator_id, one.time_spent_s) for one in first] == [
        ("private.eu-west-1.aa", 12.5),
        ("private.eu-west-1.bb", 12.5),
    ]
    who = served.store.read(lambda tx: tx.annotators.get("private.eu-west-1.aa"))
    assert who.kind is AnnotatorKind.PARTICIPANT
    output = served.requester().get("/api/v1/jobs/birds/output").text.splitlines()
    original = served.storage.read(f"{FOLDER}/manifests/output/output.manifest").decode().splitlines()
    assert [json.loads(one) for one in output[:2]] == [json.loads(one) for one in original[:2]]
    assert json.loads(output[3]) == json.loads(original[3])
    assert json.loads(output[2])["species-metadata"]["failure-reason"] == "ClientError: expired"
    page = served.requester().get("/console/jobs/birds")
    assert page.status_code == 200


def test_a_second_import_changes_nothing(served: Served, runner: Runner, folder: str) -> None:
    import_it(served)
    tick(served, runner, "birds", until="Stopped")
    again = import_it(served)
    assert (again["is_new"], again["job"]["state"]) == (False, "Stopped")
    put(served, "manifests/output/output.manifest", line(0, species=1, **{"species-metadata": metadata("cat")}))
    other = served.requester().post("/api/v1/jobs/import", json={"source": FOLDER})
    assert (other.status_code, "another name" in other.text) == (409, True)


def test_a_runner_that_dies_is_followed_by_one_that_goes_on(
    served: Served, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groundswell.runner.importing.CHUNK", 1)
    import_it(served)
    with ThreadPoolExecutor(2) as pool:
        first = new_runner(served, pool, "first")
        monkeypatch.setattr("groundswell.runner.desk.Tools.slice_s", 0.0)
        first.tick()
        served.clock.turn(seconds=30)
        job = tick(served, new_runner(served, pool, "second"), "birds", until="Stopped")
    assert (job["counters"]["total"], job["counters"]["annotations"]) == (4, 4)
    assert job["spec"]["workers"]["per_object"] == 2


def test_an_imported_job_goes_on(served: Served, runner: Runner, folder: str) -> None:
    """What has a label is asked once more, what has none is asked: people's answers join those that came over."""
    import_it(served)
    tick(served, runner, "birds", until="Stopped")
    served.requester().post("/api/v1/jobs/birds/extend", json={"per_object": 3, "put_back_failed": False})
    worker = served.signed_in("wanda", Role.WORKER)
    for _ in range(40):
        served.clock.turn(seconds=1)
        runner.tick()
        taken = worker.post("/api/v1/jobs/birds/assignments", json={})
        if taken.status_code == 201:
            given = {"answer": {"crowd-image-classifier": {"label": "duck"}}}
            sent = worker.put(f"/api/v1/assignments/{taken.json()['assignment_id']}/annotation", json=given)
            assert sent.status_code == 200, sent.text
    job = served.store.read(lambda tx: tx.jobs.by_name("birds"))
    history = served.store.read(lambda tx: tx.labels.history(job.id, 1))
    assert [one.origin for one in history] == [Origin.IMPORTED, Origin.CONSOLIDATED]
    assert history[-1].annotation_count == 3


def test_imported_labels_are_made_anew_of_their_answers(served: Served, runner: Runner, folder: str) -> None:
    import_it(served)
    tick(served, runner, "birds", until="Stopped")
    rita = served.requester()
    refused = rita.post("/api/v1/jobs/birds/consolidate", json={"method": "magic"})
    assert (refused.status_code, "dawid-skene" in refused.text) == (422, True)
    began = rita.post("/api/v1/jobs/birds/consolidate", json={"method": "majority-vote"})
    assert (began.status_code, began.json()["state"]) == (200, "Stopping")
    job = tick(served, runner, "birds", until="Stopped")
    assert (job["counters"]["pending"], job["counters"]["open"], job["counters"]["human_labeled"]) == (1, 0, 2)
    stored = served.store.read(lambda tx: tx.jobs.by_name("birds"))
    history = served.store.read(lambda tx: tx.labels.history(stored.id, 0))
    assert [(one.origin, one.method) for one in history] == [
        (Origin.IMPORTED, None),
        (Origin.CONSOLIDATED, "majority-vote"),
    ]
    assert "consolidate_again" not in stored.progress
    assert rita.post("/api/v1/jobs/birds/consolidate", json={}).status_code == 200
    tick(served, runner, "birds", until="Stopped")
    again = served.store.read(lambda tx: tx.labels.history(stored.id, 0))
    assert len(again) == 2  # it says the same: no new version


def test_a_chained_job_labels_only_what_has_no_label(served: Served, runner: Runner, folder: str) -> None:
    import_it(served)
    job = tick(served, runner, "birds", until="Stopped")
    spec = {
        "name": "birds-2",
        "task_type": "image-classification",
        "labels": job["spec"]["labels"],
        "input": job["output_manifest"],
        "label_attribute": "species",
        "skip_bad": True,
    }
    assert served.requester().post("/api/v1/jobs", json=spec).status_code == 201
    for n in range(4):
        served.storage.write(f"s3://in/{n}.jpg", b"x")
    chained = tick(served, runner, "birds-2", until="InProgress")
    runner.tick()
    assert chained["counters"]["skipped"] == 2


BROKEN = {
    "1/0/a.json": b"{not json",
    "1/1/b.json": {"answers": [answer("private.eu-west-1.aa", "owl", 2), {"workerId": "x.y"}]},
    "1/2/c.json": {"answers": [answer("private.eu-west-1.aa", "", 2)]},
    "1/seven/d.json": {"answers": []},
    "1/99/e.json": {"answers": [answer("private.eu-west-1.aa", "owl", 2)]},
}


def test_what_is_broken_is_named_by_file_and_the_rest_comes_over(served: Served, runner: Runner) -> None:
    good = {"species": 1, "species-metadata": metadata("owl")}
    make_folder(served, [line(0, **good), line(1, **good), line(2, **good), b"[1]", line(4, **good | {"species": "z"})])
    bad = {**metadata("nothing"), "type": "groundtruth/image-classification"}
    del bad["class-name"]
    make_folder(
        served,
        [
            line(0, **good),
            line(1, **good),
            line(2, **good),
            b"[1]",
            line(4, **{"species": "z", "species-metadata": bad}),
        ],
    )
    for name, value in BROKEN.items():
        put(served, f"annotations/worker-response/iteration-{name}", value)
    import_it(served)
    job = tick(served, runner, "birds", until="Stopped")
    said = [(one["line"], one["key"] or "") for one in job["ingest"]["problems"]]
    files = "annotations/worker-response/iteration-1"
    assert {key for number, key in said if number == 0} == {
        f"{files}/0/a.json",
        f"{files}/1/b.json",
        f"{files}/2/c.json",
        f"{files}/seven/d.json",
        "99/",
    }
    assert sorted(number for number, _ in said if number) == [4, 5]
    assert (job["counters"]["human_labeled"], job["counters"]["annotations"]) == (3, 1)
    page = served.requester().get("/console/jobs/birds").text
    assert "iteration-1/0/a.json" in page and "7 problems of the import" in page


@pytest.mark.parametrize(
    ("lines", "status", "said"),
    [
        (None, 404, "manifests/output/output.manifest"),
        ([line(0)], 422, "-metadata"),
        ([line(0, a="s3://x", **{"a-metadata": {"type": "groundtruth/video-object-detection"}})], 422, "video and 3-D"),
    ],
)
def test_a_folder_that_is_no_job_is_refused(served: Served, lines: list[Any] | None, status: int, said: str) -> None:
    if lines is not None:
        make_folder(served, lines)
    refused = served.requester().post("/api/v1/jobs/import", json={"source": FOLDER})
    assert (refused.status_code, said in refused.text) == (status, True), refused.text
    worker = served.signed_in("wanda", Role.WORKER)
    assert worker.post("/api/v1/jobs/import", json={"source": FOLDER}).status_code == 403


def test_a_worker_of_a_file_is_never_an_account_here(served: Served, runner: Runner) -> None:
    somebody = served.person("wanda", Role.WORKER).id
    make_folder(served, [line(0, species=1, **{"species-metadata": metadata("owl")})])
    put(served, "worker-response/iteration-1/0/a.json", {"answers": [answer(somebody, "owl", 2)]})
    import_it(served)
    tick(served, runner, "birds", until="Completed")
    job = served.store.read(lambda tx: tx.jobs.by_name("birds"))
    (only,) = served.store.read(lambda tx: tx.annotations.all(job.id))
    assert only.annotator_id == f"participant.{somebody}"


def test_masks_of_a_copied_folder_are_found_in_the_copy(served: Served, runner: Runner) -> None:
    colors = {"0": {"class-name": "BACKGROUND", "hex-color": "#ffffff", "confidence": 0.8}}
    colors["1"] = {"class-name": "owl", "hex-color": "#2ca02c", "confidence": 0.6}
    said = metadata("x", type="groundtruth/semantic-segmentation", **{"internal-color-map": colors})
    name = "annotations/consolidated-annotation/output/0_2024-05-06T07:08:09.123456.png"
    make_folder(served, [line(0, **{"seg-ref": f"s3://gone/old/{name}", "seg-ref-metadata": said})])
    put(served, name, b"a mask")
    import_it(served)
    job = tick(served, runner, "birds", until="Completed")
    assert (job["task_type"], job["spec"]["labels"]) == ("semantic-segmentation", ["owl"])
    (only,) = [json.loads(one) for one in served.requester().get("/api/v1/jobs/birds/output").text.splitlines()]
    assert only["seg-ref"] == f"{FOLDER}/{name}"
    shown = served.requester().get("/api/v1/jobs/birds/objects/0/file")
    assert shown.content == b"a mask"


def test_the_command_tells_what_came_over_and_what_did_not(
    served: Served, runner: Runner, folder: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put(served, "annotations/worker-response/iteration-1/3/a.json", b"{")
    for uri, _ in served.storage.entries(f"{FOLDER}/"):
        copy = tmp_path / "birds" / uri.removeprefix(f"{FOLDER}/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(served.storage.read(uri))
    client = Client("http://testserver")
    client._http = served.requester()  # type: ignore[assignment]
    monkeypatch.setattr(import_ground_truth, "connect", lambda url, token: nullcontext(client))

    def wait(_seconds: float) -> None:
        served.clock.turn(seconds=1)
        runner.tick()

    monkeypatch.setattr("groundswell.cli.import_ground_truth.time.sleep", wait)
    command = load("import-ground-truth")
    said = CliRunner().invoke(command, [str(tmp_path / "birds"), "--name", "copied"])
    assert said.exit_code == 0, said.output
    assert "copied imported: 2 labels and 4 answers of 4 objects" in said.output
    assert "iteration-1/3/a.json: expected" in said.output
    again = CliRunner().invoke(command, [str(tmp_path / "birds"), "--name", "copied", "--json"])
    told = json.loads(again.stdout)
    assert (told["is_new"], told["job"]["ingest"]["problem_count"]) == (False, 1)
    nothing = CliRunner().invoke(command, [str(tmp_path)])
    assert isinstance(nothing.exception, InvalidInput) and "output.manifest" in nothing.exception.message


@pytest.mark.skipif(not ACS.exists(), reason="the published output of a real Ground Truth job is not here")
def test_a_real_job_comes_over_whole(served: Served, runner: Runner) -> None:
    client = Client("http://testserver")
    client._http = served.requester()  # type: ignore[assignment]
    job, is_new = client.jobs.import_ground_truth(str(ACS))
    assert is_new and job.name == "birds-open-images-clone"
    described = tick(served, runner, job.name, until="Completed", rounds=200)
    assert described["ingest"]["problem_count"] == 0
    assert (described["counters"]["labeled"], described["counters"]["annotations"]) == (302, 1_510)
    assert len(described["spec"]["labels"]) == 10 and described["spec"]["workers"]["per_object"] == 5
    lines = served.requester().get(f"/api/v1/jobs/{job.name}/output").text.splitlines()
    ours = [json.loads(one) for one in lines]
    assert ours == [json.loads(one) for one in (ACS / "output.manifest").read_text().splitlines()]
