"""`groundswell key`: log in from this machine, and API keys for programs."""

from __future__ import annotations

from typing import Annotated

import typer

from groundswell.cli.aws_environment import exports
from groundswell.cli.connection import Token, Url, connect, save_login
from groundswell.cli.output import AsJson, console, print_json, print_table
from groundswell.sdk import calls
from groundswell.wire.accounts import AccessKey, Key

app = typer.Typer(no_args_is_help=True, help="Log in, and API keys.")


@app.command()
def login(
    email: Annotated[str, typer.Option(prompt="E-mail", help="Your account.")],
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, envvar="GROUNDSWELL_PASSWORD", help="Asked for when not given.")
    ],
    url: Url = None,
    name: Annotated[str, typer.Option(help="What the key is called in your list of keys.")] = "command line",
) -> None:
    """Sign in once and keep an API key on this machine, so that other commands know the server and you.

    [dim]Example:[/]  groundswell key login --url http://127.0.0.1:8080 --email ann@example.org
    """
    with connect(url, None) as client:
        client.sign_in(email, password)
        made = client.run(calls.new_key(name, None))
        path = save_login(client.url, made.token)
    console.print(f"logged in to {client.url} as {email}; the key is in {path}", highlight=False, soft_wrap=True)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    days: Annotated[int | None, typer.Option(min=1, max=3_650, help="How long it is valid.")] = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Make an API key. It is shown this once."""
    with connect(url, token) as client:
        made = client.run(calls.new_key(name, days))
    if as_json:
        print_json(made)
    else:
        console.print(made.token, highlight=False)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for.")] = "command line",
    aws: Annotated[bool, typer.Option("--aws", help="An AWS access key, for boto3 and the AWS CLI.")] = False,
    role: Annotated[str | None, typer.Option(help="With --aws: the one role of yours that it has.")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=3_650, help="How long it is valid.")] = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Make an API key, or with --aws an AWS access key. It is shown this once.

    [dim]Example:[/]  groundswell key create notebook --aws
    """
    if not aws:
        return new(name, days, url, token, as_json)
    with connect(url, token) as client:
        made = client.run(calls.new_access_key(name, days, role))
    if as_json:
        return print_json(made)
    for line in exports(client.url, made):
        typer.echo(line)
    return None


@app.command("list")
def list_(url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """List your API keys and AWS access keys, without their secrets."""
    with connect(url, token) as client:
        found: list[Key | AccessKey] = [*client.run(calls.list_keys()), *client.run(calls.list_access_keys())]
    if as_json:
        return print_json(found)
    rows = [(one.id, one.name, one.created_at.date(), one.expires_at.date() if one.expires_at else "") for one in found]
    print_table(("id", "name", "created", "expires"), rows, empty="You have no keys.")
    return None


@app.command()
def drop(
    key_id: Annotated[str, typer.Argument(help="The key's id, from `key list`.")], url: Url = None, token: Token = None
) -> None:
    """Take an API key, or an AWS access key, back."""
    with connect(url, token) as client:
        client.run(calls.drop_access_key(key_id) if key_id.startswith("AKIA") else calls.drop_key(key_id))
