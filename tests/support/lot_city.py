"""The small city by the sea with a lot left vacant in every third block."""

from __future__ import annotations

from pathlib import Path

import coast_city
import geopandas as gpd
import numpy as np
import small_city
import yaml
from shapely import box

SIDE_M = 40.0


def lots() -> gpd.GeoDataFrame:
    """Return square lots, by turns public and private."""
    grid = np.arange(0, small_city.SIZE_M, 300)
    corners = [(x + 50, y + 50) for x in grid for y in grid]
    squares = [box(*small_city._at(x, y, x + SIDE_M, y + SIDE_M)) for x, y in corners]
    tenure = ["public" if n % 2 else "private" for n in range(len(squares))]
    ids = [f"l{n:02}" for n in range(len(squares))]
    return small_city._frame(squares, id=ids, tenure=tenure, use="vacant")


def write_lot_city(folder: Path) -> Path:
    """Write the study area and return its folder."""
    coast_city.write_coast_city(folder)
    small_city._describe(folder, "lots", "polygon", "data.gpkg")
    lots().to_file(folder / "lots" / "data.gpkg", driver="GPKG")
    catalogue = folder / "catalogue.yaml"
    listed = yaml.safe_load(catalogue.read_text(encoding="utf-8"))
    listed["layers"] = [*listed["layers"], "lots"]
    small_city._write(catalogue, listed)
    return folder
