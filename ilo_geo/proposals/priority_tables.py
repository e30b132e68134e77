"""Tables and key figures of the priority index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.proposals.rules import priority_rules
from ilo_geo.proposals.scoring import HIGH
from ilo_geo.proposals.scoring import LOW
from ilo_geo.proposals.scoring import MID
from ilo_geo.proposals.scoring import Index
from ilo_geo.proposals.scoring import Ints
from ilo_geo.proposals.scoring import ScaledPart
from ilo_geo.proposals.stability import Stability


@dataclass(frozen=True)
class Scored:
    """What is found of the units of one level that are ranked.

    Attributes
    ----------
    ranked
        Positions of the units where anybody lives; everything else is in their order.
    raw, parts
        Values of each part as they are, and on the scale of 0 to 1.
    index
        The index.
    rank, rank_low, rank_high
        Place by the best estimate, and the best and worst place the data leave open.
    stability
        What the draws say.
    """

    ranked: Ints
    raw: Mapping[str, pd.DataFrame]
    parts: Mapping[str, ScaledPart]
    index: Index
    rank: Ints
    rank_low: Ints
    rank_high: Ints
    stability: Stability


def level_table(
    polygons: gpd.GeoDataFrame, inhab: np.ndarray, scored: Scored, weights: Mapping[str, float]
) -> gpd.GeoDataFrame:
    """Return every figure of each unit; those where nobody lives have no index and no place."""
    known = np.array([weights[part] * scored.parts[part].known for part in weights])
    columns: dict[str, Any] = {
        "priority_index": scored.index.mid,
        "low": scored.index.low,
        "high": scored.index.high,
        "rank": scored.rank,
        "rank_low": scored.rank_low,
        "rank_high": scored.rank_high,
        "rank_weights_low": scored.stability.best_place,
        "rank_weights_high": scored.stability.worst_place,
        "top_k_ratio": scored.stability.top_k_ratio,
        "top_k_data_ratio": scored.stability.top_k_data_ratio,
        "known_ratio": known.sum(axis=0),
        "main_part": _main_part(scored, weights),
    }
    for part, weight in weights.items():
        raw, scaled = scored.raw[part], scored.parts[part]
        columns |= {
            f"{part}_raw": raw[MID].to_numpy(float),
            f"{part}_raw_low": raw[LOW].to_numpy(float),
            f"{part}_raw_high": raw[HIGH].to_numpy(float),
            f"{part}_scaled": scaled.mid,
            f"{part}_scaled_low": scaled.low,
            f"{part}_scaled_high": scaled.high,
            f"{part}_contribution": weight * scaled.mid,
        }
    ranked = pd.DataFrame(columns, index=polygons.index[scored.ranked])
    names = {"name": polygons["name"].to_numpy()} if "name" in polygons else {}
    named = pd.DataFrame({**names, "population_inhab": inhab}, index=polygons.index)
    # whole numbers that may be missing
    places = {c: "Int64" for c in ranked if c.startswith("rank")}
    table = named.join(ranked.reindex(polygons.index).astype(places)).rename_axis("id")
    return gpd.GeoDataFrame(table, geometry=polygons.geometry)


def _main_part(scored: Scored, weights: Mapping[str, float]) -> np.ndarray:
    """Return the part that adds most to each unit, of those with data; None where none adds."""
    added = np.array([w * scored.parts[p].mid * scored.parts[p].known for p, w in weights.items()])
    found: np.ndarray = np.array(list(weights), dtype=object)[added.argmax(axis=0)]
    found[added.max(axis=0) <= 0] = None
    return found


def weights_table(
    given: Mapping[str, Any], weights: Mapping[str, float], proxies: frozenset[str]
) -> pd.DataFrame:
    """Return what each part is and weighs, index ``part``."""
    rows = [
        {
            "part": part.id,
            "title_es": part.title.es,
            "title_en": part.title.en,
            "unit_es": part.unit.es,
            "unit_en": part.unit.en,
            "weight_given": float(given[f"{part.id}_weight"]),
            "weight": weights[part.id],
            "is_proxy": part.id in proxies,
            "source": part.source,
        }
        for part in priority_rules().parts
    ]
    return pd.DataFrame(rows).set_index("part")


def scales_table(scored: Mapping[str, Scored]) -> pd.DataFrame:
    """Return the raw values that are 0 and 1 of each part and level, and of how many units."""
    rows = [
        {
            "level": level,
            "part": part,
            "zero_at": scaled.q_low,
            "one_at": scaled.q_high,
            "n_known": int(scaled.known.sum()),
            "n_unknown": int((~scaled.known).sum()),
        }
        for level, one in scored.items()
        for part, scaled in one.parts.items()
    ]
    return pd.DataFrame(rows).rename_axis("id")


def summary(
    table: gpd.GeoDataFrame,
    weights: Mapping[str, float],
    top_k: int,
    proxies: frozenset[str],
) -> dict[str, Any]:
    """Return the key figures of the finest level."""
    ranked = table[table["rank"].notna()]
    first = ranked[ranked["rank"] <= top_k]
    return {
        "population_inhab": float(table["population_inhab"].sum()),
        "n_units": len(table),
        "n_ranked": len(ranked),
        "top_k": top_k,
        "first_population_inhab": float(first["population_inhab"].sum()),
        "least_stable_top_k_ratio": float(first["top_k_ratio"].min()),
        "least_stable_top_k_data_ratio": float(first["top_k_data_ratio"].min()),
        "known_ratio": float(ranked["known_ratio"].mean()),
        "insecurity_is_proxy": bool("insecurity" in proxies),
        **{f"{part}_weight_ratio": weight for part, weight in weights.items()},
    }
