"""Change the code a little, many times, and see whether the tests notice.

`python scripts/mutants.py [--each N] [ROOM ...]`
A sample of cosmic-ray's mutants of each room is tried in a copy of the checkout; those that no test notices are listed
in `benchmarks/mutants.md`, each a test to write or a line that says nothing.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "benchmarks" / "mutants.md"
NOT_TRIED = ("BitOr", "NumberReplacer", "RemoveDecorator")  # unions of types, figures that were tuned, registrations
BUILT = "src/groundswell/server/static/elements"  # git does not know it, and pages need it
SLACK_S = 60.0  # besides three times what the tests take without a change: who takes longer hangs


@dataclass(frozen=True)
class Room:
    """What is changed, and the tests that should notice."""

    modules: tuple[str, ...]  # below src/groundswell
    tests: str


ROOMS = {
    "domain": Room(("domain",), "tests/unit/domain tests/unit/service tests/contract/test_store.py"),
    "service": Room(
        ("service",),
        "tests/unit/service tests/contract/test_events.py tests/contract/test_deletion.py "
        "tests/integration/runner tests/integration/server",
    ),
    "consolidation": Room(
        ("consolidation/live.py", "consolidation/live_kernels.py", "consolidation/live_objects.py"),
        "tests/unit/consolidation/test_live.py tests/unit/consolidation/test_odd_answers.py "
        "tests/contract/test_twins.py",
    ),
    "runner": Room(("runner",), "tests/integration/runner"),
}


@dataclass(frozen=True)
class Mutant:
    """One change and what came of it."""

    room: str
    place: str  # file:line
    operator: str
    outcome: str  # killed, survived, or why there is none
    diff: str


def main() -> int:
    """Try them and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rooms", nargs="*", default=list(ROOMS))
    parser.add_argument("--each", type=int, default=25, help="mutants a room")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    unknown = set(asked.rooms) - set(ROOMS)
    if unknown:
        sys.exit(f"no room {', '.join(sorted(unknown))}; there are: {', '.join(ROOMS)}")
    found: list[Mutant] = []
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(Path(folder) / "copy")
        for name in asked.rooms:
            found += tried(name, ROOMS[name], copy, each=asked.each, seed=asked.seed)
    REPORT.write_text(report(found, asked.each, asked.seed), encoding="utf-8")
    print(f"{sum(one.outcome == 'survived' for one in found)} of {len(found)} survived; see {REPORT.relative_to(ROOT)}")
    return 0


def copied(to: Path) -> Path:
    """A copy of the files that git knows: mutants are written into it."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if not name.startswith("elements/") and (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, to / name)
    if (ROOT / BUILT).is_dir():
        shutil.copytree(ROOT / BUILT, to / BUILT)
    return to


def tried(name: str, room: Room, copy: Path, *, each: int, seed: int) -> list[Mutant]:
    """A sample of a room's mutants, each with its outcome."""
    config, session = copy / f"{name}.toml", copy / f"{name}.sqlite"
    timeout_s = 3 * seconds_without_change(name, room, copy) + SLACK_S
    paths = ", ".join(f'"src/groundswell/{module}"' for module in room.modules)
    command = " ".join(tests_of(room))
    config.write_text(
        f"[cosmic-ray]\nmodule-path = [{paths}]\ntimeout = {timeout_s:.1f}\nexcluded-modules = []\n"
        f'test-command = "{command}"\n[cosmic-ray.distributor]\nname = "local"\n'
    )
    cosmic_ray(copy, "init", config.name, session.name)
    keep_sample(session, each, seed)
    cosmic_ray(copy, "exec", config.name, session.name)
    return outcomes(name, session)


def tests_of(room: Room) -> list[str]:
    """The command that runs a room's tests."""
    return [sys.executable, *"-m pytest -x -q -p no:xdist -p no:randomly".split(), *room.tests.split()]


def seconds_without_change(name: str, room: Room, copy: Path) -> float:
    """How long the tests take when nothing is changed; ends the program when they fail then."""
    began = time.monotonic()
    done = subprocess.run(tests_of(room), cwd=copy, env=environment_of(copy), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"the tests of {name} fail without any change:\n{done.stdout[-3_000:]}")
    return time.monotonic() - began


def environment_of(copy: Path) -> dict[str, str]:
    """The environment in which the copy is what is imported."""
    return {**os.environ, "PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"}


def cosmic_ray(copy: Path, *arguments: str) -> None:
    """Run cosmic-ray in the copy."""
    script = Path(sys.executable).with_name("cosmic-ray")
    subprocess.run([str(script), *arguments], cwd=copy, env=environment_of(copy), check=True)


def keep_sample(session: Path, each: int, seed: int) -> None:
    """Leave so many of the session's mutants, evenly at random."""
    with sqlite3.connect(session) as rows:
        known = rows.execute(
            "SELECT job_id, operator_name FROM mutation_specs "
            "ORDER BY module_path, start_pos_row, start_pos_col, operator_name, occurrence"
        ).fetchall()
        worth = [job for job, operator in known if not any(word in operator for word in NOT_TRIED)]
        kept = set(random.Random(seed).sample(worth, min(each, len(worth))))
        gone = [(job,) for job, _ in known if job not in kept]
        rows.executemany("DELETE FROM mutation_specs WHERE job_id = ?", gone)
        rows.executemany("DELETE FROM work_items WHERE job_id = ?", gone)


def outcomes(name: str, session: Path) -> list[Mutant]:
    """What came of a session's mutants, in the order of the code."""
    with sqlite3.connect(session) as rows:
        found = rows.execute(
            "SELECT module_path, start_pos_row, operator_name, test_outcome, worker_outcome, diff FROM mutation_specs "
            "JOIN work_results USING (job_id) ORDER BY module_path, start_pos_row"
        ).fetchall()
    return [
        Mutant(name, f"{path}:{line}", operator.removeprefix("core/"), str(outcome or worker).lower(), diff or "")
        for path, line, operator, outcome, worker, diff in found
    ]


def report(found: list[Mutant], each: int, seed: int) -> str:
    """The report as Markdown."""
    said = f"`make mutants`: {each} of each room at random (seed {seed}); see `scripts/mutants.py`."
    lines = ["# Mutants", "", said, ""]
    lines += ["| room | tried | noticed |", "| --- | --- | --- |"]
    for room in dict.fromkeys(one.room for one in found):
        mine = [one for one in found if one.room == room]
        lines.append(f"| {room} | {len(mine)} | {sum(one.outcome != 'survived' for one in mine)} |")
    for one in (one for one in found if one.outcome == "survived"):
        changed = [line for line in one.diff.splitlines() if line[:1] in "+-" and line[:3] not in ("---", "+++")]
        lines += ["", f"`{one.place}` ({one.operator})", "", "```diff", *changed, "```"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
