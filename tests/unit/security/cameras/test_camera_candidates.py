"""Where cameras may hang: crossings, poles off the houses, merged and cut."""

from __future__ import annotations

import numpy as np
import shapely
from camera_town import frame
from camera_town import local
from camera_town import town_buildings
from camera_town import town_streets

from ilo_geo.security.cameras.candidates import Poles
from ilo_geo.security.cameras.candidates import find_poles
from ilo_geo.security.cameras.candidates import with_most_need
from ilo_geo.security.cameras.rules import camera_rules
from ilo_geo.security.visibility import walls_of


def poles_with(**sites: list[tuple[float, float]]) -> Poles:
    layers = {name: frame([shapely.Point(p) for p in xy]) for name, xy in sites.items()}
    blocks = walls_of(town_buildings().geometry).blocks
    return find_poles(layers, town_streets(), blocks, rules=camera_rules())


def places(poles: Poles) -> dict[str, tuple[float, float]]:
    return {
        i: tuple(np.round(xy, 6)) for i, xy in zip(poles.frame.index, local(poles.xy), strict=True)
    }


def test_only_where_three_streets_meet_is_a_crossing() -> None:
    found = places(poles_with()).values()
    grid = {(float(x), float(y)) for x in (0, 60, 120, 180) for y in (0, 60, 120, 180)}
    corners = {(x, y) for x in (0.0, 180.0) for y in (0.0, 180.0)}
    assert set(found) == grid - corners


def test_a_pole_near_a_crossing_takes_its_place() -> None:
    found = poles_with(poles=[(63.0, 60.0), (67.0, 120.0)])
    kept = places(found)
    assert kept["pole_0"] == (63.0, 60.0)
    assert (60.0, 60.0) not in kept.values()
    # 7 m apart is farther than the 6 m within which two places are one
    assert (67.0, 120.0) in kept.values()
    assert (60.0, 120.0) in kept.values()
    assert found.n_merged == 1


def test_a_pole_just_inside_a_house_hangs_before_its_wall_and_a_deep_one_is_refused() -> None:
    found = poles_with(poles=[(10.0, 30.0), (30.0, 30.0)])
    assert places(found)["pole_0"] == (7.5, 30.0)
    assert found.frame.loc["pole_0", "moved_m"] == 2.5
    assert "pole_1" not in found.frame.index
    assert (found.n_moved, found.n_refused) == (1, 1)


def test_a_public_building_is_watched_from_its_own_wall_however_deep_its_point() -> None:
    found = poles_with(schools=[(100.0, 40.0)])
    # the block ends at x = 112 and y = 52; both walls of the pair of houses are one block
    assert places(found)["school_0"] in {(112.5, 40.0), (100.0, 52.5)}


def test_every_place_found_is_kept_merged_or_refused() -> None:
    found = poles_with(poles=[(63, 60), (30, 30), (10, 30), (4, 90), (4, 95)], schools=[(40, 40)])
    assert found.n_found == len(found.frame) + found.n_merged + found.n_refused


def test_the_places_considered_are_those_with_most_need_within_range() -> None:
    found = poles_with(poles=[(4.0, 30.0), (64.0, 90.0)])
    random = np.random.default_rng(1)
    need_xy = found.xy.min(0) + 200 * random.random((300, 2))
    weight = random.random(300)
    by_hand = [
        sum(w for xy, w in zip(need_xy, weight, strict=True) if np.hypot(*(xy - p)) <= 50.0)
        for p in found.xy
    ]
    cut = with_most_need(found, need_xy, weight, 50.0, 5)
    best = sorted(range(len(by_hand)), key=lambda n: -by_hand[n])[:5]
    assert set(cut.frame.index) == {found.frame.index[n] for n in best}
    assert cut.n_left_out == len(found.frame) - 5
    assert np.allclose(sorted(cut.frame["need_reach_ratio"]), sorted(by_hand)[-5:])
