"""Sending events to the endpoints that want them: signed, tried again, given up in the end. Never in a request.

Each delivery is sent at least once: a runner that dies between sending and writing that down sends it again, with the
same id. They are sent side by side, so they may arrive in another order than things happened: `id` says it.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from groundswell.domain.errors import Forbidden, GroundswellError
from groundswell.domain.webhooks import Delivery, DeliveryState, Webhook, next_attempt, signature
from groundswell.net.client import Answer
from groundswell.service.event_shape import recorded_event
from groundswell.service.ports import Clock, Seals, Store

TIMEOUT_S = 10.0
_AT_A_TIME = 16
_OF_ONE = 8  # to one endpoint at a time: a slow one leaves the others their turn
_LOOK_EVERY_S = 1.0
_HELD = timedelta(seconds=60)  # nobody else sends what this runner has taken
_PUT_OFF = timedelta(seconds=2)  # what would be too many for one endpoint
_SAID = 200  # characters kept of what went wrong
log = logging.getLogger(__name__)


class Sender(Protocol):
    """`net.client.GuardedClient`."""

    def post(
        self, url: str, content: bytes, *, headers: dict[str, str], timeout_s: float, max_bytes: int
    ) -> Answer: ...


@dataclass(frozen=True)
class _UnderWay:
    webhook: Webhook
    delivery: Delivery
    answer: Future[Answer]


class Postman:
    """Takes deliveries that are due, a look a second, and writes down what became of them."""

    def __init__(
        self, store: Store, sender: Sender, *, clock: Clock, monotonic: Callable[[], float], seals: Seals
    ) -> None:
        self._store, self._sender, self._clock, self._monotonic = store, sender, clock, monotonic
        self._seals = seals
        self._pool = ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="webhooks")
        self._under_way: list[_UnderWay] = []
        self._looked_at = -1e9

    def round(self) -> bool:
        """Settle what has an answer and take what is due; whether anything was settled or taken."""
        done = [one for one in self._under_way if one.answer.done()]
        self._under_way = [one for one in self._under_way if not one.answer.done()]
        for one in done:
            self._settle(one)
        return bool(self._take()) or bool(done)

    @property
    def is_waiting(self) -> bool:
        """Whether answers are awaited."""
        return bool(self._under_way)

    def close(self) -> None:
        """Begin nothing more; what is under way is sent again by the next runner."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _take(self) -> int:
        room = _AT_A_TIME - len(self._under_way)
        now = self._monotonic()
        if room <= 0 or now - self._looked_at < _LOOK_EVERY_S:
            return 0
        self._looked_at = now
        at = self._clock()
        due = self._store.read(lambda tx: tx.webhooks.any_due(at))
        if not due:
            return 0
        taken = self._store.write(lambda tx: tx.webhooks.claim(at=at, until=at + _HELD, limit=room)).result()
        busy = Counter(one.webhook.id for one in self._under_way)
        for webhook, delivery in taken:
            busy[webhook.id] += 1
            if busy[webhook.id] <= _OF_ONE:
                answer = self._pool.submit(self._send, webhook, delivery, at)
                self._under_way.append(_UnderWay(webhook, delivery, answer))
            else:
                self._put_off(delivery, at + _PUT_OFF)
        self._looked_at = -1e9  # there may be more
        return len(taken)

    def _put_off(self, delivery: Delivery, until: datetime) -> None:
        self._store.write(
            lambda tx: tx.webhooks.settle(
                delivery.id, DeliveryState.WAITING, attempts=delivery.attempts, due_at=until, said=delivery.said
            )
        ).result()

    def _send(self, webhook: Webhook, delivery: Delivery, at: datetime) -> Answer:
        secret = self._seals.unseal(webhook.secret).decode()
        body = recorded_event(delivery.event).model_dump_json().encode()
        timestamp = int(at.timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Groundswell-Webhook",
            "Groundswell-Event": delivery.event.kind,
            "Groundswell-Delivery": str(delivery.id),
            "Groundswell-Timestamp": str(timestamp),
            "Groundswell-Signature": signature(secret, timestamp, body),
        }
        return self._sender.post(webhook.url, body, headers=headers, timeout_s=TIMEOUT_S, max_bytes=1 << 16)

    def _settle(self, one: _UnderWay) -> None:
        attempts, now = one.delivery.attempts + 1, self._clock()
        said, again = _outcome(one.answer)
        due = next_attempt(attempts, now) if again else None
        if said.startswith("2"):
            state = DeliveryState.SENT
        else:
            state = DeliveryState.DEAD if due is None else DeliveryState.WAITING
        if state is DeliveryState.DEAD:
            log.warning("webhook %s: delivery %s is given up: %s", one.webhook.id, one.delivery.id, said)
        settled = one.delivery.id
        self._store.write(
            lambda tx: tx.webhooks.settle(settled, state, attempts=attempts, due_at=due or now, said=said[:_SAID])
        ).result()


def _outcome(answer: Future[Answer]) -> tuple[str, bool]:
    """What an attempt's answer says, and whether another attempt could say something else."""
    try:
        status = answer.result().status
    except Forbidden as error:
        return f"refused: {error.message}", False
    except GroundswellError as error:
        return error.message, True
    except Exception as error:
        log.exception("a webhook's delivery failed")
        return type(error).__name__, True
    if 200 <= status < 300:
        return f"{status}", False
    if status // 100 == 3:
        return f"HTTP {status}: a redirect, which is not followed", True
    return f"HTTP {status}", True
