"""The view as the address bar states it; whatever is forged or stale falls back to the usual."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from functools import partial
from typing import Any
from urllib.parse import parse_qsl
from urllib.parse import urlsplit

from dash_app.i18n import Translator
from dash_app.i18n import translator
from dash_app.planner import Planner
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.parameters import Parameters
from ilo_geo.green.analysis import ANALYSIS_ID as GREEN
from ilo_geo.services.analyses import analysis_titles

PATHS = {
    "/": "home",
    "/areas-verdes": "green",
    "/areas-verdes/sitios": "parks",
    "/riesgos": "hazards",
    "/seguridad": "patrol",
    "/seguridad/puntos-criticos": "hotspots",
    "/seguridad/camaras": "cameras",
    "/prioridad": "priority",
    "/datos": "data",
    "/datos/cargar": "imports",
    "/datos/coherencia": "coherence",
    "/propuestas": "proposals",
    "/escenarios": "scenarios",
    "/presupuesto": "budget",
    "/sesion": "sitting",
    "/sesiones": "sittings",
}
# pages with addresses of their own things below theirs: /propuestas/12, /propuestas/12/editar
DEEP = ("proposals", "scenarios", "budget", "sittings")
# letters of a wrong address that are told
MAX_TOLD = 40
# pages behind one entry of the navigation, which opens the first of them
GROUPS = (
    ("green", "parks"),
    ("patrol", "hotspots", "cameras"),
    ("data", "imports", "coherence"),
    ("proposals", "scenarios", "budget", "sitting", "sittings"),
)
# entries of the navigation
ENTRIES = ("home", "green", "hazards", "patrol", "priority", "proposals", "data")
# pages that show the one analysis of their own name
FINDINGS = ("parks", "patrol", "hotspots", "cameras", "priority")
# what one may look at on the page of hazards, in the order it is offered
TSUNAMI, EVACUATION, MEASURES = "tsunami", "evacuation", "measures"
EXPOSURE = "exposure"
HAZARDS = (TSUNAMI, "fault", "tanks", "fuel_stations", "multihazard", EXPOSURE)
# pages that show no analysis, and what their address chooses instead
WITHOUT_ANALYSIS = ("coherence", "proposals", "scenarios", "budget", "sitting", "sittings")
ALL_RULES = "all"
FILTERS = ("plan_theme", "plan_verdict")
# what the list of proposals is cut down to, and which page of it is open
LISTED = ("p_state", "p_kind", "p_zone", "p_text", "p_page")
MIN_ZOOM, MAX_ZOOM = 8, 19


@dataclass(frozen=True)
class View:
    """One view of the planner.

    ``params`` are those of each analysis the page shows, and of the green one, which dates the
    map; ``faults`` says what was refused; ``filters`` is what a list is cut down to; ``rest`` are
    the parts of the address below the page's own.
    """

    page: str
    t: Translator
    hazard: str
    params: Mapping[str, Parameters]
    level: str
    zone: str | None
    center: tuple[float, float]
    zoom: int
    layers: tuple[str, ...]
    faults: tuple[IloGeoError, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    rest: tuple[str, ...] = ()

    @property
    def analyses(self) -> tuple[str, ...]:
        """Return the analyses the page shows, the one it waits for first."""
        return analyses_of(self.page, self.hazard)

    @property
    def asked(self) -> dict[str, Any]:
        """Return the parameters of the page's analyses by name."""
        merged: dict[str, Any] = {}
        for name in reversed(self.analyses):
            merged |= self.params[name].model_dump(mode="json")
        return merged

    @property
    def year(self) -> int | None:
        """Return the year that dated layers show."""
        year: int | None = self.params[GREEN].model_dump()["year"]
        return year


def read_view(href: str, planner: Planner, usual: ViewDefaults) -> View:
    """Return the view an address asks for."""
    parts = urlsplit(href or "/")
    query = dict(parse_qsl(parts.query)[:40])
    faults: list[IloGeoError] = []
    page, rest = _or_usual(faults, lambda: _page(parts.path), ("home", ()))
    hazard = _or_usual(faults, lambda: _hazard(query), next(iter(offered_hazards()), ""))
    params = {
        name: _or_usual(faults, partial(planner.parse_own, query, name), planner.parse({}, name))
        for name in dict.fromkeys((*analyses_of(page, hazard), GREEN))
    }
    level = _or_usual(faults, lambda: _level(query, usual.levels), usual.level)
    center, zoom = _or_usual(faults, lambda: _map(query, usual), (usual.center, usual.zoom))
    asked = query["layers"].split(".") if "layers" in query else usual.layers
    return View(
        page=page,
        t=translator(query.get("lang")),
        hazard=hazard,
        params=params,
        level=level,
        zone=query.get("zone"),
        center=center,
        zoom=zoom,
        layers=tuple(layer for layer in asked if layer in usual.known_layers),
        faults=tuple(faults),
        filters={
            **{name: query.get(name, ALL_RULES) for name in FILTERS},
            **{name: query.get(name, "") for name in LISTED},
        },
        rest=rest,
    )


@dataclass(frozen=True)
class ViewDefaults:
    """The view of an address that says nothing."""

    levels: tuple[str, ...]
    level: str
    center: tuple[float, float]
    zoom: int
    layers: tuple[str, ...]
    known_layers: tuple[str, ...]

    @property
    def map(self) -> str:
        """Return centre and zoom as the address bar writes them."""
        return f"{self.zoom}/{self.center[0]:.5f}/{self.center[1]:.5f}"


def usual_view(planner: Planner, known: tuple[str, ...], visible: tuple[str, ...]) -> ViewDefaults:
    """Return the view of an address that says nothing; ``known`` layers may be asked for."""
    start = planner.start_view
    return ViewDefaults(
        levels=planner.levels,
        level=planner.levels[0],
        center=start.center_deg,
        zoom=start.zoom,
        layers=visible,
        known_layers=known,
    )


def offered_hazards() -> tuple[str, ...]:
    """Return the hazards one may look at."""
    return tuple(name for name in HAZARDS if name in analysis_titles())


def analyses_of(page: str, hazard: str) -> tuple[str, ...]:
    """Return the analyses that a page shows, the one it waits for first."""
    if page in FINDINGS:
        return (page,)
    if page in WITHOUT_ANALYSIS:
        return ()
    if page != "hazards":
        return (GREEN,)
    shown = (hazard, EVACUATION, MEASURES) if hazard == TSUNAMI else (hazard,)
    return tuple(name for name in shown if name in analysis_titles())


def _hazard(query: Mapping[str, str]) -> str:
    offered = offered_hazards()
    hazard = query.get("hazard", next(iter(offered), ""))
    if hazard not in offered:
        expected = ", ".join(offered)
        raise ParameterError(
            "parameter.invalid", where="hazard", found=hazard[:40], expected=expected
        )
    return hazard


def _or_usual(faults: list[IloGeoError], read: Any, usual: Any) -> Any:
    try:
        return read()
    except ParameterError as error:
        faults.append(error)
        return usual


def _level(query: Mapping[str, str], levels: tuple[str, ...]) -> str:
    level = query.get("level", levels[0])
    if level not in levels:
        expected = ", ".join(levels)
        raise ParameterError("parameter.invalid", where="level", found=level, expected=expected)
    return level


def _map(query: Mapping[str, str], usual: ViewDefaults) -> tuple[tuple[float, float], int]:
    text = query.get("map", usual.map)
    try:
        zoom, lat, lng = (float(part) for part in text.split("/"))
    except ValueError:
        zoom = lat = lng = math.nan
    if not (MIN_ZOOM <= zoom <= MAX_ZOOM and -85 <= lat <= 85 and -180 <= lng <= 180):
        expected = f"zoom/lat/lng, {MIN_ZOOM}–{MAX_ZOOM}/-85–85/-180–180"
        raise ParameterError(
            "parameter.invalid", where="map", found=text[:MAX_TOLD], expected=expected
        )
    return (lat, lng), int(zoom)


def page_of(path: str) -> tuple[str, tuple[str, ...]]:
    """Return the page of an address, and what stands below the page's own address."""
    for known, page in PATHS.items():
        if page in DEEP and path.startswith(f"{known}/"):
            return page, tuple(part for part in path.removeprefix(known).split("/") if part)
    return PATHS.get(path, "home"), ()


def _page(path: str) -> tuple[str, tuple[str, ...]]:
    found = page_of(path)
    if found[0] == "home" and path not in ("", *PATHS):
        raise ParameterError("view.no_page", found=path[:MAX_TOLD])
    return found


def path_of(page: str) -> str:
    """Return the address of a page."""
    return next(path for path, name in PATHS.items() if name == page)


def group_of(page: str) -> tuple[str, ...]:
    """Return the pages that share an entry of the navigation with ``page``, itself included."""
    return next((group for group in GROUPS if page in group), (page,))


def link_class(entry: str, page: str) -> str:
    """Return the class of the link to page ``entry`` of the header while ``page`` is open."""
    return "nav-link current" if page in group_of(entry) else "nav-link"


def tab_class(entry: str, page: str) -> str:
    """Return the class of the link to page ``entry`` among those of its group."""
    if page not in group_of(entry):
        return "page-tab away"
    return "page-tab current" if entry == page else "page-tab"
