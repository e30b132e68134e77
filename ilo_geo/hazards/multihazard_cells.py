"""What level of each hazard a cell takes, judged by where its inhabitants are.

A cell without inhabitants is judged by one point inside it. Of the outlines of `zones`:

- at least: the highest level whose ``certain`` outline holds every inhabitant,
- best estimate: the highest level whose ``line`` reaches ``cover_ratio`` of the inhabitants,
- at most: the highest level whose ``possible`` outline reaches anybody.

So whatever the true outline is between the certain and the possible, and wherever in the cell
somebody lives, the hazard there is between the ends. A point on an outline is inside it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from ilo_geo.city.population import Residents
from ilo_geo.hazards.evar import EvarHazard
from ilo_geo.hazards.evar import Interval
from ilo_geo.hazards.evar import evar_rules
from ilo_geo.hazards.evar import strongest
from ilo_geo.hazards.vulnerability import Known
from ilo_geo.hazards.zones import CERTAIN
from ilo_geo.hazards.zones import CERTAINTIES
from ilo_geo.hazards.zones import LINE
from ilo_geo.hazards.zones import POSSIBLE

# sides that are straight on the globe bend in the plane: a point may fall between two cells
SLACK_M = 5.0
# a share that equals the asked one must not miss it by the processor's rounding
NOISE = 1e-9


@dataclass(frozen=True)
class Sample:
    """Points at which cells are judged.

    Attributes
    ----------
    points
        Geometry of each point.
    cell
        Position of its cell.
    weight
        Its inhabitants, or 1 for the point of a cell where nobody lives.
    n_cells
        How many cells there are.
    """

    points: np.ndarray
    cell: np.ndarray
    weight: np.ndarray
    n_cells: int

    def least(self, values: np.ndarray) -> np.ndarray:
        """Return the lowest value among the points of each cell."""
        found = np.full(self.n_cells, np.inf)
        np.minimum.at(found, self.cell, values)
        return found

    def most(self, values: np.ndarray) -> np.ndarray:
        """Return the highest value among the points of each cell."""
        found = np.full(self.n_cells, -np.inf)
        np.maximum.at(found, self.cell, values)
        return found

    def reached(self, values: np.ndarray, cover_ratio: float) -> np.ndarray:
        """Return the highest value that at least ``cover_ratio`` of each cell's weight reaches."""
        total = np.bincount(self.cell, weights=self.weight, minlength=self.n_cells)
        found = np.full(self.n_cells, evar_rules().lowest)
        for step in evar_rules().steps:
            weight = np.where(values >= step, self.weight, 0.0)
            reached = np.bincount(self.cell, weights=weight, minlength=self.n_cells)
            found[reached >= (cover_ratio - NOISE) * total] = step
        return found


def sample_of(cells: gpd.GeoDataFrame, residents: Residents, cell: np.ndarray) -> Sample:
    """Return the points that judge ``cells``; ``cell`` is that of each resident point."""
    points = residents.points.geometry.to_numpy()
    inhab = residents.points["inhab"].to_numpy(float)
    lived = (cell >= 0) & (inhab > 0)
    empty = np.setdiff1d(np.arange(len(cells)), cell[lived])
    inside = shapely.point_on_surface(cells.geometry.to_numpy()[empty])
    return Sample(
        points=np.concatenate([points[lived], inside]),
        cell=np.concatenate([cell[lived], empty]).astype(np.int64),
        weight=np.concatenate([inhab[lived], np.ones(len(empty))]),
        n_cells=len(cells),
    )


def zone_values(zones: gpd.GeoDataFrame, sample: Sample, cover_ratio: float) -> Known:
    """Return the value of the most severe of ``zones`` in each cell.

    ``known`` tells the cells that the best estimate reaches.
    """
    lowest = evar_rules().lowest
    at = {certainty: np.full(len(sample.points), lowest) for certainty in CERTAINTIES}
    zone, point = shapely.STRtree(sample.points).query(
        zones.geometry.to_numpy(), predicate="intersects"
    )
    value = zones["level"].map(evar_rules().level_values).to_numpy(float)[zone]
    certainty = zones["certainty"].to_numpy(object)[zone]
    for name, values in at.items():
        own = certainty == name
        np.maximum.at(values, point[own], value[own])
    mid = sample.reached(at[LINE], cover_ratio)
    # an outline that nobody drew does not narrow the interval
    low = np.minimum(sample.least(at[CERTAIN]), mid)
    high = np.maximum(sample.most(np.maximum(at[POSSIBLE], at[LINE])), mid)
    return Known(Interval(low, mid, high), mid > lowest)


def hazard_values(
    hazard: EvarHazard,
    zones: gpd.GeoDataFrame,
    present: Collection[str],
    sample: Sample,
    cover_ratio: float,
) -> tuple[Interval, Interval | None]:
    """Return the value of a hazard in each cell, and that of the part of it that has a layer.

    Where only some of its layers are there, the rest may still be anything; with none, all of it.
    """
    mapped = [name for name in hazard.zones if name in present]
    nobody_knows = Interval.unknown(sample.n_cells)
    if not mapped:
        return nobody_knows, None
    known = zone_values(zones[zones["hazard"].isin(mapped)], sample, cover_ratio).value
    whole = known if len(mapped) == len(hazard.zones) else strongest([known, nobody_knows])
    return whole, known
