"""The server as one ASGI app: routes, errors, security headers, metrics."""

from __future__ import annotations

import asyncio
from pathlib import Path

from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from groundswell import __version__
from groundswell.bootstrap import (
    check_address_of,
    limits_of,
    new_id,
    open_buckets,
    open_hooks,
    open_mail,
    open_seals,
    open_storage,
    open_store,
    places_of,
    utc_now,
)
from groundswell.domain.errors import Unavailable
from groundswell.server import console, errors, media, pages, portal, rest, worker_ui
from groundswell.server.admission import AdmissionMiddleware, UnderWay
from groundswell.server.auth import Here, is_known
from groundswell.server.aws.doors import AwsDoors
from groundswell.server.aws.services import DOORS, ELSEWHERE, ELSEWHERE_IN_XML
from groundswell.server.context import Context
from groundswell.server.fast_lane import FastLaneApp
from groundswell.server.forwarded import TrustedProxies
from groundswell.server.headers import EdgeMiddleware
from groundswell.server.health import Health
from groundswell.server.links import SignedLinks
from groundswell.server.media_pool import MediaPool
from groundswell.server.metrics import Metrics
from groundswell.server.operators import is_operator, require_operator
from groundswell.server.s3.addressing import Addresses, hosts_of
from groundswell.server.s3.door import S3Door
from groundswell.server.static_files import OwnFiles
from groundswell.service.ports import Clock, NewId, ObjectStorage, Store
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
        lanes=(
            ("POST", "/api/v1/jobs/", "name", "/assignments", rest.work.take_task),
            ("PUT", "/api/v1/assignments/", "assignment_id", "/annotation", rest.work.submit_annotation),
        ),
        proxies=TrustedProxies(settings.trusted_proxies),
        title="Groundswell",
        version=__version__,
        summary="Labeling jobs: people, statistics and machine learning turn raw data into labels.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    store = store or open_store(settings)
    files = storage or open_storage(settings)
    app.state.context = Context(
        settings=settings,
        store=store,
        functions=open_hooks(settings, store),
        storage=files,
        bucket_files=open_buckets(settings),
        clock=clock,
        new_id=make_id,
        secret=settings.signing_key,
        seals=open_seals(settings),
        check_address=check_address_of(settings),
        mail=open_mail(settings),
        limits=limits_of(settings),
        places=places_of(settings, files),
        links=SignedLinks(settings.signing_key, clock, seconds=settings.link_hours * 3_600),
        metrics=Metrics(),
    )
    app.state.under_way = UnderWay()
    app.state.media_pool = MediaPool()
    app.state.health = Health(app.state.context.store)
    errors.install(app)
    app.add_middleware(
        AdmissionMiddleware, under_way=app.state.under_way, is_known=is_known, refuse=errors.refusing(app)
    )
    app.add_middleware(AwsDoors, doors=DOORS, elsewhere=ELSEWHERE, elsewhere_in_xml=ELSEWHERE_IN_XML)
    app.add_middleware(EdgeMiddleware, metrics=app.state.context.metrics)
    for router in (status, rest.router, media.router, worker_ui.router, pages.router, console.router, portal.router):
        app.include_router(router)
    app.mount("/static", OwnFiles(directory=STATIC), name="static")
    pages_of = {getattr(route, "path", "/").split("/")[1] for route in app.routes}
    app.buckets = S3Door(app.state.context, Addresses(hosts_of(settings.base_url, settings.s3_hosts), pages_of))
    return app


@status.get("/healthz")
async def healthz(request: Request) -> Response:
    """200 while the database answers and takes writes, 503 at once when it does not; why is for who runs the server."""
    health: Health = request.app.state.health
    try:
        await asyncio.to_thread(health.check)
    except Unavailable as error:
        reason = f": {error.message}" if is_operator(request) else ""
        return PlainTextResponse(f"unavailable{reason}\n", 503)
    return PlainTextResponse("ok\n")


@status.get("/metrics")
def metrics(request: Request, here: Here) -> Response:
    """Prometheus's text format: requests of this process, and the objects of every active job."""
    require_operator(request)
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
