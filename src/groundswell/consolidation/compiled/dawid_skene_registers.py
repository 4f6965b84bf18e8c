"""Dawid and Skene's passes for up to eight classes: an object's posterior never leaves the processor's registers.

Every function here is compiled for one vector length `size`, a power of two; tables and rates are padded with zeros.
Shapes as in `dawid_skene_kernels.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import njit
from numba.misc.special import literally

from groundswell.consolidation.compiled.vector_rows import add_to_rows, multiply_rows, sum_rows
from groundswell.consolidation.kernels import TIE

_RESCALE_EVERY = 16  # factors; each is above 1e-16, so that a product stays above 1e-256 in between
_SMALL = 1e-100  # products of likelihoods below this are moved into the log


@njit(cache=True, nogil=True, error_model="numpy")
def _rare(
    row: Any, start: int, stop: int, known: int, prior: Any, table: Any, p: Any, size: int
) -> tuple[float, float]:
    """One object with many annotations or a known class: its p, and their mass, of which a log was moved out before.

    A function of its own: as branches of the pass over all objects these would keep the posterior from staying in
    registers, and every object would take twice as long.
    """
    literally(size)
    moved = 0.0
    part = min(start + _RESCALE_EVERY, stop)
    mass = multiply_rows(prior, table, row, start, part, p, size)
    while part < stop:
        moved += math.log(mass)
        p /= mass
        begun, part = part, min(part + _RESCALE_EVERY, stop)
        mass = multiply_rows(p, table, row, begun, part, p, size)
    if known >= 0:
        mass = p[known]
        p[:] = 0.0
        p[known] = mass
    return mass, moved


@cache
def sum_in_registers(size: int) -> Callable[..., float]:
    """The E-step and its sums: (offsets, row, gold, prior, table, counts, classes) -> log likelihood."""

    @njit(cache=True, nogil=True, error_model="numpy")
    def run(offsets: Any, row: Any, gold: Any, prior: Any, table: Any, counts: Any, classes: Any) -> float:
        p = np.empty(size)
        total, product = 0.0, 1.0
        for n in range(offsets.size - 1):
            start, stop = offsets[n], offsets[n + 1]
            if start == stop and gold[n] < 0:
                continue
            if stop - start <= _RESCALE_EVERY and gold[n] < 0:
                mass = multiply_rows(prior, table, row, start, stop, p, size)
            else:
                mass, moved = _rare(row, start, stop, gold[n], prior, table, p, size)
                total += moved
            if mass < _SMALL:
                total += math.log(mass)
            else:
                product *= mass  # one logarithm for many objects
                if product < _SMALL:
                    total += math.log(product)
                    product = 1.0
            add_to_rows(p, 1.0 / mass, counts, row, start, stop, classes, size)
        return total + math.log(product)

    return run


@cache
def start_in_registers(size: int) -> Callable[..., None]:
    """The first sums: (offsets, row, gold, votes, counts, classes), from shares of votes.

    votes : (R, size) for each table row a 1 at its answer.
    """

    @njit(cache=True, nogil=True, error_model="numpy")
    def run(offsets: Any, row: Any, gold: Any, votes: Any, counts: Any, classes: Any) -> None:
        p, nothing = np.empty(size), np.zeros(size)
        for n in range(offsets.size - 1):
            start, stop = offsets[n], offsets[n + 1]
            if gold[n] >= 0:
                p[:] = 0.0
                p[gold[n]] = 1.0
                add_to_rows(p, 1.0, counts, row, start, stop, classes, size)
            elif start < stop:
                number = sum_rows(nothing, votes, row, start, stop, p, size)
                add_to_rows(p, 1.0 / number, counts, row, start, stop, classes, size)

    return run


@cache
def decide_in_registers(size: int) -> Callable[..., None]:
    """The decisions: (offsets, row, gold, prior, table, label, confidence), the last two written."""

    @njit(cache=True, nogil=True, error_model="numpy")
    def run(offsets: Any, row: Any, gold: Any, prior: Any, table: Any, label: Any, confidence: Any) -> None:
        p = np.empty(size)
        for n in range(offsets.size - 1):
            if gold[n] >= 0:
                label[n], confidence[n] = gold[n], 1.0
                continue
            start, stop = offsets[n], offsets[n + 1]
            if stop - start <= _RESCALE_EVERY:
                mass = multiply_rows(prior, table, row, start, stop, p, size)
            else:
                mass, _ = _rare(row, start, stop, -1, prior, table, p, size)
            highest = p[0]
            for k in range(1, size):
                highest = max(highest, p[k])
            best, least = size - 1, highest - TIE * mass
            for k in range(size - 2, -1, -1):  # no early end: which class it is cannot be foreseen
                best = k if p[k] >= least else best
            label[n], confidence[n] = best, p[best] / mass

    return run
