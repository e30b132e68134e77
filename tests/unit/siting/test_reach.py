"""Who reaches whom: equal to every distance computed one by one."""

import numpy as np
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.siting.reach import pairs_nearer_than
from ilo_geo.siting.reach import reach_nearest
from ilo_geo.siting.reach import reach_within


def all_distances(sites, places):
    return np.hypot(*(sites[:, None] - places[None]).transpose(2, 0, 1))


def stored(reach):
    dense = np.full(reach.shape, np.nan)
    dense[np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr)), reach.indices] = reach.data
    return dense


@given(st.integers(0, 2**32 - 1), st.integers(1, 150), st.floats(0, 20))
@settings(deadline=None, max_examples=40)
def test_reach_is_every_pair_within_the_radius(seed, n_sites, radius_m):
    rng = np.random.default_rng(seed)
    sites = rng.integers(0, 20, (n_sites, 2)).astype(float)
    places = rng.integers(0, 20, (30, 2)).astype(float)
    away_m = all_distances(sites, places)
    expected = np.where(away_m <= radius_m, away_m, np.nan)
    found = stored(reach_within(sites, places, radius_m, distances=True))
    np.testing.assert_allclose(found, expected)
    assert (
        np.isfinite(stored(reach_within(sites, places, radius_m))) == (away_m <= radius_m)
    ).all()


def test_nearest_keeps_the_least_distances_of_each_place():
    rng = np.random.default_rng(1)
    sites, places = rng.random((9, 2)), rng.random((14, 2))
    found = np.sort(stored(reach_nearest(sites, places, 4)), axis=0)[:4]
    np.testing.assert_allclose(found, np.sort(all_distances(sites, places), axis=0)[:4])


def test_pairs_at_the_spacing_itself_are_not_too_near():
    xy = np.array([[0.0, 0], [3, 4], [3, 3.9]])
    assert pairs_nearer_than(xy, 5.0).tolist() == [[0, 2], [1, 2]]
    assert pairs_nearer_than(xy, 0.0).shape == (0, 2)
