"""The level a cell takes, against plain loops that know no geometry library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import geopandas as gpd
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import Point
from shapely import box

from ilo_geo.city.population import Residents
from ilo_geo.city.zones import polygon_of_each
from ilo_geo.core.text import Text
from ilo_geo.hazards.evar import Interval
from ilo_geo.hazards.evar import evar_rules
from ilo_geo.hazards.levels import hazard_levels
from ilo_geo.hazards.multihazard_cells import sample_of
from ilo_geo.hazards.multihazard_cells import zone_values
from ilo_geo.hazards.zones import CERTAIN
from ilo_geo.hazards.zones import CERTAINTIES
from ilo_geo.hazards.zones import LINE
from ilo_geo.hazards.zones import POSSIBLE
from ilo_geo.hazards.zones import Zone
from ilo_geo.hazards.zones import zone_table

EPSG = "EPSG:32719"


def strip(hazard: str, level: str, certainty: str, west: float, east: float) -> Zone:
    title = Text(es="x", en="x")
    return Zone(hazard, level, title, level, certainty, box(west, 0, east, 100), "test")


def residents(people: Mapping[float, float]) -> Residents:
    points = gpd.GeoDataFrame(
        {"inhab": list(people.values()), "unit": "u", "placed_on": "building"},
        geometry=[Point(x, 50) for x in people],
        crs=EPSG,
    )
    return Residents(points)


def three_cells() -> gpd.GeoDataFrame:
    cells = [box(x, 0, x + 100, 100) for x in (0, 100, 200)]
    return gpd.GeoDataFrame(index=["a", "b", "c"], geometry=cells, crs=EPSG)


def values_of(zones: list[Zone], people: Mapping[float, float], cover: float) -> Interval:
    cells, living = three_cells(), residents(people)
    cell = polygon_of_each(cells, living.points.geometry.to_numpy())
    return zone_values(zone_table(zones, CRS(EPSG)), sample_of(cells, living, cell), cover).value


def naive_values(
    zones: list[Zone], people: Mapping[float, float], cell: tuple[float, float], cover: float
) -> list[float]:
    """Least, best and most of one cell by plain loops over people and zones."""
    values = evar_rules().level_values
    living = {x: n for x, n in people.items() if cell[0] <= x < cell[1]}
    living = living or {(cell[0] + cell[1]) / 2: 1.0}

    def worst(x: float, certainties: tuple[str, ...]) -> float:
        inside = [z for z in zones if z.certainty in certainties]
        inside = [z for z in inside if z.geometry.bounds[0] <= x <= z.geometry.bounds[2]]
        return max([values[z.level] for z in inside], default=values["outside"])

    total = sum(living.values())
    best = [
        v
        for v in sorted(values.values())
        if sum(n for x, n in living.items() if worst(x, (LINE,)) >= v) >= cover * total - 1e-6
    ]
    mid = max(best)
    low = min(worst(x, (CERTAIN,)) for x in living)
    most = max(worst(x, (LINE, POSSIBLE)) for x in living)
    return [min(low, mid), mid, max(most, mid)]


LEVEL = st.sampled_from(hazard_levels().ids)
PEOPLE = st.dictionaries(
    st.integers(1, 299).filter(lambda x: x % 100).map(float),
    st.integers(1, 50).map(float),
    max_size=8,
)


@st.composite
def nested_zones(draw: st.DrawFn) -> list[Zone]:
    zones: list[Zone] = []
    for _ in range(draw(st.integers(0, 4))):
        level, west = draw(LEVEL), draw(st.integers(0, 280))
        reach = sorted(draw(st.lists(st.integers(1, 150), min_size=3, max_size=3)))
        drawn = draw(st.sampled_from([CERTAINTIES, (LINE, POSSIBLE), (LINE,), (POSSIBLE,)]))
        zones += [
            strip("tsunami", level, one, west, west + east)
            for one, east in zip(CERTAINTIES, reach, strict=True)
            if one in drawn
        ]
    return zones


@settings(max_examples=40, deadline=None)
@given(nested_zones(), PEOPLE, st.sampled_from([0.01, 0.1, 0.5, 1.0]))
def test_levels_of_cells_equal_plain_loops(
    zones: list[Zone], people: dict[float, float], cover: float
) -> None:
    """A re-implementation in loops that knows no geometry library."""
    found = values_of(zones, people, cover)
    for position, west in enumerate((0, 100, 200)):
        told = [float(part[position]) for part in (found.low, found.mid, found.high)]
        assert told == naive_values(zones, people, (west, west + 100), cover)
        assert told == sorted(told)


@settings(max_examples=25, deadline=None)
@given(nested_zones(), PEOPLE, st.data())
def test_raising_the_level_of_a_zone_lowers_no_value(
    zones: list[Zone], people: dict[float, float], data: st.DataObject
) -> None:
    """With monotone sum, maximum and product (test_evar) so is the risk."""
    ids = hazard_levels().ids
    raised = [
        replace(zone, level=ids[max(ids.index(zone.level), ids.index(data.draw(LEVEL)))])
        for zone in zones
    ]
    before, after = (values_of(one, people, 0.1) for one in (zones, raised))
    for end in ("low", "mid", "high"):
        assert (getattr(after, end) >= getattr(before, end)).all()
