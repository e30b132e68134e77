"""The layer tree: what is drawn, how strongly, and how far each layer can be trusted."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.badges import status_badge
from dash_app.components.map_view import reference_layers
from dash_app.components.plan_lines import COMPUTED
from dash_app.components.plan_lines import TSUNAMI_CHART
from dash_app.components.plan_lines import plan_lines
from dash_app.i18n import Translator
from dash_app.planner import Planner
from dash_app.state import TSUNAMI
from dash_app.state import offered_hazards
from ilo_geo.core.layer import Status


def layer_tree(t: Translator) -> Component:
    """Return the tree, closed; its rows come when it is opened, so that the first page is light."""
    return html.Details(
        [
            html.Summary(t("map.layers"), id=ids.LAYER_TREE, n_clicks=0),
            html.Div(id=ids.LAYER_TREE_BODY),
        ],
        className="layer-tree",
    )


def layer_choices(
    t: Translator, planner: Planner, visible: list[str], opacity_ratio: dict[str, float]
) -> Component:
    """Return the rows of the tree, themes in the order of the catalogue."""
    drawn = reference_layers(planner)
    groups: list[Component] = []
    for theme in planner.area.catalogue.themes:
        mine = [i for i in drawn if planner.entries[i].meta.theme == theme.id]
        rows = [_row(t, planner, i, opacity_ratio.get(i, 1.0)) for i in mine]
        if rows:
            groups.append(html.Div([html.H3(t.of(theme.title)), *rows], className="layer-group"))
    if TSUNAMI in offered_hazards():
        groups.append(_plan_lines(t, planner))
    if planner.tiles:
        groups.append(dmc.Checkbox(label=t("map.tiles"), value=ids.TILES, className="layer-name"))
    return dmc.CheckboxGroup(
        groups,
        id=ids.LAYER_CHOICES,
        value=visible,
        attributes={"root": {"aria-label": t("map.layers")}},
    )


def _plan_lines(t: Translator, planner: Planner) -> Component:
    """Return the rows of the inundation lines, drawn where one looks at the tsunami."""
    rows = [
        html.Div(
            [
                dmc.Checkbox(
                    label=_line_title(t, name), value=name, className="layer-name", size="xs"
                ),
                status_badge(t, Status.DERIVED),
            ],
            className="layer-row",
        )
        for name in plan_lines()
        if name != COMPUTED or TSUNAMI_CHART in planner.entries
    ]
    return html.Div([html.H3(t("hazard.tsunami")), *rows], className="layer-group")


def _line_title(t: Translator, name: str) -> str:
    """Return what a line is called before anybody computed it."""
    if name == COMPUTED:
        return t("tree.computed_line")
    return t("legend.plan_line", level=plan_lines()[name].level)


def _row(t: Translator, planner: Planner, layer_id: str, opacity_ratio: float) -> Component:
    meta = planner.entries[layer_id].meta
    title = t.of(meta.title)
    return html.Div(
        [
            dmc.Checkbox(label=title, value=layer_id, className="layer-name", size="xs"),
            status_badge(t, meta.status),
            dmc.Slider(
                id=ids.opacity(layer_id),
                value=round(100 * opacity_ratio),
                min=10,
                max=100,
                step=10,
                size="xs",
                label=None,
                updatemode="mouseup",
                thumbLabel=t("map.opacity", layer=title),
                className="layer-opacity",
            ),
        ],
        className="layer-row",
    )
