"""The loops of `groundswell.consolidation.mask_areas`, where each is described."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Plane = NDArray[np.uint8]


@njit(cache=True, nogil=True)
def join_pixels(code: Numbers, number: Numbers) -> Ints:
    """By union-find whose roots are the first pixels of areas, numbered in reading order."""
    height, width = code.shape
    root = number.reshape(height * width)
    for y in range(height):
        for x in range(width):
            here = y * width + x
            root[here] = here
            left = x > 0 and code[y, x - 1] == code[y, x]
            above = y > 0 and code[y - 1, x] == code[y, x]
            if left:
                root[here] = root[here - 1]
            if above and not (left and code[y - 1, x - 1] == code[y, x]):
                first, second = _root(root, here), _root(root, here - width)
                root[max(first, second)] = min(first, second)
                root[here] = min(first, second)
    count = 0
    for y in range(height):
        for x in range(width):
            here = y * width + x
            if code[y, x] < 0:
                root[here] = -1
            elif root[here] == here:
                root[here] = count
                count += 1
            else:
                root[here] = root[root[here]]
    pixels = np.zeros(count, np.int64)
    for area in root:
        if area >= 0:
            pixels[area] += 1
    return pixels


@njit(cache=True, nogil=True)
def _root(root: Numbers, here: int) -> int:
    while root[here] != here:
        root[here] = root[root[here]]
        here = root[here]
    return here


@njit(cache=True, nogil=True)
def count_sides(number: Numbers, label: Plane, sides: Ints, foreign: Ints) -> None:
    height, width = number.shape
    for y in range(height):
        for x in range(width):
            for down, right in ((1, 0), (0, 1)):
                v, u = y + down, x + right
                if v < height and u < width and number[y, x] != number[v, u]:
                    differs = label[y, x] != label[v, u]
                    for area in (number[y, x], number[v, u]):
                        if area >= 0:
                            sides[area] += 1
                            foreign[area] += differs
