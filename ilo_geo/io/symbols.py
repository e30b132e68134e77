"""How each feature of a table is drawn, said once for paper, page and QGIS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np

from ilo_geo.core.scales import CategoryScale
from ilo_geo.core.text import Lang
from ilo_geo.io.legend import AnyScale
from ilo_geo.io.legend import class_column
from ilo_geo.io.legend import legend_rows
from ilo_geo.io.legend import word

PLAIN_COLOUR = "#7FA37A"
OUTLINE_COLOUR = "#4D4D4D"
# an outline that belongs to a class is drawn in the class's colour, this much darker
EDGE_SHADE = 0.5
# fill of an outline in the legend, where it stands for no class
OUTLINE_FILL = "#808080"
# matplotlib's sign of a hatch as a brush of Qt
BRUSHES = {
    "/": "b_diagonal",
    "\\": "f_diagonal",
    "x": "diagonal_x",
    "+": "cross",
    "-": "horizontal",
    "|": "vertical",
    ".": "dense7",
}
LineStyle = Literal["thin", "solid", "thick", "dashed"]


# the sign of a point by the hatch of its class: what an area says by hatching a point says by form
MARKERS = {"": "o", ".": "s", "/": "^", "x": "X"}


@dataclass(frozen=True)
class Symbol:
    """One way of drawing: fill, hatch in matplotlib's signs, and outline."""

    id: str
    label: str
    colour: str
    # beside the label in a legend: how many features
    note: str = ""
    pattern: str = ""
    opacity: float = 1.0
    line: LineStyle = "thin"
    edge: str = OUTLINE_COLOUR
    # drawn in broken lines because an input is modelled
    broken: bool = False


# what helps to find one's way, under and around what a map is about
CONTEXT_SYMBOLS: Mapping[str, Symbol] = {
    "districts": Symbol("districts", "", "#FFFFFF", opacity=0, line="dashed", edge="#6A4C93"),
    "zones": Symbol("zones", "", "#FFFFFF", opacity=0, edge="#A39B8B"),
    "streets": Symbol("streets", "", "#9A9A9A"),
    "buildings": Symbol("buildings", "", "#DAD5C9", edge="#C2BCAE"),
    "blocks": Symbol("blocks", "", "#E7E3DA", edge="#CFC9BC"),
    "coastline": Symbol("coastline", "", "#0B4F8A", line="solid"),
    "river": Symbol("river", "", "#4FA3D1", line="solid", edge="#4FA3D1"),
    "inundation": Symbol(
        "inundation", "", "#8EC1E8", pattern="/", opacity=0.8, line="solid", edge="#1F5F99"
    ),
    "safe_ground": Symbol("safe_ground", "", "#BFE5A8", line="solid", edge="#3E7D1E"),
    "start_area": Symbol("start_area", "", "#FFFFFF", opacity=0, line="thick", edge="#7B2CBF"),
    "refuges": Symbol("refuges", "", "#1B7A1B", pattern="P", edge="#FFFFFF"),
}
OTHER_CONTEXT = Symbol("", "", "#DDDDDD", edge="#8C8C8C")


def marker(symbol: Symbol) -> str:
    """Return the form of a point: that of its class's hatch, else as it is named."""
    return MARKERS.get(symbol.pattern, symbol.pattern)


def drawn_symbols(
    table: gpd.GeoDataFrame, scale: AnyScale | None, lang: Lang, *, broken: bool
) -> list[tuple[Symbol, np.ndarray]]:
    """Return the symbols of a table in drawing order, each with the mask of its rows.

    ``table`` comes from `exported_table`. Where a scale tells outlines apart, broken lines mean
    one of them, and ``broken`` says nothing.
    """
    if scale is None:
        return [(Symbol("", "", PLAIN_COLOUR, broken=broken), np.ones(len(table), dtype=bool))]
    ids = table[class_column(scale)].to_numpy()
    if isinstance(scale, CategoryScale) and scale.outlines:
        return _by_outline(table, scale, ids, lang)
    return [
        (Symbol(row.id, row.label, row.colour, pattern=row.pattern, broken=broken), ids == row.id)
        for row in legend_rows(table, scale, lang)
    ]


def _by_outline(
    table: gpd.GeoDataFrame, scale: CategoryScale, ids: np.ndarray, lang: Lang
) -> list[tuple[Symbol, np.ndarray]]:
    """Return one symbol a class and outline that the table holds, as ``class/outline``."""
    outline_ids = table[scale.outline_column].to_numpy()
    drawn = []
    for outline in scale.outlines:
        for row in legend_rows(table, scale, lang):
            mask = (ids == row.id) & (outline_ids == outline.id)
            symbol = Symbol(
                id=f"{row.id}/{outline.id}",
                label=f"{row.label} · {outline.title.in_(lang)}",
                colour=row.colour,
                pattern=row.pattern if outline.opacity else "",
                opacity=outline.opacity,
                line=outline.line,
                edge=shade(row.colour),
            )
            if mask.any():
                drawn.append((symbol, mask))
    return drawn


def legend_symbols(table: gpd.GeoDataFrame, scale: AnyScale, lang: Lang) -> list[Symbol]:
    """Return what the legend of a table shows: its classes, then the outlines it tells apart.

    Features are counted where each is drawn once.
    """
    outlines = scale.outlines if isinstance(scale, CategoryScale) else ()
    fullest = max((outline.opacity for outline in outlines), default=1.0)
    counted = "" if outlines else word("labels", "features", lang)
    classes = [
        Symbol(
            id=row.id,
            label=row.label,
            colour=row.colour,
            note=counted.format(n=row.n_features),
            pattern=row.pattern,
            opacity=fullest,
            edge=shade(row.colour) if outlines else OUTLINE_COLOUR,
        )
        for row in legend_rows(table, scale, lang)
    ]
    return classes + [
        Symbol(o.id, o.title.in_(lang), OUTLINE_FILL, opacity=o.opacity / 2, line=o.line)
        for o in outlines
    ]


def fill_opacities(scale: AnyScale) -> list[float]:
    """Return the opacities that the fills of a scale have."""
    outlines = scale.outlines if isinstance(scale, CategoryScale) else ()
    return sorted({outline.opacity for outline in outlines} - {0.0}) or [1.0]


def tint(colour: str, opacity: float) -> str:
    """Return a hex colour as it looks on white paper.

    Examples
    --------
    >>> tint("#FF8000", 0.5)
    '#FFC080'
    """
    parts = [round(255 - opacity * (255 - int(colour[i : i + 2], 16))) for i in (1, 3, 5)]
    return "#" + "".join(f"{part:02X}" for part in parts)


def shade(colour: str) -> str:
    """Return a hex colour darkened for an outline.

    Examples
    --------
    >>> shade("#FF8000")
    '#7F4000'
    """
    parts = [int(int(colour[i : i + 2], 16) * EDGE_SHADE) for i in (1, 3, 5)]
    return "#" + "".join(f"{part:02X}" for part in parts)
