"""What was found in a file of the municipality: facts, columns, rows that fail, how to go on."""

from __future__ import annotations

from collections.abc import Mapping

import dash_mantine_components as dmc
import numpy as np
import pandas as pd
from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.controls import OVER_MAP
from dash_app.i18n import Translator
from ilo_geo.core.crs import crs_name
from ilo_geo.core.text import Text
from ilo_geo.core.units import peru_date
from ilo_geo.core.units import peru_number
from ilo_geo.services.import_desk import Preview
from ilo_geo.services.import_desk import allowed_values
from ilo_geo.services.import_desk import needed_columns
from ilo_geo.services.import_desk import our_columns
from ilo_geo.services.import_desk import said_values
from ilo_geo.services.import_desk import short_name
from ilo_geo.services.imports import Loaded

MAX_FAULTS = 12
MAX_ROWS = 5
MAX_COLUMNS = 6
MAX_VALUE_CHARS = 40


def facts_block(t: Translator, found: Preview) -> list[Component]:
    """Return rows, reference system, datum shift and accuracy."""
    examined = found.examined
    if examined is None:
        return []
    shift = examined.shift
    moved = t("imports.no_shift")
    if shift.is_datum_shift:
        moved = f"{shift.name} (±{shift.accuracy_m:g} m)"
    unstated = examined.accuracy_m is None
    accuracy = t("imports.unstated") if unstated else f"{examined.accuracy_m:.1f} m"
    valid, total = len(examined.checked.frame), len(examined.table)
    facts = [
        (t("imports.rows"), t("imports.rows_valid", n=peru_number(valid), all=peru_number(total))),
        (t("imports.crs"), f"{examined.crs.name} · {crs_name(examined.crs)}"),
        (t("imports.shift"), moved),
        (t("catalogue.accuracy"), accuracy),
    ]
    rows = [part for name, value in facts for part in (html.Dt(name), html.Dd(value))]
    return [html.Dl(rows, className="facts")]


def columns_block(t: Translator, found: Preview) -> list[Component]:
    """Return a choice for each column of the file, and one for each of ours that lacks."""
    draft = found.draft
    if draft is None:
        return []
    used = {**draft.mapping.columns, **{v: k for k, v in draft.mapping.coordinates.items()}}
    ours = [{"value": "", "label": t("imports.unmapped")}]
    ours += [
        {"value": name, "label": t.of(title) if title else t(f"imports.place.{name}")}
        for name, title in our_columns(found.layer)
    ]
    theirs = [
        _choice(f"map:{column}", short_name(column), ours, used.get(column, ""))
        for column in draft.table.columns
    ]
    lacking = [
        _choice(
            f"set:{name}",
            t("imports.for_all", column=t.of(title) if title else name),
            [{"value": v, "label": t.of(w)} for v, w in allowed_values(found.layer, name)],
            draft.constants.get(name),
        )
        for name, title in needed_columns(found.layer)
        if name not in used.values()
    ]
    return [
        html.Details(
            [
                html.Summary(t("imports.columns", n=len(theirs))),
                html.P(t("imports.columns_about"), className="help"),
                *lacking,
                *theirs,
            ],
            className="fold",
            open=found.fault is not None or bool(lacking),
        )
    ]


def _choice(name: str, label: str, data: list[dict[str, str]], value: str | None) -> Component:
    head = html.Span(label, className="control-label")
    shared = {
        "id": ids.import_field(name),
        "value": value,
        "attributes": {"input": {"aria-label": label}},
        "size": "xs",
    }
    if data:
        entry = dmc.Select(data=data, searchable=True, comboboxProps={"zIndex": OVER_MAP}, **shared)
    else:
        entry = dmc.TextInput(**{**shared, "value": value or ""})
    return html.Div([head, entry], className="import-column")


def failing_rows(t: Translator, found: Preview, token: str) -> list[Component]:
    """Return the rows that cannot be loaded, with their reasons, and where to get them all."""
    examined = found.examined
    if examined is None or not examined.checked.faults:
        return []
    first = [
        html.Li(
            [
                html.B(t("imports.row", row=fault.row)),
                f" {short_name(fault.column)}{': ' if fault.value else ''}{fault.value} — ",
                fault.reason.text(t.lang),
            ]
        )
        for fault in examined.checked.faults[:MAX_FAULTS]
    ]
    more = len(examined.checked.faults) - len(first)
    rest = [html.P(t("imports.more", n=peru_number(more)), className="help")] if more else []
    files = [
        html.A(
            t("imports.rejected", fmt=fmt.upper()),
            href=f"/cargas/{token}/rechazadas.{fmt}?lang={t.lang}",
            download="",
            className="button",
        )
        for fmt in ("csv", "xlsx")
    ]
    n = len(examined.faults_by_row)
    return [
        html.H3(t("imports.failing", n=peru_number(n))),
        html.Ul(first, className="import-faults"),
        *rest,
        html.Div(files, className="buttons"),
    ]


def load_buttons(t: Translator, found: Preview) -> list[Component]:
    """Return the button that loads the file, or its valid rows where others fail."""
    if found.examined is None or not len(found.examined.checked.frame):
        return []
    how = "valid" if found.examined.checked.faults else "all"
    n = peru_number(len(found.examined.checked.frame))
    words = t("imports.load_valid", n=n) if how == "valid" else t("imports.load", n=n)
    return [html.Button(words, id=ids.import_load(how), n_clicks=0, className="button primary")]


def first_rows(t: Translator, found: Preview) -> list[Component]:
    """Return the first rows as they will be loaded."""
    if found.examined is None or not len(found.examined.checked.frame):
        return []
    frame = found.examined.checked.frame.drop(columns="geometry").head(MAX_ROWS)
    frame = frame.loc[:, frame.notna().any()].iloc[:, :MAX_COLUMNS]
    titles = {name: t.of(title) for name, title in our_columns(found.layer) if title}
    head = html.Tr(
        [html.Th(titles.get(name, short_name(name)), scope="col") for name in frame.columns]
    )
    said = said_values(found.layer)
    rows = [
        html.Tr(
            [
                html.Td(_value(t, value, said.get(name, {})))
                for name, value in zip(frame.columns, row, strict=True)
            ]
        )
        for row in frame.itertuples(index=False)
    ]
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="plain-table")
    return [html.H3(t("imports.first")), html.Div(table, className="import-table")]


def _value(t: Translator, value: object, said: Mapping[str, Text]) -> str:
    """Return a value as people say it."""
    if value is None or value is pd.NA or value != value:
        return "–"
    if isinstance(value, bool | np.bool_):
        return t("control.yes" if value else "control.no")
    text = said.get(str(value))
    return t.of(text) if text else str(value)[:MAX_VALUE_CHARS]


def loaded_block(t: Translator, loaded: Loaded) -> list[Component]:
    """Return what became of the file: version, what changed, rows that lack."""
    report = loaded.report
    layer = next(iter(report.version.layers))
    change = report.changes.get(layer)
    parts = [
        html.P(t("imports.done", n=peru_number(loaded.n_loaded)), className="notice notice-good")
    ]
    if change is not None:
        counts = {
            "added": peru_number(change.n_added),
            "removed": peru_number(change.n_removed),
            "changed": peru_number(change.n_changed),
        }
        parts.append(html.P(t("imports.changes", **counts)))
    if loaded.missing:
        title = load_title(t, report.version.id, report.version.source, loaded.missing)
        words = t("imports.missing", n=peru_number(len(loaded.missing)), load=title)
        parts.append(html.P(words, className="notice notice-stale"))
    facts = [html.Dt(t("imports.version")), html.Dd(report.version.id)]
    link = dcc.Link(t("imports.see_data"), href=t.link("/datos"))
    undo = html.Button(
        t("versions.undo"),
        className="button",
        **{"data-choose": ids.SWITCH, "data-value": ids.UNDO},
    )
    # what the switch did, and every version, take the place of the button
    return [
        *parts,
        html.Div(undo, id=ids.VERSIONS),
        html.Dl(facts, className="facts"),
        html.P(link),
    ]


def load_title(t: Translator, version: str, file: str, missing: tuple[int, ...]) -> str:
    """Return a load as people know it: its file, its day and how many rows lack."""
    day = peru_date(f"{version[:4]}-{version[4:6]}-{version[6:8]}")
    return t("imports.fix_one", file=file, date=day, n=peru_number(len(missing)))
