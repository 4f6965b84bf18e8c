"""Work for backends under test, where spawned processes can import it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundswell.domain.errors import InvalidInput


def weigh(item: int, shared: int) -> int:
    """A product."""
    return item * shared


@dataclass(frozen=True)
class LethalOnce:
    """A function that kills its process the first time it is called after `skip` calls, then behaves."""

    function: Callable[[Any, Any], Any]
    folder: Path  # counts calls over all processes
    skip: int = 0

    def __call__(self, item: Any, shared: Any) -> Any:
        """See the class."""
        for call in range(self.skip + 1):
            try:
                (self.folder / str(call)).touch(exist_ok=False)
            except FileExistsError:
                continue
            if call == self.skip:
                os.kill(os.getpid(), signal.SIGKILL)
            break
        return self.function(item, shared)


def square(number: int) -> int:
    """Quick work."""
    return number * number


def refuse(message: str) -> None:
    """Work that is refused."""
    raise InvalidInput(message)


def slow_pid(seconds: float) -> int:
    """The process that did it, after a while."""
    time.sleep(seconds)
    return os.getpid()


def die_once(mark: str) -> str:
    """Kills its process unless the file is there, which it makes."""
    try:
        Path(mark).touch(exist_ok=False)
    except FileExistsError:
        return "alive"
    os.kill(os.getpid(), signal.SIGKILL)
    return "dead"


def die_always() -> None:
    """Kills its process."""
    os.kill(os.getpid(), signal.SIGKILL)
