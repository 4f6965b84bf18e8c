"""What answers mean, kept for a while, so that each is decoded once."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from typing import Any

from groundswell.domain.records import Annotation


class Values:
    """The values of the answers decoded last; an answer given anew is another one."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[tuple[str, datetime], Any] = OrderedDict()

    def make_room(self, for_answers: int) -> None:
        """Keep at least so many, because they are needed together."""
        self._most = max(self._most, for_answers)

    def has(self, one: Annotation) -> bool:
        """Whether the answer's value is here."""
        return _key(one) in self._values

    def get(self, one: Annotation) -> Any:
        """The answer's value, which is here."""
        return self._values[_key(one)]

    def put(self, one: Annotation, value: Any) -> None:
        """Keep an answer's value, and forget the oldest one where there are too many."""
        self._values[_key(one)] = value
        if len(self._values) > self._most:
            self._values.popitem(last=False)


def _key(one: Annotation) -> tuple[str, datetime]:
    return one.assignment_id, one.submitted_at
