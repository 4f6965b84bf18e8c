"""What makes two data objects of two jobs the same thing: the same file, or the same text."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from groundswell.domain.addresses import resolve


def identity_of(members: Mapping[str, Any], manifest_uri: str) -> int | None:
    """A data object's identity across jobs: 64 bits of a hash, signed; None of a line that names nothing.

    members : the manifest line.      manifest_uri : where it stands, for references that are relative.

    Of a `source-ref` it is that of the address it leads to, of a `source` that of the text. Among a hundred million
    objects two share one by chance three times in ten thousand: who joins by it compares the lines besides.
    """
    reference, text = members.get("source-ref"), members.get("source")
    if isinstance(reference, str):
        said = f"source-ref\n{resolve(reference, manifest_uri)}"
    elif isinstance(text, str):
        said = f"source\n{text}"
    else:
        return None
    digest = blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
