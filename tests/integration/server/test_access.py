"""Every cell of the table of access, over the API, the console and the workers' pages, for eleven kinds of people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.testclient import TestClient

from groundswell.domain.people import MAIN, Role
from groundswell.service import labeling_jobs
from groundswell.service.access import POLICY, Action, Relation, permits
from groundswell.testing.acting import acting
from integration.server.serving import Served, serve

OWN, HERE, KEPT, MANAGED, MEMBER, AWAY = (
    Relation.OWN,
    Relation.WORKSPACE,
    Relation.KEPT,
    Relation.MANAGED,
    Relation.MEMBER,
    Relation.ELSEWHERE,
)


@dataclass(frozen=True)
class Person:
    """One kind of person, and how they stand to the things that are tried."""

    roles: tuple[Role, ...] = ()
    shared: frozenset[Relation] = frozenset({HERE})  # to a job that is shared in the workspace
    kept: frozenset[Relation] = frozenset({KEPT})  # to a job that is not
    team: frozenset[Relation] = frozenset({HERE})  # to the vendor's team that both jobs are for
    workspace: str = MAIN
    let_in: bool = True


PEOPLE: Mapping[str, Person] = {
    "owner": Person((Role.REQUESTER,), shared=frozenset({OWN}), kept=frozenset({OWN})),
    "other requester": Person((Role.REQUESTER,)),
    "requester elsewhere": Person(
        (Role.REQUESTER,), frozenset({AWAY}), frozenset({AWAY}), frozenset({AWAY}), workspace="elsewhere"
    ),
    "reviewer": Person((Role.REVIEWER,)),
    "worker of the team": Person(
        (Role.WORKER,), frozenset({HERE, MEMBER}), frozenset({KEPT, MEMBER}), frozenset({HERE, MEMBER})
    ),
    "worker of another team": Person((Role.WORKER,)),
    "vendor manager": Person(
        (Role.VENDOR_MANAGER,), frozenset({HERE, MANAGED}), frozenset({KEPT, MANAGED}), frozenset({HERE, MANAGED})
    ),
    "other vendor's manager": Person((Role.VENDOR_MANAGER,)),
    "administrator": Person((Role.ADMINISTRATOR,)),
    "revoked key": Person(let_in=False),
    "nobody": Person(let_in=False),
}

MAY: Mapping[Action, str] = {  # what the table is to say, of a shared job and its team
    Action.SEE_JOB: "owner, other requester, reviewer, vendor manager, administrator",
    Action.CREATE_JOB: "owner, other requester, requester elsewhere, administrator",
    Action.CHANGE_JOB: "owner, other requester, administrator",
    Action.WITHDRAW_LABELS: "owner, other requester, administrator",
    Action.OVERRULE_LABEL: "owner, other requester, reviewer, administrator",
    Action.SHARE_JOB: "owner, administrator",
    Action.DELETE_JOB: "owner, administrator",
    Action.SEE_EVENTS: "administrator",
    Action.RUN_WEBHOOKS: "administrator",
    Action.WORK: "worker of the team",
    Action.SEE_TEAM: "owner, other requester, reviewer, worker of the team, vendor manager, administrator",
    Action.CREATE_TEAM: "owner, other requester, requester elsewhere, administrator",
    Action.CHANGE_TEAM: "owner, other requester, administrator",
    Action.MANAGE_TEAM: "owner, other requester, vendor manager, administrator",
    Action.ADD_TO_TEAM: "owner, other requester, administrator",
    Action.SEE_ACCOUNTS: "owner, other requester, requester elsewhere, administrator",
    Action.CHANGE_ACCOUNTS: "administrator",
    Action.RUN_WORKSPACES: "administrator",
    Action.SEE_MODELS: "owner, other requester, requester elsewhere, reviewer, administrator",
    Action.SEE_HOOKS: "owner, other requester, requester elsewhere, administrator",
    Action.CHANGE_HOOKS: "administrator",
    Action.SEE_BUCKETS: "owner, other requester, requester elsewhere, reviewer, administrator",
    Action.CHANGE_BUCKETS: "owner, other requester, requester elsewhere, administrator",
}
KEPT_MAY: Mapping[Action, str] = {  # and of a job that its owner keeps
    Action.SEE_JOB: "owner, vendor manager, administrator",
    Action.CHANGE_JOB: "owner, administrator",
    Action.OVERRULE_LABEL: "owner, administrator",
    Action.WITHDRAW_LABELS: "owner, administrator",
    Action.SHARE_JOB: "owner, administrator",
    Action.DELETE_JOB: "owner, administrator",
    Action.WORK: "worker of the team",
}
OF_THE_WORKSPACE = {  # of one's own, whichever that is
    Action.CREATE_JOB,
    Action.CREATE_TEAM,
    Action.SEE_ACCOUNTS,
    Action.CHANGE_ACCOUNTS,
    Action.RUN_WORKSPACES,
    Action.SEE_MODELS,
    Action.SEE_HOOKS,
    Action.CHANGE_HOOKS,
    Action.SEE_BUCKETS,
    Action.CHANGE_BUCKETS,
    Action.SEE_EVENTS,
    Action.RUN_WEBHOOKS,
}
OF_A_TEAM = {Action.SEE_TEAM, Action.CHANGE_TEAM, Action.MANAGE_TEAM, Action.ADD_TO_TEAM}


@dataclass(frozen=True)
class Probe:
    """A request that only somebody who may do the action gets through; others are told nothing."""

    method: str
    path: str  # {job}, {team}
    json: Any = None
    form: Mapping[str, str] = field(default_factory=dict)


API, PAGE = "/api/v1", "/console"
PROBES: Mapping[Action, tuple[Probe, ...]] = {
    Action.SEE_JOB: (
        Probe("GET", API + "/jobs/{job}"),
        Probe("GET", API + "/jobs/{job}/report"),
        Probe("GET", API + "/jobs/{job}/objects"),
        Probe("GET", API + "/jobs/{job}/objects/0"),
        Probe("GET", API + "/jobs/{job}/annotations"),
        Probe("GET", API + "/jobs/{job}/output"),
        Probe("GET", API + "/jobs/{job}/auto-labeling"),
        Probe("GET", PAGE + "/jobs/{job}"),
        Probe("GET", PAGE + "/jobs/{job}/live"),
        Probe("GET", PAGE + "/jobs/{job}/objects"),
        Probe("GET", PAGE + "/jobs/{job}/objects/0"),
    ),
    Action.CREATE_JOB: (
        Probe("POST", API + "/jobs", {}),
        Probe("POST", API + "/jobs/preview", {"spec": {"name": "x", "task_type": "text-classification"}}),
        Probe("POST", API + "/jobs/import", {"source": "ftp://nowhere"}),
        Probe("GET", API + "/hooks/secret?url=https://example.org/f"),
        Probe("POST", API + "/uploads", {}),
        Probe("PUT", API + "/uploads/0123456789abcdef/a.txt", "x"),
        Probe("POST", API + "/manifests/check", {"input": "ftp://nowhere"}),
        Probe("GET", PAGE + "/new"),
        Probe("GET", API + "/worker-uis"),
        Probe("POST", API + "/worker-uis", {"name": "x", "template": "{% for %}"}),
    ),
    Action.CHANGE_JOB: (
        Probe("POST", API + "/jobs/{job}/consolidate", {"method": "none"}),
        Probe("POST", API + "/jobs/{job}/pause"),
        Probe("POST", API + "/jobs/{job}/resume"),
        Probe("POST", API + "/jobs/{job}/extend", {"put_back_failed": False}),
        Probe("POST", API + "/jobs/{job}/objects/put-back"),
        Probe("PATCH", API + "/jobs/{job}/tags", {"put": {"a": "b"}}),
        Probe("POST", API + "/jobs/{job}/auto-labeling/end"),
        Probe("POST", PAGE + "/jobs/{job}/do", form={"verb": "pause"}),
        Probe("POST", PAGE + "/jobs/{job}/do", form={"verb": "resume"}),
        Probe("POST", PAGE + "/jobs/{job}/extend", form={"per_object": ""}),
        Probe("POST", PAGE + "/jobs/{job}/put-back"),
    ),
    Action.WITHDRAW_LABELS: (
        Probe("POST", API + "/jobs/{job}/objects/withdraw-labels", {"objects": [], "reason": "x"}),
        Probe("POST", API + "/jobs/{job}/objects/withdraw-labels", {"reason": "x"}),
        Probe("POST", PAGE + "/jobs/{job}/withdraw-labels", form={"reason": "x"}),
    ),
    Action.SHARE_JOB: (
        Probe("POST", API + "/jobs/{job}/share", {"shared": "{shared}"}),
        Probe("POST", PAGE + "/jobs/{job}/share", form={"shared": "{shared}"}),
    ),
    Action.DELETE_JOB: (  # of jobs that go on: a conflict for who may
        Probe("DELETE", API + "/jobs/{job}"),
        Probe("POST", PAGE + "/jobs/{job}/delete", form={"typed": "another"}),
    ),
    Action.SEE_EVENTS: (Probe("GET", API + "/events"), Probe("GET", PAGE + "/audit")),
    Action.RUN_WEBHOOKS: (
        Probe("GET", API + "/webhooks"),
        Probe("POST", API + "/webhooks", {"url": "https://example.com", "kinds": ["none"]}),
        Probe("GET", PAGE + "/webhooks"),
        Probe("POST", PAGE + "/webhooks", form={"url": "nowhere"}),
    ),
    Action.WORK: (Probe("POST", API + "/jobs/{job}/assignments"),),
    Action.SEE_TEAM: (Probe("GET", API + "/teams/{team}"),),
    Action.CREATE_TEAM: (
        Probe("POST", API + "/teams", {"name": "-"}),
        Probe("POST", PAGE + "/workforce", form={"name": "-"}),
    ),
    Action.CHANGE_TEAM: (
        Probe("PATCH", API + "/teams/{team}", {"description": "x"}),
        Probe("DELETE", API + "/teams/{team}"),
        Probe("POST", PAGE + "/teams/{team}", form={"what": "describe", "description": "x"}),
        Probe("POST", PAGE + "/teams/{team}", form={"what": "delete"}),
    ),
    Action.MANAGE_TEAM: (
        Probe("GET", API + "/teams/{team}/members"),
        Probe("GET", API + "/teams/{team}/invitations"),
        Probe("POST", API + "/teams/{team}/invitations"),
        Probe("DELETE", API + "/teams/{team}/members/nobody"),
        Probe("GET", PAGE + "/teams/{team}"),
        Probe("POST", PAGE + "/teams/{team}", form={"what": "invite"}),
        Probe("POST", PAGE + "/teams/{team}", form={"what": "remove", "worker": "nobody"}),
    ),
    Action.ADD_TO_TEAM: (
        Probe("POST", API + "/teams/{team}/members", {"email": "worker.of.the.team@example.com"}),
        Probe("POST", PAGE + "/teams/{team}", form={"what": "add", "email": "worker.of.the.team@example.com"}),
    ),
    Action.SEE_ACCOUNTS: (Probe("GET", API + "/workers"),),
    Action.CHANGE_ACCOUNTS: (
        Probe("POST", API + "/workers/new", {"email": "no address"}),
        Probe("GET", API + "/keys/all"),
        Probe("GET", PAGE + "/people"),
        Probe("GET", PAGE + "/keys"),
        Probe("POST", PAGE + "/people", form={"email": "no address"}),
    ),
    Action.RUN_WORKSPACES: (
        Probe("GET", API + "/workspaces"),
        Probe("POST", API + "/workspaces", {"name": " "}),
        Probe("GET", API + "/workspaces/Main/members"),
        Probe("GET", PAGE + "/workspaces"),
        Probe("POST", PAGE + "/workspaces", form={"name": " "}),
        Probe("GET", PAGE + "/workspaces/Main"),
        Probe("POST", PAGE + "/workspaces/Main", form={"email": "nobody"}),
    ),
    Action.OVERRULE_LABEL: (Probe("POST", API + "/jobs/{job}/objects/0/overrule", {"category": "owl"}),),
    Action.SEE_MODELS: (Probe("GET", API + "/models"), Probe("GET", PAGE + "/models")),
    Action.SEE_HOOKS: (Probe("GET", API + "/hooks"), Probe("GET", PAGE + "/functions")),
    Action.SEE_BUCKETS: (Probe("GET", "/s3/"),),
    Action.CHANGE_BUCKETS: (Probe("PUT", "/s3/-"),),
    Action.CHANGE_HOOKS: (
        Probe("PUT", API + "/hooks/!", {"handler": "a.b", "code": ""}),
        Probe("POST", PAGE + "/functions", form={"name": "!"}),
    ),
}


@dataclass
class Town:
    """A server with all these people, a team, and its jobs."""

    served: Served
    clients: dict[str, TestClient]

    def ask(self, who: str, probe: Probe, job: str) -> Any:
        shared = job == "shared"
        given = {key: value.replace("{shared}", str(shared).lower()) for key, value in probe.form.items()}
        body = {"shared": shared} if probe.json == {"shared": "{shared}"} else probe.json
        path = probe.path.format(job=job, team="acme")
        return self.clients[who].request(probe.method, path, json=body, data=given or None)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    served = serve(tmp_path_factory.mktemp("town"))
    admin = served.signed_in("administrator", Role.ADMINISTRATOR)
    assert admin.post("/api/v1/workspaces", json={"name": "Elsewhere"}).status_code == 201
    ids = {name: served.person(_address(name), *person.roles).id for name, person in PEOPLE.items() if person.roles}
    away = f"/api/v1/workspaces/Elsewhere/members/{ids['requester elsewhere']}"
    assert admin.put(away, json={"roles": ["requester"]}).status_code == 200
    assert admin.put(away.replace("Elsewhere", "Main"), json={"roles": []}).status_code == 200
    for team, manager in (("acme", "vendor manager"), ("umbrella", "other vendor's manager"), ("rangers", None)):
        asked = {"name": team, "kind": "vendor" if manager else "private"}
        if manager:
            asked["manager"] = f"{_address(manager)}@example.com"
        assert admin.post("/api/v1/teams", json=asked).status_code == 201
    for team, name in (("acme", "worker of the team"), ("rangers", "worker of another team")):
        asked = {"email": f"{_address(name)}@example.com"}
        assert admin.post(f"/api/v1/teams/{team}/members", json=asked).status_code == 201
    _make_jobs(served)
    clients: dict[str, TestClient] = {name: _client(served, name, person) for name, person in PEOPLE.items()}
    yield Town(served, clients)
    served.store.close()


def _address(name: str) -> str:
    return name.replace("'", "").replace(" ", ".")


def _client(served: Served, name: str, person: Person) -> TestClient:
    if name == "nobody":
        return served.client()
    if name == "revoked key":
        owner = served.signed_in(_address("owner"))
        made = owner.post("/api/v1/keys", json={}).json()
        assert owner.delete(f"/api/v1/keys/{made['id']}").status_code == 204
        return served.client(made["token"])
    served.refresh(_address(name))
    return served.signed_in(_address(name))


def _make_jobs(served: Served) -> None:
    owner = acting(served.people[_address("owner")])
    for name in ("shared", "kept"):
        spec = {"name": name, "task_type": "text-classification", "input": "s3://texts/", "labels": ["a", "b"]}
        lines: list[dict[str, object]] = [{"source": f"text {n}"} for n in range(30)]
        job = served.job({**spec, "workers": {"team": "acme"}}, lines, by=owner)
        served.storage.write(labeling_jobs.output_manifest(job), b"")
    labeling_jobs.share(served.acts, owner, "kept", shared=False)


def expected(who: str, action: Action, job: str) -> bool:
    """What the table says."""
    person = PEOPLE[who]
    if action in OF_THE_WORKSPACE:
        relations = frozenset({HERE})
    elif action in OF_A_TEAM:
        relations = person.team
    else:
        relations = person.shared if job == "shared" else person.kept
    return person.let_in and permits(person.roles, action, relations)


def let_through(answer: Any) -> bool:
    """Whether the request was looked at, not turned away at the door."""
    to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/signin")
    return answer.status_code not in (401, 403, 404) and not to_sign_in


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("action", Action)
def test_the_table_says_who_may(action: Action, who: str) -> None:
    assert expected(who, action, "shared") == (who in MAY[action].split(", "))
    if action in KEPT_MAY:
        assert expected(who, action, "kept") == (who in KEPT_MAY[action].split(", "))


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("action", Action)
def test_every_door_does_what_the_table_says(town: Town, action: Action, who: str) -> None:
    for job in ("shared", "kept"):
        for probe in PROBES[action]:
            answer = town.ask(who, probe, job)
            assert answer.status_code < 500
            assert let_through(answer) == expected(who, action, job), (
                probe,
                job,
                answer.status_code,
                answer.text[:300],
            )


def test_every_cell_is_tried() -> None:
    assert set(POLICY) == set(PROBES) == set(Action)


@pytest.mark.parametrize("who", PEOPLE)
def test_workers_pages_are_for_workers(town: Town, who: str) -> None:
    for path in ("/work", "/work/shared", "/api/v1/me/jobs", "/api/v1/me/held"):
        answer = town.clients[who].get(path)
        assert let_through(answer) == (Role.WORKER in PEOPLE[who].roles), (path, answer.status_code)


@pytest.mark.parametrize(
    ("who", "listed"),
    [
        ("owner", {"shared", "kept"}),
        ("other requester", {"shared"}),
        ("reviewer", {"shared"}),
        ("requester elsewhere", set()),
        ("vendor manager", {"shared", "kept"}),
        ("other vendor's manager", set()),
        ("administrator", {"shared", "kept"}),
    ],
)
def test_lists_show_what_may_be_seen(town: Town, who: str, listed: set[str]) -> None:
    client = town.clients[who]
    assert {job["name"] for job in client.get("/api/v1/jobs").json()["jobs"]} == listed
    page = client.get("/console").text
    assert {name for name in ("shared", "kept") if f"/console/jobs/{name}" in page} == listed


def test_what_one_may_not_know_of_is_not_there(town: Town) -> None:
    elsewhere = town.clients["requester elsewhere"]
    there, nowhere = (elsewhere.get(f"/api/v1/jobs/{name}") for name in ("shared", "no-such-job"))
    assert there.status_code == nowhere.status_code == 404
    assert there.json()["error"]["message"] == nowhere.json()["error"]["message"].replace("no-such-job", "shared")


def test_what_others_uploaded_and_wrote_is_not_theirs_to_read(town: Town) -> None:
    mine, theirs = town.clients["owner"], town.clients["requester elsewhere"]
    upload = mine.post("/api/v1/uploads", files=[("files", ("a.txt", b"a letter"))]).json()["uri"]
    draft = mine.get("/console/new").headers["location"].split("/")[3]
    owner = town.served.people[_address("owner")].id
    of_the_server = (f"drafts/{owner}/{draft}.json", "groundswell.db", "secret-key")
    refused = (upload, f"{upload}/a.txt", "output/shared", *of_the_server)
    spec = {"name": "grab", "task_type": "text-classification", "labels": ["a", "b"]}
    for uri in refused:
        for place in ("input", "output"):
            answer = theirs.post("/api/v1/jobs", json={"input": "s3://own/", **spec, place: uri})
            assert answer.status_code in (403, 422), (place, uri)
            assert place in str(answer.json()["error"].get("problems") or answer.json()["error"].get("field"))
        assert theirs.post("/api/v1/manifests/check", json={"input": uri}).status_code in (403, 404, 422), uri
        body = {"spec": {**spec, "input": uri}}
        assert theirs.post("/api/v1/jobs/preview", json=body).status_code in (403, 404, 422), uri
    for uri in of_the_server:
        assert mine.post("/api/v1/jobs", json={**spec, "input": uri}).json()["error"]["field"] == "input", uri
    assert mine.post("/api/v1/manifests/check", json={"input": f"{upload}/a.txt"}).json()["objects"] == 1


def test_a_manifest_that_names_others_files_shows_none_of_them(town: Town) -> None:
    upload = town.clients["owner"].post("/api/v1/uploads", files=[("files", ("a.png", b"GIF89a"))]).json()["uri"]
    elsewhere = acting(town.served.refresh(_address("requester elsewhere")))
    spec: dict[str, object] = {
        "name": "peek",
        "task_type": "image-classification",
        "input": "s3://own/",
        "labels": ["a", "b"],
    }
    town.served.job(spec, [{"source-ref": f"{upload}/a.png"}], by=elsewhere)
    found = town.clients["requester elsewhere"].get("/api/v1/jobs/peek/objects").json()["objects"]
    assert town.clients["nobody"].get(found[0]["url"]).status_code == 403
