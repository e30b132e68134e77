"""What is said of a chosen site in words, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pandas as pd
from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.text import LANGS
from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.core.units import peru_number
from ilo_geo.green.candidates.data import PACKAGE
from ilo_geo.green.candidates.data import criterion_table
from ilo_geo.green.candidates.data import park_types
from ilo_geo.green.candidates.data import rule_table
from ilo_geo.green.candidates.parameters import ParkParams
from ilo_geo.green.candidates.scoring import Weights
from ilo_geo.green.candidates.utilities import UTILITY

# how many parts of the score a sentence names
N_NAMED = 3


class Reasons(BaseModel):
    """The sentences of ``reasons.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    served: Text
    rank: Text
    cost: Text
    best: Text
    possible: Text
    not_public: Text
    tenures: dict[str, Text]


@cache
def sentences() -> Reasons:
    """Return the sentences."""
    return Reasons.model_validate(load_package_yaml(PACKAGE, "reasons.yaml"))


def selected_rows(
    table: pd.DataFrame, weights: Weights, titles: Mapping[str, Text], params: ParkParams
) -> list[dict[str, object]]:
    """Return one row of facts a chosen site, in the order of choice.

    Parameters
    ----------
    table
        The eligible sites with every column of the candidates table.
    titles
        Words of the rules.
    """
    chosen = table[table["selected"]].sort_values("order")
    plain = ("name", "zone", "park_type", "tenure", "score", *_FIGURES)
    rows = []
    for site, row in chosen.iterrows():
        said = {
            f"reasons_{lang}": _sentences(row, weights, titles, params, len(table), lang)
            for lang in LANGS
        }
        rows.append(
            {
                "id": str(site),
                "order": int(row["order"]),
                **{name: row[name] for name in plain},
                "possible_rules": row["possible_rules"],
                "parts": parts_of(row, weights),
                **said,
            }
        )
    return rows


_FIGURES = (
    "rank",
    "rank_low",
    "rank_high",
    "top_k_ratio",
    "served_inhab",
    "added_inhab",
    "area_m2",
    "water_m3_day",
    "water_soles_year",
    "capex_soles",
    "care_soles_year",
)


def parts_of(row: pd.Series, weights: Weights) -> list[dict[str, object]]:
    """Return the parts of a site's score: utility, weight, their product and the raw figure."""
    return [
        {
            "criterion": criterion.id,
            "utility": float(row[f"{UTILITY}{criterion.id}"]),
            "weight": float(weight),
            "contribution": float(weight * row[f"{UTILITY}{criterion.id}"]),
            "raw": row[criterion.raw],
            "raw_unit_es": criterion.unit.es,
            "raw_unit_en": criterion.unit.en,
        }
        for criterion, weight in zip(criterion_table().criteria, weights.value, strict=True)
    ]


def _sentences(
    row: pd.Series,
    weights: Weights,
    titles: Mapping[str, Text],
    params: ParkParams,
    n: int,
    lang: Lang,
) -> list[str]:
    words = sentences()
    said = [
        words.served.format(
            lang,
            inhab=peru_number(row["served_inhab"]),
            distance=peru_number(params.access_distance_m),
            added=peru_number(row["added_inhab"]),
        ),
        words.best.format(lang, parts=_best_parts(row, weights, lang)),
        words.rank.format(
            lang,
            score=peru_number(row["score"], 3),
            rank=int(row["rank"]),
            n=n,
            low=int(row["rank_low"]),
            high=int(row["rank_high"]),
            k=params.n_parks,
            percent=peru_number(100 * row["top_k_ratio"]),
        ),
        words.cost.format(
            lang,
            kind=park_types()[row["park_type"]].title.in_(lang),
            area=peru_number(row["area_m2"]),
            water=peru_number(row["water_m3_day"], 1),
            bill=peru_number(row["water_soles_year"]),
            capex=peru_number(row["capex_soles"]),
            care=peru_number(row["care_soles_year"]),
        ),
    ]
    if row["possible_rules"]:
        rules = "; ".join(titles[rule].in_(lang) for rule in row["possible_rules"].split(","))
        said.append(words.possible.format(lang, rules=rules))
    if row["tenure"] != rule_table().considered.public_tenure:
        tenure = words.tenures[row["tenure"]].in_(lang)
        said.append(words.not_public.format(lang, tenure=tenure))
    return said


def _best_parts(row: pd.Series, weights: Weights, lang: Lang) -> str:
    found = [
        (weight * row[f"{UTILITY}{criterion.id}"], criterion.title.in_(lang).lower())
        for criterion, weight in zip(criterion_table().criteria, weights.value, strict=True)
    ]
    best = sorted(found, key=lambda part: -part[0])[:N_NAMED]
    return ", ".join(f"{title} {peru_number(value, 2)}" for value, title in best)
