"""Worker task templates by signed link: what DescribeHumanTaskUi says as their Url."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from groundswell.server.auth import Here
from groundswell.service import sign_in, worker_uis

router = APIRouter(include_in_schema=False)


@router.get("/worker-ui/{token}")
def worker_ui(here: Here, token: str) -> Response:
    """The template as text; the token is the permission."""
    holder, workspace_id, name = here.links.open_for("worker-ui", token)
    sign_in.check_link_holder(here, holder)
    return PlainTextResponse(worker_uis.template_of(here, workspace_id, name))
