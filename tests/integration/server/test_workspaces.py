"""Several workspaces on one server: from a terminal and in the console; and no word of them where there is one."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest
from typer.testing import CliRunner

from groundswell.cli import workspace as command
from groundswell.cli.main import app
from groundswell.domain.people import Role
from groundswell.sdk import Client
from integration.server.serving import Served


@pytest.fixture
def run(served: Served, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """`groundswell workspace ...` as an administrator: what it prints, or what it raises."""
    token = served.token("ada", Role.ADMINISTRATOR)

    def connected(url: str | None, given: str | None) -> Client:
        client = Client("http://test", token)
        monkeypatch.setattr(client, "_http", served.client(token))
        return client

    module: ModuleType = command
    monkeypatch.setattr(module, "connect", connected)

    def told(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["workspace", *arguments], env={"COLUMNS": "200"})
        return done.stdout if done.exit_code == 0 else str(done.exception)

    return told


def test_from_a_terminal(served: Served, run: Callable[..., str]) -> None:
    served.requester()
    assert "Main" in run("list") and "you act here" in run("list")
    assert "made Field study" in run("create", "Field study")
    assert "Nobody is in it" in run("members", "Field study")
    assert run("set", "field STUDY", "RITA@example.com", "--role", "requester").startswith(
        "rita@example.com is requester"
    )
    assert "rita@example.com" in run("members", "Field study") and "requester" in run("members", "Field study")
    assert "there is no account" in run("set", "Field study", "nobody@example.com", "--role", "worker")
    assert "expected roles among" in run("set", "Field study", "rita@example.com", "--role", "king")
    assert "--out" in run("set", "Field study", "rita@example.com")
    assert "is not in Field study" in run("set", "Field study", "rita@example.com", "--out")
    assert "Nobody is in it" in run("members", "Field study")
    assert "acts in Field study now" in run("use", "Field study")
    assert "Field study" in next(line for line in run("list").splitlines() if "you act here" in line)


@pytest.mark.parametrize("name", ["", " ", "a/b", "..", "a\nb", "x" * 101])
def test_names_that_no_address_could_carry_are_refused(served: Served, name: str) -> None:
    client = served.administrator()
    assert client.post("/api/v1/workspaces", json={"name": name}).status_code == 422
    assert client.post("/console/workspaces", data={"name": name}).status_code == 422
    assert [one["name"] for one in client.get("/api/v1/workspaces").json()] == ["Main"]


def test_in_the_console(served: Served) -> None:
    rita, ada = served.requester(), served.administrator()
    made = ada.post("/console/workspaces", data={"name": "Field & study"})
    page = made.headers["location"]
    assert made.status_code == 303 and "Field &amp; study" in ada.get(page).text
    refused = ada.post(page, data={"email": "nobody@example.com", "role-worker": "yes"})
    assert refused.status_code == 422 and "make it first" in refused.text
    given = {"email": "rita@example.com", "role-requester": "yes", "role-worker": "yes"}
    assert ada.post(page, data=given).status_code == 303
    assert "rita@example.com" in ada.get(page).text
    members = ada.get("/api/v1/workspaces/Field %26 study/members").json()["workers"]
    assert [(one["email"], one["roles"]) for one in members] == [("rita@example.com", ["requester", "worker"])]
    assert ada.post(page, data={"email": "rita@example.com", "role-administrator": "yes"}).status_code == 422
    for path in ("/console/workspaces", page):
        assert rita.get(path).status_code == 403


def test_who_is_in_several_sees_where_they_act_and_chooses(served: Served) -> None:
    rita, ada = served.requester(), served.administrator()
    assert "orkspace" not in rita.get("/console").text + ada.get("/console/workforce").text  # one: not a word
    ada.post("/console/workspaces", data={"name": "Study"})
    assert "/console/workspaces" in ada.get("/console/workforce").text
    assert 'value="workspace"' not in rita.get("/console").text  # she is in one still
    ada.post("/console/workspaces/Study", data={"email": "rita@example.com", "role-requester": "yes"})
    assert 'title="The workspace you act in">Main<' in rita.get("/console").text
    assert rita.post("/account", data={"what": "workspace", "workspace": "Study"}).status_code == 303
    assert 'title="The workspace you act in">Study<' in rita.get("/console").text
    assert rita.get("/api/v1/me").json()["workspace"] == "Study"
    nowhere = rita.post("/account", data={"what": "workspace", "workspace": "Elsewhere"})
    assert nowhere.status_code == 422 and rita.get("/api/v1/me").json()["workspace"] == "Study"
