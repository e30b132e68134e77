"""A process that writes to a council at random and says each time what was acknowledged.

``python council_child.py SQLITE_PATH_OR_URL SEED N_WRITES`` prints a JSON line after each commit:
the verb, the last row of the log, and the record as the database gave it back.
"""

from __future__ import annotations

import json
import random
import sys
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import shapely

from ilo_geo.core.errors import IloGeoError
from ilo_geo.io.database import Database
from ilo_geo.io.database import postgres_database
from ilo_geo.io.database import sqlite_database
from ilo_geo.io.postgis import database_address
from ilo_geo.io.schema_version import bring_up_to_date
from ilo_geo.proposals import audit
from ilo_geo.proposals.commands import perform
from ilo_geo.proposals.commands.lifecycle import create
from ilo_geo.proposals.model import NewProposalForm
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.people import system
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.tables import account
from ilo_geo.proposals.tables import proposal

AREA = "child"


def database_at(where: str) -> Database:
    """Open a council's database by its path or its address."""
    is_server = where.startswith("postgresql://")
    database = (
        postgres_database(database_address(where), AREA)
        if is_server
        else sqlite_database(Path(where))
    )
    bring_up_to_date(database)
    return database


def repository(connection: Any, actor: Actor) -> Repository:
    """Return the records to a writer, at a time that does not go back."""
    last, now = audit.head(connection), datetime.now(UTC)
    return Repository(connection, actor, max(now, last.at or now), last)


def person(repo: Repository, name: str, role: str) -> Actor:
    made = repo.add(
        account, "create_account", username=name, display_name=name, role=role,
        password_hash=None, must_change=False, active=True, pseudonym=f"p-{name}", salt="sal",
        created_at=repo.now,
    )  # fmt: skip
    return Actor(role, made["pseudonym"], made["id"])


def random_write(repo: Repository, rng: random.Random, people: dict[str, Actor]) -> str:
    """Do something a person of the council does; return the verb."""
    found = repo.find(proposal)
    one = rng.choice(found) if found else None
    if one is None or rng.random() < 0.3:
        form = NewProposalForm(title="x" * rng.randrange(1, 200), kind="park")
        repo.actor = people["planner"]
        create(repo, form, shapely.Point(rng.random(), rng.random()), 32719, "")
        return "create"
    ways = {
        "draft": ("planner", "submit", {}),
        "submitted": ("planner", "take_up", {}),
        "in_review": ("planner", "observe", {"reason": "y" * rng.randrange(1, 4000)}),
        "observed": ("planner", "answer", {"reason": "z"}),
    }
    role, verb, asked = ways[one["state"]]
    if one["state"] != "draft" and rng.random() < 0.5:
        role, verb, asked = "planner", "comment", {"stance": "for", "text": "w" * 3000}
    repo.actor = people[role]
    perform(repo, verb, one["id"], asked)
    return verb


def main() -> None:
    where, seed, n_writes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    database, rng = database_at(where), random.Random(seed)  # noqa: S311 - no secret
    with database.writing() as connection:
        repo = repository(connection, system)
        people = {"planner": person(repo, f"planner{seed}", "planner")}
    for _ in range(n_writes):
        try:
            with database.writing() as connection:
                repo = repository(connection, system)
                verb = random_write(repo, rng, people)
                last = audit.head(connection)
        except IloGeoError as error:
            say({"refused": error.code})
            continue
        say({"verb": verb, "seq": last.seq, "hash": last.hash})


def say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
