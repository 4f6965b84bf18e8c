"""The workers' pages: their list of jobs, the task page, the sandboxed frame. Its scripts are in `static/portal/`."""

from groundswell.server.portal.routes import router

__all__ = ["router"]
