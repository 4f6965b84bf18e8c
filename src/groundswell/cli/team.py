"""`groundswell team`: work teams and invitations."""

from __future__ import annotations

from typing import Annotated

import typer

from groundswell.cli.connection import Token, Url, connect
from groundswell.cli.output import AsJson, console, print_json, print_table
from groundswell.sdk import calls

app = typer.Typer(no_args_is_help=True, help="Work teams.")
Name = Annotated[str, typer.Argument(help="The team's name.")]


@app.command("list")
def list_(url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """List work teams."""
    with connect(url, token) as client:
        found = client.workforce.teams()
    if as_json:
        return print_json(found)
    rows = [(one.name, one.kind, "" if one.members is None else one.members, one.description) for one in found]
    print_table(("team", "kind", ">members", "description"), rows, empty="No teams.")
    return None


@app.command()
def create(
    name: Name,
    kind: Annotated[str, typer.Option(help="private or vendor")] = "private",
    manager: Annotated[str | None, typer.Option(help="A vendor team's manager, by e-mail.")] = None,
    description: Annotated[str, typer.Option(help="For people.")] = "",
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Make a work team."""
    with connect(url, token) as client:
        made = client.workforce.new_team(name, kind=kind, manager=manager, description=description)
    if as_json:
        print_json(made)
    else:
        console.print(
            f"made team {made.name}; invite people with: groundswell team invite {made.name}", highlight=False
        )


@app.command()
def invite(
    name: Name,
    days: Annotated[int, typer.Option(min=1, max=365, help="How long the link works.")] = 14,
    uses: Annotated[int, typer.Option(min=1, max=10_000, help="How many people may use it.")] = 50,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Make an invitation link: whoever opens it joins the team."""
    with connect(url, token) as client:
        made = client.workforce.invite(name, days=days, max_uses=uses)
    if as_json:
        print_json(made)
    else:
        console.print(made.link, highlight=False, soft_wrap=True)


@app.command()
def add(
    name: Name,
    email: Annotated[str, typer.Argument(help="Somebody who has an account.")],
    url: Url = None,
    token: Token = None,
) -> None:
    """Make somebody a member."""
    with connect(url, token) as client:
        client.workforce.add_member(name, email)


@app.command()
def remove(name: Name, url: Url = None, token: Token = None) -> None:
    """Remove a team that no job uses."""
    with connect(url, token) as client:
        client.run(calls.drop_team(name))
