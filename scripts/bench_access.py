"""Lets a benchmark read as a visitor: what is measured is the planner, not signing in."""

from __future__ import annotations

from ilo_geo.proposals.account_forms import OpenToAllForm
from ilo_geo.proposals.commands.accounts import open_to_all
from ilo_geo.proposals.people import system
from ilo_geo.services.council import Council


def visitors_may_see(council: Council) -> None:
    """Open a planner to visitors, as its administrator may."""
    with council.writing(system) as repo:
        open_to_all(repo, OpenToAllForm(open_to_all=True, version=0))
