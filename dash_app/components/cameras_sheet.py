"""The sheet of what was pressed on the map of cameras: a camera, a zone, or a cell."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.cameras_words import compass
from dash_app.components.cameras_words import model_title
from dash_app.components.cameras_words import share
from dash_app.i18n import Translator
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_number
from ilo_geo.security.cameras.classes import band_scale
from ilo_geo.security.cameras.classes import coverage_scale
from ilo_geo.security.cameras.rules import camera_rules
from ilo_geo.security.optics import camera_models

REASONS_SEPARATOR = "; "


def camera_sheet(t: Translator, result: AnalysisResult, camera: str) -> list[Component]:
    """Return all that is known of one camera."""
    cameras = result.tables["cameras"]
    row = cameras.loc[camera]
    said = row[f"reasons_{t.lang}"]
    said = said.split(REASONS_SEPARATOR) if isinstance(said, str) else said
    return [
        _head(
            t,
            t("cameras.camera_n", rank=row["rank"]),
            t("cameras.towards", heading=compass(t, row["heading_deg"])),
        ),
        html.P(html.B(model_title(t, row["model"]))),
        html.Ul([html.Li(words) for words in said], className="reasons"),
        html.H3(t("cameras.ranges")),
        _ranges(t, result.tables["fields"], camera),
        html.Dl(list(_pairs(_facts(t, row))), className="facts"),
        *_beside(t, cameras, camera),
        html.H3(t("cameras.masked_title")),
        _masked(t, result.tables["masked"], camera),
    ]


def zone_sheet(t: Translator, row: pd.Series) -> list[Component]:
    """Return how much of a zone's need is covered, and by whom."""
    titles = {c.id: t.of(c.title) for c in coverage_scale().classes}
    chip = titles.get(row["coverage_class"], t.of(coverage_scale().missing.title))
    parts = [(name, row.get(f"{name}_ratio")) for name in ("camera", "patrol", "both", "neither")]
    facts = [
        (t("cameras.zone_cameras"), peru_number(row["n_cameras"])),
        (t("cameras.zone_need"), f"{share(row['need_ratio'])} %"),
        *[(t(f"cameras.zone_{name}"), f"{share(ratio)} %") for name, ratio in parts],
    ]
    about = html.P(t("cameras.zone_about"), className="help")
    return [
        _head(t, row["name"], chip),
        html.Dl(list(_pairs(facts)), className="facts"),
        about,
    ]


def cell_sheet(t: Translator, row: pd.Series) -> list[Component]:
    """Return how much need a cell holds that nobody covers."""
    parts = [("need", row["need_ratio"]), ("uncovered", row["uncovered_need_ratio"])]
    facts = [(t(f"cameras.cell_{name}"), f"{share(ratio, 3)} %") for name, ratio in parts]
    return [
        _head(t, t("cameras.cell"), t("cameras.cell_chip")),
        html.Dl(list(_pairs(facts)), className="facts"),
    ]


def _head(t: Translator, title: str, chip: str) -> Component:
    close = html.Button(
        "×",
        className="close card-close",
        **{"data-close": ids.FOUND_SHEET, "aria-label": t("point.close")},
    )
    return html.Div(
        [html.H2(title), html.Span(chip, className="class-chip"), close], className="sheet-head"
    )


def _ranges(t: Translator, fields: pd.DataFrame, camera: str) -> Component:
    """Return from where to where the camera gives each band, and over what area."""
    titles = {c.id: t.of(c.title) for c in band_scale().classes}
    colours = {c.id: c.colour for c in band_scale().classes}
    own = fields[fields["camera"] == camera].sort_values("density_px_m")
    rows = [
        html.Tr(
            [
                html.Th(
                    [
                        html.Span(
                            className="swatch",
                            style={"backgroundColor": colours[row["density_band"]]},
                        ),
                        titles[row["density_band"]],
                        html.Small("" if row["counted"] else t("cameras.not_counted")),
                    ],
                    scope="row",
                ),
                html.Td(f"{peru_number(row['from_m'])}–{peru_number(row['to_m'])} m"),
                html.Td(f"{peru_number(row['area_m2'])} m²"),
            ]
        )
        for _, row in own.iterrows()
    ]
    head = [t(f"cameras.{key}") for key in ("band", "distance", "area")]
    return html.Table(
        [html.Thead(html.Tr([html.Th(words, scope="col") for words in head])), html.Tbody(rows)],
        className="plain-table",
    )


def _facts(t: Translator, row: pd.Series) -> Iterator[tuple[str, str]]:
    model = camera_models()[row["model"]]
    yield t("cameras.stands_on"), f"{t.of(camera_rules().kinds[row['kind']])} ({row['pole']})"
    yield t("cameras.sees"), f"{share(row['seen_need_ratio'], 2)} % {t('cameras.of_need')}"
    yield t("cameras.adds"), f"{share(row['marginal_ratio'], 2)} % {t('cameras.of_demand_plain')}"
    fails = share(row["loss_if_fails_ratio"], 2)
    yield t("cameras.if_fails"), f"{fails} % {t('cameras.of_demand_plain')}"
    yield t("cameras.visible"), f"{peru_number(row['seen_m2'])} m²"
    yield t("cameras.angle"), f"{row['hfov_deg']:.0f}° · {t('cameras.tilt')} {row['tilt_deg']:.0f}°"
    yield t("cameras.overlap"), f"{share(row['overlap_ratio'], 0)} %"
    price = f"S/ {peru_number(row['price_soles'])}"
    yield t("cameras.price_one"), f"{price} ({t('cameras.price_assumed')}; {model.source})"
    yield t("cameras.storage_one"), f"{peru_number(row['storage_gb'])} GB"


def _pairs(facts: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> Iterator[Component]:
    for title, value in facts:
        yield html.Dt(title)
        yield html.Dd(value)


def _beside(t: Translator, cameras: pd.DataFrame, camera: str) -> list[Component]:
    """Return the other cameras of the same pole, each a button that opens its sheet."""
    same = cameras[cameras["pole"] == cameras.loc[camera, "pole"]].drop(index=camera)
    if same.empty:
        return []
    buttons = [
        html.Button(
            t("cameras.camera_n", rank=row["rank"]),
            className="link-button",
            **{"data-choose": ids.FOUND, "data-value": str(name)},
        )
        for name, row in same.iterrows()
    ]
    return [html.P([t("cameras.same_pole"), " ", *buttons], className="same-pole")]


def _masked(t: Translator, masked: pd.DataFrame, camera: str) -> Component:
    """Return the dwellings whose façades are masked, with the bearings the mask takes."""
    own = masked[masked["camera"] == camera].sort_values("nearest_m")
    if own.empty:
        return html.P(t("cameras.masks_none"), className="help")
    rows = [
        html.Tr(
            [
                html.Th(str(row["dwelling"]), scope="row"),
                html.Td(f"{peru_number(row['nearest_m'])} m"),
                html.Td(f"{row['bearing_from_deg']:.0f}–{row['bearing_to_deg']:.0f}°"),
                html.Td(f"{peru_number(row['masked_area_m2'], 1)} m²"),
            ]
        )
        for _, row in own.iterrows()
    ]
    head = [t(f"cameras.{key}") for key in ("dwelling", "distance", "bearings", "area")]
    return html.Table(
        [html.Thead(html.Tr([html.Th(words, scope="col") for words in head])), html.Tbody(rows)],
        className="plain-table",
    )
