"""A labeling job in words, for `groundswell job show`, `create` and `watch`."""

from __future__ import annotations

from collections.abc import Iterator

from groundswell.domain.errors import GroundswellError, InvalidManifest, InvalidSpec, LineProblem
from groundswell.domain.job_notes import LeftOutFiles
from groundswell.manifests.left_out import sentences
from groundswell.wire import jobs as wire

_PHASES = {
    "making": "making a manifest of the input",
    "checking": "checking every line of the input",
    "inserting": "publishing the objects",
    "importing": "bringing objects, answers and labels over",
}
_PROBLEMS_SHOWN = 10


def state_lines(job: wire.Job) -> Iterator[str]:
    """What stands in the way of a job, what it waits for, and what of its input is not used."""
    if job.failure_reason:
        yield job.failure_reason
    if job.trouble:
        yield f"the runner cannot go on and tries again: {job.trouble}"
    yield from _functions(job)
    if waiting := waits_for(job):
        yield f"now: {waiting}"
    yield from sentences([LeftOutFiles(why=one.why, count=one.count, names=one.names) for one in job.ingest.left_out])
    problems, count = job.ingest.problems, job.ingest.problem_count
    yield from map(problem_line, problems[:_PROBLEMS_SHOWN])
    if count > _PROBLEMS_SHOWN:
        yield f"and {count - min(len(problems), _PROBLEMS_SHOWN):,} more bad lines"


def problem_line(one: wire.BadLine) -> str:
    """One problem of an input with where it is: a line and its member, or a file."""
    where = [f"line {one.line}"] if one.line else []
    return ", ".join([*where, *([one.key] if one.key else [])]) + f": {one.message}"


def _functions(job: wire.Job) -> Iterator[str]:
    for role, state in job.hooks.items():
        name = f"the {role.replace('_', '-')} function"
        if state.running and state.since:
            yield f"{name} is running: {state.running} since {state.since:%Y-%m-%d %H:%M:%S}"
        if state.last_error:
            yield f"{name}: {state.failures} failed, {state.retries} tried again; last: {state.last_error}"


def waits_for(job: wire.Job) -> str | None:
    """What a job does before it ends: how far reading its input is, or what it writes; None for any other."""
    phase = job.ingest.phase
    if job.state == "Stopping":
        return "writing the last output"
    if job.state != "Initializing":
        return None
    if phase not in _PHASES:
        return "waiting for a runner (is `groundswell serve` or `groundswell runner` started?)"
    done, total = job.ingest.done, job.ingest.total
    return f"{_PHASES[phase]}, {done:,}" + (f" of {total:,}" if total else "")


def failure(job: wire.Job) -> GroundswellError:
    """Why a job failed: with every problem of its input, where that was it."""
    reason = job.failure_reason or "the job failed"
    if not job.ingest.problems:
        return InvalidSpec(reason)
    problems = [LineProblem(one.line, one.key, one.message) for one in job.ingest.problems]
    return InvalidManifest(reason, problems=problems, problem_count=job.ingest.problem_count)
