"""What a printed sheet says beside its map: key figures, how sure they are, and sources."""

from __future__ import annotations

import math
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ilo_geo.core.layer import LayerRef
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.text import Lang
from ilo_geo.core.units import MISSING
from ilo_geo.core.units import peru_date
from ilo_geo.core.units import peru_number
from ilo_geo.io.legend import INTERVAL_ENDINGS
from ilo_geo.io.legend import column_title
from ilo_geo.io.legend import unit
from ilo_geo.io.legend import word

# whole numbers from here on; below, two decimals
WHOLE_FROM = 100
RATIO = "_ratio"
# ratios that are no share of anything
INDICES = ("gini", "consistency")
# a summary figure so named is the width of what the line leaves open
BAND_WIDTH = "band_width"
# the notice that repeats what the mark of a modelled result says
MODELLED_NOTICE = "modelled_layers"


@dataclass(frozen=True)
class KeyFigure:
    """One figure in words: title, value with unit, and the interval around it if there is one."""

    title: str
    value: str
    interval: str | None


def key_figures(summary: Mapping[str, Any], lang: Lang) -> list[KeyFigure]:
    """Return the single figures of a summary; bounds stand beside the figure they belong to."""
    figures = []
    for name, value in summary.items():
        single = value is None or isinstance(value, int | float)
        # that something is so is no figure
        if (
            not single
            or isinstance(value, bool)
            or _is_bound(name, summary)
            or name.startswith(BAND_WIDTH)
        ):
            continue
        low, high = (summary.get(name + ending) for ending in INTERVAL_ENDINGS)
        interval = None
        if low is not None and high is not None:
            bounds = {"low": figure_text(name, low), "high": figure_text(name, high)}
            interval = word("labels", "between", lang).format(**bounds)
        figures.append(KeyFigure(column_title(name, lang), _with_unit(name, value, lang), interval))
    return figures


def _is_bound(name: str, summary: Mapping[str, Any]) -> bool:
    return any(
        name.endswith(ending) and name.removesuffix(ending) in summary
        for ending in INTERVAL_ENDINGS
    )


def figure_text(name: str, value: float | None) -> str:
    """Return a figure as it is read aloud: whole people, shares in percent; a dash for none."""
    if value is None or not math.isfinite(value):
        return MISSING
    if _is_share(name):
        return f"{peru_number(value * 100, 1)} %"
    people = name.endswith("_inhab") and not name.endswith("_per_inhab")
    whole = people or float(value).is_integer() or abs(value) >= WHOLE_FROM
    return peru_number(value, 0 if whole else 2)


def _is_share(name: str) -> bool:
    return name.endswith(RATIO) and not any(index in name for index in INDICES)


def _with_unit(name: str, value: float | None, lang: Lang) -> str:
    shown = figure_text(name, value)
    bare = name.endswith(RATIO) or shown == MISSING
    return shown if bare else f"{shown} {unit(name, lang) or ''}".rstrip()


def uncertainty(result: AnalysisResult, lang: Lang) -> list[str]:
    """Return what is known of the error: width of the band, intervals, positions of the layers."""
    lines = [
        f"{column_title(name, lang)}: {_with_unit(name, value, lang)}"
        for name, value in result.summary.items()
        if name.startswith(BAND_WIDTH)
    ]
    if any(figure.interval for figure in key_figures(result.summary, lang)):
        lines.append(word("labels", "intervals", lang))
    placed = {ref.title.in_(lang): ref.accuracy_m for ref in result.provenance if ref.accuracy_m}
    if placed:
        worst = max(placed, key=lambda title: placed[title])
        value = f"{placed[worst]:,.0f}"
        lines.append(word("labels", "position_error", lang).format(value=value, layer=worst))
    return lines


def warnings(result: AnalysisResult, lang: Lang) -> list[str]:
    """Return the notices of a result but the one that the mark on the sheet already says."""
    return [notice.text(lang) for notice in result.warnings if notice.code != MODELLED_NOTICE]


def source_lines(provenance: Sequence[LayerRef], lang: Lang) -> list[str]:
    """Return one line a source, with the layers that come from it, date, licence and status."""
    by_source: dict[tuple[str, str, str, str], list[str]] = {}
    for ref in provenance:
        key = (ref.source, ref.date, ref.licence, ref.status.value)
        by_source.setdefault(key, []).append(ref.title.in_(lang))
    return [
        f"{', '.join(titles)}: {source} ({peru_date(date)}, {licence}, "
        f"{word('statuses', state, lang).lower()})"
        for (source, date, licence, state), titles in by_source.items()
    ]
