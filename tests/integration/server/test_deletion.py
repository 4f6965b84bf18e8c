"""Deleting over REST and from a terminal."""

from __future__ import annotations

from types import ModuleType

import pytest
from typer.testing import CliRunner

from groundswell.cli import job as job_command
from groundswell.cli import worker as worker_command
from groundswell.cli.main import app
from groundswell.domain.people import Role
from groundswell.sdk import Client
from integration.server.serving import Served, picture_lines, shapes_spec


def stopped(served: Served, name: str = "shapes") -> None:
    job = served.job(shapes_spec(name), picture_lines(2))
    now = served.clock()
    served.store.write(lambda tx: tx.jobs.set_state(job.id, "fail", at=now, reason="why")).result()


def test_a_job_over_rest(served: Served) -> None:
    stopped(served)
    client = served.requester()
    assert client.delete("/api/v1/jobs/shapes").status_code == 204
    assert client.delete("/api/v1/jobs/shapes").status_code == 404
    assert client.get("/console").status_code == 200
    deleted = served.administrator().get("/api/v1/events", params={"kind": "job.deleted"}).json()["events"]
    assert [(one["subject"], one["job"]) for one in deleted] == [("shapes", "shapes")]


def test_an_account_over_rest(served: Served) -> None:
    stopped(served)  # rita's
    wes = served.person("wes", Role.WORKER)
    client = served.administrator()
    assert client.delete(f"/api/v1/workers/{wes.id}", params={"answers": "perhaps"}).status_code == 422
    assert client.delete(f"/api/v1/workers/{wes.id}").status_code == 204
    assert client.delete(f"/api/v1/workers/{wes.id}").status_code == 404
    rita = served.people["rita"]
    assert client.delete(f"/api/v1/workers/{rita.id}", params={"answers": "kept"}).status_code == 204
    assert client.get("/api/v1/jobs/shapes").json()["created_by"] == "Rita"  # her job goes on without her
    for path in ("/console/people", "/console", "/console/jobs/shapes", "/console/audit", "/console/workforce"):
        assert client.get(path).status_code == 200


def test_commands_ask_first(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped(served)
    served.person("wes", Role.WORKER)
    token = served.token("ada", Role.ADMINISTRATOR)

    def connected(url: str | None, given: str | None) -> Client:
        client = Client("http://test", token)
        monkeypatch.setattr(client, "_http", served.client(token))
        return client

    module: ModuleType
    for module in (job_command, worker_command):
        monkeypatch.setattr(module, "connect", connected)
    runner = CliRunner()
    assert runner.invoke(app, ["job", "delete", "shapes"], input="n\n").exit_code == 1
    assert served.requester().get("/api/v1/jobs/shapes").status_code == 200
    done = runner.invoke(app, ["job", "delete", "shapes", "--yes"])
    assert done.exit_code == 0 and "deleted shapes" in done.stdout
    gone = runner.invoke(app, ["worker", "delete", "WES@example.com", "--yes"])
    assert gone.exit_code == 0 and "answers anonymised" in gone.stdout
    assert "Example" in runner.invoke(app, ["job", "delete", "--help"]).stdout
