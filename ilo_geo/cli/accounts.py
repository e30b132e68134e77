"""``ilo-geo account``: who may sign in to the planner; whoever holds the machine administers.

Each change goes through the audit log as the planner's own. A password is printed once, on stdout.
"""

from __future__ import annotations

from typing import Annotated

import typer

from ilo_geo.cli.options import AreaOption
from ilo_geo.cli.options import JsonOption
from ilo_geo.cli.options import print_json
from ilo_geo.proposals.people import ROLES
from ilo_geo.proposals.people import system
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.services import administration
from ilo_geo.services.areas import open_area
from ilo_geo.services.council import Council
from ilo_geo.services.council import open_council
from ilo_geo.services.personal_data import held_of
from ilo_geo.services.personal_data import written

account_app = typer.Typer(
    help="Accounts: list, create, reset-password, export, erase.", no_args_is_help=True
)
Name = Annotated[str, typer.Argument(help="Username, or pseudonym of an erased account.")]


@account_app.command("list")
def list_all(area: AreaOption = None, json: JsonOption = False) -> None:
    """List accounts: username, role, state, since when."""
    found = administration.people_of(_council(area), system)
    rows = [
        {
            "username": one["username"],
            "name": one["display_name"],
            "role": one["role"],
            "state": _state(one),
            "created": f"{one['created_at'].astimezone(rulebook().zone):%Y-%m-%d %H:%M}",
            "pseudonym": one["pseudonym"],
        }
        for one in found.accounts
    ]
    if json:
        print_json({"accounts": rows, "open_to_all": found.open_to_all})
        return
    for row in rows:
        name, shown = row["username"] or row["pseudonym"], row["name"] or "-"
        typer.echo(f"{name:24} {row['role']:14} {row['state']:10} {row['created']}  {shown}")


@account_app.command("create")
def create(
    username: Annotated[str, typer.Argument(help="What one signs in by.")],
    name: Annotated[str, typer.Option(help="What others see.")],
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")],
    area: AreaOption = None,
) -> None:
    """Make an account and print its first password, to be changed at the first sign-in."""
    asked = {"username": username, "display_name": name, "role": role}
    made, password = administration.create(_council(area), system, asked)
    typer.echo(f"{made['username']} {password}")


@account_app.command("reset-password")
def reset_password(username: Name, area: AreaOption = None) -> None:
    """Print a new password, to be changed at the next sign-in; every session of it ends."""
    council = _council(area)
    found = administration.account_called(council, system, username)
    made, password = administration.reset(council, system, _seen(found))
    typer.echo(f"{made['username']} {password}")


@account_app.command("export")
def export(username: Name, area: AreaOption = None) -> None:
    """Print all that is held of a person, as JSON (Ley 29733)."""
    council = _council(area)
    found = administration.account_called(council, system, username)
    typer.echo(written(held_of(council, found["id"])))


@account_app.command("erase")
def erase(
    username: Name,
    area: AreaOption = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take name, username, password and salt of a person away; what they did stays, unnamed."""
    council = _council(area)
    found = administration.account_called(council, system, username)
    if not yes:
        typer.confirm(f"Erase the data of {username}? It cannot be undone.", abort=True, err=True)
    gone = administration.erase(council, system, _seen(found))
    typer.echo(gone["pseudonym"])


def _council(area: AreaOption) -> Council:
    opened = open_area(area)
    return open_council(lambda: opened)


def _seen(found: dict[str, object]) -> dict[str, object]:
    return {"account_id": found["id"], "version": found["version"]}


def _state(one: dict[str, object]) -> str:
    if one["erased_at"] is not None:
        return "erased"
    return "active" if one["active"] else "suspended"
