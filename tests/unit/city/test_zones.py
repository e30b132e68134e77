import geopandas as gpd
import numpy as np
import pytest
import shapely

from ilo_geo.city.zones import facility_zones
from ilo_geo.core.errors import CrsError

CRS = "EPSG:32719"
FOOTPRINT = shapely.union_all(
    [
        shapely.box(0, 0, 1000, 400),
        shapely.box(200, 300, 700, 1200),
        shapely.box(1500, 0, 1800, 300),
    ]
)


def frame(geometry, crs=CRS, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(geometry), crs=crs)


def facilities(seed, count=9):
    xy = np.random.default_rng(seed).uniform([0, 0], [1800, 1200], (count, 2))
    return frame(shapely.points(xy), id=[f"f{n}" for n in range(count)])


@pytest.fixture(params=[1, 2, 3])
def sites(request):
    return facilities(request.param)


@pytest.fixture
def zones(sites):
    return facility_zones(sites, frame([FOOTPRINT]))


def test_together_the_zones_are_the_footprint(zones):
    together = shapely.union_all(zones.geometry)
    assert together.symmetric_difference(FOOTPRINT).area == pytest.approx(0, abs=1e-6)


def test_no_zone_lies_over_another(zones):
    assert zones.area.sum() == pytest.approx(FOOTPRINT.area, rel=1e-12)
    assert shapely.coverage_is_valid(zones.geometry.to_numpy())


def test_every_place_is_in_the_zone_of_its_nearest_facility(sites, zones):
    xy = np.random.default_rng(0).uniform([0, 0], [1800, 1200], (400, 2))
    xy = xy[shapely.contains(FOOTPRINT, shapely.points(xy))]
    places = shapely.get_coordinates(sites.geometry.to_numpy())
    nearest = np.argmin(np.hypot(*(xy[:, None, :] - places).transpose(2, 0, 1)), axis=1)
    inside = [
        zones.geometry.iloc[n].buffer(1e-6).contains(shapely.Point(p))
        for n, p in zip(nearest, xy, strict=True)
    ]
    assert len(xy) > 100
    assert all(inside)


def test_zones_keep_the_index_and_columns_of_the_facilities(sites):
    labelled = sites.set_index(np.arange(9) * 10)
    zones = facility_zones(labelled, frame([FOOTPRINT]))
    assert list(zones.index) == list(labelled.index)
    assert list(zones["id"]) == list(labelled["id"])


def test_mixed_reference_systems_are_refused(sites):
    with pytest.raises(CrsError):
        facility_zones(sites, frame([FOOTPRINT], crs="EPSG:32718"))


def test_a_facility_far_from_the_footprint_has_an_empty_zone():
    sites = frame(shapely.points([(500, 200), (1700, 100), (9000, 9000)]))
    zones = facility_zones(sites, frame([FOOTPRINT]))
    assert list(zones.is_empty) == [False, False, True]
