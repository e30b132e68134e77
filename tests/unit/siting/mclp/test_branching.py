from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.siting.mclp.branching import Part
from ilo_geo.siting.mclp.branching import relaxed
from ilo_geo.siting.mclp.branching import split
from ilo_geo.siting.mclp.cover import Cover
from ilo_geo.siting.mclp.cover import cover_of


def drawn(seed: int) -> tuple[Cover, Part, int, float]:
    rng = np.random.default_rng(seed)
    n_sites, n_places = int(rng.integers(4, 10)), int(rng.integers(3, 25))
    reach = rng.random((n_sites, n_places)) < 0.3
    start = np.concatenate([[0], np.cumsum(reach.sum(axis=1))])
    cover = cover_of(
        start, np.nonzero(reach)[1].astype(np.int32), rng.integers(1, 9, n_places).astype(float)
    )
    mark = rng.permutation(n_sites).astype(np.int32)
    n_fixed, n_out = int(rng.integers(0, 2)), int(rng.integers(0, 2))
    free = np.sort(mark[n_fixed + n_out :])
    groups = tuple(
        np.sort(rng.choice(free, min(len(free), int(rng.integers(1, 4))), replace=False))
        for _ in range(int(rng.integers(0, 3)))
    )
    part = Part(np.inf, free, np.sort(mark[:n_fixed]), groups)
    return cover, part, int(rng.integers(n_fixed + 1, 5)), float(rng.choice([0.1, 3.0, 50.0]))


def choices(part: Part, count: int) -> list[np.ndarray]:
    rest = combinations(part.free.tolist(), min(count - len(part.fixed), len(part.free)))
    every = [np.array([*part.fixed, *sites], dtype=np.int32) for sites in rest]
    return [sites for sites in every if all(np.isin(g, sites).any() for g in part.groups)]


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 2**32 - 1))
def test_no_choice_of_a_part_passes_its_bound(seed: int) -> None:
    cover, part, count, group_weight = drawn(seed)
    bound = relaxed(cover, part, count, group_weight, lambda _: False).part.bound
    for sites in choices(part, count):
        assert cover.weight_of(sites) <= bound * (1 + 1e-9)


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 2**32 - 1), st.integers(0, 1))
def test_splitting_loses_no_choice_that_covers_what_is_needed(seed: int, kind: int) -> None:
    cover, part, count, group_weight = drawn(seed)
    found = relaxed(cover, part, count, group_weight, lambda _: False)
    values = {tuple(sorted(sites)): cover.weight_of(sites) for sites in choices(part, count)}
    needed = sorted(values.values())[-2] if len(values) > 1 else 0.0
    if not found.options:
        return
    kept = {
        tuple(sorted(sites))
        for half in split(found, count, needed, kind)
        for sites in choices(half, count)
    }
    better = {sites for sites, value in values.items() if value > needed}
    assert better <= kept
