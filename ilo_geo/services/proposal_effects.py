"""What each of several proposals does, in a form that can be put together: who, not how many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from ilo_geo.city.network import Bools
from ilo_geo.core.errors import InputError
from ilo_geo.core.text import Text
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.sheet import Figure
from ilo_geo.proposals.sheet_rules import AS_GREEN
from ilo_geo.proposals.sheet_rules import KindRules
from ilo_geo.proposals.sheet_rules import sheet_rules
from ilo_geo.proposals.sheet_shape import POLYGON
from ilo_geo.proposals.sheet_shape import shape_kind
from ilo_geo.services.areas import Area
from ilo_geo.services.city import kept_of
from ilo_geo.services.city import present
from ilo_geo.services.green import GREEN
from ilo_geo.services.hazards import flood_layers
from ilo_geo.services.hazards import zone_layers
from ilo_geo.services.parks import RIVER
from ilo_geo.services.patrol import patrol_layers
from ilo_geo.services.proposal_sheet import inputs_of_area
from ilo_geo.services.sheet_city import GREEN_NEEDS
from ilo_geo.services.sheet_city import TERRAIN
from ilo_geo.services.sheet_city import SheetCity
from ilo_geo.services.sheet_city import sheet_city
from ilo_geo.services.sheet_green import water_figures
from ilo_geo.services.sheet_hazards import hazard_figures
from ilo_geo.services.sheet_neighbours import content_sha256
from ilo_geo.services.sheet_neighbours import shape_of_record
from ilo_geo.services.sheet_people import served_points

RESIDUAL, STRONGEST, WATER = "residual", "strongest", ("water_m3_day", "dry")
# a hazard that nobody can tell counts as the gravest
UNKNOWN_HAZARD = 1.0


@dataclass(frozen=True)
class Effect:
    """One proposal and what it does.

    Attributes
    ----------
    id, number, title, kind, state, cost_low, cost_high, shape
        Of the proposal; costs in S/, None where nobody stated them.
    serves
        Whom of the chosen base it serves; None where no rule says.
    counts_as
        What it adds in the green analysis: green, sport or nothing; without an area nothing.
    water_m3_day
        Value, low and high; None where nobody knows.
    hazard
        Residual hazard of its place, 0 to 1; None where nobody knows.
    level
        Of the strongest hazard there.
    """

    id: str
    number: int
    title: str
    kind: str
    state: str
    cost_low: int | None
    cost_high: int | None
    shape: shapely.Geometry
    serves: Bools | None
    counts_as: str | None
    water_m3_day: tuple[float | None, float | None, float | None]
    hazard: float | None
    level: str | None

    @property
    def rules(self) -> KindRules:
        """Return what is asked of its kind."""
        return sheet_rules().kinds[self.kind]

    @property
    def adds_green(self) -> bool:
        """Return whether it adds green."""
        return self.counts_as == AS_GREEN


def effects_of(area: Area, records: list[Record]) -> tuple[SheetCity, tuple[Effect, ...]]:
    """Return what proposals do, in order, and the city they do it to.

    Raises
    ------
    InputError
        The city has no people, streets or parks, or one of these layers is faulty.
    """
    lacking = [layer for layer in GREEN_NEEDS if not area.has(layer)]
    if lacking:
        raise InputError("scenario.no_city", layers=", ".join(lacking), where=area.config.id)
    city = sheet_city(area)
    return city, tuple(_kept_effect(area, city, record) for record in records)


def effect_layers(area: Area) -> dict[str, tuple[str, ...]]:
    """Return the layers with data that each part of what proposals do stands on."""
    green = GREEN.layers_in_use(area)
    patrol, flood = patrol_layers(area), flood_layers(area)
    asked = {
        "green": green,
        "people": (*green, *flood, *patrol),
        "flight": (*green, *flood),
        "patrol": patrol,
        "hazards": zone_layers(area),
        "water": (TERRAIN, RIVER),
    }
    return {part: present(area, layers) for part, layers in asked.items()}


def _kept_effect(area: Area, city: SheetCity, record: Record) -> Effect:
    found = _effects(area)
    key = content_sha256([record["id"], record["kind"], bytes(record["geometry"]).hex()])
    known = found.get(key)
    if known is None:
        known = found[key] = _effect(area, city, record)
    return _titled(known, record)


def _effects(area: Area) -> dict[str, Effect]:
    """Return the effects known in a city as it is: one store, as many are asked for at once."""
    return kept_of(area).get(("effects", inputs_of_area(area)), dict)


def _titled(known: Effect, record: Record) -> Effect:
    """Return an effect with what of its proposal may have changed without moving it."""
    return Effect(
        **{
            **vars(known),
            "number": record["number"],
            "title": record["title"],
            "state": record["state"],
            "cost_low": record["cost_min_soles"],
            "cost_high": record["cost_max_soles"],
        }
    )


def _effect(area: Area, city: SheetCity, record: Record) -> Effect:
    shape, rules = shape_of_record(record), sheet_rules().kinds[record["kind"]]
    hazards = {figure.id: figure for figure in hazard_figures(area, shape)}
    drunk = next(f for f in water_figures(area, shape, rules, city) if f.id in WATER)
    return Effect(
        id=record["id"],
        number=record["number"],
        title=record["title"],
        kind=record["kind"],
        state=record["state"],
        cost_low=record["cost_min_soles"],
        cost_high=record["cost_max_soles"],
        shape=shape,
        serves=served_points(area, city, shape, rules),
        counts_as=rules.counts_as if shape_kind(shape) == POLYGON else None,
        water_m3_day=_range(drunk),
        hazard=hazards[RESIDUAL].value,
        level=hazards[STRONGEST].level,
    )


def _range(figure: Figure) -> tuple[float | None, float | None, float | None]:
    low = figure.value if figure.low is None else figure.low
    high = figure.value if figure.high is None else figure.high
    return figure.value, low, high


def union_inhab(effects: tuple[Effect, ...], inhab: np.ndarray) -> float:
    """Return how many people at least one of several proposals serves; each counts once."""
    masks = [effect.serves for effect in effects if effect.serves is not None]
    return float(inhab[np.any(masks, axis=0)].sum()) if masks else 0.0


def title_of(effect: Effect) -> Text:
    """Return number and title of a proposal."""
    said = f"{effect.number}. {effect.title}"
    return Text(es=said, en=said)
