"""The ranking under drawn futures."""

import numpy as np
import pandas as pd
import pytest

from ilo_geo.green.candidates.data import criterion_table
from ilo_geo.green.candidates.scoring import ranks
from ilo_geo.green.candidates.scoring import scores
from ilo_geo.green.candidates.stability import Uncertain
from ilo_geo.green.candidates.stability import drawn_scores
from ilo_geo.green.candidates.stability import stability
from ilo_geo.green.candidates.utilities import UTILITY_DECIMALS
from ilo_geo.green.candidates.utilities import shape_utility

IDS = list(criterion_table().ids)
CERTAINTIES = ("certain", "line", "possible")
WEIGHTS = np.array([0.288, 0.166, 0.166, 0.16, 0.087, 0.087, 0.046])


def uncertain(n=12, *, levels=None, strikes=None, slope_error=0.0, bases=1):
    rng = np.random.default_rng(5)
    worth = pd.DataFrame(rng.random((n, len(IDS))), columns=IDS)
    compact, slope = rng.random(n), rng.uniform(0, 0.1, n)
    worth["shape"] = shape_utility(compact, slope, 0.15)
    worth["hazard"] = 1.0
    worth = worth.round(UTILITY_DECIMALS)
    none = pd.DataFrame({"fault": np.zeros(n)})
    by_base = {
        name: np.column_stack([worth[name]] + [rng.random(n) for _ in range(bases - 1)])
        for name in ("deficit", "access", "equity")
    }
    return Uncertain(
        utilities=worth,
        by_base=by_base,
        hazard_levels=levels or dict.fromkeys(CERTAINTIES, none),
        strikes=strikes or dict.fromkeys(CERTAINTIES, none.astype(bool)),
        compactness_ratio=compact,
        slope_ratio=slope,
        slope_error_ratio=slope_error,
        max_slope_ratio=0.15,
    )


def drawn(case, *, swing=0.0, n=200, seed=1):
    return drawn_scores(case, WEIGHTS, swing_ratio=swing, n_draws=n, seed=seed)


def test_without_noise_every_draw_is_the_ranking_itself():
    case = uncertain()
    found = stability(*drawn(case), 3)
    rank = ranks(scores(case.utilities.to_numpy(), WEIGHTS))
    assert list(found["rank_low"]) == list(rank)
    assert list(found["rank_high"]) == list(rank)
    assert list(found["top_k_ratio"]) == [float(r <= 3) for r in rank]


def test_the_same_seed_draws_the_same_and_another_does_not():
    case = uncertain(slope_error=0.02, bases=3)
    one, other = drawn(case, swing=0.2, seed=1)[0], drawn(case, swing=0.2, seed=2)[0]
    assert np.array_equal(one, drawn(case, swing=0.2, seed=1)[0])
    assert not np.array_equal(one, other)


def test_a_score_stays_within_what_weights_20_percent_off_allow():
    case = uncertain()
    score = scores(case.utilities.to_numpy(), WEIGHTS)
    found, _ = drawn(case, swing=0.2)
    # w·1.2 over Σ w·0.8 at most, w·0.8 over Σ w·1.2 at least
    assert (found <= score * 1.2 / 0.8 + 1e-9).all()
    assert (found >= score * 0.8 / 1.2 - 1e-9).all()
    assert found.std(axis=0).min() > 0


def test_a_zone_that_is_only_possible_rules_out_as_often_as_it_is_drawn():
    n = 12
    hit = pd.DataFrame({"fault": np.arange(n) == 0})
    no = pd.DataFrame({"fault": np.zeros(n, dtype=bool)})
    case = uncertain(strikes={"certain": no, "line": no, "possible": hit})
    found = stability(*drawn(case, n=4000), n)
    assert found["struck_ratio"][0] == pytest.approx(
        criterion_table().outline_draws.possible, abs=0.03
    )
    assert found["struck_ratio"][1:].max() == 0
    assert found["top_k_ratio"][0] == pytest.approx(1 - found["struck_ratio"][0])


def test_the_top_k_of_every_draw_holds_k_sites():
    case = uncertain(slope_error=0.02, bases=2)
    found = stability(*drawn(case, swing=0.2), 4)
    assert found["top_k_ratio"].sum() == pytest.approx(4)
    assert (found["rank_low"] <= found["rank_high"]).all()


def test_ground_that_may_be_too_steep_is_ruled_out_in_some_draws():
    found = stability(*drawn(uncertain(slope_error=0.1)), 3)
    assert found["struck_ratio"].between(0.01, 0.99).all()
