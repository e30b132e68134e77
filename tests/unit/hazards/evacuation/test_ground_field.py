"""The field over open ground: networkx, geometry of the plane, and what must never happen."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from skimage.graph import MCP_Geometric

from ilo_geo.hazards.evacuation.ground_field import MOVES
from ilo_geo.hazards.evacuation.ground_field import seconds_to_safety
from ilo_geo.hazards.evacuation.speeds import walk_seconds

CELL_M = 30.0
SPEED_M_S = 1.1
SHAPE = (9, 11)


def random_ground(seed: int, blocked: float = 0.25) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    elevation_m = rng.uniform(0, 20, SHAPE).astype(np.float32)
    elevation_m[rng.random(SHAPE) < 0.05] = np.nan
    factor = rng.choice([0.0, 0.5, 1.0], SHAPE, p=[blocked, 0.3, 0.7 - blocked])
    return elevation_m, factor.astype(np.float32), rng.random(SHAPE) < 0.05


def naive_between(row: int, col: int, down: int, right: int) -> tuple[list[tuple[int, int]], bool]:
    """Return the cells a move passes, and whether all of them must be open (else one)."""
    if abs(down) + abs(right) == 3:
        points = [(row + down * t, col + right * t) for t in (0.4, 0.6)]
        # the straight line from middle to middle is in these two cells at 2/5 and 3/5 of the way
        return [(round(r), round(c)) for r, c in points], True
    if abs(down) + abs(right) == 2:
        return [(row + down, col), (row, col + right)], False
    return [], True


def networkx_field(
    elevation_m: np.ndarray,
    factor: np.ndarray,
    safe: np.ndarray,
    *,
    formulation: str,
    neighbours: int,
    max_slope: float,
) -> np.ndarray:
    open_ = (factor > 0) & ~np.isnan(elevation_m)
    graph = nx.DiGraph()
    for row, col in zip(*np.nonzero(open_), strict=True):
        graph.add_node((row, col))
        for down, right in MOVES[:neighbours]:
            there = row + down, col + right
            if not (0 <= there[0] < SHAPE[0] and 0 <= there[1] < SHAPE[1] and open_[there]):
                continue
            cells, all_of_them = naive_between(row, col, down, right)
            way = [open_[cell] for cell in cells]
            if way and not (all(way) if all_of_them else any(way)):
                continue
            length_m = CELL_M * np.hypot(down, right)
            rise_m = float(elevation_m[there]) - float(elevation_m[row, col])
            if abs(rise_m) / length_m > max_slope:
                continue
            seconds = sum(
                walk_seconds(
                    length_m,
                    rise_m,
                    speed_m_s=SPEED_M_S,
                    factor=factor[cell],
                    formulation=formulation,
                )
                for cell in ((row, col), there)
            )
            # from there to here: the search runs from the safe cells outwards
            graph.add_edge(there, (row, col), weight=float(seconds) / 2)
    starts = set(zip(*np.nonzero(safe & open_), strict=True))
    reached = nx.multi_source_dijkstra_path_length(graph, starts) if starts else {}
    found = np.full(SHAPE, np.inf)
    for cell, seconds in reached.items():
        found[cell] = seconds
    return found


@pytest.mark.parametrize("neighbours", [8, 16])
@pytest.mark.parametrize("formulation", ["tobler", "rwalk"])
@pytest.mark.parametrize("seed", range(6))
def test_equal_to_networkx(seed: int, formulation: str, neighbours: int) -> None:
    """Oracle: networkx Dijkstra on a graph built cell by cell, obstacles and gaps included."""
    ground = random_ground(seed)
    how = {"formulation": formulation, "neighbours": neighbours, "max_slope": 0.5}
    found = seconds_to_safety(*ground, CELL_M, speed_m_s=SPEED_M_S, **how)
    np.testing.assert_allclose(found, networkx_field(*ground, **how), rtol=1e-6)


@pytest.mark.parametrize(("neighbours", "excess"), [(8, 0.083), (16, 0.028)])
def test_flat_plane_against_the_straight_line(neighbours: int, excess: float) -> None:
    """Geometry: 1 / cos 22.5° = 1.0824 with 8 directions, 1.0275 with 16; never shorter."""
    n = 101
    safe = np.zeros((n, n), bool)
    safe[n // 2, n // 2] = True
    flat, open_ = np.zeros((n, n)), np.ones((n, n))
    found = seconds_to_safety(flat, open_, safe, CELL_M, speed_m_s=SPEED_M_S, neighbours=neighbours)
    rows, cols = np.indices((n, n)) - n // 2
    straight = CELL_M * np.hypot(rows, cols) / SPEED_M_S
    ratio = found[~safe] / straight[~safe]
    assert ratio.min() >= 1 - 1e-6
    assert excess - 0.002 < ratio.max() - 1 <= excess


def test_slope_is_felt_in_the_direction_of_the_walk() -> None:
    """By hand: Tobler up and down a ramp of 10 %, 10 cells each way."""
    ramp = np.tile(np.arange(11) * 3.0, (3, 1))
    open_ = np.ones(ramp.shape)
    top, foot = np.zeros(ramp.shape, bool), np.zeros(ramp.shape, bool)
    top[:, -1], foot[:, 0] = True, True
    climb = seconds_to_safety(ramp, open_, top, CELL_M, speed_m_s=SPEED_M_S)[1, 0]
    descent = seconds_to_safety(ramp, open_, foot, CELL_M, speed_m_s=SPEED_M_S)[1, -1]
    assert climb == pytest.approx(300 / SPEED_M_S * np.exp(3.5 * 0.15 - 3.5 * 0.05))
    assert descent == pytest.approx(300 / SPEED_M_S * np.exp(3.5 * 0.05 - 3.5 * 0.05))


def test_a_wall_is_walked_round_and_a_corner_is_not_squeezed_through() -> None:
    """By hand: two blocked cells that meet at a corner close the diagonal between them."""
    open_ = np.array([[1, 0], [0, 1.0]])
    safe = np.array([[True, False], [False, False]])
    assert seconds_to_safety(open_, open_, safe, CELL_M, speed_m_s=SPEED_M_S)[1, 1] == np.inf
    open_[0, 1] = 1
    flat = np.zeros((2, 2))
    found = seconds_to_safety(flat, open_, safe, CELL_M, speed_m_s=SPEED_M_S)
    assert found[1, 1] == pytest.approx(np.sqrt(2) * CELL_M / SPEED_M_S)
    assert found[1, 0] == np.inf


def test_very_slow_ground_waits_beyond_the_last_bucket() -> None:
    """By hand: arcs 5,000 times longer than the shortest still get their exact time."""
    factor = np.array([[1.0, 1e-4, 1e-4, 1.0]])
    safe = np.array([[True, False, False, False]])
    found = seconds_to_safety(np.zeros((1, 4)), factor, safe, CELL_M, speed_m_s=1.0)
    expected = np.cumsum([0, 0.5 * (1 + 1e4), 1e4, 0.5 * (1 + 1e4)]) * CELL_M
    np.testing.assert_allclose(found[0], expected, rtol=1e-5)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), neighbours=st.sampled_from([8, 16]))
def test_blocking_never_shortens_and_safe_ground_never_lengthens(
    seed: int, neighbours: int
) -> None:
    """Property of the issue: removing ways never shortens a time."""
    elevation_m, factor, safe = random_ground(seed)
    rng = np.random.default_rng(seed)
    how = {"speed_m_s": SPEED_M_S, "neighbours": neighbours}
    before = seconds_to_safety(elevation_m, factor, safe, CELL_M, **how)
    fewer = np.where(rng.random(SHAPE) < 0.2, 0, factor)
    slack = 1e-6  # the same sums in another order
    assert (seconds_to_safety(elevation_m, fewer, safe, CELL_M, **how) >= before - slack).all()
    more = safe | (rng.random(SHAPE) < 0.1)
    assert (seconds_to_safety(elevation_m, factor, more, CELL_M, **how) <= before + slack).all()


def test_isotropic_field_equals_scikit_image() -> None:
    """Peer library: MCP_Geometric on flat ground of varying slowness."""
    rng = np.random.default_rng(7)
    factor = rng.uniform(0.2, 1.0, (40, 50)).astype(np.float32)
    safe = np.zeros(factor.shape, bool)
    safe[3, 4] = safe[30, 45] = True
    theirs = MCP_Geometric(1 / factor.astype(float)).find_costs(np.argwhere(safe))[0]
    ours = seconds_to_safety(np.zeros(factor.shape), factor, safe, CELL_M, speed_m_s=1.0)
    np.testing.assert_allclose(ours, theirs * CELL_M, rtol=1e-6)


def test_nothing_safe_is_infinite_and_inputs_stay_as_they_are() -> None:
    elevation_m, factor, safe = random_ground(3)
    copies = elevation_m.copy(), factor.copy(), safe.copy()
    seconds_to_safety(elevation_m, factor, safe, CELL_M, speed_m_s=SPEED_M_S)
    for given_, copy in zip((elevation_m, factor, safe), copies, strict=True):
        np.testing.assert_array_equal(given_, copy)
    nowhere = seconds_to_safety(
        elevation_m, factor, np.zeros(SHAPE, bool), CELL_M, speed_m_s=SPEED_M_S
    )
    assert np.isinf(nowhere).all()
    with pytest.raises(ValueError, match="12 neighbours"):
        seconds_to_safety(elevation_m, factor, safe, CELL_M, speed_m_s=1.0, neighbours=12)
