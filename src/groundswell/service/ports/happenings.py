"""Events, registered functions and their processes, webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from groundswell.domain.events import RecordedEvent
from groundswell.domain.hooks import HookCaller, RegisteredHook
from groundswell.domain.webhooks import Delivery, DeliveryState, Webhook
from groundswell.service.ports.pages import EventFilter, Page


class EventRepository(Protocol):
    """What happened, as it is read back; `Transaction.record` writes."""

    def page(self, wanted: EventFilter, page: Page) -> list[RecordedEvent]:
        """Newest first; the page key is the event's id as text."""
        ...

    def prune(self, before: datetime, limit: int) -> int:
        """Forget up to `limit` events older than this, and their deliveries; how many there were."""
        ...


class HookRepository(Protocol):
    """Functions that administrators registered for jobs to name."""

    def put(self, hook: RegisteredHook) -> RegisteredHook:
        """Register it; its version is one more than that of the one before (pass any), which it replaces."""
        ...

    def get(self, name: str) -> RegisteredHook:
        """With its code; raises NotFound."""
        ...

    def select(self) -> list[RegisteredHook]:
        """Every one by name, without its code (which is empty)."""
        ...

    def remove(self, name: str) -> None:
        """Raises NotFound."""
        ...


class Functions(Protocol):
    """Users' own functions, as far as this server's administrator allows them (`hooks.targets.Hooks`)."""

    def check(self, target: str, *, caller: HookCaller, field: str, start: bool) -> None:
        """Whether a new job may name this and, with `start`, whether it runs. Raises InvalidSpec naming the field."""
        ...

    def check_code(self, hook: RegisteredHook, *, caller: HookCaller) -> None:
        """Raise InvalidInput unless the function can be loaded; Unavailable where none can."""
        ...

    def try_out(self, hook: RegisteredHook, event: Any, *, caller: HookCaller) -> Any:
        """What a function answers to an event. Raises InvalidInput, Unavailable."""
        ...


class WebhookRepository(Protocol):
    """Endpoints, and the deliveries that `Transaction.record` makes for those that want the event."""

    def add(self, webhook: Webhook) -> None: ...

    def get(self, webhook_id: str) -> Webhook:
        """Raises NotFound."""
        ...

    def select(self, workspace_id: str) -> list[Webhook]:
        """In order of creation."""
        ...

    def update(
        self,
        webhook_id: str,
        *,
        url: str | None = None,
        kinds: Sequence[str] | None = None,
        active: bool | None = None,
    ) -> None: ...

    def remove(self, webhook_id: str) -> None:
        """With its deliveries; raises NotFound."""
        ...

    def any_due(self, at: datetime) -> bool:
        """Whether there is something to claim: what a runner can afford to ask every second."""
        ...

    def claim(self, *, at: datetime, until: datetime, limit: int) -> list[tuple[Webhook, Delivery]]:
        """Deliveries that are due, of active endpoints, the longest due first; nobody else gets them before `until`."""
        ...

    def settle(
        self, delivery_id: int, state: DeliveryState, *, attempts: int, due_at: datetime, said: str | None
    ) -> None:
        """What became of an attempt."""
        ...

    def deliveries(self, webhook_id: str, page: Page, *, state: DeliveryState | None = None) -> list[Delivery]:
        """Newest first; the page key is the delivery's id as text."""
        ...

    def send_again(self, webhook_id: str, delivery_id: int, *, at: datetime) -> None:
        """A delivery waits again, as if it had never been tried; raises NotFound."""
        ...
