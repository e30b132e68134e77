"""A result as an A3 landscape map to print, in the study area's metric CRS.

It carries what a printed map needs to be believed: title, legend with counts and units, sources
with dates, status, scale bar and north; a watermark where any input is modelled.
"""

from __future__ import annotations

import textwrap
from pathlib import Path as FilePath
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.scales import Scale
from ilo_geo.core.text import Lang
from ilo_geo.core.units import peru_date
from ilo_geo.io.legend import Scales
from ilo_geo.io.legend import caption
from ilo_geo.io.legend import class_column
from ilo_geo.io.legend import exported_table
from ilo_geo.io.legend import legend_rows
from ilo_geo.io.legend import modelled_note
from ilo_geo.io.legend import status
from ilo_geo.io.legend import word

A3_IN = (16.54, 11.69)
DPI = 150
PLAIN_COLOUR = "#7FA37A"
OUTLINE_COLOUR = "#4D4D4D"
LAND_COLOUR = "#F6F4EF"
MAP_BOX = (0.02, 0.03, 0.77, 0.88)
CAPTION_CHARACTERS = 210
SIDE_X = 0.80
SIDE_CHARACTERS = 42
# white space around the features, as a share of their extent
MARGIN_SHARE = 0.05
# a scale bar takes at most this share of the map's width
BAR_SHARE = 0.25
# more names than this do not fit on the sheet
MOST_NAMES = 40
NAME_CHARACTERS = 16
# rows and columns of the watermark: seen on every part of the map, hiding no class
MARK_GRID = (4, 4)
MARK_ALPHA = 0.10


def write_png(
    result: AnalysisResult, path: FilePath, lang: Lang, scales: Scales, parameters: pd.DataFrame
) -> None:
    """Draw the first table of ``scales``, or the first with geometry where there is no scale."""
    name = next(iter([*scales, *result.maps]))
    table = exported_table(result, name, scales)
    scale = scales.get(name)
    figure = Figure(figsize=A3_IN, dpi=DPI)
    title = f"{word('analyses', result.analysis, lang)} · {word('tables', name, lang)}"
    _text(figure, 0.02, 0.96, title, size=22, weight="bold")
    standing_on = textwrap.fill(caption(parameters), CAPTION_CHARACTERS)
    _text(figure, 0.02, 0.95, standing_on, size=9, va="top")
    axes = figure.add_axes(MAP_BOX, facecolor=LAND_COLOUR, xticks=[], yticks=[])
    colours = _colours(table, scale, lang)
    _draw(axes, table, colours, dashed=bool(result.modelled_layers))
    if len(table):
        _fit(axes, table.total_bounds)
        _scale_bar(axes)
        _names(axes, table)
    _north(axes, lang)
    if scale:
        _legend(figure, table, scale, lang)
    _text(figure, SIDE_X, 0.72, _sources(result, lang), size=8, va="top")
    if result.modelled_layers:
        _watermark(axes, word("labels", "modelled", lang))
    figure.savefig(path, format="png")


def _colours(table: gpd.GeoDataFrame, scale: Scale | None, lang: Lang) -> list[str]:
    if scale is None:
        return [PLAIN_COLOUR] * len(table)
    by_class = {row.id: row.colour for row in legend_rows(table, scale, lang)}
    return [by_class[class_id] for class_id in table[class_column(scale)]]


def _draw(axes: Axes, table: gpd.GeoDataFrame, colours: list[str], *, dashed: bool) -> None:
    """Draw polygons, lines and points in the order of the table."""
    parts, owner = shapely.get_parts(table.geometry.to_numpy(), return_index=True)
    colour = np.array(colours, dtype=object)[owner]
    dimension = shapely.get_dimensions(parts)
    style = "--" if dashed else "-"
    edge: dict[str, Any] = {"edgecolors": OUTLINE_COLOUR, "linewidths": 0.6, "linestyles": style}
    paths = [_polygon_path(part) for part in parts[dimension == 2]]
    axes.add_collection(PathCollection(paths, facecolors=list(colour[dimension == 2]), **edge))
    lines = [shapely.get_coordinates(part) for part in parts[dimension == 1]]
    axes.add_collection(
        LineCollection(lines, colors=list(colour[dimension == 1]), linestyles=style)
    )
    points = shapely.get_coordinates(parts[dimension == 0])
    if len(points):
        face = list(colour[dimension == 0])
        axes.scatter(points[:, 0], points[:, 1], s=14, c=face, ec=OUTLINE_COLOUR, lw=0.4)


def _fit(axes: Axes, bounds: np.ndarray) -> None:
    """Show ``bounds`` with a margin; a metre is as long across as up."""
    x_min, y_min, x_max, y_max = bounds
    _, _, width_share, height_share = MAP_BOX
    box_ratio = (width_share * A3_IN[0]) / (height_share * A3_IN[1])
    half_width_m = max(x_max - x_min, (y_max - y_min) * box_ratio, 1.0) * (0.5 + MARGIN_SHARE)
    half_height_m = half_width_m / box_ratio
    x, y = (x_min + x_max) / 2, (y_min + y_max) / 2
    axes.set_xlim(x - half_width_m, x + half_width_m)
    axes.set_ylim(y - half_height_m, y + half_height_m)


def _names(axes: Axes, table: gpd.GeoDataFrame) -> None:
    """Write the names of the areas inside them, where they are few enough to be read."""
    if "name" not in table or len(table) > MOST_NAMES:
        return
    halo = [withStroke(linewidth=3, foreground="white")]
    inside = table.geometry.representative_point()
    for name, point in zip(table["name"], inside, strict=True):
        label = textwrap.fill(str(name), NAME_CHARACTERS)
        axes.text(
            point.x, point.y, label, size=9, ha="center", va="center", path_effects=halo,
            zorder=10, parse_math=False, clip_on=True,
        )  # fmt: skip


def _watermark(axes: Axes, mark: str) -> None:
    """Repeat a light word all over the map, so that no part can be cut out without it."""
    n_rows, n_columns = MARK_GRID
    for row in range(n_rows):
        for column in range(n_columns):
            axes.text(
                (column + 0.5) / n_columns, (row + 0.5) / n_rows, mark, transform=axes.transAxes,
                size=30, alpha=MARK_ALPHA, rotation=30, ha="center", va="center", weight="bold",
                zorder=9,
            )  # fmt: skip


def _polygon_path(polygon: shapely.Polygon) -> Path:
    """Return shell and holes as one path; matplotlib leaves the holes out of the fill."""
    rings = [shapely.get_coordinates(ring) for ring in (polygon.exterior, *polygon.interiors)]
    return Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))


def _scale_bar(axes: Axes) -> None:
    """Draw a bar of 1, 2 or 5 times a power of ten metres at the lower left."""
    x_min, x_max = axes.get_xlim()
    y_min, y_max = axes.get_ylim()
    length_m = bar_length_m((x_max - x_min) * BAR_SHARE)
    x, y = x_min + (x_max - x_min) * 0.03, y_min + (y_max - y_min) * 0.04
    axes.plot([x, x + length_m], [y, y], color="black", lw=4, solid_capstyle="butt")
    label = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
    axes.annotate(label, (x + length_m / 2, y), (0, 6), textcoords="offset points", ha="center")


def bar_length_m(longest_m: float) -> float:
    """Return the longest of 1, 2 or 5 times a power of ten that is at most ``longest_m``."""
    power = 10.0 ** np.floor(np.log10(longest_m))
    return float(max(step * power for step in (1, 2, 5) if step * power <= longest_m))


def _north(axes: Axes, lang: Lang) -> None:
    """Draw an arrow along the grid's north at the upper right."""
    axes.annotate(
        word("labels", "north", lang), (0.97, 0.97), (0.97, 0.89), xycoords="axes fraction",
        ha="center", size=16, weight="bold", arrowprops={"arrowstyle": "-|>", "lw": 2, "fc": "k"},
    )  # fmt: skip


def _legend(figure: Figure, table: gpd.GeoDataFrame, scale: Scale, lang: Lang) -> None:
    handles = [
        Patch(
            facecolor=row.colour,
            edgecolor=OUTLINE_COLOUR,
            label=f"{row.label}   {word('labels', 'features', lang).format(n=row.n_features)}",
        )
        for row in legend_rows(table, scale, lang)
    ]
    figure.legend(
        handles=handles,
        title=f"{scale.title.in_(lang)}\n({scale.unit.in_(lang)})",
        loc="upper left",
        bbox_to_anchor=(SIDE_X - 0.005, 0.92),
        frameon=False,
        alignment="left",
    )


def _sources(result: AnalysisResult, lang: Lang) -> str:
    note = modelled_note(result, lang)
    state = word("statuses", status(result).value, lang)
    paragraphs = [f"{word('labels', 'status', lang)}: {state}. {note or ''}"]
    paragraphs.append(f"{word('labels', 'sources', lang)}:")
    paragraphs += [
        f"{ref.title.in_(lang)}: {ref.source} ({peru_date(ref.date)}, {ref.licence}, "
        f"{word('statuses', ref.status.value, lang).lower()})"
        for ref in result.provenance
    ]
    return "\n".join(textwrap.fill(line, SIDE_CHARACTERS) for line in paragraphs)


def _text(figure: Figure, x: float, y: float, text: str, **style: Any) -> None:
    """Write text as it is: a dollar sign in a source is no formula."""
    figure.text(x, y, text, parse_math=False, **style)
