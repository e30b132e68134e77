"""Key figures of a choice of park sites."""

from __future__ import annotations

from dash.development.base_component import Component

from dash_app.components.finding_parts import Figure
from dash_app.components.finding_parts import figures
from dash_app.i18n import Translator
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.units import peru_number
from ilo_geo.green.candidates.data import type_table

DECIMALS = 2


def park_figures(t: Translator, result: AnalysisResult) -> Component:
    """Return people served, green area, water and works, before and after where both exist."""
    found, asked = result.summary, result.parameters
    source = type_table().water[asked["water_source"]]
    price = t("parks.water_source", source=source.source, price=f"{asked['water_soles_m3']:g}")
    base = t("figure.base", base=asked["population_base"])
    after = peru_number(100 * found["served_population_ratio_after"], 1)
    before = peru_number(100 * found["served_population_ratio"], 1)
    area_before, area_after = (
        peru_number(found[f"green_m2_per_inhab{end}"], DECIMALS) for end in ("", "_after")
    )
    available = found["water_available_m3_day"]
    limit = (
        t("parks.no_water_limit")
        if available is None
        else t("parks.water_limit", n=peru_number(available))
    )
    return figures(
        t,
        [
            Figure(
                t("parks.served_share"),
                after,
                "%",
                (t("parks.served_share_about"), base),
                t("parks.today", value=f"{before} %"),
            ),
            Figure(
                t("parks.area"),
                area_after,
                t("parks.area_unit"),
                (t("parks.area_about"), base),
                t("parks.today", value=area_before),
            ),
            Figure(
                t("parks.water"),
                peru_number(found["water_m3_day"], 1),
                t("parks.water_unit"),
                (t("parks.water_about"), price),
                limit,
            ),
            Figure(
                t("parks.works"),
                peru_number(found["capex_soles"]),
                "S/",
                (t("parks.works_about"),),
                t("parks.care", n=peru_number(found["care_soles_year"])),
            ),
        ],
    )
