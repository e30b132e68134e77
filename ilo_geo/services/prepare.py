"""Prepares the modelled baseline of a study area in the workspace, once for the same inputs."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
from pydantic import ValidationError
from pyproj import CRS

from ilo_geo.city.model.parameters import MODEL_VERSION
from ilo_geo.city.model.parameters import CityModel
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.layer import Origin
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.text import from_yaml
from ilo_geo.io.catalogue import Catalogue
from ilo_geo.io.catalogue import LayerSource
from ilo_geo.io.raster import write_raster
from ilo_geo.io.vector import file_sha256
from ilo_geo.io.vector import read_table
from ilo_geo.io.vector import read_vector
from ilo_geo.io.vector import write_gpkg
from ilo_geo.io.workspace import atomic_path

if TYPE_CHECKING:
    from ilo_geo.city.model.build import City
    from ilo_geo.city.model.footprint import Anchors

CITY_MODEL_FILE = "city_model.yaml"
STAMP_FILE = "stamp.txt"
LOCK = "baseline"
TABLE_ANCHOR = "neighbourhoods"
ANCHORS = (
    "districts",
    "coastline",
    "river",
    "spot_heights",
    "settlements",
    "places",
    "health",
    "fuel_stations",
)


def baseline_is_ready(catalogue: Catalogue) -> bool:
    """Return whether the workspace holds the baseline of these very inputs.

    An area without ``city_model.yaml`` has no modelled layers and is ready as it is.
    """
    if not _model_path(catalogue).is_file():
        return True
    stamp = _baseline_dir(catalogue) / STAMP_FILE
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == _stamp(catalogue)


def prepare_baseline(catalogue: Catalogue, *, progress: Progress = silent) -> None:
    """Compute the modelled layers of the area and write them, all or none.

    A second call with the same inputs does nothing; two processes at once take turns, and the one
    that waited finds the work done.

    Raises
    ------
    WorkspaceError
        The disk refused or another process holds the workspace; what was there is kept.
    SchemaError
        ``city_model.yaml`` or a layer the model stands on is faulty.
    """
    if baseline_is_ready(catalogue):
        return
    with catalogue.workspace.lock(LOCK):
        if baseline_is_ready(catalogue):
            return
        # the model and its interpolation are heavy to import and needed once
        from ilo_geo.city.model.build import build_city

        stamp = _stamp(catalogue)
        city = build_city(_anchors(catalogue), city_model(catalogue), progress=progress)
        progress("progress.write_layers", 0.8)
        with atomic_path(_baseline_dir(catalogue)) as folder:
            _write(city, folder, CRS.from_user_input(catalogue.area.crs))
            (folder / STAMP_FILE).write_text(stamp, encoding="utf-8")
    progress("progress.write_layers", 1.0)


def city_model(catalogue: Catalogue) -> CityModel:
    """Return the parameters of the area's modelled city."""
    path = _model_path(catalogue)
    try:
        return CityModel.model_validate(from_yaml(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise SchemaError("catalogue.invalid", where=str(path), faults=faults) from error


def _anchors(catalogue: Catalogue) -> Anchors:
    crs = CRS.from_user_input(catalogue.area.crs)
    frames: dict[str, gpd.GeoDataFrame] = {
        layer: read_vector(_shipped(catalogue, layer), crs).data for layer in ANCHORS
    }
    from ilo_geo.city.model.footprint import Anchors

    names = read_table(_shipped(catalogue, TABLE_ANCHOR)).data
    return Anchors(**frames, neighbourhoods=names)


def _shipped(catalogue: Catalogue, layer_id: str) -> LayerSource:
    """Return the shipped data: a municipal import must not change a model drawn on other data."""
    return next(s for s in catalogue.sources(layer_id) if s.origin is Origin.SHIPPED)


def _write(city: City, folder: Path, crs: CRS) -> None:
    for layer, frame in city.frames.items():
        write_gpkg(frame, folder / layer / "data.gpkg", layer=layer)
    write_raster(city.terrain_m, city.terrain_transform, crs, folder / "terrain" / "data.tif")


def _stamp(catalogue: Catalogue) -> str:
    """Return a fingerprint of everything the baseline depends on."""
    paths = [_shipped(catalogue, layer).path for layer in (*ANCHORS, TABLE_ANCHOR)]
    parts = [MODEL_VERSION, *(file_sha256(path) for path in (_model_path(catalogue), *paths))]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def _model_path(catalogue: Catalogue) -> Path:
    return catalogue.folder / CITY_MODEL_FILE


def _baseline_dir(catalogue: Catalogue) -> Path:
    return catalogue.workspace.layer_dir(catalogue.workspace_id, Origin.BASELINE, "x").parent
