"""What a latent class is called: how far the crowd's answers warrant that a class found by a model deserves its name.

Models sort objects into classes that differ in how workers answer; which of these is "cat" only the answers say, and a
crowd wrong about a class is wrong about all its objects at once. Elsewhere: the default that uses this
(`consolidator.py`).
"""

from __future__ import annotations

import numpy as np

from groundswell.consolidation.adaptive import expected_information
from groundswell.consolidation.cells import Floats
from groundswell.consolidation.kernels import expected_counts
from groundswell.consolidation.votes import Votes

SCATTER = 1.5  # power of a wrong answer's part of all wrong ones: scattered errors make no rival
_USUAL = 8.0  # annotations an object at which a name has the weight `own`


def own_weight(votes: Votes, *, own: float, growth: float) -> float:
    """The weight of a class's own name in nats: `own` at eight annotations an object, `growth` more for e times eight.

    With few annotations latent classes are little more than the answers themselves, and errors hide in them.
    """
    annotated = max(int(np.count_nonzero(votes.counts_by_object)), 1)
    return own + growth * float(np.log(max(len(votes), 1) / annotated / _USUAL))


def tempered(posterior: Floats, power: float) -> Floats:
    """(N, K) posteriors to a power, normalised: below 1 less sure, with the same class most probable."""
    powers = posterior**power
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def class_names(posterior: Floats, votes: Votes, *, naming: float, own: float, scatter: float = SCATTER) -> Floats:
    """(K, K) chances that latent class k (row) deserves the name of class l; rows sum to 1.

    Latent class k keeps its name with a chance proportional to crowd[k, k] ** naming * e ** own, and is called l with
    one proportional to rival[k, l] ** naming. crowd is how the class is answered, each worker weighing as much as an
    answer of theirs tells; rival[k, l] is crowd[k, l] times its part of all wrong answers to the power `scatter`,
    because errors scattered over many classes put a name less in doubt than one rival does. Where those who tell
    something are split between two names, no object of the class is certain.
    """
    size = posterior.shape[1]
    counts = expected_counts(votes.object, votes.worker, votes.label, posterior, votes.n_workers)
    told = _information(counts)
    answers = (counts * told[:, None, None]).sum(axis=0) + max(float(told.mean()) if told.size else 0.0, 1e-3)
    crowd = answers / answers.sum(axis=1, keepdims=True)
    same = np.eye(size, dtype=bool)
    wrong = np.where(same, 0.0, crowd)
    rival = wrong * (wrong / wrong.sum(axis=1, keepdims=True)) ** scatter
    names = np.where(same, crowd**naming * np.exp(own), rival**naming)
    return np.asarray(names / names.sum(axis=1, keepdims=True))


def _information(counts: Floats) -> Floats:
    """(W,) what an answer of each worker tells about the class: mutual information as a share of its largest, log K.

    counts : (W, K true, K given) expected answers; each row leans on the crowd's with the weight of four.
    """
    crowd = counts.sum(axis=0) + 1.0
    rows = counts + 4.0 * crowd / crowd.sum(axis=1, keepdims=True)
    rows /= rows.sum(axis=2, keepdims=True)
    rates = counts.sum(axis=(0, 2)) + 1e-9
    told = expected_information(np.broadcast_to(rates / rates.sum(), (len(counts), rates.size)), rows)
    return np.asarray(told / np.log(rates.size))
