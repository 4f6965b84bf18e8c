"""Large objects written in slices: gathered in a file of this machine, then stored whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator

from groundswell.service.ports import ObjectStorage

_PIECE_BYTES = 1 << 18
_CHUNK_BYTES = 1 << 20


def spooled(storage: ObjectStorage, uri: str, pieces: Iterable[bytes]) -> Iterator[None]:
    """Write the pieces to `uri`; yields now and then so that the caller may attend to something else."""
    with tempfile.TemporaryFile() as file:
        waiting = 0
        for piece in pieces:
            file.write(piece)
            waiting += len(piece)
            if waiting >= _PIECE_BYTES:
                waiting = 0
                yield
        file.seek(0)
        storage.write_stream(uri, iter(lambda: file.read(_CHUNK_BYTES), b""), content_type="application/x-ndjson")
