"""The wizard: a job in four steps, kept as a draft after each change."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from fastapi import APIRouter
from markupsafe import escape
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from groundswell.domain.errors import GroundswellError, InvalidManifest
from groundswell.domain.money import PUBLIC_PRICES_USD_MICROS
from groundswell.domain.people import Principal, TeamKind
from groundswell.server.auth import Here, SignedIn
from groundswell.server.console.job_form import (
    STEPS,
    errors_by_field,
    posted,
    spec_document,
    step_of,
    values_of,
)
from groundswell.server.context import Context
from groundswell.server.forms import problems_in, sentence, text_of
from groundswell.server.frames import frame_response, preview
from groundswell.server.rendering import Form, render
from groundswell.service import drafts, follow_ups, inputs, labeling_jobs, work_teams
from groundswell.service.drafts import Draft
from groundswell.tasktypes import registry
from groundswell.wire.job_spec import JobSpec

router = APIRouter(prefix="/console")

DEFAULTS = {
    "task_type": "image-classification",
    "workers.team": "everyone",
    "workers.per_object": "3",
    "workers.task_time_limit": "5m",
    "workers.availability": "10d",
    "workers.price_usd": "0",
}
_SUFFIXES: dict[follow_ups.Way, str] = {"clone": "copy", "chain": "chain", "verify": "verified", "adjust": "adjusted"}
STAND_IN = {"name": "draft", "labels": "Label 1\nLabel 2", "input": ""}
"""What a preview uses of fields that are not filled in yet."""


@router.get("/new")
def new_draft(
    here: Here,
    principal: SignedIn,
    clone: str | None = None,
    chain: str | None = None,
    verify: str | None = None,
    adjust: str | None = None,
) -> Response:
    """Begin a draft: empty, with the settings of another job, or to go on from one that has ended."""
    values = dict(DEFAULTS)
    followed: dict[follow_ups.Way, str | None] = {"clone": clone, "chain": chain, "verify": verify, "adjust": adjust}
    for way, name in followed.items():
        if name:
            given = follow_ups.specification(here, principal, name, way)
            values = {**values_of(given), "name": f"{name}-{_SUFFIXES[way]}"[-63:].lstrip("-")}
            break
    draft = drafts.begin(here, principal, values)
    return RedirectResponse(f"/console/drafts/{draft.id}/1", 303)


@router.get("/drafts/{draft_id}/preview")
def preview_frame(here: Here, principal: SignedIn, draft_id: str) -> Response:
    """Exactly what a worker will see, as a page with an opaque origin."""
    values = drafts.load(here, principal, draft_id).values
    filled = {**values, **{name: values.get(name) or text for name, text in STAND_IN.items()}}
    found = labeling_jobs.examine(here, principal, spec_document(filled))
    try:
        if found.spec is None:
            return frame_response(_message(" ".join(errors_by_field(found.problems).values())))
        return frame_response(_previewed(here, principal, found.spec))
    except GroundswellError as error:
        return frame_response(_message(sentence(error.message)))


def _previewed(here: Context, principal: Principal, spec: JobSpec) -> str:
    try:
        return preview(here, principal, spec)
    except GroundswellError:  # the input cannot be read: step 1 says why; here the rest is shown
        return preview(here, principal, spec.model_copy(update={"input": None}))


def _message(text: str) -> str:
    return f"<!doctype html><meta charset=utf-8><body style='font:14px sans-serif;padding:24px'>{escape(text)}</body>"


@router.get("/drafts/{draft_id}/{step}")
def step_page(request: Request, here: Here, principal: SignedIn, draft_id: str, step: int) -> Response:
    """One step."""
    return _step(request, here, principal, drafts.load(here, principal, draft_id), _clip(step))


@router.post("/drafts/{draft_id}/discard")
def discard_draft(here: Here, principal: SignedIn, draft_id: str) -> Response:
    """Drop the draft."""
    drafts.discard(here, principal, draft_id)
    return RedirectResponse("/console", 303)


@router.post("/drafts/{draft_id}/start")
def start_job(request: Request, here: Here, principal: SignedIn, draft_id: str) -> Response:
    """Make the job of the draft; what stands against it is shown at its field."""
    draft = drafts.load(here, principal, draft_id)
    try:
        job = labeling_jobs.create(here, principal, spec_document(draft.values))
    except GroundswellError as error:
        errors = errors_by_field(problems_in(error, "start"))
        return _step(request, here, principal, draft, min(step_of(name) for name in errors), errors)
    drafts.discard(here, principal, draft_id)
    return RedirectResponse(f"/console/jobs/{job.name}", 303)


@router.post("/drafts/{draft_id}/{step}")
def save_step(request: Request, here: Here, principal: SignedIn, form: Form, draft_id: str, step: int) -> Response:
    """Keep what the step's form says, and go where its button points; going on needs the step to be right."""
    step = _clip(step)
    draft = drafts.change(here, principal, draft_id, posted(form, step))
    if form.get("go") == "save":
        return Response(status_code=204)
    target = _target(text_of(form, "go"), step)
    if target > step:
        errors = {name: text for name, text in _errors(here, principal, draft).items() if step_of(name) == step}
        if errors:
            return _step(request, here, principal, draft, step, errors)
    return RedirectResponse(f"/console/drafts/{draft_id}/{target}", 303)


def _errors(here: Context, principal: Principal, draft: Draft) -> dict[str, str]:
    """What stands against the draft as it is, by field: the rules of a job, and that its input can be read."""
    found = labeling_jobs.examine(here, principal, spec_document(draft.values))
    errors = errors_by_field(found.problems)
    if "input" not in errors and found.spec is not None:
        try:
            inputs.glance(here, principal, found.spec)
        except InvalidManifest as error:
            first = error.problems[0].message if error.problems else None
            errors["input"] = sentence(f"the first line: {first}" if first else error.message)
        except GroundswellError as error:
            errors["input"] = sentence(error.message)
    return errors


def _step(
    request: Request,
    here: Context,
    principal: Principal,
    draft: Draft,
    step: int,
    errors: Mapping[str, str] | None = None,
) -> Response:
    names: dict[str, Any] = {
        "draft": draft,
        "values": draft.values,
        "step": step,
        "steps": STEPS,
        "errors": errors or {},
    }
    names |= {1: _data_names, 2: _worker_names, 3: _label_names, 4: _review_names}[step](here, principal, draft)
    return render(request, f"console/step{step}.html", section="jobs", status=422 if errors else 200, **names)


def _data_names(here: Context, principal: Principal, draft: Draft) -> dict[str, Any]:
    return {
        "audits": [kind.name for kind in registry.every().values() if kind.audit_of],
        "gallery": registry.gallery(),
        "picture_of": registry.picture_of,
    }


def _worker_names(here: Context, principal: Principal, draft: Draft) -> dict[str, Any]:
    views = work_teams.visible(here, principal)
    groups = [
        ("Private teams", "Your own people, by invitation.", TeamKind.PRIVATE),
        ("Public", "Anybody who registers on this server.", TeamKind.PUBLIC),
        ("Vendors", "A company's people; its manager sees only its jobs.", TeamKind.VENDOR),
    ]
    kind = registry.get(draft.values.get("task_type") or DEFAULTS["task_type"])
    return {
        "team_groups": [(title, text, [v for v in views if v.team.kind is wanted]) for title, text, wanted in groups],
        "kind": kind,
        "prices": [micros / 1_000_000 for micros in PUBLIC_PRICES_USD_MICROS],
    }


def _label_names(here: Context, principal: Principal, draft: Draft) -> dict[str, Any]:
    def link(name: str) -> str | None:
        uri = draft.values.get(name)
        return here.links.of(principal.id, principal.workspace_id).media(uri) if uri else None

    return {
        "kind": registry.get(draft.values.get("task_type") or DEFAULTS["task_type"]),
        "good": link("instructions.good_example"),
        "bad": link("instructions.bad_example"),
    }


def _review_names(here: Context, principal: Principal, draft: Draft) -> dict[str, Any]:
    errors = _errors(here, principal, draft)
    found = labeling_jobs.examine(here, principal, spec_document(draft.values))
    problems = sorted(((name, text, step_of(name)) for name, text in errors.items()), key=lambda one: one[2])
    try:
        price = Decimal(draft.values.get("workers.price_usd") or 0)
    except InvalidOperation:
        price = Decimal(0)
    return {
        "spec": None if problems else found.spec,
        "problems": problems,
        "price_micros": int(price * 1_000_000),
        "kind": _kind(draft),
    }


def _kind(draft: Draft) -> Any:
    return registry.get(draft.values.get("task_type") or DEFAULTS["task_type"])


def _target(go: str, step: int) -> int:
    """The step a button points to; the next one for what is no number."""
    return _clip(int(go)) if go.isdecimal() and len(go) < 4 else _clip(step + 1)


def _clip(step: int) -> int:
    return max(1, min(step, len(STEPS)))
