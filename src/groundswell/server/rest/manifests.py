"""Checking a manifest before a job is made of it."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter

from groundswell.server.auth import Here, SignedIn
from groundswell.service import inputs
from groundswell.wire import jobs as wire

router = APIRouter(tags=["data"])


@router.post("/manifests/check")
def check_manifest(here: Here, principal: SignedIn, body: wire.ManifestCheck) -> wire.ManifestReport:
    """Every problem of an input's lines (a manifest's, or those made of files, CSV or text): the first hundred."""
    found = inputs.check(here, principal, body)
    return wire.ManifestReport(
        input=body.input,
        objects=found.objects,
        ok=found.problem_count == 0 and found.objects > 0,
        problems=[wire.LineProblemOut(**asdict(problem)) for problem in found.problems],
        problem_count=found.problem_count,
        left_out=[wire.LeftOutFiles(why=one["why"], count=one["count"], names=one["names"]) for one in found.left_out],
        first=[dict(line) for line in found.first],
    )
