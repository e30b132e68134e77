"""The tables of hot spots that are drawn: densities in classes, clusters, zones."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.ops import substring

from ilo_geo.city.zones import polygon_of_each
from ilo_geo.security.clusters import NOISE
from ilo_geo.security.clusters import hulls
from ilo_geo.security.density_network import Lixels
from ilo_geo.security.hotspots_counts import COUNT
from ilo_geo.security.hotspots_counts import HIDDEN
from ilo_geo.security.hotspots_counts import Counted
from ilo_geo.security.hotspots_counts import masked
from ilo_geo.security.need import Need
from ilo_geo.security.need import rounded
from ilo_geo.security.need_rules import need_rules

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

M_PER_KM, M2_PER_HA, PER_THOUSAND = 1000.0, 10_000.0, 1000.0
# what has too little to be told
NO_CLASS = 0


def class_limits(density: Floats, size: Floats, told: Bools) -> Floats:
    """Return the limits between classes: shares of the size (length) that carries any density."""
    some = told & (density > 0)
    shares = np.array(need_rules().density_classes.shares)
    if not some.any():
        return np.zeros(len(shares))
    order = np.argsort(density[some], kind="stable")
    passed = np.cumsum(size[some][order])
    at = np.searchsorted(passed, shares * passed[-1])
    return rounded(density[some][order][at.clip(max=len(order) - 1)])


def classes_of(density: Floats, limits: Floats, told: Bools) -> Ints:
    """Return the class of each density from 1 up, 0 where it is not told or there is none."""
    found = np.searchsorted(limits, density, side="right") + 1
    return np.where(told & (density > 0), found, NO_CLASS).astype(np.int64)


def segment_table(
    lixels: Lixels,
    density_per_m: Floats,
    told: Bools,
    limits: Floats,
    streets: pd.DataFrame,
    column: str,
    *,
    is_proxy: bool,
) -> gpd.GeoDataFrame:
    """Return runs of one class along each street, with their mean density per km in ``column``.

    A run that is not told has class 0 and no density.
    """
    density_class = classes_of(density_per_m * M_PER_KM, limits, told)
    change = np.ones(len(lixels), dtype=bool)
    change[1:] = (np.diff(lixels.edge) != 0) | (np.diff(density_class) != 0)
    first = np.flatnonzero(change)
    last = np.append(first[1:], len(lixels)) - 1
    start_m = lixels.middle_m[first] - lixels.length_m[first] / 2
    end_m = lixels.middle_m[last] + lixels.length_m[last] / 2
    lines = lixels.network.edge_line[lixels.edge[first]]
    length_m = np.add.reduceat(lixels.length_m, first)
    mean = np.add.reduceat(density_per_m * lixels.length_m, first) / length_m
    shown = rounded(mean * M_PER_KM) if not is_proxy else mean * M_PER_KM
    row = lixels.row[first]
    return gpd.GeoDataFrame(
        {
            "name": streets["name"].to_numpy(dtype=object)[row],
            "street_class": streets["street_class"].to_numpy(dtype=object)[row],
            "length_m": length_m,
            column: np.where(told[first], shown, np.nan),
            "density_class": density_class[first],
            "is_proxy": is_proxy,
        },
        geometry=_pieces(lines, start_m, end_m),
        crs=lixels.network.crs,
    ).rename_axis("id")


def _pieces(
    lines: npt.NDArray[np.object_], start_m: Floats, end_m: Floats
) -> list[shapely.Geometry]:
    whole = (start_m <= 0) & (end_m >= shapely.length(lines))
    return [
        line if all_ else substring(line, a, b)
        for line, a, b, all_ in zip(lines, start_m, end_m, whole, strict=True)
    ]


def cell_table(
    cells: gpd.GeoDataFrame,
    density_per_m2: Floats,
    told: Bools,
    limits: Floats,
) -> gpd.GeoDataFrame:
    """Return the cells with their density per hectare and its class, 0 where it is not told."""
    per_ha = density_per_m2 * M2_PER_HA
    return gpd.GeoDataFrame(
        {
            "name": cells["name"].to_numpy(),
            "incidents_per_ha": np.where(told, rounded(per_ha), np.nan),
            "density_class": classes_of(per_ha, limits, told),
            "is_proxy": False,
        },
        geometry=cells.geometry.to_numpy(),
        index=pd.Index(cells["id"], name="id"),
        crs=cells.crs,
    )


def cluster_table(xy: Floats, labels: Ints, counted: Counted, crs: object) -> gpd.GeoDataFrame:
    """Return the outline of each cluster and how many incidents it holds."""
    table = hulls(xy, labels, grid_m=need_rules().publication.hull_grid_m, crs=crs)
    n_clusters = int(labels.max(initial=NOISE)) + 1
    table[COUNT] = masked(counted.table[:n_clusters, -1], counted.hidden[:n_clusters, -1])
    table[HIDDEN] = counted.hidden[:n_clusters, -1]
    table["area_ha"] = table.area / M2_PER_HA
    table["incidents_per_ha"] = rounded(
        (table[COUNT] / table["area_ha"]).to_numpy(dtype=float, na_value=np.nan)
    )
    return table[[COUNT, HIDDEN, "area_ha", "incidents_per_ha", "geometry"]]


def level_tables(
    levels: Mapping[str, gpd.GeoDataFrame],
    residents: gpd.GeoDataFrame,
    need: Need,
    counted: Mapping[str, Counted],
) -> dict[str, gpd.GeoDataFrame]:
    """Return each level's units with inhabitants, incidents, their rate, and share of need."""
    return {
        name: _level(units, residents, need, counted.get(name)) for name, units in levels.items()
    }


def _level(
    units: gpd.GeoDataFrame, residents: gpd.GeoDataFrame, need: Need, counted: Counted | None
) -> gpd.GeoDataFrame:
    n = len(units)
    inhab = _sums(units, residents, residents["inhab"].to_numpy(dtype=float))
    ratio = _sums(units, need.points, need.weight)
    hidden = np.zeros(n, dtype=bool) if counted is None else counted.hidden[:n]
    count = (
        pd.array([pd.NA] * n, dtype="Int64")
        if counted is None
        else masked(counted.table[:n], hidden)
    )
    known = np.array(pd.Series(count).to_numpy(dtype=float, na_value=np.nan))
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(inhab > 0, known * PER_THOUSAND / inhab, np.nan)
    # of few incidents the share of need tells the count where nothing else is near
    told = np.where(hidden, np.nan, ratio if need.is_proxy else rounded(ratio))
    rank = pd.Series(told).rank(ascending=False, method="min").astype("Int64")
    return gpd.GeoDataFrame(
        {
            "name": units["name"].to_numpy(),
            "population_inhab": inhab,
            COUNT: count,
            HIDDEN: hidden,
            "incidents_per_1000_inhab": rate,
            "need_ratio": told,
            "rank": rank.to_numpy(),
            "is_proxy": need.is_proxy,
        },
        geometry=units.geometry.to_numpy(),
        index=pd.Index(units.get("id", units.index), name="id"),
        crs=units.crs,
    )


def _sums(units: gpd.GeoDataFrame, points: gpd.GeoDataFrame, values: Floats) -> Floats:
    unit = polygon_of_each(units, points.geometry.to_numpy())
    inside = unit >= 0
    return np.bincount(unit[inside], values[inside], len(units)).astype(np.float64)
