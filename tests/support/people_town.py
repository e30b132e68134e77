"""Somebody who can sign in to the council of the small city, and looks into its tables."""

from __future__ import annotations

from typing import Any

from ilo_geo.proposals import audit
from ilo_geo.proposals.people import system
from ilo_geo.services import people

NAME, WORDS, ELSEWHERE = "rosa.mamani", "una frase bien larga", "192.0.2.7"


def visit(town: Any, token: str | None, **how: Any) -> people.Visit:
    return people.visit_of(town.council, token, **how)


def rows(town: Any, table: Any, *where: Any) -> list[dict[str, Any]]:
    with town.council.reading(system) as repo:
        return repo.find(table, *where)


def intact(town: Any) -> bool:
    with town.council.reading(system) as repo:
        return audit.first_broken(repo.connection) is None
