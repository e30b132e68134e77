"""Error fields against the theory they claim, and the floods drawn with them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from ilo_geo.core.layer import Status
from ilo_geo.hazards.flood import flood_levels_m
from ilo_geo.hazards.flood_draws import FloodDraws
from ilo_geo.hazards.flood_draws import candidates
from ilo_geo.hazards.flood_draws import draw_floods
from ilo_geo.hazards.terrain_error import ErrorField
from ilo_geo.hazards.terrain_error import terrain_errors
from ilo_geo.hazards.terrain_error import terrain_kind


def fields(n: int, shape: tuple[int, int], **error: float) -> np.ndarray:
    row, col = (axis.ravel() for axis in np.indices(shape))
    field = ErrorField(row, col, **error)
    return np.stack([field.draw_m(np.random.default_rng(i)) for i in range(n)])


@pytest.mark.parametrize("correlation_m", [60.0, 300.0, 1000.0])
def test_error_has_no_bias_and_the_stated_standard_deviation_everywhere(
    correlation_m: float,
) -> None:
    drawn = fields(4000, (6, 9), cell_m=30.0, rmse_m=4.0, correlation_m=correlation_m)
    # of 4,000 normal draws: mean ± 4 / sqrt(4000), deviation ± 4 / sqrt(2 x 4000), five times each
    assert np.abs(drawn.mean(axis=0)).max() < 5 * 4 / np.sqrt(4000)
    assert np.abs(drawn.std(axis=0) - 4).max() < 5 * 4 / np.sqrt(8000)


def test_error_is_correlated_by_the_gaussian_it_is_said_to_be() -> None:
    """Theory: exp(-(d / L)²), and the same in every direction."""
    cell_m, correlation_m = 50.0, 300.0
    drawn = fields(20_000, (13, 13), cell_m=cell_m, rmse_m=1.0, correlation_m=correlation_m)
    drawn = drawn.reshape(-1, 13, 13)
    for dy, dx in [(0, 1), (0, 3), (3, 0), (0, 6), (4, 4), (0, 12), (12, 12)]:
        found = np.mean(drawn[:, 0, 0] * drawn[:, dy, dx])
        distance_m = cell_m * np.hypot(dy, dx)
        # the error of a correlation of 20,000 pairs is under 0.0071; 0.01 by the lattice itself
        assert abs(found - np.exp(-((distance_m / correlation_m) ** 2))) < 0.03


def test_error_is_gaussian() -> None:
    """Theory: shares beyond one, two and three standard deviations."""
    drawn = fields(3000, (1, 40), cell_m=400.0, rmse_m=2.0, correlation_m=100.0)
    for sigmas in (1, 2, 3):
        expected = norm.sf(sigmas)
        assert np.mean(drawn > 2.0 * sigmas) == pytest.approx(expected, rel=0.15)


def flood_of(elevation_m: np.ndarray, *, rmse_m: float, seed: int = 5, n: int = 200) -> FloodDraws:
    sea = np.zeros(elevation_m.shape, dtype=bool)
    sea[:, 0] = True
    level_m = flood_levels_m(elevation_m, sea)
    none = np.zeros_like(sea)
    cells = candidates(elevation_m, level_m, sea, none, none, highest_m=30 + 4 * rmse_m)
    row, col = np.divmod(cells.cell, elevation_m.shape[1])
    error = ErrorField(row, col, 30.0, rmse_m, 300.0)
    return draw_floods(cells, error, n_draws=n, seed=seed, max_level_m=30.0)


def rough(seed: int = 2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    col = np.arange(60)
    return col / 3 + rng.normal(0, 2.5, (50, 60))


def test_one_cell_at_the_sea_floods_as_often_as_the_normal_law_says() -> None:
    """Theory: P(z + e <= h) = Phi((h - z) / rmse), for every level at once."""
    elevation_m = np.array([[0.0, 10.0]])
    drawn = flood_of(elevation_m, rmse_m=4.0, n=4000)
    for level_m in (4.0, 8.0, 10.0, 13.0, 20.0):
        expected = norm.cdf((level_m - 10.0) / 4.0)
        error = 5 * np.sqrt(expected * (1 - expected) / 4000)
        assert abs(drawn.probability(int(level_m * 100))[0] - expected) <= error


def test_without_error_every_draw_is_the_terrain_itself() -> None:
    elevation_m = rough()
    sea = np.zeros(elevation_m.shape, dtype=bool)
    sea[:, 0] = True
    level_m = flood_levels_m(elevation_m, sea, max_level_m=30.0)
    drawn = flood_of(elevation_m, rmse_m=0.0, n=20)
    same = np.full(level_m.size, np.inf)
    same[drawn.cell] = drawn.quantile_cm(0.5) / 100
    np.testing.assert_allclose(same.reshape(level_m.shape)[:, 1:], level_m[:, 1:], atol=1e-5)
    assert (drawn.sorted_cm[:, 0] == drawn.sorted_cm[:, -1]).all()


def test_draws_are_the_floods_of_the_whole_grid_with_the_same_errors() -> None:
    """Oracle: the grid search on each terrain plus its error, one by one."""
    elevation_m = rough()
    shape = elevation_m.shape
    sea = np.zeros(shape, dtype=bool)
    sea[:, 0] = True
    reach = np.zeros(shape, dtype=bool)
    reach[20, 30:50] = True
    start = np.zeros(shape, dtype=bool)
    start[45, 55:] = True  # a shore that no sea cell lies at, behind higher ground
    level_m = flood_levels_m(elevation_m, sea, start=start)
    cells = candidates(elevation_m, level_m, sea, start, reach, highest_m=1e4)
    row, col = np.divmod(cells.cell, shape[1])
    error = ErrorField(row, col, 30.0, 4.0, 200.0)
    drawn = draw_floods(cells, error, n_draws=25, seed=11, max_level_m=30.0)
    levels = []
    for child in np.random.SeedSequence(11).spawn(25):
        terrain = elevation_m.copy()
        terrain.ravel()[cells.cell] += error.draw_m(np.random.default_rng(child))
        one = flood_levels_m(terrain, sea, start=start, max_level_m=30.0)
        own = np.where(terrain <= 30, np.maximum(0, np.ceil(terrain * 100 - 0.01) / 100), np.inf)
        levels.append(np.where(reach, np.minimum(one, own), one))
    for asked_m in (0.0, 3.5, 10.0, 15.0, 29.99):
        expected = np.mean([one <= asked_m + 1e-5 for one in levels], axis=0)
        found = np.zeros(shape)
        found.ravel()[drawn.cell] = drawn.probability(round(asked_m * 100))
        np.testing.assert_allclose(found[~sea], expected[~sea], atol=1e-6)


def test_probability_never_falls_as_the_level_rises_and_meets_its_quantiles() -> None:
    drawn = flood_of(rough(), rmse_m=4.0, n=100)
    before = np.zeros(len(drawn.cell), dtype=np.float32)
    for level_cm in range(0, 3001, 100):
        now = drawn.probability(level_cm)
        assert (now >= before).all()
        for ratio in (0.05, 0.5, 0.95):
            np.testing.assert_array_equal(
                drawn.quantile_cm(ratio) <= level_cm, now >= np.float32(ratio)
            )
        before = now
    assert before.max() == 1


def test_equal_seeds_give_equal_draws_and_others_do_not() -> None:
    one, same, other = (flood_of(rough(), rmse_m=4.0, seed=seed) for seed in (7, 7, 8))
    np.testing.assert_array_equal(one.sorted_cm, same.sorted_cm)
    np.testing.assert_array_equal(one.cell, same.cell)
    shared = np.intersect1d(one.cell, other.cell)
    assert len(shared) > 100
    assert (
        one.sorted_cm[np.isin(one.cell, shared)] != other.sorted_cm[np.isin(other.cell, shared)]
    ).any()


def test_cells_left_out_could_not_have_flooded() -> None:
    """Oracle: the same draws with no cell left out."""
    elevation_m = rough()
    elevation_m[:, 40:] += 30
    elevation_m[10:20, 50:55] = 1.0  # a basin behind ground too high for any draw
    drawn = flood_of(elevation_m, rmse_m=3.0, n=50)
    row, col = np.divmod(drawn.cell, 60)
    assert col.max() < 45
    assert (elevation_m[row, col] <= 42).all()


@pytest.mark.parametrize(
    ("status", "source", "rmse_m"),
    [
        (Status.OBSERVED, "Copernicus DEM GLO-30 (ESA)", 4.0),
        (Status.OBSERVED, "SRTM 1″ (NASA/USGS)", 6.0),
        (Status.MODELLED, "Modelo interpolado de cotas SRTM", 11.0),
        (Status.OFFICIAL, "Levantamiento LiDAR municipal 2024", 0.5),
        (Status.OFFICIAL, "sin más datos", 8.0),
    ],
)
def test_error_by_what_the_terrain_is(status: Status, source: str, rmse_m: float) -> None:
    """A modelled terrain is never taken for the survey its source mentions."""
    assert terrain_kind(status, source).rmse_m == rmse_m


def test_figures_from_memory_say_so() -> None:
    """Issue: 4 m for GLO-30, more for modelled terrain; only what was computed here is CALC."""
    kinds = {kind.id: kind for kind in terrain_errors()}
    assert kinds["modelled"].rmse_m > kinds["glo30"].rmse_m == 4.0
    assert {kind.verified for name, kind in kinds.items() if name != "modelled"} == {"NV"}
    assert terrain_kind(Status.DERIVED, "?").id == "unknown"
