"""Full fits of a job's consolidation: short ones at once, long ones in another process while everything goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from groundswell.consolidation.estimates import FitsApart, LiveConsolidation
from groundswell.consolidation.recalibration import FITS
from groundswell.runner.apart import Work, wait_for
from groundswell.runner.desk import Desk
from groundswell.runner.known import is_known_better, note_reliability, sets_right, tell_known

_FIRST_FIT = 60  # annotations before the first full fit
_REFIT_GROWTH = 1.5  # annotations since the last full fit, as a factor, before the next
_FIT_SHARE = 5  # a full fit is followed by so many times its own time without another
_FIRST_HERE = 300  # annotations of a first fit that is done at once: how long one takes is not known yet


@dataclass(frozen=True)
class _Fit:
    """A full fit that another process is doing."""

    of: LiveConsolidation
    annotations: int
    took_and_found: Future[tuple[float, Any]]


def refit_now_and_then(desk: Desk) -> None:
    """A full fit whenever annotations or known labels have grown by half, and not while the last one is paid for."""
    fit: _Fit | None = desk.memory.get("fit")
    if fit is not None:
        if fit.took_and_found.done():
            _take(desk, fit)
        return
    have = desk.job.counters.annotations
    if desk.live is None or (have < desk.memory.get("fit_from", _FIRST_FIT) and not is_known_better(desk)):
        return
    now = desk.tools.monotonic()
    if now >= desk.memory.get("fit_after", now):
        _begin(desk, have)


def fit_everything(desk: Desk) -> Work[None]:
    """A full fit of everything absorbed, whatever fit is under way."""
    if desk.live is None:
        return
    desk.memory.pop("fit", None)
    _begin(desk, desk.job.counters.annotations)
    fit: _Fit | None = desk.memory.get("fit")
    if fit is not None:
        yield from wait_for(fit.took_and_found)
        _take(desk, fit)


def _begin(desk: Desk, annotations: int) -> None:
    live = desk.live
    tell_known(desk)
    if isinstance(live, FitsApart) and _takes_long(desk, annotations):
        found = desk.tools.elsewhere.submit(_timed, live.begin_fit())
        desk.memory["fit"] = _Fit(live, annotations, found)
    elif live is not None:
        took, _ = _timed(live.refit)
        _note(desk, annotations, took)


def _takes_long(desk: Desk, annotations: int) -> bool:
    """Whether a full fit would keep other jobs waiting, by how long the last one took."""
    if desk.tools.elsewhere.is_here:
        return False
    rate = desk.memory.get("fit_rate")
    if rate is None:
        return desk.is_heavy or annotations > _FIRST_HERE
    return bool(rate * annotations * _fits_in_one(desk) > desk.tools.slice_s)


def _fits_in_one(desk: Desk) -> int:
    """How many fits a full fit takes by now: with enough known labels, those that foretell them too."""
    return FITS if sets_right(desk) else 1


def _take(desk: Desk, fit: _Fit) -> None:
    """Use what a fit has found, unless the consolidation it belongs to is gone. Raises what it failed of."""
    desk.memory.pop("fit", None)
    took, found = fit.took_and_found.result()
    if desk.live is fit.of and isinstance(fit.of, FitsApart):
        fit.of.take_fit(found)
        _note(desk, fit.annotations, took)


def _note(desk: Desk, annotations: int, took_s: float) -> None:
    note_reliability(desk)
    desk.memory["fit_rate"] = took_s / max(annotations, 1) / _fits_in_one(desk)
    desk.memory["fit_from"] = annotations * _REFIT_GROWTH
    desk.memory["fit_after"] = desk.tools.monotonic() + _FIT_SHARE * took_s


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """How long work took, in seconds, and its result."""
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found
