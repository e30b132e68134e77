"""Which lots are considered, and what joins."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString
from shapely import Polygon
from shapely import box

from ilo_geo.core.errors import InputError
from ilo_geo.green.candidates.land import considered_lots
from ilo_geo.green.candidates.land import measures
from ilo_geo.green.candidates.land import street_blocks

CRS = "EPSG:32719"


def lots(*rows):
    columns = ["id", "block", "tenure", "use", "geometry"]
    return gpd.GeoDataFrame([dict(zip(columns, row, strict=True)) for row in rows], crs=CRS)


def test_lots_that_share_an_edge_join_and_those_that_meet_at_a_corner_do_not():
    found = considered_lots(
        lots(
            ("1", "A", "private", "vacant", box(0, 0, 10, 20)),
            ("2", "A", "private", "vacant", box(10, 0, 20, 20)),
            ("3", "A", "private", "vacant", box(20, 20, 30, 40)),
        ),
        merge=True,
    )
    assert list(found.index) == ["1", "3"]
    assert list(found["lots"]) == ["1, 2", "3"]
    assert found.geometry["1"].symmetric_difference(box(0, 0, 20, 20)).area < 1e-6
    assert found.geometry["3"].equals(box(20, 20, 30, 40))


@pytest.mark.parametrize(
    ("block", "tenure", "use"), [("B", "private", "vacant"), ("A", "unknown", "vacant")]
)
def test_lots_of_another_block_or_owner_stay_apart(block, tenure, use):
    found = considered_lots(
        lots(
            ("1", "A", "private", "vacant", box(0, 0, 10, 20)),
            ("2", block, tenure, use, box(10, 0, 20, 20)),
        ),
        merge=True,
    )
    assert list(found["n_lots"]) == [1, 1]


def test_private_land_in_use_is_not_considered_and_public_land_in_use_is():
    found = considered_lots(
        lots(
            ("1", "A", "private", "residential", box(0, 0, 10, 20)),
            ("2", "A", "public", "school", box(10, 0, 20, 20)),
        ),
        merge=True,
    )
    assert list(found.index) == ["2"]


def test_no_vacant_and_no_public_lot_is_an_error_in_one_line():
    with pytest.raises(InputError) as error:
        considered_lots(lots(("1", "A", "private", "shop", box(0, 0, 9, 9))), merge=True)
    assert error.value.code == "parks.no_lots"


def test_width_of_a_bent_strip_is_its_own_not_that_of_its_box():
    strip = Polygon([(0, 0), (100, 0), (100, 10), (10, 10), (10, 100), (0, 100)])
    found = measures(gpd.GeoDataFrame(geometry=[strip, box(0, 0, 32, 25)], crs=CRS), None)
    # the rectangle of the same area (1,900 m²) and perimeter (400 m)
    assert found["width_m"][0] == pytest.approx(10, abs=0.1)
    assert found["width_m"][1] == pytest.approx(25)
    assert np.isnan(found["slope_ratio"]).all()


def test_blocks_between_streets_lie_half_a_street_inside_them():
    lines = [LineString([(x, -50), (x, 150)]) for x in (0, 100)]
    lines += [LineString([(-50, y), (150, y)]) for y in (0, 100)]
    streets = gpd.GeoDataFrame(geometry=lines, crs=CRS).assign(drive=True)
    found = street_blocks(streets)
    assert len(found) == 1
    assert found.geometry[0].equals(box(6, 6, 94, 94))
    assert found["tenure"][0] == "unknown"
