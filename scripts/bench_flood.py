"""Flood levels of a large terrain beside labelling each level, their memory, and 200 terrains."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from bench_figures import Figure
from bench_figures import best_of
from scipy import __version__ as scipy_version
from scipy.ndimage import label
from scipy.ndimage import zoom

from ilo_geo.hazards.flood import flood_levels_m
from ilo_geo.hazards.tsunami import TsunamiLayers
from ilo_geo.hazards.tsunami import TsunamiParams
from ilo_geo.hazards.tsunami import tsunami_scene
from ilo_geo.services.areas import Area

SIDE_CELLS = 4000
LEVELS_M = range(5, 26)
N_TERRAINS = 200
SEED = 20261122
EIGHT = np.ones((3, 3))
MEMORY_TARGET_MB = 2000
MAX_DIFFERENT_RATIO = 1e-4
PEAK = (
    "import resource, bench_flood as b; b.flood_levels_m(*b.large_terrain()); "
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
)


def large_terrain() -> tuple[np.ndarray, np.ndarray]:
    """Return a coast with hills of every size and rough ground, and the sea west of it."""
    rng = np.random.default_rng(SEED)
    rise_m = np.linspace(-8, 60, SIDE_CELLS, dtype=np.float32)
    elevation_m = np.tile(rise_m, (SIDE_CELLS, 1))
    for knots, height_m in ((8, 15), (32, 6), (128, 3), (512, 1), (2000, 0.3)):
        hills = rng.normal(0, height_m, (knots, knots)).astype(np.float32)
        elevation_m += zoom(hills, SIDE_CELLS / knots, order=1, grid_mode=True, mode="nearest")
    sea = np.zeros(elevation_m.shape, dtype=bool)
    sea[:, 0] = True
    return elevation_m, sea


def flood_levels() -> Iterator[Figure]:
    """All levels of 16 M cells in one pass; scipy labels the low ground once a level."""
    elevation_m, sea = large_terrain()
    flood_levels_m(elevation_m[:9, :9], sea[:9, :9])
    ours_s, level_m = best_of(lambda: flood_levels_m(elevation_m, sea))
    peer_s, wet = best_of(lambda: [_labelled(elevation_m, sea, m) for m in LEVELS_M], runs=1)
    for asked_m, theirs in zip(LEVELS_M, wet, strict=True):
        # ground within a tenth of a millimetre of a level may be on either side
        different = (level_m <= asked_m) != theirs
        np.testing.assert_array_less(different.mean(), MAX_DIFFERENT_RATIO)
    size = f"{SIDE_CELLS} × {SIDE_CELLS} cells, every level; scipy: {len(LEVELS_M)} levels"
    yield Figure("flood levels", size, ours_s, "≤ 1.5 s", f"scipy {scipy_version} label", peer_s)
    yield peak_memory(ours_s)


def _labelled(elevation_m: np.ndarray, sea: np.ndarray, level_m: float) -> np.ndarray:
    pieces, n = label(sea | (elevation_m <= level_m), EIGHT)
    reached = np.zeros(n + 1, dtype=bool)
    reached[pieces[sea]] = True
    reached[0] = False
    return reached[pieces]


def peak_memory(ours_s: float) -> Figure:
    """Return the peak memory of a process of its own that floods 16 M cells."""
    run = subprocess.run(
        [sys.executable, "-c", PEAK],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent,
    )
    peak_mb = int(run.stdout) / 1024
    size = f"{SIDE_CELLS**2 // 10**6} M cells: {peak_mb:.0f} MB, terrain included"
    return Figure("flood levels, peak memory", size, ours_s, f"≤ {MEMORY_TARGET_MB} MB")


def drawn_terrains(area: Area) -> Figure:
    """Return the time of 200 terrains with error, everything a map of the area needs included."""
    terrain = area.raster("terrain")
    layers = TsunamiLayers(
        elevation_m=terrain.values,
        transform=terrain.transform,
        crs=terrain.crs,
        terrain_status=terrain.meta.status,
        terrain_source=terrain.meta.source,
        land=area.frame("districts"),
        coastline=area.frame("coastline"),
        river=area.frame("river"),
        spot_heights=area.frame("spot_heights"),
    )
    params = TsunamiParams(population_base="any", n_draws=N_TERRAINS)
    ours_s, field = best_of(lambda: tsunami_scene(layers, params), runs=3)
    n_cells = len(field.draws.cell)
    size = f"{N_TERRAINS} terrains of {area.config.id}, {n_cells} cells that may flood"
    return Figure("tsunami, checks to probabilities", size, ours_s, "≤ 10 s")
