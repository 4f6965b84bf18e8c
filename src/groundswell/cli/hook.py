"""`groundswell hook`: functions around a task, registered by administrators for jobs to name."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Annotated

import typer

from groundswell.cli.connection import Token, Url, connect
from groundswell.cli.output import AsJson, console, print_json, print_table
from groundswell.domain.errors import InvalidInput
from groundswell.hooks.packing import check_code, pack
from groundswell.sdk import calls
from groundswell.wire.hooks import NewHook

app = typer.Typer(no_args_is_help=True, help="Functions around a task, which jobs may name.")
Name = Annotated[str, typer.Argument(help="The function's name, as jobs name it.")]


@app.command()
def add(
    name: Name,
    handler: Annotated[
        str, typer.Argument(help="handler.py:lambda_handler, a folder's file, or code.zip:handler.lambda_handler")
    ],
    env: Annotated[list[str] | None, typer.Option(help="K=V, for its environment; may be given several times.")] = None,
    timeout: Annotated[int | None, typer.Option(min=1, max=900, help="Seconds that one call may take.")] = None,
    writes: Annotated[
        list[str] | None, typer.Option(help="s3://bucket/folder/ that it may write; may be given several times.")
    ] = None,
    with_folder: Annotated[bool, typer.Option("--with-folder", help="Send the Python files beside it too.")] = False,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Register a function, or its next version; the server starts it once before it takes it.

    [dim]Example:[/]  groundswell hook add prepare handler.py:lambda_handler --env BUCKET=photos
    """
    code, called = packed(handler, with_folder=with_folder)
    body = NewHook(
        handler=called, code=b64encode(code).decode(), environment=environment_of(env or []), timeout_s=timeout
    )
    with connect(url, token) as client:
        made = client.run(calls.put_hook(name, body))
    if as_json:
        print_json(made)
    else:
        console.print(f"registered {made.name}, version {made.version}: {made.handler}", highlight=False)


@app.command("list")
def list_(url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """List registered functions."""
    with connect(url, token) as client:
        found = client.run(calls.list_hooks())
    if as_json:
        return print_json(found)
    rows = [(one.name, one.version, one.handler, one.registered_at.date(), one.sha256[:12]) for one in found]
    print_table(("name", ">version", "handler", "registered", "sha256"), rows, empty="No functions are registered.")
    return None


@app.command()
def test(
    name: Name,
    event: Annotated[Path, typer.Argument(help="A JSON file with the event.", exists=True, dir_okay=False)],
    url: Url = None,
    token: Token = None,
) -> None:
    """Call a function on the server with an event, away from any job, and print its answer."""
    try:
        given = json.loads(event.read_text("utf-8"))
    except ValueError as error:
        raise InvalidInput(f"expected JSON in {event}: {error}") from error
    with connect(url, token) as client:
        print_json(client.run(calls.test_hook(name, given)).answer)


@app.command()
def remove(name: Name, url: Url = None, token: Token = None) -> None:
    """Remove a function that no job in progress names."""
    with connect(url, token) as client:
        client.run(calls.drop_hook(name))


@app.command()
def secret(
    address: Annotated[str, typer.Argument(metavar="URL", help="Where the function is: https://example.org/f")],
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Print the secret that calls of an http(s) function are signed with, for it to check them."""
    with connect(url, token) as client:
        found = client.run(calls.endpoint_secret(address))
    if as_json:
        print_json(found)
    else:
        typer.echo(found.secret)


def packed(handler: str, *, with_folder: bool = False) -> tuple[bytes, str]:
    """The code as a zip file, and module.function in it; raises InvalidInput for what is missing or no Python."""
    place, _, function = handler.partition(":")
    path = Path(place)
    if not path.is_file():
        raise InvalidInput(f"expected a handler file such as handler.py:lambda_handler, found no file {place!r}")
    if path.suffix == ".zip":
        module, _, function = function.rpartition(".")
        code = path.read_bytes()
    else:
        module, function = path.stem, function or "lambda_handler"
        beside = path.parent.rglob("*.py") if with_folder else [path]
        code = pack({file.relative_to(path.parent).as_posix(): file.read_bytes() for file in beside})
    check_code(code, module, function)
    return code, f"{module}.{function}"


def environment_of(given: list[str]) -> dict[str, str]:
    """Variables from K=V; raises InvalidInput."""
    found = {}
    for pair in given:
        key, separator, value = pair.partition("=")
        if not separator or not key:
            raise InvalidInput(f"expected --env K=V, got {pair!r}")
        found[key] = value
    return found
