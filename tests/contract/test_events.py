"""Whatever happens leaves its event, in every store: acts of people and what the runner does by itself alike."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest

import groundswell
from groundswell.domain import events
from groundswell.domain.errors import Unauthenticated
from groundswell.domain.hooks import HookCaller
from groundswell.domain.people import Account, Principal, Role
from groundswell.domain.records import LabelingJob
from groundswell.domain.states import JOB_TRANSITIONS
from groundswell.hooks.targets import Hook
from groundswell.service import (
    accounts,
    deletion,
    hooks,
    invitations,
    keys,
    labeling_jobs,
    objects,
    profile,
    tags,
    transitions,
    two_step,
    webhooks,
    withdrawal,
    work,
    work_teams,
    worker_uis,
    workforces,
    workspaces,
)
from groundswell.service import sign_in as coming_in
from groundswell.service.ports import EventFilter, ObjectFilter, Page, Store
from groundswell.testing.acting import acting, acts_over, member
from groundswell.wire import accounts as wire
from groundswell.wire.hooks import NewHook
from groundswell.wire.jobs import Extend
from groundswell.wire.webhooks import NewWebhook, PatchWebhook
from groundswell.wire.worker_uis import NewWorkerUi
from integration.runner_house import START, TEXTS, House
from store_work import add_worker, do, label_of

PASSWORD = "correct horse battery"
BY = "act"  # the actor is the administrator
SELF = "self"  # the actor is whose account it is
ITSELF = None  # the server
WORKER = "worker"  # the actor is the first of the people


class Scene:
    """A house with an administrator, whose events are looked at."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.people: list[str] = []
        self.store: Store = house.store
        self.admin = add_worker(self.store, "admin", roles=frozenset({Role.ADMINISTRATOR}))
        requester = member("requester", "Rita", Role.REQUESTER, at=START)
        do(self.store, lambda tx: tx.workers.add(requester, password_hash=None))  # whose jobs the house makes
        self.principal = acting(self.admin)
        self.acts = acts_over(self.store, clock=lambda: START)

    def do(self, work: Callable[..., Any]) -> Any:
        return do(self.store, work)

    def job(self, *, objects: int = 3, answered: bool = False, **fields: Any) -> LabelingJob:
        """A job in progress."""
        self.people = self.people_of(2)
        self.house.create([*TEXTS[:objects]], workers={"per_object": 2, "availability": 3600}, **fields)
        self.house.tick(2)
        if answered:
            self.house.work(lambda worker, n: "owl", self.people)
        return self.house.job()

    def people_of(self, count: int) -> list[str]:
        return self.house.add_workers(count)

    def team(self) -> str:
        work_teams.create(self.acts, self.principal, wire.NewTeam(name="crew"))
        return "crew"

    def account(self) -> Account:
        asked = wire.NewWorker(email="ann@example.com", name="Ann", password=PASSWORD)
        return accounts.create(self.acts, self.principal, asked)[0]

    def told(self, kind: str | None = None) -> list[events.RecordedEvent]:
        """Events in the order in which they happened."""
        return self.store.read(lambda tx: tx.events.page(EventFilter(kind=kind), Page(limit=1000)))[::-1]


@pytest.fixture
def scene(store: Store) -> Iterator[Scene]:
    with ThreadPoolExecutor(4) as pool:
        house = House(store, pool)
        yield Scene(house)
        house.runner.close()


def create(scene: Scene) -> None:
    scene.house.create([TEXTS[0]])  # takes a short way in; the act itself is what is looked at
    asked = {**scene.house.job().spec, "name": "pets", "input": "s3://in/birds.manifest"}
    labeling_jobs.create(scene.acts, scene.principal, asked)


def pause(scene: Scene) -> None:
    labeling_jobs.pause(scene.acts, scene.principal, scene.job().name)


def resume(scene: Scene) -> None:
    pause(scene)
    labeling_jobs.resume(scene.acts, scene.principal, scene.house.job().name)


def stop(scene: Scene) -> None:
    labeling_jobs.stop(scene.acts, scene.principal, scene.job().name)
    scene.house.tick(5)


def complete(scene: Scene) -> None:
    scene.job()
    scene.house.finish(lambda worker, n: "owl", scene.people)


def bad_input(scene: Scene) -> None:
    scene.house.create(b"no json\n")
    scene.house.tick(2)


def bad_hook(scene: Scene) -> None:
    from groundswell.domain.errors import InvalidSpec

    def opened(target: str, caller: HookCaller) -> Hook:
        raise InvalidSpec("there is no such function", field="hooks.pre_annotation")

    scene.house._open_hook = opened  # type: ignore[method-assign]
    scene.house.new_runner()
    scene.house.create([*TEXTS[:3]], hooks={"pre_annotation": "gone.py"})
    scene.house.tick(3)


def extend(scene: Scene) -> None:
    complete(scene)
    labeling_jobs.extend(scene.acts, scene.principal, scene.house.job().name, Extend(per_object=3))


def run_out(scene: Scene) -> None:
    scene.job()
    scene.house.tick(3, seconds=2000)


def put_back(scene: Scene) -> None:
    run_out(scene)
    labeling_jobs.put_back(scene.acts, scene.principal, scene.house.job().name, None)


def skip(scene: Scene) -> None:
    scene.house.hooks["mine:skip"] = lambda asked: {"taskInput": {}, "isHumanAnnotationRequired": "false"}
    scene.job(hooks={"pre_annotation": "mine:skip"})
    for _ in range(20):
        scene.house.tick()


def withdraw(scene: Scene) -> None:
    job = scene.job(stop_when={"human_labeled": 1})
    label = label_of(job.id, 1, human=False)
    scene.do(lambda tx: (tx.objects.move(job.id, [1], "withdraw"), tx.labels.put([label])))
    withdrawal.withdraw(scene.acts, scene.principal, job.name, [0, 1], reason="audit")


def hold_expires(scene: Scene) -> None:
    scene.job()
    assert scene.house.take(scene.people[0]) is not None
    scene.house.tick(2, seconds=400)


def report(scene: Scene) -> None:
    scene.job()
    taken = scene.house.take(scene.people[0])
    assert taken is not None
    worker = scene.store.read(lambda tx: tx.workers.get(taken.worker_id))
    work.give_back(scene.acts, acting(worker), taken.id, "decline", "the picture is black").result()


def change_account(scene: Scene) -> None:
    accounts.change(scene.acts, scene.principal, scene.account().id, wire.PatchWorker(disabled=True))


def own_account(scene: Scene) -> Principal:
    """Somebody with a password who acts."""
    return acting(scene.account())


def own_password(scene: Scene) -> None:
    asked = wire.PatchMe(password="another one", current_password=PASSWORD)
    profile.change(scene.acts, own_account(scene), asked)


def sign_in(scene: Scene) -> str:
    asked = wire.SignIn(email=scene.account().email, password=PASSWORD)
    return coming_in.sign_in(scene.acts, asked, network="192.0.2.7")[1]


def sign_in_wrongly(scene: Scene) -> None:
    asked = wire.SignIn(email=scene.account().email, password="not this one")
    with pytest.raises(Unauthenticated):
        coming_in.sign_in(scene.acts, asked, network="192.0.2.7")


def sign_out(scene: Scene) -> None:
    coming_in.sign_out(scene.acts, sign_in(scene))


def add_key(scene: Scene) -> keys.ApiKey:
    return keys.create(scene.acts, scene.principal, wire.NewKey(name="ci"))[0]


def drop_key(scene: Scene) -> None:
    keys.drop(scene.acts, scene.principal, add_key(scene).id)


def change_team(scene: Scene) -> None:
    work_teams.change(scene.acts, scene.principal, scene.team(), wire.PatchTeam(description="new"))


def remove_team(scene: Scene) -> None:
    work_teams.remove(scene.acts, scene.principal, scene.team())


def add_member(scene: Scene) -> None:
    asked = wire.NewMember(email=scene.account().email)
    work_teams.add_member(scene.acts, scene.principal, scene.team(), asked)


def remove_member(scene: Scene) -> None:
    ann = scene.account()
    work_teams.remove_member(scene.acts, scene.principal, scene.team(), ann.id)


def invite(scene: Scene) -> str:
    asked = wire.NewInvitation(days=7, max_uses=1)
    return invitations.create(scene.acts, scene.principal, scene.team(), asked).token


def join(scene: Scene) -> None:
    invitations.accept(scene.acts, scene.principal, invite(scene))


def register_by_invitation(scene: Scene) -> None:
    asked = wire.Register(email="new@example.com", password=PASSWORD, invitation=invite(scene))
    coming_in.register(scene.acts, asked)


def revoke(scene: Scene) -> None:
    invite(scene)
    (made,) = invitations.usable(scene.acts, scene.principal, "crew")
    invitations.revoke(scene.acts, scene.principal, "crew", made.id)


def share(scene: Scene) -> None:
    labeling_jobs.share(scene.acts, scene.principal, scene.job().name, shared=False)


def verify(scene: Scene) -> None:
    ann = scene.account()
    scene.do(lambda tx: tx.workers.update(ann.id, verified=False))
    accounts.change(scene.acts, scene.principal, ann.id, wire.PatchWorker(verified=True))


def two_steps(scene: Scene) -> None:
    setup = two_step.begin(scene.acts, scene.principal)
    two_step.confirm(scene.acts, scene.principal, pyotp.TOTP(setup.secret).at(START))


def rename_account(scene: Scene) -> None:
    asked = wire.PatchWorkspace(aws_account="111122223333", region="eu-west-1")
    try:
        workspaces.change(scene.acts, scene.principal, "Main", asked)
    finally:  # the workspace outlives the test where the database does
        before = {"aws_account": "000000000000", "region": "us-east-1"}
        do(scene.store, lambda tx: tx.workspaces.update(events.WORKSPACE, **before))


def make_ui(scene: Scene) -> None:
    worker_uis.create(scene.acts, scene.principal, NewWorkerUi(name="boxes", template="<p>{{ task.input.header }}</p>"))


def remove_ui(scene: Scene) -> None:
    make_ui(scene)
    worker_uis.remove(scene.acts, scene.principal, "boxes")


def make_workforce(scene: Scene) -> None:
    workforces.create(scene.acts, scene.principal, "ours", {"IpAddressType": "ipv4"}, client_secret="hush")


def change_workforce(scene: Scene) -> None:
    make_workforce(scene)
    workforces.change(scene.acts, scene.principal, "ours", {"IpAddressType": "dualstack"})


def remove_workforce(scene: Scene) -> None:
    make_workforce(scene)
    workforces.remove(scene.acts, scene.principal, "ours")


def tag(scene: Scene) -> None:
    make_ui(scene)
    tags.change_tags(scene.acts, scene.principal, "worker UI", "boxes", put={"colour": "red"})


def make_workspace(scene: Scene) -> None:
    workspaces.create(scene.acts, scene.principal, wire.NewWorkspace(name="Birds"))


def export(scene: Scene) -> None:
    list(labeling_jobs.answers(scene.acts, scene.principal, scene.job(answered=True).name)[1])


def register_hook(scene: Scene) -> None:
    hooks.register(scene.acts, scene.principal, "prepare", NewHook(handler="prepare.handler", code=""))


def remove_hook(scene: Scene) -> None:
    register_hook(scene)
    hooks.remove(scene.acts, scene.principal, "prepare")


def look(scene: Scene) -> None:
    name = scene.job().name
    for _ in range(2):
        objects.page(scene.acts, scene.principal, name, ObjectFilter(), Page())
        objects.describe(scene.acts, scene.principal, name, 0)
    assert len(scene.told("job.media_viewed")) == 1


def add_webhook(scene: Scene) -> str:
    asked = NewWebhook(url="https://example.com/hook", kinds=["job"])
    return webhooks.add(scene.acts, scene.principal, asked).view.webhook.id


def change_webhook(scene: Scene) -> None:
    webhooks.change(scene.acts, scene.principal, add_webhook(scene), PatchWebhook(active=False))


def remove_webhook(scene: Scene) -> None:
    webhooks.remove(scene.acts, scene.principal, add_webhook(scene))


def delete(scene: Scene) -> None:
    complete(scene)
    deletion.delete_job(scene.acts, scene.principal, scene.house.job().name)


def delete_account(scene: Scene) -> None:
    deletion.delete_account(scene.acts, scene.principal, scene.account().id, answers="kept")


def key_added(scene: Scene, name: str, at: datetime) -> events.Event:
    return events.KeyAdded(at=at, actor=scene.admin.id, key=name, name=name)


CASES: list[tuple[str, Callable[[Scene], Any], str | None, dict[str, Any]]] = [
    ("job.created", create, BY, {"task_type": "text-classification", "team": "everyone"}),
    ("job.started", complete, ITSELF, {}),
    ("job.paused", pause, BY, {}),
    ("job.resumed", resume, BY, {}),
    ("job.stopping", stop, BY, {}),
    ("job.stopped", stop, ITSELF, {}),
    ("job.completed", complete, ITSELF, {}),
    ("job.failed", bad_input, ITSELF, {}),
    ("job.failed", bad_hook, ITSELF, {"reason": "ClientError: there is no such function"}),
    ("job.extended", extend, BY, {"put_back": 0, "reopened": 3, "changes": {"per_object": 3, "put_back_failed": True}}),
    ("job.reopened", extend, BY, {}),
    ("object.labeled", complete, ITSELF, {"count": 3, "objects": [[0, 2]], "origin": "consolidated"}),
    ("object.failed", run_out, ITSELF, {"count": 1, "objects": [[0, 0]]}),
    ("object.put_back", put_back, BY, {"count": 3, "objects": [[0, 2]]}),
    ("object.skipped", skip, ITSELF, {"count": 3, "objects": [[0, 2]]}),
    ("object.label_withdrawn", withdraw, BY, {"count": 1, "objects": [[1, 1]], "reason": "audit"}),
    ("object.reported", report, WORKER, {"count": 1, "objects": [[0, 0]], "reason": "the picture is black"}),
    ("assignment.expired", hold_expires, ITSELF, {"count": 1, "objects": [[0, 0]], "workers": ["w0"]}),
    ("account.registered", Scene.account, BY, {"roles": ["worker"]}),
    ("account.changed", change_account, BY, {"roles": ["worker"], "disabled": True, "password": False}),
    ("account.changed", own_password, SELF, {"roles": ["worker"], "disabled": False, "password": True}),
    ("account.signed_in", sign_in, SELF, {"network": "192.0.2.7"}),
    ("account.signed_out", sign_out, SELF, {}),
    ("account.sign_in_failed", sign_in_wrongly, ITSELF, {"network": "192.0.2.7"}),
    ("key.added", add_key, BY, {"name": "ci"}),
    ("key.dropped", drop_key, BY, {}),
    ("team.created", Scene.team, BY, {"team_kind": "private"}),
    ("team.changed", change_team, BY, {}),
    ("team.removed", remove_team, BY, {}),
    ("team.member_added", add_member, BY, {}),
    ("team.member_removed", remove_member, BY, {}),
    ("invitation.created", invite, BY, {"days": 7, "max_uses": 1}),
    ("invitation.used", join, BY, {}),
    ("invitation.revoked", revoke, BY, {}),
    ("job.shared", share, BY, {"shared": False}),
    ("workspace.created", make_workspace, BY, {}),
    ("workspace.changed", rename_account, BY, {"aws_account": "111122223333", "region": "eu-west-1"}),
    ("worker_ui.created", make_ui, BY, {}),
    ("worker_ui.removed", remove_ui, BY, {}),
    ("workforce.created", make_workforce, BY, {}),
    ("workforce.changed", change_workforce, BY, {}),
    ("workforce.removed", remove_workforce, BY, {}),
    ("tags.changed", tag, BY, {"resource": "worker UI", "tags": {"colour": "red"}}),
    ("account.verified", verify, BY, {}),
    ("account.two_step", two_steps, BY, {"active": True}),
    ("hook.registered", register_hook, BY, {"version": 1, "sha256": hashlib.sha256(b"").hexdigest()}),
    ("hook.removed", remove_hook, BY, {}),
    ("webhook.added", add_webhook, BY, {"url": "https://example.com/hook", "kinds": ["job"]}),
    ("webhook.changed", change_webhook, BY, {"active": False, "kinds": ["job"]}),
    ("webhook.removed", remove_webhook, BY, {"url": "https://example.com/hook"}),
    ("job.deleted", delete, BY, {"objects": 3, "annotations": 6, "files": False}),
    ("account.deleted", delete_account, BY, {"answers": "kept", "removed": 0}),
    ("job.media_viewed", look, BY, {}),
    ("job.exported", export, BY, {"what": "annotations"}),
]


@pytest.mark.parametrize(("kind", "act", "actor", "data"), CASES, ids=[f"{one[0]}-{one[1].__name__}" for one in CASES])
def test_it_leaves_its_event(
    scene: Scene, kind: str, act: Callable[[Scene], Any], actor: str | None, data: dict[str, Any]
) -> None:
    act(scene)
    found = scene.told(kind)
    assert found, [one.kind for one in scene.told()]
    expected = {BY: scene.admin.id, SELF: found[0].subject, ITSELF: None, WORKER: next(iter(scene.people), None)}
    assert found[0].actor == expected[actor]
    assert {name: found[0].data[name] for name in data} == data
    assert found[0].workspace == events.WORKSPACE or kind == "workspace.created"
    assert found[0].subject


ELSEWHERE = {
    "auto_labeling": "integration/runner/test_auto_labeling.py and integration/server/test_auto_labeling.py",
    "bucket": "integration/server/s3/test_ownership.py",
    "object.overruled": "integration/server/test_auto_labeling.py",
}
"""Families that need a loop, or files: where what they leave is tried."""


def test_every_kind_has_a_case() -> None:
    here = {kind for kind in events.KINDS if kind not in ELSEWHERE and kind.split(".")[0] not in ELSEWHERE}
    assert {one[0] for one in CASES} == here


def test_every_transition_of_a_job_is_told() -> None:
    assert set(transitions.JOB_EVENTS) == {transition for _, transition in JOB_TRANSITIONS}


def test_nothing_else_moves_a_job_or_fails_an_object() -> None:
    moves = re.compile(r"jobs\.set_state\(|objects\.move\([^)]*\"(fail|skip|put_back)\"|assignments\.expire\(")
    source = Path(groundswell.__file__).parent
    found = {path.name for path in source.rglob("*.py") if moves.search(path.read_text())}
    assert found == {"transitions.py"}


def test_an_account_registered_with_an_invitation_has_used_it(scene: Scene) -> None:
    register_by_invitation(scene)
    told = [one.kind for one in scene.told()]
    assert told[-3:] == ["account.registered", "invitation.used", "account.signed_in"]


def test_what_is_rolled_back_is_not_told(scene: Scene) -> None:
    def work(tx: Any) -> None:
        tx.record(key_added(scene, "ci", START))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        scene.do(work)
    assert scene.told() == []


def test_a_job_tells_its_life_in_order(scene: Scene) -> None:
    complete(scene)
    job = scene.house.job()
    mine = scene.store.read(lambda tx: tx.events.page(EventFilter(job_id=job.id), Page()))
    assert [one.kind for one in mine][::-1][:2] == ["job.started", "object.labeled"]
    assert mine[0].kind == "job.completed"
    assert {one.subject for one in mine} == {job.name}


def test_filters_narrow_and_pages_follow(scene: Scene) -> None:
    for n in range(3):
        at = START + timedelta(days=n)
        scene.do(lambda tx, at=at, n=n: tx.record(key_added(scene, f"key {n}", at)))
    signed_in = events.SignedIn(at=START, actor=scene.admin.id, account=scene.admin.id, network="")
    scene.do(lambda tx: tx.record(signed_in))

    def names(**wanted: Any) -> list[str]:
        found = scene.store.read(lambda tx: tx.events.page(EventFilter(**wanted), Page()))
        return [one.data.get("name", one.kind) for one in found]

    assert names(kind="key") == names(kind="key.added") == ["key 2", "key 1", "key 0"]
    assert names(kind="ke") == names(actor="nobody") == names(job_id=7) == names(workspace="other") == []
    assert names(since=START + timedelta(days=1), until=START + timedelta(days=2)) == ["key 1"]
    assert names(subject=scene.admin.id) == ["account.signed_in"]
    first = scene.store.read(lambda tx: tx.events.page(EventFilter(), Page(limit=3)))
    rest = scene.store.read(lambda tx: tx.events.page(EventFilter(), Page(limit=3, after=str(first[-1].id))))
    assert [one.data.get("name") for one in first + rest] == [None, "key 2", "key 1", "key 0"]


def test_old_events_are_forgotten_a_few_at_a_time(scene: Scene) -> None:
    for n in range(4):
        at = START + timedelta(days=n)
        scene.do(lambda tx, at=at, n=n: tx.record(key_added(scene, str(n), at)))
    before = START + timedelta(days=3)
    assert scene.do(lambda tx: tx.events.prune(before, 2)) == 2
    assert scene.do(lambda tx: tx.events.prune(before, 2)) == 1
    assert [one.data["name"] for one in scene.told()] == ["3"]
