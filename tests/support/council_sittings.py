"""Sittings of the council of the small city, and what its secretary does in them."""

from __future__ import annotations

from ilo_geo.proposals import audit
from ilo_geo.proposals.people import system
from ilo_geo.services.sittings import call_sitting
from ilo_geo.services.sittings import do_in_sitting
from ilo_geo.services.sittings import sitting_view

FORM = {"title": "Sesión ordinaria", "place": "Sala", "starts_at": "2026-11-30T18:00"}


def called(town, *proposals, **changes):
    asked = {**FORM, "agenda": [one["id"] for one in proposals], **changes}
    return call_sitting(town.council, town.actors["secretary"], asked)


def do(town, verb, found, by="secretary", **asked):
    return do_in_sitting(town.council, town.actors[by], verb, found["id"], asked)


def viewed(town, found, by="secretary"):
    return sitting_view(town.council, town.actors[by], found["number"])


def attend(town, found, *names):
    for name in names:
        do(town, "record_attendance", found, account_id=town.actors[name].account_id, present=True)


def head(town):
    with town.council.reading(system) as repo:
        return audit.head(repo.connection)


def opened(town, n=1, present=("councillor", "councillor2", "councillor3")):
    """Return an open sitting with ``n`` proposals in debate, and these."""
    proposals = [town.proposal_in("in_debate") for _ in range(n)]
    found = called(town, *proposals)
    attend(town, found, *present)
    return do(town, "open_sitting", found), proposals


def version(town, found):
    return viewed(town, found).record["version"]
