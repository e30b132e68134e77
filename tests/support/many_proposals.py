"""Many proposals at once, through the repository, each with its audit row."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import shapely

from ilo_geo.proposals.commands import lifecycle
from ilo_geo.proposals.forms import form_of
from ilo_geo.proposals.model import NewProposalForm
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.proposals.states import lifecycle as known_states
from ilo_geo.proposals.tables import proposal
from ilo_geo.services.council import Council

HALF_M = 15.0
WORDS = ("Parque", "Losa", "Escalera", "Cámaras", "Vereda", "Refugio", "Malecón", "Skate")
PLACES = ("de la terraza", "del puerto", "de Miramar", "de la pampa", "del malecón", "norte")


def fill(council: Council, actor: Actor, n: int, *, seed: int = 6) -> None:
    """Write ``n`` proposals of ``actor``, spread over the city, of every kind and state.

    Their state is written without its history: a list needs none.
    """
    draw, area = random.Random(seed), council.area()  # noqa: S311
    zones = area.frame(area.config.levels[-1])
    points = np.vstack([_inside(shape, n // len(zones) + 1, draw) for shape in zones.geometry])
    ids = np.repeat(zones["id"].astype(str).to_numpy(), n // len(zones) + 1)
    order = draw.sample(range(len(points)), n)
    with council.writing(actor) as repo:
        for place in order:
            x, y = points[place]
            _one(repo, draw, shapely.Point(x, y), council.srid, str(ids[place]))


def _one(repo: Repository, draw: random.Random, at: Any, srid: int, zone: str) -> None:
    kind = draw.choice(list(rulebook().kinds))
    form = form_of(
        NewProposalForm,
        {
            "title": f"{draw.choice(WORDS)} {draw.choice(PLACES)}",
            "kind": kind,
            "cost_min_soles": 100_000,
            "cost_max_soles": 100_000 * draw.randint(1, 30),
        },
    )
    box = at.buffer(HALF_M, cap_style="square")
    shape = box if "polygon" in rulebook().kinds[kind].shapes else at
    made = lifecycle.create(repo, form, shape, srid, zone)
    state = draw.choice(list(known_states().states))
    repo.change(proposal, "fill", made, state=state)


def _inside(shape: Any, n: int, draw: random.Random) -> Any:
    """Return ``n`` points inside a shape."""
    west, south, east, north = shape.bounds
    found: list[tuple[float, float]] = []
    shapely.prepare(shape)
    while len(found) < n:
        x, y = draw.uniform(west, east), draw.uniform(south, north)
        if shapely.contains_xy(shape, x, y):
            found.append((x, y))
    return np.array(found)
