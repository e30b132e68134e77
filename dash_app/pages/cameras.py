"""Seguridad → Cámaras: where to hang how many cameras, what they see, and what nobody covers."""

from __future__ import annotations

import pandas as pd
from dash import dcc
from dash import html
from dash.development.base_component import Component

from dash_app import ids
from dash_app.components.badges import notices
from dash_app.components.cameras_charts import camera_list
from dash_app.components.cameras_charts import frontier_figure
from dash_app.components.cameras_figures import camera_figures
from dash_app.components.cameras_figures import headline
from dash_app.components.cameras_figures import ptz_block
from dash_app.components.cameras_figures import who_covers
from dash_app.components.cameras_sheet import camera_sheet
from dash_app.components.cameras_sheet import cell_sheet
from dash_app.components.cameras_sheet import zone_sheet
from dash_app.components.cameras_words import camera_titles
from dash_app.components.cameras_words import share
from dash_app.components.choice import choice_panel
from dash_app.components.controls import asked
from dash_app.components.controls import parameter_controls
from dash_app.components.drawn import Drawn
from dash_app.components.drawn import Painted
from dash_app.components.finding_parts import limits_and_files
from dash_app.components.segments import segments
from dash_app.i18n import Translator
from dash_app.i18n import translator
from dash_app.planner import Planner
from dash_app.state import View
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.text import LANGS
from ilo_geo.core.units import peru_number
from ilo_geo.security.cameras.classes import band_scale
from ilo_geo.security.cameras.classes import chosen_scale
from ilo_geo.security.cameras.classes import coverage_scale
from ilo_geo.security.cameras.classes import deficit_scale
from ilo_geo.security.cameras.classes import masked_scale

ANALYSIS = "cameras"
CAMERAS, FIELDS, DEFICIT, MASKED = "cameras", "fields", "deficit", "masked"
# names of views are of this page alone: another page's leaves the first one shown
MODES = ("camera_fields", "camera_zones", "camera_deficit", "camera_masked")
GAP_LIMIT = "gap_limit_ratio"
# what nobody may overlook when reading the headline
GRAVE = ("cameras.modelled_sight", "cameras.fewer")


def layout(planner: Planner, view: View) -> list[Component]:
    """Return the panel: question, view of the map, result, parameters."""
    t = view.t
    shown, more = parameter_controls(t, planner.specs(ANALYSIS), view.asked)
    modes = [(mode, t(f"cameras.{mode}")) for mode in MODES]
    return [
        asked(view),
        dcc.Store(id=ids.FIRST_MODE, data=MODES[0]),
        html.H1(t("cameras.question")),
        segments(ids.MODE, modes, MODES[0], label=t("cameras.view")),
        html.Div(id=ids.FOUND_SHEET, role="status"),
        html.Div(html.Div(className="skeleton"), id=ids.FOUND_RESULT, role="status"),
        html.Section([html.H2(t("green.parameters")), *shown], className="parameters"),
        html.Details([html.Summary(t("green.more")), *more], className="fold"),
        html.Div(id=ids.FOUND_MORE),
    ]


def result_block(t: Translator, planner: Planner, result: AnalysisResult) -> list[Component]:
    """Return the share of the need that is seen, what it takes, and how good the choice is."""
    grave = [notice for notice in result.warnings if notice.code in GRAVE]
    return [
        *headline(t, result),
        notices(t, grave),
        camera_figures(t, result),
        *_optimise(t, result),
        *choice_panel(t, planner, result, t("cameras.objective_unit")),
    ]


def sheet(t: Translator, result: AnalysisResult, found: str) -> list[Component]:
    """Return what is known of a camera, a zone or a cell."""
    if found in result.tables[CAMERAS].index:
        return camera_sheet(t, result, found)
    zones, cells = _zones(result), result.tables[DEFICIT]
    if zones is not None and found in zones.index:
        return zone_sheet(t, zones.loc[found])
    return cell_sheet(t, cells.loc[found]) if found in cells.index else []


def more_blocks(t: Translator, _planner: Planner, result: AnalysisResult) -> list[Component]:
    """Return who covers what, what more cameras would bring, each camera, PTZ, limits, files."""
    return [
        *who_covers(t, result),
        frontier_figure(t, result),
        camera_list(t, result),
        ptz_block(t, result),
        *limits_and_files(t, result),
    ]


def drawn(t: Translator, result: AnalysisResult, mode: str) -> Drawn:
    """Return the numbered cameras over what they see, coverage, deficit or masks."""
    makers = dict(zip(MODES, (_fields, _coverage, _deficit, _masks), strict=True))
    areas = makers.get(mode, _fields)(result)
    modelled = bool(result.modelled_layers)
    return Drawn(areas, _pins(result), t("cameras.sight_note") if modelled else "")


def _optimise(t: Translator, result: AnalysisResult) -> list[Component]:
    """Return what searches on until the choice is proven, where it is not."""
    gap = result.selection.gap_ratio if result.selection else None
    if not gap or not result.parameters[GAP_LIMIT]:
        return []
    return [
        html.Button(
            t("cameras.optimise"),
            className="button primary wide",
            **{"data-parameter": GAP_LIMIT, "data-value": "0"},
        ),
        html.P(t("cameras.optimise_about"), className="help"),
    ]


def _zones(result: AnalysisResult) -> pd.DataFrame | None:
    """Return the finest level, None where the area has none."""
    levels = [table for table in result.maps.values() if coverage_scale().column in table]
    return max(levels, key=len, default=None)


def _pins(result: AnalysisResult) -> Painted:
    """Return a pin a pole, with the ranks of its cameras."""
    cameras = result.maps[CAMERAS]
    cameras = cameras.assign(**camera_titles(cameras))
    same = cameras.groupby("pole", sort=False)
    ranks = same["rank"].agg(lambda found: "·".join(str(rank) for rank in found))
    titles = {f"title_{lang}": same[f"title_{lang}"].agg(" · ".join).to_numpy() for lang in LANGS}
    pins = cameras.drop_duplicates("pole").assign(
        rank=ranks.to_numpy(), **titles, **{chosen_scale().column: "chosen"}
    )
    return Painted("pins", pins, chosen_scale())


def _fields(result: AnalysisResult) -> Painted:
    """Return what each camera sees by band; a press opens the camera."""
    fields = result.maps[FIELDS]
    names = {name: row["rank"] for name, row in result.tables[CAMERAS].iterrows()}
    said = {
        f"title_{lang}": [
            translator(lang)(
                "cameras.field",
                rank=names[row["camera"]],
                near=peru_number(row["from_m"]),
                far=peru_number(row["to_m"]),
            )
            for _, row in fields.iterrows()
        ]
        for lang in LANGS
    }
    return Painted(FIELDS, fields.assign(**said).set_index("camera"), band_scale())


def _coverage(result: AnalysisResult) -> Painted | None:
    zones = _zones(result)
    if zones is None:
        return None
    said = {
        f"title_{lang}": [
            translator(lang)(
                "cameras.zone_pointed", share=share(row["camera_ratio"]), n=row["n_cameras"]
            )
            for _, row in zones.iterrows()
        ]
        for lang in LANGS
    }
    return Painted("coverage", zones.assign(**said), coverage_scale())


def _deficit(result: AnalysisResult) -> Painted:
    cells = result.maps[DEFICIT].drop(columns="name", errors="ignore")
    said = {
        f"title_{lang}": [
            translator(lang)("cameras.cell_pointed", share=share(ratio, 3))
            for ratio in cells["uncovered_need_ratio"]
        ]
        for lang in LANGS
    }
    return Painted(DEFICIT, cells.assign(**said), deficit_scale())


def _masks(result: AnalysisResult) -> Painted:
    masked = result.maps[MASKED]
    said = {
        f"title_{lang}": [
            translator(lang)("cameras.mask_pointed", metres=peru_number(row["nearest_m"]))
            for _, row in masked.iterrows()
        ]
        for lang in LANGS
    }
    return Painted(MASKED, masked.assign(**said).set_index("camera"), masked_scale())
