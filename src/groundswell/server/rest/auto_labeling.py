"""Automated labeling of a job: what was decided, its certificates, taking it back; and kept models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from groundswell.domain.auto_labeling import Decision, Model
from groundswell.domain.models import model_arn
from groundswell.server.auth import Here, SignedIn
from groundswell.service import auto_labeling, models
from groundswell.service.auto_labeling import LoopView
from groundswell.service.job_specs import spec_of
from groundswell.wire import auto_labeling as wire
from groundswell.wire.jobs import Count

router = APIRouter(tags=["auto-labeling"])
ObjectNumber = Annotated[int, Path(ge=0, lt=2**53)]


@router.get("/jobs/{name}/auto-labeling")
def describe_auto_labeling(here: Here, principal: SignedIn, name: str) -> wire.AutoLabeling:
    """Where a job's loop of automated labeling is, its rounds and its audits."""
    return loop_out(auto_labeling.describe(here, principal, name))


@router.get("/jobs/{name}/auto-labeling/certificates/{attempt}", response_class=Response)
def get_certificate(here: Here, principal: SignedIn, name: str, attempt: int) -> Response:
    """An attempt's certificate, JSON: what `groundswell autolabel verify` checks again offline."""
    job, data = auto_labeling.certificate(here, principal, name, attempt)
    headers = {"Content-Disposition": f'attachment; filename="{job.name}-certificate-{attempt}.json"'}
    return Response(data, media_type="application/json", headers=headers)


@router.post("/jobs/{name}/auto-labeling/undo")
def undo_attempt(here: Here, principal: SignedIn, name: str, body: wire.Undo) -> Count:
    """Take an attempt's machine labels back: people label these objects."""
    return Count(count=auto_labeling.undo(here, principal, name, body.attempt))


@router.post("/jobs/{name}/auto-labeling/end")
def end_auto_labeling(here: Here, principal: SignedIn, name: str) -> wire.AutoLabeling:
    """No model labels anything more in this job; people label the rest."""
    auto_labeling.end(here, principal, name)
    return loop_out(auto_labeling.describe(here, principal, name))


@router.post("/jobs/{name}/objects/{n}/overrule", status_code=204)
def overrule_label(here: Here, principal: SignedIn, name: str, n: ObjectNumber, body: wire.Overrule) -> None:
    """Put one's own label over a model's."""
    auto_labeling.overrule(here, principal, name, n, category=body.category, reason=body.reason)


@router.get("/models")
def list_models(here: Here, principal: SignedIn) -> wire.ModelList:
    """Models that were kept, newest first."""
    return wire.ModelList(models=[model_out(one) for one in models.select(here, principal)])


@router.get("/models/{model}")
def describe_model(here: Here, principal: SignedIn, model: str) -> wire.Model:
    """One model, by its name or its ARN."""
    return model_out(models.get(here, principal, model))


def loop_out(view: LoopView) -> wire.AutoLabeling:
    """A job's loop."""
    asked = spec_of(view.job).auto_labeling
    return wire.AutoLabeling(
        enabled=asked.enabled,
        phase=view.loop.phase.value if view.loop else None,
        reason=view.loop.reason if view.loop else None,
        target_accuracy=asked.target_accuracy,
        confidence=asked.confidence,
        seed=view.loop.seed if view.loop else None,
        rounds=[_round(one) for one in view.rounds],
        attempts=[_attempt(one) for one in view.attempts],
        final_model_arn=auto_labeling.final_model(view.attempts),
    )


def model_out(model: Model) -> wire.Model:
    """A kept model."""
    return wire.Model(
        name=model.name,
        arn=model_arn(model.name),
        task_type=model.task_type,
        labels=list(model.labels),
        learner=model.learner,
        uri=model.uri,
        created_at=model.created_at,
        job=model.job,
        measures=dict(model.measures),
    )


def _round(one: Decision) -> wire.Round:
    said = {**one.data, "chosen": len(one.data.get("chosen", ()))}
    return wire.Round(round=one.number, at=one.at, **_known(wire.Round, said))


def _attempt(one: Decision) -> wire.Attempt:
    return wire.Attempt(attempt=one.number, at=one.at, **_known(wire.Attempt, one.data))


def _known(kind: type[wire.Round] | type[wire.Attempt], said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name in kind.model_fields}
