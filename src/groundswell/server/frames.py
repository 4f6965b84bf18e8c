"""A task as HTML for the sandboxed frame: the worker's page, the console's preview and the CLI show the same.

Templates are strangers' code. The page that carries one has an opaque origin (CSP `sandbox`, without
`allow-same-origin`): it reads no cookie and no other page of this server, and talks by `postMessage` alone.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from starlette.responses import HTMLResponse

from groundswell.domain.addresses import resolve
from groundswell.domain.errors import InvalidSpec
from groundswell.domain.people import Principal
from groundswell.server.context import Context
from groundswell.server.links import Links
from groundswell.service import inputs
from groundswell.service.task_view import task_input
from groundswell.tasktypes.registry import get as task_type_named
from groundswell.templates.loader import template_text
from groundswell.templates.render import leave_out, render
from groundswell.wire.job_spec import JobSpec

RENDERING_S = 2.0  # what a task's page may take; a page in use takes a hundredth of it
ELEMENTS_BASE = "/static/elements"
ELEMENTS_FOLDER = Path(__file__).with_name("static") / "elements"
FRAME_HEADERS = {
    "Content-Security-Policy": (
        "sandbox allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-modals allow-downloads "
        "allow-pointer-lock; frame-ancestors 'self'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=300",
}


def template_of(spec: JobSpec) -> str:
    """The job's worker task template: its own, or its task type's; raises InvalidSpec when it has neither."""
    if spec.template:
        return spec.template
    name = task_type_named(spec.task_type).template
    if not name:
        raise InvalidSpec(
            f"task type {spec.task_type!r} has no template of its own: give one in `template`", field="template"
        )
    return template_text(name)


def render_task(
    spec: JobSpec,
    manifest_line: Mapping[str, Any],
    *,
    manifest_uri: str,
    links: Links,
    hook_input: Mapping[str, Any] | None = None,
    without: Collection[str] = (),
) -> str:
    """The rendered template of one data object; raises InvalidTemplate.

    without: addresses of scripts and styles that did not answer and are left out.
    """

    def grant(reference: str) -> str:
        return links.media(resolve(reference, manifest_uri))

    seen = task_input(spec, manifest_line, manifest_uri=manifest_uri, hook_input=hook_input)
    deadline = time.monotonic() + RENDERING_S
    page = render(
        template_of(spec),
        seen,
        grant_read_access=grant,
        assets=ELEMENTS_BASE,
        expired=lambda: time.monotonic() > deadline,
    )
    return leave_out(page, without)


def preview(here: Context, principal: Principal, spec: JobSpec, line: Mapping[str, Any] | None = None) -> str:
    """The HTML a worker will see of this line, or of the first of the input, or of a made-up one."""
    shown = inputs.sample(here, principal, spec, line)
    return render_task(
        spec, shown, manifest_uri=spec.input or "", links=here.links.of(principal.id, principal.workspace_id)
    )


@cache
def module_links() -> str:
    """A `Link` header that asks for the elements' modules at once, not one after the other as they are discovered."""
    listed = ELEMENTS_FOLDER / "preload.txt"
    names = listed.read_text("utf-8").split() if listed.is_file() else []
    return ", ".join(f"<{ELEMENTS_BASE}/{name}>; rel=modulepreload; crossorigin" for name in names)


def frame_response(html: str) -> HTMLResponse:
    """The rendered template as a page with an opaque origin."""
    links = {"Link": module_links()} if "crowd-html-elements" in html and module_links() else {}
    return HTMLResponse(html, headers={**FRAME_HEADERS, **links})
