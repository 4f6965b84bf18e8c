"""Automated labeling as people see and steer it: over REST and in the console."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from groundswell.domain.auto_labeling import AutoLabeling, Decision, DecisionKind, Model, Phase
from groundswell.domain.people import Role
from groundswell.domain.records import LabelingJob
from groundswell.service.ports import Transaction
from integration.server.serving import Served, picture_lines, shapes_spec
from store_work import label_of, recount

JOB = "/api/v1/jobs/shapes"
LOOP = f"{JOB}/auto-labeling"
CHAIN = {
    "chain": "all",
    "size": 4,
    "audited": 2,
    "losses": 1.0,
    "log_evidence": 3.5,
    "log_evidence_needed": 3.2,
    "certified": 4,
}


@pytest.fixture
def job(served: Served) -> LabelingJob:
    """A completed job whose loop certified one attempt: 0 and 1 labeled by people, 2 to 4 by its model."""
    made = served.job({**shapes_spec(), "auto_labeling": {"enabled": True}}, picture_lines(5))
    now, storage = served.clock(), served.storage
    uri = f"{made.output_uri}/activelearning/1/certificate.json"
    storage.write(uri, b'{"attempt": 1}')
    model = [replace(label_of(made.id, n, human=False), by="shapes-2") for n in (2, 3, 4)]
    round_ = {"labels": 20, "seconds": 1.5, "accuracy": 0.9, "share": 0.5, "chosen": [3, 4], "learner": "text"}
    attempt = {
        "outcome": "certified",
        "model": "shapes-2",
        "objects": 4,
        "level": 0.04,
        "chains": [CHAIN],
        "audited": 2,
        "errors": [{"n": 1, "machine": "a", "people": "b"}],
        "path": [[1, 0.5], [2, 3.5]],
        "certified": 3,
        "certificate": uri,
    }

    def work(tx: Transaction) -> None:
        tx.labels.put([label_of(made.id, n) for n in (0, 1)] + model)
        tx.auto_labeling.put(AutoLabeling(made.id, Phase.ENDED, 7, now, now, round=2, attempt=1, reason="all is done"))
        for number, labels in ((1, 10), (2, 20)):
            target = {"target": 0.95, "share": 0.6, "people": 2, "audits": 1}
            data = {**round_, "labels": labels, "forecast": {"people": 2, "spread": 1}, "targets": [target]}
            tx.auto_labeling.decide(Decision(made.id, DecisionKind.ROUND, number, now, data))
        tx.auto_labeling.decide(Decision(made.id, DecisionKind.ATTEMPT, 1, now, attempt))
        tx.models.add(Model("shapes-2", "image-classification", ("a", "b"), "text", "s3://m", now, None, job="shapes"))
        tx.jobs.set_state(made.id, "complete", at=now)

    served.store.write(work).result()
    return made


def test_the_loop_over_rest(served: Served, job: LabelingJob) -> None:
    client = served.requester()
    said = client.get(LOOP).json()
    assert (said["phase"], said["reason"], said["seed"]) == ("ended", "all is done", 7)
    assert [one["labels"] for one in said["rounds"]] == [10, 20] and said["rounds"][0]["chosen"] == 2
    assert said["attempts"][0]["errors"] == [{"n": 1, "machine": "a", "people": "b"}]
    assert said["final_model_arn"].endswith(":model/shapes-2")
    certificate = client.get(f"{LOOP}/certificates/1")
    assert (
        certificate.json() == {"attempt": 1}
        and "shapes-certificate-1.json" in certificate.headers["content-disposition"]
    )
    assert client.get(f"{LOOP}/certificates/2").status_code == 404
    assert [one["name"] for one in client.get("/api/v1/models").json()["models"]] == ["shapes-2"]
    assert client.get(f"/api/v1/models/{said['final_model_arn'].replace('/', '%2F')}").status_code in (200, 404)
    assert client.get("/api/v1/models/shapes-2").json()["arn"] == said["final_model_arn"]
    assert client.get("/api/v1/models/nobody").status_code == 404


def test_overruling_puts_ones_own_label_over_the_models_only(served: Served, job: LabelingJob) -> None:
    reviewer = served.signed_in("rob", Role.REVIEWER)
    body = {"category": "square", "reason": "a hole"}
    assert reviewer.post(f"{JOB}/objects/2/overrule", json=body).status_code == 204
    label = reviewer.get(f"{JOB}/objects/2").json()["label"]
    assert (label["category"], label["human"], label["metadata"]["human-annotated"]) == ("square", True, "yes")
    assert "model-arn" not in label["metadata"]
    for n, category, status in ((2, "square", 409), (0, "square", 409), (3, "z", 422), (99, "square", 404)):
        assert reviewer.post(f"{JOB}/objects/{n}/overrule", json={"category": category}).status_code == status, n
    assert reviewer.post(f"{JOB}/objects/{2**70}/overrule", json={"category": "square"}).status_code == 422
    told = served.administrator().get("/api/v1/events", params={"kind": "object.overruled"}).json()["events"]
    assert [(one["data"]["objects"], one["data"]["category"]) for one in told] == [([[2, 2]], "square")]
    assert served.store.read(lambda tx: tx.jobs.counters(job.id)) == recount(served.store, job.id)


def test_undoing_an_attempt_gives_its_objects_to_people(served: Served, job: LabelingJob) -> None:
    client = served.requester()
    client.post(f"{JOB}/objects/2/overrule", json={"category": "square"})
    assert client.post(f"{LOOP}/undo", json={"attempt": 9}).status_code == 404
    assert client.post(f"{LOOP}/undo", json={"attempt": 1}).json() == {"count": 2}
    assert client.get(JOB).json()["state"] == "InProgress"
    assert client.get(f"{JOB}/objects/3").json()["state"] == "pending"
    assert client.get(f"{JOB}/objects/2").json()["label"]["category"] == "square"
    assert client.get(LOOP).json()["attempts"][0]["outcome"] == "undone"
    assert client.get(LOOP).json()["final_model_arn"] is None
    assert client.post(f"{LOOP}/undo", json={"attempt": 1}).json() == {"count": 0}
    told = served.administrator().get("/api/v1/events", params={"kind": "auto_labeling.undone"}).json()["events"]
    assert [(one["data"]["attempt"], one["data"]["objects"]) for one in told] == [(1, [[3, 4]])]


def test_ending_the_loop(served: Served, job: LabelingJob) -> None:
    client = served.requester()
    assert client.post(f"{LOOP}/end").status_code == 409
    going = AutoLabeling(job.id, Phase.LEARNING, 7, served.clock(), served.clock())
    served.store.write(lambda tx: tx.jobs.set_state(job.id, "extend", at=served.clock())).result()
    served.store.write(lambda tx: tx.auto_labeling.put(going)).result()
    assert client.post(f"{LOOP}/end").json()["phase"] == "releasing"


def test_in_the_console(served: Served, job: LabelingJob) -> None:
    client = served.requester()
    assert "/console/jobs/shapes/auto-labeling" in client.get("/console/jobs/shapes").text
    page = client.get("/console/jobs/shapes/auto-labeling").text
    for said in (
        "All is done.",
        "Proof, attempt 1",
        "carry the label that your people",
        "Download the certificate",
        "Undo",
        "people: <b>b</b>",
    ):
        assert said in page, said
    assert client.get("/console/jobs/shapes/auto-labeling/live").status_code == 200
    assert "model/shapes-2" in client.get("/console/models").text
    assert client.get("/console/jobs/shapes/auto-labeling/certificate-1.json").json() == {"attempt": 1}
    assert "Overrule the model" in client.get("/console/jobs/shapes/objects/3").text
    form = {"category": "square", "reason": ""}
    assert client.post("/console/jobs/shapes/objects/3/overrule", data=form).status_code == 303
    assert client.post("/console/jobs/shapes/auto-labeling/do", data={"verb": "fly"}).status_code == 422
    undo = {"verb": "undo", "attempt": "1"}
    assert client.post("/console/jobs/shapes/auto-labeling/do", data=undo).status_code == 303
    assert client.get(JOB).json()["counters"]["machine_labeled"] == 0
    reviewer = served.signed_in("rob", Role.REVIEWER)
    assert "Undo" not in reviewer.get("/console/jobs/shapes/auto-labeling").text


def test_the_forecast_while_the_loop_goes_on(served: Served, job: LabelingJob) -> None:
    client = served.requester()
    going = AutoLabeling(job.id, Phase.LEARNING, 7, served.clock(), served.clock())
    served.store.write(lambda tx: tx.auto_labeling.put(going)).result()
    page = client.get("/console/jobs/shapes/auto-labeling").text
    assert "2 ± 1" in page and "What another target would cost" in page and "60 %" in page
    live = client.get("/console/jobs/shapes/auto-labeling/live").text
    assert "2 ± 1" in live and "data-rows" not in live


def test_a_worker_never_sees_what_the_model_says(served: Served) -> None:
    """Nothing of the loop is in what workers are given: a label by a model of the same object least of all."""
    made = served.job({**shapes_spec(), "auto_labeling": {"enabled": False}}, picture_lines(3))
    served.store.write(lambda tx: tx.labels.put([replace(label_of(made.id, 0, human=False), category="sentinel")]))
    worker = served.signed_in("wendy", Role.WORKER)
    given: list[Any] = []
    while (answer := worker.post(f"{JOB}/assignments")).status_code == 201 and len(given) < 3:
        given.append(answer.text)
        worker.post(f"/api/v1/assignments/{answer.json()['assignment_id']}/decline")
    assert given and not any("sentinel" in text or "machine" in text for text in given)
