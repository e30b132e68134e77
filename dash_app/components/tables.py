"""Sortable tables for the drawer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import dash_ag_grid as dag
import pandas as pd
from dash.development.base_component import Component
from pandas.api.types import is_bool_dtype
from pandas.api.types import is_numeric_dtype

from dash_app import ids
from dash_app.components.figures import figure_specs
from dash_app.components.figures import figure_value
from dash_app.i18n import Translator
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import plain
from ilo_geo.core.scales import CategoryScale
from ilo_geo.core.scales import Scale
from ilo_geo.core.units import peru_date
from ilo_geo.hazards.levels import hazard_levels
from ilo_geo.services.coherence import RuleReport
from ilo_geo.services.exports import column_title
from ilo_geo.services.layer_reports import LayerReport
from ilo_geo.services.scales import scales_of

GRID_THEME = (
    "themeQuartz.withParams({fontFamily: 'inherit', fontSize: 13, headerFontSize: 12, spacing: 6})"
)
HAZARD_LEVELS = ("zones", "districts")
EXPOSURE = "exposure"
SHARES = ("_ratio", "_ratio_low", "_ratio_high")
WITH_DECIMAL = ("_km", "_min", "_1000_inhab")
# keys that a reader has no use for; ``level`` is that of the hazard, not of the unit
TECHNICAL = ("hazard", "band", "unit", "title_es", "title_en", "level")
# who is most exposed comes first
SORTED_BY = (
    "people_night_inhab",
    "very_high_inhab",
    "people_in_any_very_high_inhab",
    "need_ratio",
)
LEVEL_COLUMNS = (
    "population_inhab",
    "green_area_ha",
    "green_m2_per_inhab",
    "deficit_ha",
    "served_population_ratio",
    "e2sfca_m2_per_inhab",
)


def level_table(t: Translator, result: AnalysisResult, level: str, scale: Scale) -> Component:
    """Return a level as a table, worst first."""
    table = result.tables[level]
    titles = {c.id: t.of(c.title) for c in (*scale.classes, scale.missing)}
    columns = [{"field": "name", "headerName": t("table.name"), "pinned": "left"}]
    for figure_id in LEVEL_COLUMNS:
        spec = figure_specs()[figure_id]
        columns.append(_number(figure_id, f"{t.of(spec.title)} ({t.of(spec.unit)})", spec.decimals))
    columns.append({"field": "class", "headerName": t("table.class")})
    rows = [_level_row(unit, row, titles) for unit, row in _worst_first(table, scale).iterrows()]
    return _grid(t, ids.LEVEL_TABLE, columns, rows)


def _worst_first(table: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    return table.sort_values(scale.column, na_position="last")


def _level_row(unit: Any, row: pd.Series, titles: dict[str, str]) -> dict[str, Any]:
    values = {figure_id: plain(figure_value(figure_id, row)) for figure_id in LEVEL_COLUMNS}
    return {"id": str(unit), "name": row["name"], **values, "class": titles[row["supply_class"]]}


def hazard_table(t: Translator, result: AnalysisResult) -> Component:
    """Return what stands in a hazard by the finest level that the result holds."""
    level = next((name for name in HAZARD_LEVELS if name in result.tables), EXPOSURE)
    table = result.tables[level].drop(columns=["geometry", *TECHNICAL], errors="ignore")
    said = {True: t("control.yes"), False: t("control.no")}
    flags = [name for name in table.columns if is_bool_dtype(table[name])]
    table = table.assign(**{name: table[name].map(said) for name in flags})
    order = next((name for name in SORTED_BY if name in table), None)
    if order is not None:
        table = table.sort_values(order, ascending=False, kind="stable")
    classes = _class_words(t, result, level)
    columns: list[dict[str, Any]] = []
    for name in table.columns:
        title = column_title(str(name), t.lang)
        if str(name).endswith(SHARES) and is_numeric_dtype(table[name]):
            columns.append(_percent(str(name), title))
        elif is_numeric_dtype(table[name]):
            columns.append(_number(str(name), title, int(str(name).endswith(WITH_DECIMAL))))
        else:
            columns.append({"field": str(name), "headerName": title})
    columns[0] |= {"pinned": "left", "minWidth": 130}
    rows = [
        {"id": str(unit), **{str(k): classes.get(v, v) for k, v in plain(dict(row)).items()}}
        for unit, row in table.iterrows()
    ]
    return _grid(t, ids.HAZARD_TABLE, columns, rows)


def _class_words(t: Translator, result: AnalysisResult, level: str) -> dict[str, str]:
    """Return the names of the classes that a table holds by their ids."""
    scale = scales_of(result).get(level)
    own = scale.classes if isinstance(scale, CategoryScale) else ()
    return {c.id: t.of(c.title) for c in (*hazard_levels().levels, *own)}


def catalogue_table(t: Translator, reports: tuple[LayerReport, ...]) -> Component:
    """Return the catalogue with provenance and the count of geometry findings."""
    fields = (
        "title",
        "status",
        "features",
        "findings",
        "source",
        "licence",
        "date",
        "accuracy",
        "sha256",
    )
    columns: list[dict[str, Any]] = [
        {"field": field, "headerName": t(f"catalogue.{field}"), "minWidth": 110} for field in fields
    ]
    columns[0] |= {"pinned": "left", "minWidth": 190}
    for column in columns:
        if column["field"] in ("features", "findings", "accuracy"):
            column |= _number(column["field"], column["headerName"], 0)
    return _grid(t, ids.CATALOGUE_TABLE, columns, [_catalogue_row(t, report) for report in reports])


def _catalogue_row(t: Translator, report: LayerReport) -> dict[str, Any]:
    meta = report.entry.meta
    return {
        "id": meta.id,
        "title": t.of(meta.title),
        "status": t(f"status.{meta.status}"),
        "features": report.n_features,
        "findings": len(report.findings),
        "source": meta.source,
        "licence": meta.licence,
        "date": peru_date(meta.date),
        "accuracy": meta.accuracy_m,
        "sha256": (report.sha256 or "–")[:12],
    }


def coherence_table(t: Translator, reports: Iterable[RuleReport]) -> Component:
    """Return the rules of the plan, one a row."""
    fields = ("id", "title", "verdict", "weight", "theme", "meaning")
    columns: list[dict[str, Any]] = [
        {"field": field, "headerName": t(f"coherence.column.{field}")} for field in fields
    ]
    widths = (80, 200, 130, 150, 150, 320)
    for column, width in zip(columns, widths, strict=True):
        column["minWidth"] = width
    columns[-1] |= {"wrapText": True, "autoHeight": True, "cellStyle": {"lineHeight": "1.4"}}
    rows = [
        {
            "id": report.id,
            "title": report.title,
            "verdict": report.verdict_title,
            "weight": report.weight_title,
            "theme": report.theme_title,
            "meaning": report.meaning,
        }
        for report in reports
    ]
    return _grid(t, ids.COHERENCE_TABLE, columns, rows)


def _number(field: str, title: str, decimals: int) -> dict[str, Any]:
    return {
        "field": field,
        "headerName": title,
        "type": "rightAligned",
        "valueFormatter": {
            "function": f"params.value == null ? '–' : d3.format(',.{decimals}f')(params.value)"
        },
    }


def _percent(field: str, title: str) -> dict[str, Any]:
    written = "params.value == null ? '–' : d3.format(',.1f')(100 * params.value) + ' %'"
    return {**_number(field, title, 1), "valueFormatter": {"function": written}}


def _grid(
    t: Translator, table_id: str, columns: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> Component:
    return dag.AgGrid(
        id=table_id,
        columnDefs=columns,
        rowData=rows,
        getRowId="params.data.id",
        defaultColDef={
            "sortable": True,
            # narrower columns break words; a narrow screen scrolls sideways instead
            "minWidth": 104,
            "resizable": True,
            "wrapHeaderText": True,
            "autoHeaderHeight": True,
        },
        columnSize="responsiveSizeToFit",
        dashGridOptions={
            "rowSelection": {
                "mode": "singleRow",
                "checkboxes": False,
                "enableClickSelection": True,
            },
            "localeText": {"noRowsToShow": t("table.empty")},
            "animateRows": False,
            "theme": {"function": GRID_THEME},
        },
        className="table",
    )
