"""A study area as a folder that lies anywhere: descriptions, and the data files as they are."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import yaml
from pydantic import BaseModel

from ilo_geo.core.layer import LayerMeta
from ilo_geo.io.area_gpkg import Grid
from ilo_geo.io.area_gpkg import LayerData
from ilo_geo.io.area_gpkg import write_layer
from ilo_geo.io.catalogue import AREA_FILE
from ilo_geo.io.catalogue import CATALOGUE_FILE
from ilo_geo.io.catalogue import LAYER_FILE
from ilo_geo.io.catalogue import Catalogue
from ilo_geo.io.catalogue import CatalogueFile
from ilo_geo.io.catalogue import LayerSource
from ilo_geo.io.raster import write_raster

# descriptions of the area that are no layer's: its own folders of YAML, such as a plan's rules
MORE_TEXTS = "*/*.yaml"
VECTOR_FILE = "data.gpkg"
RASTER_FILE = "data.tif"


def area_texts(catalogue: Catalogue, metas: Mapping[str, LayerMeta]) -> dict[str, str]:
    """Return what describes the layers ``metas`` and their area, by path within the folder.

    The model that computes a baseline is not among them: what it computed is data now.
    """
    folder = catalogue.folder
    shelf = CatalogueFile(themes=catalogue.themes, layers=tuple(metas))
    texts = {
        AREA_FILE: (folder / AREA_FILE).read_text(encoding="utf-8"),
        CATALOGUE_FILE: as_yaml(shelf),
    }
    for path in sorted(folder.glob(MORE_TEXTS)):
        if path.name != LAYER_FILE and path.parent.name not in catalogue.declared:
            texts[path.relative_to(folder).as_posix()] = path.read_text(encoding="utf-8")
    return texts | {f"{name}/{LAYER_FILE}": as_yaml(meta) for name, meta in metas.items()}


def as_yaml(content: BaseModel) -> str:
    """Return a description as it is written to disk."""
    plain = content.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False)


def write_area_texts(folder: Path, texts: Mapping[str, str]) -> None:
    """Write descriptions under ``folder``; their paths are past `gpkg_door`, or our own."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def copy_layer(source: LayerSource, folder: Path) -> None:
    """Copy the file of a layer into ``folder``, with those beside it that belong to it."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.folder.glob(f"{source.path.stem}.*")):
        shutil.copyfile(path, folder / path.name)


def write_layer_data(folder: Path, meta: LayerMeta, data: LayerData) -> LayerMeta:
    """Write a layer read from elsewhere into ``folder`` and return its description as it is now."""
    if isinstance(data, Grid):
        meta = meta.model_copy(update={"file": RASTER_FILE, "crs": data.crs.to_string()})
        write_raster(data.cells, data.transform, data.crs, folder / meta.file)
    elif isinstance(data, gpd.GeoDataFrame):
        meta = meta.model_copy(update={"file": VECTOR_FILE})
        write_layer(data, folder / meta.file, meta.id, meta.geometry)
    else:
        _write_csv(data, folder / meta.file)
    return meta


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, encoding="utf-8")
