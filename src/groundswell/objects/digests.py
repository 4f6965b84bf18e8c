"""Digests of bytes as they come by: those of S3, the cyclic ones by AWS's own library."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

CYCLIC = {"crc32": 4, "crc32c": 4, "crc64nvme": 8}
"""Bytes of each cyclic one."""
ALGORITHMS = (*CYCLIC, "sha1", "sha256")
"""What S3 calls checksums; every object has an MD5 besides."""


class Digests:
    """Several digests of one stream of bytes: MD5 and those that are asked for."""

    def __init__(self, algorithms: Sequence[str] = ()) -> None:
        wanted = {"md5", *algorithms}
        self._hashes = {name: hashlib.new(name, usedforsecurity=False) for name in wanted if name not in CYCLIC}
        self._sums = {name: 0 for name in wanted if name in CYCLIC}

    def update(self, data: bytes) -> None:
        """The next bytes."""
        for one in self._hashes.values():
            one.update(data)
        for name, value in self._sums.items():
            self._sums[name] = _cyclic(name)(data, value)

    def digest(self, algorithm: str) -> bytes:
        """Of everything so far."""
        if algorithm in CYCLIC:
            return self._sums[algorithm].to_bytes(CYCLIC[algorithm], "big")
        return self._hashes[algorithm].digest()


def combined(algorithm: str, sums: Sequence[tuple[bytes, int]]) -> bytes:
    """The cyclic sum of a whole from (sum, bytes) of its parts."""
    from awscrt import checksums

    combine: Callable[[int, int, int], int] = getattr(checksums, f"combine_{algorithm}")
    whole = 0
    for one, size in sums:
        whole = combine(whole, int.from_bytes(one, "big"), size)
    return whole.to_bytes(CYCLIC[algorithm], "big")


@cache
def _cyclic(name: str) -> Callable[[bytes, int], int]:
    if name == "crc32":
        import zlib

        return zlib.crc32
    from awscrt import checksums  # 4 MB that a server needs only once somebody sends such a sum

    found: Any = getattr(checksums, name)
    return lambda data, before: int(found(data, before))
