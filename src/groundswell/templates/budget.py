"""How much a template may do: counted in characters that rendering works through, the same on every machine.

Liquid's own limits stand beside it: of loops, output and nesting. What is counted here is everything else that a
stranger's template can make large: the steps taken, what filters take in and give out, what variables hold. A large
result is counted before it is made wherever its size can be known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from liquid.exceptions import ResourceLimitError

MAX_WORK = 60_000_000  # characters: about half a second and some 60 MB, far above the largest page in use
MAX_NUMBER_BITS = 2_048  # of whole numbers: multiplying longer ones again and again takes for ever
ELEMENT = 200  # what an element of a list counts: about the bytes that it takes
_STEP = 100  # what a tag or an output counts by itself


class Budget:
    """What is left of one rendering's work; `expired` says whether its time is over."""

    def __init__(self, step: int, expired: Callable[[], bool]) -> None:
        self.left = MAX_WORK
        self.step = step
        self.expired = expired


current: ContextVar[Budget | None] = ContextVar("budget", default=None)
"""The budget of the rendering under way in this context."""


def spend(work: int) -> None:
    """Count work; raises ResourceLimitError when there is too much, or no time for it. Free outside a rendering."""
    budget = current.get()
    if budget is None:
        return
    budget.left -= work
    if budget.left < 0 or budget.expired():
        raise ResourceLimitError("the template has too much to do", token=None)


def spend_step() -> None:
    """Count a tag or an output that is rendered."""
    budget = current.get()
    if budget is not None:
        spend(budget.step)


def step_of(longest_tag: int) -> int:
    """What a step counts where the longest tag has so many characters: they are what it evaluates."""
    return _STEP + longest_tag


def size_of(value: Any) -> int:
    """What a value counts, its elements by their number alone."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, range):
        return ELEMENT * max(0, value.stop - value.start)  # len() fails for the longest
    return ELEMENT * len(value) if isinstance(value, list | tuple | Mapping) else 0


def spend_all(value: Any) -> None:
    """Count a value with all that it holds: a list may hold one large value a thousand times."""
    if current.get() is None:
        return
    if isinstance(value, str):
        spend(len(value) + 8)
    elif isinstance(value, Mapping):
        for key, member in value.items():
            spend(len(key) + 8 if isinstance(key, str) else 8)
            spend_all(member)
    elif isinstance(value, list | tuple | range):
        for member in value:
            spend_all(member)
    else:
        spend(8)


def spend_flat(value: Any) -> None:
    """Count a list as filters see it, with the lists in it unfolded."""
    if isinstance(value, list | tuple):
        spend(ELEMENT * len(value))
        for member in value:
            if isinstance(member, list | tuple):
                spend_flat(member)


def checked_number(value: Any) -> Any:
    """The value, unless it is a whole number that is too long."""
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > MAX_NUMBER_BITS:
        raise ResourceLimitError("the number is too large", token=None)
    return value
