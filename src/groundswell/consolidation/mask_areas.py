"""Connected areas of a mask on which every worker's answer stays the same, and what they say of its pixels.

Workers mistake things, not pixels: all pixels of an area are right or wrong together, so an object holds as many
independent observations as it has areas of some size. Thin areas along a border come from outlines drawn here or
there, where a vote tells less than inside. How votes are weighed: `mask_workers.py`.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Plane = NDArray[np.uint8]

_THIN = 0.25  # of the mean width of the label's areas; narrower ones may be slips along a border
_ONE_SIDE = 0.25, 0.75  # share of a slip's outline that lies against another class: about one of its two long sides


def number_areas(code: Numbers) -> tuple[Numbers, Ints]:
    """(H, W) number of the area of each pixel, in reading order, and (A,) pixels of each area.

    An area is made of pixels of one code (H, W) that touch at a side; those with a negative code are in none, -1.
    """
    number = np.empty(code.shape, np.int32)
    return number, _number(np.ascontiguousarray(code), number)


def independent_areas(pixels: Ints) -> float:
    """How many independent observations the pixels of areas (A,) amount to: A where they are of one size.

    The effective sample size of unequal weights, (sum of a)² / sum of a², Kish 1965, Survey Sampling.
    """
    share = pixels / max(int(pixels.sum()), 1)
    return 1.0 / max(float(share @ share), 1e-300)


def lie_along_borders(number: Numbers, pixels: Ints, label: Plane, typical_px: float) -> NDArray[np.bool_]:
    """(A,) which areas are slips of a border: thin, one side against another class of the label, one against its own.

    Width is twice the pixels over the sides of pixels on the outline; `typical_px` is that of the label's areas.
    """
    sides, foreign = np.zeros((2, len(pixels)), np.int64)
    _count_sides(number, np.ascontiguousarray(label), sides, foreign)
    outline = np.maximum(sides, 1)
    low, high = (share * outline for share in _ONE_SIDE)
    return np.asarray((2.0 * pixels / outline < _THIN * typical_px) & (low < foreign) & (foreign < high))


def mean_width(label: Plane) -> float:
    """Pixels for each pixel side on a border between classes, each such side belonging to two areas."""
    borders = int((label[1:] != label[:-1]).sum()) + int((label[:, 1:] != label[:, :-1]).sum())
    return label.size / max(borders, 1)


@njit(cache=True, nogil=True)
def _number(code: Numbers, number: Numbers) -> Ints:
    """(A,) pixels of each area; by union-find whose roots are the first pixels of areas, numbered in reading order."""
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
def _count_sides(number: Numbers, label: Plane, sides: Ints, foreign: Ints) -> None:
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
