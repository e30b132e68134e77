"""What a choice of cameras comes to: headline, key figures, who covers the need, PTZ apart."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dash_app.components.cameras_words import is_proxy
from dash_app.components.cameras_words import model_title
from dash_app.components.cameras_words import share
from dash_app.components.controls import info
from dash_app.components.finding_parts import Figure
from dash_app.components.finding_parts import figures
from dash_app.i18n import Translator
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_number
from ilo_geo.security.cameras.rules import camera_rules
from ilo_geo.security.optics import camera_models
from ilo_geo.security.optics import reported

GB_PER_TB = 1000
# shares of the need that add up to one, by who covers it
PARTS = ("both", "only_camera", "only_patrol", "neither")


def headline(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return the share of the need that is seen, flagged where need itself is a proxy."""
    found = result.summary
    proxy = html.Span(t("cameras.proxy_short"), className="badge badge-proxy")
    about = info(t, t("cameras.need"), t("cameras.seen_about"), t("cameras.interval_about"))
    unit = t("cameras.seen", n=found["n_cameras"], density=f"{found['density_px_m']:g}")
    return [
        html.P(
            [
                html.Strong(f"{share(found['seen_need_ratio'])} %", className="headline-number"),
                html.Span(unit, className="headline-unit"),
            ],
            className="headline",
        ),
        html.Div([*([proxy] if is_proxy(result) else []), about], className="beside-figure"),
        html.P(_range(t, result), className="headline-range"),
    ]


def camera_figures(t: Translator, result: AnalysisResult) -> Component:
    """Return cost, storage, what nobody covers, and what the most critical camera is worth."""
    found = result.summary
    days = camera_rules().storage_days
    worst = result.tables["cameras"].sort_values("loss_if_fails_ratio").iloc[-1]
    return figures(
        t,
        [
            Figure(
                t("cameras.price"),
                f"S/ {peru_number(found['price_soles'])}",
                "",
                (t("cameras.price_about"), *_price_sums(t, result)),
                t("cameras.price_assumed"),
            ),
            Figure(
                t("cameras.storage", days=f"{days.value:g}"),
                peru_number(found["storage_gb"] / GB_PER_TB, 1),
                "TB",
                (
                    t("cameras.storage_about"),
                    *result.tables["storage"]["arithmetic"],
                    t("control.source", source=days.source),
                ),
                f"{peru_number(found['storage_gb'])} GB",
            ),
            _uncovered(t, result),
            Figure(
                t("cameras.loss"),
                share(found["largest_loss_if_fails_ratio"], 2),
                t("cameras.of_demand"),
                (t("cameras.loss_about"),),
                t("cameras.loss_which", rank=worst["rank"]),
            ),
        ],
    )


def who_covers(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return the need parted by who covers it; the four parts add up to the whole."""
    found = result.summary
    camera, patrol, both = (found[f"{name}_ratio"] for name in ("camera", "patrol", "both"))
    title = html.H2(t("cameras.who"))
    if patrol is None:
        return [title, html.P(t("cameras.no_patrol"), className="notice proxy")]
    ratios = dict(
        zip(PARTS, (both, camera - both, patrol - both, found["neither_ratio"]), strict=True)
    )
    bar = html.Div(
        [
            html.Span(className=f"cover-{name}", style={"width": f"{100 * ratio:.3f}%"})
            for name, ratio in ratios.items()
        ],
        className="cover-bar",
        **{"aria-hidden": "true"},
    )
    rows = [
        html.Li(
            [
                html.Span(className=f"swatch cover-{name}"),
                html.Span(t(f"cameras.{name}"), className="class-title"),
                html.Span(f"{share(ratio, 2)} %", className="n"),
            ]
        )
        for name, ratio in ratios.items()
    ]
    equation = t(
        "cameras.adds_up",
        camera=share(camera, 2),
        patrol=share(patrol, 2),
        both=share(both, 2),
        neither=share(found["neither_ratio"], 2),
        total=share(camera + patrol - both + found["neither_ratio"], 2),
    )
    minutes = f"{result.parameters['patrol_limit_min']:g}"
    return [
        title,
        bar,
        html.Ul(rows, className="classes covers"),
        html.P([equation, " ", t("cameras.patrol_about", minutes=minutes)], className="help"),
    ]


def ptz_block(t: Translator, result: AnalysisResult) -> Component:
    """Return what cameras that turn would reach from the same poles; none of it is coverage."""
    found, model = result.summary, result.parameters["ptz_model"]
    device = camera_models()[model]
    rows = [
        html.Tr(
            [
                html.Th(t(f"cameras.ptz_{name}"), scope="row"),
                html.Td(f"{peru_number(found[f'ptz_{name}_m'])} m"),
                html.Td(f"{share(found[f'ptz_{name}_need_ratio'])} %"),
            ]
        )
        for name in ("detection", "recognition")
    ]
    head = ["", t("cameras.ptz_range"), t("cameras.ptz_need")]
    said = t("cameras.ptz_about", model=model_title(t, model), n=found["n_poles"])
    limit = peru_number(reported().zoom_limit_m)
    price = t("cameras.ptz_price", price=peru_number(device.price_soles), limit=limit)
    return html.Details(
        [
            html.Summary(t("cameras.ptz")),
            html.P(said, className="notice proxy"),
            html.Table(
                [
                    html.Thead(html.Tr([html.Th(words, scope="col") for words in head])),
                    html.Tbody(rows),
                ],
                className="plain-table",
            ),
            html.P([price, " ", t("control.source", source=reported().source)], className="help"),
        ],
        className="fold",
    )


def _range(t: Translator, result: AnalysisResult) -> str:
    """Return between which shares errors of poles and weights leave it, and what walls take."""
    found = result.summary
    low, high = found["seen_need_ratio_low"], found["seen_need_ratio_high"]
    walls = t("cameras.open", open=share(found["seen_need_open_ratio"]))
    if low is None:
        return walls
    between = t(
        "cameras.between",
        low=share(low),
        high=share(high),
        error=f"{result.parameters['position_error_m']:g}",
    )
    return f"{between} {walls}"


def _uncovered(t: Translator, result: AnalysisResult) -> Figure:
    found = result.summary
    if found["neither_ratio"] is None:
        unseen = share(1 - found["camera_ratio"])
        return Figure(t("cameras.unseen"), unseen, "%", (t("cameras.no_patrol"),))
    return Figure(
        t("cameras.neither"),
        share(found["neither_ratio"]),
        "%",
        (t("cameras.neither_about"),),
        t("cameras.of_need"),
    )


def _price_sums(t: Translator, result: AnalysisResult) -> list[str]:
    """Return the price of each model times how many, with its source."""
    said = []
    for name, n in result.tables["cameras"]["model"].value_counts().items():
        model = camera_models()[str(name)]
        total, each = peru_number(n * model.price_soles), peru_number(model.price_soles)
        said.append(f"{t.of(model.title)}: {n} × S/ {each} = S/ {total}. {model.source}")
    return said
