"""Synthetic images for the elements' tests."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw


def png(width: int = 400, height: int = 300) -> bytes:
    """A PNG with a dark rectangle from (100, 75) to (200, 150) on a light ground."""
    image = Image.new("RGB", (width, height), (210, 220, 230))
    ImageDraw.Draw(image).rectangle((100, 75, 200, 150), fill=(40, 60, 80))
    body = io.BytesIO()
    image.save(body, "PNG")
    return body.getvalue()


def palette_mask(width: int = 400, height: int = 300) -> bytes:
    """A palette PNG as Ground Truth writes masks: 0 white background, 1 #2ca02c in the rectangle of `png`."""
    image = Image.new("P", (width, height), 0)
    image.putpalette([255, 255, 255, 0x2C, 0xA0, 0x2C])
    ImageDraw.Draw(image).rectangle((100, 75, 200, 150), fill=1)
    body = io.BytesIO()
    image.save(body, "PNG")
    return body.getvalue()
