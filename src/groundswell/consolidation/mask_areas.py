"""Connected areas of a mask on which every worker's answer stays the same, and what they say of its pixels.

Workers mistake things, not pixels: all pixels of an area are right or wrong together, so an object holds as many
independent observations as it has areas of some size. Thin areas along a border come from outlines drawn here or
there, where a vote tells less than inside. How votes are weighed: `mask_workers.py`. Elsewhere: the loops
for large masks (`compiled/mask_areas.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from groundswell.consolidation.fast import MANY_PIXELS, twinned
from groundswell.consolidation.matching import connected

if TYPE_CHECKING:
    from jaxtyping import Int32, Int64, UInt8

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Plane = NDArray[np.uint8]

_THIN = 0.25  # of the mean width of the label's areas; narrower ones may be slips along a border
_ONE_SIDE = 0.25, 0.75  # share of a slip's outline that lies against another class: about one of its two long sides


def number_areas(code: Int32[Numbers, "H W"]) -> tuple[Int32[Numbers, "H W"], Int64[Ints, " A"]]:
    """(H, W) number of the area of each pixel, in reading order, and (A,) pixels of each area.

    An area is made of pixels of one code (H, W) that touch at a side; those with a negative code are in none, -1.
    """
    number = np.empty(code.shape, np.int32)
    return number, join_pixels(np.ascontiguousarray(code), number)


def independent_areas(pixels: Ints) -> float:
    """How many independent observations the pixels of areas (A,) amount to: A where they are of one size.

    The effective sample size of unequal weights, (sum of a)² / sum of a², Kish 1965, Survey Sampling.
    """
    share = pixels / max(int(pixels.sum()), 1)
    return 1.0 / max(float(share @ share), 1e-300)


def lie_along_borders(
    number: Int32[Numbers, "H W"], pixels: Int64[Ints, " A"], label: UInt8[Plane, "H W"], typical_px: float
) -> NDArray[np.bool_]:
    """(A,) which areas are slips of a border: thin, one side against another class of the label, one against its own.

    Width is twice the pixels over the sides of pixels on the outline; `typical_px` is that of the label's areas.
    """
    sides, foreign = np.zeros((2, len(pixels)), np.int64)
    count_sides(number, np.ascontiguousarray(label), sides, foreign)
    outline = np.maximum(sides, 1)
    low, high = (share * outline for share in _ONE_SIDE)
    return np.asarray((2.0 * pixels / outline < _THIN * typical_px) & (low < foreign) & (foreign < high))


def mean_width(label: Plane) -> float:
    """Pixels for each pixel side on a border between classes, each such side belonging to two areas."""
    borders = int((label[1:] != label[:-1]).sum()) + int((label[:, 1:] != label[:, :-1]).sum())
    return label.size / max(borders, 1)


@twinned(lambda code, number: code.size, least=MANY_PIXELS)
def join_pixels(code: Numbers, number: Numbers) -> Ints:
    """(A,) pixels of each area; writes the number of each pixel's area, in reading order, into number (H, W)."""
    height, width = code.shape
    begins = np.ones((height, width), np.bool_)  # where a run of equal pixels along a row begins
    begins[:, 1:] = code[:, 1:] != code[:, :-1]
    run = np.cumsum(begins).reshape(height, width) - 1
    touch = code[1:] == code[:-1]
    touch[:, 1:] &= begins[1:, 1:] | begins[:-1, 1:] | ~touch[:, :-1]  # runs that touch do so at one pixel first
    area = connected(int(begins.sum()), run[:-1][touch], run[1:][touch])
    first, outside = code[begins], -1
    roots = np.flatnonzero((area == np.arange(area.size)) & (first >= 0))
    numbered = np.full(area.size, outside, np.int32)
    numbered[roots] = np.arange(roots.size)
    number[:] = np.where(first >= 0, numbered[area], outside)[run]
    return np.bincount(number[number >= 0], minlength=roots.size).astype(np.int64)


@twinned(lambda number, label, sides, foreign: number.size, least=MANY_PIXELS)
def count_sides(number: Numbers, label: Plane, sides: Ints, foreign: Ints) -> None:
    """Add to sides (A,) the pixel sides on each area's outline, to foreign (A,) those against another class."""
    for one, other in ((np.s_[:-1], np.s_[1:]), (np.s_[:, :-1], np.s_[:, 1:])):
        border = number[one] != number[other]
        differs = label[one][border] != label[other][border]
        for area in (number[one][border], number[other][border]):
            sides += np.bincount(area[area >= 0], minlength=sides.size)
            foreign += np.bincount(area[(area >= 0) & differs], minlength=foreign.size)
