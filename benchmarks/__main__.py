"""Run every benchmark of this folder, or the named ones, one after the other: each prints its own table."""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent


def names(asked: list[str]) -> list[str]:
    """Benchmarks to run, without their `bench_` prefix; exits with the list when an asked one does not exist."""
    known = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    unknown = [name for name in asked if name not in known]
    if unknown:
        sys.exit(f"no benchmark {', '.join(unknown)}; there are: {', '.join(known)}")
    return asked or known


def main() -> int:
    """Run them; a benchmark that fails is reported and the others still run."""
    (HERE / "results").mkdir(exist_ok=True)
    failed = []
    for name in names(sys.argv[1:]):
        print(f"\n== {name} ==", flush=True)
        started = time.perf_counter()
        try:
            importlib.import_module(f"benchmarks.bench_{name}").main()
        except Exception as error:
            failed.append(name)
            print(f"failed: {error!r}", flush=True)
        print(f"-- {name}: {time.perf_counter() - started:.0f} s", flush=True)
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
