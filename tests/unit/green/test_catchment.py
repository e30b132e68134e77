"""E2SFCA against PySAL's ``access`` and a naive double loop."""

import numpy as np
import pandas as pd
import pytest
from access import fca
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.green.catchment import e2sfca_m2_per_inhab
from ilo_geo.green.catchment import gaussian_weight


def instance(seed, n_places, n_parks, reach_m=800.0):
    rng = np.random.default_rng(seed)
    places, parks = rng.uniform(0, 2000, (n_places, 2)), rng.uniform(0, 2000, (n_parks, 2))
    distance_m = np.hypot(*(places[:, None] - parks[None]).transpose(2, 0, 1))
    place, park = np.nonzero(distance_m <= reach_m)
    return {
        "place": place,
        "park": park,
        "distance_m": distance_m[place, park],
        "place_inhab": rng.uniform(0, 500, n_places),
        "park_area_m2": rng.uniform(100, 20_000, n_parks),
        "catchment_m": reach_m,
    }


def naive(place, park, distance_m, place_inhab, park_area_m2, catchment_m):
    weight = gaussian_weight(distance_m, catchment_m)
    demand, access = np.zeros(len(park_area_m2)), np.zeros(len(place_inhab))
    for i, k, w in zip(place, park, weight, strict=True):
        demand[k] += place_inhab[i] * w
    for i, k, w in zip(place, park, weight, strict=True):
        access[i] += w * park_area_m2[k] / demand[k] if demand[k] > 0 else 0
    return access


@pytest.mark.parametrize("seed", range(5))
def test_equals_pysal_access(seed):
    given_ = instance(seed, 300, 25)
    ours = e2sfca_m2_per_inhab(**given_)
    catchment_m = given_["catchment_m"]
    peer = fca.two_stage_fca(
        pd.DataFrame({"geoid": range(300), "demand": given_["place_inhab"]}).set_index("geoid"),
        pd.DataFrame({"geoid": range(25), "supply": given_["park_area_m2"]}).set_index("geoid"),
        pd.DataFrame(
            {
                "origin": given_["place"],
                "dest": given_["park"],
                "cost": given_["distance_m"],
            }
        ),
        max_cost=catchment_m,
        weight_fn=lambda d: gaussian_weight(np.asarray(d, dtype=float), catchment_m),
    )
    expected = peer.reindex(range(300)).fillna(0.0).to_numpy()
    assert ours.max() > 0
    np.testing.assert_allclose(ours, expected, rtol=1e-12, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(1, 8))
def test_equals_the_double_loop_and_hands_out_every_reached_park(seed, n_places, n_parks):
    given_ = instance(seed, n_places, n_parks)
    ours = e2sfca_m2_per_inhab(**given_)
    np.testing.assert_allclose(ours, naive(**given_), rtol=1e-10, atol=1e-12)
    weight = gaussian_weight(given_["distance_m"], given_["catchment_m"])
    reached = np.unique(given_["park"][weight * given_["place_inhab"][given_["place"]] > 0])
    handed_out = float(ours @ given_["place_inhab"])
    assert handed_out == pytest.approx(given_["park_area_m2"][reached].sum())


def test_weight_is_one_at_the_gate_and_zero_at_the_edge():
    weight = gaussian_weight(np.array([0.0, 250.0, 500.0, 501.0]), 500.0)
    # closed form at half the catchment: (e^-1/8 - e^-1/2) / (1 - e^-1/2)
    np.testing.assert_allclose(weight, [1.0, 0.7013665732, 0.0, 0.0], atol=1e-9)
