"""Tables of the search for sites: the score of each in parts, and what each rule struck."""

from __future__ import annotations

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.i18n import Translator
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_number
from ilo_geo.green.candidates.exclusions import ELIGIBLE

MAX_ROWS = 30
DECIMALS = 3


def parts_table(t: Translator, result: AnalysisResult, table: pd.DataFrame) -> Component:
    """Return the best sites with what each criterion adds to their score."""
    weights = result.tables["weights"]
    best = table[table["status"] == ELIGIBLE].sort_values("rank").head(MAX_ROWS)
    titles = weights[f"title_{t.lang}"].tolist()
    head = [t("weights.rank"), t("parks.site"), t("parks.total"), *titles, t("parks.rank_interval")]
    rows = [_site_row(str(site), row, weights["weight"]) for site, row in best.iterrows()]
    about = t("parks.parts_about", n=len(rows), total=result.summary["n_eligible"])
    return _folded(t("parks.parts_title"), about, head, rows)


def _site_row(site: str, row: pd.Series, weights: pd.Series) -> Component:
    parts = [peru_number(w * row[f"u_{c}"], DECIMALS) for c, w in weights.items()]
    choose = html.Button(
        row["name"],
        className="link-button",
        **{"data-choose": ids.FOUND, "data-value": site},
    )
    interval = f"{row['rank_low']}–{row['rank_high']}"
    cells = [peru_number(row["score"], DECIMALS), *parts, interval]
    return html.Tr(
        [
            html.Td(str(row["rank"])),
            html.Th(choose, scope="row"),
            *[html.Td(cell) for cell in cells],
        ],
        className="chosen" if row["selected"] else "",
    )


def rules_table(t: Translator, result: AnalysisResult) -> Component:
    """Return how many sites each rule struck, and how many of them no other rule did."""
    names = ("struck", "struck_alone", "struck_large", "certain", "possible")
    head = [t("parks.rule"), *(t(f"parks.rule_{name}") for name in names)]
    rows = [
        html.Tr(
            [
                html.Th([row[f"title_{t.lang}"], _source(t, row)], scope="row"),
                *[html.Td(peru_number(row[name])) for name in names],
            ]
        )
        for _, row in result.tables["rules"].sort_values("struck", ascending=False).iterrows()
    ]
    found = result.summary
    about = t(
        "parks.rules_about",
        n=peru_number(found["n_considered"]),
        struck=peru_number(found["n_excluded"]),
        left=peru_number(found["n_eligible"]),
    )
    return _folded(t("parks.rules"), about, head, rows)


def _source(t: Translator, row: pd.Series) -> Component:
    mark = f" · {t('control.nv')}" if row["verified"] == "NV" else ""
    return html.Small(f"{row['source']}{mark}")


def _folded(title: str, about: str, head: list[str], rows: list[Component]) -> Component:
    columns = html.Thead(html.Tr([html.Th(words, scope="col") for words in head]))
    return html.Details(
        [
            html.Summary(title),
            html.P(about, className="help"),
            html.Div(
                html.Table([columns, html.Tbody(rows)], className="plain-table"),
                className="table-scroll",
                tabIndex=0,
                role="region",
                **{"aria-label": title},
            ),
        ],
        className="fold",
    )
