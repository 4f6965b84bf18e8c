"""Files sent by browsers and programs: streamed into the storage, under one folder an upload."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request

from groundswell.domain.people import Principal
from groundswell.server.auth import Here, SignedIn
from groundswell.server.context import Context
from groundswell.service import uploads
from groundswell.wire import jobs as wire

router = APIRouter(tags=["data"])

_CHUNK_BYTES = 1 << 20


@router.post("/uploads", status_code=201)
async def create_upload(request: Request, here: Here, principal: SignedIn) -> wire.Upload:
    """Begin an upload; files of a multipart body are stored at once, others follow by PUT."""
    upload_id = uploads.begin(here, principal)
    files = total = 0
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=10_000, max_fields=1_000) as form:
            sent = [one for one in form.getlist("files") if isinstance(one, UploadFile) and one.filename]
            uploads.check_form_names([one.filename or "" for one in sent])
            for value in sent:
                _, size = await _store(here, principal, upload_id, value.filename or "", _chunks_of(value))
                files, total = files + 1, total + size
    return wire.Upload(uri=uploads.folder(here, principal, upload_id), files=files, bytes=total)


@router.put("/uploads/{upload_id}/{name:path}")
async def put_file(request: Request, here: Here, principal: SignedIn, upload_id: str, name: str) -> wire.Upload:
    """Store one file of an upload: the body is the file. Sending it again replaces it."""
    uri, size = await _store(here, principal, upload_id, name, request.stream())
    return wire.Upload(uri=uri, files=1, bytes=size)


async def _store(
    here: Context, principal: Principal, upload_id: str, name: str, chunks: AsyncIterator[bytes]
) -> tuple[str, int]:
    """Stream into the storage; the URI and the number of bytes."""
    loop = asyncio.get_running_loop()
    size = 0

    def drain() -> Iterator[bytes]:
        nonlocal size
        while (chunk := asyncio.run_coroutine_threadsafe(_next(chunks), loop).result()) is not None:
            size += len(chunk)
            yield chunk

    uri = await run_in_threadpool(uploads.store, here, principal, upload_id, name, drain())
    return uri, size


async def _next(chunks: AsyncIterator[bytes]) -> bytes | None:
    return await anext(chunks, None)


async def _chunks_of(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK_BYTES):
        yield chunk
