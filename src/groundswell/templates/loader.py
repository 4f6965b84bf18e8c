"""Worker templates of task types: the built-in ones, by file name, and other packages'."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from groundswell.domain.errors import NotFound

FOLDER = Path(__file__).with_name("builtin")


@cache
def builtin_template(name: str) -> str:
    """The text of a built-in template: `image-classification` or its file's whole name; raises NotFound."""
    stem = name.removesuffix(".liquid.html")
    path = FOLDER / f"{stem}.liquid.html"
    if path.parent != FOLDER or not path.is_file():
        raise NotFound(f"there is no built-in template {name!r}; there are: {', '.join(builtin_names())}")
    return path.read_text("utf-8")


@cache
def template_text(template: str | Path) -> str:
    """The text of a task type's template: a built-in one by its name, or another package's file; raises NotFound."""
    if isinstance(template, str):
        return builtin_template(template)
    try:
        return template.read_text("utf-8")
    except OSError as error:
        raise NotFound(f"the template {template} of a task type cannot be read: {error.strerror}") from error


@cache
def builtin_names() -> tuple[str, ...]:
    """The built-in templates."""
    return tuple(sorted(path.name.removesuffix(".liquid.html") for path in FOLDER.glob("*.liquid.html")))
