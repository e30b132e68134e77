"""The map on a printed sheet: features with their symbols, scale bar, north, grid and watermark."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.collections import PathCollection
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from ilo_geo.io.paper import INK
from ilo_geo.io.paper import LINE_WIDTHS
from ilo_geo.io.paper import Box
from ilo_geo.io.paper import fill_style
from ilo_geo.io.paper import line_style
from ilo_geo.io.paper import outline_style
from ilo_geo.io.symbols import CONTEXT_SYMBOLS
from ilo_geo.io.symbols import OTHER_CONTEXT
from ilo_geo.io.symbols import Symbol
from ilo_geo.io.symbols import marker

LAND_COLOUR = "#F6F4EF"
HALO = (withStroke(linewidth=2.5, foreground="white"),)
# a label with a halo is no text to a reader of the PDF; one on a box is
LABEL_BOX = {"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 1}
# white space around the features, as a share of their extent
MARGIN_SHARE = 0.05
# no coordinate is written nearer to a corner, where two would meet
CORNER_SHARE = 0.08
# a scale bar takes at most this share of the map's width
BAR_SHARE = 0.2
# more names than this do not fit on the sheet
MOST_NAMES = 40
NAME_CHARACTERS = 16
# rows and columns of the watermark: seen on every part of the map, hiding no class
MARK_GRID = (4, 4)
MARK_ALPHA = 0.10
# what lies under and over the areas of a map; each number is one layer of paint
UNDER, FILL, STREETS, EDGE, FEATURE, OVERLAY, FRAME = 1, 2, 3, 4, 5, 6, 9
# streets and the like are finer than the features that the map is about
CONTEXT_LINE_WIDTH = 0.35
CONTEXT_ALPHA = 0.7


def draw(axes: Axes, table: gpd.GeoDataFrame, symbol: Symbol, *, layer: int = FEATURE) -> None:
    """Draw polygons, lines and points with one symbol; areas lie under lines and points."""
    parts = shapely.get_parts(table.geometry.to_numpy())
    dimension = shapely.get_dimensions(parts)
    polygons = parts[dimension == 2]
    if len(polygons):
        paths = [_polygon_path(part) for part in polygons]
        fill = FILL if layer == FEATURE else layer
        if symbol.opacity:
            axes.add_collection(PathCollection(paths, zorder=fill, **_many(fill_style(symbol))))
        edge = EDGE if layer == FEATURE else layer
        axes.add_collection(PathCollection(paths, zorder=edge, **_many(outline_style(symbol))))
    lines = [shapely.get_coordinates(part) for part in parts[dimension == 1]]
    if lines:
        width = max(LINE_WIDTHS[symbol.line], 1.5)
        casing = [withStroke(linewidth=width + 1.4, foreground=symbol.edge)]
        axes.add_collection(
            LineCollection(
                lines, colors=symbol.colour, linewidths=width, linestyles=line_style(symbol),
                zorder=layer, path_effects=casing if line_style(symbol) == "-" else None,
            )
        )  # fmt: skip
    points = shapely.get_coordinates(parts[dimension == 0])
    if len(points):
        axes.scatter(
            points[:, 0], points[:, 1], s=30, c=symbol.colour, ec=symbol.edge, lw=0.7,
            zorder=layer, marker=marker(symbol),
        )  # fmt: skip


def _many(style: dict[str, Any]) -> dict[str, Any]:
    """Return a patch's style in the words of a collection."""
    plural = {"facecolor": "facecolors", "edgecolor": "edgecolors"}
    return {plural.get(name, name): value for name, value in style.items()}


def draw_context(axes: Axes, context: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Draw what helps to find one's way: areas below the features, fine lines above the fills."""
    (x_min, x_max), (y_min, y_max) = axes.get_xlim(), axes.get_ylim()
    for name, whole in context.items():
        frame = whole.cx[x_min:x_max, y_min:y_max]
        symbol = CONTEXT_SYMBOLS.get(name, OTHER_CONTEXT)
        parts = shapely.get_parts(frame.geometry.to_numpy())
        dimension = shapely.get_dimensions(parts)
        areas = gpd.GeoDataFrame(geometry=parts[dimension == 2], crs=frame.crs)
        draw(axes, areas, symbol, layer=UNDER if symbol.opacity else STREETS)
        points = gpd.GeoDataFrame(geometry=parts[dimension == 0], crs=frame.crs)
        draw(axes, points, symbol, layer=FEATURE)
        lines = [shapely.get_coordinates(part) for part in parts[dimension == 1]]
        width = 1.4 if symbol.line == "solid" else CONTEXT_LINE_WIDTH
        axes.add_collection(
            LineCollection(
                lines,
                colors=symbol.colour,
                linewidths=width,
                zorder=STREETS,
                alpha=CONTEXT_ALPHA,
            )
        )


def fit(axes: Axes, bounds: np.ndarray, box: Box) -> None:
    """Show ``bounds`` with a margin; a metre is as long across as up."""
    x_min, y_min, x_max, y_max = bounds
    box_ratio = box.width / box.height
    half_width_m = max(x_max - x_min, (y_max - y_min) * box_ratio, 1.0) * (0.5 + MARGIN_SHARE)
    half_height_m = half_width_m / box_ratio
    x, y = (x_min + x_max) / 2, (y_min + y_max) / 2
    axes.set_xlim(x - half_width_m, x + half_width_m)
    axes.set_ylim(y - half_height_m, y + half_height_m)


def names(axes: Axes, table: gpd.GeoDataFrame, *, size: float = 9, colour: str = INK) -> None:
    """Write the names of the areas inside them, where they are few enough to be read.

    Only the part of an area on the map counts: a name stands where its area is seen.
    """
    if "name" not in table or len(table) > MOST_NAMES:
        return
    (x_min, x_max), (y_min, y_max) = axes.get_xlim(), axes.get_ylim()
    seen = table.geometry.intersection(shapely.box(x_min, y_min, x_max, y_max))
    seen = seen[~seen.is_empty]
    for name, point in zip(table.loc[seen.index, "name"], seen.representative_point(), strict=True):
        label = textwrap.fill(str(name), NAME_CHARACTERS)
        axes.text(
            point.x, point.y, label, size=size, ha="center", va="center", path_effects=HALO,
            zorder=FRAME + 1, parse_math=False, clip_on=True, color=colour,
        )  # fmt: skip


def watermark(axes: Axes, mark: str, *, size: float = 30) -> None:
    """Repeat a light word all over the map, so that no part can be cut out without it."""
    n_rows, n_columns = MARK_GRID
    for row in range(n_rows):
        for column in range(n_columns):
            axes.text(
                (column + 0.5) / n_columns, (row + 0.5) / n_rows, mark, transform=axes.transAxes,
                size=size, alpha=MARK_ALPHA, rotation=30, ha="center", va="center", weight="bold",
                zorder=FRAME, clip_on=True,
            )  # fmt: skip


def _polygon_path(polygon: shapely.Polygon) -> Path:
    """Return shell and holes as one path; matplotlib leaves the holes out of the fill."""
    rings = [shapely.get_coordinates(ring) for ring in (polygon.exterior, *polygon.interiors)]
    return Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))


def grid_ticks(axes: Axes, *, size: float = 7) -> None:
    """Write the metric coordinates along the frame, inside it, with a fine grid."""
    for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        low, high = limits
        corner = (high - low) * CORNER_SHARE
        values = MaxNLocator(6).tick_values(low, high)
        axis.set_ticks([v for v in values if low + corner < v < high - corner])
        axis.set_major_formatter(lambda value, _: f"{value:,.0f}".replace(",", " "))
    axes.tick_params(direction="in", length=5, labelsize=size, zorder=FRAME)
    axes.tick_params(axis="x", pad=-size - 5)
    axes.tick_params(axis="y", pad=-5, labelrotation=90)
    for label in axes.get_yticklabels():
        label.set(ha="left", va="center", path_effects=HALO, zorder=FRAME)
    for label in axes.get_xticklabels():
        label.set(path_effects=HALO, zorder=FRAME)
    axes.grid(color="#000000", alpha=0.12, linewidth=0.4, zorder=STREETS)


def scale_bar(axes: Axes, *, size: float = 10) -> None:
    """Draw a bar of 1, 2 or 5 times a power of ten metres at the lower left."""
    x_min, x_max = axes.get_xlim()
    y_min, y_max = axes.get_ylim()
    length_m = bar_length_m((x_max - x_min) * BAR_SHARE)
    x, y = x_min + (x_max - x_min) * 0.05, y_min + (y_max - y_min) * 0.05
    half = x + length_m / 2
    bar: dict[str, Any] = {"solid_capstyle": "butt", "zorder": FRAME + 1}
    axes.plot([x, x + length_m], [y, y], color=INK, lw=6, **bar, path_effects=HALO)
    axes.plot([half, x + length_m], [y, y], color="white", lw=3.5, **bar)
    label = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
    axes.annotate(
        label, (half, y), (0, 6), textcoords="offset points", ha="center", size=size,
        weight="bold", bbox=LABEL_BOX, zorder=FRAME + 1,
    )  # fmt: skip


def bar_length_m(longest_m: float) -> float:
    """Return the longest of 1, 2 or 5 times a power of ten that is at most ``longest_m``."""
    power = 10.0 ** np.floor(np.log10(longest_m))
    return float(max(step * power for step in (1, 2, 5) if step * power <= longest_m))


def north(axes: Axes, letter: str, *, size: float = 16) -> None:
    """Draw an arrow along the grid's north at the upper right."""
    axes.annotate(
        letter, (0.97, 0.98), (0.97, 0.91), xycoords="axes fraction", ha="center", size=size,
        weight="bold", arrowprops={"arrowstyle": "-|>", "lw": 2, "fc": "k"}, path_effects=HALO,
        zorder=FRAME + 1,
    )  # fmt: skip
