"""The way to safe ground on one A4 sheet: one message, the map, the turns, the meeting point.

It is read by neighbours and Defensa Civil officers in a hurry: large type, what to do first.
Whether one is in time is said as computed, with the pace, the delay and the wave it stands on.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from pyproj import CRS
from pyproj import Transformer

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.crs import crs_name
from ilo_geo.core.crs import require_metric
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.layer import Status
from ilo_geo.core.text import Lang
from ilo_geo.core.units import peru_date
from ilo_geo.io.legend import word
from ilo_geo.io.paper import Box
from ilo_geo.io.paper import Page
from ilo_geo.io.paper import Paragraph
from ilo_geo.io.paper import save_pdf
from ilo_geo.io.print_map import LAND_COLOUR
from ilo_geo.io.print_map import draw_context
from ilo_geo.io.print_map import fit
from ilo_geo.io.print_map import grid_ticks
from ilo_geo.io.print_map import north
from ilo_geo.io.print_map import scale_bar
from ilo_geo.io.print_map import watermark
from ilo_geo.io.route import Route
from ilo_geo.io.route_map import PATH_COLOUR
from ilo_geo.io.route_map import draw_path
from ilo_geo.io.sheet_texts import source_lines
from ilo_geo.io.symbols import CONTEXT_SYMBOLS
from ilo_geo.io.symbols import OTHER_CONTEXT
from ilo_geo.io.symbols import Symbol
from ilo_geo.io.workspace import atomic_path

A4_MM = (210.0, 297.0)
HEAD_BOX = Box(8, 268, 194, 22)
MESSAGE_BOX = Box(8, 229, 194, 38)
MAP_BOX = Box(8, 98, 194, 127)
STEPS_BOX = Box(8, 25, 94, 70)
FACTS_BOX = Box(108, 25, 94, 70)
FOOT_BOX = Box(8, 5, 194, 18)
IN_TIME, LATE = "#1B5E20", "#B00020"
BADGE_TINT = "#FFF3CD"
# a short path is shown with at least this much around it
LEAST_AROUND_M = 60.0
AROUND_SHARE = 0.15
COORDINATE_DECIMALS = 5
PLAIN_BELOW_PT = 14
START_AREA = "start_area"
# a place farther than this from the meeting point would send people to the wrong place
NEAR_PLACE_M = 150.0


@dataclass(frozen=True)
class RouteTerms:
    """What the minutes of a route stand on."""

    walking_speed_m_s: float
    arrival_min: float
    level_m: float


@dataclass(frozen=True)
class _Sheet:
    name: str
    route: Route | None
    crs: CRS
    terms: RouteTerms
    provenance: Sequence[LayerRef]
    lang: Lang
    context: Mapping[str, gpd.GeoDataFrame]
    printed_on: date

    def say(self, key: str, **fields: Any) -> str:
        return word("route", key, self.lang).format(**fields)

    @property
    def modelled(self) -> list[str]:
        refs = [ref for ref in self.provenance if ref.status is Status.MODELLED]
        return [ref.title.in_(self.lang) for ref in refs]


def write_route_sheets(
    path: Path,
    routes: Mapping[str, Route | None],
    *,
    crs: CRS,
    terms: RouteTerms,
    provenance: Sequence[LayerRef],
    lang: Lang = "es",
    context: Mapping[str, gpd.GeoDataFrame] | None = None,
    places: Mapping[str, Any] | None = None,
    printed_on: date | None = None,
) -> Path:
    """Write one PDF with an A4 sheet a route and return its path.

    Parameters
    ----------
    routes
        Route by the name of the block or neighbourhood it starts from; None where there is no way
        to safety, which the sheet then says.
    crs
        Metric CRS of the routes, of ``context`` and of ``places``.
    context
        Layers to find one's way by, lowest first: ``safe_ground``, ``blocks``, ``inundation``,
        ``streets``, ``refuges`` … (other ids are drawn plainly).
    places
        Polygon of the block or neighbourhood, by the same names.
    printed_on
        Date on the sheet, today's if None.

    Raises
    ------
    CrsError
        ``crs`` is not in metres.
    WorkspaceError
        The file cannot be written; what was there is kept.
    """
    require_metric(crs, where="route")
    day = printed_on or datetime.now().astimezone().date()
    sheets = [
        _Sheet(name, route, crs, terms, provenance, lang, around, day)
        for name, route in routes.items()
        for around in [{**(context or {}), **_start_area((places or {}).get(name), crs)}]
    ]
    pages = [_page(sheet, n, len(sheets)) for n, sheet in enumerate(sheets, start=1)]
    with atomic_path(path) as temporary:
        save_pdf(pages, temporary, title=word("route", "title", lang), printed_on=day)
    return path


def write_route_sheet(path: Path, name: str, route: Route | None, **options: Any) -> Path:
    """Write the sheet of one route; options as in `write_route_sheets`."""
    return write_route_sheets(path, {name: route}, **options)


def _start_area(place: Any, crs: CRS) -> dict[str, gpd.GeoDataFrame]:
    return {} if place is None else {START_AREA: gpd.GeoDataFrame(geometry=[place], crs=crs)}


def _page(sheet: _Sheet, number: int, n_pages: int) -> Page:
    page = Page(*A4_MM)
    more = word("labels", "more", sheet.lang)
    head = [
        Paragraph(sheet.say("title"), 13, gap_mm=0),
        Paragraph(sheet.name, 25, bold=True, gap_mm=0.5),
    ]
    page.column(HEAD_BOX, head, more)
    _message(page, sheet)
    _map(page.axes(MAP_BOX, facecolor=LAND_COLOUR, xticks=[], yticks=[]), sheet)
    page.column(STEPS_BOX, [*_steps(sheet), *_legend(sheet)], sheet.say("more_steps"))
    page.column(FACTS_BOX, [*_meeting(sheet), *_terms(sheet), *_badge(sheet)], more)
    page.column(FOOT_BOX, _foot(sheet, number, n_pages), more)
    return page


def _message(page: Page, sheet: _Sheet) -> None:
    """Say the one thing to be read first: where to go, how long it takes, and if it is in time."""
    route = sheet.route
    in_time = route is not None and _last_min(route) <= sheet.terms.arrival_min
    page.rectangle(MESSAGE_BOX, facecolor=IN_TIME if in_time else LATE, edgecolor="none")
    inside = Box(MESSAGE_BOX.left + 5, MESSAGE_BOX.bottom + 2, MESSAGE_BOX.width - 10, 34)
    white = [
        Paragraph(text, size, bold=size > PLAIN_BELOW_PT, colour="#FFFFFF", gap_mm=1.0)
        for text, size in _message_lines(sheet)
    ]
    page.column(inside, white, word("labels", "more", sheet.lang))


def _message_lines(sheet: _Sheet) -> list[tuple[str, float]]:
    route, arrival_min = sheet.route, sheet.terms.arrival_min
    if route is None:
        return [(sheet.say("none"), 24), (sheet.say("none_go"), 14)]
    facts = sheet.say(
        "facts",
        # never rounded in the reader's favour
        minutes=f"{np.ceil(route.total_min):.0f}",
        length=f"{route.length_m:,.0f}",
        climb=f"{route.climb_m:,.0f}",
    )
    go = sheet.say("go", place=_place(sheet, route))
    last_min = _last_min(route)
    if last_min <= arrival_min:
        early = _times(sheet, "early", last_min)
        return [(f"{sheet.say('go_now')} {go}", 17), (facts, 24), (early, 13)]
    if route.total_min > arrival_min:
        late = _times(sheet, "late", route.total_min)
    else:
        late = _times(sheet, "late_last" if np.isfinite(last_min) else "some_none", last_min)
    return [(late, 17), (sheet.say("late_go"), 13), (f"{go} · {facts}", 13)]


def _last_min(route: Route) -> float:
    """Return when the last one of the place is safe: nobody is told to be in time who is not."""
    return max(route.total_min, route.slowest_min)


def _times(sheet: _Sheet, key: str, minutes: float) -> str:
    arrival_min = sheet.terms.arrival_min
    margin = f"{abs(arrival_min - minutes):.1f}"
    return sheet.say(key, arrival=f"{arrival_min:g}", margin=margin)


def _place(sheet: _Sheet, route: Route) -> str:
    """Return the name of the meeting point: its street, and a place close to it."""
    end = route.meeting_point
    street = end.street or sheet.say("high_ground")
    if not end.place or end.place_gap_m > NEAR_PLACE_M:
        return street
    gap = f"{end.place_gap_m:,.0f}"
    return f"{street}, {sheet.say('near', place=end.place, gap=gap)}"


def _map(axes: Axes, sheet: _Sheet) -> None:
    bounds = _bounds(sheet)
    if bounds is not None:
        fit(axes, bounds, MAP_BOX)
        draw_context(axes, sheet.context)
        grid_ticks(axes, size=6.5)
        scale_bar(axes, size=11)
    if sheet.route is not None:
        labels = {key: sheet.say(key) for key in ("start", "finish")}
        draw_path(axes, sheet.route, **labels)
    if sheet.modelled:
        watermark(axes, word("labels", "modelled", sheet.lang), size=20)
    north(axes, word("labels", "north", sheet.lang))


def _bounds(sheet: _Sheet) -> np.ndarray | None:
    """Return what the map shows: path and start with what is around, or all of the context."""
    start = sheet.context.get(START_AREA)
    shapes = [] if start is None else list(start.geometry)
    if sheet.route is not None:
        shapes.append(sheet.route.line)
    if not shapes:
        frames = [frame for frame in sheet.context.values() if len(frame)]
        return np.array(frames[0].total_bounds) if frames else None
    x_min, y_min, x_max, y_max = shapely.total_bounds(shapes)
    around_m = max(LEAST_AROUND_M, max(x_max - x_min, y_max - y_min) * AROUND_SHARE)
    return np.array([x_min - around_m, y_min - around_m, x_max + around_m, y_max + around_m])


def _head(text: str) -> Paragraph:
    return Paragraph(text, 13, bold=True, gap_mm=2.5)


def _steps(sheet: _Sheet) -> list[Paragraph]:
    """Return the turns by number, as one says them."""
    if sheet.route is None:
        return []
    lines = [
        f"{number}. {leg.instruction.in_(sheet.lang)}"
        for number, leg in enumerate(sheet.route.legs, start=1)
    ]
    return [_head(sheet.say("steps")), *(Paragraph(line, 11.5) for line in lines)]


def _legend(sheet: _Sheet) -> list[Paragraph]:
    path = Symbol("path", "", PATH_COLOUR, line="thick", edge=PATH_COLOUR)
    rows = [(sheet.say("path"), path, "line")] if sheet.route else []
    for name, frame in sheet.context.items():
        dimensions = shapely.get_dimensions(frame.geometry.to_numpy())
        form = {0: "point", 1: "line"}.get(int(dimensions.max(initial=0)), "area")
        symbol = CONTEXT_SYMBOLS.get(name, OTHER_CONTEXT)
        if len(frame):
            rows.append((word("tables", name, sheet.lang), symbol, form))
    entries = [Paragraph(label, 9, swatch=symbol, form=form) for label, symbol, form in rows]
    return [_head(word("labels", "legend", sheet.lang)), *entries] if entries else []


def _meeting(sheet: _Sheet) -> list[Paragraph]:
    """Return where one is safe, in words and in coordinates for a phone and for a map sheet."""
    if sheet.route is None:
        return []
    end = sheet.route.meeting_point
    to_degrees = Transformer.from_crs(sheet.crs, DISPLAY_CRS, always_xy=True)
    lon, lat = to_degrees.transform(end.x_m, end.y_m)
    degrees = {"lat": f"{lat:.{COORDINATE_DECIMALS}f}", "lon": f"{lon:.{COORDINATE_DECIMALS}f}"}
    metric = {"crs": crs_name(sheet.crs), "x": f"{end.x_m:.0f}", "y": f"{end.y_m:.0f}"}
    return [
        _head(sheet.say("meeting")),
        Paragraph(_place(sheet, sheet.route), 12, bold=True),
        Paragraph(sheet.say("elevation", value=f"{end.elevation_m:.0f}"), 11),
        Paragraph(sheet.say("wgs84", **degrees), 11),
        Paragraph(sheet.say("metric", **metric), 11),
    ]


def _terms(sheet: _Sheet) -> list[Paragraph]:
    """Return what the minutes stand on."""
    terms = sheet.terms
    values = {
        "level": terms.level_m,
        "arrival": terms.arrival_min,
        "speed": terms.walking_speed_m_s,
        **({"reaction": round(sheet.route.delay_min, 1)} if sheet.route else {}),
    }
    lines = [sheet.say(key, value=f"{value:g}") for key, value in values.items()]
    return [_head(sheet.say("terms")), *(Paragraph(line, 10) for line in lines)]


def _badge(sheet: _Sheet) -> list[Paragraph]:
    key = "modelled" if sheet.modelled else "computed"
    text = sheet.say(key, layers=", ".join(sheet.modelled))
    return [Paragraph(text, 9, bold=True, tint=BADGE_TINT, gap_mm=2.5)]


def _foot(sheet: _Sheet, number: int, n_pages: int) -> list[Paragraph]:
    sources = " · ".join(source_lines(sheet.provenance, sheet.lang))
    page = word("labels", "page", sheet.lang).format(number=number, n=n_pages)
    printed = word("labels", "printed", sheet.lang)
    day = peru_date(sheet.printed_on.isoformat())
    return [
        Paragraph(f"{printed} {day} · {page} · ilo-geo", 8.5, bold=True, gap_mm=0),
        Paragraph(f"{word('labels', 'sources', sheet.lang)}: {sources}", 6.5, gap_mm=0),
    ]
