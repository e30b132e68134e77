"""Use case: a study area comes back from what an export wrote, whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ilo_geo.core.errors import InputError
from ilo_geo.core.layer import VectorLayer
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.io.area_folder import area_texts
from ilo_geo.io.area_folder import as_yaml
from ilo_geo.io.area_folder import copy_layer
from ilo_geo.io.area_folder import write_area_texts
from ilo_geo.io.area_folder import write_layer_data
from ilo_geo.io.area_gpkg import read_layer
from ilo_geo.io.area_gpkg import synced_once
from ilo_geo.io.catalogue import LAYER_FILE
from ilo_geo.io.catalogue import LayerSource
from ilo_geo.io.catalogue import load_catalogue
from ilo_geo.io.catalogue import read_descriptions
from ilo_geo.io.gpkg_door import open_texts
from ilo_geo.io.workspace import Workspace
from ilo_geo.io.workspace import atomic_path
from ilo_geo.services.areas import Area
from ilo_geo.services.init_folder import require_replaceable
from ilo_geo.services.init_folder import write_manifest


@dataclass(frozen=True)
class ReadBackReport:
    """What was made: the folder, its CRS, and rows a layer."""

    folder: Path
    crs: str
    n_features: dict[str, int]


def read_back(
    folder: Path, export: Path, *, replace: bool = False, progress: Progress = silent
) -> ReadBackReport:
    """Make a study area folder from an exported folder or GeoPackage.

    Every layer passes the door before the folder takes its place.

    Raises
    ------
    InputError
        ``export`` is no export, is damaged or would write elsewhere, a layer is faulty, or
        ``folder`` holds something else.
    WorkspaceError
        The disk refused; the folder is as it was.
    """
    require_replaceable(folder, replace=replace)
    if not export.exists():
        raise InputError("file.not_found", where=str(export))
    with (
        atomic_path(folder.resolve()) as temporary,
        _said_of(export, temporary),
        synced_once(temporary),
    ):
        temporary.mkdir()
        progress("progress.layers", 0.0)
        if export.is_dir():
            _copy(export, temporary)
        else:
            _unpack(export, temporary, progress)
        report = _checked(temporary, folder)
        write_manifest(temporary)
    return report


def _copy(export: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory() as nothing:
        catalogue = load_catalogue(export, Workspace(Path(nothing)))
        sources = {name: catalogue.source(name) for name in catalogue.declared}
        for name, source in sources.items():
            if source is not None:
                _require_inside(export, source)
                copy_layer(source, target / name)
        metas = {name: catalogue.meta(name) for name in catalogue.declared}
        write_area_texts(target, area_texts(catalogue, metas))


def _require_inside(export: Path, source: LayerSource) -> None:
    """Refuse a link that leads out of the export: it would copy a file of this machine."""
    if not source.path.resolve().is_relative_to(export.resolve()):
        raise InputError("read_back.path", where=str(export), found=repr(source.meta.file))


def _unpack(export: Path, target: Path, progress: Progress) -> None:
    texts, tables = open_texts(export)
    write_area_texts(target, texts)
    metas = read_descriptions(target)
    for done, (name, meta) in enumerate(metas.items()):
        progress("progress.write_layers", done / len(metas))
        data = read_layer(export, meta, tables)
        if data is not None:
            stored = write_layer_data(target / name, meta, data)
            write_area_texts(target, {f"{name}/{LAYER_FILE}": as_yaml(stored)})


def _checked(written: Path, folder: Path) -> ReadBackReport:
    """Read every layer through the door."""
    with tempfile.TemporaryDirectory() as nothing:
        area = Area(load_catalogue(written, Workspace(Path(nothing))))
        n_features = {}
        for name in area.catalogue.declared:
            layer = area.layer(name) if area.has(name) else None
            if isinstance(layer, VectorLayer):
                n_features[name] = layer.quality.n_features
    return ReadBackReport(folder, area.config.crs, n_features)


@contextmanager
def _said_of(export: Path, temporary: Path) -> Iterator[None]:
    """Let an error name the export: the folder being written is gone when it is read."""
    try:
        yield
    except InputError as error:
        said = {
            name: value.replace(str(temporary), str(export)) if isinstance(value, str) else value
            for name, value in error.fields.items()
        }
        raise InputError(error.code, **said) from error
