"""Where something is, on the city's own base: a map with scale, north and coordinates as PNG."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes

from ilo_geo.io.document import Key
from ilo_geo.io.paper import Box
from ilo_geo.io.paper import Page
from ilo_geo.io.print_map import FRAME
from ilo_geo.io.print_map import HALO
from ilo_geo.io.print_map import LAND_COLOUR
from ilo_geo.io.print_map import OVERLAY
from ilo_geo.io.print_map import draw
from ilo_geo.io.print_map import draw_context
from ilo_geo.io.print_map import fit
from ilo_geo.io.print_map import grid_ticks
from ilo_geo.io.print_map import names
from ilo_geo.io.print_map import north
from ilo_geo.io.print_map import scale_bar
from ilo_geo.io.symbols import CONTEXT_SYMBOLS
from ilo_geo.io.symbols import OTHER_CONTEXT
from ilo_geo.io.symbols import Symbol

WIDTH_MM, HEIGHT_MM, DPI = 174.0, 92.0, 170
RATIO = HEIGHT_MM / WIDTH_MM
SEA_COLOUR = "#DCE9F2"
SHAPE = Symbol("shape", "", "#D1495B", opacity=0.35, line="thick", edge="#7A1526")
POINT = Symbol("shape", "", "#D1495B", edge="#FFFFFF")
# a point is looked at from as far as its surroundings need
LEAST_AROUND_M = 350.0
AROUND_SHARE = 0.6
# a name keeps this far from a shape, as a share of the map's width
NAME_SHARE = 0.05
# more numbers than this hide the map they stand on
MOST_NUMBERS = 60


def draw_shapes(
    shapes: gpd.GeoDataFrame,
    context: Mapping[str, gpd.GeoDataFrame],
    *,
    sea: gpd.GeoDataFrame | None,
    letter: str,
) -> bytes:
    """Return a PNG of shapes over what lies around them.

    Parameters
    ----------
    shapes
        With a column ``label`` that is written beside each, in the metric CRS of the rest.
    context
        Layers by id, drawn as `draw_context` draws them.
    letter
        What stands at the arrow: N.
    """
    page = Page(WIDTH_MM, HEIGHT_MM, dpi=DPI)
    box = Box(0, 0, WIDTH_MM, HEIGHT_MM)
    axes = page.axes(box, facecolor=LAND_COLOUR, xticks=[], yticks=[])
    fit(axes, around(shapes), box)
    if sea is not None:
        draw(axes, sea, Symbol("sea", "", SEA_COLOUR, edge=SEA_COLOUR), layer=0)
    draw_context(axes, context)
    pointed = shapes.geom_type.str.endswith("Point")
    for symbol, mask in ((SHAPE, ~pointed), (POINT, pointed)):
        draw(axes, shapes[mask], symbol, layer=OVERLAY)
    if "zones" in context:
        named = _clear_of(context["zones"], shapes, axes)
        names(axes, named, size=6.5, colour="#6B6B6B")
    _labels(axes, shapes)
    grid_ticks(axes, size=5.5)
    scale_bar(axes, size=8)
    north(axes, letter, size=12)
    written = io.BytesIO()
    page.figure.savefig(written, format="png", metadata={"Software": None})
    return written.getvalue()


def around(shapes: gpd.GeoDataFrame) -> np.ndarray:
    """Return west, south, east, north (m) of shapes with what lies around them."""
    west, south, east, north_m = shapes.total_bounds
    margin_m = max(LEAST_AROUND_M, AROUND_SHARE * max(east - west, north_m - south))
    return np.array([west - margin_m, south - margin_m, east + margin_m, north_m + margin_m])


def key_of(layer: str, label: str, frame: gpd.GeoDataFrame) -> Key:
    """Return the line of the legend for a layer of the base."""
    symbol = CONTEXT_SYMBOLS.get(layer, OTHER_CONTEXT)
    dimension = int(shapely.get_dimensions(frame.geometry.to_numpy()).max())
    forms: tuple[Literal["point", "line", "area"], ...] = ("point", "line", "area")
    return Key(label, symbol.colour, symbol.edge, forms[dimension])


def _clear_of(zones: gpd.GeoDataFrame, shapes: gpd.GeoDataFrame, axes: Axes) -> gpd.GeoDataFrame:
    """Return the zones whose name would not lie on a shape."""
    (west, east), (south, north_m) = axes.get_xlim(), axes.get_ylim()
    seen = zones.geometry.intersection(shapely.box(west, south, east, north_m))
    taken = shapely.union_all(shapes.geometry.buffer(NAME_SHARE * (east - west)).to_numpy())
    return zones[~seen.representative_point().within(taken)]


def _labels(axes: Axes, shapes: gpd.GeoDataFrame) -> None:
    if len(shapes) > MOST_NUMBERS:
        return
    points = shapes.geometry.representative_point()
    for label, point in zip(shapes["label"], points, strict=True):
        axes.annotate(
            str(label), (point.x, point.y), (0, 7), textcoords="offset points", size=8.5,
            weight="bold", ha="center", path_effects=HALO, zorder=FRAME + 2, clip_on=True,
            parse_math=False,
        )  # fmt: skip
