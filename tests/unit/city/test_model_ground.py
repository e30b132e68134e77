"""Hazards known by the name of a place, laid on three square sectors."""

from types import SimpleNamespace

import geopandas as gpd
import shapely

from ilo_geo.city.model.ground import ground_hazards
from ilo_geo.city.model.parameters import GroundHazard


def hazard(layer, name, level, **where):
    return GroundHazard(layer=layer, name=name, level=level, source="s", level_basis="b", **where)


def test_rows_take_the_sectors_they_name_and_the_rest_takes_the_others():
    squares = [shapely.box(x, 0, x + 10, 10) for x in (0, 10, 20)]
    footprint = gpd.GeoDataFrame({"id": ["a", "b", "c"]}, geometry=squares, crs="EPSG:32719")
    rows = (
        hazard("salt", "west", "medium", sectors=("a", "b")),
        hazard("weak", "east", "high", sectors=("c",)),
        hazard("weak", "others", "low", rest=True),
    )
    layers = ground_hazards(footprint, SimpleNamespace(ground_hazards=rows))
    assert list(layers) == ["salt", "weak"]
    assert layers["salt"].geometry.iloc[0].equals(shapely.box(0, 0, 20, 10))
    weak = layers["weak"].set_index("name")
    assert weak.geometry["east"].equals(squares[2])
    assert weak.geometry["others"].equals(shapely.box(0, 0, 20, 10))
    assert weak["level"].to_dict() == {"east": "high", "others": "low"}
    assert layers["salt"].crs == footprint.crs
