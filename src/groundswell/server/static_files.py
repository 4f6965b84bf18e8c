"""Our own files under /static: compressed once, kept by browsers, and open to sandboxed pages."""

from __future__ import annotations

import gzip
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from groundswell.charts.drawing import STYLES

_COMPRESSED = frozenset({".css", ".js", ".svg", ".html", ".json", ".map", ".txt"})


class OwnFiles(StaticFiles):
    """Files of a folder, and the styles of charts.

    The elements are loaded by pages with an opaque origin, hence CORS. Names with a hash, and addresses with a version
    (`?v=`), never change what they mean; everything else is asked for again, which costs a 304.
    """

    def __init__(self, *, directory: Path) -> None:
        super().__init__(directory=directory, packages=[("groundswell.charts", STYLES.parent.name)])
        self._packed: dict[str, tuple[float, bytes]] = {}  # path -> time of change, gzip

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if isinstance(response, FileResponse) and "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            response = self._compressed(response)
        hashed = b"v=" in scope["query_string"] or "/chunks/" in f"/{path}"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    def _compressed(self, response: FileResponse) -> Response:
        """The same, compressed; compressing happens once a file."""
        path, changed = str(response.path), response.stat_result.st_mtime if response.stat_result else 0.0
        if Path(path).suffix not in _COMPRESSED:
            return response
        kept = self._packed.get(path)
        if kept is None or kept[0] != changed:
            kept = self._packed[path] = (changed, gzip.compress(Path(path).read_bytes(), 9, mtime=0))
        headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding", "ETag": response.headers["etag"]}
        return Response(kept[1], media_type=response.media_type, headers=headers)
