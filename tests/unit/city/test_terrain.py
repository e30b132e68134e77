import geopandas as gpd
import numpy as np
import pytest
import shapely

from ilo_geo.city.terrain import slope_ratio
from ilo_geo.city.terrain import terrain_from_spot_heights
from ilo_geo.city.terrain import values_at
from ilo_geo.core.errors import CrsError

CRS = "EPSG:32719"
LAND = shapely.box(0, 0, 900, 600)


def frame(geometry, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(geometry), crs=CRS)


def terrain(xy, heights_m, land=LAND):
    spot_heights = frame(shapely.points(xy), elevation_m=heights_m)
    coastline = frame([shapely.LineString([(0, -300), (0, 900)])])
    return terrain_from_spot_heights(
        spot_heights, coastline, frame([land]), cell_m=30, coast_spacing_m=100
    )


def random_places(seed):
    corners = [(1000, -300), (1000, 900)]
    return np.vstack(
        [np.random.default_rng(seed).uniform([20, -300], [1000, 900], (60, 2)), corners]
    )


def centres(values, transform):
    rows, cols = np.indices(values.shape)
    return transform @ (cols + 0.5, rows + 0.5)


def test_a_plane_that_is_zero_on_the_coast_comes_back_exactly():
    places = random_places(1)
    values, transform = terrain(places, 0.1 * places[:, 0])
    x, _ = centres(values, transform)
    assert values.shape == (20, 30)
    np.testing.assert_allclose(values, 0.1 * x, atol=1e-9)


def test_slope_of_that_plane_is_its_gradient():
    places = random_places(2)
    values, _ = terrain(places, 0.1 * places[:, 0])
    np.testing.assert_allclose(slope_ratio(values, cell_m=30), 0.1, atol=1e-9)


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_no_pit_or_peak_appears_that_nobody_measured(seed):
    heights_m = np.random.default_rng(seed).uniform(-20, 200, 62)
    values, _ = terrain(random_places(seed), heights_m)
    assert values.min() >= 0
    assert values.max() <= heights_m.max()


def test_the_sea_has_no_value_and_the_land_has_no_hole():
    land = shapely.box(0, 0, 900, 600)
    places = random_places(6)
    values, transform = terrain(
        places, np.full(62, 50.0), land.union(shapely.box(-300, 0, -200, 90))
    )
    x, y = centres(values, transform)
    on_land = (x > 0) | ((x > -300) & (x < -200) & (y < 90))
    np.testing.assert_array_equal(np.isnan(values), ~on_land)


def test_heights_fall_to_the_coast():
    values, transform = terrain(random_places(7), np.full(62, 50.0))
    x, _ = centres(values, transform)
    first_metres = values[x < 30]
    assert first_metres.max() < 50
    assert first_metres.mean() < values[x > 300].mean()


def test_values_at_reads_the_cell_under_each_point():
    values, transform = terrain(random_places(8), np.arange(62.0))
    places = np.random.default_rng(9).uniform([1, 1], [899, 599], (50, 2))
    west, north = transform.c, transform.f
    expected = [values[int((north - y) // 30), int((x - west) // 30)] for x, y in places]
    found = values_at(gpd.GeoSeries(shapely.points(places)), values, transform)
    np.testing.assert_array_equal(found, expected)


def test_a_point_off_the_grid_has_no_value():
    values, transform = terrain(random_places(8), np.arange(62.0))
    off = gpd.GeoSeries([shapely.Point(-5000, 0), shapely.Point(0, 5000)])
    assert np.isnan(values_at(off, values, transform)).all()


def test_mixed_reference_systems_are_refused():
    heights = frame([shapely.Point(1, 1)], elevation_m=[1.0])
    coast = frame([shapely.LineString([(0, 0), (0, 1)])]).set_crs(32718, allow_override=True)
    with pytest.raises(CrsError):
        terrain_from_spot_heights(heights, coast, frame([LAND]))
