"""Use case: make a study area folder of what is published in PostGIS; whole, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ilo_geo.core.errors import InputError
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.layer import Origin
from ilo_geo.core.layer import Status
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import Notice
from ilo_geo.core.schema import GeometryKind
from ilo_geo.core.text import from_yaml
from ilo_geo.io.catalogue import CATALOGUE_FILE
from ilo_geo.io.catalogue import LAYER_FILE
from ilo_geo.io.catalogue import CatalogueFile
from ilo_geo.io.catalogue import LayerSource
from ilo_geo.io.postgis import connected
from ilo_geo.io.postgis import database_address
from ilo_geo.io.postgis import require_schema_name
from ilo_geo.io.postgis_schema import PublishedLayer
from ilo_geo.io.postgis_schema import read_files
from ilo_geo.io.postgis_schema import read_layer
from ilo_geo.io.vector import read_unchecked
from ilo_geo.io.vector import write_features
from ilo_geo.io.workspace import atomic_path
from ilo_geo.services.init_folder import require_replaceable
from ilo_geo.services.init_folder import write_manifest
from ilo_geo.services.layer_folders import write_description
from ilo_geo.services.postgis_check import frame_differences
from ilo_geo.services.postgis_check import require_publication

# what a database may ask to be written, and where
AREA_PATH = re.compile(r"[a-z][a-z0-9_]*\.yaml|[a-z][a-z0-9_]*/[A-Za-z0-9_-][A-Za-z0-9_.-]*")
FEATURES_FILE, TABLE_FILE = "data.gpkg", "data.csv"


@dataclass(frozen=True)
class FromDatabaseReport:
    """What was written: the folder, rows a layer, and where a file differs from the database."""

    folder: Path
    n_rows: Mapping[str, int]
    differences: tuple[Notice, ...]


def init_from_database(
    folder: Path, schema: str, *, replace: bool = False, progress: Progress = silent
) -> FromDatabaseReport:
    """Write the study area that ``schema`` holds; features as GeoPackage, tables as CSV.

    Every file is read again and compared with the database.

    Raises
    ------
    InputError
        The folder holds something else; there is no such publication or it is not whole.
    DatabaseError
        The database refuses or fails; the folder is as it was.
    """
    require_replaceable(folder, replace=replace)
    n_rows: dict[str, int] = {}
    differences: list[Notice] = []
    with (
        connected(database_address()) as connection,
        atomic_path(folder.resolve()) as temporary,
    ):
        publication = require_publication(connection, require_schema_name(schema))
        files = read_files(connection, publication)
        _require_whole(schema, files, publication.layers)
        _write_files(temporary, schema, files, publication.layers)
        for done, (name, layer) in enumerate(publication.layers.items()):
            progress("progress.read_database", done / len(publication.layers))
            frame = read_layer(connection, publication, layer) if layer.spec else None
            meta = _write_layer(temporary / name, layer.meta, frame)
            if frame is not None:
                n_rows[name] = len(frame)
                written = read_unchecked(LayerSource(meta, temporary / name, Origin.SHIPPED))
                frame = frame.reset_index(drop=True)
                differences += frame_differences(name, written, frame)
        write_manifest(temporary)
    return FromDatabaseReport(folder, n_rows, tuple(differences))


def _require_whole(
    schema: str, files: Mapping[str, bytes], layers: Mapping[str, PublishedLayer]
) -> None:
    """Refuse a publication that lacks a layer which no model computes."""
    missing = [
        name
        for name in _shelf(files).layers
        if name not in layers and _status(files, name) is not Status.MODELLED
    ]
    if missing:
        raise InputError("database.partial", where=schema, found=", ".join(missing))


def _shelf(files: Mapping[str, bytes]) -> CatalogueFile:
    return CatalogueFile.model_validate(from_yaml(files[CATALOGUE_FILE]))


def _status(files: Mapping[str, bytes], layer: str) -> Status:
    return LayerMeta.model_validate(from_yaml(files[f"{layer}/{LAYER_FILE}"])).status


def _write_files(
    folder: Path,
    schema: str,
    files: Mapping[str, bytes],
    layers: Iterable[str],
) -> None:
    for path, content in files.items():
        if not AREA_PATH.fullmatch(path):
            raise InputError("database.bad_path", where=schema, found=repr(path))
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    shelf = _shelf(files)
    brought = tuple(name for name in layers if name not in shelf.layers)
    if brought:
        # a layer that lay in the workspace is one of the folder's own now
        whole = shelf.model_copy(update={"layers": (*shelf.layers, *brought)})
        write_description(folder / CATALOGUE_FILE, whole)


def _write_layer(folder: Path, meta: LayerMeta, frame: pd.DataFrame | None) -> LayerMeta:
    """Write a layer's description and, where it has rows, its data file."""
    folder.mkdir(parents=True, exist_ok=True)
    if frame is not None:
        is_table = meta.geometry is GeometryKind.TABLE
        meta = meta.model_copy(update={"file": TABLE_FILE if is_table else FEATURES_FILE})
        if is_table:
            frame.to_csv(folder / meta.file, index=False)
        else:
            # equal means the same shapes and times as stated, where `write_gpkg` makes them alike
            write_features(
                frame,
                folder / meta.file,
                layer=meta.id,
                layer_options={"SPATIAL_INDEX": "YES"},
                dataset_options={},
                geometry_type="Unknown",
            )
    write_description(folder / LAYER_FILE, meta)
    return meta
