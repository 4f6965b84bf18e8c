"""Objects of the storage by signed link: ranges, ETag, a type sniffed from the bytes, CORS for sandboxed pages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from groundswell.server.auth import Here
from groundswell.server.frames import ELEMENTS_BASE
from groundswell.server.media_pool import MediaPool
from groundswell.service import sign_in
from groundswell.service.places import WorkspaceStorage
from groundswell.service.ports import ObjectStorage
from groundswell.templates.pdf import FRAMED, viewer_page

router = APIRouter(include_in_schema=False)

WHOLE_BYTES = 8 << 20
"""Objects up to this size are read whole and hashed; larger ones are streamed and have a weak ETag."""
VIEWER_HEADERS = {
    "Content-Security-Policy": "sandbox allow-scripts",
    "Cache-Control": "private, max-age=300",
    "Vary": "Sec-Fetch-Dest",
    "X-Content-Type-Options": "nosniff",
}
_CHUNK_BYTES = 1 << 20
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")  # more digits than any size has are no range

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"OggS", "application/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"%PDF-", "application/pdf"),
)


def sniff(head: bytes) -> str:
    """The content type the first bytes tell; text is plain text, whatever it claims to be, but SVG."""
    for offset, mark, kind in _SIGNATURES:
        if head[offset : offset + len(mark)] == mark:
            return kind
    text = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith((b"<svg", b"<?xml", b"<!--")) and b"<svg" in head[:4096]:
        return "image/svg+xml"
    if b"\x00" in head[:1024]:
        return "application/octet-stream"
    return "text/plain; charset=utf-8"


@router.api_route("/media/{token}", methods=["GET", "HEAD"])
@router.api_route("/media/{token}/{name:path}", methods=["GET", "HEAD"])
async def media(request: Request, here: Here, token: str, name: str = "") -> Response:
    """One object. The token is the permission: no cookie is looked at."""
    pool: MediaPool = request.app.state.media_pool
    holder, workspace_id, uri = here.links.open_for("media", token)
    await run_in_threadpool(sign_in.check_link_holder, here, holder)
    storage = WorkspaceStorage(here.storage, here.places, workspace_id)
    return await pool.run(serve, request, storage, uri, pool)


def serve(request: Request, storage: ObjectStorage, uri: str, pool: MediaPool) -> Response:
    """An object of the storage as a response to this request; blocks while the storage answers."""
    size = storage.size(uri)
    whole = storage.read(uri) if size <= WHOLE_BYTES else None
    head = whole[:4096] if whole is not None else storage.read_range(uri, 0, 4096)
    if sniff(head) == "application/pdf" and request.headers.get("sec-fetch-dest") in FRAMED:
        return HTMLResponse(viewer_page(ELEMENTS_BASE), headers=VIEWER_HEADERS)
    etag = _etag(uri, size, whole, head)
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=3600",
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "Content-Length, Content-Range, ETag",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "Content-Type": sniff(head),
        "Vary": "Sec-Fetch-Dest",
    }
    if etag in _listed(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    span = _span(request, size, etag)
    if span == (0, 0) and size:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    start, stop = span or (0, size)
    headers["Content-Length"] = str(stop - start)
    if span:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    status = 206 if span else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    if whole is not None:
        return Response(whole[start:stop], status, headers=headers)
    return StreamingResponse(_chunks(storage, pool, uri, start, stop), status, headers=headers)


async def _chunks(storage: ObjectStorage, pool: MediaPool, uri: str, start: int, stop: int) -> AsyncIterator[bytes]:
    while start < stop:
        chunk = await pool.run(storage.read_range, uri, start, min(_CHUNK_BYTES, stop - start))
        if not chunk:
            return
        start += len(chunk)
        yield chunk


def _etag(uri: str, size: int, whole: bytes | None, head: bytes) -> str:
    if whole is not None:
        return f'"{hashlib.blake2b(whole, digest_size=12).hexdigest()}"'
    known = hashlib.blake2b(f"{uri}\n{size}\n".encode() + head, digest_size=12)
    return f'W/"{known.hexdigest()}"'


def _listed(header: str) -> list[str]:
    return [part.strip() for part in header.split(",")]


def _span(request: Request, size: int, etag: str) -> tuple[int, int] | None:
    """[start, stop) of a Range header with one range; None for the whole; (0, 0) when it cannot be satisfied."""
    match = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if match is None or match.group(0) == "bytes=-" or request.headers.get("if-range", etag) != etag:
        return None
    first, last = match.groups()
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1 if last else size)
    return (start, stop) if start < stop else (0, 0)
