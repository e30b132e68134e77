"""Files of others as the tests read them, and the one line that refuses them."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from ilo_geo.core.errors import InputError
from ilo_geo.io.municipal.reading import RawRows
from ilo_geo.io.municipal.reading import read_rows


def read(path: Path) -> RawRows:
    return read_rows(path, name=path.name)


def refused(path: Path, match: str) -> str:
    """Return the line that says why; it names the file and no folder of this machine."""
    with pytest.raises(InputError, match=match) as caught:
        read(path)
    for line in (caught.value.text("es"), caught.value.text("en")):
        assert "\n" not in line
        assert str(path.parent) not in line
        assert "/tmp" not in line  # noqa: S108 - looked for, not used
    return str(caught.value)


def points(n: int = 2, **columns: object) -> gpd.GeoDataFrame:
    geometry = [shapely.Point(-71.33, -17.64)] * n
    return gpd.GeoDataFrame(columns or {"name": ["a"] * n}, geometry=geometry, crs=4326)
