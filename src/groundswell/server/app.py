"""The server as one ASGI app: routes, errors, security headers, metrics."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI
from starlette.responses import PlainTextResponse, Response

from groundswell import __version__
from groundswell.bootstrap import new_id, open_storage, open_store, utc_now
from groundswell.server import console, errors, media, pages, portal, rest
from groundswell.server.admission import AdmissionMiddleware, UnderWay
from groundswell.server.auth import Here, is_known
from groundswell.server.context import Context
from groundswell.server.fast_lane import FastLaneApp
from groundswell.server.headers import EdgeMiddleware
from groundswell.server.links import SignedLinks
from groundswell.server.metrics import Metrics
from groundswell.server.report_cache import ReportCache
from groundswell.server.static_files import OwnFiles
from groundswell.server.throttle import Throttle
from groundswell.server.token_cache import TokenCache
from groundswell.service.ports import Clock, NewId, ObjectStorage, Page, Store
from groundswell.settings import Settings

STATIC = Path(__file__).with_name("static")

status = APIRouter(include_in_schema=False)


def create_app(
    settings: Settings,
    *,
    store: Store | None = None,
    storage: ObjectStorage | None = None,
    clock: Clock = utc_now,
    make_id: NewId = new_id,
) -> FastAPI:
    """The app over these ports; by default those that the settings name."""
    app = FastLaneApp(
        title="Groundswell",
        version=__version__,
        summary="Labeling jobs: people, statistics and machine learning turn raw data into labels.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.context = Context(
        settings=settings,
        store=store or open_store(settings),
        storage=storage or open_storage(settings),
        clock=clock,
        new_id=make_id,
        tokens=TokenCache(),
        links=SignedLinks(settings.signing_key, clock, seconds=settings.link_hours * 3_600),
        metrics=Metrics(),
        sign_ins=Throttle(),
        reports=ReportCache(),
    )
    app.state.under_way = UnderWay()
    errors.install(app)
    app.add_middleware(
        AdmissionMiddleware, under_way=app.state.under_way, is_known=is_known, refuse=errors.refusing(app)
    )
    app.add_middleware(EdgeMiddleware, metrics=app.state.context.metrics)
    for router in (status, rest.router, media.router, pages.router, console.router, portal.router):
        app.include_router(router)
    app.mount("/static", OwnFiles(directory=STATIC), name="static")
    return app


@status.get("/healthz")
def healthz(here: Here) -> Response:
    """200 while the database answers."""
    here.read(lambda tx: tx.jobs.page(Page(limit=1)))
    return PlainTextResponse("ok\n")


@status.get("/metrics")
def metrics(here: Here) -> Response:
    """Prometheus's text format: requests of this process, and the objects of every active job."""
    jobs = here.read(lambda tx: tx.jobs.active())
    objects = [
        ({"job": job.name, "state": state}, float(getattr(job.counters, state)))
        for job in jobs
        for state in ("pending", "open", "answered", "human_labeled", "machine_labeled", "failed", "skipped")
    ]
    gauges: dict[str, tuple[str, list[tuple[dict[str, str], float]]]] = {
        "groundswell_active_jobs": ("Labeling jobs that are not ended.", [({}, float(len(jobs)))]),
        "groundswell_job_objects": ("Data objects of active jobs by state.", objects),
        "groundswell_job_annotations": (
            "Submitted annotations of active jobs.",
            [({"job": job.name}, float(job.counters.annotations)) for job in jobs],
        ),
    }
    return PlainTextResponse(here.metrics.text(gauges), media_type="text/plain; version=0.0.4; charset=utf-8")
