"""Facts of pictures from their headers."""

from __future__ import annotations

import base64
import io
import struct
import zlib

import pytest
from PIL import Image

from groundswell.tasktypes.picture_facts import Picture, png_size, read_picture


def saved(mode: str, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (320, 240)).save(file, kind, **options)
    return file.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A PNG that says this size; its pixels are not there."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + body
        + struct.pack(">I", zlib.crc32(body))
        + b"\0\0\0\x09IDAT"
        + b"\0" * 13
    )


@pytest.mark.parametrize(
    ("mode", "kind", "depth"),
    [
        ("RGB", "PNG", 3),
        ("RGBA", "PNG", 4),
        ("L", "PNG", 1),
        ("1", "PNG", 1),
        ("LA", "PNG", 2),
        ("I;16", "PNG", 1),
        ("P", "PNG", 3),
        ("RGB", "JPEG", 3),
        ("L", "JPEG", 1),
        ("CMYK", "JPEG", 4),
        ("RGB", "WEBP", 3),
        ("RGB", "GIF", 3),
        ("RGB", "BMP", 3),
        ("RGB", "TIFF", 3),
        ("I;16", "TIFF", 1),
    ],
)
def test_every_format_and_mode(mode: str, kind: str, depth: int) -> None:
    assert read_picture(io.BytesIO(saved(mode, kind))) == Picture(320, 240, depth)


def test_a_note_that_a_picture_is_to_be_turned_does_not_count() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read_picture(io.BytesIO(saved("RGB", "JPEG", exif=exif))) == Picture(320, 240, 3)


def test_the_size_of_a_picture_does_not_matter() -> None:
    assert read_picture(io.BytesIO(huge_png(60_000, 60_000))) == Picture(60_000, 60_000, 1)


@pytest.mark.parametrize(
    "data", [b"", b"text", b"\x89PNG\r\n\x1a\nbroken", b"\xff\xd8\xff\xe0", b"RIFF1234WEBPxxxx", b"<svg/>"]
)
def test_what_is_no_picture_has_no_facts(data: bytes) -> None:
    assert read_picture(io.BytesIO(data)) is None


def test_the_size_in_the_header_of_a_png_in_base64() -> None:
    encoded = base64.b64encode(saved("RGB", "PNG")).decode()
    assert png_size(encoded) == png_size(f"data:image/png;base64,{encoded}") == (320, 240)
    for other in ("", "AAAA", "not base64!", base64.b64encode(saved("RGB", "JPEG")).decode(), encoded[:20]):
        assert png_size(other) is None
