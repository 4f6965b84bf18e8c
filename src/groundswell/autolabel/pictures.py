"""Encoded images to small arrays: decoded, squared, and drawn figures set upright.

A figure on a plain ground (a digit, a symbol, a stamp) is centred and freed of its slant by its moments, which makes
examples of one class alike; a photograph is only made small. Here: pixels. Elsewhere: features of them (`images.py`).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from groundswell.autolabel.learner import Progress

SIDE = 32
"""Images are looked at in this many pixels squared."""
_MOST_PIXELS = 64_000_000
_PLAIN = 0.06

Pixels = NDArray[np.float32]


@dataclass(frozen=True)
class Small:
    """N images made small, in whole steps of 0 .. 255."""

    colour: NDArray[np.uint8]  # (N, SIDE, SIDE, 3)
    figure: NDArray[np.uint8]  # (N, SIDE, SIDE) the upright drawing on black, or the grey image
    drawings: int  # how many of them are drawings on a plain ground

    def seen(self, figures: bool) -> Pixels:
        """(N, SIDE, SIDE, channels) in 0 .. 1: the figures, or the colours."""
        chosen = self.figure[..., None] if figures else self.colour
        return chosen.astype(np.float32) / np.float32(255)


def read_all(encoded: Sequence[bytes | None], progress: Progress | None = None) -> tuple[Small, NDArray[np.bool_]]:
    """(the images, (N,) which of them could be read); the others are black."""
    colour = np.zeros((len(encoded), SIDE, SIDE, 3), np.uint8)
    figure = np.zeros((len(encoded), SIDE, SIDE), np.uint8)
    readable, drawings = np.zeros(len(encoded), bool), 0
    for place, one in enumerate(encoded):
        found = read_picture(one)
        if found is not None:
            readable[place] = True
            colour[place], figure[place] = (np.rint(part * 255) for part in found[:2])
            drawings += found[2]
        if progress is not None and place % 100 == 99:
            progress(place + 1)
    return Small(colour, figure, drawings), readable


def read_picture(encoded: bytes | None) -> tuple[Pixels, Pixels, bool] | None:
    """(colour (SIDE, SIDE, 3), figure (SIDE, SIDE), whether it is a drawing), in 0 .. 1; None for what is no image.

    The figure is the upright drawing on black where the image is a drawing on a plain ground, else the grey image.
    """
    if not encoded:
        return None
    try:
        with Image.open(io.BytesIO(encoded)) as image:
            if image.width * image.height > _MOST_PIXELS:
                return None
            image.draft("RGB", (SIDE * 4, SIDE * 4))
            small = image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX if image.width > SIDE else None)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    colour: Pixels = np.asarray(small, np.float32) / np.float32(255)
    grey: Pixels = colour.mean(axis=2, dtype=np.float32)
    drawn = is_drawing(grey)
    return colour, upright(grey) if drawn else grey, drawn


def is_drawing(grey: Pixels) -> bool:
    """Whether the border is nearly of one tone: a figure on a plain ground."""
    border = np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])
    return bool(np.median(np.abs(border - np.median(border))) < _PLAIN / 4 and border.std() < _PLAIN * 2)


def upright(grey: Pixels) -> Pixels:
    """The figure on black, its centre in the middle and its slant taken out by second moments."""
    ink: Pixels = np.abs(grey - np.median(np.concatenate([grey[0], grey[-1]])))
    total = float(ink.sum())
    if total < 1e-3:
        return ink
    rows, columns = np.mgrid[: grey.shape[0], : grey.shape[1]].astype(np.float32)
    row, column = float((ink * rows).sum() / total), float((ink * columns).sum() / total)
    height = float((ink * (rows - row) ** 2).sum() / total)
    lean = float((ink * (rows - row) * (columns - column)).sum() / total) / max(height, 1e-6)
    middle = (grey.shape[0] - 1) / 2
    return _sampled(ink, rows - middle + row, columns - middle + column + np.clip(lean, -1, 1) * (rows - middle))


def _sampled(image: Pixels, rows: Pixels, columns: Pixels) -> Pixels:
    """The image at fractional places, bilinear; black outside."""
    padded = np.pad(image, 1)
    rows = np.clip(rows + 1, 0, padded.shape[0] - 1.001)
    columns = np.clip(columns + 1, 0, padded.shape[1] - 1.001)
    top, left = rows.astype(int), columns.astype(int)
    down, right = rows - top, columns - left
    upper = padded[top, left] * (1 - right) + padded[top, left + 1] * right
    lower = padded[top + 1, left] * (1 - right) + padded[top + 1, left + 1] * right
    mixed: Pixels = (upper * (1 - down) + lower * down).astype(np.float32)
    return mixed
