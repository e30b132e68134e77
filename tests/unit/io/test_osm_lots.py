"""Open land of OpenStreetMap as lots."""

import numpy as np
import pytest
from shapely import box

from ilo_geo.io.catalogue import layer_schemas
from ilo_geo.io.osm_layers import Features
from ilo_geo.io.osm_layers import lots_of


@pytest.mark.parametrize(
    ("tags", "use"),
    [
        ({"landuse": "brownfield"}, "brownfield"),
        ({"landuse": "meadow", "name": "Campo"}, "meadow"),
        ({"landuse": "residential"}, None),
        ({"leisure": "park"}, None),
    ],
)
def test_open_land_is_a_lot_of_unknown_tenure_and_other_land_is_none(tags, use):
    areas = Features(["way/1"], [tags], np.array([box(0, 0, 1, 1)], dtype=object))
    found = lots_of(areas)
    assert list(found["use"]) == ([use] if use else [])
    assert set(found["tenure"]) <= {"unknown"}
    assert set(layer_schemas()["lots"].columns) <= set(found.columns)
