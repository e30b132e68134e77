"""A result as an A3 landscape sheet to print, as PNG or PDF, in the study area's metric CRS.

It carries what a printed map needs to be believed: title, what the figures stand on, legend, key
figures with their interval, how sure the lines are, sources with licence, date and status, scale,
north and coordinates; a badge and a watermark where any input is modelled. The PDF has one sheet a
table that is drawn by classes, and one with every figure, parameter and source.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes

from ilo_geo.core.crs import crs_name
from ilo_geo.core.text import Lang
from ilo_geo.core.units import peru_date
from ilo_geo.io.legend import Export
from ilo_geo.io.legend import caption
from ilo_geo.io.legend import exported_table
from ilo_geo.io.legend import modelled_note
from ilo_geo.io.legend import scale_title
from ilo_geo.io.legend import shown_value
from ilo_geo.io.legend import status
from ilo_geo.io.legend import word
from ilo_geo.io.paper import Box
from ilo_geo.io.paper import Page
from ilo_geo.io.paper import Paragraph
from ilo_geo.io.paper import save_pdf
from ilo_geo.io.paper import wrapped
from ilo_geo.io.print_map import FEATURE
from ilo_geo.io.print_map import LAND_COLOUR
from ilo_geo.io.print_map import OVERLAY
from ilo_geo.io.print_map import draw
from ilo_geo.io.print_map import draw_context
from ilo_geo.io.print_map import fit
from ilo_geo.io.print_map import grid_ticks
from ilo_geo.io.print_map import names
from ilo_geo.io.print_map import north
from ilo_geo.io.print_map import scale_bar
from ilo_geo.io.print_map import watermark
from ilo_geo.io.sheet_texts import key_figures
from ilo_geo.io.sheet_texts import source_lines
from ilo_geo.io.sheet_texts import uncertainty
from ilo_geo.io.sheet_texts import warnings
from ilo_geo.io.symbols import CONTEXT_SYMBOLS
from ilo_geo.io.symbols import OTHER_CONTEXT
from ilo_geo.io.symbols import Symbol
from ilo_geo.io.symbols import drawn_symbols
from ilo_geo.io.symbols import legend_symbols

A3_MM = (420.0, 297.0)
# 70 % of the sheet
MAP_BOX = Box(6, 6, 331, 265)
SIDE_BOX = Box(343, 15.5, 71, 275.5)
FOOT_BOX = Box(343, 6, 71, 8.5)
TITLE_MM = 282.0
CAPTION_MM = 279.5
CAPTION_PT = 9.0
BADGE_TINT = "#FFF3CD"
# more figures than this are no key figures
MOST_FIGURES = 5
OVERLAY_COLOURS = ("#0B3C8C", "#111111", "#7B2CBF", "#00697A")
OVERLAY_MARKERS = ("s", "^", "D", "P")


def write_png(export: Export, path: Path) -> None:
    """Draw the first table of the scales, or the first with geometry where there is none."""
    page = map_sheet(export, _drawn_tables(export)[0], number=1, n_pages=1)
    page.figure.savefig(path, format="png")


def write_pdf(export: Export, path: Path) -> None:
    """Draw a vector sheet a table that has classes, and the sheet of data and sources."""
    drawn = _drawn_tables(export)
    n_pages = len(drawn) + 1
    pages = [map_sheet(export, name, number=i, n_pages=n_pages) for i, name in enumerate(drawn, 1)]
    pages.append(data_sheet(export, number=n_pages, n_pages=n_pages))
    title = word("analyses", export.result.analysis, export.lang)
    save_pdf(pages, path, title=title, printed_on=export.printed_on)


def _drawn_tables(export: Export) -> list[str | None]:
    """Return the tables with a sheet of their own; None is a sheet that says there is no map."""
    maps = list(export.result.maps)
    drawn = [name for name in export.scales if name in maps] or maps[:1]
    return [*drawn] or [None]


def map_sheet(export: Export, name: str | None, *, number: int, n_pages: int) -> Page:
    """Return the sheet of one table."""
    page = Page(*A3_MM)
    _heading(page, export, name)
    axes = page.axes(MAP_BOX, facecolor=LAND_COLOUR, xticks=[], yticks=[])
    legend = _draw_map(axes, export, name)
    if export.result.modelled_layers:
        watermark(axes, word("labels", "modelled", export.lang))
    more = word("labels", "more", export.lang)
    page.column(SIDE_BOX, [*_badge(export), *_figures(export), *legend, *_trust(export)], more)
    page.column(FOOT_BOX, _foot(export, number, n_pages), more)
    return page


def _heading(page: Page, export: Export, name: str | None) -> None:
    title = word("analyses", export.result.analysis, export.lang)
    if name:
        title += f" · {word('tables', name, export.lang)}"
    page.text(MAP_BOX.left, TITLE_MM, title, size=22, weight="bold")
    standing_on = "\n".join(wrapped(caption(export.parameters), MAP_BOX.width, CAPTION_PT))
    page.text(MAP_BOX.left, CAPTION_MM, standing_on, size=CAPTION_PT, va="top")


def _draw_map(axes: Axes, export: Export, name: str | None) -> list[Paragraph]:
    """Draw a table, the overlays and what lies around them; return the legend."""
    names_drawn = [name, *(o for o in export.overlays if o in export.result.maps and o != name)]
    frames = {n: exported_table(export.result, n, export.scales) for n in names_drawn if n}
    main = frames[name] if name else None
    shown = [f for f in (*frames.values(), *export.context.values()) if len(f)]
    if shown:
        bounds = shown[0].total_bounds if export.extent is None else np.array(export.extent)
        fit(axes, bounds, MAP_BOX)
        draw_context(axes, export.context)
    legend = []
    for position, (table_name, frame) in enumerate(frames.items()):
        symbols = _symbols(export, table_name, frame, position)
        for symbol, mask in symbols:
            draw(axes, frame[mask], symbol, layer=OVERLAY if position else FEATURE)
        legend += _legend(export, table_name, frame, symbols)
    if shown:
        grid_ticks(axes)
        scale_bar(axes)
        _names(axes, export, main)
    if main is None or main.empty:
        axes.text(
            0.5, 0.5, word("labels", "empty", export.lang), transform=axes.transAxes, size=26,
            ha="center", va="center", weight="bold", zorder=10,
        )  # fmt: skip
    north(axes, word("labels", "north", export.lang))
    return [_head("legend", export.lang), *legend, *_context_legend(export)]


def _symbols(
    export: Export, name: str, frame: gpd.GeoDataFrame, position: int
) -> list[tuple[Symbol, np.ndarray]]:
    """Return the symbols of a table; an overlay without classes has a colour of its own."""
    scale = export.scales.get(name)
    if position and scale is None:
        turn = (position - 1) % len(OVERLAY_COLOURS)
        points = "point" in _forms(frame)
        symbol = Symbol(
            name,
            word("tables", name, export.lang),
            OVERLAY_COLOURS[turn],
            pattern=OVERLAY_MARKERS[turn] if points else "",
            opacity=0,
            line="solid",
            edge="#FFFFFF" if points or "line" in _forms(frame) else OVERLAY_COLOURS[turn],
        )
        return [(symbol, np.ones(len(frame), dtype=bool))]
    broken = bool(export.result.modelled_layers)
    return drawn_symbols(frame, scale, export.lang, broken=broken)


def _names(axes: Axes, export: Export, main: gpd.GeoDataFrame | None) -> None:
    if main is not None and "name" in main:
        names(axes, main)
    elif "districts" in export.context:
        colour = CONTEXT_SYMBOLS["districts"].edge
        names(axes, export.context["districts"], size=11, colour=colour)


def _forms(frame: gpd.GeoDataFrame) -> list[str]:
    """Return which of area, line and point a table holds, the widest first."""
    dimensions = shapely.get_dimensions(frame.geometry.to_numpy())
    forms = {2: "area", 1: "line", 0: "point"}
    return [form for dimension, form in forms.items() if dimension in dimensions] or ["area"]


def _legend(
    export: Export, name: str, frame: gpd.GeoDataFrame, symbols: Sequence[tuple[Symbol, np.ndarray]]
) -> list[Paragraph]:
    """Return the legend of one table: its classes, or the one symbol it is drawn with."""
    scale, form = export.scales.get(name), _forms(frame)[0]
    if scale is None:
        label = word("tables", name, export.lang)
        return [Paragraph(label, 9, swatch=symbol, form=form) for symbol, _ in symbols]
    rows = legend_symbols(frame, scale, export.lang)
    title = Paragraph(scale_title(scale, export.lang), 9, bold=True)
    labels = [f"{row.label}   {row.note}".rstrip() for row in rows]
    entries = zip(labels, rows, strict=True)
    return [title, *(Paragraph(label, 9, swatch=row, form=form) for label, row in entries)]


def _context_legend(export: Export) -> list[Paragraph]:
    return [
        Paragraph(
            word("tables", name, export.lang),
            7.5,
            swatch=CONTEXT_SYMBOLS.get(name, OTHER_CONTEXT),
            form=_forms(frame)[0],
            gap_mm=0,
        )
        for name, frame in export.context.items()
    ]


def _head(label: str, lang: Lang) -> Paragraph:
    return Paragraph(word("labels", label, lang), 10.5, bold=True, gap_mm=3.2)


def _badge(export: Export) -> list[Paragraph]:
    """Return the mark of a result that stands on modelled layers, or what it is otherwise."""
    note = modelled_note(export.result, export.lang)
    if note is None:
        state = word("statuses", status(export.result).value, export.lang)
        return [Paragraph(f"{word('labels', 'status', export.lang)}: {state}", 9, gap_mm=0)]
    warning = word("labels", "modelled_warning", export.lang)
    return [Paragraph(f"{warning}\n{note}", 8.5, tint=BADGE_TINT, gap_mm=0)]


def _figures(export: Export, most: int = MOST_FIGURES) -> list[Paragraph]:
    """Return the first figures, the first of all in large type, each with its interval."""
    figures = key_figures(export.result.summary, export.lang)[:most]
    paragraphs = []
    for position, figure in enumerate(figures):
        size = 15.0 if position == 0 else 10.0
        paragraphs.append(Paragraph(figure.title, 8, gap_mm=2.0))
        paragraphs.append(Paragraph(figure.value, size, bold=True, gap_mm=0))
        if figure.interval:
            paragraphs.append(Paragraph(figure.interval, 9, gap_mm=0))
    return [_head("key_figures", export.lang), *paragraphs] if paragraphs else []


def _trust(export: Export) -> list[Paragraph]:
    """Return how sure the map is, what must be known before using it, and its sources."""
    lang, result = export.lang, export.result
    parts = {
        "uncertainty": uncertainty(result, lang),
        "warnings": warnings(result, lang),
        "sources": source_lines(result.provenance, lang),
    }
    return [
        paragraph
        for label, lines in parts.items()
        if lines
        for paragraph in (_head(label, lang), *(Paragraph(line, 7.5) for line in lines))
    ]


def _foot(export: Export, number: int, n_pages: int) -> list[Paragraph]:
    frames = [*export.result.maps.values(), *export.context.values()]
    crs = f"{crs_name(frames[0].crs)} · " if frames else ""
    page = word("labels", "page", export.lang).format(number=number, n=n_pages)
    printed = word("labels", "printed", export.lang)
    date = peru_date(export.printed_on.isoformat())
    return [
        Paragraph(f"{printed} {date} · {page}", 8.5, bold=True, gap_mm=0),
        Paragraph(f"{crs}ilo-geo · {export.result.sha256[:12]}", 7, gap_mm=0),
    ]


def data_sheet(export: Export, *, number: int, n_pages: int) -> Page:
    """Return the sheet that holds every figure, parameter, warning and source in full."""
    page, lang = Page(*A3_MM), export.lang
    title = word("analyses", export.result.analysis, lang)
    page.text(
        MAP_BOX.left, TITLE_MM, f"{title} · {word('labels', 'data', lang)}", size=22, weight="bold"
    )
    figures = [
        Paragraph(f"{f.title}: {f.value}" + (f" ({f.interval})" if f.interval else ""), 9.5)
        for f in key_figures(export.result.summary, lang)
    ]
    set_values = [
        Paragraph(f"{row.title}: {shown_value(row.value)} {row.unit}".rstrip(), 9.5)
        for row in export.parameters.itertuples()
    ]
    columns = [
        [_head("key_figures", lang), *figures],
        [_head("parameters", lang), *set_values],
        [*_badge(export), *_trust(export)],
    ]
    width_mm = (A3_MM[0] - 2 * MAP_BOX.left) / len(columns)
    for position, paragraphs in enumerate(columns):
        left_mm = MAP_BOX.left + position * width_mm
        box = Box(left_mm, SIDE_BOX.bottom, width_mm - 8, TITLE_MM - SIDE_BOX.bottom - 6)
        page.column(box, paragraphs, word("labels", "more", lang))
    page.column(FOOT_BOX, _foot(export, number, n_pages), word("labels", "more", lang))
    return page
