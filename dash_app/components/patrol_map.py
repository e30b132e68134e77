"""What the map of patrols shows: minutes, bases, sectors or the loop of a shift."""

from __future__ import annotations

import pandas as pd

from dash_app.components.drawn import Drawn
from dash_app.components.drawn import Painted
from dash_app.components.patrol_parts import percent
from dash_app.i18n import Translator
from dash_app.i18n import translator
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.scales import CategoryScale
from ilo_geo.core.text import LANGS
from ilo_geo.core.text import Text
from ilo_geo.core.units import peru_number
from ilo_geo.security.classes import BASES
from ilo_geo.security.classes import LOOP
from ilo_geo.security.classes import LOOP_HOURS
from ilo_geo.security.classes import SECTOR_NUMBERS
from ilo_geo.security.classes import marks_scale
from ilo_geo.security.classes import sector_scale
from ilo_geo.security.patrol.bases_table import PROPOSED
from ilo_geo.services import security_map
from ilo_geo.services.scales import patrol_time_scale

TIME, NEW, SECTORS, ROUND = "time", "bases", "sectors", "loop"
MODES = (TIME, NEW, SECTORS, ROUND)


def patrol_drawn(result: AnalysisResult, mode: str) -> Drawn:
    """Return what the map shows in one of the `MODES`, the first where it is none of them."""
    if mode == SECTORS:
        return Drawn(_sectors(result), _numbers(result))
    if mode == ROUND:
        return Drawn(_loop(result), _hours(result))
    return Drawn(_cells(result), _bases(result, proposed=mode == NEW))


def base_name(t: Translator, row: pd.Series) -> str:
    """Return the name of a base; a proposed one is named by its number and street."""
    if row["existing"]:
        return str(row["name"])
    street = t("patrol.unnamed_street") if pd.isna(row["name"]) else str(row["name"])
    return t("patrol.new_base", n=row["rank"], street=street)


def _cells(result: AnalysisResult) -> Painted:
    table = result.maps["cells"]
    said = {
        f"title_{t.lang}": [
            t(
                "patrol.cell",
                minutes=peru_number(row.minutes, 1),
                low=peru_number(row.minutes_low, 1),
                high=peru_number(row.minutes_high, 1),
                n=peru_number(row.population_inhab),
            )
            for row in table.itertuples()
        ]
        for t in map(translator, LANGS)
    }
    drawn = table.drop(columns="name").assign(**said)
    return Painted("cells", drawn, patrol_time_scale(result))


def _bases(result: AnalysisResult, *, proposed: bool) -> Painted | None:
    pins = security_map.base_pins(result, proposed=proposed)
    if pins.empty:
        return None
    said = {
        f"title_{t.lang}": [base_name(t, row) for _, row in pins.iterrows()]
        for t in map(translator, LANGS)
    }
    return Painted("bases", pins.drop(columns="name").assign(**said), _with_signs())


def _with_signs() -> CategoryScale:
    """Return the kinds of bases with the sign that stands for each on this map."""
    scale = marks_scale(BASES)
    signs = {kind.id: "number" if kind.id == PROPOSED else "letter" for kind in scale.classes}
    words = {t.lang: t for t in map(translator, LANGS)}
    classes = tuple(
        kind.model_copy(
            update={
                "title": Text(
                    **{
                        lang: f"{kind.title.in_(lang)} ({t(f'patrol.sign_{signs[kind.id]}')})"
                        for lang, t in words.items()
                    }
                )
            }
        )
        for kind in scale.classes
    )
    return scale.model_copy(update={"classes": classes})


def _sectors(result: AnalysisResult) -> Painted:
    table = _sector_words(security_map.sector_lines(result))
    return Painted("patrol_sectors", table, sector_scale(table["sector"]))


def _numbers(result: AnalysisResult) -> Painted:
    table = _sector_words(security_map.sector_numbers(result))
    return Painted("sector_numbers", table, marks_scale(SECTOR_NUMBERS))


def _sector_words(table: pd.DataFrame) -> pd.DataFrame:
    said = {
        f"title_{t.lang}": [
            t(
                "patrol.sector_said",
                need=percent(row.need_ratio, 1),
                km=peru_number(row.street_km, 1),
            )
            for row in table.itertuples()
        ]
        for t in map(translator, LANGS)
    }
    return table.assign(**said)


def _loop(result: AnalysisResult) -> Painted:
    table = security_map.loop_lines(result)
    said = {
        f"title_{t.lang}": [
            t("patrol.loop_said", minutes=peru_number(minute)) for minute in table["arrival_min"]
        ]
        for t in map(translator, LANGS)
    }
    return Painted("loop", table.assign(**said), marks_scale(LOOP))


def _hours(result: AnalysisResult) -> Painted | None:
    marks = security_map.loop_hours(result)
    if marks.empty:
        return None
    said = {
        f"title_{t.lang}": [t("patrol.hour_said", n=hour) for hour in marks["rank"]]
        for t in map(translator, LANGS)
    }
    return Painted("loop_hours", marks.drop(columns="name").assign(**said), marks_scale(LOOP_HOURS))
