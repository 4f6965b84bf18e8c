"""Files sent by browsers and programs: streamed into the storage, under one folder an upload."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request

from groundswell.domain.addresses import name_problem, shown_name
from groundswell.domain.errors import InvalidInput
from groundswell.server.auth import Here, Requester
from groundswell.server.context import Context
from groundswell.wire import jobs as wire

router = APIRouter(tags=["data"])

_ID = re.compile(r"[a-z0-9-]{8,64}")
_CHUNK_BYTES = 1 << 20
_IN_FORMS = re.compile(r"%(22|0[ad])", re.IGNORECASE)


@router.post("/uploads", status_code=201)
async def create_upload(request: Request, here: Here, requester: Requester) -> wire.Upload:
    """Begin an upload; files of a multipart body are stored at once, others follow by PUT."""
    upload_id = secrets.token_hex(8)
    files = total = 0
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=10_000, max_fields=1_000) as form:
            sent = [one for one in form.getlist("files") if isinstance(one, UploadFile) and one.filename]
            _check_form_names([one.filename or "" for one in sent])
            for value in sent:
                total += await _store(here, upload_id, value.filename or "", _chunks_of(value))
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


def checked_name(name: str) -> str:
    """A relative name as it stands; raises InvalidInput for one that some storage would change or refuse."""
    problem = name_problem(name)
    if problem is not None:
        said = f"expected a relative file name such as photos/a.jpg, got {shown_name(name)[:200]}: it {problem}"
        raise InvalidInput(said, field="name")
    return name


def _check_form_names(names: Sequence[str]) -> None:
    """Raises InvalidInput for names that a form does not carry as they are, and for one that is there twice.

    Browsers and programs write a quote and line breaks in a form's file names as %22, %0D and %0A, and % as itself.
    """
    for name in names:
        checked_name(name)
        if _IN_FORMS.search(name):
            raise InvalidInput(f"forms do not carry this name as it is: send {name!r} by PUT", field="files")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput(f"expected every name once, got two files named {twice!r}", field="files")


async def _store(here: Context, upload_id: str, name: str, chunks: AsyncIterator[bytes]) -> int:
    """Stream into the storage; the number of bytes. A broken upload leaves nothing behind."""
    uri = f"{upload_uri(here, upload_id)}/{checked_name(name)}"
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
