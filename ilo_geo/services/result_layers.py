"""Any drawable table of a result as a layer of the map."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd
import shapely

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.services.map_layers import Payload
from ilo_geo.services.map_layers import collection
from ilo_geo.services.map_layers import feature_texts

# short names of the columns that styles depend on; a table sends those it has
COLUMNS = {
    "i": "label",
    "b": "band",
    "c": "certainty",
    "k": "kind",
    "r": "rank",
    "n": "name",
    "es": "title_es",
    "en": "title_en",
    "h": "hazards",
    "m": "level_high",
    "x": "struck",
}


def table_payload(table: gpd.GeoDataFrame, level_column: str = "level") -> Payload:
    """Return the features of a table, the widest first so that the smaller lie on top of them.

    ``level_column`` holds the class that colours a feature (``l``).
    """
    drawn = table[~(table.geometry.is_empty | table.geometry.isna())].to_crs(DISPLAY_CRS)
    frame = drawn.assign(label=drawn.index.astype(str))
    widest_first = (-shapely.area(frame.geometry.to_numpy())).argsort(kind="stable")
    wanted = {**COLUMNS, "l": level_column}
    columns = {key: column for key, column in wanted.items() if column in frame.columns}
    return collection(feature_texts(frame.iloc[widest_first], columns))


def marks_payload(tables: Mapping[str, gpd.GeoDataFrame]) -> Payload:
    """Return the first features of several tables as one layer: table (``t``) and rank (``r``)."""
    texts: list[str] = []
    for name, table in tables.items():
        frame = table.to_crs(DISPLAY_CRS).assign(table=name, rank=range(1, len(table) + 1))
        texts.extend(feature_texts(frame, {"t": "table", "r": "rank"}))
    return collection(texts)


def row_at(table: gpd.GeoDataFrame, lat: float, lon: float) -> str | None:
    """Return the label of the first feature that holds a place in WGS 84 degrees, or None."""
    place = gpd.GeoSeries.from_xy([lon], [lat], crs=DISPLAY_CRS).to_crs(table.crs).iloc[0]
    rows = table.sindex.query(place, predicate="intersects")
    return str(table.index[min(rows)]) if len(rows) else None


def lines_payload(table: gpd.GeoDataFrame, label: str, every_m: float) -> Payload:
    """Return lines, and along each part places to write ``label`` (``t``), ``every_m`` apart.

    A part shorter than half of that is drawn without a name.
    """
    drawn = table[~(table.geometry.is_empty | table.geometry.isna())]
    parts = shapely.get_parts(drawn.geometry.to_numpy())
    places = [place for part in parts for place in _places_along(part, every_m)]
    shapes = gpd.GeoSeries([*parts, *places], crs=table.crs).to_crs(DISPLAY_CRS)
    said = [None] * len(parts) + [label] * len(places)
    frame = gpd.GeoDataFrame({"label": pd.Series(said, dtype=object)}, geometry=shapes)
    return collection(feature_texts(frame, {"t": "label"}))


def _places_along(line: shapely.Geometry, every_m: float) -> list[shapely.Point]:
    length_m = shapely.length(line)
    n = round(length_m / every_m)
    return [shapely.line_interpolate_point(line, length_m * (k + 0.5) / n) for k in range(n)]
