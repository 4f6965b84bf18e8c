"""What is said of a job in words."""

from __future__ import annotations

from typing import Any

from groundswell.cli.job_text import failure, state_lines
from groundswell.domain.errors import InvalidManifest
from groundswell.wire.jobs import Job

COUNTERS = dict.fromkeys(
    "total pending open answered human_labeled machine_labeled labeled failed skipped annotations outstanding "
    "spent_usd_micros".split(),
    0,
)


def job(**fields: Any) -> Job:
    given = {
        "name": "owls",
        "state": "Initializing",
        "task_type": "image-classification",
        "team": "everyone",
        "created_at": "2026-11-20T08:00:00Z",
        "input_uri": "s3://in",
        "output_uri": "s3://out",
        "output_manifest": "s3://out/x",
        "label_attribute": "owls",
        "counters": COUNTERS,
        "spec": {},
    }
    return Job.model_validate(given | fields)


def test_what_a_job_waits_for_is_said() -> None:
    assert next(state_lines(job())).startswith("now: waiting for a runner")
    reading = job(ingest={"phase": "checking", "done": 1_000, "total": 2_000}, trouble="waits: no bucket")
    assert list(state_lines(reading)) == [
        "the runner cannot go on and tries again: waits: no bucket",
        "now: checking every line of the input, 1,000 of 2,000",
    ]


def test_problems_and_files_left_out_are_said() -> None:
    problems = [{"line": n, "key": "source", "message": "expected a text"} for n in range(1, 13)]
    left_out = [{"why": "hidden", "count": 7, "names": [".a", ".b"]}]
    failed = job(
        state="Failed",
        failure_reason="ClientError: x",
        ingest={"problems": problems, "problem_count": 20, "left_out": left_out},
    )
    lines = list(state_lines(failed))
    assert lines[:2] == ["ClientError: x", "7 files left out (hidden): .a, .b, ..."]
    assert lines[2] == "line 1, source: expected a text" and lines[-1] == "and 10 more bad lines"
    error = failure(failed)
    assert isinstance(error, InvalidManifest) and error.problem_count == 20
