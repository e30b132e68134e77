"""What errors of masts and weights do to a choice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from camera_town import town_inputs
from camera_town import town_params

from ilo_geo.security.cameras.question import CameraInputs
from ilo_geo.security.cameras.question import camera_scene
from ilo_geo.security.cameras.rules import camera_rules
from ilo_geo.security.cameras.sight import PlanSight
from ilo_geo.security.cameras.sight import SolidSight
from ilo_geo.security.cameras.tables import Chosen
from ilo_geo.security.cameras.uncertainty import Uncertain
from ilo_geo.security.cameras.uncertainty import draw
from ilo_geo.security.cameras.uncertainty import open_sightings
from ilo_geo.security.cameras.uncertainty import seen_places
from ilo_geo.security.visibility.prisms import prisms_of


@pytest.fixture(scope="module")
def inputs() -> CameraInputs:
    return town_inputs()


@pytest.fixture(scope="module")
def chosen(inputs: CameraInputs) -> Chosen:
    scene = camera_scene(inputs, town_params(), camera_rules())
    order = np.argsort(-(scene.views.reach @ scene.demand.weight))
    return Chosen.of(scene, np.sort(order[:1]))


def uncertain(inputs: CameraInputs, chosen: Chosen, **changes: object) -> Uncertain:
    scene = chosen.scene
    usual = Uncertain(
        sight=scene.sight,
        demand=scene.demand,
        at_dwelling=scene.at_dwelling,
        folds=scene.question.folds,
        blocks=inputs.walls.blocks,
        error_m=5.0,
        n_draws=8,
        seed=7,
    )
    return replace(usual, **changes)


def test_without_error_every_draw_sees_what_the_plan_says(
    inputs: CameraInputs, chosen: Chosen
) -> None:
    found = draw(chosen.hung, uncertain(inputs, chosen, error_m=0.0), camera_rules())
    expected = float(chosen.scene.demand.need @ chosen.seen)
    assert expected > 0
    assert found.need_ratio.tolist() == pytest.approx([expected] * 8)
    # weights still swing
    assert np.ptp(found.demand_ratio) > 0


def test_draws_of_a_seed_are_equal_and_of_another_differ(
    inputs: CameraInputs, chosen: Chosen
) -> None:
    one, again, other = (
        draw(chosen.hung, uncertain(inputs, chosen, seed=seed), camera_rules()).demand_ratio
        for seed in (7, 7, 8)
    )
    assert one.tolist() == again.tolist()
    assert one.tolist() != other.tolist()


def test_no_draws_give_no_interval(inputs: CameraInputs, chosen: Chosen) -> None:
    found = draw(chosen.hung, uncertain(inputs, chosen, n_draws=0), camera_rules())
    assert found.interval(found.need_ratio, camera_rules()) is None


def test_without_buildings_a_camera_sees_at_least_as_much(chosen: Chosen) -> None:
    scene, hung = chosen.scene, chosen.hung
    free = seen_places(
        hung,
        open_sightings(hung.xy, scene.demand.xy, hung.reach_m),
        scene.at_dwelling,
        scene.question.folds,
    )
    assert (free >= chosen.seen).all()


def test_sight_over_houses_of_endless_height_is_that_of_the_plan(
    inputs: CameraInputs, chosen: Chosen
) -> None:
    xy, need_xy = chosen.scene.poles.xy[:6], chosen.scene.demand.xy
    plan = PlanSight(inputs.walls).places(xy, need_xy, 60.0)
    tall = SolidSight(prisms_of(inputs.walls.blocks, np.inf), 7.0, 1.7, 2.0)
    solid = tall.places(xy, need_xy, 60.0)
    # the rim of the plan's range is a polygon: places within a tenth of a metre of it may differ
    inner = [one.distance_m < 59.9 for one in (plan, solid)]
    pairs = [
        set(zip(one.pole[near].tolist(), one.place[near].tolist(), strict=True))
        for one, near in zip((plan, solid), inner, strict=True)
    ]
    assert pairs[0] == pairs[1]
    assert len(pairs[0]) > 50


def test_a_camera_looks_over_low_houses(inputs: CameraInputs, chosen: Chosen) -> None:
    xy, need_xy = chosen.scene.poles.xy[:6], chosen.scene.demand.xy
    low = SolidSight(prisms_of(inputs.walls.blocks, 1.0), 7.0, 1.7, 2.0)
    plan = PlanSight(inputs.walls)
    assert len(low.places(xy, need_xy, 60.0).pole) > len(plan.places(xy, need_xy, 60.0).pole)
    around = low.shapes(xy[:1], 30.0)[0].area
    assert around == pytest.approx(np.pi * 30.0**2, rel=0.02)
