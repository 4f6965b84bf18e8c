"""Small texts and images with classes, made here."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

_WORDS = (
    "engine wheel brake clutch road driver tyre motor".split(),
    "oven flour butter recipe sugar baking dough cake".split(),
    "goal referee striker penalty league keeper match pitch".split(),
)
_FILLER = "the a of with about my some and this very new old how".split()


def texts(count: int, seed: int = 0) -> tuple[list[str], NDArray[np.int64]]:
    """Texts of three topics and their classes."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, count)
    made = [
        " ".join(
            word
            for _ in range(4)
            for word in (str(rng.choice(_FILLER)), str(rng.choice(_WORDS[k] if rng.random() < 0.8 else _WORDS[0])))
        )
        for k in labels
    ]
    return made, labels.astype(np.int64)


def images(count: int, seed: int = 0) -> tuple[list[bytes], NDArray[np.int64]]:
    """PNG drawings of a ring, a cross or a bar, shifted and of different sizes."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, count)
    made = []
    for k in labels:
        image = Image.new("L", (28, 28))
        draw = ImageDraw.Draw(image)
        x, y, r = int(rng.integers(10, 18)), int(rng.integers(10, 18)), int(rng.integers(5, 8))
        if k == 0:
            draw.ellipse((x - r, y - r, x + r, y + r), outline=255, width=2)
        elif k == 1:
            draw.line([(x - r, y - r), (x + r, y + r)], fill=255, width=2)
            draw.line([(x - r, y + r), (x + r, y - r)], fill=255, width=2)
        else:
            draw.line([(x, y - r), (x, y + r)], fill=255, width=3)
        file = io.BytesIO()
        image.save(file, "PNG")
        made.append(file.getvalue())
    return made, labels.astype(np.int64)
