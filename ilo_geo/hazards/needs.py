"""The least that displaced people need: water, food, shelter, toilets, with the interval."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from ilo_geo.core.parameters import Verified
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml

DEFAULT_DAYS = 3
WHOLE_DECIMALS = 9


class Need(BaseModel):
    """One need: ``rate`` per inhabitant, by day where ``per_day``, or inhabitants per thing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text
    unit: Text
    rate: float = Field(gt=0)
    per_day: bool = False
    per_inhab: bool = True
    source: str
    verified: Verified


@cache
def needs() -> dict[str, Need]:
    """Return the needs by id, with the rates of the handbook."""
    return {k: Need(**v) for k, v in load_package_yaml("ilo_geo.hazards", "needs.yaml").items()}


def needs_table(
    inhab: float,
    inhab_low: float,
    inhab_high: float,
    *,
    days: int = DEFAULT_DAYS,
    rates: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return what so many people need at least, for some days.

    Formula: ``inhab · rate`` (times ``days`` for what is used up); things shared by ``rate`` people
    are ``⌈inhab / rate⌉``.

    Parameters
    ----------
    inhab, inhab_low, inhab_high
        Displaced people and their interval.
    days
        How long they are to be kept.
    rates
        Rates other than the handbook's, by id of the need.

    Returns
    -------
    table
        Index ``need``; ``title_es, title_en, unit_es, unit_en, rate, per_day, per_day_need``
        (missing for what is not used up), ``need_total, need_low, need_high, source, verified``.
    """
    chosen = {**{name: need.rate for name, need in needs().items()}, **(rates or {})}
    rows = []
    for name, need in needs().items():
        one_day = [_amount(need, chosen[name], people) for people in (inhab, inhab_low, inhab_high)]
        amounts = [amount * (days if need.per_day else 1) for amount in one_day]
        rows.append(
            {
                "need": name,
                "title_es": need.title.es,
                "title_en": need.title.en,
                "unit_es": need.unit.es,
                "unit_en": need.unit.en,
                "rate": chosen[name],
                "per_day": need.per_day,
                "per_day_need": one_day[0] if need.per_day else np.nan,
                **dict(zip(("need_total", "need_low", "need_high"), amounts, strict=True)),
                "source": need.source,
                "verified": need.verified,
            }
        )
    return pd.DataFrame(rows).set_index("need")


def _amount(need: Need, rate: float, inhab: float) -> float:
    if need.per_inhab:
        return inhab * rate
    # 40 people summed from many homes are not 40.000000001: no toilet for the rounding
    return float(np.ceil(round(inhab / rate, WHOLE_DECIMALS)))
