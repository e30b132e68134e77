"""What a site says when pointed at, in both languages."""

from __future__ import annotations

import pandas as pd

from dash_app.i18n import translator
from ilo_geo.core.text import LANGS
from ilo_geo.core.units import peru_number
from ilo_geo.green.candidates.data import park_types
from ilo_geo.green.candidates.exclusions import EXCLUDED


def pointed_at(table: pd.DataFrame) -> pd.DataFrame:
    """Return the sites with ``struck`` and, in both languages, their score or what struck them."""
    struck = table["status"] == EXCLUDED
    said = {
        f"title_{lang}": table[f"reason_{lang}"].where(struck, _scored(table[~struck], lang))
        for lang in LANGS
    }
    return table.assign(struck=struck, **said)


def _scored(eligible: pd.DataFrame, lang: str) -> pd.Series:
    t = translator(lang)
    words = [
        t(
            "parks.pointed",
            score=peru_number(row.score, 3),
            rank=row.rank,
            people=peru_number(row.served_inhab),
            kind=t.of(park_types()[row.park_type].title),
        )
        for row in eligible.itertuples()
    ]
    return pd.Series(words, index=eligible.index, dtype=object)
