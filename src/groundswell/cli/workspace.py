"""`groundswell workspace`: who owns what, on servers that have more than one workspace."""

from __future__ import annotations

from typing import Annotated, cast

import typer

from groundswell.cli.connection import Token, Url, connect
from groundswell.cli.output import AsJson, console, print_json, print_table
from groundswell.cli.worker import check_roles
from groundswell.domain.errors import InvalidInput
from groundswell.sdk import calls
from groundswell.wire.accounts import RoleName

app = typer.Typer(no_args_is_help=True, help="Workspaces, where a server has more than one.")
Name = Annotated[str, typer.Argument(help="The workspace's name.")]


@app.command("list")
def list_(url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """List the workspaces of the server; for administrators."""
    with connect(url, token) as client:
        found, here = client.workforce.workspaces(), client.run(calls.me()).workspace
    if as_json:
        return print_json(found)
    rows = [(one.name, "you act here" if one.name == here else "") for one in found]
    print_table(("workspace", ""), rows, empty="No workspaces.")
    return None


@app.command()
def create(name: Name, url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """Make a workspace, with teams everyone and public of its own.

    [dim]Example:[/]  groundswell workspace create "Field study"
    """
    with connect(url, token) as client:
        made = client.workforce.new_workspace(name)
    if as_json:
        return print_json(made)
    console.print(f'made {made.name}; next: groundswell workspace set "{made.name}" EMAIL --role requester')
    return None


@app.command()
def members(name: Name, url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """List who has roles in a workspace, or is in one of its teams."""
    with connect(url, token) as client:
        found = client.workforce.members_of(name)
    if as_json:
        return print_json(found)
    rows = [(one.email, one.name, ", ".join(one.roles), "disabled" if one.disabled else "") for one in found]
    print_table(("e-mail", "name", "roles", ""), rows, empty="Nobody is in it.")
    return None


@app.command("set")
def set_(
    name: Name,
    email: Annotated[str, typer.Argument(help="The address of an account.")],
    role: Annotated[
        list[str] | None, typer.Option("--role", help="requester, reviewer, worker, vendor-manager; repeat.")
    ] = None,
    out: Annotated[bool, typer.Option("--out", help="No role: the account is not in it any more.")] = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Give an account these roles in a workspace, and no others.

    [dim]Example:[/]  groundswell workspace set "Field study" ann@example.org --role requester --role worker
    """
    if bool(role) == out:
        raise InvalidInput("expected --role, once or more, or --out", field="role")
    check_roles(role or [])
    with connect(url, token) as client:
        changed = client.workforce.set_member(name, email, cast(list[RoleName], role or []))
    said = f"is {', '.join(changed.roles)} in {name}" if changed.roles else f"is not in {name} any more"
    console.print(f"{changed.email} {said}", highlight=False)


@app.command()
def use(name: Name, url: Url = None, token: Token = None) -> None:
    """Act in another workspace of yours with this API key from now on."""
    with connect(url, token) as client:
        chosen = client.run(calls.choose_workspace(name))
    console.print(f"this key acts in {chosen.name} now", highlight=False)
