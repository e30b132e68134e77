"""Hot spots: where incidents gather, at what hour and of what kind; without incidents, the proxy.

Tables: ``segments`` (density along streets) or ``cells`` (in the plane), ``clusters`` with
``cluster_kinds``, ``hours``, and one a level. No table holds a place of an incident, nor a count
that lets 1 to 4 incidents be found (`incidents_publish`); a density that stands on fewer than that
within its bandwidth is not told either, and none is told as none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import Field

from ilo_geo.city.cells import h3_cells
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Notice
from ilo_geo.security.clusters import MAX_POINTS
from ilo_geo.security.clusters import NOISE
from ilo_geo.security.clusters import cluster_labels
from ilo_geo.security.density import plane_density
from ilo_geo.security.hotspots_counts import ALL
from ilo_geo.security.hotspots_counts import HIDDEN
from ilo_geo.security.hotspots_counts import HOURS_A_DAY
from ilo_geo.security.hotspots_counts import UNKNOWN
from ilo_geo.security.hotspots_counts import count_clusters
from ilo_geo.security.hotspots_counts import count_hours
from ilo_geo.security.hotspots_counts import count_levels
from ilo_geo.security.hotspots_counts import long_table
from ilo_geo.security.hotspots_counts import shown_kinds
from ilo_geo.security.hotspots_tables import M2_PER_HA
from ilo_geo.security.hotspots_tables import M_PER_KM
from ilo_geo.security.hotspots_tables import cell_table
from ilo_geo.security.hotspots_tables import class_limits
from ilo_geo.security.hotspots_tables import cluster_table
from ilo_geo.security.hotspots_tables import level_tables
from ilo_geo.security.hotspots_tables import segment_table
from ilo_geo.security.incidents import WEIGHT
from ilo_geo.security.incidents import Incidents
from ilo_geo.security.need import PLANE
from ilo_geo.security.need import NeedInputs
from ilo_geo.security.need import NeedParams
from ilo_geo.security.need import Survey
from ilo_geo.security.need import survey
from ilo_geo.security.need_rules import need_rules

ANALYSIS_ID = "hotspots"
HALF = 0.5


class HotspotParams(NeedParams):
    """What a planner may set."""

    min_cluster_size: Annotated[int, Field(ge=5, le=1000)] = 15
    cell_resolution: Annotated[int, Field(ge=7, le=11)] = 10
    seed: Annotated[int, Field(ge=0)] = 0


@dataclass(frozen=True)
class HotspotInputs:
    """What tells of need, and what to report by.

    Attributes
    ----------
    area
        Id of the study area.
    need
        Streets, people, incidents and the evidence of the proxy.
    streets
        ``name`` and ``street_class`` of each row of the street layer.
    levels
        Polygons to report by, coarse to fine; ``id`` (or else the index) and ``name``.
    incidents_status
        How far the layer of incidents can be trusted (`core.layer.Status`), None without one.
    """

    area: str
    need: NeedInputs
    streets: pd.DataFrame
    levels: Mapping[str, gpd.GeoDataFrame]
    refs: tuple[LayerRef, ...] = ()
    incidents_status: str | None = None
    configuration_sha256: str = ""
    notices: tuple[Notice, ...] = ()


def analyse(
    inputs: HotspotInputs, params: HotspotParams, progress: Progress = silent
) -> AnalysisResult:
    """Return where need gathers.

    Raises
    ------
    ParameterError
        Clusters smaller than what may be published are asked for; judgements are no matrix.
    InputError
        No streets, or nothing tells of need.
    """
    if params.min_cluster_size < need_rules().publication.least_n:
        expected = f"{need_rules().publication.least_n} or more"
        raise ParameterError(
            "parameter.invalid",
            where="min_cluster_size",
            found=params.min_cluster_size,
            expected=expected,
        )
    found = survey(inputs.need, params, progress)
    used = inputs.need.incidents if found.incidents is not None else None
    drawn, limits = _densities(inputs, params, found)
    tables, figures, notices = _counts(used, params, progress) if used else ({}, {}, [])
    by_level = count_levels(used, inputs.levels) if used else {}
    levels = level_tables(inputs.levels, inputs.need.residents, found.need, by_level)
    told = [*tables.values(), *levels.values()]
    n_hidden = sum(int(table[HIDDEN].sum()) for table in told)
    if n_hidden:
        fields = {"n": n_hidden, "least": need_rules().publication.least_n}
        notices = [*notices, Notice("hotspots.hidden", fields)]
    return AnalysisResult(
        analysis=ANALYSIS_ID,
        area=inputs.area,
        parameters=params.model_dump(),
        summary={
            **_summary(inputs.need.incidents, found, params),
            "incidents_status": inputs.incidents_status,
            **{name: figures.get(name) for name in ("n_clusters", "n_in_clusters")},
            "class_limits": limits,
            "n_hidden": n_hidden,
        },
        tables={**drawn, **tables, **levels},
        warnings=(*inputs.notices, *found.need.notices, *notices),
        provenance=inputs.refs,
        configuration_sha256=inputs.configuration_sha256,
    )


def _densities(
    inputs: HotspotInputs, params: HotspotParams, found: Survey
) -> tuple[dict[str, gpd.GeoDataFrame], list[float]]:
    """Return the table of densities and the limits of its classes."""
    lixels, least = found.lixels, need_rules().publication.least_n
    incidents = inputs.need.incidents
    if found.incidents is None or incidents is None:
        per_m = found.need.weight / lixels.length_m
        told, column = np.ones(len(lixels), dtype=bool), "need_ratio_per_km"
    elif params.density_in == PLANE:
        return _plane(inputs.need, incidents, params)
    else:
        per_m = found.incidents.per_m
        told, column = found.incidents.n_points >= least, "incidents_per_km"
    limits = class_limits(per_m * M_PER_KM, lixels.length_m, told)
    proxy = found.need.is_proxy
    table = segment_table(lixels, per_m, told, limits, inputs.streets, column, is_proxy=proxy)
    return {"segments": table}, limits.tolist()


def _plane(
    inputs: NeedInputs, incidents: Incidents, params: HotspotParams
) -> tuple[dict[str, gpd.GeoDataFrame], list[float]]:
    """Return the density in cells that streets pass: one for each incident would tell its place."""
    middles = shapely.line_interpolate_point(inputs.network.edge_line, HALF, normalized=True)
    streets = gpd.GeoSeries(middles, crs=inputs.network.crs)
    cells = h3_cells(streets, params.cell_resolution)[0]
    density, n_points = plane_density(
        shapely.get_coordinates(incidents.points.geometry.to_numpy()),
        incidents.points[WEIGHT].to_numpy(dtype=float),
        shapely.get_coordinates(cells.geometry.centroid.to_numpy()),
        bandwidth_m=params.bandwidth_m,
        kernel=params.kernel,
    )
    told = n_points >= need_rules().publication.least_n
    limits = class_limits(density * M2_PER_HA, np.ones(len(cells)), told)
    return {"cells": cell_table(cells, density, told, limits)}, limits.tolist()


def _counts(
    incidents: Incidents, params: HotspotParams, progress: Progress
) -> tuple[dict[str, pd.DataFrame], dict[str, Any], list[Notice]]:
    """Return the tables of hours and clusters, their figures, and what to know of them."""
    progress("progress.clusters", 0.9)
    rules = need_rules().publication
    xy = shapely.get_coordinates(incidents.points.geometry.to_numpy())
    labels, sampled = cluster_labels(
        xy,
        min_cluster_size=params.min_cluster_size,
        seed=params.seed,
        near_m=rules.hull_grid_m,
        most=rules.most_clusters,
    )
    kinds = shown_kinds(incidents)
    hours = count_hours(incidents, kinds)
    clusters = count_clusters(labels, kinds, hours)
    n = int(labels.max(initial=NOISE)) + 1
    named = [*kinds.names, ALL]
    hour_names = [*(f"{hour:02d}" for hour in range(HOURS_A_DAY)), UNKNOWN, ALL]
    names = [str(number) for number in range(n)]
    tables = {
        "hours": long_table(hours.table, hours.hidden, hour_names, named, "hour"),
        "clusters": cluster_table(xy, labels, clusters, incidents.points.crs),
        "cluster_kinds": long_table(
            clusters.table[:n], clusters.hidden[:n], names, named, "cluster"
        ),
    }
    outside = bool(clusters.hidden[n, -1])
    figures = {
        "n_clusters": n,
        "n_in_clusters": None if outside else int(clusters.table[:n, -1].sum()),
    }
    notices = []
    if n == rules.most_clusters:
        notices.append(Notice("hotspots.most_clusters", {"n": n}))
    if sampled:
        notices.append(Notice("hotspots.sampled", {"n": MAX_POINTS, "all": len(xy)}))
    return tables, figures, notices


def _summary(incidents: Incidents | None, found: Survey, params: HotspotParams) -> dict[str, Any]:
    """Return the figures of the whole area."""
    least = need_rules().publication.least_n
    n = None if incidents is None else len(incidents)
    return {
        "half_of_need_on_ratio": _concentration(found),
        "streets_km": float(found.lixels.length_m.sum()) / M_PER_KM,
        "is_proxy": found.need.is_proxy,
        "density_in": params.density_in,
        "kernel": params.kernel,
        "bandwidth_m": params.bandwidth_m,
        "n_incidents": None if n is None else _told(n),
        "n_outside": None if incidents is None else incidents.n_outside,
        "n_without_position": None if incidents is None else incidents.n_without_position,
        "n_undated": None if incidents is None else _told(incidents.n_undated),
        "n_without_hour": None if incidents is None else _told(incidents.n_without_hour),
        "least_n": least,
    }


def _told(n: int) -> int | None:
    """Return a count as a table may hold it: a small one is hidden."""
    return n if n == 0 or n >= need_rules().publication.least_n else None


def _concentration(found: Survey) -> float:
    """Return the least share of the length of streets that holds half of the need."""
    length_m = found.lixels.length_m
    order = np.argsort(-found.need.weight / length_m, kind="stable")
    passed = np.cumsum(found.need.weight[order])
    at = int(np.searchsorted(passed, HALF * passed[-1]))
    return float(length_m[order][: at + 1].sum() / length_m.sum())
