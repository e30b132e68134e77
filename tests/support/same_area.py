"""Says that two study areas are equal as whoever opens them sees them: through the door."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.core.layer import RasterLayer
from ilo_geo.core.layer import VectorLayer
from ilo_geo.services.areas import Area

SAID = ("title", "theme", "geometry", "status", "source", "licence", "date", "accuracy_m", "note")


def assert_same_area(found: Area, expected: Area) -> None:
    """Compare ids and their order, descriptions, configuration, and every layer to the bit."""
    assert list(found.catalogue.declared) == list(expected.catalogue.declared)
    assert found.config == expected.config
    assert found.catalogue.themes == expected.catalogue.themes
    for layer_id in expected.catalogue.declared:
        mine, other = found.meta(layer_id), expected.meta(layer_id)
        for name in (*SAID, "columns"):
            assert getattr(mine, name) == getattr(other, name), (layer_id, name)
        assert found.has(layer_id) == expected.has(layer_id), layer_id
        if expected.has(layer_id):
            assert_same_layer(found, expected, layer_id)


def assert_same_layer(found: Area, expected: Area, layer_id: str) -> None:
    """Compare one layer: values, types, order and coordinates."""
    mine, other = found.layer(layer_id), expected.layer(layer_id)
    assert type(mine) is type(other)
    if isinstance(mine, RasterLayer) and isinstance(other, RasterLayer):
        np.testing.assert_array_equal(mine.values, other.values)
        assert mine.transform == other.transform
        assert mine.crs == other.crs
        return
    assert_same_table(mine.data, other.data)
    if isinstance(mine, VectorLayer) and isinstance(other, VectorLayer):
        pd.testing.assert_frame_equal(mine.quality.findings, other.quality.findings)


def assert_same_table(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Compare columns, their types and every value; shapes by their bytes."""
    assert list(found.columns) == list(expected.columns)
    assert type(found) is type(expected)
    plain = [name for name in expected.columns if name != "geometry"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(found[plain]), pd.DataFrame(expected[plain]), check_exact=True
    )
    if isinstance(expected, gpd.GeoDataFrame):
        assert found.crs == expected.crs
        mine = shapely.to_wkb(found.geometry.to_numpy(), include_srid=False)
        other = shapely.to_wkb(expected.geometry.to_numpy(), include_srid=False)
        assert list(mine) == list(other)
