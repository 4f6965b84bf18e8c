"""The demo's data: scikit-learn's bundled handwritten digits as PNG files, a manifest, and the known truth.

Source: Alpaydin & Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998,
doi:10.24432/C50P49; 1,797 images of 8 x 8 pixels as scikit-learn ships them.
"""

from __future__ import annotations

import io
import json
import random
from dataclasses import dataclass
from typing import Any

from groundswell.domain.errors import Unavailable
from groundswell.service.ports import ObjectStorage

FOLDER = "s3://demo/digits"
SIDE_PX = 160
LABELS = tuple(str(digit) for digit in range(10))


@dataclass(frozen=True)
class Digits:
    """Where the demo's data is, and its truth as lines of a labeled manifest."""

    manifest_uri: str
    truth: tuple[bytes, ...]


def bundled_digits() -> Any:
    """scikit-learn's digits: `images` (1797, 8, 8) from 0 to 16, `target` (1797,).

    Raises: Unavailable, when scikit-learn is not installed: a server does not need it.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as missing:
        raise Unavailable(
            "the demo reads its digits from scikit-learn, which is not installed: pip install 'groundswell[demo]'"
        ) from missing
    return load_digits()


def write_digits(storage: ObjectStorage, bundle: Any, *, count: int, seed: int) -> Digits:
    """Write `count` randomly chosen digits of `bundled_digits`, upscaled, and their manifest."""
    import numpy as np
    from PIL import Image

    chosen = random.Random(seed).sample(range(len(bundle.target)), min(count, len(bundle.target)))
    lines, truth = [], []
    for index in chosen:
        pixels = 255 - (bundle.images[index] * (255 / 16)).astype(np.uint8)
        image = Image.fromarray(pixels).resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC)
        file = io.BytesIO()
        image.save(file, "PNG")
        uri = f"{FOLDER}/{index:04d}.png"
        storage.write(uri, file.getvalue(), content_type="image/png")
        line = {"source-ref": uri}
        known = int(bundle.target[index])
        lines.append(json.dumps(line))
        metadata = {"class-name": LABELS[known], "type": "groundtruth/image-classification", "human-annotated": "yes"}
        truth.append(json.dumps({**line, "truth": known, "truth-metadata": metadata}).encode())
    manifest_uri = f"{FOLDER}/digits.manifest"
    storage.write(manifest_uri, ("\n".join(lines) + "\n").encode(), content_type="application/jsonlines")
    return Digits(manifest_uri, tuple(truth))
