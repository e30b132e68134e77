"""The one shell of every page: header, panel, map, legend, layers, table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import dash_mantine_components as dmc
from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.account_link import account_link
from dash_app.components.badges import faults
from dash_app.components.layer_tree import layer_tree
from dash_app.components.legend import legend
from dash_app.components.map_view import layer_specs
from dash_app.components.map_view import map_view
from dash_app.components.map_view import reference_layers
from dash_app.components.map_view import usual_layers
from dash_app.components.place_search import place_search
from dash_app.components.plan_lines import plan_lines
from dash_app.i18n import Translator
from dash_app.pages import budget
from dash_app.pages import coherence
from dash_app.pages import data
from dash_app.pages import findings
from dash_app.pages import green
from dash_app.pages import hazards
from dash_app.pages import home
from dash_app.pages import imports
from dash_app.pages import proposals
from dash_app.pages import scenarios
from dash_app.pages import sitting
from dash_app.pages import sittings
from dash_app.planner import Planner
from dash_app.state import ALL_RULES
from dash_app.state import ENTRIES
from dash_app.state import FILTERS
from dash_app.state import GROUPS
from dash_app.state import LISTED
from dash_app.state import PATHS
from dash_app.state import View
from dash_app.state import ViewDefaults
from dash_app.state import link_class
from dash_app.state import offered_hazards
from dash_app.state import path_of
from dash_app.state import read_view
from dash_app.state import tab_class
from dash_app.state import usual_view
from dash_app.theme import THEME
from ilo_geo.green.analysis import ANALYSIS_ID as GREEN
from ilo_geo.green.classes import supply_scale
from ilo_geo.services.council import Council

PAGES = {
    "home": home.layout,
    "green": green.layout,
    "hazards": hazards.layout,
    "data": data.layout,
    "imports": imports.layout,
    "coherence": coherence.layout,
    "budget": budget.layout,
    "sitting": sitting.layout,
    "sittings": sittings.layout,
    "scenarios": scenarios.layout,
    **{name: page.layout for name, page in findings.PAGES.items()},
}
# what is of the council is asked of it at once: nobody waits for a second answer
COUNCIL_PAGES = {"proposals": proposals.layout}
# modelled layers that the banner names first, and how many it names
BANNER_FIRST = ("streets", "buildings", "parks", "terrain")
N_IN_BANNER = 2
POLL_MS = 300
# how soon a page hears that a layer was replaced under it
STALE_POLL_MS = 15_000


def root() -> Component:
    """Return what is served before the address is known."""
    return dmc.MantineProvider(
        [
            dcc.Location(id=ids.URL, refresh="callback-nav"),
            html.Div(className="loading", id=ids.SHELL),
        ],
        theme=THEME,
        forceColorScheme="light",
    )


def usual(planner: Planner) -> ViewDefaults:
    """Return the view of an address that says nothing."""
    known = (*reference_layers(planner), *plan_lines())
    return usual_view(planner, known, (*usual_layers(planner), *plan_lines()))


def view_of(planner: Planner, href: str) -> View:
    """Return the view an address asks for, on the layers there are by now."""
    fault = planner.refresh()
    view = read_view(href, planner, usual(planner))
    return view if fault is None else replace(view, faults=(fault, *view.faults))


def shell(planner: Planner, council: Council, href: str) -> list[Component]:
    """Return the whole page for an address."""
    view = view_of(planner, href)
    t = view.t
    return [
        html.A(t("shell.skip"), href="#panel", className="skip"),
        _header(planner, view),
        html.Main(
            [
                _panel(planner, council, view),
                html.Section(
                    _stage(planner, view), className="stage", **{"aria-label": t("map.region")}
                ),
            ],
            className="page",
        ),
        *_stores(planner, view),
    ]


def panel_body(planner: Planner, council: Council, view: View) -> list[Component]:
    """Return what the panel shows on a page."""
    of_council = COUNCIL_PAGES.get(view.page)
    return of_council(council, view) if of_council else PAGES[view.page](planner, view)


def _header(planner: Planner, view: View) -> Component:
    t = view.t
    city = t.of(planner.area.config.title).removeprefix(t("shell.province")).strip()
    links = [
        dcc.Link(
            _nav_words(t, page),
            href=t.link(path_of(page)),
            id=f"nav-{page}",
            className=link_class(page, view.page),
        )
        for page in ENTRIES
    ]
    return html.Header(
        [
            html.Span(
                [html.B(city), html.Span(t("shell.name"), className="name-rest")], className="name"
            ),
            html.Nav(links, className="nav", **{"aria-label": t("shell.pages")}),
            place_search(planner, t),
            html.A(
                t("shell.other_language"),
                id=ids.LANGUAGE,
                href=f"?lang={t.other}",
                className="language",
                lang=t.other,
                hrefLang=t.other,
            ),
            account_link(t),
        ],
        className="header",
    )


def _nav_words(t: Translator, page: str) -> str | list[Component]:
    """Return the name of a page, and the shorter one that a phone shows."""
    name = t(f"nav.{page}")
    if page != "green":
        return name
    short = html.Span(t("nav.green_short"), className="on-phone")
    return [html.Span(name, className="off-phone"), short]


def _panel(planner: Planner, council: Council, view: View) -> Component:
    t = view.t
    handle = html.Button(
        html.Span(className="grip"),
        id=ids.SHEET_HANDLE,
        n_clicks=0,
        className="handle",
        **{"aria-label": t("shell.panel_height")},
    )
    return html.Section(
        [
            handle,
            html.Div(faults(t, view.faults), id=ids.NOTICE, role="alert"),
            html.Div(id=ids.STALE, role="status"),
            _tabs(t, view.page),
            html.Div(panel_body(planner, council, view), id=ids.PANEL_BODY),
        ],
        id=ids.PANEL,
        className="panel stop-half",
        tabIndex=-1,
        **{"aria-label": t("shell.panel")},
    )


def _tabs(t: Translator, page: str) -> Component:
    """Return the links to the pages of every group; only those of the open one are seen."""
    links = [
        dcc.Link(
            t(f"tab.{entry}"),
            href=t.link(path_of(entry)),
            id=ids.tab(entry),
            className=tab_class(entry, page),
        )
        for group in GROUPS
        for entry in group
    ]
    return html.Nav(links, className="page-tabs", **{"aria-label": t("shell.group_pages")})


def _stage(planner: Planner, view: View) -> list[Component]:
    t = view.t
    south, west, north, east = planner.start_view.limits_deg
    return [
        *_banner(planner, t),
        map_view(planner, view, [[south, west], [north, east]]),
        layer_tree(t),
        html.Aside(
            [
                html.Div(
                    dmc.SegmentedControl(
                        id=ids.LEVEL,
                        data=[
                            {"value": level, "label": level_title(t, planner, level)}
                            for level in planner.levels
                        ],
                        value=view.level,
                        size="xs",
                        fullWidth=True,
                        attributes={"root": {"aria-label": t("level.choose")}},
                    ),
                    id=ids.LEVEL_CHOICE,
                    hidden=view.analyses != (GREEN,),
                ),
                html.Div(_first_legend(planner, view), id=ids.LEGEND),
            ],
            className="legend",
            **{"aria-label": t("legend.about")},
        ),
        html.Output(id=ids.POSITION, className="position"),
        _progress(t),
        html.Button(
            t("table.open"), id=ids.DRAWER_TOGGLE, n_clicks=0, className="button table-toggle"
        ),
        html.Section(
            [
                html.Button(
                    "×",
                    id=ids.DRAWER_CLOSE,
                    n_clicks=0,
                    className="close",
                    **{"aria-label": t("table.close")},
                ),
                html.Div(id=ids.DRAWER_BODY, className="drawer-body"),
            ],
            id=ids.DRAWER,
            className="drawer",
            hidden=True,
            **{"aria-label": t("table.about")},
        ),
    ]


def level_title(t: Translator, planner: Planner, level: str) -> str:
    """Return the name of a level: the layer's own title, or ours for cells."""
    return (
        t(f"level.{level}")
        if level in green.OWN_LEVELS
        else t.of(planner.entries[level].meta.title)
    )


def _banner(planner: Planner, t: Translator) -> list[Component]:
    modelled = {meta.id: t.of(meta.title).lower() for meta in planner.overview.modelled}
    if not modelled:
        return []
    # what people look at first, then whatever is left
    first = [name for name in BANNER_FIRST if name in modelled]
    named = [modelled[name] for name in [*first, *(m for m in modelled if m not in first)]]
    layers = ", ".join(named[:N_IN_BANNER])
    if len(named) > N_IN_BANNER:
        layers = t("banner.more", layers=layers, n=len(named) - N_IN_BANNER)
    link = dcc.Link(t("banner.link"), href=t.link(path_of("data")))
    return [
        html.P(
            [t("banner.text", layers=layers), " ", link],
            className="banner",
            role="note",
            title=", ".join(named),
        )
    ]


def _progress(t: Translator) -> Component:
    return html.Div(
        [
            html.P(id=ids.PROGRESS_TEXT, role="status"),
            dmc.Progress(
                id=ids.PROGRESS_BAR,
                value=0,
                size="sm",
                attributes={"section": {"aria-label": t("job.progress")}},
            ),
            *[
                html.Button(words, id=name, n_clicks=0, className="button", hidden=hidden)
                for words, name, hidden in (
                    (t("job.finish"), ids.FINISH, True),
                    (t("job.cancel"), ids.CANCEL, False),
                )
            ],
        ],
        id=ids.PROGRESS,
        className="progress",
        hidden=True,
    )


def _first_legend(planner: Planner, view: View) -> list[Component]:
    """Return the legend of a result at hand, so that it need not wait for a callback."""
    if view.analyses != (GREEN,):
        return []
    result = planner.at_hand(GREEN, view.params[GREEN])
    return [] if result is None else legend(view.t, result, view.level, supply_scale())


def _stores(planner: Planner, view: View) -> list[Component]:
    defaults = usual(planner)
    known: dict[str, Any] = {
        "lang": view.t.lang,
        "other_lang": view.t.other,
        "parameters": {
            **planner.usual_parameters,
            **dict.fromkeys(FILTERS, ALL_RULES),
            **dict.fromkeys(LISTED, ""),
        },
        "level": defaults.level,
        "hazard": next(iter(offered_hazards()), ""),
        "map": defaults.map,
        "paths": {page: path for path, page in PATHS.items()},
        "entries": list(ENTRIES),
        "layers": ".".join(sorted(defaults.layers)),
    }
    return [
        dcc.Store(id=ids.KNOWN, data=known),
        dcc.Store(id=ids.RUN),
        dcc.Store(id=ids.DONE),
        dcc.Store(id=ids.ALSO),
        dcc.Store(id=ids.MEASURES),
        dcc.Store(id=ids.HAZARD, data=view.hazard),
        dcc.Store(id=ids.MODE, data=hazards.LINE),
        dcc.Store(id=ids.PERIOD, data=hazards.first_period()),
        dcc.Store(id=ids.TAB, data=hazards.EXPOSED),
        dcc.Store(id=ids.BLOCK),
        dcc.Store(id=ids.FOUND),
        dcc.Store(id=ids.PARTS),
        dcc.Store(id=ids.KEPT, data={}),
        dcc.Store(id=ids.FLOOD),
        dcc.Store(id=ids.FLOOD_SHOWN),
        dcc.Store(id=ids.ZONE, data=view.zone),
        dcc.Store(id=ids.VISIBLE, data=list(view.layers)),
        dcc.Store(id=ids.CHOSEN_LAYER),
        dcc.Store(id=ids.SWITCH),
        dcc.Store(id=ids.DRAWER_OPEN, data=False),
        dcc.Store(id=ids.LAYER_SPECS, data=layer_specs(planner)),
        dcc.Store(id=ids.RECALCULATE),
        dcc.Store(id=ids.PROPOSALS_MAP),
        # here, as a page may be left while its sheet is computed
        dcc.Store(id=ids.SHEET_JOB),
        dcc.Store(id=ids.SHEET_MADE),
        dcc.Interval(id=ids.SHEET_POLL, interval=POLL_MS, disabled=True),
        dcc.Store(id=ids.SCENARIO_MAP),
        dcc.Interval(id=ids.POLL, interval=POLL_MS, disabled=True),
        dcc.Interval(id=ids.STALE_POLL, interval=STALE_POLL_MS),
    ]
