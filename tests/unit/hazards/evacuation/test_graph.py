"""The graph of people on a toy coast: times by hand, and ways that must not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from shapely.geometry import LineString
from shapely.geometry import Polygon

from ilo_geo.hazards.evacuation.parameters import EvacuationParams
from ilo_geo.hazards.evacuation.scene import EvacScene
from ilo_geo.hazards.evacuation.scene import evacuation_scene

if TYPE_CHECKING:
    from conftest import Toy

# with the sea at 5 m and a margin of 5 m, safe ground starts 100 m inland at a grade of 10 %
PARAMS = EvacuationParams(population_base="base", level_m=5, margin_m=5)
SAFE_FROM_M = 100.0
UPHILL = np.exp(3.5 * 0.15 - 3.5 * 0.05)  # Tobler on +10 %, seconds a metre at 1 m/s
COAST_X, MIDDLE_Y = 250_020.0, 8_049_800.0


def scene_of(toy: Toy, params: EvacuationParams = PARAMS) -> EvacScene:
    return evacuation_scene(toy.inputs(), params)


def node_at(scene: EvacScene, east_m: float, north_m: float = 0.0) -> int:
    gap = scene.graph.node_xy - (COAST_X + east_m, MIDDLE_Y + north_m)
    nearest = int(np.hypot(*gap.T).argmin())
    assert np.hypot(*gap[nearest]) < 0.01
    return nearest


def line(*points: tuple[float, float]) -> LineString:
    return LineString([(COAST_X + east, MIDDLE_Y + north) for east, north in points])


def test_times_up_the_street_by_hand(toy: Toy) -> None:
    """By hand: 10 % uphill by Tobler to the first safe node, every 20 m; houses leave no ground."""
    scene = scene_of(toy)
    assert not (scene.graph.cell_of_node >= 0).any()
    for east_m in (20, 40, 60, 80):
        found = scene.time_s[node_at(scene, east_m)]
        assert found == pytest.approx((SAFE_FROM_M - east_m) * UPHILL, rel=1e-5)
    assert scene.time_s[node_at(scene, SAFE_FROM_M)] == 0


def test_every_arc_has_its_way_back_and_its_street(toy: Toy) -> None:
    """By construction: pieces of at most 20 m, both directions, uphill slower than downhill."""
    graph = scene_of(toy).graph
    assert graph.arc_length_m.max() <= 20 + 1e-6
    seconds = {(u, v): s for u, v, s in zip(graph.arc_from, graph.arc_to, graph.arc_s, strict=True)}
    rise = graph.node_elevation_m[graph.arc_to] - graph.node_elevation_m[graph.arc_from]
    for u, v, up in zip(graph.arc_from, graph.arc_to, rise > 0, strict=True):
        assert (seconds[u, v] > seconds[v, u]) == up
    assert (graph.arc_link == 0).all()


def test_stairs_take_twice_as_long(toy: Toy) -> None:
    """Domain study §5.5: stairs leave half the speed."""
    stairs = [{**toy.streets[0], "street_class": "steps"}]
    street_s = scene_of(toy).time_s
    stairs_s = scene_of(toy.but(streets=stairs)).time_s
    np.testing.assert_allclose(stairs_s, 2 * street_s)


def test_open_ground_is_walked_at_its_factor(toy: Toy) -> None:
    """By hand: without houses, a cell 25 m from safe ground climbs at 0.56 of the speed."""
    scene = scene_of(toy.but(blocks=[]))
    middle_of_cells = np.flatnonzero(scene.graph.cell_of_node >= 0)
    xy = scene.graph.node_xy[middle_of_cells]
    far_north = middle_of_cells[(xy[:, 1] > MIDDLE_Y + 150) & (abs(xy[:, 0] - COAST_X - 75) < 1)]
    assert len(far_north)
    expected = 30 * UPHILL / 0.56  # three cells to the one at 105 m
    np.testing.assert_allclose(scene.time_s[far_north], expected, rtol=1e-5)


def test_a_wall_is_not_crossed(toy: Toy) -> None:
    """By hand: a wall along the coast leaves only the opening of the street."""
    wall = [line((62, -200), (62, -12)), line((62, 12), (62, 200))]
    free, walled = scene_of(toy.but(blocks=[])), scene_of(toy.but(blocks=[], barriers=wall))
    far = free.strip.cells_at(np.array([[COAST_X + 45, MIDDLE_Y + 175]]))[0]
    direct_s, round_s = free.cells_s.ravel()[far], walled.cells_s.ravel()[far]
    assert direct_s == pytest.approx(60 * UPHILL / 0.56, rel=1e-5)
    # to the opening more than 150 m along the coast, then up
    assert round_s > 150 / 0.56 + 40 * UPHILL


def test_nobody_steps_from_street_to_ground_through_a_wall(toy: Toy) -> None:
    """By hand: walls 5 m on both sides of the whole street part it from the open ground."""
    walls = [line((-20, 5), (700, 5)), line((-20, -5), (700, -5))]
    graph = scene_of(toy.but(blocks=[], barriers=walls)).graph
    free = scene_of(toy.but(blocks=[])).graph
    for found, joined in ((graph, False), (free, True)):
        ends = found.is_street_node[found.arc_from] != found.is_street_node[found.arc_to]
        assert ends.any() == joined


def test_ground_is_not_left_between_two_corners(toy: Toy) -> None:
    """By hand: of four cells, two houses on one diagonal close the other one."""
    houses = [box_at(51, 101), box_at(61, 111)]
    scene = scene_of(toy.but(blocks=houses))
    cells = scene.strip.cells_at(
        np.array([[COAST_X + 65, MIDDLE_Y + 105], [COAST_X + 55, MIDDLE_Y + 115]])
    )
    one, other = (int(np.flatnonzero(scene.graph.cell_of_node == cell)[0]) for cell in cells)
    arcs = scene.graph.arc_from == one
    assert arcs.any()
    assert other not in scene.graph.arc_to[arcs]


def box_at(east_m: float, north_m: float) -> Polygon:
    """Return a house of 8 m inside one cell of 10 m."""
    corners = [(0, 0), (8, 0), (8, 8), (0, 8)]
    return Polygon(line(*((east_m + e, north_m + n) for e, n in corners)).coords)


def test_a_lone_knoll_is_not_safe_and_a_large_one_is(toy: Toy) -> None:
    """By hand: 3 × 3 cells of 10 m are 900 m², less than the 1 ha safe ground must have."""
    spot = (slice(10, 13), slice(5, 8))
    low = toy.elevation_m.copy()
    low[spot] = 50
    scene = scene_of(toy.but(elevation_m=low, blocks=[]))
    assert not scene.strip.safe[10, 5:8].any()
    wide = toy.elevation_m.copy()
    wide[2:14, 3:12] = 50  # 12 × 9 cells: 1.08 ha
    assert scene_of(toy.but(elevation_m=wide, blocks=[])).strip.safe[5, 5]


def test_a_dry_basin_is_neither_safe_nor_to_be_left(toy: Toy) -> None:
    """By hand: inland ground below the level that does not flood is no safe ground."""
    basin = toy.elevation_m.copy()
    basin[5:15, 30:45] = 2.0
    inputs = toy.but(elevation_m=basin, blocks=[]).inputs()
    dry = inputs.flood.land.copy()
    dry[5:15, 30:45] = False
    outline = inputs.flood.outline
    object.__setattr__(
        inputs.flood, "outline", lambda c, level: outline(c, level) & (dry | ~inputs.flood.land)
    )
    strip = evacuation_scene(inputs, PARAMS).strip
    assert not strip.safe[8, 35]
    assert not strip.zone[8, 35]
    assert strip.safe[30, 35]


def test_steep_ground_is_not_climbed(toy: Toy) -> None:
    """By hand: a scarp of 10 m in one cell of 10 m is steeper than 0.5; the street has steps."""
    scarp = toy.elevation_m.copy()
    scarp[:, 12:] += 10
    scene = scene_of(toy.but(elevation_m=scarp, blocks=[]))
    arcs = scene.graph
    rise = np.abs(arcs.node_elevation_m[arcs.arc_to] - arcs.node_elevation_m[arcs.arc_from])
    ground = arcs.arc_link < 0
    assert (rise[ground] <= 0.5 * arcs.arc_length_m[ground] + 1e-9).all()
    assert (rise[~ground] > 0.3 * arcs.arc_length_m[~ground]).any()


def test_a_refuge_is_safe_where_it_stands(toy: Toy) -> None:
    """By hand: a refuge 10 m beside the street's node at 40 m, reached over open ground."""
    refuge = [line((40, 10), (40, 11)).centroid]
    scene = scene_of(toy.but(refuges=refuge))
    at = node_at(scene, 40)
    assert scene.time_s[at] == pytest.approx(10.5 / 0.56, rel=0.05)
    assert scene.time_s[node_at(scene, 60)] < 40 * UPHILL
    assert scene.time_s[at] < 60 * UPHILL


def test_a_closed_yard_is_no_way(toy: Toy) -> None:
    """By hand: open cells with houses on every side are crossable, but in no graph."""
    outer = line((40, 60), (120, 60), (120, 140), (40, 140))
    inner = line((60, 80), (100, 80), (100, 120), (60, 120))
    houses = [toy.blocks[1], Polygon(outer.coords, [inner.coords])]
    scene = scene_of(toy.but(blocks=houses))
    assert scene.strip.ground.ravel()[_yard_cell(scene)]
    assert _yard_cell(scene) not in scene.graph.cell_of_node
    open_field = scene_of(toy.but(blocks=houses[:1]))
    assert _yard_cell(open_field) in open_field.graph.cell_of_node


def _yard_cell(scene: EvacScene) -> int:
    return int(scene.strip.cells_at(np.array([[COAST_X + 75.0, MIDDLE_Y + 95.0]]))[0])


def test_the_scene_holds_for_every_walker(toy: Toy) -> None:
    """Property: all seconds scale with 1 / speed, so the best arcs stay the same."""
    graph = scene_of(toy).graph
    np.testing.assert_allclose(graph.at_speed(2.0).arc_s, graph.arc_s / 2)
    assert graph.at_speed(2.0).speed_m_s == 2.0


@pytest.mark.parametrize("formulation", ["tobler", "rwalk"])
def test_cells_without_ground_take_the_street(toy: Toy, formulation: str) -> None:
    """By hand: a cell in a block is its nearest street node plus the gap at 0.56 of the speed."""
    params = PARAMS.model_copy(update={"formulation": formulation})
    scene = scene_of(toy, params)
    cell = scene.strip.cells_at(np.array([[COAST_X + 41.0, MIDDLE_Y + 35.0]]))
    gap_m = np.hypot(5, 35)  # the middle of the cell is at 45, 35; the node at 40 or 60
    by_hand = gap_m / 0.56 + scene.time_s[node_at(scene, 40)]
    assert scene.cells_s.ravel()[cell][0] == pytest.approx(by_hand)
    assert np.isinf(scene.cells_s[~scene.strip.domain]).all()


def test_nothing_in_the_way_is_never_slower(toy: Toy) -> None:
    """Property: the field without obstacles, up to its 2.8 % of the grid's own detour."""
    scene = scene_of(toy.but(blocks=[]))
    known = np.isfinite(scene.cells_s) & scene.strip.zone
    assert known.any()
    assert (scene.direct_s[known] <= 1.028 * scene.cells_s[known] + 2 * scene.strip.cell_m).all()
