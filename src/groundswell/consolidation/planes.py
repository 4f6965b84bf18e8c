"""Keeping index planes small: a live job holds every worker's masks compressed."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Packed = tuple[bytes, tuple[int, ...], str]


def pack_plane(plane: NDArray[Any]) -> Packed:
    """A plane as compressed bytes, shape and type: masks shrink some hundredfold."""
    return zlib.compress(np.ascontiguousarray(plane).tobytes(), 1), plane.shape, plane.dtype.str


def unpack_plane(packed: Packed) -> NDArray[Any]:
    """The inverse of `pack_plane`; read-only."""
    data, shape, dtype = packed
    return np.frombuffer(zlib.decompress(data), dtype).reshape(shape)


def pack_instances(answer: tuple[NDArray[Any], Any]) -> tuple[Packed, list[str]]:
    """The plane of (plane, labels) packed."""
    return pack_plane(answer[0]), list(answer[1])


def unpack_instances(packed: tuple[Packed, list[str]]) -> tuple[NDArray[Any], list[str]]:
    """The inverse of `pack_instances`."""
    return unpack_plane(packed[0]), packed[1]
