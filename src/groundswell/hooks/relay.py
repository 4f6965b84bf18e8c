"""The one way out of a closed sandbox: a Unix socket whose connections lead to this server, and nowhere else.

Inside, a process listens on a port of its own loopback and passes what comes to the socket (`child.py`). One relay
serves every function's process of this machine; it looks at no byte.
"""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit
from weakref import finalize

_CONNECTIONS = 64  # at a time, of all functions together
_CHUNK = 1 << 16
_CONNECT_S = 10.0
_IDLE_S = 300.0


class Relay:
    """Listens from its making until its process ends. Raises OSError where there are no Unix sockets."""

    def __init__(self, server_url: str) -> None:
        """server_url : how this machine reaches the server, http or https."""
        found = urlsplit(server_url)
        self._tls = ssl.create_default_context() if found.scheme == "https" else None
        self._host = found.hostname or "127.0.0.1"
        self._port = found.port or (443 if self._tls else 80)
        self._room = threading.BoundedSemaphore(_CONNECTIONS)
        folder = tempfile.mkdtemp(prefix="groundswell-relay-")  # 0700: nobody else comes to the socket by its path
        self.path = Path(folder, "server.sock")
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self.path))
        os.chmod(self.path, 0o666)  # inside a sandbox, where it is shown, the function is another user
        self._listener.listen(_CONNECTIONS)
        threading.Thread(target=self._accept, name="functions' way to the server", daemon=True).start()
        finalize(self, shutil.rmtree, folder, ignore_errors=True)

    def _accept(self) -> None:
        while True:
            try:
                inside, _ = self._listener.accept()
            except OSError:
                return
            if not self._room.acquire(blocking=False):
                inside.close()
                continue
            threading.Thread(target=self._serve, args=(inside,), name="function to server", daemon=True).start()

    def _serve(self, inside: socket.socket) -> None:
        try:
            outside = self._connect()
            with inside, outside:
                back = threading.Thread(target=_pump, args=(outside, inside), name="server to function", daemon=True)
                back.start()
                _pump(inside, outside)
                back.join()
        except OSError:
            inside.close()
        finally:
            self._room.release()

    def _connect(self) -> socket.socket:
        outside = socket.create_connection((self._host, self._port), _CONNECT_S)
        outside.settimeout(_IDLE_S)
        return self._tls.wrap_socket(outside, server_hostname=self._host) if self._tls else outside


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Pass on until the source ends; then the target is told."""
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
