"""Exposure against brute force with shapely, geopandas' overlay and join, and hand-worked toys."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from shapely import LineString
from shapely import Point
from shapely import box

from ilo_geo.city.population import Residents
from ilo_geo.core.errors import CrsError
from ilo_geo.core.text import Text
from ilo_geo.hazards.exposed import cut_lines
from ilo_geo.hazards.exposure import Exposed
from ilo_geo.hazards.exposure import exposure_by_level
from ilo_geo.hazards.exposure import exposure_table
from ilo_geo.hazards.zones import CERTAINTIES
from ilo_geo.hazards.zones import Zone
from ilo_geo.hazards.zones import zone_table

CRS = "EPSG:32719"
SIDE_M = 1000.0


def frame(geometry, **columns):
    return gpd.GeoDataFrame(geometry=list(geometry), crs=CRS).assign(**columns)


def people(xy, inhab):
    points = frame(
        shapely.points(np.asarray(xy, float)), inhab=inhab, unit="u", placed_on="building"
    )
    return Residents(points)


def zone(geometry, *, hazard="h", band="b", certainty="line", feature="all", level="very_high"):
    title = Text(es=f"banda {band}", en=f"band {band}")
    return Zone(hazard, band, title, level, certainty, geometry, "test", feature)


def table(*zones):
    return zone_table(zones, gpd.GeoSeries([], crs=CRS).crs)


def exposed(xy, inhab, *, day=None, lines=(), sites=(), units=None, dwellings=None):
    """Return exposed things: ``inhab`` is one count of people a point, or several by base."""
    bases = inhab if isinstance(inhab, dict) else {"base": inhab}
    night = {name: people(xy, counts) for name, counts in bases.items()}
    units = units if units is not None else {"whole": box(-1e5, -1e5, 1e5, 1e5)}
    levels = frame(units.values(), id=list(units), name=list(units))
    return Exposed(
        residents=night,
        day=day or night,
        dwellings=frame(
            shapely.points(np.asarray(xy, float)),
            dwellings=dwellings if dwellings is not None else 1,
        ),
        sites={"schools": frame(sites, name=[f"school {i}" for i in range(len(sites))])},
        lines={"roads": frame(lines)},
        levels={"districts": levels},
    )


def random_layout(seed):
    """Return zones of two hazards with overlapping features, and a city of points and streets."""
    rng = np.random.default_rng(seed)
    zones = []
    for hazard, band, level in (
        ("fault", "200", "very_high"),
        ("fault", "500", "high"),
        ("tank", "150", "very_high"),
    ):
        for feature in range(3):
            line = LineString(rng.uniform(0, SIDE_M, (4, 2)))
            for certainty, width in zip(CERTAINTIES, np.sort(rng.uniform(20, 160, 3)), strict=True):
                if certainty == "line" or rng.random() < 0.7:
                    zones.append(
                        zone(
                            line.buffer(width),
                            hazard=hazard,
                            band=band,
                            certainty=certainty,
                            feature=f"f{feature}",
                            level=level,
                        )
                    )
    xy = rng.uniform(0, SIDE_M, (300, 2))
    units = {"a": box(0, 0, 400, 1000), "b": box(400, 0, 1000, 600), "c": box(400, 600, 700, 900)}
    return table(*zones), exposed(
        xy,
        rng.uniform(0, 9, 300),
        lines=[LineString(rng.uniform(0, SIDE_M, (5, 2))) for _ in range(40)],
        sites=shapely.points(rng.uniform(0, SIDE_M, (20, 2))),
        units=units,
    )


def outline(zones, hazard, band, certainty):
    """Return the outline a row stands on, by the words of the contract, one union after another."""
    rows = zones[(zones["hazard"] == hazard) & (zones["band"] == band)]
    line = rows.loc[rows["certainty"] == "line"].union_all()
    own = rows.loc[rows["certainty"] == certainty].union_all()
    if certainty == "certain":
        return own.intersection(line)
    return own.union(line)


ENDS = {"certain": "_low", "line": "", "possible": "_high"}


@pytest.mark.parametrize("seed", range(4))
def test_the_whole_equals_a_brute_force_loop(seed):
    """Oracle: a plain loop over every point, street and band with shapely."""
    zones, city = random_layout(seed)
    found = exposure_table(zones, city)
    assert list(found.index) == ["fault/200", "fault/500", "tank/150"]
    for row in found.itertuples():
        for certainty, end in ENDS.items():
            inside = outline(zones, row.hazard, row.band, certainty)
            homes = city.residents["base"].points
            inhab = sum(h.inhab for h in homes.itertuples() if inside.intersects(h.geometry))
            schools = sum(inside.intersects(p) for p in city.sites["schools"].geometry)
            roads = sum(inside.intersection(s).length for s in city.lines["roads"].geometry) / 1000
            assert getattr(row, f"people_night_inhab{end}") == pytest.approx(inhab, rel=1e-9)
            assert getattr(row, f"n_schools{end}") == schools
            assert getattr(row, f"roads_km{end}") == pytest.approx(roads, rel=1e-6, abs=1e-9)
            assert getattr(row, f"area_m2{end}") == pytest.approx(inside.area, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_units_equal_geopandas_overlay_and_join(seed):
    """Oracle: geopandas.overlay (areas, streets) and geopandas.sjoin (people)."""
    zones, city = random_layout(seed)
    found = exposure_by_level(zones, city, "districts")
    units = city.levels["districts"]
    assert len(found) == 3 * len(units)
    for (hazard, band), rows in found.groupby(["hazard", "band"]):
        for certainty, end in ENDS.items():
            inside = frame([outline(zones, hazard, band, certainty)])
            shared = gpd.overlay(units, inside, how="intersection")
            streets = gpd.overlay(city.lines["roads"], shared, how="intersection")
            homes = gpd.sjoin(city.residents["base"].points, shared[["id", "geometry"]])
            expected = pd.DataFrame(
                {
                    "area_m2": shared.area.groupby(shared["id"]).sum(),
                    "roads_km": streets.length.groupby(streets["id"]).sum() / 1000,
                    "people_night_inhab": homes.groupby("id")["inhab"].sum(),
                }
            ).reindex(units["id"], fill_value=0.0)
            own = rows.set_index("unit").loc[units["id"]]
            for measure in expected:
                np.testing.assert_allclose(
                    own[measure + end], expected[measure].fillna(0), rtol=1e-6, atol=1e-6
                )


@pytest.mark.parametrize("seed", range(4))
def test_units_and_what_is_outside_them_are_the_whole(seed):
    """Conservation: outside the units is a unit like any other."""
    zones, city = random_layout(seed)
    units = city.levels["districts"]
    rest = box(-1e4, -1e4, 1e4, 1e4).difference(units.union_all())
    all_units = frame([*units.geometry, rest], id=["a", "b", "c", "rest"], name="x")
    parts = exposure_by_level(zones, exposed_with(city, all_units), "districts")
    whole = exposure_table(zones, city)
    measures = [c for c in whole if c.startswith(("people", "dwellings", "n_", "roads", "area"))]
    summed = (
        parts.groupby(["hazard", "band"])[measures]
        .sum()
        .loc[list(zip(whole["hazard"], whole["band"], strict=True))]
    )
    np.testing.assert_allclose(summed.to_numpy(float), whole[measures].to_numpy(float), rtol=1e-9)


def exposed_with(city, units):
    return Exposed(
        city.residents, city.day, city.dwellings, city.sites, city.lines, {"districts": units}
    )


def test_the_limit_of_two_units_counts_once():
    """Hand-worked: home and street on the shared limit x = 10 belong to the first unit."""
    city = exposed(
        [(10, 5)],
        [7.0],
        lines=[LineString([(10, 0), (10, 10)])],
        units={"a": box(0, 0, 10, 10), "b": box(10, 0, 20, 10)},
    )
    found = exposure_by_level(table(zone(box(-5, -5, 25, 25))), city, "districts")
    assert found["people_night_inhab"].to_list() == [7.0, 0.0]
    assert found["roads_km"].to_list() == pytest.approx([0.01, 0.0])
    assert found["area_m2"].to_list() == pytest.approx([100.0, 100.0])


def test_who_stands_in_two_features_counts_once():
    """Hand-worked: two squares of 100 m² share 50 m², 3 people and 5 m of street."""
    zones = table(
        zone(box(0, 0, 10, 10), feature="t1"),
        zone(box(5, 0, 15, 10), feature="t2"),
    )
    street = LineString([(-10, 2), (30, 2)])
    city = exposed([(2, 5), (7, 5), (12, 5), (20, 5)], [1.0, 3.0, 2.0, 9.0], lines=[street])
    row = exposure_table(zones, city).loc["h/b"]
    assert row["people_night_inhab"] == 6.0
    assert row["dwellings"] == 3.0
    assert row["area_m2"] == pytest.approx(150.0)
    assert row["roads_km"] == pytest.approx(0.015)


def test_streets_on_one_another_count_twice():
    """Two layers of one street are two streets: an overlay that dissolves them would lose one."""
    street = LineString([(0, 5), (20, 5)])
    city = exposed([(0, 0)], [1.0], lines=[street, street])
    assert exposure_table(table(zone(box(0, 0, 10, 10))), city)["roads_km"].item() == pytest.approx(
        0.02
    )


def test_a_point_on_the_limit_is_inside():
    city = exposed([(10, 5), (10.001, 5)], [4.0, 8.0])
    assert exposure_table(table(zone(box(0, 0, 10, 10))), city)["people_night_inhab"].item() == 4.0


def test_a_band_without_certain_outline_is_sure_of_nobody_and_without_possible_stops_at_its_line():
    city = exposed([(5, 5)], [4.0], sites=[Point(5, 5)], lines=[LineString([(0, 5), (10, 5)])])
    row = exposure_table(table(zone(box(0, 0, 10, 10))), city).loc["h/b"]
    for measure in ("people_night_inhab", "people_day_inhab", "n_schools", "roads_km", "area_m2"):
        assert row[f"{measure}_low"] == 0
        assert row[f"{measure}_high"] == row[measure] > 0


def test_a_certain_outline_beyond_the_line_is_sure_of_nobody():
    """Hand-worked: nobody who is not even likely inside is surely inside."""
    zones = table(zone(box(0, 0, 10, 10)), zone(box(20, 0, 30, 10), certainty="certain"))
    row = exposure_table(zones, exposed([(5, 5), (25, 5)], [10.0, 4.0])).loc["h/b"]
    assert [row["people_night_inhab_low"], row["people_night_inhab"]] == [0.0, 10.0]


def test_features_without_possible_outline_join_those_with_one():
    """Hand-worked: t1 has line only, t2 has both; high holds t1's line and t2's possible."""
    zones = table(
        zone(box(0, 0, 10, 10), feature="t1"),
        zone(box(20, 0, 30, 10), feature="t2"),
        zone(box(15, 0, 35, 10), feature="t2", certainty="possible"),
    )
    city = exposed([(5, 5), (17, 5), (25, 5)], [1.0, 2.0, 4.0])
    row = exposure_table(zones, city).loc["h/b"]
    assert [row[f"people_night_inhab{end}"] for end in ("_low", "", "_high")] == [0.0, 5.0, 7.0]


def test_the_interval_spans_all_bases_around_the_chosen_first():
    """Hand-worked: certain holds the first home, line two, possible all three."""
    zones = table(
        zone(box(0, 0, 10, 10), certainty="certain"),
        zone(box(0, 0, 20, 10)),
        zone(box(0, 0, 30, 10), certainty="possible"),
    )
    bases = {"chosen": [10.0] * 3, "small": [8.0] * 3, "large": [13.0] * 3}
    day = {name: people([(5, 5)], [3 * n[0]]) for name, n in bases.items()}
    city = exposed([(5, 5), (15, 5), (25, 5)], bases, day=day)
    row = exposure_table(zones, city).loc["h/b"]
    assert [row[f"people_night_inhab{end}"] for end in ("_low", "", "_high")] == [8.0, 20.0, 39.0]
    assert [row[f"people_day_inhab{end}"] for end in ("_low", "", "_high")] == [24.0, 30.0, 39.0]


@pytest.mark.parametrize("seed", range(4))
def test_low_middle_high_keep_their_order_even_for_outlines_out_of_order(seed):
    """Outlines drawn at random, not nested, of bases spread differently."""
    rng = np.random.default_rng(seed)
    zones = [
        zone(
            Point(*rng.uniform(0, 100, 2)).buffer(rng.uniform(5, 60)),
            certainty=certainty,
            feature=f,
        )
        for certainty in CERTAINTIES
        for f in ("t1", "t2")
    ]
    xy = rng.uniform(0, 100, (200, 2))
    bases = {name: rng.uniform(0, 5, 200) for name in ("one", "two", "three")}
    city = exposed(
        xy,
        bases,
        lines=[LineString(rng.uniform(0, 100, (3, 2))) for _ in range(9)],
        sites=shapely.points(xy[:20]),
        units={"a": box(0, 0, 50, 100), "b": box(50, 0, 100, 100)},
    )
    for found in (
        exposure_table(table(*zones), city),
        exposure_by_level(table(*zones), city, "districts"),
    ):
        for low in [column for column in found if column.endswith("_low")]:
            middle, high = low.removesuffix("_low"), low.replace("_low", "_high")
            assert (found[low] <= found[middle]).all()
            assert (found[middle] <= found[high]).all()


@given(st.lists(st.floats(0, 400), min_size=2, max_size=2), st.integers(0, 50))
@settings(max_examples=30, deadline=None)
def test_a_wider_zone_never_holds_less(widths, seed):
    narrow, wide = sorted(widths)
    rng = np.random.default_rng(seed)
    trace = LineString(rng.uniform(0, SIDE_M, (3, 2)))
    city = exposed(
        rng.uniform(0, SIDE_M, (60, 2)),
        np.ones(60),
        lines=[LineString(rng.uniform(0, SIDE_M, (3, 2))) for _ in range(6)],
    )
    rows = [exposure_table(table(zone(trace.buffer(w + 1))), city).iloc[0] for w in (narrow, wide)]
    assert rows[0]["people_night_inhab"] <= rows[1]["people_night_inhab"]
    assert rows[0]["roads_km"] <= rows[1]["roads_km"] * (1 + 1e-12)


WHOLE_NUMBERS = st.tuples(st.integers(0, 8), st.integers(0, 8))


@given(
    st.lists(WHOLE_NUMBERS, min_size=2, max_size=6),
    st.lists(
        st.tuples(WHOLE_NUMBERS, st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=4
    ),
)
@settings(max_examples=150, deadline=None)
def test_cut_streets_equal_shapely_through_corners_and_along_edges(vertices, boxes):
    """Oracle: shapely's intersection; whole numbers make streets meet corners and run on edges."""
    street = LineString(vertices)
    limits = np.array([box(x, y, x + w, y + h) for (x, y), w, h in boxes])
    middle, length_m = cut_lines(np.array([street]), limits)
    steps = [LineString(pair).length for pair in pairwise(vertices)]
    assert length_m.sum() == pytest.approx(sum(steps), abs=1e-9)
    for limit in limits:
        inside = length_m[shapely.intersects_xy(limit, middle)].sum()
        # a street may pass twice over one place, which an overlay dissolves: segment by segment
        segments = [LineString(pair) for pair in pairwise(vertices)]
        closed = sum(limit.intersection(s).length for s in segments)
        along_edge = sum(limit.boundary.intersection(s).length for s in segments)
        assert closed - along_edge - 1e-9 <= inside <= closed + 1e-9


def test_frames_in_another_reference_system_are_refused():
    city = exposed([(5, 5)], [4.0], sites=[Point(5, 5)])
    abroad = {"schools": city.sites["schools"].set_crs("EPSG:32718", allow_override=True)}
    mixed = Exposed(city.residents, city.day, city.dwellings, abroad, city.lines, city.levels)
    with pytest.raises(CrsError, match="schools"):
        exposure_table(table(zone(box(0, 0, 10, 10))), mixed)


def test_inputs_are_left_as_they_were():
    zones, city = random_layout(1)
    before = zones.copy(), city.dwellings.copy(), city.residents["base"].points.copy()
    exposure_by_level(zones, city, "districts")
    pd.testing.assert_frame_equal(pd.DataFrame(zones), pd.DataFrame(before[0]))
    pd.testing.assert_frame_equal(pd.DataFrame(city.dwellings), pd.DataFrame(before[1]))
    pd.testing.assert_frame_equal(
        pd.DataFrame(city.residents["base"].points), pd.DataFrame(before[2])
    )
