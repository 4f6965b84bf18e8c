"""How far workers agree on classes and numbers, beyond chance: Krippendorff, Cohen, Fleiss, Gwet; by label and by pair.

Everything follows from the coincidence matrix, the pairs of answers that objects with at least two bring together.
A coefficient is None when nothing can be compared, and 1 when every answer is the same. Elsewhere: sets, boxes, spans
and whatever has a distance (`distances.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.scales import scale_problem
from groundswell.consolidation.votes import Votes
from groundswell.domain.errors import InvalidInput
from groundswell.quality.meetings import agreeing_share, given_in_common, label_meetings, worker_meetings

Floats = NDArray[np.float64]


def krippendorff_alpha(votes: Votes, *, level: str = "nominal") -> float | None:
    """1 - observed over expected disagreement, for any number of workers and missing answers.

    level : "nominal", "ordinal" (numbers, or classes in a declared order), "interval" or "ratio" (numbers).
    Raises: InvalidInput, for an unknown level, labels that are no numbers, or three or more words without an order.
    Source: Krippendorff 2004, "Reliability in content analysis", Human Communication Research 30(3), 411-433.
    """
    if level not in _DISTANCES:
        raise InvalidInput(f"a level is one of {', '.join(_DISTANCES)}; given was {level!r}", field="level")
    return _alpha(label_meetings(votes), partial(_DISTANCES[level], votes))


def nominal_alpha(meetings: Floats) -> float | None:
    """Krippendorff's nominal alpha of answers too many to hold: meetings is the sum (K, K) of `meetings_of` parts."""
    return _alpha(meetings, _nominal)


def _alpha(pairs: Floats, distance_of: Callable[[Floats], Floats]) -> float | None:
    total = pairs.sum()
    if not total > 0.0:
        return None
    frequency = pairs.sum(axis=1)
    distance = distance_of(frequency)
    expected = float(frequency @ distance @ frequency) / (float(total) - 1.0)
    return 1.0 - float((pairs * distance).sum()) / expected if expected > 0.0 else 1.0


def alpha_by_label(votes: Votes) -> dict[Any, float | None]:
    """Krippendorff's nominal alpha of each label against all others together."""
    pairs = label_meetings(votes)
    total, frequency = pairs.sum(), pairs.sum(axis=1)
    result: dict[Any, float | None] = {}
    for k, label in enumerate(votes.labels.tolist()):
        expected = frequency[k] * (total - frequency[k]) / (total - 1.0) if total > 1.0 else 0.0
        observed = frequency[k] - pairs[k, k]
        result[label] = float(1.0 - observed / expected) if expected > 0.0 else (1.0 if frequency[k] > 0.0 else None)
    return result


def fleiss_kappa(votes: Votes) -> float | None:
    """Agreement over chance with the labels' overall rates; objects may have different numbers of answers.

    Source: Fleiss 1971, doi:10.1037/h0031619.
    """
    observed, rates = _observed_and_rates(votes)
    return None if observed is None else _beyond(observed, float((rates**2).sum()))


def gwet_ac1(votes: Votes) -> float | None:
    """Agreement over chance that does not fall apart when one label is rare.

    Source: Gwet 2008, doi:10.1348/000711006X126600.
    """
    observed, rates = _observed_and_rates(votes)
    size = votes.n_labels
    if observed is None:
        return None
    return _beyond(observed, float((rates * (1.0 - rates)).sum()) / (size - 1) if size > 1 else 0.0)


def percent_agreement(votes: Votes) -> float | None:
    """Mean over objects of the share of pairs of answers that agree."""
    return _observed_and_rates(votes)[0]


@dataclass(frozen=True)
class PairAgreement:
    """How two workers agree on the objects both answered."""

    first: Any
    second: Any
    common: int  # objects
    agreement: float  # share answered alike
    kappa: float  # Cohen's


def pairwise_agreement(votes: Votes, *, least_common: int = 1) -> list[PairAgreement]:
    """Cohen's kappa of every two workers with at least `least_common` objects in common; most common first.

    Source: Cohen 1960, doi:10.1177/001316446002000104.
    """
    common, alike = worker_meetings(votes)
    chance = np.zeros_like(common)
    for k in range(votes.n_labels):
        # How often each worker gave k on the objects the other answered too.
        given = given_in_common(votes, k)
        chance += given * given.T
    workers, found = votes.workers.tolist(), []
    for i, j in np.argwhere(np.triu(common >= max(least_common, 1), 1)).tolist():
        share = float(alike[i, j] / common[i, j])
        kappa = _beyond(share, float(chance[i, j] / common[i, j] ** 2))
        found.append(PairAgreement(workers[i], workers[j], int(common[i, j]), share, kappa))
    return sorted(found, key=lambda pair: (-pair.common, str(pair.first), str(pair.second)))


def cohen_kappa(votes: Votes, first: Any, second: Any) -> float | None:
    """Cohen's kappa of two workers; None when they have no object in common. Raises: InvalidInput, for unknown ids."""
    for worker in (first, second):
        if worker not in votes.worker_positions:
            raise InvalidInput(f"a worker must be among those who answered, but {worker!r} is not", field="worker")
    wanted = {votes.worker_positions[first], votes.worker_positions[second]}
    rows = np.isin(votes.worker, list(wanted))
    pairs = pairwise_agreement(votes.only(rows))
    return pairs[0].kappa if pairs else None


def _observed_and_rates(votes: Votes) -> tuple[float | None, Floats]:
    """Mean share of agreeing pairs over objects with at least two answers, and label rates (K,) over those."""
    answers = votes.counts_by_object
    compared = answers > 1
    if not compared.any():
        return None, np.zeros(votes.n_labels)
    weight = (compared / np.maximum(answers, 1))[votes.object]
    rates = np.bincount(votes.label, weight, votes.n_labels) / compared.sum()
    return float(agreeing_share(votes)[compared].mean()), rates


def _beyond(observed: float, chance: float) -> float:
    return (observed - chance) / (1.0 - chance) if chance < 1.0 else 1.0


def _nominal(frequency: Floats) -> Floats:
    return 1.0 - np.eye(len(frequency))


def _ordinal(votes: Votes, frequency: Floats) -> Floats:
    """Squared number of answers between two ranks, counting half of those at each end."""
    problem = None if votes.ordered else scale_problem(votes.labels.tolist(), "ordinal agreement")
    if problem is not None:
        raise InvalidInput(problem, field="level")
    middle = np.cumsum(frequency) - frequency / 2.0
    return np.asarray((middle[:, None] - middle[None, :]) ** 2)


def _interval(votes: Votes, frequency: Floats) -> Floats:
    value = _numbers(votes)
    return np.asarray((value[:, None] - value[None, :]) ** 2)


def _ratio(votes: Votes, frequency: Floats) -> Floats:
    value = _numbers(votes)
    if (value < 0.0).any():
        raise InvalidInput(f"ratio agreement needs labels of at least 0, not {value.min():g}", field="level")
    total = value[:, None] + value[None, :]
    return np.asarray(((value[:, None] - value[None, :]) / np.where(total == 0.0, 1.0, total)) ** 2)


def _numbers(votes: Votes) -> Floats:
    problem = InvalidInput(
        f"interval and ratio agreement need labels that are finite numbers, not {votes.labels.tolist()[:5]!r}; "
        "use level='nominal' or 'ordinal'",
        field="level",
    )
    try:
        value = np.array([float(label) for label in votes.labels.tolist()])
    except (TypeError, ValueError, OverflowError) as wrong:
        raise problem from wrong
    if not np.isfinite(value).all():
        raise problem
    return value


_DISTANCES: dict[str, Callable[[Votes, Floats], Floats]] = {
    "nominal": lambda votes, frequency: _nominal(frequency),
    "ordinal": _ordinal,
    "interval": _interval,
    "ratio": _ratio,
}
