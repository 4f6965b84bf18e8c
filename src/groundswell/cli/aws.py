"""`groundswell aws`: pointing clients of AWS at a server, and what its ARNs say."""

from __future__ import annotations

from typing import Annotated

import typer

from groundswell.cli.aws_environment import exports
from groundswell.cli.connection import Token, Url, connect
from groundswell.cli.output import AsJson, console, print_json
from groundswell.sdk import calls
from groundswell.wire.accounts import PatchWorkspace

app = typer.Typer(no_args_is_help=True, help="Clients of AWS: boto3, the AWS CLI and their like.")


@app.command()
def env(
    name: Annotated[str, typer.Option(help="What the new access key is called in your list of keys.")] = "aws env",
    days: Annotated[int, typer.Option(min=1, max=3_650, help="How long it is valid.")] = 30,
    url: Url = None,
    token: Token = None,
) -> None:
    """Print the lines that point this shell at the server, with a new access key.

    [dim]Example:[/]  eval "$(groundswell aws env)"
    """
    with connect(url, token) as client:
        made = client.run(calls.new_access_key(name, days, None))
    for line in exports(client.url, made):
        typer.echo(line)


@app.command()
def account(
    account_id: Annotated[str | None, typer.Option("--id", help="12 digits.")] = None,
    region: Annotated[str | None, typer.Option(help="Such as eu-west-1.")] = None,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Show the account id and region that this workspace's ARNs carry, or set them (for administrators)."""
    with connect(url, token) as client:
        me = client.run(calls.me())
        found = {"workspace": me.workspace, "aws_account": me.aws_account, "region": me.region}
        if account_id or region:
            asked = PatchWorkspace.model_construct(aws_account=account_id, region=region)
            changed = client.run(calls.patch_workspace(me.workspace, asked))
            found |= {"aws_account": changed.aws_account, "region": changed.region}
    if as_json:
        return print_json(found)
    console.print(f"{me.workspace}: account {found['aws_account']}, region {found['region']}", highlight=False)
    return None
