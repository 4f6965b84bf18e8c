"""A labeling job from its manifest to its output, in Ground Truth's formats."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from groundswell.domain.identity import identity_of
from groundswell.domain.states import JobState
from groundswell.objects.storage import Storage
from integration.runner_house import LABELS, TEXTS, House


def truth(worker: str, n: int) -> str:
    """Worker w2 is wrong on every fifth object."""
    return LABELS[(n + (worker == "w2" and n % 5 == 0)) % 3]


def test_a_job_runs_end_to_end(house: House) -> None:
    workers = house.add_workers(4)
    house.create(TEXTS)
    job = house.finish(truth, workers)
    assert (job.state, job.counters.human_labeled, job.counters.annotations) == (JobState.COMPLETED, 30, 90)
    assert job.started_at is not None and job.ended_at is not None
    output = house.output()
    assert [list(line)[:3] for line in output] == [["source", "id", "note"]] * 30
    assert [{key: line[key] for key in TEXTS[0]} for line in output] == TEXTS
    for n, line in enumerate(output):
        assert line["Birds-1"] == n % 3
        said = line["Birds-1-metadata"]
        assert said["class-name"] == LABELS[n % 3]
        assert 0.5 < said["confidence"] <= 1
        assert said["type"] == "groundtruth/text-classification"
        assert said["job-name"] == "labeling-job/birds-1"
        assert said["human-annotated"] == "yes"
        assert said["creation-date"].startswith("2026-11-20T08:")
    assert job.progress["worker_skill"].keys() == set(workers)


def test_files_are_where_ground_truth_puts_them(house: House) -> None:
    workers = house.add_workers(3)
    house.create(TEXTS, workers={"max_concurrent_objects": 15})
    house.finish(truth, workers)
    responses = house.files("annotations/worker-response/")
    folders = {tuple(name.split("/")[:2]) for name in responses}
    assert folders == {(f"iteration-{1 if n < 10 else 2 if n < 25 else 3}", str(n)) for n in range(30)}
    uri = f"s3://out/Birds-1/annotations/worker-response/{next(name for name in responses if '/7/' in name)}"
    answers = json.loads(house.storage.read(uri))["answers"]
    assert len(answers) == 3
    assert answers[0]["answerContent"] == {"crowd-classifier": {"label": "duck"}}
    assert answers[0]["submissionTime"].endswith("Z") and answers[0]["timeSpentInSeconds"] == 1.5
    assert answers[0]["workerId"].startswith("private.groundswell.w")
    assert answers[0]["workerMetadata"]["identityData"]["sub"] in workers
    base = "annotations/consolidated-annotation/"
    requests = house.files(f"{base}consolidation-request/")
    assert {name.split("/")[0] for name in requests} == {"iteration-1", "iteration-2", "iteration-3"}
    assert house.files(f"{base}consolidation-response/") == requests
    entries = json.loads(house.storage.read(f"s3://out/Birds-1/{base}consolidation-request/{requests[0]}"))
    assert entries[0]["dataObject"] == {"content": "bird 0"}
    content = json.loads(entries[0]["annotations"][0]["annotationData"]["content"])
    assert content == {"crowd-classifier": {"label": "owl"}}
    said = json.loads(house.storage.read(f"s3://out/Birds-1/{base}consolidation-response/{requests[0]}"))
    assert said[0]["datasetObjectId"] == "0"
    assert said[0]["consolidatedAnnotation"]["content"]["Birds-1"] == 0


def test_lines_come_through_byte_for_byte(house: House) -> None:
    lines = [
        '{"source": "שלום \\ud83d\\ude00", "n": 1.50, "k" : [1,  2]}',
        '{"source":"one\\nline\u2028", "sport": 3, "Birds-1": 2}',
        '  {"b":{"source-ref":"x"},"source":"three"}',
    ]
    house.create("\r\n".join(lines).encode() + b"\r\n\n")
    workers = house.add_workers(3)
    job = house.finish(truth, workers)
    assert (job.counters.human_labeled, job.counters.skipped) == (2, 1)
    output = house.output_bytes().decode().split("\n")
    assert output[1] == lines[1]
    assert output[0].startswith(lines[0][:-1] + ',"Birds-1":0,"Birds-1-metadata":{')
    assert output[2].startswith(lines[2][:-1] + ',"Birds-1":2,')
    assert output[3:] == [""]


def test_one_worker_per_object_has_confidence_zero(house: House) -> None:
    workers = house.add_workers(2)
    house.create(TEXTS[:3], workers={"per_object": 1})
    house.finish(truth, workers)
    assert [line["Birds-1-metadata"]["confidence"] for line in house.output()] == [0, 0, 0]


def test_bad_lines_fail_the_job_before_any_task_is_published(house: House) -> None:
    house.create([{"source": "a"}, {"other": 1}, {"source": "b", "source-ref": "s3://x/y"}])
    house.tick(2)
    job = house.job()
    assert job.state is JobState.FAILED
    assert job.counters.total == 0
    assert job.failure_reason is not None and "2 problems; the first: line 2, source-ref" in job.failure_reason
    assert [(found["line"], found["key"]) for found in job.ingest["problems"]] == [(2, "source-ref"), (3, "source-ref")]


def test_bad_lines_can_be_skipped(house: House) -> None:
    workers = house.add_workers(3)
    data = b'{"source":"a"}\nnot json\n{"source":"b","$x":1}\n{"source":"c"}\n'
    house.create(data, skip_bad=True)
    job = house.finish(truth, workers)
    assert (job.state, job.counters.human_labeled, job.counters.failed) == (JobState.COMPLETED, 2, 2)
    output = house.output_bytes().split(b"\n")
    assert output[1] == b"not json"
    assert "reserved" in json.loads(output[2])["Birds-1-metadata"]["failure-reason"]


def test_missing_files_are_found(house: House) -> None:
    house.storage.write("s3://in/a.jpg", b"")
    lines = [{"source-ref": "s3://in/a.jpg"}, {"source-ref": "s3://in/b.jpg"}, {"source-ref": "c.jpg"}]
    house.create(lines, task_type="image-classification")
    house.tick(2)
    problems = house.job().ingest["problems"]
    assert [(found["line"], found["message"]) for found in problems] == [
        (2, "expected an object at s3://in/b.jpg, found none"),
        (3, "expected an object at s3://in/c.jpg, found none"),
    ]


@pytest.mark.parametrize(
    ("given", "files"),
    [
        ("s3://in/set", {"s3://in/set/a.jpg": b"", "s3://in/set/sub/b.png": b"", "s3://in/set/x.md": b""}),
        ("s3://in/set/*/b.*", {"s3://in/set/a.jpg": b"", "s3://in/set/sub/b.png": b""}),
        ("s3://in/list.csv", {"s3://in/list.csv": b"url,k\ns3://in/set/a.jpg,1\n", "s3://in/set/a.jpg": b""}),
    ],
)
def test_manifests_are_made(house: House, given: str, files: dict[str, bytes]) -> None:
    house.storage.objects |= files
    house.create(b"", input=given, task_type="image-classification")
    house.tick(2)
    job = house.job()
    assert job.state is JobState.IN_PROGRESS, job
    assert job.input_uri == "s3://out/Birds-1/manifests/input/dataset-261120T080000.manifest"
    expected = {"s3://in/set": 2, "s3://in/set/*/b.*": 1, "s3://in/list.csv": 1}[given]
    assert job.counters.total == expected
    assert "source-ref" in json.loads(house.storage.read(job.input_uri).splitlines()[-1])


def test_text_folders_and_empty_folders(house: House) -> None:
    house.storage.objects |= {"s3://in/texts/a.txt": b"one\n\ntwo\n", "s3://in/texts/b.csv": b"id,text\n1,three\n"}
    house.create(b"", input="s3://in/texts")
    house.create(b"", input="s3://in/nothing", name="Empty")
    house.tick(2)
    assert house.job().counters.total == 3
    assert "at least one text file" in (house.job("Empty").failure_reason or "")


def test_sampling_labels_a_part(house: House) -> None:
    house.create(TEXTS, sample_percent=20, sample_seed=7)
    house.tick(2)
    job = house.job()
    assert job.counters.total == 6
    lines = house.read(lambda tx: [json.loads(line)["id"] for _, line in tx.objects.lines(job.id)])
    assert lines == sorted(lines, key=lambda name: int(name[2:])) and len(set(lines)) == 6


def test_the_window_rolls(house: House) -> None:
    workers = house.add_workers(3)
    house.create(TEXTS, workers={"max_concurrent_objects": 4})
    house.tick(2)
    assert house.job().counters.open == 4
    for worker in workers:
        held = house.take(worker)
        assert held is not None and held.n == 0
        house.submit(held, {"crowd-classifier": {"label": "owl"}})
    house.tick()
    assert house.job().counters.open == 4  # the finished object made room at once


def test_stopping_conditions_and_budget(house: House) -> None:
    workers = house.add_workers(3)
    house.create(TEXTS, stop_when={"human_labeled": 7})
    assert house.finish(truth, workers).counters.human_labeled == 7
    house.create(TEXTS, name="Part", stop_when={"labeled_percent": 50})
    house.create(TEXTS, name="Paid", workers={"price_usd": 0.1}, stop_when={"budget_usd": 2})
    for _ in range(20):
        house.tick()
        for name in ("Part", "Paid"):
            _work_on(house, name, workers)
    assert house.job("Part").counters.human_labeled == 15
    paid = house.job("Paid")
    assert (paid.state, paid.counters.human_labeled, paid.counters.spent_usd_micros) == (
        JobState.COMPLETED,
        6,
        1_800_000,
    )


def _work_on(house: House, name: str, workers: list[str]) -> None:
    before, house.current = house.current, name
    house.work(truth, workers)
    house.current = before


def test_availability_runs_out(house: House) -> None:
    workers = house.add_workers(3)
    house.create(TEXTS[:3], workers={"availability": "1h", "min_answers": 2})
    house.tick(2)
    for worker, count in (("w0", 2), ("w1", 1)):
        for _ in range(count):
            held = house.take(worker)
            assert held is not None
            house.submit(held, {"crowd-classifier": {"label": "owl"}})
    house.now += timedelta(minutes=59)
    house.tick()
    assert house.job().counters.open == 3
    house.now += timedelta(minutes=2)
    house.tick(4)
    job = house.job()
    assert (job.state, job.counters.human_labeled, job.counters.failed) == (JobState.COMPLETED, 1, 2)
    output = house.output()
    assert output[0]["Birds-1"] == 0
    reason = output[1]["Birds-1-metadata"]["failure-reason"]
    assert reason.startswith("ClientError: Annotation tasks expired") and "1 of 3" in reason
    assert "Birds-1" not in output[1]
    house.write(lambda tx: (tx.jobs.set_state(job.id, "extend", at=house.now), None))
    house.write(lambda tx: tx.objects.move(job.id, [1, 2], "put_back"))
    assert house.finish(truth, workers).counters.human_labeled == 3


def test_time_paused_does_not_count(house: House) -> None:
    house.create(TEXTS[:3], workers={"availability": "1h"})
    house.tick(2)
    job = house.job()
    house.write(lambda tx: (tx.jobs.set_state(job.id, "pause", at=house.now), None))
    house.tick()
    house.now += timedelta(hours=5)
    house.write(lambda tx: (tx.jobs.set_state(job.id, "resume", at=house.now), None))
    house.tick(2)
    assert house.job().counters.open == 3
    house.now += timedelta(hours=1)
    house.tick(2)
    assert house.job().counters.failed == 3


def test_every_pause_counts(house: House) -> None:
    house.create(TEXTS[:3], workers={"availability": "3h"})
    house.tick(2)
    job = house.job()
    for _ in range(2):
        house.write(lambda tx: (tx.jobs.set_state(job.id, "pause", at=house.now), None))
        house.tick()
        house.now += timedelta(hours=5)
        house.write(lambda tx: (tx.jobs.set_state(job.id, "resume", at=house.now), None))
        house.tick(2)
    house.now += timedelta(hours=2)  # 12 hours after it began, ten of them paused
    house.tick(2)
    assert house.job().counters.open == 3
    assert house.job().progress["paused_s"] == pytest.approx(10 * 3_600, abs=10)  # a tick takes a second


def test_declined_by_everyone(house: House) -> None:
    workers = house.add_workers(2)
    house.create(TEXTS[:1])
    house.tick(2)
    for worker in workers:
        held = house.take(worker)
        assert held is not None
        house.decline(held)
        house.tick()
    house.tick(2)
    job = house.job()
    assert (job.state, job.counters.failed) == (JobState.COMPLETED, 1)
    assert "2 workers declined" in house.output()[0]["Birds-1-metadata"]["failure-reason"]


def test_holds_expire_and_go_to_others(house: House) -> None:
    house.add_workers(2)
    house.create(TEXTS[:1], workers={"per_object": 1})
    house.tick(2)
    assert house.take("w0") is not None
    assert house.take("w1") is None
    house.now += timedelta(minutes=6)
    house.tick()
    assert house.take("w1") is not None


def test_stopping_keeps_what_was_done(house: House) -> None:
    workers = house.add_workers(3)
    house.create(TEXTS)
    house.tick(2)
    house.work(truth, workers, rounds=12)
    assert house.take("w0") is not None
    job = house.job()
    house.write(lambda tx: (tx.jobs.set_state(job.id, "stop", at=house.now), None))
    house.tick(6)
    job = house.job()
    assert (job.state, job.counters.human_labeled, job.counters.open) == (JobState.STOPPED, 12, 0)
    assert sum("Birds-1" in line for line in house.output()) == 12


def test_a_job_stopped_while_its_rows_go_in_has_every_line(house: House) -> None:
    house.create([{"source": f"bird {n}"} for n in range(4_000)])
    house.slice_s = 0.0  # one chunk a tick
    house.new_runner()
    while house.job().counters.total == 0:
        house.tick()
    job = house.job()
    assert job.counters.total < 4_000
    house.write(lambda tx: (tx.jobs.set_state(job.id, "stop", at=house.now), None))
    house.tick(30, seconds=10)
    assert house.job().state is JobState.STOPPED
    assert len(house.output()) == 4_000


def test_an_output_that_cannot_be_written_fails_the_job_at_once(house: House, tmp_path: Path) -> None:
    house.runner_storage = Storage(tmp_path / "data", input_roots=[tmp_path])
    (tmp_path / "in.manifest").write_text('{"source":"a"}\n')
    house.new_runner()
    job = house.create(b"", input=str(tmp_path / "in.manifest"), output="/nowhere")
    house.tick(2)
    assert house.job().state is JobState.FAILED
    assert "may not use the file" in (house.job().failure_reason or ""), job


def test_the_output_is_refreshed_while_the_job_runs(house: House) -> None:
    workers = house.add_workers(3)
    house.create(TEXTS)
    house.tick(2)
    house.work(truth, workers, rounds=5)
    house.tick(12)
    assert house.job().state is JobState.IN_PROGRESS
    assert sum("Birds-1" in line for line in house.output()) == 5


def test_the_last_fit_is_the_batch_answer(house: House) -> None:
    from groundswell.consolidation.methods import consolidator_named
    from groundswell.consolidation.votes import Votes

    workers = house.add_workers(5)
    house.create(TEXTS, consolidation={"method": "dawid-skene"}, workers={"per_object": 5})

    def noisy(worker: str, n: int) -> str:
        return LABELS[(n + (hash((worker[1:], n * 7)) % 3 == 0) * int(worker[1:])) % 3]

    job = house.finish(noisy, workers)
    rows = house.read(lambda tx: tx.annotations.all(job.id))
    votes = Votes.from_columns(
        task=[one.n for one in rows],
        worker=[one.annotator_id for one in rows],
        label=[one.content["crowd-classifier"]["label"] for one in rows],
        labels=LABELS,
    )
    model = consolidator_named("dawid-skene").fit(votes)
    labels = {label.n: label for label in house.read(lambda tx: list(tx.labels.all(job.id)))}
    for n, label, posterior in zip(votes.objects.tolist(), model.labels_, model.posterior_, strict=True):
        assert labels[n].category == label
        assert labels[n].confidence == pytest.approx(float(posterior.max()), abs=1e-9)


def test_an_object_is_known_again_in_another_job(house: House) -> None:
    one = house.create([{"source": "w"}, {"source": "x"}])
    house.tick(3)
    house.storage.write("s3://in/second.manifest", b'{"source":"x"}\n')
    two = house.create(b"", name="Second", input="s3://in/second.manifest")
    house.tick(3)
    identity = identity_of({"source": "x"}, "")
    assert identity is not None
    assert house.read(lambda tx: tx.objects.same(identity)) == [(one.id, 1), (two.id, 0)]


def test_chaining_labels_only_what_has_no_label(house: House) -> None:
    workers = house.add_workers(3)
    house.create(TEXTS, stop_when={"human_labeled": 7})
    house.finish(truth, workers)
    first: Any = house.output()
    house.create(
        b"", input="s3://out/Birds-1/manifests/output/output.manifest", name="Second", label_attribute="Birds-1"
    )
    for _ in range(10):
        house.tick()
        _work_on(house, "Second", workers)
    job = house.job("Second")
    assert (job.state, job.counters.skipped, job.counters.human_labeled) == (JobState.COMPLETED, 7, 23)
    second = [
        json.loads(line) for line in house.storage.read("s3://out/Second/manifests/output/output.manifest").splitlines()
    ]
    assert [line for line in second if line["Birds-1-metadata"]["job-name"] == "labeling-job/birds-1"] == [
        line for line in first if "Birds-1" in line
    ]
