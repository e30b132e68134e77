"""The patrol loop on the streets of a city, as a table of the streets in the order driven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from ilo_geo.city.driving import KM_H_PER_M_S
from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.core.progress import Progress
from ilo_geo.security.patrol.loop import ArcGraph
from ilo_geo.security.patrol.loop import Loop
from ilo_geo.security.patrol.loop import patrol_loop
from ilo_geo.security.patrol.parameters import PatrolParams
from ilo_geo.security.patrol.rules import patrol_rules
from ilo_geo.security.patrol.scene import PatrolScene
from ilo_geo.security.patrol.tables import M_PER_KM
from ilo_geo.security.patrol.tables import MIDDLE
from ilo_geo.security.response import S_PER_MIN


@dataclass(frozen=True)
class StreetLoop:
    """A loop, its streets in order, and its key figures."""

    loop: Loop
    table: gpd.GeoDataFrame
    figures: dict[str, Any]


def patrol_arcs(scene: PatrolScene, params: PatrolParams) -> ArcGraph:
    """Return the streets as arcs at the pace of a patrol: never faster than the street allows."""
    timed, streets = scene.drive.timed, scene.drive.streets
    night = params.conditions[MIDDLE].way_factor
    watching_s = streets.edge_length_m * KM_H_PER_M_S / params.patrol_km_h
    seconds = np.maximum(timed.edge_length_m * night, watching_s)
    ahead, back = np.flatnonzero(timed.edge_forward), np.flatnonzero(timed.edge_backward)
    edge = np.concatenate([ahead, back])
    return ArcGraph(
        n_nodes=timed.n_nodes,
        tail=np.concatenate([timed.edge_u[ahead], timed.edge_v[back]]),
        head=np.concatenate([timed.edge_v[ahead], timed.edge_u[back]]),
        seconds=seconds[edge],
        edge=edge,
        need=scene.edge_need,
    )


def street_loop(
    scene: PatrolScene,
    streets: gpd.GeoDataFrame,
    base_node: int,
    params: PatrolParams,
    *,
    progress: Progress,
) -> StreetLoop:
    """Return a loop from a base through the streets of most need within a shift."""
    graph = patrol_arcs(scene, params)
    loop = patrol_loop(
        graph,
        base_node,
        params.loop_budget_s,
        max_segments=patrol_rules().limits.max_loop_segments,
        progress=progress,
    )
    length_m = scene.drive.streets.edge_length_m[graph.edge[loop.arcs]]
    figures = {
        "loop_h": loop.seconds / S_PER_MIN / S_PER_MIN,
        "loop_budget_h": params.loop_budget_s / S_PER_MIN / S_PER_MIN,
        "loop_km": float(length_m.sum()) / M_PER_KM,
        "loop_need_ratio": loop.need,
        "loop_need_bound_ratio": loop.bound,
        "loop_gap_ratio": loop.gap_ratio,
    }
    return StreetLoop(loop, _table(scene, streets, graph, loop.arcs), figures)


def _table(
    scene: PatrolScene, streets: gpd.GeoDataFrame, graph: ArcGraph, arcs: Ints
) -> gpd.GeoDataFrame:
    """Return a row a street driven: ``order``, minutes, ends, and the need first passed here."""
    network, edge = scene.drive.streets, graph.edge[arcs]
    first = np.zeros(len(arcs), dtype=bool)
    first[np.unique(edge, return_index=True)[1]] = True
    line = network.edge_line[edge]
    against = graph.tail[arcs] != network.edge_u[edge]
    # a ring starts and ends at one node: its first direction is forward
    line = np.where(against, shapely.reverse(line), line)
    minutes: Floats = graph.seconds[arcs] / S_PER_MIN
    rows = streets.iloc[network.edge_row[edge]]
    table = gpd.GeoDataFrame(
        {
            "order": np.arange(1, len(arcs) + 1),
            "name": rows["name"].to_numpy(dtype=object),
            "street_class": rows["street_class"].to_numpy(dtype=object),
            "from_node": graph.tail[arcs],
            "to_node": graph.head[arcs],
            "length_m": network.edge_length_m[edge],
            "minutes": minutes,
            "arrival_min": np.cumsum(minutes),
            "first_pass": first,
            "need_ratio": np.where(first, graph.need[edge], 0.0),
        },
        geometry=line,
        crs=streets.crs,
    )
    return table.rename_axis("id")
