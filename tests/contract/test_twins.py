"""Every kernel gives the same numbers in NumPy and compiled, and small inputs never wait for a compiler."""

from __future__ import annotations

import copy
import os
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import groundswell.consolidation
import groundswell.quality
from groundswell.consolidation import fast
from groundswell.consolidation.fast import LARGE, Kernel, repeated
from groundswell.consolidation.polygons import PolygonKind
from random_examples import examples
from twin_inputs import MAKERS, Args, Crowd

ROOT = Path(__file__).parents[2]

compiled = pytest.mark.skipif(find_spec("numba") is None, reason="the compiled loops come with the extra [fast]")


def kernels() -> dict[str, Kernel[..., Any]]:
    """Every kernel, by file and name."""
    found = {}
    for room in (groundswell.consolidation, groundswell.quality):
        for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            for value in vars(import_module(module.name)).values():
                if isinstance(value, Kernel) and not module.ispkg:
                    found[f"{value.twin.__module__.rpartition('.')[2]}.{value.twin.__name__}"] = value
    return found


KERNELS = kernels()


def test_every_kernel_is_tried() -> None:
    assert set(KERNELS) == set(MAKERS)


def outcome(body: Callable[..., Any], args: Args, extra: dict[str, Any]) -> list[Any]:
    """What a call returns, and what it leaves in its arguments."""
    args = copy.deepcopy(args)
    result = body(*args, **extra)
    written = [arg for at, arg in enumerate(args) if isinstance(arg, np.ndarray)]
    return [*(result if isinstance(result, tuple) else (result,)), *written]


SPENT = {"stable_order": (1,), "mark_replaced": (2,), "agglomerate": (0, 1)}  # arguments that may be used up


@compiled
@pytest.mark.parametrize("name", MAKERS)
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=examples(25))
def test_a_kernel_and_its_loop_give_the_same_numbers(name: str, seed: int) -> None:
    kernel, args = KERNELS[name], MAKERS[name](Crowd(seed))
    extra = {"exact": True} if name.endswith("expected_sums") else {}
    spent = {id(args[at]) for at in SPENT.get(kernel.twin.__name__, ())}
    kept = [id(a) not in spent for a in args if isinstance(a, np.ndarray)]
    ours, loops = outcome(kernel.twin, args, extra), outcome(kernel.loop, args, extra)
    assert len(ours) == len(loops)
    results = len(ours) - len(kept)
    for at, (one, other) in enumerate(zip(ours, loops, strict=True)):
        if at < results or kept[at - results]:
            assert (one is None) == (other is None)
            if one is not None:
                assert np.asarray(one).dtype.kind == np.asarray(other).dtype.kind
                np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


BLOCKED = """
import sys
sys.modules["numba"] = None
sys.modules["llvmlite"] = None
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


def test_the_consolidators_keep_their_promises_without_numba() -> None:
    run = subprocess.run(
        [sys.executable, "-c", BLOCKED, "-q", "-p", "no:xdist", "tests/contract/test_consolidators.py"],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
    assert "skipped" not in run.stdout


FIRST_ANSWER = """
import sys
from groundswell.cli.main import main
sys.argv = ["groundswell", "consolidate", sys.argv[1], "-o", sys.argv[2]]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
sys.exit("numba" in sys.modules)
"""


def test_the_first_answer_comes_within_three_seconds_and_never_meets_the_compiler(tmp_path: Path) -> None:
    rows = (f"t{n % 900},w{n % 31},{'abcd'[(n * 7919 + n // 5) % 4]}" for n in range(4500))
    (tmp_path / "answers.csv").write_text("task,worker,label\n" + "\n".join(rows) + "\n")
    before = os.times()
    files = [str(tmp_path / name) for name in ("answers.csv", "labels.csv")]
    fresh = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "nothing compiled yet")}
    assert subprocess.run([sys.executable, "-c", FIRST_ANSWER, *files], env=fresh).returncode == 0
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    assert len((tmp_path / "labels.csv").read_text().splitlines()) == 901
    assert spent < 3.0, f"{spent:.1f} s of processor time"


def test_large_inputs_are_compiled_where_numba_is(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel, args = KERNELS["kernels.vote_shares"], (np.arange(11), np.zeros(10, np.int32), 2)
    monkeypatch.setattr(fast, "_loop", lambda module, name: lambda *args: name)
    monkeypatch.setattr(fast, "numba_is_installed", lambda: True)
    assert kernel(*args).shape == (10, 2)
    with repeated(LARGE):
        assert kernel(*args) == "vote_shares"
        with repeated(0):
            assert kernel(*args).shape == (10, 2)
    monkeypatch.setattr(fast, "numba_is_installed", lambda: False)
    with repeated(LARGE):
        assert kernel(*args).shape == (10, 2)


def test_a_loop_that_was_compiled_before_is_worth_less_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    module, name = "groundswell.consolidation.special", "write_digamma"
    assert not fast.is_kept(module, name)
    kept = tmp_path / "compiled_abc" / f"special.{name}-18.py311.nbi"
    kept.parent.mkdir()
    kept.touch()
    assert fast.is_kept(module, name)
    os.utime(kept, (0, 0))  # of an older file
    assert not fast.is_kept(module, name)


def test_many_pairs_of_outlines_are_compiled_and_few_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels that are called for each of many small things count the calls to come."""
    calls: list[str] = []

    def loop(*args: Any) -> tuple[float, float, float]:
        calls.append("a pair")
        return 1.0, 1.0, 1.0

    monkeypatch.setattr(fast, "_loop", lambda module, name: loop)
    monkeypatch.setattr(fast, "numba_is_installed", lambda: True)
    shapes = [np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0 + n]]) for n in range(2)]
    few, many = np.zeros(10, np.int64), np.zeros(10_000, np.int64)
    PolygonKind().similarity(shapes, few, few + 1)
    assert not calls
    PolygonKind().similarity(shapes, many, many + 1)
    assert len(calls) == 10_000
