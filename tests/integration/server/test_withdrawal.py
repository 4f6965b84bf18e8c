"""Withdrawing models' labels over REST, in the console, from a terminal and through the client."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from groundswell.cli import withdraw_labels as command
from groundswell.cli.main import app
from groundswell.domain.people import Role
from groundswell.domain.records import LabelingJob
from groundswell.sdk import Client
from groundswell.service import withdrawal
from groundswell.service.ports import Transaction
from integration.server.serving import Served, picture_lines, shapes_spec
from store_work import label_of, recount

WITHDRAW = "/api/v1/jobs/shapes/objects/withdraw-labels"


@pytest.fixture
def job(served: Served) -> LabelingJob:
    """A completed job: objects 0 and 1 labeled by people, 2 to 5 by a model, 5 by people before."""
    made = served.job(shapes_spec(), picture_lines(6))
    people = [label_of(made.id, n) for n in (0, 1, 5)]
    model = [label_of(made.id, n, human=False) for n in (2, 3, 4)]
    corrected = label_of(made.id, 5, human=False, value=1, category="b")

    def work(tx: Transaction) -> None:
        tx.labels.put([*people, *model])
        tx.labels.put([corrected])
        tx.jobs.set_state(made.id, "complete", at=served.clock())

    served.store.write(work).result()
    return made


def by_model(served: Served) -> list[int]:
    found = served.requester().get("/api/v1/jobs/shapes/objects?filter=machine").json()["objects"]
    return [one["n"] for one in found]


def state_of(served: Served) -> str:
    return str(served.requester().get("/api/v1/jobs/shapes").json()["state"])


def test_some_over_rest(served: Served, job: LabelingJob) -> None:
    client = served.requester()
    body = {"objects": [0, 2, 2, 77], "reason": "the model was trained on wrong labels"}
    assert client.post(WITHDRAW, json=body).json() == {"count": 1}  # people's labels stay, 77 is none
    assert by_model(served) == [3, 4]
    detail = client.get("/api/v1/jobs/shapes/objects/2").json()
    assert detail["label"] is None and detail["state"] == "pending"
    assert [one["note"] for one in detail["history"] if one["what"] == "label withdrawn"] == [body["reason"]]
    assert state_of(served) == "InProgress"
    told = served.administrator().get("/api/v1/events", params={"kind": "object.label_withdrawn"}).json()["events"]
    assert [(one["subject"], one["data"]["objects"]) for one in told] == [("shapes", [[2, 2]])]
    assert client.post(WITHDRAW, json=body).json() == {"count": 0}


def test_all_over_rest_a_few_at_a_time(served: Served, job: LabelingJob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(withdrawal, "_TOGETHER", 2)
    assert served.requester().post(WITHDRAW, json={"reason": "drift"}).json() == {"count": 3}
    assert by_model(served) == []
    counters = served.store.read(lambda tx: tx.jobs.counters(job.id))
    assert (counters.machine_labeled, counters.human_labeled, counters.pending) == (0, 3, 3)
    assert counters == recount(served.store, job.id)


def test_nothing_withdrawn_leaves_an_ended_job_ended(served: Served, job: LabelingJob) -> None:
    assert served.requester().post(WITHDRAW, json={"objects": [0, 1], "reason": "x"}).json() == {"count": 0}
    assert state_of(served) == "Completed"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": "  "},
        {"reason": "x" * 501},
        {"objects": [-1], "reason": "x"},
        {"objects": [2**63], "reason": "x"},
        {"objects": ["a"], "reason": "x"},
    ],
)
def test_what_cannot_be_read_is_refused(served: Served, job: LabelingJob, body: dict[str, object]) -> None:
    assert served.requester().post(WITHDRAW, json=body).status_code == 422
    assert by_model(served) == [2, 3, 4]


def test_in_the_console(served: Served, job: LabelingJob) -> None:
    client = served.requester()
    assert "Withdraw all 3" in client.get("/console/jobs/shapes?filter=machine").text
    assert "withdraw-labels" not in client.get("/console/jobs/shapes").text
    assert "Withdraw the label" in client.get("/console/jobs/shapes/objects/2").text
    assert "Withdraw the label" not in client.get("/console/jobs/shapes/objects/0").text
    page = "/console/jobs/shapes/withdraw-labels"
    assert client.post(page, data={"n": "2", "reason": "blurred"}).status_code == 303
    assert by_model(served) == [3, 4]
    refused = client.post(page, data={"reason": ""})
    assert refused.status_code == 422 and re.search('role="alert"', refused.text)
    assert client.post(page, data={"reason": "drift"}).status_code == 303
    assert by_model(served) == []
    reviewer = served.signed_in("rob", Role.REVIEWER)
    assert "Withdraw" not in reviewer.get("/console/jobs/shapes?filter=machine").text


@pytest.fixture
def run(served: Served, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    token = served.token("rita", Role.REQUESTER, Role.WORKER)

    def connected(url: str | None, given: str | None) -> Client:
        client = Client("http://test", token)
        monkeypatch.setattr(client, "_http", served.client(token))
        return client

    monkeypatch.setattr(command, "connect", connected)

    def told(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["job", "withdraw-labels", "shapes", *arguments])
        return done.stdout if done.exit_code == 0 else str(done.exception)

    return told


def test_from_a_terminal(served: Served, job: LabelingJob, run: Callable[..., str]) -> None:
    assert run("--objects", "0-2, 4", "--reason", "drift") == "withdrew 2 labels of shapes\n"
    assert by_model(served) == [3]
    assert "--all" in run("--reason", "drift")
    assert "3,8,20-40" in run("--objects", "4-x", "--reason", "drift")
    assert "100,000" in run("--objects", "0-999999999", "--reason", "drift")
    assert run("--all", "--reason", "drift") == "withdrew 1 label of shapes\n"
