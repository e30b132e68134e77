"""Who is seen, who is reached by a patrol in time, and where neither is so.

Over the places of need, with ``w_i`` the share of the need::

    camera + patrol − both + neither = 1
"""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.city.cells import h3_cells
from ilo_geo.city.zones import polygon_of_each
from ilo_geo.security.cameras.rules import CameraRules
from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints

NEED = "need_ratio"
CAMERA, PATROL, BOTH, NEITHER = "camera_ratio", "patrol_ratio", "both_ratio", "neither_ratio"
PARTS = (CAMERA, PATROL, BOTH, NEITHER)


def parts(need: Floats, seen: Bools, in_time: Bools | None) -> dict[str, Floats]:
    """Return the need at each place by who covers it; without patrols only the cameras' part."""
    found = {NEED: need, CAMERA: need * seen}
    if in_time is not None:
        found |= {
            PATROL: need * in_time,
            BOTH: need * (seen & in_time),
            NEITHER: need * ~(seen | in_time),
        }
    return found


def totals(by_place: Mapping[str, Floats]) -> dict[str, float | None]:
    """Return the parts of the whole need; None for those that nobody can tell."""
    return {name: float(by_place[name].sum()) if name in by_place else None for name in PARTS}


def level_tables(
    levels: Mapping[str, gpd.GeoDataFrame],
    xy: Floats,
    by_place: Mapping[str, Floats],
    cameras_xy: Floats,
    rules: CameraRules,
) -> dict[str, gpd.GeoDataFrame]:
    """Return by level each polygon's share of the need, how much of it is covered, and its class.

    ``need_ratio`` is of the whole city's need, the others are of the polygon's own; a polygon
    without need has no class.
    """
    points, cameras = shapely.points(xy), shapely.points(cameras_xy)
    return {
        level: _level(
            frame, polygon_of_each(frame, points), by_place, polygon_of_each(frame, cameras), rules
        )
        for level, frame in levels.items()
    }


def _level(
    frame: gpd.GeoDataFrame,
    of_place: Ints,
    by_place: Mapping[str, Floats],
    of_camera: Ints,
    rules: CameraRules,
) -> gpd.GeoDataFrame:
    sums = {name: _sums(of_place, values, len(frame)) for name, values in by_place.items()}
    need = sums.pop(NEED)
    with np.errstate(invalid="ignore"):
        own = {name: np.where(need > 0, total / need, np.nan) for name, total in sums.items()}
    classes = [rules.coverage_class(r) if r == r else None for r in own[CAMERA]]
    table = pd.DataFrame(
        {
            "name": frame["name"].to_numpy(),
            NEED: need,
            "n_cameras": _sums(of_camera, np.ones(len(of_camera)), len(frame)).astype(int),
            **own,
            "coverage_class": classes,
        },
        index=frame.index,
    )
    return gpd.GeoDataFrame(table, geometry=frame.geometry, crs=frame.crs)


def deficit_cells(
    places: gpd.GeoSeries, by_place: Mapping[str, Floats], resolution: int
) -> gpd.GeoDataFrame:
    """Return the H3 cells with need that nobody covers, the most of it first; shares of all need.

    Without patrols: what no camera sees.
    """
    cells, of_each = h3_cells(places, resolution)
    sums = {name: _sums(of_each, values, len(cells)) for name, values in by_place.items()}
    lacking = sums[NEITHER] if NEITHER in sums else sums[NEED] - sums[CAMERA]
    table = cells.assign(**sums, uncovered_need_ratio=lacking).set_index("id", drop=False)
    table = table[table["uncovered_need_ratio"] > 0].rename_axis("cell")
    return table.sort_values(["uncovered_need_ratio", "id"], ascending=[False, True], kind="stable")


def _sums(of_each: Ints, values: Floats, n: int) -> Floats:
    inside = of_each >= 0
    summed: Floats = np.bincount(of_each[inside], weights=values[inside], minlength=n).astype(float)
    return summed
