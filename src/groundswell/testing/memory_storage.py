"""Object storage in memory: the shipped twin of `objects.storage.Storage`, for tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from groundswell.domain.addresses import name_problem
from groundswell.domain.errors import NotFound
from groundswell.service.ports import OnOdd


class MemoryStorage:
    """`service.ports.ObjectStorage` as a dictionary of URIs; any text is a URI."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def read(self, uri: str) -> bytes:
        try:
            return self.objects[uri]
        except KeyError:
            raise NotFound(f"there is no object at {uri!r}") from None

    def read_range(self, uri: str, start: int, length: int) -> bytes:
        return self.read(uri)[start : start + length]

    def stream(self, uri: str, chunk_bytes: int = 1 << 20) -> Iterator[bytes]:
        data = self.read(uri)
        for start in range(0, len(data), chunk_bytes):
            yield data[start : start + chunk_bytes]

    def write(self, uri: str, data: bytes, *, content_type: str | None = None) -> None:
        self.objects[uri] = data

    def write_stream(self, uri: str, chunks: Iterable[bytes], *, content_type: str | None = None) -> None:
        self.objects[uri] = b"".join(chunks)

    def exists(self, uri: str) -> bool:
        return uri in self.objects

    def missing(self, uris: Sequence[str]) -> dict[str, str]:
        return {uri: f"expected an object at {uri}, found none" for uri in uris if uri not in self.objects}

    def size(self, uri: str) -> int:
        return len(self.read(uri))

    def entries(self, prefix: str, *, on_odd: OnOdd | None = None) -> Iterator[tuple[str, int]]:
        folder = prefix.rstrip("/") + "/"
        for uri in sorted(self.objects, key=str.encode):
            if uri == prefix or uri.startswith(folder):
                problem = name_problem(uri.rpartition("://")[2].lstrip("/"))
                if problem is None:
                    yield uri, len(self.objects[uri])
                elif on_odd is not None:
                    on_odd(uri, f"its name {problem}")

    def delete(self, uri: str) -> None:
        self.objects.pop(uri, None)

    def absolute(self, uri: str) -> str:
        return uri
