"""The numeric rooms take and give arrays of the shapes that their annotations say, checked at every call.

In a process of its own: the checks are put in while modules load, and cost too much for every test.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
CHECKED = "--jaxtyping-packages=groundswell.consolidation,groundswell.quality,shape_checker.checked"
RUN = (
    "unit/consolidation/test_dawid_skene.py",
    "unit/consolidation/test_many_classes.py",
    "unit/consolidation/test_pixels.py",
    "unit/consolidation/test_mask_confidences.py",
    "unit/quality/test_agreement.py",
    "unit/quality/test_meetings.py",
)
WRONG = """
import numpy as np
import pytest
from groundswell.consolidation.kernels import expected_counts
from groundswell.quality.pairing import pair_rows

ROWS = np.zeros(5, np.int32)

LABELS = [np.zeros(4, np.int32), np.zeros(5), np.zeros(5, np.int64), np.zeros((5, 1), np.int32)]

@pytest.mark.parametrize("label", LABELS)
def test_a_wrong_array_is_refused(label):
    expected_counts(ROWS, ROWS, ROWS, np.ones((1, 3)), 1)
    with pytest.raises(Exception, match="label"):
        expected_counts(ROWS, ROWS, label, np.ones((1, 3)), 1)

def test_a_wrong_result_is_refused():
    with pytest.raises(Exception, match="column"):
        pair_rows(np.zeros((2, 3)), np.zeros(3, np.int64))
"""


def run_checked(*files: str) -> subprocess.CompletedProcess[str]:
    """Run tests with the checks in."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "shape_checker", "-p", "no:xdist", CHECKED, *files]
    return subprocess.run(command, capture_output=True, text=True, cwd=TESTS.parent, env=environment)


@pytest.mark.slow
def test_arrays_are_of_the_shapes_that_annotations_say() -> None:
    run = run_checked(*(f"tests/{file}" for file in RUN))
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-1000:]


def test_an_array_of_another_shape_or_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "test_wrong.py").write_text(WRONG)
    run = run_checked("-c", str(TESTS.parent / "pyproject.toml"), "--rootdir", str(TESTS.parent), str(tmp_path))
    assert run.returncode == 0 and "5 passed" in run.stdout, run.stdout[-3000:] + run.stderr[-1000:]
