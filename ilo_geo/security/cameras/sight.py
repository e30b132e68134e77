"""Free lines of sight from poles to places of need: in plan, or with heights and terrain.

In plan every building is taken to be higher than the camera, so what is seen is seen for sure as
far as buildings go; terrain hides nothing. In 3D a camera may look over a low house, and the ground
may hide what lies behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ilo_geo.security.cameras.scene import Sightings
from ilo_geo.security.cameras.scene import sightings
from ilo_geo.security.cameras.scene import with_bearings
from ilo_geo.security.visibility import Walls
from ilo_geo.security.visibility import visibility_polygons
from ilo_geo.security.visibility.prisms import Prisms
from ilo_geo.security.visibility.prisms import seen_cells
from ilo_geo.security.visibility.prisms import sees_3d
from ilo_geo.siting.problem import Floats


class Sight(Protocol):
    """One way of telling what is seen."""

    def places(self, xy: Floats, need_xy: Floats, range_m: float) -> Sightings:
        """Return which places of need have a free line from which of the points ``xy``."""

    def shapes(self, xy: Floats, range_m: float) -> np.ndarray:
        """Return all that is seen around each of the points, as areas."""


@dataclass(frozen=True)
class PlanSight:
    """Sight in plan past ``walls``, exact."""

    walls: Walls

    def places(self, xy: Floats, need_xy: Floats, range_m: float) -> Sightings:
        """Return the places inside the visible polygon of each point."""
        return sightings(xy, need_xy, self.shapes(xy, range_m))

    def shapes(self, xy: Floats, range_m: float) -> np.ndarray:
        """Return the visible polygons."""
        return visibility_polygons(xy, self.walls, range_m=range_m)


@dataclass(frozen=True)
class SolidSight:
    """Sight past buildings with heights, on the terrain; areas are told by cells of ``cell_m``."""

    prisms: Prisms
    camera_height_m: float
    target_height_m: float
    cell_m: float

    def places(self, xy: Floats, need_xy: Floats, range_m: float) -> Sightings:
        """Return the places with a free line in space from each point."""
        seen = sees_3d(
            xy,
            self.camera_height_m,
            need_xy,
            self.prisms,
            range_m=range_m,
            target_height_m=self.target_height_m,
        ).tocoo()
        return with_bearings(seen.row.astype(np.int64), seen.col.astype(np.int64), xy, need_xy)

    def shapes(self, xy: Floats, range_m: float) -> np.ndarray:
        """Return the cells seen around each point, as one shape each."""
        found = np.empty(len(xy), dtype=object)
        for row, place in enumerate(xy):
            found[row] = seen_cells(
                place,
                self.camera_height_m,
                self.prisms,
                range_m=range_m,
                cell_m=self.cell_m,
                target_height_m=self.target_height_m,
            ).polygon
        return found
