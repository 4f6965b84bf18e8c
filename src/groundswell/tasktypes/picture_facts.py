"""Facts of a picture, out of its header: nothing is decoded, so a picture of any size costs the same.

Width and height are those of the pixels as they are stored: a note in the file that it is to be turned (EXIF) does not
count, here and in the elements, as in Ground Truth.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

PNG_HEADER_BYTES = 33  # signature, and the chunk that says the size
_PNG = b"\x89PNG\r\n\x1a\n"
_HEAD_BYTES = 16


@dataclass(frozen=True)
class Picture:
    """What a picture is."""

    width: int  # in pixels
    height: int
    depth: int  # colour channels: 1 grey, 3 colour, 4 with transparency

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.width, self.height


def read_picture(file: BinaryIO) -> Picture | None:
    """The facts of the picture in a file that can be read anywhere; None for what is no picture we can read."""
    head = file.read(_HEAD_BYTES)
    file.seek(0)
    opener = next((opener for fits, opener in _OPENERS if fits(head)), None)
    if opener is None:
        return None
    try:
        image = opener()(file)  # not Image.open, which refuses large pictures; this reads the header alone
        width, height, mode = image.width, image.height, str(image.mode)
    except Exception:  # decoders raise whatever a broken file leads them to
        return None
    return Picture(width, height, _depth(mode)) if width > 0 and height > 0 else None


def png_size(encoded: str) -> tuple[int, int] | None:
    """(width, height) that the header of a PNG in base64 says; None for what does not begin as a PNG."""
    start = encoded.rfind(",", 0, 100) + 1  # of a data: address
    letters = PNG_HEADER_BYTES // 3 * 4
    try:
        head = base64.b64decode(encoded[start : start + letters], validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(head) < PNG_HEADER_BYTES or not head.startswith(_PNG) or head[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _depth(mode: str) -> int:
    """Channels of a Pillow mode; a palette stands for colours."""
    if mode in ("LA", "La"):
        return 2
    if mode in ("RGBA", "RGBa", "RGBX", "CMYK", "PA"):
        return 4
    return 1 if mode[:1] in ("1", "L", "I", "F") and mode != "LAB" else 3


def _png() -> Any:
    from PIL.PngImagePlugin import PngImageFile

    return PngImageFile


def _jpeg() -> Any:
    from PIL.JpegImagePlugin import JpegImageFile

    return JpegImageFile


def _gif() -> Any:
    from PIL.GifImagePlugin import GifImageFile

    return GifImageFile


def _webp() -> Any:
    from PIL.WebPImagePlugin import WebPImageFile

    return WebPImageFile


def _bmp() -> Any:
    from PIL.BmpImagePlugin import BmpImageFile

    return BmpImageFile


def _tiff() -> Any:
    from PIL.TiffImagePlugin import TiffImageFile

    return TiffImageFile


def _avif() -> Any:
    from PIL.AvifImagePlugin import AvifImageFile

    return AvifImageFile


_OPENERS: tuple[tuple[Callable[[bytes], bool], Callable[[], Any]], ...] = (
    (lambda head: head.startswith(_PNG), _png),
    (lambda head: head.startswith(b"\xff\xd8\xff"), _jpeg),
    (lambda head: head.startswith(b"GIF8"), _gif),
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", _webp),
    (lambda head: head.startswith(b"BM"), _bmp),
    (lambda head: head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), _tiff),
    (lambda head: head[4:12] in (b"ftypavif", b"ftypavis"), _avif),
)
"""Pillow's reader of each format by how its files begin; imported when one is met."""
