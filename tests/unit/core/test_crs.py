import geopandas as gpd
import pytest
from pyproj import CRS

from ilo_geo.core.crs import require_metric
from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.core.crs import require_true_to_scale
from ilo_geo.core.errors import CrsError


def frame(crs: str | None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy([0], [0]), crs=crs)


@pytest.mark.parametrize("crs", [None, "EPSG:4326", "EPSG:2263"])
def test_degrees_feet_and_nothing_are_refused(crs: str | None) -> None:
    with pytest.raises(CrsError) as caught:
        require_metric(CRS(crs) if crs else None, where="parks")
    assert caught.value.code == "crs.not_metric"
    assert "parks" in str(caught.value)
    assert (crs or "none") in str(caught.value)


def test_the_shared_crs_is_returned_and_absent_inputs_are_ignored() -> None:
    crs = require_same_metric_crs(parks=frame("EPSG:32719"), zones=frame("EPSG:32719"), pets=None)
    assert crs == CRS("EPSG:32719")


def test_mixed_crs_names_both_layers() -> None:
    with pytest.raises(CrsError) as caught:
        require_same_metric_crs(parks=frame("EPSG:32719"), zones=frame("EPSG:31982"))
    assert caught.value.code == "crs.mixed"
    assert {"parks", "zones", "EPSG:32719", "EPSG:31982"} <= set(caught.value.fields.values())


ILO_DEG = (-71.37, -17.70, -71.30, -17.60)


@pytest.mark.parametrize(
    ("code", "bounds_deg"),
    [
        ("EPSG:32719", ILO_DEG),
        ("EPSG:24879", ILO_DEG),
        ("EPSG:32722", (-51.3, -30.3, -51.0, -29.9)),
        # a UTM zone to its very edge at the equator, where it is widest
        ("EPSG:32719", (-72.0, -0.2, -71.9, -0.1)),
        # New Zealand's system is used across the 180° meridian
        ("EPSG:2193", (174.7, -41.4, 174.9, -41.2)),
    ],
)
def test_a_system_true_to_scale_in_the_city_is_kept(code: str, bounds_deg: tuple[float]) -> None:
    assert require_true_to_scale(CRS(code), bounds_deg, where="crs") == CRS(code)


@pytest.mark.parametrize(
    ("code", "bounds_deg"),
    [
        # 1 / cos(17.65°): areas 10 % too large; 34 % in Porto Alegre
        ("EPSG:3857", ILO_DEG),
        ("EPSG:3857", (-51.3, -30.3, -51.0, -29.9)),
        # metric, on another continent; the neighbouring zone is outside its area of use
        ("EPSG:32636", ILO_DEG),
        ("EPSG:32718", ILO_DEG),
        # equal in area, but 0.28 % too long along the parallel in Lisbon
        ("EPSG:3035", (-9.3, 38.6, -9.1, 38.8)),
        # its middle is in order, its corners are not
        ("EPSG:32719", (-78.0, -17.70, -60.0, -17.60)),
    ],
)
def test_a_system_that_distorts_the_city_is_refused(code: str, bounds_deg: tuple[float]) -> None:
    with pytest.raises(CrsError, match=rf"crs: {code} does not fit .* UTM zone") as caught:
        require_true_to_scale(CRS(code), bounds_deg, where="crs")
    assert caught.value.code == "crs.distorts"
