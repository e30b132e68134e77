"""A result as a GeoPackage that QGIS opens with its colours, legend and sources.

QGIS reads the default style of a layer from the table ``layer_styles`` of the same file. Each table
drawn by a scale is categorised by its class column, so a value on a break falls in the same class
as everywhere else; modelled results have dashed outlines.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import geopandas as gpd
import pandas as pd

from ilo_geo.core.layer import Status
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.scales import Scale
from ilo_geo.core.text import Lang
from ilo_geo.io.legend import LegendRow
from ilo_geo.io.legend import Scales
from ilo_geo.io.legend import caption
from ilo_geo.io.legend import class_column
from ilo_geo.io.legend import exported_table
from ilo_geo.io.legend import legend_rows
from ilo_geo.io.legend import modelled_note
from ilo_geo.io.legend import provenance_table
from ilo_geo.io.legend import status
from ilo_geo.io.legend import summary_table
from ilo_geo.io.legend import with_index_column
from ilo_geo.io.legend import word
from ilo_geo.io.vector import write_features

DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
# the newest that QGIS 3.22 reads without a warning
GPKG_VERSION = "1.3"
PLAIN_COLOUR = "#7FA37A"
OUTLINE_COLOUR = "#4D4D4D"
OUTLINE_WIDTH_MM = "0.26"


def write_gpkg_with_styles(
    result: AnalysisResult, path: Path, lang: Lang, scales: Scales, parameters: pd.DataFrame
) -> None:
    """Write a layer for each map, the other tables, what they stand on, styles and metadata."""
    sources = provenance_table(result, lang)
    note = modelled_note(result, lang) or ""
    described = _metadata(result, sources, parameters, lang)
    styles = []
    for name in result.maps:
        table = exported_table(result, name, scales)
        _append(table, path, layer=name, metadata=described)
        qml = qml_style(table, scales.get(name), status(result), lang)
        styles.append(_style_row(name, table.geometry.name, qml, note))
    for name, plain_table in result.tables.items():
        if name not in result.maps:
            _append(with_index_column(plain_table), path, layer=name, metadata=described)
    # values of many kinds share a column: as text
    as_text = parameters.drop(columns="captioned").astype(str)
    _append(as_text, path, layer="parameters", metadata=described)
    _append(summary_table(result, lang), path, layer="summary", metadata=described)
    _append(sources, path, layer="provenance", metadata=described)
    _append(pd.DataFrame(styles), path, layer="layer_styles", fid="id")


def _metadata(
    result: AnalysisResult, sources: pd.DataFrame, parameters: pd.DataFrame, lang: Lang
) -> dict[str, str]:
    """Return what each layer says about itself: title, status, parameters, sources."""
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


def qml_style(table: gpd.GeoDataFrame, scale: Scale | None, state: Status, lang: Lang) -> str:
    """Return the QGIS style of a table: categorised by ``scale``, or one symbol where it has none.

    ``table`` comes from `exported_table`.
    """
    root = ET.Element("qgis", version="3.22.0", styleCategories="Symbology")
    kind = "categorizedSymbol" if scale else "singleSymbol"
    renderer = ET.SubElement(root, "renderer-v2", type=kind, symbollevels="0", forceraster="0")
    rows = legend_rows(table, scale, lang) if scale else [LegendRow("", "", PLAIN_COLOUR, 0)]
    if scale:
        renderer.set("attr", class_column(scale))
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
        _add_symbol(symbols, str(number), geometry, row.colour, dashed=state is Status.MODELLED)
    return f"{DOCTYPE}\n{ET.tostring(root, encoding='unicode')}"


def _add_symbol(
    symbols: ET.Element, name: str, geometry: str, colour: str, *, dashed: bool
) -> None:
    """Append a QGIS symbol for the geometry type, in the layout of QGIS 3.22 and later."""
    line_style = "dash" if dashed else "solid"
    outline = {
        "outline_color": _rgba(OUTLINE_COLOUR),
        "outline_style": line_style,
        "outline_width": OUTLINE_WIDTH_MM,
        "outline_width_unit": "MM",
    }
    if geometry.endswith("Polygon"):
        kind, symbol_class = "fill", "SimpleFill"
        options = {"color": _rgba(colour), "style": "solid", **outline}
    elif geometry.endswith("LineString"):
        kind, symbol_class = "line", "SimpleLine"
        options = {"line_color": _rgba(colour), "line_style": line_style, "line_width": "0.5"}
    else:
        kind, symbol_class = "marker", "SimpleMarker"
        options = {"color": _rgba(colour), "name": "circle", "size": "2", **outline}
    symbol = ET.SubElement(symbols, "symbol", type=kind, name=name, alpha="1", clip_to_extent="1")
    layer = ET.SubElement(symbol, "layer", {"class": symbol_class}, enabled="1", locked="0")
    layer.set("pass", "0")
    option_map = ET.SubElement(layer, "Option", type="Map")
    for key, value in options.items():
        ET.SubElement(option_map, "Option", type="QString", name=key, value=value)


def _rgba(colour: str) -> str:
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"


def _style_row(table: str, geometry_column: str, qml: str, description: str) -> dict[str, object]:
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
