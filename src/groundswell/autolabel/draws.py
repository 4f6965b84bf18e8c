"""Random orders that a seed fixes for ever: which objects an audit draws, first to last.

An object's key depends on the seed and on its own index alone (SHA-256, no generator of a library that a later version
may change), so that a restart, another machine or another program draws the same objects in the same order.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence

import numpy as np

from groundswell.autolabel.learner import Reals, Rows

_UNIT = 2.0**-64


def uniforms(seed: int, purpose: str, objects: Sequence[int] | Rows) -> Reals:
    """(M,) independent uniform numbers inside (0, 1), one of each object's index, for a purpose such as `audit/1`."""
    start = hashlib.sha256(f"groundswell/{seed}/{purpose}/".encode())
    numbers = np.empty(len(objects))
    for place, index in enumerate(objects):
        digest = start.copy()
        digest.update(b"%d" % int(index))
        numbers[place] = struct.unpack_from(">Q", digest.digest())[0]
    return (numbers + 0.5) * _UNIT


def drawn_order(seed: int, purpose: str, objects: Rows, weights: Reals | None = None) -> Rows:
    """(M,) the places 0 .. M-1 of `objects` in the order in which they are drawn, without replacement.

    Without weights every order is equally likely. With weights (M,), each draw takes one of those left with a chance
    in proportion to its weight (Efraimidis and Spirakis 2006, doi:10.1016/j.ipl.2005.11.003).
    """
    keys = -np.log(uniforms(seed, purpose, objects))
    if weights is not None:
        keys = keys / weights
    return np.argsort(keys, kind="stable").astype(np.int64)
