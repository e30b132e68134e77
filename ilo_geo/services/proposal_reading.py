"""What the page of a proposal asks beside its story: ids by number, names of zones and people."""

from __future__ import annotations

from ilo_geo.core.text import Text
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.repository import Record
from ilo_geo.services.council import Council
from ilo_geo.services.council_views import People
from ilo_geo.services.council_views import numbered


def proposal_id(council: Council, actor: Actor, number: int) -> str:
    """Return the id of a proposal; `NotFoundError` where the actor may not read it."""
    with council.reading(actor) as repo:
        return str(numbered(repo, number)["id"])


def assessor_of(council: Council, actor: Actor, record: Record) -> Text | None:
    """Return the name of who wrote the verdict, None where nobody did."""
    if not record["feasibility_by"]:
        return None
    with council.reading(actor) as repo:
        return People(repo).called(record["feasibility_by"])


def zone_titles(council: Council) -> dict[str, str]:
    """Return the name of each of the finest zones, by id."""
    area = council.area()
    zones = area.frame(area.config.levels[-1])
    return dict(zip(zones["id"].astype(str), zones["name"].astype(str), strict=True))
