"""Dasymetric spread: totals are conserved, nobody stands where nobody lives."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from shapely import LineString
from shapely import box

from ilo_geo.city.population import require_apart
from ilo_geo.city.population import spread_residents
from ilo_geo.city.population import unit_inhabitants
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.study_area import PopulationBase
from ilo_geo.core.text import Text

CRS = "EPSG:32719"


def frame(shapes, **columns):
    return gpd.GeoDataFrame(geometry=list(shapes), crs=CRS).assign(**columns)


def base(column="inhab", **more):
    text = Text(es="x", en="x")
    return PopulationBase(id="b", title=text, column=column, source="x", **more)


NO_STREETS = frame([LineString([(-9, -9), (-8, -9)])], walk=True)
NO_BUILDINGS = frame([box(-9, -9, -8, -8)], residential=False, levels=1)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_every_unit_keeps_its_total(seed):
    rng = np.random.default_rng(seed)
    units = frame(box(x, y, x + 100, y + 100) for x in (0, 100) for y in (0, 100, 200))
    inhab = pd.Series(rng.uniform(0, 1000, 6))
    xy = rng.uniform(0, [200, 300], (25, 2))
    houses = frame(
        (box(x, y, x + s, y + s) for (x, y), s in zip(xy, rng.uniform(1, 20, 25), strict=True)),
        residential=rng.random(25) < 0.7,
        levels=rng.choice([1, 2, 5], 25),
    )
    streets = frame(
        [LineString([(0, 150), (90, 150)]), LineString([(150, 0), (150, 99)])], walk=True
    )
    points = spread_residents(units, inhab, houses, streets).points
    summed = points.groupby("unit")["inhab"].sum().reindex(inhab.index, fill_value=0.0)
    np.testing.assert_allclose(summed, inhab, rtol=1e-9)
    holder = units.geometry.loc[points["unit"]]
    assert holder.reset_index(drop=True).covers(points.geometry.reset_index(drop=True)).all()


def test_people_follow_floor_area():
    units = frame([box(0, 0, 100, 100)])
    houses = frame(
        [box(0, 0, 10, 10), box(20, 0, 30, 10), box(40, 0, 60, 10)],
        residential=[True, True, False],
        levels=[1, 3, 9],
    )
    points = spread_residents(units, pd.Series([80.0]), houses, NO_STREETS).points
    assert points["inhab"].tolist() == pytest.approx([20, 60])


def test_without_dwellings_people_stand_along_walkable_streets():
    units = frame([box(0, 0, 100, 100)])
    streets = frame(
        [LineString([(0, 10), (100, 10)]), LineString([(0, 90), (100, 90)])], walk=[True, False]
    )
    residents = spread_residents(units, pd.Series([50.0]), NO_BUILDINGS, streets)
    assert set(residents.points.geometry.y) == {10}
    assert residents.placed_on_inhab("street") == pytest.approx(50)


def test_without_streets_people_stand_on_dry_land():
    units = frame([box(0, 0, 100, 100)])
    sea = frame([box(-10, 20, 110, 110)])
    residents = spread_residents(units, pd.Series([7.0]), NO_BUILDINGS, NO_STREETS, sea)
    assert residents.placed_on_inhab("unit") == pytest.approx(7)
    assert residents.points.geometry.y.iloc[0] < 20


def test_a_stated_total_is_spread_in_the_proportions_of_its_column():
    units = frame([box(0, 0, 1, 1), box(1, 0, 2, 1)], inhab=[300.0, 100.0])
    assert unit_inhabitants(units, base(total_inhab=200)).tolist() == [150, 50]


def test_all_bad_rows_are_named_at_once():
    units = frame([box(0, 0, 1, 1)] * 4, inhab=[5, np.nan, -3, 2.0])
    with pytest.raises(SchemaError) as caught:
        unit_inhabitants(units, base())
    assert "no value in row 1" in str(caught.value)
    assert "below 0 in row 2" in str(caught.value)


def test_missing_column_names_what_was_found():
    with pytest.raises(SchemaError, match="column 'inhab' is missing"):
        unit_inhabitants(frame([box(0, 0, 1, 1)], people=3), base())


def test_nobody_anywhere_is_refused():
    with pytest.raises(InputError, match="no unit has inhabitants"):
        unit_inhabitants(frame([box(0, 0, 1, 1)], inhab=0.0), base())


def test_overlapping_units_are_refused_pair_by_pair():
    units = frame([box(0, 0, 10, 10), box(5, 0, 15, 10), box(10, 20, 20, 30)], inhab=1.0)
    with pytest.raises(SchemaError, match="rows 0 and 1 overlap by 50 m2"):
        require_apart(units)


def test_neighbours_that_share_a_limit_are_no_overlap():
    require_apart(frame([box(0, 0, 10, 10), box(10, 0, 20, 10), box(9.99, 10, 20, 20)]))
