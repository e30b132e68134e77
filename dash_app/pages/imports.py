"""Datos → Cargar: a file of the municipality becomes a layer, looked at before it is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.access import LOAD_DATA
from dash_app.access import may
from dash_app.components.badges import faults
from dash_app.components.badges import notices
from dash_app.components.controls import OVER_MAP
from dash_app.components.controls import asked
from dash_app.components.import_preview import columns_block
from dash_app.components.import_preview import facts_block
from dash_app.components.import_preview import failing_rows
from dash_app.components.import_preview import first_rows
from dash_app.components.import_preview import load_buttons
from dash_app.components.import_preview import load_title
from dash_app.components.import_preview import loaded_block
from dash_app.i18n import Translator
from dash_app.planner import Planner
from dash_app.state import View
from ilo_geo.core.layer import Status
from ilo_geo.core.text import messages
from ilo_geo.services.import_desk import Preview
from ilo_geo.services.import_desk import crs_choices
from ilo_geo.services.import_desk import file_kinds
from ilo_geo.services.import_desk import layer_choices
from ilo_geo.services.import_desk import max_upload_bytes
from ilo_geo.services.imports import open_loads
from ilo_geo.services.jobs import JobState
from ilo_geo.services.templates import template_titles

POLL_MS = 400
FIRST_LAYER = "parks"
STATUSES = (Status.OFFICIAL, Status.OBSERVED, Status.DERIVED)
# fields that another file must not inherit: they are of its own columns
OF_ONE_FILE = ("map:", "set:", "source_layer", "fix")


def layout(planner: Planner, view: View) -> list[Component]:
    """Return the panel: what to load, of what terms, the file, and files to fill."""
    t = view.t
    if not may(LOAD_DATA):
        refused = html.P(t("imports.not_yours"), className="notice", role="note")
        return [asked(view), html.H1(t("imports.title")), refused]
    return [
        asked(view),
        dcc.Store(id=ids.UPLOADED),
        dcc.Store(id=ids.IMPORT_JOB),
        dcc.Store(id=ids.IMPORT_DONE),
        dcc.Interval(id=ids.IMPORT_POLL, interval=POLL_MS, disabled=True),
        html.H1(t("imports.title")),
        html.P(t("imports.about"), className="headline-rest"),
        select(t, "layer", t("imports.layer"), _layers(t, planner), FIRST_LAYER),
        _zone(t),
        html.P(id=ids.UPLOAD_SAID, className="help", role="status"),
        html.Details([html.Summary(t("imports.terms")), *_terms(t)], className="fold", open=True),
        html.Button(t("imports.check"), id=ids.IMPORT_CHECK, n_clicks=0, className="button wide"),
        html.Div(
            [
                html.Span(id=ids.IMPORT_STEP, className="help"),
                html.Button(
                    t("job.cancel"),
                    id=ids.IMPORT_CANCEL,
                    n_clicks=0,
                    className="button",
                    hidden=True,
                ),
            ],
            className="import-step",
            role="status",
        ),
        html.Div(id=ids.IMPORT_BODY),
        html.Details([html.Summary(t("imports.templates")), *_templates(t)], className="fold"),
    ]


def select(
    t: Translator, name: str, label: str, data: list[dict[str, str]], value: str | None
) -> Component:
    """Return a labelled choice of what is said of a file."""
    return html.Div(
        [
            html.Div(html.Span(label, className="control-label"), className="control-head"),
            dmc.Select(
                id=ids.import_field(name),
                data=data,
                value=value,
                searchable=True,
                allowDeselect=False,
                placeholder=t("imports.of_file"),
                attributes={"input": {"aria-label": label}},
                comboboxProps={"zIndex": OVER_MAP},
            ),
        ],
        className="control",
    )


def _text(name: str, label: str, placeholder: str) -> Component:
    return html.Div(
        [
            html.Div(html.Span(label, className="control-label"), className="control-head"),
            dmc.TextInput(
                id=ids.import_field(name),
                value="",
                placeholder=placeholder,
                attributes={"input": {"aria-label": label}},
            ),
        ],
        className="control",
    )


def _zone(t: Translator) -> Component:
    words = t("imports.drop", mb=max_upload_bytes() // 1_000_000)
    return html.Button(
        [html.B(t("imports.choose")), html.Span(words, className="help")],
        id=ids.UPLOAD_ZONE,
        className="upload-zone",
        **{
            "data-accept": ",".join(file_kinds()),
            "data-sending": t("imports.sending"),
            "data-failed": t("imports.failed"),
        },
    )


def _layers(t: Translator, planner: Planner) -> list[dict[str, str]]:
    return [{"value": layer, "label": t.of(title)} for layer, title in layer_choices(planner.area)]


def _terms(t: Translator) -> list[Component]:
    systems = [{"value": "", "label": t("imports.of_file")}]
    systems += [{"value": c, "label": f"{t.of(title)} · {c}"} for c, title in crs_choices()]
    statuses = [{"value": s.value, "label": t(f"status.{s}")} for s in STATUSES]
    return [
        select(t, "crs", t("imports.crs"), systems, ""),
        _text("source", t("catalogue.source"), t("imports.source_hint")),
        _text("licence", t("catalogue.licence"), t("imports.licence_hint")),
        _text("date", t("catalogue.date"), "22/11/2026"),
        _text("accuracy_m", t("imports.accuracy"), "10"),
        select(t, "status", t("imports.status"), statuses, Status.OBSERVED.value),
    ]


def _fixes(t: Translator, planner: Planner, found: Preview) -> list[Component]:
    """Return a choice of the loads that lack rows, so that mended ones can join them."""
    loads = {v: r for v, r in open_loads(planner.area).items() if r.layer == found.layer}
    if not loads:
        return []
    data = [{"value": "", "label": t("imports.fix_none")}]
    data += [{"value": v, "label": load_title(t, v, r.file, r.missing)} for v, r in loads.items()]
    chosen = found.fix if found.fix in loads else ""
    return [select(t, "fix", t("imports.fix"), data, chosen)]


def _templates(t: Translator) -> list[Component]:
    rows = [
        html.Li(
            [
                html.Span(t.of(title), className="row-title"),
                *[
                    html.A(
                        fmt.upper(),
                        href=f"/plantillas/{layer}.{fmt}",
                        download="",
                        className="button",
                        **{"aria-label": f"{t.of(title)}, {fmt.upper()}"},
                    )
                    for fmt in ("xlsx", "gpkg")
                ],
            ],
            className="template-row",
        )
        for layer, title in template_titles().items()
    ]
    return [html.P(t("imports.templates_about"), className="help"), html.Ul(rows)]


def said_of(names: list[dict[str, str]], values: list[Any], *, fresh: bool) -> Mapping[str, str]:
    """Return what the user said of a file; of a fresh one nothing about its columns is known."""
    said = {name["name"]: str(value or "") for name, value in zip(names, values, strict=True)}
    if fresh:
        said = {name: value for name, value in said.items() if not name.startswith(OF_ONE_FILE)}
    return said


def step(t: Translator, state: JobState) -> str:
    """Return how far a job is."""
    return f"{t.of(messages()[state.step])} … {state.done_ratio:.0%}"


def map_address(planner: Planner, done: Mapping[str, str]) -> str | None:
    """Return where the browser reads the first rows; another look has another address."""
    drawable = planner.desk.has_rows(done["token"])
    return f"/cargas/{done['token']}.geojson?v={done['job']}" if drawable else None


def body(t: Translator, planner: Planner, token: str) -> list[Component]:
    """Return what was found in a file, or what became of it."""
    loaded = planner.desk.loaded(token)
    if loaded is not None:
        return loaded_block(t, loaded)
    found = planner.desk.previewed_or_none(token)
    if found is None:
        return []
    sources: list[Component] = []
    if len(found.source_layers) > 1:
        names = [{"value": name, "label": name} for name in found.source_layers]
        chosen = None if found.draft is None else found.draft.request.source_layer
        sources = [select(t, "source_layer", t("imports.source_layer"), names, chosen)]
    said = notices(t, found.examined.notices) if found.examined else html.Div()
    return [
        html.H2(t("imports.found", name=found.name)),
        *faults(t, [found.fault] if found.fault else []),
        *sources,
        *_fixes(t, planner, found),
        *facts_block(t, found),
        said,
        *failing_rows(t, found, token),
        *load_buttons(t, found),
        *columns_block(t, found),
        *first_rows(t, found),
    ]
