"""A route on the map of its sheet: the path, its turns by number, its start and its end."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes

from ilo_geo.io.print_map import FRAME
from ilo_geo.io.print_map import HALO
from ilo_geo.io.route import Route

PATH_COLOUR = "#0B3C8C"
PATH_WIDTH = 5.0
# turns with a number on the map; more would hide the path
MOST_NUMBERS = 12
# a turn shorter than this on the map gets no number of its own
NUMBER_APART_SHARE = 0.04


def draw_path(axes: Axes, route: Route, *, start: str, finish: str) -> None:
    """Draw the path with its turns by number, its start and its end."""
    xy = shapely.get_coordinates(route.line)
    style: dict[str, Any] = {
        "solid_capstyle": "round",
        "solid_joinstyle": "round",
        "zorder": FRAME + 1,
    }
    axes.plot(*xy.T, color="white", lw=PATH_WIDTH + 3, **style)
    axes.plot(*xy.T, color=PATH_COLOUR, lw=PATH_WIDTH, **style)
    _numbers(axes, route)
    for label, point, marker, colour, below in (
        (start, xy[0], "o", "#FFFFFF", True),
        (finish, xy[-1], "*", "#1B7A1B", False),
    ):
        size = 15 if marker == "o" else 24
        axes.plot(*point, marker, ms=size, mfc=colour, mec=PATH_COLOUR, mew=2.5, zorder=FRAME + 3)
        axes.annotate(
            label, point, (0, -16 if below else 15), textcoords="offset points",
            ha="center", va="top" if below else "bottom", size=12, weight="bold",
            path_effects=HALO, zorder=FRAME + 4, annotation_clip=False,
        )  # fmt: skip


def _numbers(axes: Axes, route: Route) -> None:
    """Write the number of each turn where it begins, unless the last one is too near."""
    line, x_limits = route.line, axes.get_xlim()
    apart_m = (x_limits[1] - x_limits[0]) * NUMBER_APART_SHARE
    lengths = [leg.length_m for leg in route.legs]
    if len(lengths) > MOST_NUMBERS or not sum(lengths):
        return
    begins = np.concatenate([[0.0], np.cumsum(lengths)[:-1]]) / sum(lengths)
    last_m = 0.0
    for number, share in enumerate(begins, start=1):
        at_m = share * line.length
        if at_m - last_m < apart_m or line.length - at_m < apart_m:
            continue
        last_m = at_m
        point = line.interpolate(at_m)
        axes.text(
            point.x, point.y, str(number), size=10, weight="bold", color="white", ha="center",
            va="center", zorder=FRAME + 2,
            bbox={"boxstyle": "circle,pad=0.25", "fc": PATH_COLOUR, "ec": "white", "lw": 1.2},
        )  # fmt: skip
