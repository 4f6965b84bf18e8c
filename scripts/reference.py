"""Write the pages of docs/reference/generated/ from the code: commands, settings, routes, errors, fields, types."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main
from pydantic import BaseModel
from typer.testing import CliRunner

from groundswell import consolidation
from groundswell.cli.main import app as cli
from groundswell.domain.errors import GroundswellError
from groundswell.server.app import create_app
from groundswell.server.errors import STATUS
from groundswell.settings import Settings
from groundswell.tasktypes import registry
from groundswell.testing.memory_storage import MemoryStorage
from groundswell.testing.memory_store import MemoryStore
from groundswell.wire.job_spec import JobSpec

OUT = Path(__file__).resolve().parent.parent / "docs" / "reference" / "generated"


def table(columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> str:
    """A Markdown table."""
    cells = (" | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) for row in rows)
    body = "\n".join(f"| {line} |" for line in cells)
    return f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}\n{body}\n"


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """A section for each command below one."""
    with command.context_class(command, info_name="groundswell") as context:
        if not hasattr(command, "list_commands"):
            said = CliRunner().invoke(cli, [*path, "--help"], env={"COLUMNS": "100", "TERM": "dumb"})
            yield f"## groundswell {' '.join(path)}\n\n```\n{said.stdout.strip()}\n```\n"
            return
        for name in command.list_commands(context):
            yield from commands(command.get_command(context, name), (*path, name))


def settings() -> str:
    """Every setting with its environment variable."""
    rows = (
        (f"`GROUNDSWELL_{name.upper()}`", f"`{field.default}`" if field.default is not None else "", field.description)
        for name, field in Settings.model_fields.items()
    )
    return "# Settings\n\n" + table(("variable", "default", "meaning"), rows)


def model_rows(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[Any, ...]]:
    """The fields of a specification, those of its parts under their dotted names."""
    for name, field in model.model_fields.items():
        inner = field.annotation
        if inspect.isclass(inner) and issubclass(inner, BaseModel):
            yield from model_rows(inner, f"{prefix}{name}.")
        else:
            default = "required" if field.is_required() else f"`{field.get_default(call_default_factory=True)!r}`"
            yield f"`{prefix}{name}`", default, field.description or ""


def routes() -> str:
    """Every route of the API from its OpenAPI document."""
    app = create_app(Settings(secret_key="reference"), store=MemoryStore(), storage=MemoryStorage())
    rows = (
        (f"`{method.upper()} {path}`", operation.get("summary", ""), operation.get("description", ""))
        for path, operations in app.openapi()["paths"].items()
        for method, operation in operations.items()
    )
    intro = "The machine-readable document is at `/api/v1/openapi.json` of every server.\n\n"
    return "# REST API\n\n" + intro + table(("route", "name", "meaning"), rows)


def errors(kind: type[GroundswellError] = GroundswellError) -> Iterator[tuple[Any, ...]]:
    """Every error with its status."""
    yield f"`{kind.code}`", STATUS[kind.code], inspect.getdoc(kind)
    for derived in kind.__subclasses__():
        yield from errors(derived)


def task_types() -> Iterator[tuple[Any, ...]]:
    """Every kind of task."""
    for one in registry.every().values():
        yield f"`{one.name}`", one.summary, f"`{one.manifest_type}`", ", ".join(f"`{name}`" for name in one.methods)


def consolidation_names() -> Iterator[str]:
    """A section for each public name of the consolidation library."""
    for name in sorted(consolidation.__all__, key=str.lower):
        one = getattr(consolidation, name)
        if callable(one):
            call = f"```python\n{name}{inspect.signature(one)}\n```"
            yield f"## {name}\n\n{call}\n\n```text\n{inspect.getdoc(one) or ''}\n```\n"


def main() -> None:
    """Write the pages."""
    OUT.mkdir(parents=True, exist_ok=True)
    pages = {
        "cli": "# Command line\n\n" + "\n".join(commands(typer.main.get_command(cli))),
        "settings": settings(),
        "job-spec-fields": "# Fields\n\n" + table(("field", "default", "meaning"), model_rows(JobSpec)),
        "api": routes(),
        "errors": "# Errors\n\n" + table(("code", "HTTP status", "when"), errors()),
        "consolidation": "# Consolidation library\n\n" + "\n".join(consolidation_names()),
        "task-types": "# Task types\n\n" + table(("name", "what", "manifest type", "consolidation"), task_types()),
    }
    for name, text in pages.items():
        (OUT / f"{name}.md").write_text(text, "utf-8")
    (OUT / "job-spec.schema.json").write_text(json.dumps(JobSpec.model_json_schema(), indent=2), "utf-8")


if __name__ == "__main__":
    main()
