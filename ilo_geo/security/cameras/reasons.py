"""Why a camera was chosen, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ilo_geo.core.text import LANGS
from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.core.units import peru_number
from ilo_geo.security.cameras.rules import CameraRules

PERCENT = 100.0


def reasons(camera: Mapping[str, Any], rules: CameraRules) -> Text:
    """Return what speaks for a camera of the table, both languages."""

    def said(lang: Lang) -> str:
        fields = {
            "kind": rules.kinds[camera["kind"]].in_(lang),
            "need": percent(camera["seen_need_ratio"]),
            "marginal": percent(camera["marginal_ratio"]),
            "loss": percent(camera["loss_if_fails_ratio"]),
            "masked": peru_number(camera["masked_m2"], 1),
        }
        parts = ["stands", "adds", "alone"] + ["masked"] * (camera["masked_m2"] > 0)
        return "; ".join(rules.reasons[part].format(lang, **fields) for part in parts)

    return Text(**{lang: said(lang) for lang in LANGS})


def percent(ratio: float) -> str:
    """Return a ratio in percent, to two decimals: a camera sees a small part of a city."""
    return peru_number(PERCENT * ratio, 2)
