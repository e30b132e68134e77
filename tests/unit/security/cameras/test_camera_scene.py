"""What pole × heading × lens would see, beside a naive look at every line of sight."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import shapely
from camera_town import frame
from camera_town import town_buildings
from camera_town import town_inputs
from camera_town import town_params
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.security.cameras.question import Scene
from ilo_geo.security.cameras.question import camera_scene
from ilo_geo.security.cameras.rules import camera_rules
from ilo_geo.security.cameras.scene import off_axis_deg
from ilo_geo.security.cameras.scene import too_near_pairs
from ilo_geo.security.optics import masking_rule


@pytest.fixture(scope="module")
def scene() -> Scene:
    return camera_scene(town_inputs(), town_params(), camera_rules())


def sees(scene: Scene, view: int, place: int) -> bool:
    """Look along one line, with nothing of the module used."""
    views, lens = scene.views, scene.lenses[scene.views.lens[view]]
    start, end = scene.poles.xy[views.pole[view]], scene.demand.xy[place]
    east, north = end - start
    distance_m = float(np.hypot(east, north))
    heading = np.radians(views.heading_deg[view])
    along = (east * np.sin(heading) + north * np.cos(heading)) / max(distance_m, 1e-12)
    if not lens.near_m <= distance_m <= lens.far_m:
        return False
    if along < np.cos(np.radians(lens.hfov_deg / 2)):
        return False
    line, buildings = shapely.LineString([start, end]), town_buildings()
    homes = buildings[buildings["residential"]].geometry
    at_home = homes.distance(shapely.Point(end)).min() <= masking_rule().depth_m
    if at_home and distance_m <= lens.mask_m:
        return False
    inside_m = line.intersection(buildings.union_all()).length
    touched = buildings.union_all().boundary.intersection(line).length
    return inside_m - touched <= 1e-9


def test_a_view_sees_exactly_the_places_that_a_naive_look_finds(scene: Scene) -> None:
    random = np.random.default_rng(3)
    some = random.choice(len(scene.views), 12, replace=False)
    for view in some:
        found = set(scene.views.reach[[view]].indices)
        assert found == {p for p in range(len(scene.demand.xy)) if sees(scene, view, p)}
    assert scene.views.reach[some].nnz > 20


def test_a_place_in_the_strip_before_a_dwelling_counts_for_no_camera_that_would_recognise() -> None:
    need = town_inputs().need
    # on the western wall of a dwelling, and as far from a pole on the open street
    extra = frame([shapely.Point(7.8, 25.0), shapely.Point(2.0, 25.0)], length_m=10.0)
    moved = need.points.copy()
    moved.geometry = [*extra.geometry, *need.points.geometry.iloc[2:]]
    inputs = town_inputs(need=replace(need, points=moved))
    scene = camera_scene(inputs, town_params(camera_model="fixed_4mp_4mm"), camera_rules())
    lens = scene.lenses[0]
    seeing = scene.views.reach.tocsc()
    near = [
        view
        for view in seeing[:, [0]].indices
        if np.hypot(*(scene.poles.xy[scene.views.pole[view]] - scene.demand.xy[0])) <= lens.mask_m
    ]
    assert near == []
    assert len(seeing[:, [1]].indices) > 0


def test_angles_are_measured_the_short_way_round() -> None:
    assert off_axis_deg(np.array([350.0, 10.0, 180.0]), 0.0).tolist() == [10.0, 10.0, 180.0]
    assert off_axis_deg(np.array([5.0]), 355.0).tolist() == [10.0]


@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_views_kept_apart_are_those_of_one_pole_that_look_too_alike(
    scene: Scene, most: int
) -> None:
    views = scene.views
    found = {tuple(sorted(pair)) for pair in too_near_pairs(views, most).tolist()}
    by_hand = set()
    for pole in np.unique(views.pole):
        for one, other in combinations(np.flatnonzero(views.pole == pole).tolist(), 2):
            turn = abs(views.heading_deg[one] - views.heading_deg[other])
            if min(turn, 360 - turn) < 360 / most - 1e-6:
                by_hand.add((one, other))
    assert found == by_hand


@given(st.integers(1, 8), st.integers(0, 2**31))
@settings(deadline=None, max_examples=25)
def test_no_more_than_the_limit_can_hang_on_a_pole(most: int, seed: int) -> None:
    """Headings at least a turn / m apart: any set without a barred pair has at most m of a pole."""
    random = np.random.default_rng(seed)
    headings = np.arange(16) * 22.5
    taken: list[float] = []
    for heading in random.permutation(headings):
        if all(off_axis_deg(np.array([heading]), other)[0] >= 360 / most - 1e-9 for other in taken):
            taken.append(heading)
    assert 1 <= len(taken) <= most
