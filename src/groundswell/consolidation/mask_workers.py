"""Which class workers give to pixels of each class: confusion matrices from patterns of answers, counted as areas.

    log p(k | answers) = log prior[k] + sum over workers w of log confusion[w, k, given_w] + constant

All pixels count, agreed ones too: among disputed ones alone, three workers' accuracy cannot be told from chance. But
whole areas are right or wrong together, so the pixels of an object weigh as its independent areas (`mask_areas.py`).
Areas are few, so each matrix leans on a simpler one, in three steps:

    guess[g]             a worker who slips gives class g: a slip in all, shared between classes; for all workers
    crowd[k, g]          leans on (1 - sum of guess) [k = g] + guess[g]
    confusion[w, k, g]   leans on the crowd's, with its errors multiplied by how many more worker w makes in all

Source: STAPLE, Warfield, Zou & Wells 2004, doi:10.1109/TMI.2004.828354, an expectation-maximization after Dawid &
Skene 1979, doi:10.2307/2346806; guesses as in MACE, Hovy et al. 2013, https://aclanthology.org/N13-1132; weights and
leaning are this project's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FIRST_SLIPS = 0.15  # of an average worker, before any data
_SLIPS_STRENGTH = 4.0  # pseudo-areas behind the guesses
_CROWD_STRENGTH, _WORKER_STRENGTH = 8.0, 50.0  # pseudo-areas behind each row of the crowd's and of a worker's matrix
_ERRORS_STRENGTH = 8.0  # pseudo-errors, of which a worker makes as many as the crowd
_MOST_ERRORS = 0.9  # in a row of what a worker's matrix leans on
_BORDER_ODDS = 1.0  # log odds of a vote at a border, see `Crowd.border_tempering`
_ROUNDS = 20


@dataclass(frozen=True)
class Patterns:
    """The distinct ways an object's workers answered its pixels."""

    worker: Ints  # (V,)
    given: Ints  # (P, V) class given by each worker
    count: Floats  # (P,) how many independent areas their pixels amount to


@dataclass(frozen=True)
class Crowd:
    """Workers as fitted."""

    confusion: Floats  # (W + 1, K, K) [worker, true, given], rows sum to 1; the last is an average worker's
    prior: Floats  # (K,) share of each class among pixels

    def scores(self, worker: Ints, given: Ints) -> Floats:
        """(P, K) log prior plus log likelihood of patterns (P, V) given by workers (V,); unknown ones are average."""
        scores = np.tile(np.log(self.prior), (len(given), 1))
        for v, w in enumerate(worker.tolist()):
            scores += np.log(self.confusion[min(w, len(self.confusion) - 1)])[:, given[:, v]].T
        return scores

    def border_tempering(self) -> float:
        """The power of the votes, at most 1, with which an average one has log odds of 1.0 against a rival class.

        That is what a vote tells at a border: where three outlines have independent normal errors, the pixels between
        them are on the side on which two of the three put them with chance 0.73, and log(0.73 / 0.27) = 1.0.
        """
        chance = np.log(self.confusion[-1])
        odds = (np.diag(chance) - chance)[~np.eye(len(chance), dtype=np.bool_)]
        return float(min(1.0, _BORDER_ODDS / max(float(odds.mean()), _BORDER_ODDS)))


def unfitted(n_workers: int, size: int) -> Crowd:
    """Average workers who know nothing of which classes are common."""
    guess = np.full(size, _FIRST_SLIPS / size)
    return Crowd(np.tile(_guessing(guess), (n_workers + 1, 1, 1)), np.full(size, 1.0 / size))


def fit_crowd(patterns: Sequence[Patterns], n_workers: int, size: int) -> Crowd:
    """Matrices and prior by expectation-maximization."""
    crowd, guess = unfitted(n_workers, size), np.full(size, _FIRST_SLIPS / size)
    for _ in range(_ROUNDS):
        counts, classes = np.zeros((n_workers, size, size)), np.ones(size)
        for p in patterns:
            posterior = normalized(crowd.scores(p.worker, p.given)) * p.count[:, None]
            classes += posterior.sum(axis=0)
            for v, w in enumerate(p.worker.tolist()):
                np.add.at(counts[w].T, p.given[:, v], posterior)
        total = counts.sum(axis=0)
        guess = _guesses(total, guess)
        average = total + _CROWD_STRENGTH * _guessing(guess)
        average /= average.sum(axis=1, keepdims=True)
        rows = counts + _WORKER_STRENGTH * _scaled_to_workers(average, counts)
        rows /= rows.sum(axis=2, keepdims=True)
        crowd = Crowd(np.concatenate((rows, average[None])), classes / classes.sum())
    return crowd


def normalized(scores: Floats) -> Floats:
    """(P, K) probabilities of which scores (P, K) are the logs, up to a constant a row."""
    weight = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _guessing(guess: Floats) -> Floats:
    """(K, K) the matrix of workers who give the true class or, with the chances `guess` (K,), any."""
    return np.asarray((1.0 - guess.sum()) * np.eye(len(guess)) + guess)


def _guesses(total: Floats, guess: Floats) -> Floats:
    """(K,) new rates of guesses: all errors are, and of right answers (K, K) the share that were luck."""
    luck = np.diag(total) * guess / (1.0 - guess.sum() + guess)
    wrong = total.sum(axis=0) - np.diag(total)
    first = _SLIPS_STRENGTH * _FIRST_SLIPS / len(guess)
    return np.asarray((wrong + luck + first) / (total.sum() + _SLIPS_STRENGTH))


def _scaled_to_workers(average: Floats, counts: Floats) -> Floats:
    """(W, K, K) the crowd's matrix with each worker's share of errors in place of the crowd's."""
    errors = average - np.diag(np.diag(average))
    made = counts.sum(axis=(1, 2)) - np.trace(counts, axis1=1, axis2=2)
    expected = counts.sum(axis=2) @ errors.sum(axis=1)
    factor = (made + _ERRORS_STRENGTH) / (expected + _ERRORS_STRENGTH)
    factor = np.minimum(factor, _MOST_ERRORS / max(float(errors.sum(axis=1).max()), 1e-300))
    scaled = factor[:, None, None] * errors
    return np.asarray(scaled + (1.0 - scaled.sum(axis=2))[:, :, None] * np.eye(len(average)))
