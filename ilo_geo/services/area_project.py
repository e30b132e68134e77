"""The QGIS project of a study area: groups by theme, layers as the catalogue draws them."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass

from pyproj import CRS
from pyproj import Transformer

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.layer import Status
from ilo_geo.core.schema import GeometryKind
from ilo_geo.core.text import Lang
from ilo_geo.core.units import peru_date
from ilo_geo.hazards.levels import hazard_levels
from ilo_geo.io.area_gpkg import raster_table
from ilo_geo.io.layer_styles import Look
from ilo_geo.io.layer_styles import LookClass
from ilo_geo.io.layer_styles import labelling
from ilo_geo.io.layer_styles import layer_styles
from ilo_geo.io.layer_styles import look_of
from ilo_geo.io.layer_styles import project_word
from ilo_geo.io.layer_styles import relief_pipe
from ilo_geo.io.layer_styles import vector_renderer
from ilo_geo.io.legend import word
from ilo_geo.io.qgis_project import Project
from ilo_geo.io.qgis_project import ProjectGroup
from ilo_geo.io.qgis_project import ProjectLayer
from ilo_geo.io.symbols import BRUSHES
from ilo_geo.services.areas import Area
from ilo_geo.services.map_layers import map_spec

GEOMETRY_NAMES = {
    GeometryKind.POINT: "Point",
    GeometryKind.LINE: "Line",
    GeometryKind.POLYGON: "Polygon",
    GeometryKind.TABLE: "No geometry",
    GeometryKind.RASTER: "Raster",
}
# QGIS replaces ids of less than ten characters
ID_PREFIX = "ilo_geo_layer_"
SEA_TABLE = "ilo_geo_sea"
# scale denominator of zoom 0 of a web map at the equator, pixels of 0.28 mm
ZOOM_0_DENOMINATOR = 559_082_264.0
# the zooms of map_layers.yaml spare a network; a file at hand is drawn from two zooms farther
FARTHER_ZOOMS = 2
LEVELS_OPACITY_RATIO = "0.6"
MARGIN_RATIO = 0.04


@dataclass(frozen=True)
class DrawnLayer:
    """A layer with data and how it is drawn."""

    meta: LayerMeta
    parts: tuple[ET.Element, ...]

    @property
    def is_raster(self) -> bool:
        """Return whether it has cells, not features."""
        return self.meta.geometry is GeometryKind.RASTER


@dataclass(frozen=True)
class ResultLayer:
    """A table of a result in the project: where it lies and how it is drawn."""

    analysis: str
    table: str
    title: str
    geometry: str
    parts: tuple[ET.Element, ...]
    abstract: str


def layer_title(meta: LayerMeta, lang: Lang) -> str:
    """Return the title of a layer, which says where it is modelled."""
    title = meta.title.in_(lang)
    if meta.status is Status.MODELLED:
        return project_word("modelled", lang, title=title)
    return title


def layer_abstract(meta: LayerMeta, lang: Lang) -> str:
    """Return what is to be known of a layer before it is used, one fact a line."""
    facts = [
        meta.note.in_(lang) if meta.note else "",
        f"{word('labels', 'status', lang)}: {word('statuses', meta.status.value, lang)}",
        f"{word('labels', 'source', lang)}: {meta.source}",
        f"{project_word('licence', lang)}: {meta.licence}",
        f"{project_word('date', lang)}: {peru_date(meta.date)}",
    ]
    if meta.accuracy_m is not None:
        facts.append(project_word("accuracy", lang, value=f"{meta.accuracy_m:g}"))
    return "\n".join(filter(None, facts))


def layer_parts(
    area: Area, meta: LayerMeta, lang: Lang, columns: Sequence[str]
) -> tuple[ET.Element, ...]:
    """Return how a layer is drawn: renderer, names and opacity, or the shade of a raster."""
    if meta.geometry is GeometryKind.RASTER:
        return (relief_pipe(),)
    if meta.geometry is GeometryKind.TABLE:
        return ()
    look = _look(meta, columns)
    spec = map_spec(meta.id)
    by_class = spec.overview is not None and look.by is not None
    rest_below = _denominator(area, spec.window_from_zoom) if by_class else None
    modelled = meta.status is Status.MODELLED
    parts = [
        vector_renderer(look, meta.geometry, lang, modelled=modelled, rest_below=rest_below),
        labelling(look),
    ]
    if look.levels:
        opacity = ET.Element("layerOpacity")
        opacity.text = LEVELS_OPACITY_RATIO
        parts.append(opacity)
    return tuple(part for part in parts if part is not None)


def _look(meta: LayerMeta, columns: Sequence[str]) -> Look:
    """Return the look of a layer; what it is told apart by must be among its columns."""
    look = look_of(meta.id, meta.geometry)
    changed: dict[str, object] = {}
    if look.by is not None and look.by not in columns:
        changed["by"] = None
    elif look.levels:
        changed["classes"] = tuple(
            LookClass(
                value=level.id,
                title=level.title,
                fill=level.colour,
                brush=BRUSHES[level.pattern] if level.pattern else None,
            )
            for level in hazard_levels().levels
        )
    if look.label is not None and look.label not in columns:
        changed["label"] = None
    return look.model_copy(update=changed)


def _denominator(area: Area, zoom: int | None) -> float | None:
    """Return the scale from which a layer sent by windows is drawn."""
    if zoom is None:
        return None
    west, south, east, north = city_extent(area)
    to_degrees = Transformer.from_crs(area.crs, DISPLAY_CRS, always_xy=True)
    _, latitude_deg = to_degrees.transform((west + east) / 2, (south + north) / 2)
    shrink = math.cos(math.radians(latitude_deg))
    return ZOOM_0_DENOMINATOR * shrink / 2.0 ** (zoom - FARTHER_ZOOMS)


def city_extent(area: Area) -> tuple[float, float, float, float]:
    """Return where the city is: its finest level, else its population."""
    levels = [level for level in reversed(area.config.levels) if area.has(level)]
    frame = area.frame(levels[0] if levels else "population")
    west, south, east, north = (float(value) for value in frame.total_bounds)
    margin_m = MARGIN_RATIO * max(east - west, north - south)
    return west - margin_m, south - margin_m, east + margin_m, north + margin_m


def area_project(
    area: Area,
    package: str,
    drawn: Sequence[DrawnLayer],
    results: Sequence[ResultLayer],
    lang: Lang,
    *,
    has_sea: bool,
) -> Project:
    """Return the project of a GeoPackage named ``package`` that lies beside it.

    ``drawn`` are the layers with data, first at the bottom.
    """
    layers = {one.meta.id: _project_layer(area, package, one, lang) for one in drawn}
    groups = [_results_group(area, package, results, lang)] if results else []
    order = [leaf.id for group in groups for leaf in _leaves(group)]
    for theme in reversed(area.catalogue.themes):
        members = [layers[x.meta.id] for x in reversed(drawn) if x.meta.theme == theme.id]
        if members:
            groups.append(ProjectGroup(theme.title.in_(lang), tuple(members)))
    order += [layers[x.meta.id].id for x in reversed(drawn) if not x.is_raster]
    if has_sea:
        # over the shaded heights, under everything else
        sea = _sea(area, package, lang)
        groups.append(ProjectGroup(project_word("background", lang), (sea,), expanded=False))
        order.append(sea.id)
    order += [layers[x.meta.id].id for x in reversed(drawn) if x.is_raster]
    return Project(
        title=project_word("project", lang, area=area.config.title.in_(lang)),
        crs=area.crs,
        extent=city_extent(area),
        groups=tuple(groups),
        drawing_order=tuple(order),
        background=layer_styles().ground,
        abstract=_about(drawn, lang),
        lang=lang,
    )


def _about(drawn: Sequence[DrawnLayer], lang: Lang) -> str:
    """Return what the map is made of: what is modelled, and whom it must name."""
    modelled = [x.meta.title.in_(lang) for x in drawn if x.meta.status is Status.MODELLED]
    note = word("labels", "modelled_note", lang).format(layers=", ".join(modelled))
    origins = sorted({f"{x.meta.source} ({x.meta.licence})" for x in drawn})
    sources = f"{word('labels', 'sources', lang)}: {'; '.join(origins)}"
    return "\n".join([note, sources] if modelled else [sources])


def _project_layer(area: Area, package: str, drawn: DrawnLayer, lang: Lang) -> ProjectLayer:
    meta, raster = drawn.meta, drawn.is_raster
    spec = map_spec(meta.id)
    whole = spec.overview is not None
    near = None if whole else _denominator(area, spec.window_from_zoom)
    crs = area.crs if raster else CRS.from_user_input(meta.crs) if meta.crs else None
    return ProjectLayer(
        id=f"{ID_PREFIX}{meta.id}",
        title=layer_title(meta, lang),
        source=_raster_source(package, meta.id) if raster else _source(package, meta.id),
        geometry=GEOMETRY_NAMES[meta.geometry],
        crs=crs,
        parts=drawn.parts,
        visible=raster or look_of(meta.id, meta.geometry).visible,
        max_denominator=near,
        abstract=layer_abstract(meta, lang),
        source_note=meta.source,
        licence=meta.licence,
    )


def _source(package: str, table: str) -> str:
    return f"./{package}|layername={table}"


def _raster_source(package: str, layer_id: str) -> str:
    return f"GPKG:./{package}:{raster_table(layer_id)}"


def _sea(area: Area, package: str, lang: Lang) -> ProjectLayer:
    colour = layer_styles().sea
    look = Look(visible=True, fill=colour, line=colour, width_mm=0.1)
    renderer = vector_renderer(look, GeometryKind.POLYGON, lang, modelled=False)
    return ProjectLayer(
        id=f"{ID_PREFIX}{SEA_TABLE}",
        title=project_word("sea", lang),
        source=_source(package, SEA_TABLE),
        geometry="Polygon",
        crs=area.crs,
        parts=(renderer,),
        visible=True,
    )


def _results_group(
    area: Area, package: str, results: Sequence[ResultLayer], lang: Lang
) -> ProjectGroup:
    by_analysis: dict[str, list[ProjectLayer]] = {}
    for number, result in enumerate(results):
        layer = ProjectLayer(
            id=f"{ID_PREFIX}{result.analysis}_{result.table}",
            title=result.title,
            source=_source(package, f"result_{result.analysis}_{result.table}"),
            geometry=result.geometry,
            crs=area.crs,
            parts=result.parts,
            visible=number == 0,
            abstract=result.abstract,
        )
        by_analysis.setdefault(result.analysis, []).append(layer)
    groups = [
        ProjectGroup(word("analyses", name, lang), tuple(layers))
        for name, layers in by_analysis.items()
    ]
    return ProjectGroup(project_word("results", lang), tuple(groups))


def _leaves(group: ProjectGroup) -> list[ProjectLayer]:
    """Return the layers of a group and of those in it."""
    found: list[ProjectLayer] = []
    for member in group.members:
        found += _leaves(member) if isinstance(member, ProjectGroup) else [member]
    return found
