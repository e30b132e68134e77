"""Which k vertical refuges would save most people who are late today.

A refuge saves the late people who reach its roof before the wave: delay, walk to its door, climb.
Choosing k of them is a maximum coverage problem; with capacities, one of assignment. Both are
solved to proven optimality by branch and bound (HiGHS), and the upper bound is reported with the
answer. The figure is of people who *can* reach a refuge: whether a building stands the earthquake
and the wave is for a structural engineer, never for this map.

Two kinds of candidates: ``building``, one that stands and is high enough by the rule, and ``site``,
a street corner where a tower of ``height_needed_m`` would have to be built.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numba import njit
from scipy.sparse import coo_array
from scipy.sparse import csr_array
from scipy.spatial import KDTree

from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.hazards.evacuation.graph import EvacGraph
from ilo_geo.hazards.evacuation.graph import People
from ilo_geo.hazards.evacuation.max_coverage import Coverage
from ilo_geo.hazards.evacuation.measures_rules import measure_rules
from ilo_geo.hazards.evacuation.retime import EvacTree
from ilo_geo.hazards.evacuation.retime import people_by_node
from ilo_geo.hazards.evacuation.speeds import walk_seconds
from ilo_geo.hazards.evacuation.strip import graph_figures
from ilo_geo.hazards.evacuation.surfaces import GROUND
from ilo_geo.hazards.evacuation.surfaces import surfaces

BUILDING, SITE = "building", "site"


@dataclass(frozen=True)
class Water:
    """How high the wave comes, and the elevation that the study calls safe."""

    level_m: float
    safe_above_m: float

    def height_needed_m(self, ground_m: Floats) -> Floats:
        """Return how high over the ground a refuge must be.

        Depth, a share of the depth and freeboard (FEMA P-646), and no lower than safe ground.
        """
        rules = measure_rules().refuges
        depth_m = np.maximum(self.level_m - ground_m, 0.0)
        over_m = depth_m * (1 + rules.freeboard_depth_ratio.value) + rules.freeboard_m.value
        needed: Floats = np.maximum(over_m, self.safe_above_m - ground_m)
        return needed


def building_candidates(
    graph: EvacGraph, buildings: gpd.GeoDataFrame, water: Water
) -> gpd.GeoDataFrame:
    """Return the buildings that could be refuges.

    Public ones (``uses`` of the rules) from two storeys, others from three, with a roof at or
    above `Water.height_needed_m`, near a street that is not safe already. The roof is taken as flat
    and within reach, its footprint as standing room, the ground as that at the nearest street.

    Parameters
    ----------
    graph
        The network.
    buildings
        Polygons with ``use, levels, height_m``.
    water
        How high a roof must be.

    Returns
    -------
    candidates
        Columns ``kind, label, node, enter_s, capacity_inhab, height_m, height_needed_m`` and the
        building's polygon; ``label`` is the building's index.
    """
    rules = measure_rules().refuges
    public = buildings["use"].isin(rules.uses).to_numpy()
    least = np.where(public, rules.public_min_levels, rules.other_min_levels)
    chosen = buildings[buildings["levels"].to_numpy(dtype=float) >= least]
    streets = np.flatnonzero(graph.is_street_node)
    middles = shapely.get_coordinates(shapely.centroid(chosen.geometry.to_numpy()))
    node, gap_m = np.zeros(0, np.int64), np.zeros(0)
    if len(streets) and len(chosen):
        gap_m, nearest = KDTree(graph.node_xy[streets]).query(middles)
        node = streets[nearest]
    height_m = chosen["height_m"].to_numpy(dtype=float)[: len(node)]
    high = height_m >= water.height_needed_m(graph.node_elevation_m[node])
    kept = np.flatnonzero(high & ~graph.safe[node] & (gap_m <= graph_figures().max_gap_m))
    area_m2 = shapely.area(chosen.geometry.to_numpy()[kept])
    return _candidates(
        BUILDING,
        graph,
        node[kept],
        water=water,
        label=chosen.index[kept].astype(str),
        height_m=height_m[kept],
        gap_m=gap_m[kept],
        capacity_inhab=np.floor(area_m2 / rules.area_m2_per_inhab.value),
        geometry=gpd.GeoSeries(chosen.geometry.to_numpy()[kept], crs=buildings.crs),
    )


def site_candidates(
    tree: EvacTree, late_node: Ints, water: Water, *, spacing_m: float, crs: Any
) -> gpd.GeoDataFrame:
    """Return street corners where a tower could be built, one a square of ``spacing_m``.

    Looked for in the squares where late people set out (``late_node``); a tower is built as high
    and as large as it takes.
    """
    graph = tree.graph
    streets = np.flatnonzero(graph.is_street_node & ~graph.safe)
    square = np.floor(graph.node_xy / spacing_m).astype(np.int64)
    off_m = np.hypot(*(graph.node_xy - (square + 0.5) * spacing_m).T)
    nearest_first = streets[np.lexsort((streets, off_m[streets]))]
    first = np.unique(square[nearest_first], axis=0, return_index=True)[1]
    node = np.sort(nearest_first[first])
    wanted = {tuple(cell) for cell in square[late_node].tolist()}
    node = node[np.array([tuple(cell) in wanted for cell in square[node].tolist()], dtype=bool)]
    return _candidates(
        SITE,
        graph,
        node,
        water=water,
        label=[f"node_{n}" for n in node],
        height_m=water.height_needed_m(graph.node_elevation_m[node]),
        gap_m=np.zeros(len(node)),
        capacity_inhab=np.full(len(node), np.inf),
        geometry=gpd.GeoSeries(shapely.points(graph.node_xy[node]), crs=crs),
    )


def _candidates(
    kind: str,
    graph: EvacGraph,
    node: Ints,
    *,
    water: Water,
    label: Any,
    height_m: Floats,
    gap_m: Floats,
    capacity_inhab: Floats,
    geometry: gpd.GeoSeries,
) -> gpd.GeoDataFrame:
    door_s = walk_seconds(gap_m, 0.0, speed_m_s=graph.speed_m_s, factor=surfaces().factors[GROUND])
    climb_s = height_m / measure_rules().refuges.climb_m_s.value
    table = pd.DataFrame(
        {
            "kind": kind,
            "label": np.asarray(label, dtype=object),
            "node": node,
            "enter_s": door_s + climb_s,
            "capacity_inhab": capacity_inhab,
            "height_m": height_m,
            "height_needed_m": water.height_needed_m(graph.node_elevation_m[node]),
        }
    )
    return gpd.GeoDataFrame(table, geometry=geometry.to_numpy(), crs=geometry.crs)


def late_people(tree: EvacTree, people: People, *, arrival_s: float) -> People:
    """Return the people on the network who are late today."""
    node = np.asarray(people.node, np.int64)
    late = (node >= 0) & (people.delay_s + tree.time_s[node] > arrival_s)
    return People(node[late], np.asarray(people.inhab)[late], np.asarray(people.delay_s)[late])


def coverage(
    tree: EvacTree,
    late: People,
    candidates: gpd.GeoDataFrame,
    *,
    arrival_s: float,
    with_capacity: bool = True,
) -> Coverage:
    """Return which of the ``late`` people reach which candidate's roof by ``arrival_s``."""
    by_node = people_by_node(late, tree.graph.n_nodes)
    limit_s = arrival_s - candidates["enter_s"].to_numpy(dtype=float)
    candidate, row = _reached(
        tree.arcs,
        tree.rows,
        candidates["node"].to_numpy(dtype=np.int64),
        limit_s,
        (by_node.ptr, by_node.delay_s),
    )
    shape = (len(by_node.inhab), len(candidates))
    reach = coo_array((np.ones(len(row), np.int8), (row, candidate)), shape=shape).tocsr()
    reach.sort_indices()
    sets: dict[bytes, int] = {}
    member = np.array(
        [
            sets.setdefault(reach.indices[a:b].tobytes(), len(sets))
            for a, b in zip(reach.indptr[:-1], reach.indptr[1:], strict=True)
        ],
        dtype=np.int64,
    )
    first = np.unique(member, return_index=True)[1]
    capacity = candidates["capacity_inhab"].to_numpy(dtype=float)
    return Coverage(
        saves=csr_array(reach[first].T),
        inhab=np.bincount(member, weights=by_node.inhab, minlength=len(sets)).astype(np.float64),
        capacity_inhab=capacity if with_capacity else np.full(len(capacity), np.inf),
        late_inhab=float(by_node.inhab.sum()),
    )


@njit(cache=True, nogil=True)
def _reached(
    arcs: tuple[Ints, Ints, Floats],
    rows: tuple[Ints, Ints, Ints, Ints],
    target: Ints,
    limit_s: Floats,
    people: tuple[Ints, Floats],
) -> tuple[Ints, Ints]:
    """Return every (candidate, people row) where delay and way to the candidate keep the limit."""
    tail, seconds = arcs[0], arcs[2]
    in_ptr, in_arc = rows[2], rows[3]
    ptr, delay_s = people
    time_s = np.full(len(in_ptr) - 1, np.inf)
    candidates = [np.int64(0) for _ in range(0)]
    found = [np.int64(0) for _ in range(0)]
    for i in range(len(target)):
        heap = [(0.0, target[i])]
        touched = [target[i]]
        time_s[target[i]] = 0.0
        while heap:
            walked_s, node = heapq.heappop(heap)
            if walked_s > time_s[node]:
                continue
            for row in range(ptr[node], ptr[node + 1]):
                if delay_s[row] + walked_s <= limit_s[i]:
                    candidates.append(np.int64(i))
                    found.append(np.int64(row))
            for k in range(in_ptr[node], in_ptr[node + 1]):
                up, there_s = tail[in_arc[k]], walked_s + seconds[in_arc[k]]
                if there_s <= limit_s[i] and there_s < time_s[up]:
                    if time_s[up] == np.inf:
                        touched.append(up)
                    time_s[up] = there_s
                    heapq.heappush(heap, (there_s, up))
        for node in touched:
            time_s[node] = np.inf
    return np.array(candidates), np.array(found)
