"""Fetches the outlines of districts by their names, and keeps the ids they are known by."""

from __future__ import annotations

from functools import partial

import geopandas as gpd
import pandas as pd
import shapely

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.errors import FetchError
from ilo_geo.core.progress import Progress
from ilo_geo.core.text import folded
from ilo_geo.io.fetch.answers import Inspector
from ilo_geo.io.fetch.answers import check_nominatim
from ilo_geo.io.fetch.answers import host_of
from ilo_geo.io.fetch.osmnx_calls import Call
from ilo_geo.io.fetch.osmnx_calls import search_boundary
from ilo_geo.io.fetch.parts import Parts
from ilo_geo.io.fetch.patience import Patience
from ilo_geo.io.fetch.settings import FetchSettings
from ilo_geo.io.vector import read_features
from ilo_geo.io.vector import write_gpkg

FOUND_FILE = "outline.gpkg"


def fetch_districts(
    known: gpd.GeoDataFrame,
    area: str,
    parts: Parts,
    settings: FetchSettings,
    patience: Patience,
    progress: Progress,
) -> gpd.GeoDataFrame:
    """Return the districts of ``known`` (EPSG:4326; ``id``, ``name``) with fetched outlines.

    Raises
    ------
    FetchError
        A district has no outline there, or the one of that name lies elsewhere: all or none.
    """
    # an area's own equal-area plane, good enough to say whether two outlines are one place
    metric = known.estimate_utm_crs()
    rows = []
    for done, (index, row) in enumerate(known.iterrows()):
        progress("progress.fetch_boundaries", done / len(known))
        query = settings.nominatim.query.format(district=row["name"], area=area)
        found = _outline(f"district_{index}", query, parts, settings, patience, progress)
        old, new = gpd.GeoSeries([row.geometry, found.geometry.iloc[0]], crs=DISPLAY_CRS).to_crs(
            metric
        )
        _require_same_place(old, new, query, settings)
        # one it knows keeps its spelling; the id is what everything else is joined by
        name = found["name"].iloc[0] if "name" in found else row["name"]
        same = folded(str(name)) == folded(str(row["name"]))
        rows.append({"id": row["id"], "name": row["name"] if same else name})
        rows[-1]["geometry"] = found.geometry.iloc[0]
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs=DISPLAY_CRS)


def _outline(
    name: str,
    query: str,
    parts: Parts,
    settings: FetchSettings,
    patience: Patience,
    progress: Progress,
) -> gpd.GeoDataFrame:
    if not parts.has(name):
        found = patience.ask(
            (settings.nominatim.endpoint,), partial(_search, query, settings), progress
        )
        with parts.making(name) as folder:
            folder.mkdir()
            write_gpkg(found, folder / FOUND_FILE, layer="outline")
    return read_features(parts.path(name) / FOUND_FILE)


def _search(query: str, settings: FetchSettings, endpoint: str) -> gpd.GeoDataFrame:
    inspector = Inspector(check_nominatim, settings.nominatim.max_answer_bytes, lambda _n: None)
    found = search_boundary(query, endpoint, Call(settings.manners, inspector))
    if found is None:
        raise FetchError("fetch.no_boundary", where=host_of(endpoint), found=query)
    columns = [column for column in ("name", "display_name") if column in found]
    return found[[*columns, "geometry"]]


def _require_same_place(
    old: shapely.Geometry, new: shapely.Geometry, query: str, settings: FetchSettings
) -> None:
    shared = old.intersection(new).area / min(old.area, new.area)
    if shared < settings.nominatim.min_overlap_ratio:
        where = host_of(settings.nominatim.endpoint)
        raise FetchError("fetch.elsewhere", where=where, found=query, shared=f"{100 * shared:.0f}")
