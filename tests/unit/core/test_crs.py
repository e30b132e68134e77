import geopandas as gpd
import pytest
from pyproj import CRS

from ilo_geo.core.crs import require_metric
from ilo_geo.core.crs import require_same_metric_crs
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
