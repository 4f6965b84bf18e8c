"""Masks as index planes: out of the coloured PNG a worker painted, into the palette PNG a manifest points at."""

from __future__ import annotations

import base64
import binascii
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from groundswell.domain.errors import InvalidAnnotation
from groundswell.tasktypes.answers import shown
from groundswell.tasktypes.palette import BACKGROUND, colors, rgb
from groundswell.tasktypes.picture_facts import png_size

Plane = NDArray[np.integer[Any]]

MAX_PIXELS = 100_000_000
STRAY_PIXELS = 0.02
"""Share of pixels that may have a colour of no class (blended edges): they count as background."""
LARGEST_PALETTE = 255  # instances a palette PNG has room for beside the background
_WHITE = 0xFFFFFF
_BAND_PIXELS = 1 << 18


def painted_image(encoded: Any, where: str, *, size: tuple[int, int] | None = None) -> Image.Image:
    """The picture in a base64 PNG. Raises InvalidAnnotation.

    size : (width, height) it must have, or None when that is not known. The header says it; a picture of another size,
    which may be of a size that no memory holds, is not decoded.
    """
    if not isinstance(encoded, str):
        raise InvalidAnnotation(f"{where}: expected a PNG as base64 text, got {shown(encoded)}", field=where)
    found = png_size(encoded)
    if found is None:
        raise InvalidAnnotation(f"{where}: expected a PNG as base64 text, got {shown(encoded[:60])}", field=where)
    if size is not None and found != size:
        wanted, got = f"{size[0]} x {size[1]}", f"{found[0]} x {found[1]}"
        raise InvalidAnnotation(f"{where}: expected {wanted} pixels as the picture has, got {got}", field=where)
    try:
        if found[0] * found[1] > MAX_PIXELS:
            raise ValueError(f"{found[0]} x {found[1]} pixels")
        image = PngImageFile(io.BytesIO(base64.b64decode(encoded.rpartition(",")[2], validate=True)))
        image.load()
    except (binascii.Error, OSError, ValueError, SyntaxError) as error:
        raise InvalidAnnotation(
            f"{where}: expected a PNG of at most {MAX_PIXELS:,} pixels as base64 text, got {error}", field=where
        ) from None
    return image


def index_plane(image: Image.Image, color_of: Sequence[str], where: str) -> Plane:
    """(H, W): i + 1 where a pixel has the colour `color_of[i]`, 0 for white, transparent and a few stray pixels.

    Raises InvalidAnnotation when more than `STRAY_PIXELS` have a colour of no class.
    """
    codes, numbers = _codes(color_of)
    plane: Plane = np.empty((image.height, image.width), np.uint8 if len(color_of) < 256 else np.uint16)
    strays: Counter[int] = Counter()
    rows = max(1, _BAND_PIXELS // image.width)
    for top in range(0, image.height, rows):  # band by band: whole, the steps between would take ten times the memory
        packed = _packed(image.crop((0, top, image.width, min(image.height, top + rows))))
        at = np.searchsorted(codes, packed).clip(max=len(codes) - 1)
        known = codes[at] == packed
        plane[top : top + rows] = np.where(known, numbers[at], 0)
        if not known.all():
            values, counts = np.unique(packed[~known], return_counts=True)
            strays.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
            if strays.total() > STRAY_PIXELS * plane.size:
                color, count = max(strays.items(), key=lambda stray: (stray[1], -stray[0]))
                raise InvalidAnnotation(
                    f"{where}: expected pixels in the colours of its labels or white, got more than "
                    f"{STRAY_PIXELS:.0%} of other colours, such as {count:,} of #{color:06x}",
                    field=where,
                )
    return plane


def _packed(image: Image.Image) -> NDArray[np.uint32]:
    """Colours as numbers, transparent ones white."""
    pixels = np.asarray(image.convert("RGBA")).astype(np.uint32)
    packed = (pixels[..., 0] << np.uint32(16)) | (pixels[..., 1] << np.uint32(8)) | pixels[..., 2]
    packed[pixels[..., 3] < 128] = _WHITE
    return packed.astype(np.uint32, copy=False)


def _codes(color_of: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Colours as numbers, ascending, and what each stands for; white is 0 unless a class has it."""
    meaning = {_WHITE: 0}
    for index, color in enumerate(color_of):
        red, green, blue = rgb(color)
        meaning[red << 16 | green << 8 | blue] = index + 1
    codes = sorted(meaning)
    return np.array(codes, np.uint32), np.array([meaning[code] for code in codes], np.uint32)


def color_list(items: Sequence[Mapping[str, Any]], where: str) -> list[str]:
    """The colour of each item. Raises InvalidAnnotation for one that is missing, unreadable or there twice."""
    found: list[str] = []
    seen: set[tuple[int, int, int]] = set()
    for index, item in enumerate(items):
        color = item.get("color") if isinstance(item, Mapping) else None
        try:
            rgb(color)  # type: ignore[arg-type]
        except (AttributeError, TypeError, ValueError):
            raise InvalidAnnotation(
                f"{where}[{index}]: expected a color such as #2ca02c, got {shown(item)}", field=where
            ) from None
        if rgb(str(color)) in seen:
            raise InvalidAnnotation(f"{where}[{index}]: expected a color of its own, got {color} again", field=where)
        found.append(str(color))
        seen.add(rgb(str(color)))
    return found


def palette_png(plane: Plane, classes: int) -> bytes:
    """A palette PNG whose pixel values are the plane's, in the colours of `palette.colors(classes + 1)`."""
    image = Image.fromarray(np.ascontiguousarray(plane, np.uint8), mode=None).convert("L")
    image = Image.frombytes("P", image.size, image.tobytes())
    image.putpalette([level for color in colors(classes + 1) for level in rgb(color)])
    return _saved(image)


def wide_png(plane: Plane) -> bytes:
    """A 16-bit grey PNG whose pixel values are the plane's: for more than 255 instances."""
    return _saved(Image.fromarray(np.ascontiguousarray(plane, np.uint16)))


def instances_png(plane: Plane, instances: int) -> bytes:
    """A palette PNG of up to 255 instances, a 16-bit grey one of more."""
    return palette_png(plane, instances) if instances <= LARGEST_PALETTE else wide_png(plane)


def read_png(data: bytes, where: str) -> Plane:
    """The plane of a palette or grey PNG. Raises InvalidAnnotation."""
    try:
        image = Image.open(io.BytesIO(data))
        if image.mode not in ("P", "L", "I;16", "I"):
            raise ValueError(f"mode {image.mode}")
        plane: Plane = np.asarray(image)
        return plane.astype(np.uint16 if image.mode.startswith("I") else np.uint8)
    except (OSError, ValueError, SyntaxError) as error:
        raise InvalidAnnotation(f"{where}: expected a palette PNG, got {error}", field=where) from None


def hex_color(index: int, classes: int) -> str:
    """The colour of an index; 0 is the background's white."""
    return colors(classes + 1)[index] if index else BACKGROUND


def _saved(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", optimize=False)
    return file.getvalue()
