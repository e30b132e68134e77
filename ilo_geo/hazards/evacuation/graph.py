"""One graph for people on foot: streets, stairs and crossable ground, with seconds on every arc.

Street nodes are the vertices of the walking network, cut so that no piece is longer than 20 m;
ground nodes are the crossable cells of the terrain, joined to their eight neighbours. Connectors
join a street node and a near ground cell where no block, building, wall or water lies between.
Every arc is directed and its seconds hold for that direction (uphill is not downhill).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from ilo_geo.city.network import Network
from ilo_geo.hazards.evacuation.speeds import Floats
from ilo_geo.hazards.evacuation.speeds import Formulation
from ilo_geo.hazards.evacuation.speeds import walk_seconds
from ilo_geo.hazards.evacuation.strip import Strip
from ilo_geo.hazards.evacuation.strip import graph_figures
from ilo_geo.hazards.evacuation.surfaces import GROUND
from ilo_geo.hazards.evacuation.surfaces import surfaces

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
NO_NODE = NO_LINK = NO_CELL = -1
# half of the eight directions (rows, columns); the other half are the same arcs turned round
HALF_NEIGHBOURS = ((0, 1), (1, -1), (1, 0), (1, 1))


@dataclass(frozen=True)
class EvacGraph:
    """Where people can walk; all arrays are by node or by arc.

    Attributes
    ----------
    node_xy
        Coordinates in metres, shape (n, 2): street nodes, then ground cells, then refuges.
    node_elevation_m
        Elevation from the terrain, bilinear.
    safe
        Whether a node is on safe ground or is a refuge.
    arc_from, arc_to
        Nodes of each directed arc.
    arc_s
        Seconds from ``arc_from`` to ``arc_to`` for a walker of ``speed_m_s``.
    arc_length_m
        Length on the map.
    arc_link
        Position in the streets layer of the street or stair the arc is part of; -1 on ground and
        connectors.
    is_street_node
        Whether a node is on a street.
    cell_of_node
        Flat position of a ground node's cell in the strip's window; -1 for other nodes.
    formulation, speed_m_s
        What the seconds stand for.
    """

    node_xy: Floats
    node_elevation_m: Floats
    safe: Bools
    arc_from: Ints
    arc_to: Ints
    arc_s: Floats
    arc_length_m: Floats
    arc_link: Ints
    is_street_node: Bools
    cell_of_node: Ints
    formulation: Formulation = "tobler"
    speed_m_s: float = 1.0

    @property
    def n_nodes(self) -> int:
        """Return how many nodes there are."""
        return len(self.node_xy)

    @property
    def n_arcs(self) -> int:
        """Return how many directed arcs there are."""
        return len(self.arc_from)

    @cached_property
    def arcs_in(self) -> tuple[Ints, Ints]:
        """Return ``indptr, arc``: the arcs into node ``i`` are ``arc[indptr[i]:indptr[i + 1]]``."""
        order: Ints = np.argsort(self.arc_to, kind="stable")
        per_node = np.bincount(self.arc_to, minlength=self.n_nodes)
        return np.concatenate([[0], np.cumsum(per_node)]).astype(np.int64), order

    def at_speed(self, speed_m_s: float) -> EvacGraph:
        """Return the same graph for another walker: all seconds scale with 1 / speed."""
        factor = self.speed_m_s / speed_m_s
        return replace(self, arc_s=self.arc_s * factor, speed_m_s=speed_m_s)


@dataclass(frozen=True)
class People:
    """Groups of people: the node they enter the graph at, how many, and when they get there.

    ``node`` is -1 where no street or ground is near; ``delay_s`` is the reaction and the walk from
    the door to the node.
    """

    node: Ints
    inhab: Floats
    delay_s: Floats


@dataclass(frozen=True)
class _Part:
    """Nodes and undirected links of one kind of way; ``end`` holds node numbers, shape (m, 2)."""

    xy: Floats
    end: Ints
    length_m: Floats
    link: Ints
    factor: Floats


def evacuation_graph(
    strip: Strip,
    network: Network,
    streets: gpd.GeoDataFrame,
    *,
    formulation: Formulation,
    speed_m_s: float,
    max_slope: float,
    obstacles: Iterable[gpd.GeoDataFrame | None] = (),
    refuges: gpd.GeoDataFrame | None = None,
) -> EvacGraph:
    """Return the graph of the strip.

    Parameters
    ----------
    strip
        What is safe and what is crossable.
    network, streets
        Walking network (`ilo_geo.city.network.walking_network`) of the streets layer, and the layer
        with ``street_class``.
    formulation, speed_m_s
        How long an arc takes.
    max_slope
        Steepest ground or connector that is walked, rise over run; streets and stairs have none.
    obstacles
        Polygons and walls a connector may not cross.
    refuges
        Points of vertical refuges; each is safe and joined to the nearest street or ground.
    """
    ways = _street_part(strip, network, streets)
    cells = np.flatnonzero(strip.ground)
    ground = _ground_part(strip, cells, first_node=len(ways.xy))
    joints = _connectors(ways.xy, ground.xy, strip, list(obstacles))
    parts = [ways, ground, joints]
    xy = np.vstack([ways.xy, ground.xy])
    if refuges is not None and len(refuges):
        parts.append(_refuge_part(shapely.get_coordinates(refuges.geometry.to_numpy()), xy))
        xy = np.vstack([xy, parts[-1].xy])
    kind = np.repeat([0, 1, 2], [len(ways.xy), len(cells), len(xy) - len(ways.xy) - len(cells)])
    elevation_m = strip.elevations_m(xy)
    high = strip.held(strip.safe, xy)
    graph = EvacGraph(
        node_xy=xy,
        node_elevation_m=elevation_m,
        safe=high | (kind == 2),
        is_street_node=kind == 0,
        cell_of_node=np.concatenate(
            [np.full(len(ways.xy), NO_CELL), cells, np.full((kind == 2).sum(), NO_CELL)]
        ),
        formulation=formulation,
        speed_m_s=speed_m_s,
        **_arcs(parts, elevation_m, formulation, speed_m_s, max_slope),
    )
    return _without_lost_ground(graph)


def _street_part(strip: Strip, network: Network, streets: gpd.GeoDataFrame) -> _Part:
    """Return the pieces of street whose both ends lie in the domain."""
    dense = shapely.segmentize(network.edge_line, graph_figures().piece_m)
    xy, edge = shapely.get_coordinates(dense, return_index=True)
    node = network.n_nodes + np.arange(len(xy))
    opens = np.ones(len(xy), dtype=bool)
    opens[1:] = edge[1:] != edge[:-1]
    closes = np.roll(opens, -1)
    node[opens], node[closes] = network.edge_u, network.edge_v
    inside = strip.held(strip.domain, xy)
    start = np.flatnonzero(~closes[:-1] & inside[:-1] & inside[1:])
    kept, first, end = np.unique(
        np.stack([node[start], node[start + 1]], axis=1),
        return_index=True,
        return_inverse=True,
    )
    at = np.stack([start, start + 1], axis=1).ravel()[first]
    row = network.edge_row[edge[start]]
    return _Part(
        xy=xy[at],
        end=end.reshape(-1, 2).astype(np.int64) if len(kept) else np.empty((0, 2), np.int64),
        length_m=np.hypot(*(xy[start + 1] - xy[start]).T),
        link=row,
        factor=surfaces().of_streets(streets["street_class"])[row],
    )


def _ground_part(strip: Strip, cells: Ints, *, first_node: int) -> _Part:
    """Return the crossable cells, each joined to its eight neighbours.

    A diagonal between two cells that are not crossable is no way: it would squeeze past a corner.
    """
    rows, cols = strip.shape
    # a frame of one cell spares every check of the border
    number = np.full((rows + 2, cols + 2), NO_NODE, dtype=np.int64)
    row, col = np.divmod(cells, cols)
    number[row + 1, col + 1] = first_node + np.arange(len(cells))
    ends, lengths_m = [], []
    for down, right in HALF_NEIGHBOURS:
        other = number[row + 1 + down, col + 1 + right]
        beside = np.maximum(number[row + 1 + down, col + 1], number[row + 1, col + 1 + right])
        joined = (other != NO_NODE) & ((down * right == 0) | (beside != NO_NODE))
        ends.append(np.stack([number[row + 1, col + 1], other], axis=1)[joined])
        lengths_m.append(np.full(joined.sum(), strip.cell_m * np.hypot(down, right)))
    end, length_m = np.concatenate(ends), np.concatenate(lengths_m)
    return _Part(
        xy=strip.centres(cells),
        end=end,
        length_m=length_m,
        link=np.full(len(end), NO_LINK),
        factor=np.full(len(end), surfaces().factors[GROUND]),
    )


def _connectors(
    street_xy: Floats, ground_xy: Floats, strip: Strip, obstacles: list[gpd.GeoDataFrame | None]
) -> _Part:
    """Return the steps between street nodes and near ground cells that cross no obstacle."""
    figures = graph_figures()
    reach_m = figures.connector_cells * strip.cell_m
    pairs = [np.empty((0, 2), np.int64)]
    if len(street_xy) and len(ground_xy):
        for swap, here, there in ((False, street_xy, ground_xy), (True, ground_xy, street_xy)):
            k = min(figures.connectors_each, len(there))
            gap_m, near = KDTree(there).query(here, k=k, distance_upper_bound=reach_m)
            gap_m, near = gap_m.reshape(len(here), k), near.reshape(len(here), k)
            row, nth = np.nonzero(np.isfinite(gap_m))
            pair = np.stack([row, near[row, nth]], axis=1)
            pairs.append(pair[:, ::-1] if swap else pair)
    street, ground = np.unique(np.concatenate(pairs), axis=0).T
    lines = shapely.linestrings(np.stack([street_xy[street], ground_xy[ground]], axis=1))
    free = np.ones(len(lines), dtype=bool)
    for frame in obstacles:
        if frame is not None and len(lines):
            tree = shapely.STRtree(frame.geometry.to_numpy())
            free[tree.query(lines, predicate="intersects")[0]] = False
    street, ground = street[free], ground[free]
    return _steps(
        np.stack([street, ground + len(street_xy)], axis=1),
        np.hypot(*(street_xy[street] - ground_xy[ground]).T),
        xy=np.empty((0, 2)),
    )


def _refuge_part(refuge_xy: Floats, xy: Floats) -> _Part:
    """Return each refuge joined to its nearest node, if one is near."""
    gap_m, near = KDTree(xy).query(refuge_xy)
    node = len(xy) + np.arange(len(refuge_xy))
    reached = gap_m <= graph_figures().max_gap_m
    end = np.stack([near, node], axis=1)[reached]
    return _steps(end.astype(np.int64), gap_m[reached], xy=refuge_xy)


def _steps(end: Ints, length_m: Floats, *, xy: Floats) -> _Part:
    factor = np.full(len(end), surfaces().factors[GROUND])
    return _Part(xy, end, length_m, np.full(len(end), NO_LINK), factor)


def _arcs(
    parts: list[_Part],
    elevation_m: Floats,
    formulation: Formulation,
    speed_m_s: float,
    max_slope: float,
) -> dict[str, np.ndarray]:
    """Return every link as two arcs; ground too steep to walk is left out both ways."""
    end = np.concatenate([part.end for part in parts])
    length_m = np.concatenate([part.length_m for part in parts])
    link = np.concatenate([part.link for part in parts])
    factor = np.concatenate([part.factor for part in parts])
    rise_m = elevation_m[end[:, 1]] - elevation_m[end[:, 0]]
    kept = (link != NO_LINK) | (np.abs(rise_m) <= max_slope * length_m)
    end, length_m, link, factor, rise_m = (
        values[kept] for values in (end, length_m, link, factor, rise_m)
    )
    walk = {"speed_m_s": speed_m_s, "formulation": formulation, "factor": factor}
    return {
        "arc_from": np.concatenate([end[:, 0], end[:, 1]]),
        "arc_to": np.concatenate([end[:, 1], end[:, 0]]),
        "arc_s": np.concatenate(
            [walk_seconds(length_m, sign * rise_m, **walk) for sign in (1, -1)]
        ),
        "arc_length_m": np.tile(length_m, 2),
        "arc_link": np.tile(link, 2),
    }


def _without_lost_ground(graph: EvacGraph) -> EvacGraph:
    """Return the graph without ground that touches no street and leads nowhere safe.

    Closed yards between blocks are no way out; whoever lives beside one takes the street.
    """
    ones = np.ones(graph.n_arcs, dtype=bool)
    shape = (graph.n_nodes, graph.n_nodes)
    joined = coo_array((ones, (graph.arc_from, graph.arc_to)), shape=shape)
    n, part = connected_components(joined, directed=False)
    useful = np.bincount(part, weights=graph.is_street_node | graph.safe, minlength=n) > 0
    kept = useful[part]
    number = np.cumsum(kept) - 1
    arc = kept[graph.arc_from]
    return replace(
        graph,
        **{
            name: getattr(graph, name)[kept]
            for name in ("node_xy", "node_elevation_m", "safe", "is_street_node", "cell_of_node")
        },
        **{name: number[getattr(graph, name)[arc]] for name in ("arc_from", "arc_to")},
        **{name: getattr(graph, name)[arc] for name in ("arc_s", "arc_length_m", "arc_link")},
    )
