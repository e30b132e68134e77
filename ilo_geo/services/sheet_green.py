"""What a proposal adds to the city's green, and what it drinks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.city.network import Floats
from ilo_geo.core.text import Text
from ilo_geo.core.units import peru_number
from ilo_geo.green.candidates.data import ParkType
from ilo_geo.green.candidates.data import park_types
from ilo_geo.green.candidates.data import type_table
from ilo_geo.green.candidates.fitting import NO_TYPE
from ilo_geo.green.candidates.fitting import type_of_each
from ilo_geo.green.candidates.fitting import water_m3_day
from ilo_geo.green.candidates.fitting import water_soles_year
from ilo_geo.green.candidates.fitting import within_river
from ilo_geo.green.candidates.land import measures
from ilo_geo.green.supply import area_in_each_m2
from ilo_geo.green.supply import supply_of_each
from ilo_geo.proposals.sheet import Figure
from ilo_geo.proposals.sheet_rules import AS_GREEN
from ilo_geo.proposals.sheet_rules import KindRules
from ilo_geo.proposals.sheet_rules import figure
from ilo_geo.proposals.sheet_rules import filled
from ilo_geo.proposals.sheet_rules import sheet_rules
from ilo_geo.proposals.sheet_rules import together
from ilo_geo.proposals.sheet_shape import POLYGON
from ilo_geo.proposals.sheet_shape import shape_kind
from ilo_geo.proposals.sheet_shape import share_inside
from ilo_geo.services.areas import Area
from ilo_geo.services.city import fingerprint
from ilo_geo.services.city import kept_of
from ilo_geo.services.city import present
from ilo_geo.services.green import GREEN
from ilo_geo.services.parks import RIVER
from ilo_geo.services.parks import slopes_of
from ilo_geo.services.sheet_city import GREEN_NEEDS
from ilo_geo.services.sheet_city import SheetCity
from ilo_geo.services.sheet_city import absent_titles
from ilo_geo.services.sheet_people import served_points

AUTO, UNKNOWN = "auto", "unknown"
FOOTPRINT, CLOSED = "urban_footprint", "_deficit_closed"
PERCENT = 100.0


@dataclass(frozen=True)
class Added:
    """What shapes add to the counted green and sport: disjoint pieces, and green that is lost."""

    green: np.ndarray
    sport: np.ndarray
    lost: np.ndarray


def added_by(
    city: SheetCity, parks: list[shapely.Geometry], fields: list[shapely.Geometry]
) -> Added:
    """Return what new parks and new sports fields add, overlaps once.

    As the green analysis counts: a sports field inside a park is sport, not green.
    """
    stock = city.scene.stock
    new_green, new_sport = (shapely.union_all(np.array(part)) for part in (parks, fields))
    whole = shapely.union(new_green, new_sport)
    green, sport = (shapely.union_all(_near(part, whole)) for part in (stock.green, stock.sport))
    return Added(
        green=_polygons(new_green - sport - new_sport - green),
        sport=_polygons(new_sport - sport),
        lost=_polygons(shapely.intersection(green, new_sport)),
    )


def supply_with(
    city: SheetCity, added: Added, inhab: Floats, total_inhab: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return supply and deficit of the zones and, last, the whole city: before and after.

    Index: the ids of the zones, then None for the city; columns as `supply_of_each`.
    """
    gained = supply_change_m2(city, added)
    stock_m2 = city.scene.stock.green_area_m2
    change_m2 = float(shapely.area(added.green).sum() - shapely.area(added.lost).sum())
    index = pd.Index([*city.zones.index, None], dtype=object)
    people = pd.Series([*inhab, total_inhab], index=index)
    before_m2 = pd.Series([*city.green_m2, stock_m2], index=index, dtype=float)
    after_m2 = pd.Series(
        [*(city.green_m2 + gained), stock_m2 + change_m2], index=index, dtype=float
    )
    standard = city.standard_m2_per_inhab
    before, after = (
        supply_of_each(people, area_m2, standard_m2_per_inhab=standard)
        for area_m2 in (before_m2, after_m2)
    )
    return before, after


def supply_change_m2(city: SheetCity, added: Added) -> pd.Series:
    """Return the counted green that each zone gains, negative where it loses some."""
    return area_in_each_m2(city.zones, added.green) - area_in_each_m2(city.zones, added.lost)


def green_figures(
    area: Area, shape: shapely.Geometry, rules: KindRules, city: SheetCity | None, zone: str
) -> list[Figure]:
    """Return what a shape does to the deficit; nothing for a kind that adds neither."""
    if rules.counts_as is None:
        return []
    name = "added_green" if rules.counts_as == AS_GREEN else "added_sport"
    if city is None:
        return [figure(name, missing=absent_titles(area, GREEN_NEEDS))]
    layers = GREEN.layers_in_use(area)
    if shape_kind(shape) != POLYGON:
        return [figure(name, said=sheet_rules().no_area, layers=layers)]
    is_green = rules.counts_as == AS_GREEN
    added = added_by(city, [shape] if is_green else [], [] if is_green else [shape])
    pieces = added.green if is_green else added.sport
    figures = [figure(name, float(shapely.area(pieces).sum()), layers=layers)]
    lost_m2 = float(shapely.area(added.lost).sum())
    if not is_green and lost_m2 > 0:
        figures.append(figure("lost_green", lost_m2, layers=layers))
    if is_green or lost_m2 > 0:
        read_on = (*layers, *present(area, (FOOTPRINT,)))
        beside = _beside(area, shape, rules, city, added)
        figures += [
            one.model_copy(update={"note": together(beside), "layers": read_on})
            if beside and one.id.endswith(CLOSED) and (one.value or 0) > 0
            else one
            for one in _deficits(city, added, zone, layers)
        ]
    return figures


def _beside(
    area: Area, shape: shapely.Geometry, rules: KindRules, city: SheetCity, added: Added
) -> tuple[Text, ...]:
    """Return what must be read with a deficit that is closed off the city, or for nobody."""
    words, least_m2 = sheet_rules().words, sheet_rules().parameters["overlap_m2"].value
    told: list[Text] = []
    green_m2 = float(shapely.area(added.green).sum())
    outside_m2 = green_m2 - float(area_in_each_m2(city.zones, added.green).sum())
    if len(city.zones) and outside_m2 > least_m2:
        told.append(filled(words["outside_zones_m2"], {"area": peru_number(outside_m2)}))
        told.append(words["outside_zones"])
    built = area.frame(FOOTPRINT).geometry.to_numpy() if area.has(FOOTPRINT) else [shape]
    outside_ratio = 1 - share_inside(shape, np.asarray(built))
    if outside_ratio * shape.area > least_m2:
        percent = peru_number(PERCENT * outside_ratio, 1)
        told.append(filled(words["outside_footprint"], {"percent": percent}))
    served = served_points(area, city, shape, rules)
    if served is not None and not city.people[0].inhab[served].any():
        radius = f"{city.params.access_distance_m:g}"
        told.append(filled(words["serves_nobody"], {"radius": radius}))
    return tuple(told)


def _deficits(
    city: SheetCity, added: Added, zone: str, layers: tuple[str, ...]
) -> Iterator[Figure]:
    """Yield supply and deficit, before and after, of the zone and of the city."""
    tables = [
        supply_with(city, added, city.inhab_by_zone(people), float(people.inhab.sum()))
        for people in city.people
    ]
    places: list[tuple[str, str | None, Text]] = [("city", None, sheet_rules().words["city"])]
    if zone in city.zones.index:
        name = str(city.zones.loc[zone, "name"])
        places.insert(0, ("zone", zone, Text(es=name, en=name)))
    fields = {
        "standard": f"{city.standard_m2_per_inhab:g}",
        "year": "–" if city.params.year is None else str(city.params.year),
    }
    for place, label, where in places:
        for column, name in (("green_m2_per_inhab", "per_inhab"), ("deficit_ha", "deficit")):
            rows = [[float(t.loc[[label], column].iloc[0]) for t in pair] for pair in tables]
            before, after = zip(*rows, strict=True)
            told = {"before": before, "after": after}
            if name == "deficit":
                told["closed"] = tuple(b - a for b, a in zip(before, after, strict=True))
            for when, values in told.items():
                yield figure(
                    f"{name}_{when}",
                    *_spread(values),
                    figure_id=f"{place}_{name}_{when}",
                    layers=layers,
                    fields={**fields, "where": where},
                )


def _spread(by_base: tuple[float, ...]) -> tuple[float | None, float | None, float | None]:
    """Return the figure of the chosen base and the range of all; None where nobody lives."""
    known = [value for value in by_base if np.isfinite(value)]
    if not known:
        return None, None, None
    return (by_base[0] if np.isfinite(by_base[0]) else None), min(known), max(known)


def water_figures(
    area: Area, shape: shapely.Geometry, rules: KindRules, city: SheetCity | None
) -> list[Figure]:
    """Return what a shape drinks a day and what that costs a year."""
    if rules.park_type is None:
        return [figure("dry", 0.0)]
    if shape_kind(shape) != POLYGON:
        return [figure("water_m3_day", said=sheet_rules().no_area, fields={"type": "–"})]
    if city is None:
        lacking = absent_titles(area, GREEN_NEEDS)
        return [figure("water_m3_day", missing=lacking, fields={"type": "–"})]
    if rules.park_type == UNKNOWN:
        lawn = sheet_rules().parameters["lawn_l_m2_day"]
        most = water_m3_day(shape.area, lawn.value)
        kind = sheet_rules().words["slab_to_lawn"]
        norms = [lawn.cited]
        drunk = figure("water_m3_day", None, 0.0, most, norms=norms, fields={"type": kind})
        return [drunk, *_bills(area, None, 0.0, most)]
    found, layers = _type_of(area, shape, rules.park_type, city)
    if found is None:
        return [figure("water_m3_day", said=sheet_rules().words["no_type"], layers=layers)]
    middle, low, high = (water_m3_day(shape.area, litres) for litres in _thirst(found))
    norms = [f"{found.source} ({found.verified})"]
    norms += [
        f"{c.source} ({c.verified})" for n, c in type_table().covers.items() if n in found.cover
    ]
    drunk = figure(
        "water_m3_day", middle, low, high, layers=layers, norms=norms, fields={"type": found.title}
    )
    return [drunk, *_bills(area, middle, low, high)]


def _type_of(
    area: Area, shape: shapely.Geometry, asked: str, city: SheetCity
) -> tuple[ParkType | None, tuple[str, ...]]:
    """Return the park type of a site, and the layers that decided."""
    if asked != AUTO:
        return park_types()[asked], ()
    sites = gpd.GeoDataFrame(geometry=[shape], crs=area.crs)
    key = ("sheet slopes", fingerprint(area, ("terrain",)))
    measured = measures(sites, kept_of(area).get(key, lambda: slopes_of(area)))
    river = within_river(sites, area.frame(RIVER) if area.has(RIVER) else None)
    dry = np.zeros(1, dtype=bool)
    name = type_of_each(measured, river, dry, city.params).iloc[0]
    found = None if name == NO_TYPE else park_types()[name]
    return found, present(area, ("terrain", RIVER))


def _thirst(kind: ParkType) -> tuple[float, float, float]:
    """Return what a square metre drinks a day: the usual, the least and the most."""
    covers = type_table().covers
    parts = [(share, covers[name]) for name, share in kind.cover.items()]
    return (
        sum(share * cover.l_m2_day for share, cover in parts),
        sum(share * _or(cover.low_l_m2_day, cover.l_m2_day) for share, cover in parts),
        sum(share * _or(cover.high_l_m2_day, cover.l_m2_day) for share, cover in parts),
    )


def _or(value: float | None, usual: float) -> float:
    return usual if value is None else value


def _bills(area: Area, middle: float | None, low: float, high: float) -> Iterator[Figure]:
    """Yield what the water costs a year from each source that has a price in this city."""
    sources = {n: s for n, s in type_table().water.items() if s.area == area.config.id}
    if not sources:
        yield figure("water_price", figure_id="water_soles_year")
    for name, source in sources.items():
        price = source.soles_m3
        yield figure(
            "water_soles_year",
            None if middle is None else water_soles_year(middle, price),
            water_soles_year(low, price),
            water_soles_year(high, price),
            figure_id=f"water_soles_year_{name}",
            norms=[f"{source.source} ({source.verified})"],
            fields={"source": source.title, "price": peru_number(price, 2)},
        )


def _near(pieces: np.ndarray, shape: shapely.Geometry) -> np.ndarray:
    near: np.ndarray = pieces[shapely.intersects(pieces, shape)]
    return near


def _polygons(geometry: shapely.Geometry) -> np.ndarray:
    parts = shapely.get_parts(geometry)
    return np.asarray(parts[shapely.area(parts) > 0])
