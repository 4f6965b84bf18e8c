"""Whether fits take longer than before the compiled kernels had twins in NumPy and the default knew more crowds.

Both versions answer by turns, each in a process of its own that has compiled what it needs before; the least processor
time of several fits is compared. Asked: the default at most twice the time of before, the other large fits no longer.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from benchmarks import earlier
from benchmarks.fit_asked import CASES

RESULTS = Path(__file__).parent / "results"
BEFORE = "4f57bf2"
ASKED = {"default": 2.0}  # the others: 1.0


class Version:
    """A process of some version that fits what it is asked for."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        command = [sys.executable, str(Path(__file__).with_name("fit_asked.py"))]
        environment = {**earlier.environment(folder), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._process = stack.enter_context(
            subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        )

    def fit(self, case: str) -> float:
        """The milliseconds it takes."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{case}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()


def main() -> None:
    """Print the table and write `results/fit_time.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_known_args()[0]
    found = {}
    with earlier.tree(BEFORE) as before, ExitStack() as stack:
        if before is None:
            print(f"no commit {BEFORE} here: nothing to compare with")
            return
        now, then = (Version(folder, stack) for folder in (earlier.HERE, before))
        print(f"{'fit':48}{'now ms':>10}{'before':>10}{'times':>8}{'asked':>8}")
        for case in CASES:
            for version in (now, then):
                version.fit(case)  # compiles
            pairs = [(now.fit(case), then.fit(case)) for _ in range(options.rounds)]
            ours, theirs = (min(times) for times in zip(*pairs, strict=True))
            found[case] = {"now_ms": ours, "before_ms": theirs, "times": ours / theirs}
            asked = ASKED.get(case.split(",")[0], 1.0)
            print(f"{case:48}{ours:10.1f}{theirs:10.1f}{ours / theirs:8.2f}{asked:8.1f}", flush=True)
        now.close()
        then.close()
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "fit_time.json").write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
