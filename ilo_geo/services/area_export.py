"""Use case: a whole study area leaves as one GeoPackage with a QGIS project, or as a folder.

Both are what `services.area_read_back` reads. Layers go out as they are used now: an imported one
before a fetched one, and so on; what is modelled stays marked so.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import Notice
from ilo_geo.core.schema import GeometryKind
from ilo_geo.core.text import Lang
from ilo_geo.io.area_folder import area_texts
from ilo_geo.io.area_folder import copy_layer
from ilo_geo.io.area_folder import write_area_texts
from ilo_geo.io.area_gpkg import RESERVED_TABLES
from ilo_geo.io.area_gpkg import Grid
from ilo_geo.io.area_gpkg import raw_data
from ilo_geo.io.area_gpkg import synced_once
from ilo_geo.io.area_gpkg import write_grids
from ilo_geo.io.area_gpkg import write_layer
from ilo_geo.io.area_gpkg import write_rows
from ilo_geo.io.area_gpkg import write_texts
from ilo_geo.io.catalogue import LayerSource
from ilo_geo.io.geopackage import style_row
from ilo_geo.io.gpkg_door import is_own
from ilo_geo.io.qgis_project import project_inside
from ilo_geo.io.qgis_project import project_xml
from ilo_geo.io.qgis_project import style_text
from ilo_geo.io.qgis_project import write_project_inside
from ilo_geo.io.workspace import atomic_path
from ilo_geo.services.area_project import SEA_TABLE
from ilo_geo.services.area_project import DrawnLayer
from ilo_geo.services.area_project import area_project
from ilo_geo.services.area_project import layer_abstract
from ilo_geo.services.area_project import layer_parts
from ilo_geo.services.area_project import layer_title
from ilo_geo.services.area_results import add_results
from ilo_geo.services.areas import Area
from ilo_geo.services.basemap import sea
from ilo_geo.services.init_folder import require_replaceable
from ilo_geo.services.init_folder import write_manifest
from ilo_geo.services.map_layers import map_spec

GPKG_SUFFIX = ".gpkg"
PROJECT_SUFFIX = ".qgs"
STYLES_TABLE = "layer_styles"
# QGIS reads these as parts of a source
RESERVED_IN_NAMES = "|?"


@dataclass(frozen=True)
class ExportReport:
    """What was written: its place, the project beside it, its layers, and what to know of it."""

    path: Path
    project: Path | None
    layers: tuple[str, ...]
    notices: tuple[Notice, ...]


def export_area(
    area: Area,
    out: Path,
    *,
    lang: Lang = "es",
    analyses: Sequence[str] = (),
    private: bool = False,
    replace: bool = False,
    progress: Progress = silent,
) -> ExportReport:
    """Write the study area to ``out``: a GeoPackage where it ends in ``.gpkg``, else a folder.

    Parameters
    ----------
    lang
        Language of names and styles in the project.
    analyses
        Analyses whose results, by their default parameters, join a GeoPackage.
    private
        Whether layers whose single features are nobody's to see, such as incidents, go out too.
    replace
        Whether what an export wrote there before may be replaced.

    Raises
    ------
    InputError
        ``out`` is something else, or a layer is faulty.
    WorkspaceError
        The disk refused; what was there is kept.
    """
    is_package = out.suffix.lower() == GPKG_SUFFIX
    if out.suffix and not is_package:
        raise ParameterError(
            "export.unknown_format", found=out.suffix, expected=f"OUT{GPKG_SUFFIX}, a folder"
        )
    if analyses and not is_package:
        raise ParameterError(
            "parameter.invalid", where="--with", found=out.name, expected=f"OUT{GPKG_SUFFIX}"
        )
    if is_package:
        _require_free(out, replace=replace)
    else:
        require_replaceable(out, replace=replace)
    metas, sources, held_back = _going_out(area, private=private)
    progress("progress.layers", 0.0)
    for layer_id in sources:
        if is_package and layer_id.startswith(RESERVED_TABLES):
            raise InputError("export.not_storable", layer=layer_id, found=layer_id)
        # a faulty layer is refused here, in one line, before anything is written
        area.layer(layer_id)
    texts = area_texts(area.catalogue, metas)
    notices = [Notice("export.private", {"layers": ", ".join(held_back)})] if held_back else []
    if is_package:
        results = _Package(area, out, lang, texts, sources, analyses, progress).write(notices)
    else:
        results = ()
        _write_folder(out, texts, sources)
    project = out.with_suffix(PROJECT_SUFFIX) if is_package else None
    return ExportReport(out, project, (*sources, *results), tuple(notices))


def _told_as_text(frame: pd.DataFrame, layer_id: str) -> Iterator[Notice]:
    """Tell of columns that hold what no GeoPackage has, such as lists: they go out as text."""
    mixed = [name for name in frame.columns if frame[name].dtype == object]
    names = [str(n) for n in mixed if not frame[n].dropna().map(type).isin([str, bool]).all()]
    if names:
        yield Notice("export.as_text", {"layer": layer_id, "columns": ", ".join(names)})


def _going_out(
    area: Area, *, private: bool
) -> tuple[dict[str, LayerMeta], dict[str, LayerSource], list[str]]:
    """Return the layers described, those with data, and those held back.

    A modelled layer without data yet is described all the same: the area may report by it.
    """
    metas, sources, held_back = {}, {}, []
    for layer_id in area.catalogue.declared:
        source = area.catalogue.source(layer_id)
        if source is not None and not map_spec(layer_id).drawn and not private:
            held_back.append(layer_id)
            continue
        metas[layer_id] = area.meta(layer_id)
        if source is not None:
            sources[layer_id] = source
    return metas, sources, held_back


def _require_free(out: Path, *, replace: bool) -> None:
    """Refuse a place whose replacement would lose something that an export did not write."""
    if any(character in out.name for character in RESERVED_IN_NAMES):
        raise ParameterError(
            "parameter.invalid", where="OUT", found=out.name, expected="a name without | and ?"
        )
    project = out.with_suffix(PROJECT_SUFFIX)
    for path in (out, project):
        if path.is_dir() or (path.exists() and not replace):
            raise InputError("export.exists", where=str(path))
    if out.exists() and not is_own(out):
        raise InputError("export.foreign", where=str(out))
    if project.exists() and project.read_bytes() != project_inside(out):
        raise InputError("export.foreign", where=str(project))


def _write_folder(out: Path, texts: dict[str, str], sources: dict[str, LayerSource]) -> None:
    with atomic_path(out.resolve()) as temporary:
        temporary.mkdir()
        for layer_id, source in sources.items():
            copy_layer(source, temporary / layer_id)
        write_area_texts(temporary, texts)
        write_manifest(temporary)


@dataclass(frozen=True)
class _Package:
    """A GeoPackage being written."""

    area: Area
    out: Path
    lang: Lang
    texts: dict[str, str]
    sources: dict[str, LayerSource]
    analyses: Sequence[str]
    progress: Progress

    def write(self, notices: list[Notice]) -> tuple[str, ...]:
        """Write the file and the project beside it, both or neither; return the results in it."""
        with (
            atomic_path(self.out.resolve()) as path,
            atomic_path(self.out.with_suffix(PROJECT_SUFFIX).resolve()) as beside,
            synced_once(path),
        ):
            drawn, styles = self._write_layers(path, notices)
            water = sea(self.area)
            if water is not None:
                write_layer(water, path, SEA_TABLE, GeometryKind.POLYGON)
            results = add_results(self.area, path, self.analyses, self.lang, self.progress)
            styles += [result.style for result in results]
            if styles:
                write_rows(pd.DataFrame(styles), path, name=STYLES_TABLE, fid="id")
            write_texts(path, self.texts)
            layers = [result.layer for result in results]
            project = area_project(
                self.area, self.out.name, drawn, layers, self.lang, has_sea=water is not None
            )
            xml = project_xml(project)
            write_project_inside(path, self.out.stem, xml)
            beside.write_text(xml, encoding="utf-8", newline="\n")
        return tuple(f"{layer.analysis}: {layer.table}" for layer in layers)

    def _write_layers(
        self, path: Path, notices: list[Notice]
    ) -> tuple[list[DrawnLayer], list[dict[str, object]]]:
        drawn, styles = [], []
        write_grids(path, dict(self._grids()))
        for done, (layer_id, source) in enumerate(self.sources.items()):
            self.progress("progress.write_layers", done / len(self.sources))
            meta = source.meta
            columns, geometry = list[str](), ""
            if meta.geometry is not GeometryKind.RASTER:
                frame = raw_data(source)
                columns = [str(column) for column in frame.columns]
                notices += _told_as_text(frame, layer_id)
                geometry = write_layer(
                    frame, path, layer_id, meta.geometry, metadata=self._metadata(meta)
                )
            parts = layer_parts(self.area, meta, self.lang, columns)
            drawn.append(DrawnLayer(meta, parts))
            if geometry:
                abstract = layer_abstract(meta, self.lang)
                styles.append(style_row(layer_id, geometry, style_text(parts), abstract))
        return drawn, styles

    def _grids(self) -> Iterator[tuple[str, Grid]]:
        for layer_id, source in self.sources.items():
            if source.meta.geometry is GeometryKind.RASTER:
                layer = self.area.raster(layer_id)
                yield layer_id, Grid(layer.values, layer.transform, layer.crs)

    def _metadata(self, meta: LayerMeta) -> dict[str, str]:
        """Return what a layer says about itself to a program that is not QGIS."""
        return {
            "TITLE": layer_title(meta, self.lang),
            # GDAL writes this one into gpkg_contents, where QGIS looks for the abstract
            "DESCRIPTION": layer_abstract(meta, self.lang),
            "SOURCE": meta.source,
            "LICENCE": meta.licence,
            "DATE": meta.date,
            "STATUS": meta.status.value,
            "ACCURACY_M": "" if meta.accuracy_m is None else f"{meta.accuracy_m:g}",
        }
