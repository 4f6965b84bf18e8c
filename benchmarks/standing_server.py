"""A server with a job to label that stands until stdin ends: for bench_cycles.py, which has two versions side by side.

Run by its path, with another version's folders on PYTHONPATH, it starts that version's server. It writes {port, pid,
tokens} to stdout, as one line of JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from benchmarks import bench_cycles
from groundswell.store.opening import open_store


def main() -> None:
    """Prepare, start, say where it is, wait."""
    kind, objects = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory(prefix="gs-") as name, bench_cycles.database(kind, Path(name)) as url:
        store = open_store(url)
        bench_cycles.prepare(store, objects=objects, workers=bench_cycles.WORKERS, per_object=1)
        store.close()
        with bench_cycles.server(Path(name), url, with_runner=False) as (port, process):
            tokens = bench_cycles.sign_in(port, bench_cycles.WORKERS)
            print(json.dumps({"port": port, "pid": process.pid, "tokens": tokens}), flush=True)
            sys.stdin.read()


if __name__ == "__main__":
    main()
