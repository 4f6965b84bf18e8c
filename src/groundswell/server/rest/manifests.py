"""Checking a manifest before a job is made of it."""

from __future__ import annotations

from dataclasses import asdict

import orjson
from fastapi import APIRouter

from groundswell.manifests.lines import LineChecker, LineRules
from groundswell.server.auth import Here, Requester
from groundswell.service.input_sample import input_lines
from groundswell.wire import jobs as wire

router = APIRouter(tags=["data"])

SHOWN = 3


@router.post("/manifests/check")
def check_manifest(here: Here, requester: Requester, body: wire.ManifestCheck) -> wire.ManifestReport:
    """Every problem of an input's lines (a manifest's, or those made of files, CSV or text): the first hundred."""
    checker = LineChecker(LineRules(label_attribute=body.label_attribute))
    first: list[dict[str, object]] = []
    lines = input_lines(here.storage, body.input, input_format=body.input_format, column=body.csv_column)
    for line in lines:
        members = checker.check(line)
        if members is not None and len(first) < SHOWN:
            first.append(orjson.loads(line))
    return wire.ManifestReport(
        input=body.input,
        objects=checker.lines,
        ok=checker.problem_count == 0 and checker.lines > 0,
        problems=[wire.LineProblemOut(**asdict(problem)) for problem in checker.problems],
        problem_count=checker.problem_count,
        first=first,
    )
