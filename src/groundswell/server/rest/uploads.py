"""Files sent by browsers and programs: streamed into the storage, under one folder an upload."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Iterator

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request

from groundswell.domain.errors import InvalidInput
from groundswell.server.auth import Here, Requester
from groundswell.server.context import Context
from groundswell.wire import jobs as wire

router = APIRouter(tags=["data"])

_ID = re.compile(r"[a-z0-9-]{8,64}")
_CHUNK_BYTES = 1 << 20


@router.post("/uploads", status_code=201)
async def create_upload(request: Request, here: Here, requester: Requester) -> wire.Upload:
    """Begin an upload; files of a multipart body are stored at once, others follow by PUT."""
    upload_id = secrets.token_hex(8)
    files = total = 0
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=10_000, max_fields=1_000) as form:
            for value in form.getlist("files"):
                if isinstance(value, UploadFile) and value.filename:
                    total += await _store(here, upload_id, value.filename, _chunks_of(value))
                    files += 1
    return wire.Upload(uri=upload_uri(here, upload_id), files=files, bytes=total)


@router.put("/uploads/{upload_id}/{name:path}")
async def put_file(request: Request, here: Here, requester: Requester, upload_id: str, name: str) -> wire.Upload:
    """Store one file of an upload: the body is the file. Sending it again replaces it."""
    size = await _store(here, upload_id, name, request.stream())
    return wire.Upload(uri=f"{upload_uri(here, upload_id)}/{name}", files=1, bytes=size)


def upload_uri(here: Context, upload_id: str) -> str:
    """The folder of an upload; raises InvalidInput for an id that cannot be one."""
    if not _ID.fullmatch(upload_id):
        raise InvalidInput(f"expected the id of an upload, got {upload_id!r}", field="upload")
    return f"{here.settings.uploads.rstrip('/')}/{upload_id}"


def clean_name(name: str) -> str:
    """A relative name without tricks; raises InvalidInput."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    if not parts or ".." in parts or any(ord(letter) < 32 for letter in name) or len(name) > 900:
        raise InvalidInput(f"expected a relative file name such as photos/a.jpg, got {name[:120]!r}", field="name")
    return "/".join(parts)


async def _store(here: Context, upload_id: str, name: str, chunks: AsyncIterator[bytes]) -> int:
    """Stream into the storage; the number of bytes. A broken upload leaves nothing behind."""
    uri = f"{upload_uri(here, upload_id)}/{clean_name(name)}"
    loop = asyncio.get_running_loop()
    size = 0

    def drain() -> Iterator[bytes]:
        nonlocal size
        while (chunk := asyncio.run_coroutine_threadsafe(_next(chunks), loop).result()) is not None:
            size += len(chunk)
            yield chunk

    await run_in_threadpool(here.storage.write_stream, uri, drain())
    return size


async def _next(chunks: AsyncIterator[bytes]) -> bytes | None:
    return await anext(chunks, None)


async def _chunks_of(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK_BYTES):
        yield chunk
