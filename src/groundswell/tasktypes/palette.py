"""The colours of classes in masks: index 0 is white background, the rest as Ground Truth's users know them."""

from __future__ import annotations

import colorsys
from functools import cache

BACKGROUND = "#ffffff"
_FIRST = "#2ca02c #1f77b4 #ff7f0e #d62728 #9467bd #8c564b #e377c2 #7f7f7f #bcbd22 #17becf".split()
_GOLDEN_ANGLE = 0.381966  # of a turn: successive hues stay far apart however many there are


@cache
def colors(count: int) -> tuple[str, ...]:
    """Hex colours of the first `count` indices, background first; all different, none but the first white."""
    found = [BACKGROUND, *_FIRST]
    step = 0
    while len(found) < count:
        value = 0.95 - 0.25 * (step // 24 % 3)
        red, green, blue = colorsys.hsv_to_rgb(step * _GOLDEN_ANGLE % 1, 0.85 - 0.2 * (step // 72 % 3), value)
        color = f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
        step += 1
        if color not in found:
            found.append(color)
    return tuple(found[:count])


def rgb(color: str) -> tuple[int, int, int]:
    """Red, green, blue of `#rrggbb` or `#rgb`. Raises ValueError."""
    digits = color.strip().removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    if len(digits) != 6:
        raise ValueError(color)
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
