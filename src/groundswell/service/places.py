"""Whose an address is: a workspace reads and writes its own uploads and folders, and nobody the server's own files.

A bucket that this server keeps is the workspace's that made it. Others and the folders that the operator opened
(`input_roots`) are for every workspace; what one workspace's jobs wrote there is refused to the others when a job is
made.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from groundswell.domain.addresses import Address, parse
from groundswell.domain.buckets import OWN_FOLDER
from groundswell.domain.errors import Forbidden, GroundswellError, InvalidSpec
from groundswell.domain.people import MAIN
from groundswell.service.ports import ObjectStorage, OnOdd, Transaction

FUNCTIONS = "groundswell-functions"
"""The server's own bucket with what jobs give their functions to read, where buckets are kept here."""
BucketOwner = Callable[[str], str | None]
"""The workspace that a bucket kept here belongs to; None for one that nobody has."""
SERVER = ""  # whose the server's own files are
_REFUSED = "{!r} belongs to somebody else or to the server; expected a place of this workspace"
_OF_THE_SERVER = (SERVER, "s3", "drafts", "hooks")  # folders of the data directory, and itself
_FILES_OF_THE_SERVER = (".", "groundswell.db", "secret-key", "runner-")
_OLD_UPLOAD = re.compile(r"[0-9a-f]{16}")  # of before there were workspaces: the first one's


@dataclass(frozen=True)
class Places:
    """Where the server keeps what belongs to somebody; empty: nothing does."""

    data_dir: str = ""  # absolute
    uploads: str = ""  # absolute
    keeps_buckets: bool = False  # whether s3:// is folders of the data directory, each a workspace's

    def upload_folder(self, workspace_id: str, upload_id: str) -> str:
        """Where one upload's files go."""
        return f"{self.uploads.rstrip('/')}/{workspace_id}/{upload_id}"

    def functions_folder(self, workspace_id: str, job_id: int) -> str | None:
        """Where a job's functions read what they are given; None where this server keeps no buckets."""
        return f"s3://{FUNCTIONS}/{workspace_id}/{job_id}" if self.keeps_buckets else None

    def output_folder(self, workspace_id: str) -> str:
        """Where a workspace's output goes when nothing is said, in the data directory."""
        return "output" if workspace_id == MAIN else f"workspaces/{workspace_id}/output"

    def bucket(self, uri: str) -> str | None:
        """The bucket kept here that an absolute address is in; None where it is in none."""
        address = parse(uri)
        if address.scheme == "file" and self.data_dir:
            address, _ = self._in_data_dir(address)
        return address.bucket if address.scheme == "s3" and self.keeps_buckets else None

    def owner(self, uri: str) -> str | None:
        """The workspace an absolute address belongs to, or SERVER; None for what is everybody's."""
        address = parse(uri)
        if address.scheme == "file" and self.data_dir:
            address, found = self._in_data_dir(address)
            if found is not None:
                return found
        if address.scheme == "s3" and address.bucket == OWN_FOLDER:
            return SERVER
        if address.scheme == "s3" and address.bucket == FUNCTIONS and self.keeps_buckets:
            return address.key.partition("/")[0] or SERVER
        return self._in_uploads(address) if self.uploads else None

    def _in_data_dir(self, address: Address) -> tuple[Address, str | None]:
        """A file's owner; or the bucket that its folder is, whose owner is asked next."""
        path = posixpath.normpath(address.key)
        inside = _below(path, self.data_dir)
        if inside is None:
            holds_it = _below(self.data_dir, path) is not None
            return address, SERVER if holds_it else None
        first, *rest = inside or [SERVER]
        if first == "s3" and len(rest) > 0:
            return Address("s3", rest[0], "/".join(rest[1:])), None
        if first == "workspaces":
            return address, rest[0] if rest else SERVER
        return address, SERVER if first in _OF_THE_SERVER or first.startswith(_FILES_OF_THE_SERVER) else MAIN

    def _in_uploads(self, address: Address) -> str | None:
        uploads = parse(self.uploads)
        if (address.scheme, address.bucket) != (uploads.scheme, uploads.bucket):
            return None
        path, root = f"/{address.key.strip('/')}", f"/{uploads.key.strip('/')}"
        inside = _below(path, root)
        if inside is None:
            return SERVER if _below(root, path) is not None else None
        if not inside:
            return SERVER
        return MAIN if _OLD_UPLOAD.fullmatch(inside[0]) else inside[0]


def problems(
    tx: Transaction, workspace_id: str, storage: ObjectStorage, places: Places, given: Mapping[str, Any]
) -> list[GroundswellError]:
    """What of a specification's addresses the workspace may not read or write, each by its field."""
    found: list[GroundswellError] = []
    for field, uri in _addresses(given):
        try:
            full = storage.absolute(uri)
            mine = places.owner(full) in (None, workspace_id)
            bucket = places.bucket(full)
            row = None if bucket is None else tx.buckets.find(bucket)
        except GroundswellError:
            continue  # no address at all: whoever reads it says what is wrong with it
        others = row is not None and row.workspace_id != workspace_id
        if not mine or others or tx.jobs.is_output_of_others(workspace_id, full.rstrip("/")):
            found.append(InvalidSpec(_REFUSED.format(uri), field=field))
    return found


def in_the_way(storage: ObjectStorage, places: Places, given: Mapping[str, Any]) -> Iterator[GroundswellError]:
    """What hinders an output that becomes folders here: an object that has the name of one of them.

    A bucket elsewhere takes both. Found only when labels are written, it would lose what people answered till then.
    """
    output, name = given.get("output"), given.get("name")
    if not isinstance(output, str) or not output:
        return
    try:
        folder = storage.absolute(output).rstrip("/") + (f"/{name}" if isinstance(name, str) and name else "")
        if parse(folder).scheme != "file" and places.bucket(folder) is None:
            return
        while parse(folder).key.strip("/"):
            if storage.exists(folder):
                message = f"expected a folder, got {output!r}: {folder!r} is an object; choose another output"
                yield InvalidSpec(message, field="output")
                return
            folder = folder.rpartition("/")[0].rstrip("/")
    except GroundswellError:
        return  # above is what this server may not look at, or no address at all: others say so


def _addresses(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    shown = given.get("instructions")
    examples = shown if isinstance(shown, Mapping) else {}
    named = {"input": given.get("input"), "output": given.get("output")}
    named |= {f"instructions.{name}": examples.get(name) for name in ("good_example", "bad_example")}
    return ((field, uri) for field, uri in named.items() if isinstance(uri, str) and uri)


class WorkspaceStorage:
    """`service.ports.ObjectStorage` as one workspace may use it; raises Forbidden for what is another's."""

    def __init__(
        self, storage: ObjectStorage, places: Places, workspace_id: str, bucket_owner: BucketOwner = lambda name: None
    ) -> None:
        self._storage, self._places, self._workspace_id = storage, places, workspace_id
        self._bucket_owner = cache(bucket_owner)

    def read(self, uri: str) -> bytes:
        return self._storage.read(self._allowed(uri))

    def read_range(self, uri: str, start: int, length: int) -> bytes:
        return self._storage.read_range(self._allowed(uri), start, length)

    def stream(self, uri: str, chunk_bytes: int = 1 << 20) -> Iterator[bytes]:
        return self._storage.stream(self._allowed(uri), chunk_bytes)

    def write(self, uri: str, data: bytes, *, content_type: str | None = None) -> None:
        self._storage.write(self._allowed(uri), data, content_type=content_type)

    def write_stream(self, uri: str, chunks: Iterable[bytes], *, content_type: str | None = None) -> None:
        self._storage.write_stream(self._allowed(uri), chunks, content_type=content_type)

    def exists(self, uri: str) -> bool:
        return self._storage.exists(self._allowed(uri))

    def missing(self, uris: Sequence[str]) -> dict[str, str]:
        refused, rest = {}, []
        for uri in uris:
            try:
                rest.append(self._allowed(uri))
            except GroundswellError as error:
                refused[uri] = error.message
        return {**refused, **self._storage.missing(rest)}

    def size(self, uri: str) -> int:
        return self._storage.size(self._allowed(uri))

    def entries(self, prefix: str, *, on_odd: OnOdd | None = None) -> Iterator[tuple[str, int]]:
        return self._storage.entries(self._allowed(prefix), on_odd=on_odd)

    def delete(self, uri: str) -> None:
        self._storage.delete(self._allowed(uri))

    def absolute(self, uri: str) -> str:
        return self._storage.absolute(uri)

    def _allowed(self, uri: str) -> str:
        full = self._storage.absolute(uri)
        owners, bucket = {self._places.owner(full)}, self._places.bucket(full)
        if bucket is not None:
            owners.add(self._bucket_owner(bucket))
        if owners - {None, self._workspace_id}:
            raise Forbidden(_REFUSED.format(uri))
        return uri


def _below(path: str, folder: str) -> list[str] | None:
    """The parts of a path inside a folder, [] for the folder itself; None when it is elsewhere."""
    if path == folder:
        return []
    root = folder.rstrip("/") + "/"
    return path[len(root) :].split("/") if path.startswith(root) else None
