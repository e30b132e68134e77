"""Writes a QGIS project: its tree of groups, its layers and where it opens.

Sources are relative to the project, so the folder may be carried anywhere. The same text lies
beside a GeoPackage as ``.qgs`` and, zipped, in its table ``qgis_projects``, which QGIS opens as
``geopackage:FILE?projectName=NAME``. Read by QGIS 3.22 and later.
"""

from __future__ import annotations

import io
import sqlite3
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pyproj import CRS

DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
QGIS_VERSION = "3.22.0"
# the number QGIS writes for blending by multiplication
MULTIPLY = "6"
# a zip carries the time of its entries; a fixed one keeps equal content equal to the byte
ZIP_TIME = (2000, 1, 1, 0, 0, 0)
PROJECTS_TABLE = "CREATE TABLE qgis_projects(name TEXT PRIMARY KEY, metadata BLOB, content BLOB)"


@dataclass(frozen=True)
class ProjectLayer:
    """One layer of a project.

    Attributes
    ----------
    id
        At least ten characters: QGIS gives shorter ones an id of its own.
    parts
        What is drawn how: renderer and labels of features, or the pipe of a raster.
    geometry
        ``Point``, ``Line``, ``Polygon``, ``No geometry`` or ``Raster``.
    max_denominator
        Largest scale denominator at which it is drawn; at any scale where None.
    """

    id: str
    title: str
    source: str
    geometry: str
    crs: CRS | None
    parts: tuple[ET.Element, ...] = ()
    visible: bool = False
    max_denominator: float | None = None
    abstract: str = ""
    source_note: str = ""
    licence: str = ""


@dataclass(frozen=True)
class ProjectGroup:
    """A group of the tree: layers and groups, uppermost first."""

    title: str
    members: tuple[ProjectLayer | ProjectGroup, ...]
    expanded: bool = True


@dataclass(frozen=True)
class Project:
    """A project: what it is called, where it opens, and what it shows, uppermost first.

    ``drawing_order`` names the layers as they lie over each other, whatever their groups.
    """

    title: str
    crs: CRS
    extent: tuple[float, float, float, float]
    groups: tuple[ProjectGroup, ...]
    drawing_order: tuple[str, ...]
    background: str
    abstract: str = ""
    lang: str = "es"


def project_xml(project: Project) -> str:
    """Return the project as the text of a ``.qgs``."""
    root = ET.Element("qgis", version=QGIS_VERSION, projectname=project.title)
    ET.SubElement(root, "homePath", path="")
    ET.SubElement(root, "title").text = project.title
    ET.SubElement(root, "projectCrs").append(_crs(project.crs))
    tree = ET.SubElement(root, "layer-tree-group")
    layers: list[ProjectLayer] = []
    for group in project.groups:
        _add_group(tree, group, layers)
    drawn = ET.SubElement(tree, "custom-order", enabled="1")
    for layer_id in project.drawing_order:
        ET.SubElement(drawn, "item").text = layer_id
    canvas = ET.SubElement(root, "mapcanvas", name="theMapCanvas")
    ET.SubElement(canvas, "units").text = "meters"
    _add_extent(canvas, project.extent)
    ET.SubElement(canvas, "destinationsrs").append(_crs(project.crs))
    known = ET.SubElement(root, "projectlayers")
    for layer in layers:
        known.append(_map_layer(layer))
    order = ET.SubElement(root, "layerorder")
    for layer_id in project.drawing_order:
        ET.SubElement(order, "layer", id=layer_id)
    _add_properties(root, project)
    _add_view(root, project)
    return f"{DOCTYPE}\n{ET.tostring(root, encoding='unicode')}"


def _add_group(parent: ET.Element, group: ProjectGroup, layers: list[ProjectLayer]) -> None:
    """Append a group and what is in it; its layers join ``layers``, uppermost first."""
    said = {"name": group.title, "checked": "Qt::Checked", "expanded": str(int(group.expanded))}
    element = ET.SubElement(parent, "layer-tree-group", said)
    for member in group.members:
        if isinstance(member, ProjectGroup):
            _add_group(element, member, layers)
            continue
        layers.append(member)
        leaf = {
            "id": member.id,
            "name": member.title,
            "source": member.source,
            "providerKey": _provider(member),
            "checked": "Qt::Checked" if member.visible else "Qt::Unchecked",
            "expanded": "0",
        }
        ET.SubElement(element, "layer-tree-layer", leaf)


def _provider(layer: ProjectLayer) -> str:
    return "gdal" if layer.geometry == "Raster" else "ogr"


def _map_layer(layer: ProjectLayer) -> ET.Element:
    raster = layer.geometry == "Raster"
    element = ET.Element("maplayer", type="raster" if raster else "vector")
    if not raster:
        element.set("geometry", layer.geometry)
    labelled = any(part.tag == "labeling" for part in layer.parts)
    element.set("labelsEnabled", str(int(labelled)))
    if layer.max_denominator is not None:
        element.set("hasScaleBasedVisibilityFlag", "1")
        element.set("minScale", f"{layer.max_denominator:.0f}")
        element.set("maxScale", "0")
    ET.SubElement(element, "id").text = layer.id
    ET.SubElement(element, "datasource").text = layer.source
    ET.SubElement(element, "layername").text = layer.title
    if layer.crs is not None:
        ET.SubElement(element, "srs").append(_crs(layer.crs))
    element.append(_described(layer))
    ET.SubElement(element, "provider", encoding="UTF-8").text = _provider(layer)
    for part in layer.parts:
        element.append(part)
    if raster:
        ET.SubElement(element, "blendMode").text = MULTIPLY
    return element


def _described(layer: ProjectLayer) -> ET.Element:
    """Return what the layer says about itself in its properties."""
    about = ET.Element("resourceMetadata")
    ET.SubElement(about, "identifier").text = layer.id
    ET.SubElement(about, "type").text = "dataset"
    ET.SubElement(about, "title").text = layer.title
    ET.SubElement(about, "abstract").text = layer.abstract
    if layer.source_note:
        ET.SubElement(about, "rights").text = layer.source_note
    if layer.licence:
        ET.SubElement(about, "license").text = layer.licence
    return about


def _crs(crs: CRS) -> ET.Element:
    """Return a reference system by its code where it has one, and always by its text."""
    element = ET.Element("spatialrefsys")
    ET.SubElement(element, "wkt").text = crs.to_wkt()
    authority = crs.to_authority()
    if authority is not None:
        ET.SubElement(element, "authid").text = ":".join(authority)
    return element


def _add_extent(parent: ET.Element, extent: tuple[float, float, float, float]) -> None:
    element = ET.SubElement(parent, "extent")
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), extent, strict=True):
        ET.SubElement(element, name).text = repr(float(value))


def _add_properties(root: ET.Element, project: Project) -> None:
    properties = ET.SubElement(root, "properties")
    gui = ET.SubElement(properties, "Gui")
    for part, at in (("Red", 1), ("Green", 3), ("Blue", 5)):
        element = ET.SubElement(gui, f"CanvasColor{part}Part", type="int")
        element.text = str(int(project.background[at : at + 2], 16))
    # without it QGIS leaves the project without a reference system
    systems = ET.SubElement(properties, "SpatialRefSys")
    ET.SubElement(systems, "ProjectionsEnabled", type="int").text = "1"
    paths = ET.SubElement(properties, "Paths")
    ET.SubElement(paths, "Absolute", type="bool").text = "false"


def _add_view(root: ET.Element, project: Project) -> None:
    about = ET.SubElement(root, "projectMetadata")
    ET.SubElement(about, "language").text = project.lang
    ET.SubElement(about, "title").text = project.title
    ET.SubElement(about, "abstract").text = project.abstract
    view = ET.SubElement(root, "ProjectViewSettings", UseProjectScales="0", rotation="0")
    names = ("xmin", "ymin", "xmax", "ymax")
    bounds = {n: repr(float(v)) for n, v in zip(names, project.extent, strict=True)}
    ET.SubElement(view, "DefaultViewExtent", bounds).append(_crs(project.crs))


def style_text(parts: Sequence[ET.Element]) -> str:
    """Return how a layer is drawn as the text of a style file (``.qml``)."""
    root = ET.Element("qgis", version=QGIS_VERSION, styleCategories="Symbology|Labeling")
    root.set("labelsEnabled", str(int(any(part.tag == "labeling" for part in parts))))
    root.extend(parts)
    return f"{DOCTYPE}\n{ET.tostring(root, encoding='unicode')}"


def project_inside(path: Path) -> bytes | None:
    """Return the text of the project in a GeoPackage, or None where there is none."""
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            (content,) = database.execute("SELECT content FROM qgis_projects").fetchone()
        with zipfile.ZipFile(io.BytesIO(bytes.fromhex(content))) as archive:
            return archive.read(archive.namelist()[0])
    except (sqlite3.Error, zipfile.BadZipFile, TypeError, ValueError):
        return None


def write_project_inside(path: Path, name: str, xml: str) -> None:
    """Put a project into a GeoPackage, where QGIS finds it by ``name``.

    Raises
    ------
    OSError
        The disk refused.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo(f"{name}.qgs", ZIP_TIME)
        archive.writestr(entry, xml.encode("utf-8"), zipfile.ZIP_DEFLATED)
    content = packed.getvalue().hex()
    try:
        with closing(sqlite3.connect(path)) as database, database:
            database.execute(PROJECTS_TABLE)
            database.execute("INSERT INTO qgis_projects VALUES (?, '{}', ?)", (name, content))
    except sqlite3.Error as error:
        raise OSError(str(error)) from error
