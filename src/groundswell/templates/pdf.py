"""The page that shows a PDF document inside a task: browsers do not start their own viewer in a sandboxed frame."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

FRAMED = frozenset({"iframe", "frame", "embed", "object"})
"""Values of `Sec-Fetch-Dest` with which a browser asks for a page to show inside another."""


@cache
def viewer_page(assets: str) -> str:
    """The viewer, which shows the document at its own address; `assets`: where the built elements are served."""
    return files("groundswell.templates").joinpath("pdf.html").read_text("utf-8").replace("ASSETS", assets)
