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


def test_a_job_in_the_console_once_its_name_is_typed(served: Served) -> None:
    served.job(shapes_spec(), picture_lines(2))
    client, page = served.requester(), "/console/jobs/shapes"
    assert 'data-open="delete"' not in client.get(page).text
    assert client.post(f"{page}/delete", data={"typed": "shapes"}).status_code == 422  # it goes on
    now = served.clock()
    served.store.write(lambda tx: tx.jobs.set_state(1, "fail", at=now, reason="why")).result()
    shown = client.get(page).text
    assert 'data-open="delete"' in shown and "2 data objects" in shown and "0 annotations" in shown
    refused = client.post(f"{page}/delete", data={"typed": "circles"})
    assert refused.status_code == 422 and "Nothing was deleted" in refused.text
    for other in (served.signed_in("rob", Role.REQUESTER), served.signed_in("eva", Role.REVIEWER)):
        assert "Delete the job" not in other.get(page).text
        assert other.post(f"{page}/delete", data={"typed": "shapes"}).status_code == 403
    gone = client.post(f"{page}/delete", data={"typed": " Shapes "})
    assert gone.status_code == 303
    assert "shapes was deleted" in client.get(gone.headers["location"]).text
    assert client.get(page).status_code == 404


def test_files_of_the_output_go_only_when_that_is_ticked(served: Served) -> None:
    client = served.requester()
    for name, form in (("left", {}), ("gone", {"files": "yes"})):
        stopped(served, name)
        uri = f"output/{name}/manifests/output/output.manifest"
        served.storage.write(uri, b"")
        assert client.post(f"/console/jobs/{name}/delete", data={"typed": name, **form}).status_code == 303
        assert served.storage.exists(uri) == (name == "left")


def test_an_account_in_the_console_once_its_address_is_typed(served: Served) -> None:
    wes, ada = served.person("wes", Role.WORKER), served.administrator()
    job = served.job(shapes_spec(), picture_lines(2))
    served.answer_all(job, ["circle", "square"], {"wes": 1.0})
    page = f"/console/people/{wes.id}/delete"
    assert page in ada.get("/console/people").text
    shown = ada.get(page).text
    assert "answers in 1 job: shapes" in shown and "stop it first" in shown
    typed = {"typed": "wes@example.com"}
    for form in ({"answers": "kept"}, {**typed, "answers": "perhaps"}, {**typed, "answers": "removed"}):
        refused = ada.post(page, data=form)
        assert refused.status_code == 422 and 'role="alert"' in refused.text, form
    assert served.requester().get(page).status_code == 403
    assert served.requester().post(page, data={**typed, "answers": "kept"}).status_code == 403
    gone = ada.post(page, data={**typed, "answers": "anonymised"})
    assert gone.status_code == 303 and "wes@example.com was deleted" in ada.get(gone.headers["location"]).text
    assert ada.get(page).status_code == 404
    own = served.people["ada"]
    refused = ada.post(f"/console/people/{own.id}/delete", data={"typed": own.email, "answers": "kept"})
    assert refused.status_code == 422 and "another administrator" in refused.text
