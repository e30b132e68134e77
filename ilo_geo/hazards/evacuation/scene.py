"""The evacuation as it stands before anybody asks about arrival, speed, reaction or base.

`EvacuationInputs` is the city; `evacuation_scene` does the costly steps (strip, graph, times from
everywhere, people at their doors), which hold for every arrival time, walker, reaction, population
base and moment, because times scale with 1 / speed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from pyproj import CRS
from scipy.spatial import KDTree

from ilo_geo.city.network import Network
from ilo_geo.city.population import Residents
from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.core.errors import InputError
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import Notice
from ilo_geo.hazards.evacuation.graph import EvacGraph
from ilo_geo.hazards.evacuation.graph import evacuation_graph
from ilo_geo.hazards.evacuation.ground_field import seconds_to_safety
from ilo_geo.hazards.evacuation.parameters import EvacuationParams
from ilo_geo.hazards.evacuation.places import Places
from ilo_geo.hazards.evacuation.places import places_of_each
from ilo_geo.hazards.evacuation.speeds import Floats
from ilo_geo.hazards.evacuation.speeds import walk_seconds
from ilo_geo.hazards.evacuation.strip import Flooded
from ilo_geo.hazards.evacuation.strip import Strip
from ilo_geo.hazards.evacuation.strip import coastal_strip
from ilo_geo.hazards.evacuation.strip import on_map
from ilo_geo.hazards.evacuation.surfaces import GROUND
from ilo_geo.hazards.evacuation.surfaces import surfaces
from ilo_geo.hazards.evacuation.times import times_to_safety_s
from ilo_geo.hazards.zones import CERTAIN
from ilo_geo.hazards.zones import LINE
from ilo_geo.hazards.zones import POSSIBLE

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
NIGHT, DAY = "night", "day"
# the scene is walked at 1 m/s on the flat; every walker follows by division
REFERENCE_M_S = 1.0
DIRECT_NEIGHBOURS = 16


class Flood(Protocol):
    """What floods at any level; `ilo_geo.hazards.flood.FloodField` is one."""

    @property
    def transform(self) -> Affine:
        """Return the grid's transform."""

    @property
    def crs(self) -> CRS:
        """Return the grid's metric CRS."""

    @property
    def land(self) -> Bools:
        """Return which cells are land."""

    def outline(self, certainty: str, level_m: float) -> Bools:
        """Return the cells of one outline: ``certain`` within ``line`` within ``possible``."""


@dataclass(frozen=True)
class EvacuationInputs:
    """Everything the evacuation reads, in one metric CRS.

    Attributes
    ----------
    area
        Id of the study area.
    elevation_m, transform
        Terrain, on the grid of ``flood``.
    flood
        At what level each cell floods, river reach included.
    streets, network
        The street layer and its walking network.
    buildings, blocks, water, barriers, refuges
        What stands in the way, and listed vertical refuges (points); all but buildings may be
        absent.
    residents, day
        Inhabitants by night and by day, by population base.
    levels
        Polygons to report by, each with ``id`` and ``name``.
    refs, configuration_sha256, notices
        Provenance, fingerprint of the area's configuration, what was noticed on reading.
    """

    area: str
    elevation_m: np.ndarray
    transform: Affine
    flood: Flood
    streets: gpd.GeoDataFrame
    network: Network
    buildings: gpd.GeoDataFrame
    blocks: gpd.GeoDataFrame | None
    water: gpd.GeoDataFrame | None
    barriers: gpd.GeoDataFrame | None
    refuges: gpd.GeoDataFrame | None
    residents: Mapping[str, Residents]
    day: Mapping[str, Residents]
    levels: Mapping[str, gpd.GeoDataFrame]
    refs: tuple[LayerRef, ...] = ()
    configuration_sha256: str = ""
    notices: tuple[Notice, ...] = ()

    @property
    def obstacles(self) -> tuple[gpd.GeoDataFrame | None, ...]:
        """Return what open ground may not be crossed through."""
        return self.blocks, self.buildings, self.water, self.barriers

    def people(self) -> dict[tuple[str, str], Residents]:
        """Return the people by moment and base."""
        night = {(NIGHT, base): residents for base, residents in self.residents.items()}
        return night | {(DAY, base): residents for base, residents in self.day.items()}


@dataclass(frozen=True)
class Times:
    """The ways of one outline of the flood, walked at `REFERENCE_M_S` on the flat.

    Attributes
    ----------
    strip, graph
        The coast and the ways.
    time_s, next_arc
        Of every node, see `times_to_safety_s`.
    places
        People in the evacuation zone, by moment and base.
    units
        Blocks, or squares where the city has no blocks layer: the polygons of ``Places.unit``.
    """

    strip: Strip
    graph: EvacGraph
    time_s: Floats
    next_arc: Ints
    places: Mapping[tuple[str, str], Places]
    units: gpd.GeoDataFrame


@dataclass(frozen=True)
class EvacScene(Times):
    """Times to safety from everywhere by the best estimate of the flood, and how unsure that is.

    Attributes
    ----------
    cells_s
        Seconds from each cell of the strip's grid: of its own node on ground, else the walk to the
        nearest street node and on from there; infinite outside the domain and where no way leads.
    direct_s
        Seconds from each cell if nothing stood in the way and all ground were street: what a new
        way could save at most.
    certain
        By moment and base, which of the places lie in the certain outline as well.
    possible
        The ways where the possible outline floods: more people must leave, and go farther.
    """

    cells_s: Floats
    direct_s: Floats
    certain: Mapping[tuple[str, str], Bools]
    possible: Times


def evacuation_scene(
    inputs: EvacuationInputs, params: EvacuationParams, *, progress: Progress = silent
) -> EvacScene:
    """Return the scene; of ``params`` only level, margin, formulation and ground slope matter.

    Raises
    ------
    InputError
        Grids differ, the terrain ends before the streets do, or no ground is safe.
    """
    _check(inputs)
    progress("progress.evacuation_strip", 0.2)
    line = _times(inputs, params, LINE)
    strip, graph = line.strip, line.graph
    if not (strip.safe.any() or graph.safe.any()):
        raise InputError(
            "evacuation.no_safe_ground",
            where="terrain",
            found=f"{np.max(inputs.elevation_m, where=inputs.flood.land, initial=0):.0f}",
            expected=f"{params.safe_above_m:g}",
        )
    progress("progress.evacuation_graph", 0.5)
    possible = _times(inputs, params, POSSIBLE)
    progress("progress.evacuation_times", 0.8)
    sure = inputs.flood.outline(CERTAIN, params.safe_above_m)[strip.window]
    return EvacScene(
        **vars(line),
        cells_s=_cells_s(strip, graph, line.time_s),
        direct_s=seconds_to_safety(
            strip.elevation_m,
            strip.domain,
            strip.safe,
            strip.cell_m,
            speed_m_s=REFERENCE_M_S,
            formulation=params.formulation,
            neighbours=DIRECT_NEIGHBOURS,
        ),
        certain={key: sure.ravel()[places.cell] for key, places in line.places.items()},
        possible=possible,
    )


def _times(inputs: EvacuationInputs, params: EvacuationParams, certainty: str) -> Times:
    """Return strip, graph, times and people where one outline of the flood holds."""
    people = inputs.people()
    xy = {
        key: shapely.get_coordinates(residents.points.geometry.to_numpy())
        for key, residents in people.items()
    }
    land = inputs.flood.land
    strip = coastal_strip(
        np.where(land, inputs.elevation_m, np.nan),
        inputs.transform,
        inputs.flood.crs,
        Flooded(
            at_level=inputs.flood.outline(certainty, params.level_m) & land,
            with_margin=inputs.flood.outline(certainty, params.safe_above_m) & land,
        ),
        safe_above_m=params.safe_above_m,
        max_slope=params.max_ground_slope,
        streets=inputs.streets[inputs.streets["walk"].astype(bool)],
        obstacles=inputs.obstacles,
        people_xy=np.vstack([*xy.values(), np.empty((0, 2))]),
    )
    graph = evacuation_graph(
        strip,
        inputs.network,
        inputs.streets,
        formulation=params.formulation,
        speed_m_s=REFERENCE_M_S,
        max_slope=params.max_ground_slope,
        obstacles=inputs.obstacles,
        refuges=inputs.refuges,
    )
    time_s, next_arc = times_to_safety_s(graph)
    inhab = {key: residents.points["inhab"].to_numpy(float) for key, residents in people.items()}
    places, units = places_of_each(xy, inhab, strip, graph, inputs.blocks, inputs.levels)
    return Times(strip, graph, time_s, next_arc, places, units)


def _check(inputs: EvacuationInputs) -> None:
    optional = {name: getattr(inputs, name) for name in ("blocks", "water", "barriers", "refuges")}
    points = {f"people_{m}_{base}": r.points for (m, base), r in inputs.people().items()}
    require_same_metric_crs(
        streets=inputs.streets, buildings=inputs.buildings, **optional, **points, **inputs.levels
    )
    shape = inputs.elevation_m.shape
    if shape != inputs.flood.land.shape or inputs.transform != inputs.flood.transform:
        raise InputError(
            "evacuation.grids_differ",
            where="terrain",
            found=f"{shape[0]} × {shape[1]}",
            expected=" × ".join(map(str, inputs.flood.land.shape)),
        )
    walked = inputs.streets[inputs.streets["walk"].astype(bool)]
    if not len(walked):
        raise InputError("evacuation.no_streets", where="streets")
    x, y = shapely.get_coordinates(walked.geometry.to_numpy()).T
    col, row = on_map(~inputs.transform, x, y)
    outside = (row < 0) | (row > shape[0]) | (col < 0) | (col > shape[1])
    if outside.any():
        raise InputError("evacuation.terrain_short", where="terrain", found=f"{outside.mean():.1%}")


def _cells_s(strip: Strip, graph: EvacGraph, time_s: Floats) -> Floats:
    """Return the seconds of each cell of the domain, on the strip's grid."""
    seconds = np.full(strip.shape, np.inf)
    on_ground = graph.cell_of_node >= 0
    streets = np.flatnonzero(graph.is_street_node)
    others = np.flatnonzero(strip.domain & ~strip.ground)
    if len(streets) and len(others):
        gap_m, near = KDTree(graph.node_xy[streets]).query(strip.centres(others))
        gap_s = walk_seconds(
            gap_m, 0.0, speed_m_s=graph.speed_m_s, factor=surfaces().factors[GROUND]
        )
        seconds.ravel()[others] = gap_s + time_s[streets[near]]
    seconds.ravel()[graph.cell_of_node[on_ground]] = time_s[on_ground]
    return seconds
