"""An official inundation chart, and how it holds the computed flood at every level.

A chart states limits for a few levels of the sea on one sheet; everything else stays computed. On
the sheet the chart is right: what it floods at a level floods at any higher one, and what it keeps
dry stays dry at any lower one. Off the sheet it says nothing, and dry there would be a guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from ilo_geo.core.errors import InputError
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.layer import Status
from ilo_geo.hazards.flood_kernel import whole_cm
from ilo_geo.hazards.positional import QUARTER_SEGMENTS
from ilo_geo.hazards.positional import edge_distances_m
from ilo_geo.hazards.tsunami_parameters import tsunami_classes
from ilo_geo.hazards.zones import CERTAIN
from ilo_geo.hazards.zones import LINE
from ilo_geo.hazards.zones import POSSIBLE

# what a polygon of the layer is: ground that floods, or the ground the chart covers
FLOODED, SHEET = "flooded", "sheet"
# the shore is looked at in steps of this
SHORE_STEP_M = 50.0
Outlines = Mapping[str, shapely.Geometry]


@dataclass(frozen=True)
class ChartedLevel:
    """What a chart floods at one level of the sea.

    Attributes
    ----------
    level_m
        The level that the chart states, else the plan's outer line (``stated`` False).
    scenarios
        Names of the chart's scenarios of this level.
    outlines, dry
        By certainty, each within the land; and the land of the sheet outside the line.
    """

    level_m: float
    stated: bool
    scenarios: tuple[str, ...]
    outlines: Outlines
    dry: shapely.Geometry


@dataclass(frozen=True)
class TsunamiChart:
    """An inundation chart of an area.

    Attributes
    ----------
    levels
        Lowest first, each holding the ones below it.
    sheet, sheet_stated
        The ground the chart speaks of; where it states none, see `_sheet_behind`.
    ref
        Provenance of the layer; its accuracy is that of the limits, None where unknown.
    """

    levels: tuple[ChartedLevel, ...]
    sheet: shapely.Geometry
    sheet_stated: bool
    ref: LayerRef

    @property
    def is_official(self) -> bool:
        """Return whether the layer has the status that lets it replace what is computed."""
        return self.ref.status is Status.OFFICIAL

    def at(self, level_m: float) -> ChartedLevel | None:
        """Return what is charted of a level, None where that is nothing."""
        asked = whole_cm(level_m)
        return next((one for one in self.levels if whole_cm(one.level_m) == asked), None)

    def held(self, level_m: float, certainty: str, computed: shapely.Geometry) -> shapely.Geometry:
        """Return one outline of the flood at a level, the computed one held by the chart."""
        outside = shapely.difference(computed, self.sheet)
        exact = self.at(level_m)
        if exact is not None:
            return shapely.union(exact.outlines[certainty], outside)
        above = [one for one in self.levels if one.level_m > level_m]
        below = [one for one in self.levels if one.level_m < level_m]
        if above:
            within = shapely.intersection(computed, above[0].outlines[certainty])
            computed = shapely.union(within, outside)
        if below:
            computed = shapely.union(computed, below[-1].outlines[certainty])
        return computed

    def limit(self, level_m: float, land: shapely.Geometry, gap_m: float) -> shapely.Geometry:
        """Return the inland limit of a charted level; within ``gap_m`` of it the coast is none."""
        exact = self.at(level_m)
        if exact is None:
            return shapely.MultiLineString()
        coast = shapely.buffer(shapely.boundary(land), gap_m)
        edge = shapely.boundary(exact.outlines[LINE])
        return shapely.line_merge(shapely.difference(edge, coast))


def read_chart(
    frame: gpd.GeoDataFrame,
    land: shapely.Geometry,
    shore: shapely.Geometry | None,
    ref: LayerRef,
) -> TsunamiChart:
    """Return the chart in ``frame`` over an area's dry land.

    Parameters
    ----------
    frame
        Polygons in the area's metric CRS with ``level_m`` and ``scenario`` (empty where the chart
        states none) and perhaps ``kind``, `FLOODED` or `SHEET`.
    shore
        The seaward edge of the land, where it is known.

    Raises
    ------
    InputError
        A polygon is of another kind, or none floods land of the area.
    """
    kind = frame["kind"].fillna(FLOODED) if "kind" in frame else frame.index.map(lambda _: FLOODED)
    strange = sorted({str(value) for value in kind} - {FLOODED, SHEET})
    if strange:
        expected = f"{FLOODED}, {SHEET}"
        raise InputError(
            "tsunami.chart_kind", layer=ref.layer, found=", ".join(strange), expected=expected
        )
    flooded = frame[kind == FLOODED]
    sheets = frame.geometry[kind == SHEET].to_numpy()
    if not len(flooded) or not flooded.intersects(land).any():
        raise InputError("tsunami.chart_elsewhere", layer=ref.layer, n=len(flooded))
    wet = shapely.union_all(flooded.geometry.to_numpy())
    sheet = shapely.union_all(sheets) if len(sheets) else _sheet_behind(wet, land, shore)
    covered = shapely.union(sheet, wet)
    levels = _levels(flooded, shapely.intersection(land, covered), ref.accuracy_m or 0.0)
    return TsunamiChart(tuple(levels), covered, bool(len(sheets)), ref)


def _sheet_behind(
    wet: shapely.Geometry, land: shapely.Geometry, shore: shapely.Geometry | None
) -> shapely.Geometry:
    """Return the ground to take a chart to cover that does not draw its sheet.

    That is all ground whose nearest shore lies within a margin of what the chart floods; in an area
    without a shore, the bounds of what it floods and the margin.
    """
    margin_m = tsunami_classes().chart_sheet_margin_m
    near = shapely.buffer(wet, margin_m)
    steps = shapely.get_coordinates(shapely.segmentize(shore, SHORE_STEP_M)) if shore else []
    places = shapely.points(np.unique(np.reshape(steps, (-1, 2)), axis=0))
    charted = places[shapely.intersects(near, places)]
    if not len(charted):
        return shapely.buffer(shapely.box(*shapely.bounds(wet)), margin_m)
    behind = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(places), extend_to=shapely.envelope(land))
    )
    _, cell = shapely.STRtree(behind).query(charted, predicate="intersects")
    return shapely.union_all(behind[np.unique(cell)])


def _levels(
    flooded: gpd.GeoDataFrame, land: shapely.Geometry, accuracy_m: float
) -> Iterator[ChartedLevel]:
    unstated_m = max(tsunami_classes().plan_levels_m)
    stated = flooded["level_m"].notna()
    level_m = flooded["level_m"].astype(float).fillna(unstated_m)
    wet = shapely.Polygon()
    for each_m in sorted(level_m.unique()):
        rows = level_m == each_m
        # a higher sea floods at least what a lower one does
        wet = shapely.union_all([wet, *flooded.geometry[rows]])
        names = flooded["scenario"][rows].dropna().astype(str)
        line = shapely.intersection(wet, land)
        dry = shapely.difference(land, line)
        yield ChartedLevel(
            level_m=float(each_m),
            stated=bool(stated[rows].all()),
            scenarios=tuple(dict.fromkeys(names)),
            outlines=_outlines(line, dry, land, accuracy_m),
            dry=dry,
        )


def _outlines(
    line: shapely.Geometry, dry: shapely.Geometry, land: shapely.Geometry, accuracy_m: float
) -> Outlines:
    """Return the outlines of flooded ground whose inland edge is known to ``accuracy_m``.

    Only the edge to dry ground moves: the shore is where it is, whatever the chart's error.
    """
    if not accuracy_m:
        return dict.fromkeys((CERTAIN, LINE, POSSIBLE), line)
    inset_m, outset_m = edge_distances_m(accuracy_m)
    near_dry = shapely.buffer(dry, inset_m, quad_segs=QUARTER_SEGMENTS)
    reached = shapely.buffer(line, outset_m, quad_segs=QUARTER_SEGMENTS)
    return {
        CERTAIN: shapely.difference(line, near_dry),
        LINE: line,
        POSSIBLE: shapely.union(line, shapely.intersection(reached, land)),
    }
