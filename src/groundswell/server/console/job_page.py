"""A job's page, which moves by itself, and what a requester does to the job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from groundswell.charts import bars, points, times
from groundswell.domain.errors import InvalidInput
from groundswell.domain.people import Principal
from groundswell.domain.records import LabelingJob
from groundswell.domain.states import ENDED, JobState
from groundswell.server import once
from groundswell.server.auth import Here, SignedIn
from groundswell.server.console.gallery import gallery_names
from groundswell.server.console.job_list import STATE_WORDS
from groundswell.server.context import Context
from groundswell.server.forms import SHOWN, given, sentence, text_of
from groundswell.server.rendering import Form, render
from groundswell.service import deletion, follow_ups, labeling_jobs, withdrawal
from groundswell.service.job_report import JobReport
from groundswell.service.job_specs import spec_of
from groundswell.service.labeling_jobs import output_manifest
from groundswell.service.objects import LOW_CONFIDENCE
from groundswell.service.requests import request_of
from groundswell.tasktypes import registry
from groundswell.wire import jobs as wire

router = APIRouter(prefix="/console")

EXTENDABLE = ("per_object", "max_per_object", "availability", "task_time_limit", "budget_usd", "human_labeled")
SHOWN_CATEGORIES = 12
VERBS = {"pause": labeling_jobs.pause, "resume": labeling_jobs.resume, "stop": labeling_jobs.stop}


@router.get("/jobs/{name}")
def job_page(
    request: Request,
    here: Here,
    principal: SignedIn,
    name: str,
    filter: str = "all",
    category: str | None = None,
    by: str | None = None,
    after: str | None = None,
) -> Response:
    """The whole page."""
    names = _live_names(here, principal, name)
    names |= gallery_names(here, principal, name, view=filter, category=category, by=by, after=after)
    return render(request, "console/job.html", section="jobs", **names)


@router.get("/jobs/{name}/live")
def live(request: Request, here: Here, principal: SignedIn, name: str, state: str = "") -> Response:
    """The part that moves; with the buttons, when the job's state is another than the page knows."""
    names = _live_names(here, principal, name)
    return render(request, "console/job_live.html", known_state=state, **names)


@router.post("/jobs/{name}/extend")
def extend_submit(request: Request, here: Here, principal: SignedIn, form: Form, name: str) -> Response:
    """More of something."""
    asked: dict[str, Any] = given(form, *EXTENDABLE)
    asked["put_back_failed"] = form.get("put_back_failed") == "yes"

    def act() -> object:
        return labeling_jobs.extend(here, principal, name, request_of(wire.Extend, asked))

    return _acted(request, here, principal, name, act)


@router.post("/jobs/{name}/put-back")
def put_back(request: Request, here: Here, principal: SignedIn, form: Form, name: str) -> Response:
    """Try failed objects again: one, or all."""
    asked = {"objects": [text_of(form, "n")]} if text_of(form, "n") else {}

    def act() -> object:
        return labeling_jobs.put_back(here, principal, name, request_of(wire.PutBack, asked).objects)

    return _acted(request, here, principal, name, act)


@router.post("/jobs/{name}/withdraw-labels")
def withdraw_labels(request: Request, here: Here, principal: SignedIn, form: Form, name: str) -> Response:
    """Withdraw labels that models gave: one, or all."""
    asked = {"reason": text_of(form, "reason")} | ({"objects": [text_of(form, "n")]} if text_of(form, "n") else {})

    def act() -> object:
        given = request_of(wire.WithdrawLabels, asked)
        return withdrawal.withdraw(here, principal, name, given.objects, reason=given.reason)

    return _acted(request, here, principal, name, act)


@router.post("/jobs/{name}/share")
def share_submit(request: Request, here: Here, principal: SignedIn, form: Form, name: str) -> Response:
    """Show the job to the workspace's other people, or keep it."""
    shared = text_of(form, "shared") == "true"
    return _acted(request, here, principal, name, lambda: labeling_jobs.share(here, principal, name, shared=shared))


@router.post("/jobs/{name}/delete")
def delete(request: Request, here: Here, principal: SignedIn, form: Form, name: str) -> Response:
    """Delete the job, once its name was typed."""
    files, typed = text_of(form, "files") == "yes", text_of(form, "typed")
    try:
        deletion.delete_job(here, principal, name, files=files, typed=typed)
    except SHOWN as error:
        return _with_problem(request, here, principal, name, error.message)
    return once.redirect(request, "/console", {"done": f"{name} was deleted."})


@router.post("/jobs/{name}/do")
def act_on_job(request: Request, here: Here, principal: SignedIn, form: Form, name: str) -> Response:
    """Pause, resume or stop."""
    verb = text_of(form, "verb")
    if verb not in VERBS:
        raise InvalidInput(f"expected one of {', '.join(VERBS)}, got {verb!r:.50}", field="verb")
    return _acted(request, here, principal, name, lambda: VERBS[verb](here, principal, name))


def _acted(request: Request, here: Context, principal: Principal, name: str, act: Any) -> Response:
    """Do it and show the job again; what stands against it is said above the page."""
    try:
        act()
    except SHOWN as error:
        return _with_problem(request, here, principal, name, error.message)
    return RedirectResponse(f"/console/jobs/{name}", 303)


def _with_problem(request: Request, here: Context, principal: Principal, name: str, message: str) -> Response:
    names = _live_names(here, principal, name) | gallery_names(here, principal, name)
    return render(request, "console/job.html", section="jobs", status=422, **(names | {"problem": sentence(message)}))


def _live_names(here: Context, principal: Principal, name: str) -> dict[str, Any]:
    view = labeling_jobs.describe(here, principal, name)
    job, report = view.job, labeling_jobs.report(here, principal, name)
    counted = max(report.counters.total, 1)
    shares = {
        "people": report.counters.human_labeled / counted,
        "model": report.counters.machine_labeled / counted,
        "failed": report.counters.failed / counted,
    }
    # Known from the job itself: a storage that does not answer takes nothing from this page.
    has_output = job.state in (JobState.COMPLETED, JobState.STOPPED) or "last_batch" in job.progress
    return {
        "job": job,
        "report": report,
        "team": view.team,
        "creator": view.creator,
        "may_change": view.may_change,
        "may_share": view.may_share,
        "may_delete": view.may_delete,
        "kind": registry.get(job.task_type),
        "word": STATE_WORDS[job.state],
        "ended": job.state in ENDED,
        "shares": shares,
        "distribution": _distribution(job, report),
        "most": max(report.distribution.values(), default=0),
        "labels": list(spec_of(job).labels),
        "low": LOW_CONFIDENCE,
        "over_time": times.labels_over_time(report.over_time),
        "per_minute": times.annotations_per_minute(report.pace if report.counters.annotations else ()),
        "reliability": _reliability(report),
        "histogram": _confidences(report.confidence_histogram),
        "has_output": has_output,
        "ways": follow_ups.ways_of(job, has_output=has_output),
        "output": output_manifest(job),
        "problem": None,
    }


def _confidences(counts: Sequence[int]) -> Markup:
    """How many labels have which confidence; those that are low in the warning colour."""
    total, size = sum(counts), len(counts)
    if not total:
        return Markup("")
    low = round(LOW_CONFIDENCE * size)
    said = f"Confidence of {total:,} labels; {sum(counts[:low]):,} are below {LOW_CONFIDENCE:.0%}"
    words = [f"{i / size:.0%}" for i in range(size)]
    return bars.histogram(
        counts, words, said=said, unit="labels", low=low, width=times.NARROW, height=times.HEIGHT, grows=True
    )


def _reliability(report: JobReport) -> Markup:
    """What known labels say of confidences, before and after they set them right."""
    found = report.reliability
    if found is None:
        return Markup("")
    series = [
        (f"before (error {found['error_before']:.3f})", found["before"]),
        (f"after (error {found['error_after']:.3f})", found["after"]),
    ]
    return points.reliability(series, width=times.NARROW, grows=True)


def _distribution(job: LabelingJob, report: JobReport) -> list[tuple[str, int, int]]:
    """(label category, labels, colour 1..8), the largest first."""
    order = {label: index % 8 + 1 for index, label in enumerate(spec_of(job).labels)}
    rows = sorted(report.distribution.items(), key=lambda row: (-row[1], row[0]))
    return [(label, count, order.get(label, 8)) for label, count in rows[:SHOWN_CATEGORIES]]
