"""Waiting on the event loop for what a thread does."""

from __future__ import annotations

from asyncio import CancelledError, get_running_loop
from asyncio import Future as Waiter
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def outcome(future: Future[T]) -> T:
    """What the future gives. `asyncio.wrap_future` takes four times as long, mostly to copy one future into another."""
    loop = get_running_loop()
    waiter: Waiter[None] = loop.create_future()

    def tell(_: Future[T]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(_wake, waiter)

    future.add_done_callback(tell)
    try:
        await waiter
    except CancelledError:
        future.cancel()
        raise
    return future.result()


def _wake(waiter: Waiter[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
