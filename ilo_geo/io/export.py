"""Writes a result to a file that another program opens: CSV, GeoJSON, GPKG, PNG or HTML.

Every file carries the sources with licence, date and status, and says so where a figure stands on
modelled layers. A file is written whole or not at all.
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path

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
from ilo_geo.io.legend import Scales
from ilo_geo.io.legend import caption
from ilo_geo.io.legend import exported_table
from ilo_geo.io.legend import modelled_note
from ilo_geo.io.legend import parameter_table
from ilo_geo.io.legend import status
from ilo_geo.io.legend import unit
from ilo_geo.io.workspace import atomic_path

# a spreadsheet runs a cell that begins so (CWE-1236), full-width signs and leading blanks included
FORMULA_STARTS = ("=", "+", "-", "@")
CONTROL_STARTS = ("\t", "\r", "\n")
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
) -> Path:
    """Write ``result`` to ``path`` in format ``fmt`` and return the path.

    Parameters
    ----------
    fmt
        A key of `WRITERS`.
    scales
        Class breaks of the tables that are drawn by classes; the print map shows the first of them.
    specs
        Words of the parameters and of their choices, such as the titles of the population bases.

    Raises
    ------
    ParameterError
        No such format.
    WorkspaceError
        The file cannot be written; what was there is kept.
    """
    if fmt not in WRITERS:
        raise ParameterError("export.unknown_format", found=fmt, expected=", ".join(WRITERS))
    with atomic_path(path) as temporary:
        WRITERS[fmt](result, temporary, lang, scales, parameter_table(result, specs, lang))
    return path


def write_csv(
    result: AnalysisResult, path: Path, lang: Lang, scales: Scales, parameters: pd.DataFrame
) -> None:
    """Write what the map shows, table under table without geometry; units stand in the header.

    One rectangular table: what the figures stand on is repeated on every row.
    """
    tables = {name: exported_table(result, name, scales) for name in result.maps}
    # as objects, whole numbers stay whole beside tables that lack their column
    flat = {name: table.drop(columns="geometry").astype(object) for name, table in tables.items()}
    stacked = pd.concat(flat, names=["table", None]).reset_index("table")
    stacked["modelled_layers"] = ", ".join(result.modelled_layers)
    for row in parameters.itertuples():
        stacked[f"parameter_{row.name}"] = row.value
    stacked["result_sha256"] = result.sha256
    stacked["sources"] = "; ".join(
        f"{ref.layer}: {ref.source}, {ref.licence}, {ref.date}, {ref.status.value}"
        for ref in result.provenance
    )
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(_cell(_header(str(column), lang)) for column in stacked.columns)
        rows.writerows([_cell(value) for value in row] for row in stacked.to_numpy())


def write_geojson(
    result: AnalysisResult, path: Path, lang: Lang, scales: Scales, parameters: pd.DataFrame
) -> None:
    """Write what the map shows as one RFC 7946 collection; each feature names its ``table``.

    ``provenance`` and the ``tables`` without geometry are members beside the features.
    """
    features = []
    for name in result.maps:
        frame = exported_table(result, name, scales).to_crs(DISPLAY_CRS)
        frame.insert(0, "table", name)
        written = io.BytesIO()
        options = {"RFC7946": "YES", "COORDINATE_PRECISION": str(GEOJSON_DECIMALS)}
        pyogrio.write_dataframe(frame, written, driver="GeoJSON", layer=name, layer_options=options)
        features += json.loads(written.getvalue())["features"]
    collection = {
        "type": "FeatureCollection",
        "status": status(result).value,
        "note": modelled_note(result, lang),
        "caption": caption(parameters),
        "parameters": plain(result.parameters),
        "summary": plain(result.summary),
        "provenance": plain([ref.model_dump(mode="json") for ref in result.provenance]),
        "tables": {n: records(t) for n, t in result.tables.items() if n not in result.maps},
        "features": features,
    }
    text = json.dumps(collection, ensure_ascii=False, allow_nan=False)
    path.write_text(text, encoding="utf-8")


def _write_png(
    result: AnalysisResult, path: Path, lang: Lang, scales: Scales, parameters: pd.DataFrame
) -> None:
    # matplotlib takes a second to import; only who prints waits for it
    from ilo_geo.io.print_map import write_png

    write_png(result, path, lang, scales, parameters)


def _write_html(
    result: AnalysisResult, path: Path, lang: Lang, scales: Scales, parameters: pd.DataFrame
) -> None:
    # folium too
    from ilo_geo.io.folium_page import write_html

    write_html(result, path, lang, scales, parameters)


def _header(column: str, lang: Lang) -> str:
    column_unit = unit(column, lang)
    return f"{column} [{column_unit}]" if column_unit else column


def _cell(value: object) -> object:
    """Return a value that a spreadsheet shows and does not run."""
    if isinstance(value, str):
        read = unicodedata.normalize("NFKC", value).lstrip()
        runs = read.startswith(FORMULA_STARTS) or value.startswith(CONTROL_STARTS)
        return f"'{value}" if runs else value
    return plain(value)


WRITERS: dict[str, Callable[[AnalysisResult, Path, Lang, Scales, pd.DataFrame], None]] = {
    "gpkg": write_gpkg_with_styles,
    "geojson": write_geojson,
    "csv": write_csv,
    "png": _write_png,
    "html": _write_html,
}
