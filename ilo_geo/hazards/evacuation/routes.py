"""The way from one block, neighbourhood or building to safety, in words and as a line.

The way is the best one of the network as it stands; it says nothing of rubble, fire or crowds.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.core.errors import InputError
from ilo_geo.hazards.evacuation.graph import EvacGraph
from ilo_geo.hazards.evacuation.graph import People
from ilo_geo.hazards.evacuation.retime import S_PER_MIN
from ilo_geo.hazards.evacuation.retime import EvacTree
from ilo_geo.hazards.evacuation.retime import arrival_times_s
from ilo_geo.hazards.evacuation.route_legs import Leg
from ilo_geo.hazards.evacuation.route_legs import legs_of

# keeps a mean of nobody defined
LEAST_WEIGHT = 1e-12


@dataclass(frozen=True)
class MeetingPoint:
    """Where the way ends, on safe ground.

    Attributes
    ----------
    x_m, y_m, elevation_m
        Position in the area's CRS.
    street, place
        Name of the nearest street that has one, and of the nearest place; None where there is none.
    street_gap_m, place_gap_m
        How far they are; NaN where there is none.
    """

    x_m: float
    y_m: float
    elevation_m: float
    street: str | None
    street_gap_m: float
    place: str | None
    place_gap_m: float


@dataclass(frozen=True)
class Route:
    """One way to safety.

    Attributes
    ----------
    line
        The path in the area's CRS, start to meeting point; a single point twice where the start
        is safe.
    walk_min, delay_min
        Minutes on the path, and before it (reaction and the way from the door).
    length_m, climb_m, descent_m
        Metres walked, uphill and downhill metres, both positive.
    legs
        What to say, in order.
    meeting_point
        Where it ends.
    nodes
        Nodes of the network passed.
    inhab, slowest_min
        Of a place: its people, and minutes to safety of its last one by their own best way; of a
        single start 0 and its own minutes.
    """

    line: LineString
    walk_min: float
    delay_min: float
    length_m: float
    climb_m: float
    descent_m: float
    legs: tuple[Leg, ...]
    meeting_point: MeetingPoint
    nodes: tuple[int, ...]
    inhab: float
    slowest_min: float

    @property
    def total_min(self) -> float:
        """Return minutes from the earthquake to safety."""
        return self.delay_min + self.walk_min


def route_of_place(
    tree: EvacTree,
    people: People,
    home_xy: Floats,
    place: BaseGeometry,
    streets: gpd.GeoDataFrame,
    *,
    where: str,
    places: gpd.GeoDataFrame | None = None,
) -> Route:
    """Return the way of a block, neighbourhood or building: that of the node most people take.

    Parameters
    ----------
    tree, people, streets, places
        As for `route_from`.
    home_xy
        Where each group of ``people`` lives, shape (n, 2).
    place
        Polygon (or point) in the area's CRS. With nobody inside, the way starts at the nearest
        street that has one, without delay.
    where
        Its name, for the message.

    Raises
    ------
    InputError
        No way to safety starts there.
    """
    node = np.asarray(people.node, np.int64)
    inhab = np.asarray(people.inhab, dtype=float)
    delay_s = np.asarray(people.delay_s, dtype=float)
    inside = shapely.intersects_xy(place, home_xy[:, 0], home_xy[:, 1])
    on_net = inside & (node >= 0)
    if not on_net.any():
        start = _nearest_start(tree, place, where)
        return route_from(tree, start, streets, where=where, places=places)
    start = int(np.argmax(np.bincount(node[on_net], weights=inhab[on_net])))
    here = on_net & (node == start)
    delay = float(np.average(delay_s[here], weights=np.maximum(inhab[here], LEAST_WEIGHT)))
    route = route_from(tree, start, streets, where=where, delay_s=delay, places=places)
    last_s = float(arrival_times_s(people, tree.time_s)[inside].max())
    return replace(route, inhab=float(inhab[inside].sum()), slowest_min=last_s / S_PER_MIN)


def route_from(
    tree: EvacTree,
    node: int,
    streets: gpd.GeoDataFrame,
    *,
    where: str,
    delay_s: float = 0.0,
    places: gpd.GeoDataFrame | None = None,
) -> Route:
    """Return the best way from ``node`` to safety.

    Parameters
    ----------
    tree
        The network and its best ways.
    node
        Where it starts.
    streets
        The layer the network was built from, with ``name`` and ``street_class``.
    where
        Name of the start, for the message.
    delay_s
        Seconds before anybody walks from ``node``.
    places
        Points with ``name`` to tell the meeting point by.

    Raises
    ------
    InputError
        No way to safety starts at ``node``.
    """
    if not np.isfinite(tree.time_s[node]):
        raise InputError("evacuation.no_route", where=where)
    graph = tree.graph
    arcs = _way(tree, node)
    nodes = np.append(graph.arc_from[arcs], graph.arc_to[arcs[-1]] if len(arcs) else node)
    xy = graph.node_xy[nodes]
    rise_m = np.diff(graph.node_elevation_m[nodes])
    walk_min = float(tree.time_s[node]) / S_PER_MIN
    return Route(
        line=LineString(xy if len(xy) > 1 else np.repeat(xy, 2, axis=0)),
        walk_min=walk_min,
        delay_min=delay_s / S_PER_MIN,
        length_m=float(graph.arc_length_m[arcs].sum()),
        climb_m=float(rise_m[rise_m > 0].sum()),
        descent_m=float(np.abs(rise_m[rise_m < 0]).sum()),
        legs=legs_of(graph, arcs, streets),
        meeting_point=_meeting_point(graph, int(nodes[-1]), streets, places),
        nodes=tuple(int(n) for n in nodes),
        inhab=0.0,
        slowest_min=walk_min + delay_s / S_PER_MIN,
    )


def _nearest_start(tree: EvacTree, place: BaseGeometry, where: str) -> int:
    streets = np.flatnonzero(tree.graph.is_street_node & np.isfinite(tree.time_s))
    if not len(streets):
        raise InputError("evacuation.no_route", where=where)
    gap_m = shapely.distance(place, shapely.points(tree.graph.node_xy[streets]))
    return int(streets[np.argmin(gap_m)])


def _way(tree: EvacTree, node: int) -> Ints:
    """Return the arcs from ``node`` to safety."""
    arcs = []
    while (arc := int(tree.next_arc[node])) >= 0:
        arcs.append(arc)
        node = int(tree.graph.arc_to[arc])
    return np.array(arcs, dtype=np.int64)


def _meeting_point(
    graph: EvacGraph, node: int, streets: gpd.GeoDataFrame, places: gpd.GeoDataFrame | None
) -> MeetingPoint:
    x_m, y_m = (float(v) for v in graph.node_xy[node])
    street, street_gap_m = _nearest_name(streets, x_m, y_m)
    place, place_gap_m = (None, np.nan) if places is None else _nearest_name(places, x_m, y_m)
    return MeetingPoint(
        x_m=x_m,
        y_m=y_m,
        elevation_m=float(graph.node_elevation_m[node]),
        street=street,
        street_gap_m=street_gap_m,
        place=place,
        place_gap_m=place_gap_m,
    )


def _nearest_name(frame: gpd.GeoDataFrame, x_m: float, y_m: float) -> tuple[str | None, float]:
    """Return the name of the nearest feature that has one, and how far it is."""
    named = frame[frame["name"].notna()]
    if named.empty:
        return None, float("nan")
    gap_m = shapely.distance(named.geometry.to_numpy(), shapely.Point(x_m, y_m))
    nearest = int(np.argmin(gap_m))
    return str(named["name"].iloc[nearest]), float(gap_m[nearest])
