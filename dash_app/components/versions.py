"""What was brought in, when and from where; switching to it and back."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.i18n import Translator
from dash_app.planner import Planner
from ilo_geo.core.units import peru_date
from ilo_geo.core.units import peru_number
from ilo_geo.services.versions import HistoryEntry


def versions_block(t: Translator, planner: Planner, *, may_switch: bool = True) -> list[Component]:
    """Return every version, newest first, with what takes it into use and what takes that back."""
    entries = planner.history()
    if not entries:
        return [html.P(t("versions.none"), className="help")]
    undo = html.Button(
        t("versions.undo"),
        className="button",
        **{"data-choose": ids.SWITCH, "data-value": ids.UNDO},
    )
    rows = [_row(t, planner, entry, may_switch=may_switch) for entry in entries]
    return [html.Ul(rows, className="versions"), *([undo] if may_switch else [])]


def _row(t: Translator, planner: Planner, entry: HistoryEntry, *, may_switch: bool) -> Component:
    version = entry.version
    when = f"{peru_date(f'{version.made:%Y-%m-%d}')} {version.made:%H:%M} UTC"
    layers = [_layer(t, planner, name, entry) for name in version.layers]
    use = html.Button(
        t("versions.use"),
        className="button",
        **{"data-choose": ids.SWITCH, "data-value": version.id},
    )
    offered = [use] if may_switch else []
    complete = len(entry.in_use) == len(version.layers)
    return html.Li(
        [
            html.Div([html.Strong(t(f"versions.{version.kind}", source=version.source))]),
            html.Div([when, *([f" · {version.endpoint}"] if version.endpoint else [])]),
            html.Ul(layers, className="columns"),
            *([html.Span(t("versions.in_use"), className="badge")] if complete else offered),
        ]
    )


def _layer(t: Translator, planner: Planner, name: str, entry: HistoryEntry) -> Component:
    known = planner.entries.get(name)
    title = t.of(known.meta.title) if known else name
    n_features = entry.version.layers[name].n_features
    size = "" if n_features is None else f" ({peru_number(n_features)})"
    mark = " ✓" if name in entry.in_use else ""
    return html.Li(f"{title}{size}{mark}")
