"""The table of every site considered: struck out with its rules, or scored and perhaps chosen."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.city.zones import polygon_of_each
from ilo_geo.core.text import LANGS
from ilo_geo.core.text import Text
from ilo_geo.green.candidates.data import criterion_table
from ilo_geo.green.candidates.exclusions import ELIGIBLE
from ilo_geo.green.candidates.exclusions import EXCLUDED
from ilo_geo.green.candidates.exclusions import Strikes
from ilo_geo.green.candidates.exclusions import listed
from ilo_geo.green.candidates.exclusions import reasons
from ilo_geo.green.candidates.utilities import UTILITY

FIRST = (
    "name",
    "zone",
    "status",
    "rules",
    "reason_es",
    "reason_en",
    "possible_rules",
    "possible_es",
    "possible_en",
    "park_type",
    "selected",
    "order",
    "score",
    "rank",
    "rank_low",
    "rank_high",
    "top_k_ratio",
    "struck_ratio",
    "served_inhab",
    "added_inhab",
)
WHOLE = ("order", "rank", "rank_low", "rank_high", "n_entrances")


def candidates_table(
    sites: gpd.GeoDataFrame,
    figures: pd.DataFrame,
    scored: pd.DataFrame,
    strikes: Strikes,
    titles: Mapping[str, Text],
    zones: gpd.GeoDataFrame | None,
) -> gpd.GeoDataFrame:
    """Return every site with its figures; what only eligible sites have is empty elsewhere.

    Parameters
    ----------
    sites
        Polygons of every site considered.
    figures
        What is known of each of them.
    scored
        The eligible ones with utilities ``u_…``, score, rank, stability and choice.
    titles
        Words of the rules.
    zones
        Polygons with ``name`` that give a site its place; None without.
    """
    own = scored.drop(columns=[c for c in figures.columns if c in scored.columns])
    table = pd.concat([figures, own.reindex(figures.index)], axis=1)
    zone = _zone_of_each(sites, zones)
    table = table.assign(
        zone=zone,
        name=[
            f"{place} · {site}" if place else site
            for place, site in zip(zone, sites.index, strict=True)
        ],
        status=np.where(strikes.eligible, ELIGIBLE, EXCLUDED),
        rules=listed(strikes.struck),
        possible_rules=listed(strikes.possible),
        selected=own["selected"].reindex(figures.index) == True,  # noqa: E712 - NaN is not chosen
        **{f"reason_{lang}": reasons(strikes.struck, titles, lang) for lang in LANGS},
        **{f"possible_{lang}": reasons(strikes.possible, titles, lang) for lang in LANGS},
    )
    for column in WHOLE:
        table[column] = pd.array(table[column], dtype="Int64")
    parts = [f"{UTILITY}{criterion}" for criterion in criterion_table().ids]
    rest = [c for c in table.columns if c not in (*FIRST, *parts)]
    ordered = table[[*FIRST, *parts, *rest]].rename_axis("id")
    return gpd.GeoDataFrame(ordered, geometry=sites.geometry)


def _zone_of_each(sites: gpd.GeoDataFrame, zones: gpd.GeoDataFrame | None) -> list[str]:
    """Return the name of the zone that holds each site, empty outside all of them."""
    if zones is None:
        return [""] * len(sites)
    names = np.append(zones["name"].astype(str).to_numpy(), "")
    of_each = polygon_of_each(zones, sites.representative_point().to_numpy())
    return [str(name) for name in names[of_each]]
