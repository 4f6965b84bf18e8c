"""`groundswell worker`: accounts."""

from __future__ import annotations

from typing import Annotated, get_args

import typer

from groundswell.cli.connection import Token, Url, connect
from groundswell.cli.output import AsJson, console, print_json, print_table
from groundswell.domain.errors import InvalidInput
from groundswell.sdk import calls
from groundswell.wire import accounts

app = typer.Typer(no_args_is_help=True, help="Accounts.")
Roles = Annotated[list[str], typer.Option("--role", help="worker, requester, vendor-manager, administrator; repeat.")]


def check_roles(given: list[str]) -> None:
    """Raise InvalidInput for what is no role."""
    unknown = sorted(set(given) - set(get_args(accounts.RoleName)))
    if unknown:
        known = ", ".join(get_args(accounts.RoleName))
        raise InvalidInput(f"expected roles among {known}, got {', '.join(unknown)}", field="role")


@app.command("list")
def list_(
    team: Annotated[str | None, typer.Option(help="Members of this team only.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 200,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """List accounts."""
    with connect(url, token) as client:
        found = client.run(calls.list_workers(team, limit, None)).workers
    if as_json:
        return print_json(found)
    rows = [(one.email, one.name, ", ".join(one.roles), "disabled" if one.disabled else "") for one in found]
    print_table(("e-mail", "name", "roles", ""), rows, empty="No accounts.")
    return None


@app.command()
def create(
    email: Annotated[str, typer.Argument(help="The address they sign in with.")],
    name: Annotated[str, typer.Option(help="For people.")] = "",
    role: Roles = ["worker"],  # noqa: B006  Typer reads the default, nobody changes it
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Make an account; the password is made too and printed this once.

    [dim]Example:[/]  groundswell worker create ann@example.org --role worker --role requester
    """
    check_roles(role)
    with connect(url, token) as client:
        made = client.workforce.new_worker(email, name=name, roles=role)
    if as_json:
        print_json(made)
    else:
        console.print(f"{made.worker.email}  password: {made.password}", highlight=False)


def _set_disabled(email: str, disabled: bool, url: str | None, token: str | None) -> None:
    with connect(url, token) as client:
        client.run(calls.patch_worker(client.workforce.id_of(email), accounts.PatchWorker(disabled=disabled)))


@app.command()
def delete(
    email: Annotated[str, typer.Argument(help="The address they sign in with.")],
    answers: Annotated[str, typer.Option(help="anonymised, kept (under their name) or removed")] = "anonymised",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Delete an account. Answers stay, under no name, unless --answers says otherwise.

    [dim]Example:[/]  groundswell worker delete ann@example.org --answers removed
    """
    if not yes:
        typer.confirm(f"Delete the account of {email}, answers {answers}?", abort=True)
    with connect(url, token) as client:
        client.run(calls.delete_worker(client.workforce.id_of(email), answers))
    console.print(f"deleted the account of {email}; answers {answers}", highlight=False)


@app.command()
def disable(email: Annotated[str, typer.Argument()], url: Url = None, token: Token = None) -> None:
    """Lock an account; its annotations stay."""
    _set_disabled(email, True, url, token)


@app.command()
def enable(email: Annotated[str, typer.Argument()], url: Url = None, token: Token = None) -> None:
    """Unlock an account."""
    _set_disabled(email, False, url, token)
