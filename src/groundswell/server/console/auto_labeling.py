"""A job's page of automated labeling: rounds, forecast, the audit's evidence, certificates, and taking labels back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from groundswell.charts.curves import curves
from groundswell.domain.auto_labeling import Decision, Phase
from groundswell.domain.errors import InvalidInput
from groundswell.domain.models import model_arn
from groundswell.domain.money import usd_to_micros
from groundswell.domain.people import Principal
from groundswell.domain.states import ENDED
from groundswell.server.auth import Here, SignedIn
from groundswell.server.console.job_list import STATE_WORDS
from groundswell.server.context import Context
from groundswell.server.forms import SHOWN, sentence, text_of
from groundswell.server.rendering import Form, render
from groundswell.service import auto_labeling, labeling_jobs, models, objects
from groundswell.service.auto_labeling import LoopView
from groundswell.service.job_report import JobReport
from groundswell.service.job_specs import spec_of
from groundswell.tasktypes import registry

router = APIRouter(prefix="/console")
ObjectNumber = Annotated[int, Path(ge=0, lt=2**53)]

SHOWN_ERRORS = 40
PHASE_WORDS: Mapping[Phase, tuple[str, str]] = {
    Phase.PREPARING: ("getting ready", ""),
    Phase.LEARNING: ("learning from people", "live"),
    Phase.AUDITING: ("being audited", "warn"),
    Phase.LABELING: ("labeling", "live"),
    Phase.RELEASING: ("over", ""),
    Phase.ENDED: ("over", "ok"),
}


@dataclass(frozen=True)
class Forecast:
    """How the job would end, as the last round sees it."""

    people: int  # objects with a label by people
    spread: int
    share: float  # of all objects, labeled by the model
    usd_micros: int | None  # rewards in all; None: none are paid
    at: datetime | None  # when people will be done; None: nobody works now


@router.get("/jobs/{name}/auto-labeling")
def auto_labeling_page(request: Request, here: Here, principal: SignedIn, name: str) -> Response:
    """The whole page."""
    return render(request, "console/auto_labeling.html", section="jobs", **_names(here, principal, name))


@router.get("/jobs/{name}/auto-labeling/live")
def auto_labeling_live(request: Request, here: Here, principal: SignedIn, name: str) -> Response:
    """The part that moves."""
    return render(request, "console/auto_labeling_live.html", **_names(here, principal, name))


@router.get("/jobs/{name}/auto-labeling/certificate-{attempt}.json")
def download_certificate(here: Here, principal: SignedIn, name: str, attempt: int) -> Response:
    """A certificate, to check it elsewhere."""
    job, data = auto_labeling.certificate(here, principal, name, attempt)
    headers = {"Content-Disposition": f'attachment; filename="{job.name}-certificate-{attempt}.json"'}
    return Response(data, media_type="application/json", headers=headers)


@router.post("/jobs/{name}/auto-labeling/do")
def act_on_loop(request: Request, here: Here, principal: SignedIn, form: Form, name: str) -> Response:
    """End the loop, or undo an attempt."""
    verb, attempt = text_of(form, "verb"), text_of(form, "attempt")
    try:
        if verb == "end":
            auto_labeling.end(here, principal, name)
        elif verb == "undo" and attempt.isdecimal() and len(attempt) < 6:
            auto_labeling.undo(here, principal, name, int(attempt))
        else:
            raise InvalidInput(f"expected end, or undo with an attempt, got {verb!r:.50}", field="verb")
    except SHOWN as error:
        names = _names(here, principal, name) | {"problem": sentence(error.message)}
        return render(request, "console/auto_labeling.html", section="jobs", status=422, **names)
    return RedirectResponse(f"/console/jobs/{name}/auto-labeling", 303)


@router.get("/models")
def models_page(request: Request, here: Here, principal: SignedIn) -> Response:
    """Models that were kept."""
    found = [(one, model_arn(one.name)) for one in models.select(here, principal)]
    return render(request, "console/models.html", section="models", models=found)


@router.post("/jobs/{name}/objects/{n}/overrule")
def overrule_submit(here: Here, principal: SignedIn, form: Form, name: str, n: ObjectNumber) -> Response:
    """One's own label over the model's."""
    category, reason = text_of(form, "category"), text_of(form, "reason")
    auto_labeling.overrule(here, principal, name, n, category=category, reason=reason)
    return RedirectResponse(f"/console/jobs/{name}/objects/{n}", 303)


def _names(here: Context, principal: Principal, name: str) -> dict[str, Any]:
    view = auto_labeling.describe(here, principal, name)
    report = labeling_jobs.report(here, principal, name)
    asked = spec_of(view.job).auto_labeling
    last = view.attempts[-1] if view.attempts else None
    return {
        "job": view.job,
        "kind": registry.get(view.job.task_type),
        "word": STATE_WORDS[view.job.state],
        "ended": view.job.state in ENDED,
        "counters": report.counters,
        "asked": asked,
        "loop": view.loop,
        "phase": PHASE_WORDS[view.loop.phase] if view.loop else ("not begun", ""),
        "is_over": view.loop is None or view.loop.is_over,
        "rounds": view.rounds,
        "attempts": view.attempts,
        "last": last,
        "meters": _meters(last),
        "forecast": _forecast(view, report, here.clock()),
        "targets": _targets(view),
        "asked_at": next((i for i, row in enumerate(_targets(view)) if row["target"] == asked.target_accuracy), 0),
        "classes": view.rounds[-1].data.get("classes", []) if view.rounds else [],
        "errors": _errors(here, principal, view, last),
        "learning": _learning_curve(view.rounds, asked.target_accuracy),
        "evidence": _evidence_curve(last),
        "may_change": view.may_change,
        "problem": None,
    }


def _meters(attempt: Decision | None) -> list[dict[str, Any]]:
    """How full each claim's evidence is, in [0, 1]: it is proven at 1."""
    chains = attempt.data.get("chains", []) if attempt else []
    return [
        {
            **chain,
            "full": min(1.0, max(0.0, chain["log_evidence"] / chain["log_evidence_needed"])),
            "factor": math.exp(min(chain["log_evidence"], 30.0)),
            "needed": math.exp(chain["log_evidence_needed"]),
        }
        for chain in chains
    ]


def _forecast(view: LoopView, report: JobReport, now: datetime) -> Forecast | None:
    if not view.rounds or "forecast" not in view.rounds[-1].data:
        return None
    said, counters = view.rounds[-1].data["forecast"], report.counters
    people = int(said["people"])
    workers = spec_of(view.job).workers
    price = usd_to_micros(workers.price_usd) * workers.per_object
    left = max(0, people - counters.human_labeled) * (report.annotations_per_object or float(workers.per_object))
    rate = report.annotations_per_min
    at = now + timedelta(minutes=left / rate) if rate and view.job.state not in ENDED else None
    share = view.rounds[-1].data.get("share", 0.0)
    return Forecast(people, int(said["spread"]), share, people * price or None, at)


def _targets(view: LoopView) -> list[dict[str, Any]]:
    """What each target would cost, for the slider: share of the model, labels by people, rewards."""
    rows = view.rounds[-1].data.get("targets", []) if view.rounds else []
    workers = spec_of(view.job).workers
    price = usd_to_micros(workers.price_usd) * workers.per_object
    return [{**row, "usd_micros": row["people"] * price} for row in rows]


def _errors(here: Context, principal: Principal, view: LoopView, attempt: Decision | None) -> list[dict[str, Any]]:
    """Audited objects that the model got wrong, with what they show."""
    wrong = (attempt.data.get("errors", []) if attempt else [])[:SHOWN_ERRORS]
    seen = objects.some(here, principal, view.job.name, [one["n"] for one in wrong]) if wrong else []
    links = here.links.of(principal.id, principal.workspace_id)
    return [
        {**one, "text": view.text, "url": links.media(view.uri) if view.uri else None}
        for one, view in zip(wrong, seen, strict=True)
    ]


def _learning_curve(rounds: Sequence[Decision], target: float) -> Markup:
    accuracy = [(one.data["labels"], one.data["accuracy"]) for one in rounds if one.data.get("accuracy") is not None]
    share = [(one.data["labels"], one.data.get("share") or 0.0) for one in rounds]
    said = "Accuracy on random labels, and the share the model could label, by labels learned from"
    lines = [("accuracy", accuracy), ("share of the model", share)]
    return curves(lines, x="labels by people", said=said, percent=True, guide=(target, f"target {target:.0%}"))


def _evidence_curve(attempt: Decision | None) -> Markup:
    path = attempt.data.get("path", []) if attempt else []
    if len(path) < 2 or attempt is None:
        return Markup("")
    chains = attempt.data["chains"]
    lines = [
        (chain["chain"], [(row[0], max(0.0, row[k + 1])) for row in path if len(row) > k + 1])
        for k, chain in enumerate(chains[:8])
    ]
    needed = max(chain["log_evidence_needed"] for chain in chains)
    said = f"Evidence after each audited object; proven at {needed:.1f}"
    return curves(lines, x="audited objects", said=said, guide=(needed, "proven"))
