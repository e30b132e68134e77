"""Distances from dangerous places to sensitive sites, both known only to within their errors."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.hazards.positional import near_point_ratio
from ilo_geo.hazards.positional import point_sigma_m


def pair_error_m(one_m: Any, other_m: Any) -> Any:
    """Return the accuracy (m) of the offset between two places, each of its own accuracy.

    Independent errors add as squares; both accuracies hold the true position with 95 %.
    """
    return np.hypot(one_m, other_m)


def pairs(
    places: gpd.GeoDataFrame,
    sites: Mapping[str, gpd.GeoDataFrame],
    site_accuracy_m: Mapping[str, float | None],
) -> pd.DataFrame:
    """Return every place with every site.

    Parameters
    ----------
    places
        Points with ``accuracy_m``.
    sites
        Points by kind; ``name`` and ``accuracy_m`` where known.
    site_accuracy_m
        Of the layer of each kind, for rows that state none; where nobody states one the site is
        taken to be exactly where it is drawn.

    Returns
    -------
    pairs
        ``place, kind, site`` (label in its layer), ``name, distance_m`` as drawn, ``error_m`` of
        that distance and ``low_m``, ``high_m`` within it.
    """
    parts = list(_parts(places, sites, site_accuracy_m))
    columns = ["place", "kind", "site", "name", "distance_m", "error_m"]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    low_m = (table["distance_m"] - table["error_m"]).clip(lower=0.0)
    return table.assign(low_m=low_m, high_m=table["distance_m"] + table["error_m"])


def _parts(
    places: gpd.GeoDataFrame,
    sites: Mapping[str, gpd.GeoDataFrame],
    site_accuracy_m: Mapping[str, float | None],
) -> Iterator[pd.DataFrame]:
    for kind, points in sites.items():
        own_m = _accuracy_m(points, site_accuracy_m.get(kind))
        names = points["name"] if "name" in points.columns else pd.Series("", index=points.index)
        for place, row in places.iterrows():
            yield pd.DataFrame(
                {
                    "place": str(place),
                    "kind": kind,
                    "site": [str(label) for label in points.index],
                    "name": names.to_numpy(),
                    "distance_m": points.distance(row.geometry).to_numpy(),
                    "error_m": pair_error_m(own_m, row["accuracy_m"]),
                }
            )


def _accuracy_m(points: gpd.GeoDataFrame, of_layer_m: float | None) -> np.ndarray:
    stated = points["accuracy_m"] if "accuracy_m" in points.columns else None
    own = pd.Series(np.nan, points.index) if stated is None else pd.to_numeric(stated)
    values: np.ndarray = own.astype(float).fillna(of_layer_m or 0.0).to_numpy()
    return values


def within_ratio(table: pd.DataFrame, limit_m: pd.Series) -> np.ndarray:
    """Return the probability that each pair is truly within its limit (m)."""
    rows = zip(table["distance_m"], limit_m, table["error_m"], strict=True)
    ratio = [float(near_point_ratio(d, limit, point_sigma_m(e))) for d, limit, e in rows]
    return np.array(ratio, dtype=float)
