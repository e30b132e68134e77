"""A result as a GeoPackage that QGIS opens with its colours, legend and sources.

QGIS reads the default style of a layer from the table ``layer_styles`` of the same file. Each table
drawn by a scale is categorised by its class column, so a value on a break falls in the same class
as everywhere else; modelled results have dashed outlines. Where a scale tells outlines apart by how
sure they are, the category is class and outline together, and dashes mean the unsure one.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import geopandas as gpd
import pandas as pd

from ilo_geo.core.layer import Status
from ilo_geo.core.scales import CategoryScale
from ilo_geo.core.text import Lang
from ilo_geo.io.legend import AnyScale
from ilo_geo.io.legend import Export
from ilo_geo.io.legend import caption
from ilo_geo.io.legend import class_column
from ilo_geo.io.legend import exported_table
from ilo_geo.io.legend import modelled_note
from ilo_geo.io.legend import provenance_table
from ilo_geo.io.legend import status
from ilo_geo.io.legend import summary_table
from ilo_geo.io.legend import with_index_column
from ilo_geo.io.legend import word
from ilo_geo.io.symbols import BRUSHES
from ilo_geo.io.symbols import Symbol
from ilo_geo.io.symbols import drawn_symbols
from ilo_geo.io.symbols import tint
from ilo_geo.io.vector import write_features

DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
# the newest that QGIS 3.22 reads without a warning
GPKG_VERSION = "1.3"
OUTLINE_WIDTHS_MM = {"thin": "0.26", "solid": "0.3", "thick": "0.7", "dashed": "0.4"}
LINE_WIDTH_MM = "0.5"
LEVELS_OPACITY = "0.75"


def write_gpkg_with_styles(export: Export, path: Path) -> None:
    """Write a layer for each map, the other tables, what they stand on, styles and metadata."""
    result, lang = export.result, export.lang
    sources = provenance_table(result, lang)
    note = modelled_note(result, lang) or ""
    described = _metadata(export, sources)
    styles = []
    for name in result.maps:
        table = exported_table(result, name, export.scales)
        _append(table, path, layer=name, metadata=described)
        qml = qml_style(table, export.scales.get(name), status(result), lang)
        styles.append(style_row(name, table.geometry.name, qml, note))
    for name, plain_table in result.tables.items():
        if name not in result.maps:
            marked = with_index_column(plain_table).assign(status=status(result).value)
            _append(marked, path, layer=name, metadata=described)
    # values of many kinds share a column: as text
    as_text = export.parameters.drop(columns="captioned").astype(str)
    _append(as_text, path, layer="parameters", metadata=described)
    _append(summary_table(result, lang), path, layer="summary", metadata=described)
    _append(sources, path, layer="provenance", metadata=described)
    if styles:
        _append(pd.DataFrame(styles), path, layer="layer_styles", fid="id")


def _metadata(export: Export, sources: pd.DataFrame) -> dict[str, str]:
    """Return what each layer says about itself: title, status, parameters, sources."""
    result, lang, parameters = export.result, export.lang, export.parameters
    origins = {
        f"SOURCE_{row.layer}": f"{row.source} | {row.licence} | {row.date} | {row.status}"
        for row in sources.itertuples()
    }
    note = modelled_note(result, lang)
    about = [note, caption(parameters), *origins.values()]
    return {
        "TITLE": word("analyses", result.analysis, lang),
        # GDAL writes this one into gpkg_contents, where QGIS looks for the abstract
        "DESCRIPTION": "\n".join(line for line in about if line),
        "STATUS": status(result).value,
        "RESULT_SHA256": result.sha256,
        **{f"PARAMETER_{row.name}": str(row.value) for row in parameters.itertuples()},
        **origins,
    }


def qml_style(table: gpd.GeoDataFrame, scale: AnyScale | None, state: Status, lang: Lang) -> str:
    """Return the QGIS style of a table: categorised by ``scale``, or one symbol where it has none.

    ``table`` comes from `exported_table`.
    """
    root = ET.Element("qgis", version="3.22.0", styleCategories="Symbology")
    kind = "categorizedSymbol" if scale else "singleSymbol"
    broken = state is Status.MODELLED
    rows = [symbol for symbol, _ in drawn_symbols(table, scale, lang, broken=broken)]
    # where outlines lie over each other, all fills come first, and the whole lets the map through
    levels = any(row.line != "thin" for row in rows)
    renderer = ET.SubElement(
        root, "renderer-v2", type=kind, symbollevels=str(int(levels)), forceraster="0"
    )
    ET.SubElement(root, "layerOpacity").text = LEVELS_OPACITY if levels else "1"
    if scale:
        renderer.set("attr", _category(scale))
        categories = ET.SubElement(renderer, "categories")
        for number, row in enumerate(rows):
            ET.SubElement(
                categories,
                "category",
                symbol=str(number),
                value=row.id,
                label=row.label,
                render="true",
                type="string",
            )
    symbols = ET.SubElement(renderer, "symbols")
    geometry = str(table.geom_type.iloc[0]) if len(table) else "Polygon"
    for number, row in enumerate(rows):
        _add_symbol(symbols, str(number), geometry, row)
    return f"{DOCTYPE}\n{ET.tostring(root, encoding='unicode')}"


def _category(scale: AnyScale) -> str:
    """Return what QGIS categorises by: the class column, or an expression of class and outline."""
    if isinstance(scale, CategoryScale) and scale.outline_column:
        return f'"{class_column(scale)}" || \'/\' || "{scale.outline_column}"'
    return class_column(scale)


def _add_symbol(symbols: ET.Element, name: str, geometry: str, row: Symbol) -> None:
    """Append a QGIS symbol for the geometry type, in the layout of QGIS 3.22 and later."""
    line_style = "dash" if row.broken or row.line == "dashed" else "solid"
    outline = {
        "outline_color": _rgba(row.edge),
        "outline_style": line_style,
        "outline_width": OUTLINE_WIDTHS_MM[row.line],
        "outline_width_unit": "MM",
    }
    if geometry.endswith("Polygon"):
        kind, layers = "fill", _fill_layers(row, outline)
    elif geometry.endswith("LineString"):
        line = {"line_style": line_style, "line_width": LINE_WIDTH_MM}
        kind, layers = "line", [("SimpleLine", {"line_color": _rgba(row.colour), **line})]
    else:
        point = {"color": _rgba(row.colour), "name": "circle", "size": "2"}
        kind, layers = "marker", [("SimpleMarker", {**point, **outline})]
    symbol = ET.SubElement(symbols, "symbol", type=kind, name=name, alpha="1", clip_to_extent="1")
    for symbol_class, options in layers:
        layer = ET.SubElement(symbol, "layer", {"class": symbol_class}, enabled="1", locked="0")
        edge = len(layers) > 1 and options.get("style") == "no"
        layer.set("pass", str(int(edge)))
        option_map = ET.SubElement(layer, "Option", type="Map")
        for key, value in options.items():
            ET.SubElement(option_map, "Option", type="QString", name=key, value=value)


def _fill_layers(row: Symbol, outline: dict[str, str]) -> list[tuple[str, dict[str, str]]]:
    """Return the layers of an area's symbol: colour, the hatch above it, and the outline."""
    plain = {"color": _rgba(tint(row.colour, row.opacity)), "style": "solid"}
    if row.line == "thin" and not row.pattern:
        return [("SimpleFill", {**plain, **outline})]
    layers = []
    if row.opacity:
        layers.append(("SimpleFill", {**plain, "outline_style": "no"}))
    if row.pattern:
        hatch = {"color": _rgba(row.edge), "style": BRUSHES[row.pattern[0]]}
        layers.append(("SimpleFill", {**hatch, "outline_style": "no"}))
    return [*layers, ("SimpleFill", {"style": "no", **outline})]


def _rgba(colour: str) -> str:
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"


def style_row(table: str, geometry_column: str, qml: str, description: str) -> dict[str, object]:
    """Return a row of ``layer_styles`` in the columns QGIS looks for."""
    return {
        "f_table_catalog": "",
        "f_table_schema": "",
        "f_table_name": table,
        "f_geometry_column": geometry_column,
        "styleName": table,
        "styleQML": qml,
        "styleSLD": "",
        "useAsDefault": True,
        "description": description,
        "owner": "",
        "ui": "",
        # QGIS sorts by it; without the column it ignores every style
        "update_time": pd.NaT,
    }


def _append(
    frame: pd.DataFrame,
    path: Path,
    *,
    layer: str,
    metadata: dict[str, str] | None = None,
    fid: str = "fid",
) -> None:
    """Add a layer or a plain table to the GeoPackage."""
    options = {"FID": fid}
    if isinstance(frame, gpd.GeoDataFrame):
        options["GEOMETRY_NAME"] = str(frame.geometry.name)
    write_features(
        frame,
        path,
        layer=layer,
        layer_options=options,
        dataset_options={"VERSION": GPKG_VERSION},
        metadata=metadata,
    )
