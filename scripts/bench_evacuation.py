"""The evacuation field of a large terrain beside scikit-image, its memory, and Ilo."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from bench_figures import Figure
from bench_figures import best_of
from scipy.ndimage import zoom

from ilo_geo.hazards.evacuation.analysis import analyse
from ilo_geo.hazards.evacuation.ground_field import seconds_to_safety
from ilo_geo.hazards.evacuation.parameters import EvacuationParams
from ilo_geo.hazards.evacuation.scene import EvacuationInputs
from ilo_geo.hazards.evacuation.scene import evacuation_scene

SIDE_CELLS = 2000
MEMORY_SIDE_CELLS = 4000
CELL_M = 30.0
SPEED_M_S = 1.0
N_SAFE = 20
FACTORS = (0.56, 1.0)
N_PATCHES = 200
SEED = 20261122
MEMORY_TARGET_MB = 2000
PEAK = (
    "import resource, bench_evacuation as b; b.field(b.large_ground(b.MEMORY_SIDE_CELLS)); "
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
)


def large_ground(side_cells: int = SIDE_CELLS) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return hills of every size, patches of sand and street, and a few safe places."""
    rng = np.random.default_rng(SEED)
    elevation_m = np.zeros((side_cells, side_cells), dtype=np.float32)
    for knots, height_m in ((8, 150), (32, 40), (128, 10), (500, 2)):
        hills = rng.normal(0, height_m, (knots, knots)).astype(np.float32)
        elevation_m += zoom(hills, side_cells / knots, order=1, grid_mode=True, mode="nearest")
    patches = rng.choice(np.array(FACTORS, dtype=np.float32), (N_PATCHES, N_PATCHES))
    factor = zoom(patches, side_cells / N_PATCHES, order=0, grid_mode=True, mode="nearest")
    safe = np.zeros(elevation_m.shape, dtype=bool)
    safe[tuple(rng.integers(0, side_cells, (2, N_SAFE)))] = True
    return elevation_m, factor, safe


def field(ground: tuple[np.ndarray, np.ndarray, np.ndarray], neighbours: int = 8) -> np.ndarray:
    """Return the seconds to safety of every cell."""
    return seconds_to_safety(*ground, CELL_M, speed_m_s=SPEED_M_S, neighbours=neighbours)


def evacuation_field(peer_python: str) -> Iterator[Figure]:
    """Time the anisotropic field; scikit-image's is isotropic, so flat ground is compared."""
    elevation_m, factor, safe = large_ground()
    field((elevation_m[:9, :9], factor[:9, :9], safe[:9, :9]))
    size = f"{elevation_m.size / 1e6:.0f} M cells"
    ours_s, _ = best_of(lambda: field((elevation_m, factor, safe)), runs=3)
    flat = np.zeros_like(elevation_m), factor, safe
    yield _beside_scikit_image(
        flat, peer_python, Figure("evacuation field, uphill ≠ downhill", size, ours_s, "≤ 1 s")
    )
    ours_s, _ = best_of(lambda: field((elevation_m, factor, safe), neighbours=16), runs=3)
    yield Figure("evacuation field, 16 directions", size, ours_s, "")
    yield _peak_memory()


def _beside_scikit_image(
    flat: tuple[np.ndarray, np.ndarray, np.ndarray], peer_python: str, ours: Figure
) -> Figure:
    _, factor, safe = flat
    with tempfile.TemporaryDirectory() as folder:
        saved, answer = Path(folder) / "ground.npz", Path(folder) / "costs.npy"
        np.savez(saved, slowness=1 / factor.astype(float), sources=np.argwhere(safe))
        script = Path(__file__).with_name("bench_skimage.py")
        run = subprocess.run(
            [peer_python, str(script), str(saved), str(answer)],
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            reason = run.stderr.strip().splitlines()[-1]
            missing = f"scikit-image absent ({reason})"
            return Figure(ours.what, ours.size, ours.ours_s, ours.target, missing)
        peer = json.loads(run.stdout.splitlines()[-1])
        costs = np.load(answer)
    # the same times where the slope plays no part
    np.testing.assert_allclose(field(flat), costs * CELL_M / SPEED_M_S, rtol=1e-5)
    name = f"scikit-image {peer['version']} MCP_Geometric, isotropic"
    return Figure(
        ours.what, ours.size, ours.ours_s, ours.target, name, peer["elapsed_s"], peer["peak_mb"]
    )


def _peak_memory() -> Figure:
    """Return the peak memory of a process of its own."""
    run = subprocess.run(
        [sys.executable, "-c", PEAK],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent,
    )
    peak_mb = int(run.stdout) / 1024
    ground = large_ground(MEMORY_SIDE_CELLS)
    ours_s, _ = best_of(lambda: field(ground), runs=1)
    size = f"{MEMORY_SIDE_CELLS**2 // 10**6} M cells: {peak_mb:.0f} MB, terrain included"
    return Figure("evacuation field, peak memory", size, ours_s, f"≤ {MEMORY_TARGET_MB} MB")


def evacuation_of_the_city(inputs: EvacuationInputs, params: EvacuationParams) -> Iterator[Figure]:
    """Time the ways of a city from its layers in memory, and another arrival time asked of it."""
    evacuation_scene(inputs, params)
    scene_s, scene = best_of(lambda: evacuation_scene(inputs, params), runs=3)
    analyse(inputs, scene, params)
    size = f"{scene.graph.n_nodes} nodes, {scene.graph.n_arcs} arcs; two outlines of the flood"
    yield Figure(f"evacuation of {inputs.area}, ways and times", size, scene_s, "≤ 3 s")
    other = params.model_copy(update={"arrival_min": params.arrival_min + 1})
    again_s, _ = best_of(lambda: analyse(inputs, scene, other), runs=3)
    yield Figure(f"evacuation of {inputs.area}, another arrival time", size, again_s, "≤ 0.3 s")
