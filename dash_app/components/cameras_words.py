"""Words that the page of cameras says more than once."""

from __future__ import annotations

import pandas as pd

from dash_app.i18n import Translator
from dash_app.i18n import translator
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.text import LANGS
from ilo_geo.core.units import peru_number
from ilo_geo.security.optics import camera_models

PROXY = "cameras.proxy"
PERCENT = 100


def share(ratio: float | None, decimals: int = 1) -> str:
    """Return a ratio in percent; a dash where nobody can tell it."""
    return "–" if ratio is None or ratio != ratio else peru_number(PERCENT * ratio, decimals)


def is_proxy(result: AnalysisResult) -> bool:
    """Return whether the need stands on signs and not on incidents."""
    return any(notice.code == PROXY for notice in result.warnings)


def compass(t: Translator, heading_deg: float) -> str:
    """Return a heading as a point of the compass and in degrees."""
    points = t("cameras.compass").split()
    point = points[round(heading_deg / (360 / len(points))) % len(points)]
    return f"{point} ({peru_number(heading_deg, 1).removesuffix('.0')}°)"


def model_title(t: Translator, model: str) -> str:
    """Return the name of a model."""
    return t.of(camera_models()[model].title)


def camera_titles(cameras: pd.DataFrame) -> dict[str, list[str]]:
    """Return in both languages what each camera is: rank, model, heading."""
    return {
        f"title_{lang}": [
            t(
                "cameras.pointed",
                rank=row["rank"],
                model=model_title(t, row["model"]),
                heading=compass(t, row["heading_deg"]),
            )
            for _, row in cameras.iterrows()
        ]
        for lang in LANGS
        for t in (translator(lang),)
    }
