"""Gini and Lorenz against closed forms and the definition by pairs."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_geo.green.equity import gini_ratio
from ilo_geo.green.equity import lorenz_curve


def gini_by_pairs(per_inhab, inhab):
    """Relative mean difference: half the mean gap of two people drawn at random over the mean."""
    x, w = np.asarray(per_inhab), np.asarray(inhab)
    gap = (w[:, None] * w[None] * np.abs(x[:, None] - x[None])).sum()
    return gap / (2 * w.sum() ** 2 * ((x * w).sum() / w.sum()))


def test_equal_shares_have_no_inequality():
    assert gini_ratio(pd.Series([3.0, 3.0, 3.0]), pd.Series([1, 20, 5])) == pytest.approx(0)


def test_one_of_four_has_all():
    assert gini_ratio(pd.Series([0, 0, 0, 8.0]), pd.Series([1, 1, 1, 1])) == pytest.approx(0.75)


def test_nothing_to_share_is_equality():
    assert gini_ratio(pd.Series([0.0, 0.0]), pd.Series([10, 20])) == pytest.approx(0)


def test_groups_without_people_do_not_count():
    with_empty = gini_ratio(pd.Series([1.0, np.nan, 3.0]), pd.Series([5, 0, 5]))
    assert with_empty == pytest.approx(gini_ratio(pd.Series([1.0, 3.0]), pd.Series([5, 5])))


@given(
    st.lists(st.tuples(st.floats(0.01, 100), st.floats(0.1, 1000)), min_size=1, max_size=30),
)
def test_equals_the_definition_by_pairs(groups):
    per_inhab, inhab = zip(*groups, strict=True)
    ours = gini_ratio(pd.Series(per_inhab), pd.Series(inhab))
    assert ours == pytest.approx(gini_by_pairs(per_inhab, inhab), abs=1e-9)


def test_lorenz_curve_ends_at_one_and_lies_below_the_diagonal():
    curve = lorenz_curve(pd.Series([5.0, 1.0, 0.0]), pd.Series([10, 10, 20]))
    assert curve["population_ratio"].tolist() == [0, 0.5, 0.75, 1]
    np.testing.assert_allclose(curve["amount_ratio"], [0, 0, 10 / 60, 1])
