"""Schools, health posts, tanks and the like that stand where the sea may come."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.city.terrain import values_at
from ilo_geo.hazards.exposed import Exposed
from ilo_geo.hazards.flood import FloodField
from ilo_geo.hazards.zones import LINE
from ilo_geo.hazards.zones import POSSIBLE

INSIDE = "inside"


def sites_below(
    field: FloodField, zones: gpd.GeoDataFrame, exposed: Exposed, band: str, level_m: float
) -> gpd.GeoDataFrame:
    """Return the sites inside the possible outline of a band, the likeliest first.

    Returns
    -------
    sites
        Index ``kind/id``; ``kind``, ``name``, ``status`` (``inside`` the line, else ``possible``),
        ``probability_ratio`` of its cell at ``level_m``, and ``floods_at_m``, the level at which
        its cell floods by the terrain as it is (none where it never does). The position of a site
        is taken as drawn.
    """
    outlines = zones[zones["band"] == band].set_index("certainty").geometry
    probability = field.probability(level_m)
    tables = [_sites_of(kind, sites, outlines) for kind, sites in exposed.sites.items()]
    found = pd.concat([_empty(field), *tables])
    table = gpd.GeoDataFrame(found, geometry="geometry", crs=field.crs)
    floods_at_m = values_at(table.geometry, field.level_m, field.transform)
    table["probability_ratio"] = values_at(table.geometry, probability, field.transform)
    table["floods_at_m"] = np.where(np.isfinite(floods_at_m), floods_at_m, np.nan)
    ranked = table.sort_values("probability_ratio", ascending=False, kind="stable")
    return ranked[["kind", "name", "status", "probability_ratio", "floods_at_m", "geometry"]]


def _empty(field: FloodField) -> gpd.GeoDataFrame:
    columns: dict[str, list[str]] = {"kind": [], "name": [], "status": []}
    index = pd.Index([], name="id", dtype=object)
    return gpd.GeoDataFrame(columns, index=index, geometry=[], crs=field.crs)


def _sites_of(kind: str, sites: gpd.GeoDataFrame, outlines: gpd.GeoSeries) -> gpd.GeoDataFrame:
    inside, possible = (
        sites.intersects(outlines[certainty]) if certainty in outlines.index else False
        for certainty in (LINE, POSSIBLE)
    )
    status = np.where(inside, INSIDE, np.where(possible, POSSIBLE, ""))
    name = sites["name"] if "name" in sites else pd.Series("", index=sites.index)
    table = gpd.GeoDataFrame(
        {"kind": kind, "name": name.to_numpy(), "status": np.broadcast_to(status, len(sites))},
        index=pd.Index([f"{kind}/{site}" for site in sites.index], name="id"),
        geometry=sites.geometry.to_numpy(),
        crs=sites.crs,
    )
    return table[table["status"] != ""]
