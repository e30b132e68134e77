"""Each school, health post, tank … with the hazards it stands in."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.core.layer import LayerRef
from ilo_geo.hazards.evar import evar_rules
from ilo_geo.hazards.exposure_count import Count
from ilo_geo.hazards.levels import hazard_levels
from ilo_geo.hazards.zones import LINE
from ilo_geo.hazards.zones import POSSIBLE

LISTED = "; "


def sites_table(counted: Count, refs: Sequence[LayerRef] = ()) -> gpd.GeoDataFrame:
    """Return every site with the worst level it stands in.

    Returns
    -------
    table
        Index ``kind/<index>``; ``kind, name, level`` (``outside`` of all), ``level_high`` (where it
        may stand by the uncertainty of the lines; weak building gives no level), ``hazards,
        hazards_high`` (ids), ``bands_es, bands_en`` (most severe band of each hazard) and
        ``accuracy_m``, how well its position is known (of the site, else of its layer), which no
        level allows for.
    """
    layer_m = {ref.layer: ref.accuracy_m for ref in refs}
    kinds = [
        _of_kind(kind, sites, layer_m.get(kind)) for kind, sites in counted.exposed.sites.items()
    ]
    crs = counted.exposed.dwellings.crs
    columns = ["kind", "name", "accuracy_m", "geometry"]
    filled = [kind for kind in kinds if len(kind)]
    rows = pd.concat(filled) if filled else pd.DataFrame(columns=columns)
    sites = gpd.GeoDataFrame(rows, geometry="geometry", crs=crs).rename_axis("id")
    likely, possible = (_inside(counted, sites, certainty) for certainty in (LINE, POSSIBLE))
    found = {
        "level": likely["level"],
        "level_high": possible["level"],
        "hazards": likely["hazards"],
        "hazards_high": possible["hazards"],
        "bands_es": likely["title_es"],
        "bands_en": likely["title_en"],
    }
    return sites.assign(**found)[["kind", "name", *found, "accuracy_m", "geometry"]]


def _of_kind(kind: str, sites: gpd.GeoDataFrame, layer_m: float | None) -> pd.DataFrame:
    ids = sites.index.astype(str)
    own_m = pd.Series(np.nan, index=sites.index)
    if "accuracy_m" in sites:
        own_m = pd.to_numeric(sites["accuracy_m"])
    return pd.DataFrame(
        {
            "kind": kind,
            "name": (
                sites["name"] if "name" in sites else pd.Series(kind, index=sites.index)
            ).to_numpy(),
            "accuracy_m": own_m.fillna(np.nan if layer_m is None else layer_m).to_numpy(float),
            "geometry": sites.geometry.to_numpy(),
        },
        index=kind + "/" + ids,
    )


def _inside(counted: Count, sites: gpd.GeoDataFrame, certainty: str) -> pd.DataFrame:
    """Return the worst level, hazards and most severe band of each of every site."""
    levels = hazard_levels()
    tree = shapely.STRtree(sites.geometry.to_numpy())
    band, site = tree.query(counted.outlines[certainty], predicate="intersects")
    outlines = counted.outlines[certainty]
    rows = counted.bands.iloc[band].assign(site=site, area_m2=shapely.area(outlines[band]))
    # weak building is listed, but it is the houses', not a hazard of the place
    own = ~rows["hazard"].isin(evar_rules().vulnerability_zones)
    rows = rows.assign(rank=rows["level"].map(levels.ids.index).where(own, -1.0).astype(float))
    # of bands of one level the narrowest says most
    worst = rows.sort_values(["rank", "area_m2"], ascending=[False, True], kind="stable")
    each = worst.drop_duplicates(["site", "hazard"])
    listed = each.groupby("site").agg(
        level=("level", "first"),
        hazards=("hazard", LISTED.join),
        title_es=("title_es", LISTED.join),
        title_en=("title_en", LISTED.join),
    )
    hazardous = each.loc[each["rank"] >= 0, "site"].unique()
    listed.loc[~listed.index.isin(hazardous), "level"] = levels.missing.id
    found = listed.reindex(range(len(sites))).set_axis(sites.index)
    return found.fillna({"level": levels.missing.id}).fillna("")
