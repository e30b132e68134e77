from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.security.visibility import MaskedArea
from ilo_geo.security.visibility import masked_area
from ilo_geo.security.visibility import visibility_polygons

RANGE_M = 60.0
CRS = "EPSG:32719"


def mask(homes: gpd.GeoSeries, near_m: float = 30.0, depth_m: float = 0.5) -> MaskedArea:
    seen = visibility_polygons(np.zeros((1, 2)), homes, range_m=RANGE_M)[0]
    return masked_area(seen, (0, 0), homes, recognition_range_m=near_m, depth_m=depth_m)


def series(*shapes: shapely.Geometry, names: str = "abcdefgh") -> gpd.GeoSeries:
    return gpd.GeoSeries(list(shapes), index=list(names[: len(shapes)]), crs=CRS)


def test_the_facade_seen_is_masked_by_a_strip_of_the_depth() -> None:
    found = mask(series(shapely.box(-5, 20, 5, 28)))
    (row,) = found.dwellings.itertuples()
    assert row.Index == "a"
    assert row.facade_m == pytest.approx(10, abs=0.01)
    assert row.nearest_m == pytest.approx(20, abs=0.01)
    assert row.masked_area_m2 == pytest.approx(10 * 0.5, abs=0.02)
    half_deg = np.degrees(np.arctan2(5, 20))
    assert row.bearing_from_deg == pytest.approx(360 - half_deg, abs=0.05)
    assert row.bearing_to_deg == pytest.approx(half_deg, abs=0.05)


def test_what_is_masked_counts_nothing_and_nothing_else_is_lost() -> None:
    homes = series(shapely.box(-5, 20, 5, 28), shapely.box(8, -4, 16, 4))
    seen = visibility_polygons(np.zeros((1, 2)), homes, range_m=RANGE_M)[0]
    found = mask(homes)
    assert found.masked.area > 5
    assert found.open.intersection(found.masked).area < 1e-9
    assert found.open.area + found.masked.area == pytest.approx(seen.area)


def test_a_house_beyond_recognition_or_hidden_by_another_is_not_masked() -> None:
    near, hidden, far = (shapely.box(-5, y, 5, y + 4) for y in (20, 25, -50))
    assert list(mask(series(near, hidden, far)).dwellings.index) == ["a"]


def test_without_dwellings_nothing_is_masked() -> None:
    found = mask(series())
    assert found.masked.is_empty
    assert found.dwellings.empty
    assert list(found.dwellings.columns)[:2] == ["facade_m", "nearest_m"]
    assert found.open.area == pytest.approx(np.pi * RANGE_M**2)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**9))
def test_every_masked_place_lies_within_the_depth_of_a_facade_in_sight(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corners = rng.uniform(-40, 30, (6, 2))
    shapes = shapely.box(*corners.T, *(corners + rng.uniform(3, 12, (6, 2))).T)
    homes = series(*shapes)
    seen = visibility_polygons(np.zeros((1, 2)), homes, range_m=RANGE_M)[0]
    found = mask(homes)
    city = shapely.union_all(shapes)
    assert found.masked.difference(seen.buffer(1e-9)).area < 1e-6
    assert found.masked.difference(city.buffer(0.5 + 1e-6, join_style="mitre")).area < 1e-3
    # and a metre from every wall nothing is masked
    assert found.open.intersection(seen.difference(city.buffer(1))).area == pytest.approx(
        seen.difference(city.buffer(1)).area
    )
