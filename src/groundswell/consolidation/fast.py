"""Which of two bodies a kernel runs: NumPy's, or the compiled loop of the same name in `compiled/`.

Every kernel is written in NumPy; the same sums as a loop, which numba compiles, come with the extra `[fast]`. Small
inputs take NumPy: a compiler takes longer than they do. Where numba has kept a loop from an earlier run on this machine
there is nothing to compile, and only very small ones do. Which it is, is settled at a kernel's first call, so that one
process gives the same numbers throughout. Both give the same numbers up to rounding
(`tests/contract/test_twins.py`). Elsewhere: the loops, which alone import numba (`compiled/`).

    @twinned(lambda offsets, label, n_labels: label.size * n_labels)
    def vote_shares(offsets, label, n_labels): ...    # in kernels.py; its loop is vote_shares in compiled/kernels.py
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, cached_property, update_wrapper, wraps
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
Owner = TypeVar("Owner")
Many = TypeVar("Many", bound=Sized)

LARGE = 1 << 18  # numbers a call touches from which a compiler's seconds are won back
MANY_PIXELS = 16 * LARGE  # the same for passes over masks, which do little to a pixel

KEPT_SHARE = 64  # a loop that is compiled already is worth loading from this much less work on

_times: ContextVar[int] = ContextVar("times", default=1)


class Kernel(Generic[P, T]):
    """A function in NumPy that hands large inputs to its compiled loop where numba is installed.

    Parameters
    ----------
    twin : the function.        work : its arguments to the numbers a call touches.
    least : the work from which the loop is worth its compiler.
    """

    def __init__(self, twin: Callable[P, T], work: Callable[..., int], least: int) -> None:
        self.twin = twin
        self._work = work
        self._asked = least
        update_wrapper(self, twin)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        if self._work(*args, **kwargs) * _times.get() >= self._least and numba_is_installed():
            return self.loop(*args, **kwargs)
        return self.twin(*args, **kwargs)

    @cached_property
    def _least(self) -> int:
        return self._asked // (KEPT_SHARE if is_kept(self.twin.__module__, self.twin.__name__) else 1)

    @property
    def loop(self) -> Callable[P, T]:
        """The compiled loop. Raises: ModuleNotFoundError, without numba."""
        return _loop(self.twin.__module__, self.twin.__name__)

    @property
    def __code__(self) -> Any:
        """Whose lines tools should show: the twin's."""
        return self.twin.__code__


def twinned(work: Callable[..., int], *, least: int = LARGE) -> Callable[[Callable[P, T]], Kernel[P, T]]:
    """Decorate a function in NumPy that has a compiled loop; see `Kernel`."""
    return lambda twin: Kernel(twin, work, least)


@contextmanager
def repeated(times: int) -> Iterator[None]:
    """Within it a call counts as so many, or as more where that was said around it. 0: NumPy only.

    For kernels that are called for each of many small things.
    """
    token = _times.set(max(_times.get(), times) if times and _times.get() else 0)
    try:
        yield
    finally:
        _times.reset(token)


def for_each_object(method: Callable[Concatenate[Owner, Many, P], T]) -> Callable[Concatenate[Owner, Many, P], T]:
    """Decorate a method whose first argument is a sequence of objects: kernels it calls count as called for each."""

    @wraps(method)
    def counted(self: Owner, objects: Many, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with repeated(max(len(objects), 1)):
            return method(self, objects, *args, **kwargs)

    return counted


@cache
def numba_is_installed() -> bool:
    """Whether the extra `[fast]` is there; asked once."""
    try:
        return find_spec("numba") is not None
    except ValueError:  # what a module set to None in sys.modules raises: blocked on purpose
        return False


def is_kept(module: str, name: str) -> bool:
    """Whether numba has the compiled loop on disk, from an earlier run and of the file as it is now."""
    room, _, file = module.rpartition(".")
    spec = find_spec(room)
    if spec is None or spec.origin is None:
        return False
    source = Path(spec.origin).with_name("compiled") / f"{file}.py"
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    folders = Path(chosen).glob("*") if chosen else [source.with_name("__pycache__")]
    try:
        changed = source.stat().st_mtime
        return any(kept.stat().st_mtime >= changed for place in folders for kept in place.glob(f"{file}.{name}-*.nbi"))
    except OSError:
        return False


@cache
def _loop(module: str, name: str) -> Callable[..., Any]:
    room, _, file = module.rpartition(".")
    loop: Callable[..., Any] = getattr(import_module(f"{room}.compiled.{file}"), name)
    return loop
