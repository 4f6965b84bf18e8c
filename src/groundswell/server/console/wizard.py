"""The wizard: a job in four steps, kept as a draft after each change."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from groundswell.domain.errors import GroundswellError, InvalidManifest
from groundswell.domain.money import PUBLIC_PRICES_USD_MICROS
from groundswell.domain.people import Account, TeamKind
from groundswell.server.auth import Here, Requester
from groundswell.server.console import drafts
from groundswell.server.console.drafts import Draft
from groundswell.server.console.job_form import STEPS, check, posted, sentence, spec_document, step_of, values_of
from groundswell.server.context import Context
from groundswell.server.frames import frame_response
from groundswell.server.rendering import Form, render
from groundswell.server.rest.jobs import create, preview
from groundswell.service import work_teams
from groundswell.service.input_sample import first_lines
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
GALLERY = (
    (
        "Images",
        (
            "image-classification",
            "image-classification-multilabel",
            "object-detection",
            "polygons",
            "semantic-segmentation",
            "instance-segmentation",
            "keypoints",
            "polylines",
            "lines",
            "image-transcription",
        ),
    ),
    (
        "Texts",
        (
            "text-classification",
            "text-classification-multilabel",
            "named-entity-recognition",
            "text-ranking",
            "question-answer",
        ),
    ),
    ("Sound", ("audio-transcription",)),
    ("Labels of an earlier job", ("label-verification", "label-adjustment-boxes", "label-adjustment-masks")),
    ("Your own", ("custom",)),
)
"""The gallery's order; task types of other packages join the last group."""
AUDITS = dict(GALLERY)["Labels of an earlier job"]
STAND_IN = {"name": "draft", "labels": "Label 1\nLabel 2", "input": ""}
"""What a preview uses of fields that are not filled in yet."""


@router.get("/new")
def new_draft(here: Here, worker: Requester, clone: str | None = None) -> Response:
    """Begin a draft, empty or with the settings of another job."""
    values = dict(DEFAULTS)
    if clone:
        job = here.read(lambda tx: tx.jobs.by_name(clone))
        values = {**values_of(job.spec), "name": f"{job.name}-copy"[-63:].lstrip("-")}
    draft = Draft(here.new_id(), here.clock(), values)
    drafts.save(here.storage, worker, draft)
    return RedirectResponse(f"/console/drafts/{draft.id}/1", 303)


@router.get("/drafts/{draft_id}/preview")
def preview_frame(here: Here, worker: Requester, draft_id: str) -> Response:
    """Exactly what a worker will see, as a page with an opaque origin."""
    values = drafts.load(here.storage, worker, draft_id).values
    filled = {**values, **{name: values.get(name) or text for name, text in STAND_IN.items()}}
    spec, errors = check(filled)
    if spec is None:
        for name in errors:
            filled[name] = STAND_IN.get(name, "")
        spec, errors = check(filled)
    try:
        if spec is None:
            return frame_response(_message(" ".join(errors.values())))
        return frame_response(_previewed(here, spec))
    except GroundswellError as error:
        return frame_response(_message(sentence(error.message)))


def _previewed(here: Context, spec: JobSpec) -> str:
    try:
        return preview(here, spec)
    except GroundswellError:  # the input cannot be read: step 1 says why; here the rest is shown
        return preview(here, spec.model_copy(update={"input": None}))


def _message(text: str) -> str:
    from markupsafe import escape

    return f"<!doctype html><meta charset=utf-8><body style='font:14px sans-serif;padding:24px'>{escape(text)}</body>"


@router.get("/drafts/{draft_id}/{step}")
def step_page(request: Request, here: Here, worker: Requester, draft_id: str, step: int) -> Response:
    """One step."""
    return _step(request, here, worker, drafts.load(here.storage, worker, draft_id), _clip(step))


@router.post("/drafts/{draft_id}/discard")
def discard_draft(here: Here, worker: Requester, draft_id: str) -> Response:
    """Drop the draft."""
    drafts.discard(here.storage, worker, draft_id)
    return RedirectResponse("/console", 303)


@router.post("/drafts/{draft_id}/start")
def start_job(request: Request, here: Here, worker: Requester, draft_id: str) -> Response:
    """Make the job of the draft; what stands against it is shown at its field."""
    draft = drafts.load(here.storage, worker, draft_id)
    spec, errors = check(draft.values)
    if spec is None:
        return _step(request, here, worker, draft, min(step_of(name) for name in errors), errors)
    try:
        job = create(here, worker, spec)
    except GroundswellError as error:
        field = error.field or "start"
        return _step(request, here, worker, draft, step_of(field), {field: sentence(error.message)})
    drafts.discard(here.storage, worker, draft_id)
    return RedirectResponse(f"/console/jobs/{job.name}", 303)


@router.post("/drafts/{draft_id}/{step}")
def save_step(request: Request, here: Here, worker: Requester, form: Form, draft_id: str, step: int) -> Response:
    """Keep what the step's form says, and go where its button points; going on needs the step to be right."""
    step = _clip(step)
    draft = drafts.load(here.storage, worker, draft_id).having(posted(form, step), at=here.clock())
    drafts.save(here.storage, worker, draft)
    if form.get("go") == "save":
        return Response(status_code=204)
    target = _clip(int(str(form.get("go", step + 1)) or step + 1))
    if target > step:
        errors = _step_errors(here, draft.values, step)
        if errors:
            return _step(request, here, worker, draft, step, errors)
    return RedirectResponse(f"/console/drafts/{draft_id}/{target}", 303)


def _step_errors(here: Context, values: Mapping[str, str], step: int) -> dict[str, str]:
    """What is wrong on this step, the input's readability and the task type's own demands included."""
    errors = {name: text for name, text in check(values)[1].items() if step_of(name) == step}
    if step == 1 and not errors:
        errors |= _input_errors(here, values)
    if step == 2 and values.get("workers.team") == "public":
        for name in ("workers.no_adult_content", "workers.no_personal_data"):
            if not values.get(name):
                errors[name] = "Work for the public needs this declaration."
    if step == 3 and "labels" not in errors:
        errors |= _label_errors(values)
    return errors


def _input_errors(here: Context, values: Mapping[str, str]) -> dict[str, str]:
    if not values.get("input", "").strip():
        return {"input": "Upload files, or say where the data is."}
    spec, _ = check({**STAND_IN, **{name: text for name, text in values.items() if step_of(name) == 1}})
    try:
        if spec is not None and not first_lines(here.storage, spec, 1):
            return {"input": "There is nothing to label there: no file or line that this kind of task can use."}
    except InvalidManifest as error:
        first = error.problems[0].message if error.problems else error.message
        return {"input": sentence(f"{error.message}" if not error.problems else f"the first line: {first}")}
    except GroundswellError as error:
        return {"input": sentence(error.message)}
    return {}


def _label_errors(values: Mapping[str, str]) -> dict[str, str]:
    labels = spec_document(values).get("labels", [])
    kind = registry.get(values.get("task_type") or DEFAULTS["task_type"])
    if not kind.min_labels <= len(labels) <= kind.max_labels:
        wanted = f"{kind.min_labels} to {kind.max_labels}" if kind.max_labels else "no"
        return {"labels": f"{kind.title} needs {wanted} labels, got {len(labels)}."}
    return {}


def _step(
    request: Request,
    here: Context,
    worker: Account,
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
    names |= {1: _data_names, 2: _worker_names, 3: _label_names, 4: _review_names}[step](here, worker, draft)
    return render(request, f"console/step{step}.html", section="jobs", status=422 if errors else 200, **names)


def _data_names(here: Context, worker: Account, draft: Draft) -> dict[str, Any]:
    known = registry.every()
    named = {name for _, names in GALLERY for name in names}
    others = tuple(name for name in known if name not in named)
    groups = (*GALLERY[:-1], (GALLERY[-1][0], (*GALLERY[-1][1], *others)))
    return {
        "audits": AUDITS,
        "gallery": [(title, [known[name] for name in names if name in known]) for title, names in groups],
    }


def _worker_names(here: Context, worker: Account, draft: Draft) -> dict[str, Any]:
    views = here.read(lambda tx: work_teams.visible(tx, worker))
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


def _label_names(here: Context, worker: Account, draft: Draft) -> dict[str, Any]:
    def link(name: str) -> str | None:
        uri = draft.values.get(name)
        return here.links.media(uri) if uri else None

    return {
        "kind": registry.get(draft.values.get("task_type") or DEFAULTS["task_type"]),
        "good": link("instructions.good_example"),
        "bad": link("instructions.bad_example"),
    }


def _review_names(here: Context, worker: Account, draft: Draft) -> dict[str, Any]:
    spec, errors = check(draft.values)
    for step in (1, 2, 3):
        errors = {**_step_errors(here, draft.values, step), **errors}
    problems = [(name, text, step_of(name)) for name, text in errors.items()]
    try:
        price = Decimal(draft.values.get("workers.price_usd") or 0)
    except InvalidOperation:
        price = Decimal(0)
    return {"spec": spec, "problems": problems, "price_micros": int(price * 1_000_000), "kind": _kind(draft)}


def _kind(draft: Draft) -> Any:
    return registry.get(draft.values.get("task_type") or DEFAULTS["task_type"])


def _clip(step: int) -> int:
    return max(1, min(step, len(STEPS)))
