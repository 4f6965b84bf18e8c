"""A job's page, which moves by itself, and what a requester does to the job."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from groundswell.domain.errors import GroundswellError
from groundswell.domain.people import Account
from groundswell.domain.records import LabelingJob
from groundswell.domain.states import ENDED
from groundswell.server.auth import Here, Overseer, Requester
from groundswell.server.console import charts
from groundswell.server.console.gallery import gallery_names
from groundswell.server.console.job_form import sentence
from groundswell.server.console.job_list import STATE_WORDS
from groundswell.server.context import Context
from groundswell.server.errors import spec_error
from groundswell.server.rendering import Form, render
from groundswell.server.rest.job_shapes import output_manifest
from groundswell.server.rest.jobs import change, extend, report_of
from groundswell.service import labeling_jobs
from groundswell.service.access import job_for
from groundswell.service.job_report import JobReport
from groundswell.service.objects import LOW_CONFIDENCE
from groundswell.service.ports import Transaction
from groundswell.tasktypes import registry
from groundswell.wire import jobs as wire

router = APIRouter(prefix="/console")

EXTENDABLE = ("per_object", "max_per_object", "availability", "task_time_limit", "budget_usd", "human_labeled")
SHOWN_CATEGORIES = 12


@router.get("/jobs/{name}")
def job_page(
    request: Request,
    here: Here,
    worker: Overseer,
    name: str,
    filter: str = "all",
    category: str | None = None,
    by: str | None = None,
    after: str | None = None,
) -> Response:
    """The whole page."""
    names = _live_names(here, worker, name)
    names |= gallery_names(here, worker, name, view=filter, category=category, by=by, after=after)
    return render(request, "console/job.html", section="jobs", **names)


@router.get("/jobs/{name}/live")
def live(request: Request, here: Here, worker: Overseer, name: str, state: str = "") -> Response:
    """The part that moves; with the buttons, when the job's state is another than the page knows."""
    names = _live_names(here, worker, name)
    return render(request, "console/job_live.html", known_state=state, **names)


@router.post("/jobs/{name}/extend")
def extend_submit(request: Request, here: Here, worker: Requester, form: Form, name: str) -> Response:
    """More of something."""
    given = {field: str(form.get(field, "")).strip() for field in EXTENDABLE}
    document: dict[str, Any] = {field: text for field, text in given.items() if text}
    document["put_back_failed"] = form.get("put_back_failed") == "yes"
    try:
        more = wire.Extend.model_validate(document)
    except ValidationError as error:
        return _with_problem(request, here, worker, name, spec_error(error).message)
    return _acted(request, here, worker, name, lambda: extend(here, worker, name, more))


@router.post("/jobs/{name}/put-back")
def put_back(request: Request, here: Here, worker: Requester, form: Form, name: str) -> Response:
    """Try failed objects again: one, or all."""
    number, now = str(form.get("n", "")), here.clock()
    numbers = [int(number)] if number.isdigit() else None

    def act() -> object:
        return here.write(lambda tx: labeling_jobs.put_back(tx, tx.jobs.by_name(name), numbers, by=worker, at=now))

    return _acted(request, here, worker, name, act)


@router.post("/jobs/{name}/do")
def act_on_job(request: Request, here: Here, worker: Requester, form: Form, name: str) -> Response:
    """Pause, resume or stop."""
    verb = str(form.get("verb", ""))
    return _acted(request, here, worker, name, lambda: change(here, worker, name, verb))


def _acted(request: Request, here: Context, worker: Account, name: str, act: Any) -> Response:
    """Do it and show the job again; what stands against it is said above the page."""
    try:
        act()
    except GroundswellError as error:
        return _with_problem(request, here, worker, name, error.message)
    return RedirectResponse(f"/console/jobs/{name}", 303)


def _with_problem(request: Request, here: Context, worker: Account, name: str, message: str) -> Response:
    names = _live_names(here, worker, name) | gallery_names(here, worker, name)
    return render(request, "console/job.html", section="jobs", status=422, **(names | {"problem": sentence(message)}))


def _live_names(here: Context, worker: Account, name: str) -> dict[str, Any]:
    def work(tx: Transaction) -> tuple[LabelingJob, str, str]:
        job = job_for(tx, worker, name)
        return job, tx.teams.get(job.team_id).name, tx.workers.get(job.created_by).name

    job, team, creator = here.read(work)
    report = report_of(here, job)
    counted = max(report.counters.total, 1)
    shares = {
        "people": report.counters.human_labeled / counted,
        "model": report.counters.machine_labeled / counted,
        "failed": report.counters.failed / counted,
    }
    return {
        "job": job,
        "report": report,
        "team": team,
        "creator": creator,
        "kind": registry.get(job.task_type),
        "word": STATE_WORDS[job.state],
        "ended": job.state in ENDED,
        "shares": shares,
        "distribution": _distribution(job, report),
        "most": max(report.distribution.values(), default=0),
        "labels": list(job.spec.get("labels", ())),
        "low": LOW_CONFIDENCE,
        "over_time": charts.labels_over_time(report.over_time),
        "per_minute": charts.annotations_per_minute(report.pace if report.counters.annotations else ()),
        "histogram": charts.confidence_histogram(report.confidence_histogram, low=LOW_CONFIDENCE),
        "has_output": here.storage.exists(output_manifest(job)),
        "output": output_manifest(job),
        "problem": None,
    }


def _distribution(job: LabelingJob, report: JobReport) -> list[tuple[str, int, int]]:
    """(label category, labels, colour 1..8), the largest first."""
    order = {label: index % 8 + 1 for index, label in enumerate(job.spec.get("labels", ()))}
    rows = sorted(report.distribution.items(), key=lambda row: (-row[1], row[0]))
    return [(label, count, order.get(label, 8)) for label, count in rows[:SHOWN_CATEGORIES]]
