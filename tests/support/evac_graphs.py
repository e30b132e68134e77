"""Small networks of people on foot, made up for tests."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import Delaunay

from ilo_geo.hazards.evacuation.graph import EvacGraph
from ilo_geo.hazards.evacuation.graph import People
from ilo_geo.hazards.evacuation.speeds import walk_seconds

CRS = "EPSG:32719"


def graph_of(
    node_xy: list[tuple[float, float]] | np.ndarray,
    edges: list[tuple[int, int, int]],
    safe: list[int],
    *,
    elevation_m: list[float] | np.ndarray | None = None,
    seconds: list[float] | None = None,
) -> EvacGraph:
    """Return a graph of two-way ``edges`` (node, node, street row); 1 m/s where not said."""
    xy = np.asarray(node_xy, dtype=float)
    u, v, link = np.array(edges, dtype=np.int64).reshape(-1, 3).T
    length_m = np.hypot(*(xy[v] - xy[u]).T)
    rise = np.zeros(len(xy)) if elevation_m is None else np.asarray(elevation_m, dtype=float)
    walk_s = length_m if seconds is None else np.asarray(seconds, dtype=float)
    both = np.concatenate([walk_s, walk_s])
    if elevation_m is not None and seconds is None:
        up_m = rise[v] - rise[u]
        both = np.concatenate(
            [walk_seconds(length_m, sign * up_m, speed_m_s=1.0) for sign in (1, -1)]
        )
    is_safe = np.zeros(len(xy), dtype=bool)
    is_safe[safe] = True
    return EvacGraph(
        node_xy=xy,
        node_elevation_m=rise,
        safe=is_safe,
        arc_from=np.concatenate([u, v]),
        arc_to=np.concatenate([v, u]),
        arc_s=both,
        arc_length_m=np.concatenate([length_m, length_m]),
        arc_link=np.concatenate([link, link]),
        is_street_node=np.ones(len(xy), dtype=bool),
        cell_of_node=np.full(len(xy), -1),
    )


def streets_of(
    graph: EvacGraph,
    *,
    names: dict[int, str] | None = None,
    classes: dict[int, str] | None = None,
    width_m: float = 6.0,
) -> gpd.GeoDataFrame:
    """Return the streets layer of a graph: one row a link, lines as drawn."""
    n = int(graph.arc_link.max(initial=-1)) + 1
    forward = np.arange(len(graph.arc_from) // 2)
    ends = np.stack([graph.node_xy[graph.arc_from], graph.node_xy[graph.arc_to]], axis=1)
    lines = [
        shapely.multilinestrings(shapely.linestrings(ends[forward[graph.arc_link[forward] == row]]))
        for row in range(n)
    ]
    return gpd.GeoDataFrame(
        {
            "name": [(names or {}).get(row) for row in range(n)],
            "street_class": [(classes or {}).get(row, "residential") for row in range(n)],
            "width_m": width_m,
        },
        geometry=lines,
        crs=CRS,
    )


def random_city(seed: int, n_nodes: int = 30) -> tuple[EvacGraph, People]:
    """Return a planar city on a slope, safe where it is highest, with people at random nodes.

    Seconds are whole and even, so that sums are exact; every street holds a few edges and some
    edges lie on none.
    """
    rng = np.random.default_rng(seed)
    xy = np.round(rng.random((n_nodes, 2)) * 400)
    xy += np.arange(n_nodes)[:, None] * 1e-3  # no two points alike
    triangles = Delaunay(xy).simplices
    pairs = np.unique(
        np.sort(np.vstack([triangles[:, k] for k in ([0, 1], [1, 2], [2, 0])])), axis=0
    )
    pairs = pairs[rng.random(len(pairs)) < 0.6]
    link = rng.integers(-1, max(len(pairs) // 2, 1), len(pairs))
    edges = [(int(u), int(v), int(k)) for (u, v), k in zip(pairs, link, strict=True)]
    elevation_m = xy[:, 1] / 10
    graph = graph_of(xy, edges, list(np.argsort(elevation_m)[-2:]), elevation_m=elevation_m)
    graph = replace(graph, arc_s=2.0 * rng.integers(1, 60, graph.n_arcs))
    n_people = n_nodes
    people = People(
        node=rng.integers(-1, n_nodes, n_people),
        inhab=rng.integers(1, 9, n_people).astype(float),
        delay_s=rng.integers(0, 60, n_people).astype(float),
    )
    return graph, people
