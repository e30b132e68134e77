"""Writes a result to a file that another program opens: CSV, GeoJSON, GPKG, PNG, PDF or HTML.

Every file carries the sources with licence, date and status, and says so where a figure stands on
modelled layers. A file is written whole or not at all.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from datetime import datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.parameters import ParameterSpec
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import plain
from ilo_geo.core.results import records
from ilo_geo.core.text import Lang
from ilo_geo.io.geopackage import write_gpkg_with_styles
from ilo_geo.io.legend import Export
from ilo_geo.io.legend import Scales
from ilo_geo.io.legend import caption
from ilo_geo.io.legend import exported_table
from ilo_geo.io.legend import modelled_note
from ilo_geo.io.legend import parameter_table
from ilo_geo.io.legend import status
from ilo_geo.io.legend import unit
from ilo_geo.io.legend import with_index_column
from ilo_geo.io.spreadsheet import write_rows
from ilo_geo.io.workspace import atomic_path

# 6 decimals of a degree are 0.1 m, finer than any layer
GEOJSON_DECIMALS = 6


def write_export(
    result: AnalysisResult,
    fmt: str,
    path: Path,
    *,
    lang: Lang,
    scales: Scales,
    specs: Sequence[ParameterSpec] = (),
    context: Mapping[str, gpd.GeoDataFrame] | None = None,
    overlays: Sequence[str] = (),
    listed: Sequence[str] | None = None,
    extent: tuple[float, float, float, float] | None = None,
    printed_on: date | None = None,
) -> Path:
    """Write ``result`` to ``path`` in format ``fmt`` and return the path.

    Parameters
    ----------
    fmt
        A key of `WRITERS`.
    scales
        Breaks or categories of the tables that are drawn by classes; the PNG shows the first of
        them, the PDF has a sheet for each.
    specs
        Words of the parameters and of their choices, such as the titles of the population bases.
    context
        Layers in the result's CRS that a printed map shows for orientation, by layer id.
    overlays
        Tables of the result that a printed map draws above the first: schools, traces, refuges.
    listed
        Tables of a CSV, those without geometry too; by default those of the map.
    extent
        West, south, east, north that a printed map shows, in the result's CRS; by default all of
        the table it draws.
    printed_on
        Date on a printed sheet, today's if None.

    Raises
    ------
    ParameterError
        No such format.
    WorkspaceError
        The file cannot be written; what was there is kept.
    """
    if fmt not in WRITERS:
        raise ParameterError("export.unknown_format", found=fmt, expected=", ".join(WRITERS))
    export = Export(
        result,
        lang,
        scales,
        parameter_table(result, specs, lang),
        printed_on or datetime.now().astimezone().date(),
        context or {},
        tuple(overlays),
        None if listed is None else tuple(listed),
        extent,
    )
    with atomic_path(path) as temporary:
        WRITERS[fmt](export, temporary)
    return path


def write_csv(export: Export, path: Path) -> None:
    """Write what the map shows, table under table without geometry; units stand in the header.

    One rectangular table: what the figures stand on is repeated on every row.
    """
    result, lang = export.result, export.lang
    listed = export.listed if export.listed is not None else tuple(result.maps or result.tables)
    tables = {name: _listed_table(export, name) for name in listed if name in result.tables}
    # as objects, whole numbers stay whole beside tables that lack their column
    flat = {name: table.astype(object) for name, table in tables.items()}
    stacked = pd.concat(flat, names=["table", None]).reset_index("table")
    stacked["modelled_layers"] = ", ".join(result.modelled_layers)
    for row in export.parameters.itertuples():
        stacked[f"parameter_{row.name}"] = row.value
    stacked["result_sha256"] = result.sha256
    stacked["sources"] = "; ".join(
        f"{ref.layer}: {ref.source}, {ref.licence}, {ref.date}, {ref.status.value}"
        for ref in result.provenance
    )
    write_rows(path, [_header(str(column), lang) for column in stacked.columns], stacked.to_numpy())


def _listed_table(export: Export, name: str) -> pd.DataFrame:
    """Return a table as the rows of a CSV, with the status of the result on each of them."""
    result = export.result
    if name in result.maps:
        return exported_table(result, name, export.scales).drop(columns="geometry")
    return with_index_column(result.tables[name]).assign(status=status(result).value)


def write_geojson(export: Export, path: Path) -> None:
    """Write what the map shows as one RFC 7946 collection; each feature names its ``table``.

    ``provenance`` and the ``tables`` without geometry are members beside the features.
    """
    result = export.result
    features = []
    for name in result.maps:
        frame = exported_table(result, name, export.scales).to_crs(DISPLAY_CRS)
        frame.insert(0, "table", name)
        written = io.BytesIO()
        options = {"RFC7946": "YES", "COORDINATE_PRECISION": str(GEOJSON_DECIMALS)}
        pyogrio.write_dataframe(frame, written, driver="GeoJSON", layer=name, layer_options=options)
        features += json.loads(written.getvalue())["features"]
    collection = {
        "type": "FeatureCollection",
        "status": status(result).value,
        "note": modelled_note(result, export.lang),
        "caption": caption(export.parameters),
        "parameters": plain(result.parameters),
        "summary": plain(result.summary),
        "provenance": plain([ref.model_dump(mode="json") for ref in result.provenance]),
        "tables": {n: records(t) for n, t in result.tables.items() if n not in result.maps},
        "features": features,
    }
    text = json.dumps(collection, ensure_ascii=False, allow_nan=False)
    path.write_text(text, encoding="utf-8")


def _write_png(export: Export, path: Path) -> None:
    # matplotlib takes a second to import; only who prints waits for it
    from ilo_geo.io.print_sheet import write_png

    write_png(export, path)


def _write_pdf(export: Export, path: Path) -> None:
    from ilo_geo.io.print_sheet import write_pdf

    write_pdf(export, path)


def _write_html(export: Export, path: Path) -> None:
    # folium too
    from ilo_geo.io.folium_page import write_html

    write_html(export, path)


def _header(column: str, lang: Lang) -> str:
    column_unit = unit(column, lang)
    return f"{column} [{column_unit}]" if column_unit else column


WRITERS: dict[str, Callable[[Export, Path], None]] = {
    "gpkg": write_gpkg_with_styles,
    "geojson": write_geojson,
    "csv": write_csv,
    "png": _write_png,
    "html": _write_html,
    "pdf": _write_pdf,
}
