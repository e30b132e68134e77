"""The flood of a terrain, cell by cell, as an official chart holds it.

What the evacuation, the slider and the point card read of a flood they read of this one too. A cell
is on the side of the charted limit on which its middle lies; how sure that is follows from the
distance to the limit and the chart's accuracy (`ilo_geo.hazards.positional`).
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import fields

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy.special import ndtr

from ilo_geo.hazards.flood import FloodField
from ilo_geo.hazards.flood_kernel import CM_PER_M
from ilo_geo.hazards.flood_kernel import Bools
from ilo_geo.hazards.flood_kernel import Levels
from ilo_geo.hazards.flood_kernel import whole_cm
from ilo_geo.hazards.positional import line_sigma_m
from ilo_geo.hazards.tsunami_chart import ChartedLevel
from ilo_geo.hazards.tsunami_chart import TsunamiChart
from ilo_geo.hazards.zones import CERTAIN
from ilo_geo.hazards.zones import LINE
from ilo_geo.hazards.zones import POSSIBLE
from ilo_geo.hazards.zones import POSSIBLE_RATIO
from ilo_geo.hazards.zones import SURE_RATIO

EVEN_RATIO = 0.5
# what is under a limit by this is under it in 4 bytes, too
LESS = 1e-6
Ratios = NDArray[np.float32]


@dataclass(frozen=True)
class ChartGrid:
    """One charted level on the cells: how probably each floods, NaN where the chart is silent."""

    level_cm: int
    ratio: Ratios

    def held(self, level_m: Levels, at_least: float) -> Levels:
        """Return levels at which cells flood in ``at_least`` of the cases, held by the chart."""
        floods_m = np.float32(self.level_cm / CM_PER_M)
        stays_dry_m = np.float32((self.level_cm + 1) / CM_PER_M)
        known = ~np.isnan(self.ratio)
        wet = self.ratio >= np.float32(at_least)
        held = np.where(wet, np.minimum(level_m, floods_m), np.maximum(level_m, stays_dry_m))
        return np.where(known, held, level_m).astype(np.float32)


@dataclass(frozen=True)
class ChartedField(FloodField):
    """A flood held by a chart; ``level_m`` and the other attributes are as it holds them."""

    charts: tuple[ChartGrid, ...] = ()

    def probability(self, level_m: float) -> Ratios:
        """Return how probably each cell floods at a level; 1 on the sea."""
        ratio, asked = super().probability(level_m), whole_cm(level_m)
        for chart in self.charts:
            hold = np.fmax if chart.level_cm < asked else np.fmin
            ratio = hold(ratio, chart.ratio)
        for chart in self.charts:
            if chart.level_cm == asked:
                ratio = np.where(np.isnan(chart.ratio), ratio, chart.ratio)
        return ratio

    def quantile_level_m(self, ratio: float) -> Levels:
        """Return the lowest level at which each cell floods in ``ratio`` of the cases."""
        level_m = super().quantile_level_m(ratio)
        for chart in self.charts:
            level_m = chart.held(level_m, ratio)
        return level_m


def charted_field(field: FloodField, chart: TsunamiChart) -> ChartedField:
    """Return a computed flood as a chart holds it."""
    ground = field.land & ~field.sea & _inside(chart.sheet, field)
    accuracy_m = chart.ref.accuracy_m or 0.0
    charts = tuple(_grid(field, level, accuracy_m, ground) for level in chart.levels)
    level_m = field.level_m
    for grid in charts:
        level_m = grid.held(level_m, EVEN_RATIO)
    known = {each.name: getattr(field, each.name) for each in fields(FloodField)}
    return ChartedField(**{**known, "level_m": level_m}, charts=charts)


def _grid(field: FloodField, level: ChartedLevel, accuracy_m: float, ground: Bools) -> ChartGrid:
    certain, line, possible = (
        _inside(level.outlines[name], field) for name in (CERTAIN, LINE, POSSIBLE)
    )
    ratio = line.astype(np.float32)
    band = ground & possible & ~certain
    if accuracy_m and band.any():
        ratio[band] = _ratio_near(level, accuracy_m, _middles(band, field.transform))
    # the outlines decide, the distance only grades what lies between them
    steps = [certain, line, possible]
    least = np.select(steps, [SURE_RATIO, EVEN_RATIO, POSSIBLE_RATIO], 0.0)
    most = np.select(steps, [1 + LESS, SURE_RATIO, EVEN_RATIO], POSSIBLE_RATIO) - LESS
    ratio = np.clip(ratio, least, most)
    return ChartGrid(whole_cm(level.level_m), np.where(ground, ratio, np.nan).astype(np.float32))


def _ratio_near(
    level: ChartedLevel, accuracy_m: float, points: NDArray[np.object_]
) -> NDArray[np.float64]:
    """Return how probably places flood whose distance to the limit is known, not its error."""
    wet, dry = level.outlines[LINE], level.dry
    shapely.prepare([wet, dry])
    # one of the two is zero: a place is on one side of the limit
    inside_m = shapely.distance(points, dry)
    outside_m = shapely.distance(points, wet)
    signed_m = np.nan_to_num(inside_m) - np.nan_to_num(outside_m)
    ratio: NDArray[np.float64] = ndtr(signed_m / line_sigma_m(accuracy_m))
    return ratio


def _inside(shape: shapely.Geometry, field: FloodField) -> Bools:
    """Return the cells whose middle lies in a polygon."""
    grid = field.level_m.shape
    if shape.is_empty:
        return np.zeros(grid, dtype=np.bool_)
    burnt = rasterize([shape], out_shape=grid, transform=field.transform, dtype="uint8")
    inside: Bools = burnt.astype(np.bool_)
    return inside


def _middles(cells: Bools, transform: Affine) -> NDArray[np.object_]:
    row, column = np.nonzero(cells)
    x = transform.c + transform.a * (column + 0.5)
    y = transform.f + transform.e * (row + 0.5)
    points: NDArray[np.object_] = shapely.points(x, y)
    return points
