"""Deliveries: made with the event, sent signed, tried again, given up and sent again, in every store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from groundswell.domain import events
from groundswell.domain.errors import Forbidden, NotFound, Unavailable
from groundswell.domain.webhooks import BACKOFF, Delivery, DeliveryState, Webhook
from groundswell.net.client import Answer
from groundswell.runner.retention import Retention
from groundswell.runner.webhooks import Postman
from groundswell.sdk.webhooks import is_genuine
from groundswell.service.ports import EventFilter, Page, Store, Transaction
from groundswell.testing.memory_seals import MemorySeals
from store_work import START, do

SECRET = "a secret of an endpoint"


class Receiver:
    """Stands for the network: answers as the test says."""

    def __init__(self) -> None:
        self.answers: list[int | Exception] = []
        self.got: list[tuple[str, dict[str, str], bytes]] = []

    def post(self, url: str, content: bytes, *, headers: dict[str, str], timeout_s: float, max_bytes: int) -> Answer:
        self.got.append((url, headers, content))
        said = self.answers.pop(0) if self.answers else 200
        if isinstance(said, Exception):
            raise said
        return Answer(said, {}, b"what strangers say is not kept")


class Office:
    """A store, a postman and the time."""

    def __init__(self, store: Store) -> None:
        self.store, self.now, self.seconds = store, START, 0.0
        self.receiver = Receiver()
        self.postman = Postman(
            store, self.receiver, clock=lambda: self.now, monotonic=lambda: self.seconds, seals=MemorySeals()
        )

    def add(self, name: str = "hook", *kinds: str, workspace: str = "main") -> Webhook:
        made = Webhook(name, workspace, f"https://{name}.example", kinds or ("*",), SECRET, START, "ada")
        do(self.store, lambda tx: tx.webhooks.add(made))
        return made

    def happen(self, name: str = "ci", workspace: str = "main", at: datetime | None = None) -> None:
        event = events.KeyAdded(at=at or self.now, actor="ada", workspace=workspace, key="k", name=name)
        do(self.store, lambda tx: tx.record(event))

    def run(self) -> None:
        """Until nothing moves at this time."""
        for _ in range(100):
            self.seconds += 1
            busy = self.postman.round()
            for one in self.postman._under_way:
                one.answer.exception(5)
            if not busy and not self.postman.is_waiting:
                return
        raise AssertionError("the postman never rests")

    def deliveries(self, name: str = "hook", state: DeliveryState | None = None) -> list[Delivery]:
        return self.store.read(lambda tx: tx.webhooks.deliveries(name, Page(), state=state))


@pytest.fixture
def office(store: Store) -> Iterator[Office]:
    made = Office(store)
    yield made
    made.postman.close()


def test_an_event_is_sent_once_and_signed(office: Office) -> None:
    office.add()
    office.happen()
    office.run()
    office.run()
    ((url, headers, body),) = office.receiver.got
    assert url == "https://hook.example"
    said = json.loads(body)
    assert (said["kind"], said["subject"], said["data"], said["actor_id"]) == ("key.added", "k", {"name": "ci"}, "ada")
    assert headers["Groundswell-Event"] == "key.added"
    now = START.timestamp()
    assert is_genuine(SECRET, headers, body, now=now)
    assert not is_genuine("another", headers, body, now=now)
    assert not is_genuine(SECRET, headers, body + b" ", now=now)
    assert not is_genuine(SECRET, headers, body, now=now + 301)
    later = headers | {"Groundswell-Timestamp": str(int(now) + 400)}
    assert not is_genuine(SECRET, later, body, now=now + 400)  # the time is signed too
    assert not is_genuine(SECRET, {}, body, now=now)
    (sent,) = office.deliveries()
    assert (sent.state, sent.attempts, sent.said) == (DeliveryState.SENT, 1, "200")


@pytest.mark.parametrize(
    ("kinds", "wanted"),
    [(("*",), True), (("key",), True), (("key.added",), True), (("key.dropped", "job"), False), (("ke",), False)],
)
def test_an_endpoint_gets_the_kinds_it_wants(office: Office, kinds: tuple[str, ...], wanted: bool) -> None:
    office.add("hook", *kinds, *kinds[:1])
    office.happen()
    assert len(office.deliveries()) == wanted


def test_only_active_endpoints_of_the_workspace_get_it(office: Office) -> None:
    office.add("here")
    office.add("elsewhere", workspace="other")
    office.add("stopped")
    office.happen("before")
    do(office.store, lambda tx: tx.webhooks.update("stopped", active=False))
    office.happen("after")
    office.run()
    assert {url for url, _, _ in office.receiver.got} == {"https://here.example"}
    assert [len(office.deliveries(name)) for name in ("here", "elsewhere", "stopped")] == [2, 0, 1]
    do(office.store, lambda tx: tx.webhooks.update("stopped", active=True))
    office.run()
    assert len(office.receiver.got) == 3  # what waited goes out


def test_what_is_rolled_back_is_sent_to_nobody(office: Office) -> None:
    office.add()

    def work(tx: Transaction) -> None:
        tx.record(events.KeyAdded(at=START, key="k", name="n"))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        do(office.store, work)
    assert office.deliveries() == []


def test_it_is_tried_again_later_and_later_and_given_up(office: Office) -> None:
    office.add()
    office.happen()
    office.receiver.answers = [500, Unavailable("it does not answer within 10 s"), 302, *[503] * 6]
    said = []
    for wait in (timedelta(), *BACKOFF):
        office.now += wait - timedelta(seconds=1) if wait else wait
        tried = len(office.receiver.got)
        if wait:
            office.run()
            assert len(office.receiver.got) == tried  # not before its time
            office.now += timedelta(seconds=1)
        office.run()
        assert len(office.receiver.got) == tried + 1
        said.append(office.deliveries()[0].said)
    assert said[:3] == ["HTTP 500", "it does not answer within 10 s", "HTTP 302: a redirect, which is not followed"]
    (dead,) = office.deliveries(state=DeliveryState.DEAD)
    assert dead.attempts == len(BACKOFF) + 1
    office.now += timedelta(days=30)
    office.run()
    assert len(office.receiver.got) == len(BACKOFF) + 1

    do(office.store, lambda tx: tx.webhooks.send_again("hook", dead.id, at=office.now))
    office.run()
    (sent,) = office.deliveries()
    assert (sent.id, sent.state, sent.attempts) == (dead.id, DeliveryState.SENT, 1)
    with pytest.raises(NotFound):
        do(office.store, lambda tx: tx.webhooks.send_again("other", dead.id, at=office.now))


def test_an_address_that_is_refused_is_given_up_at_once(office: Office) -> None:
    office.add()
    office.happen()
    office.receiver.answers = [Forbidden("10.0.0.1 is private")]
    office.run()
    (dead,) = office.deliveries()
    assert (dead.state, dead.said) == (DeliveryState.DEAD, "refused: 10.0.0.1 is private")


def test_one_endpoint_does_not_keep_the_others_waiting(office: Office) -> None:
    office.add("slow")
    office.add("quick", "key.added")
    for n in range(40):
        office.happen(f"key {n}")
    for _ in range(40):
        office.now += timedelta(seconds=2)
        office.run()
    assert len(office.receiver.got) == 80
    assert {one.state for name in ("slow", "quick") for one in office.deliveries(name)} == {DeliveryState.SENT}


def test_two_runners_send_it_once_and_one_that_died_is_replaced(office: Office) -> None:
    office.add()
    office.happen()
    at = office.now
    until = at + timedelta(seconds=60)
    taken = do(office.store, lambda tx: tx.webhooks.claim(at=at, until=until, limit=9))
    assert [delivery.event.kind for _, delivery in taken] == ["key.added"]
    assert do(office.store, lambda tx: tx.webhooks.claim(at=at, until=until, limit=9)) == []
    office.run()
    assert office.receiver.got == []
    office.now = until
    office.run()
    assert len(office.receiver.got) == 1


def test_endpoints_read_back_change_and_go(office: Office) -> None:
    made = office.add("hook", "job", "key.added")
    assert office.store.read(lambda tx: tx.webhooks.get("hook")) == made
    do(office.store, lambda tx: tx.webhooks.update("hook", url="https://new.example", kinds=["job"]))
    office.happen()
    assert office.deliveries() == []
    changed = office.store.read(lambda tx: tx.webhooks.select("main"))
    assert [(one.url, tuple(one.kinds)) for one in changed] == [("https://new.example", ("job",))]
    do(office.store, lambda tx: tx.webhooks.remove("hook"))
    for work in (lambda tx: tx.webhooks.get("hook"), lambda tx: tx.webhooks.remove("hook")):
        ask: Callable[[Transaction], Any] = work
        with pytest.raises(NotFound):
            do(office.store, ask)


def test_events_past_their_time_are_forgotten_with_their_deliveries(office: Office) -> None:
    office.add()
    office.happen("old", at=START - timedelta(days=31))
    office.happen("new")
    kept = Retention(office.store, lambda: office.now, lambda: office.seconds, days=0)
    assert not kept.round()
    retention = Retention(office.store, lambda: office.now, lambda: office.seconds, days=30)
    assert retention.round() and not retention.round() and not retention.round()
    names = office.store.read(lambda tx: [one.data["name"] for one in tx.events.page(EventFilter(), Page())])
    assert names == ["new"]
    assert [one.event.data["name"] for one in office.deliveries()] == ["new"]
    office.now += timedelta(days=40)
    assert not retention.round()  # it looks once an hour
    office.seconds += 3_600
    assert retention.round()
