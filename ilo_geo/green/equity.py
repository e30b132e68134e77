"""How evenly green is shared among inhabitants: Lorenz curve and Gini coefficient."""

from __future__ import annotations

import numpy as np
import pandas as pd


def lorenz_curve(amount_per_inhab: pd.Series, inhab: pd.Series) -> pd.DataFrame:
    """Return the Lorenz curve of an amount shared among groups of inhabitants.

    Groups are sorted by their amount per inhabitant; the curve starts at (0, 0) and ends at
    (1, 1). Groups without inhabitants have no part in it.

    Parameters
    ----------
    amount_per_inhab
        Amount per inhabitant of each group, not negative.
    inhab
        Inhabitants of each group, same index.

    Returns
    -------
    curve
        ``population_ratio`` and ``amount_ratio``, both rising from 0 to 1.
    """
    lived_in = inhab.to_numpy(dtype=float) > 0
    per_inhab = amount_per_inhab.to_numpy(dtype=float)[lived_in]
    people = inhab.to_numpy(dtype=float)[lived_in]
    order = np.argsort(per_inhab, kind="stable")
    people, amount = people[order], (per_inhab * people)[order]
    population_ratio = np.concatenate([[0.0], np.cumsum(people) / max(people.sum(), 1e-300)])
    total = amount.sum()
    # with nothing to share everybody has the same: the curve of equality
    amount_ratio = (
        np.concatenate([[0.0], np.cumsum(amount) / total]) if total > 0 else population_ratio
    )
    return pd.DataFrame({"population_ratio": population_ratio, "amount_ratio": amount_ratio})


def gini_ratio(amount_per_inhab: pd.Series, inhab: pd.Series) -> float:
    """Return the population-weighted Gini coefficient: 0 all equal, towards 1 one has all.

    ``G = 1 − Σ (x_i − x_{i−1})(y_i + y_{i−1})`` over the Lorenz curve (trapezoids).
    """
    curve = lorenz_curve(amount_per_inhab, inhab)
    x, y = curve["population_ratio"].to_numpy(), curve["amount_ratio"].to_numpy()
    # rounding of the sum may leave less than nothing
    return max(0.0, float(1.0 - np.sum(np.diff(x) * (y[1:] + y[:-1]))))
