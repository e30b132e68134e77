"""Writes one layer as the folder that a study area reads: its description and its data."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import geopandas as gpd
import pandas as pd
from pydantic import BaseModel

from ilo_geo.core.layer import LayerMeta
from ilo_geo.io.area_folder import as_yaml
from ilo_geo.io.catalogue import LAYER_FILE
from ilo_geo.io.dem import Dem
from ilo_geo.io.raster import write_raster
from ilo_geo.io.vector import write_gpkg
from ilo_geo.io.vector import write_table

LayerData: TypeAlias = gpd.GeoDataFrame | pd.DataFrame | Dem


def data_file(data: LayerData) -> str:
    """Return the name of the file that such data are written to."""
    if isinstance(data, Dem):
        return "data.tif"
    return "data.gpkg" if isinstance(data, gpd.GeoDataFrame) else "data.csv"


def write_layer(folder: Path, meta: LayerMeta, data: LayerData) -> None:
    """Write a layer's data and its description into ``folder``."""
    path = folder / meta.file
    if isinstance(data, Dem):
        write_raster(data.elevation_m, data.transform, data.crs, path)
    elif isinstance(data, gpd.GeoDataFrame):
        write_gpkg(data, path, layer=meta.id)
    else:
        write_table(data, path)
    write_description(folder / LAYER_FILE, meta)


def write_description(path: Path, content: BaseModel) -> None:
    """Write a description as YAML, what is usual left out."""
    path.write_text(as_yaml(content), encoding="utf-8")
