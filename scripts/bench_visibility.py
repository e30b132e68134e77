"""What poles see: a whole city in plan, and one pole in space beside xarray-spatial's viewshed."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import shapely
from affine import Affine
from bench_figures import Figure
from bench_figures import best_of
from bench_figures import show
from rasterio.features import rasterize

from ilo_geo.security.optics import scene_heights
from ilo_geo.security.visibility import Prisms
from ilo_geo.security.visibility import prisms_of
from ilo_geo.security.visibility import seen_cells
from ilo_geo.security.visibility import visibility_polygons
from ilo_geo.security.visibility import walls_of

SEED = 20261122
N_BUILDINGS = 25_000
N_POLES = 2_000
RANGES_M = (60.0, 100.0, 200.0)
# lots of Ilo's blocks: 8 by 18 m, ten to a row, two rows to a block, streets of 12 m
LOT_M = (8.0, 18.0)
LOTS_A_ROW, ROWS_A_BLOCK, LOTS_ACROSS = 10, 2, 200
STREET_M = 12.0
TURN_RAD = 0.3
GAPS_M = (0.0, 0.0, 0.0, 0.0, 1.0)
SETBACKS_M = (0.0, 1.0, 2.0, 3.0)
STOREYS = (1, 1, 2, 2, 3)
POLE_M = 7.0
PEER_POLES, PEER_RANGE_M, PEER_CELL_M = 10, 100.0, 1.0


def large_city() -> tuple[np.ndarray, np.ndarray]:
    """Return footprints in turned blocks, most of which touch, and their heights."""
    rng = np.random.default_rng(SEED)
    lot = np.arange(N_BUILDINGS)
    across, row = lot % LOTS_ACROSS, lot // LOTS_ACROSS
    x = across * LOT_M[0] + across // LOTS_A_ROW * STREET_M + rng.choice(GAPS_M, N_BUILDINGS)
    front = row * LOT_M[1] + row // ROWS_A_BLOCK * STREET_M
    y = front + rng.choice(SETBACKS_M, N_BUILDINGS)
    east = across * LOT_M[0] + across // LOTS_A_ROW * STREET_M + LOT_M[0]
    boxes = shapely.box(x, y, east, front + LOT_M[1])
    turn = np.array([[np.cos(TURN_RAD), np.sin(TURN_RAD)], [-np.sin(TURN_RAD), np.cos(TURN_RAD)]])
    turned = shapely.transform(boxes, lambda xy: xy @ turn)
    return turned, rng.choice(STOREYS, N_BUILDINGS) * scene_heights().storey_height_m


def street_poles(buildings: np.ndarray, n: int) -> np.ndarray:
    """Return places at random that lie in no building."""
    rng = np.random.default_rng(SEED)
    west, south, east, north = shapely.total_bounds(buildings)
    # five times as many as asked: half the city is built, and its box is larger than the city
    places = rng.uniform((west, south), (east, north), (5 * n, 2))
    tree = shapely.STRtree(buildings)
    points = shapely.points(places)
    covered = np.unique(tree.query(points, predicate="intersects")[0])
    near = np.unique(tree.query(points, "dwithin", distance=STREET_M)[0])
    return places[np.setdiff1d(near, covered)][:n]


def city_in_plan() -> Iterator[Figure]:
    """Time the polygons of all poles, the index of the walls included."""
    buildings, _ = large_city()
    poles = street_poles(buildings, N_POLES)
    visibility_polygons(poles[:2], buildings[:9], range_m=RANGES_M[0])
    for range_m in RANGES_M:
        elapsed_s, seen = best_of(
            lambda reach_m=range_m: visibility_polygons(poles, buildings, range_m=reach_m), runs=2
        )
        share = shapely.area(seen).mean() / (np.pi * range_m**2)
        size = f"{len(poles)} poles, {N_BUILDINGS} buildings, {range_m:.0f} m ({share:.0%} seen)"
        yield Figure("visibility polygons, exact", size, elapsed_s, "≤ 20 s")
    elapsed_s, _ = best_of(lambda: walls_of(buildings), runs=2)
    yield Figure("of which: walls and their index", f"{N_BUILDINGS} buildings", elapsed_s, "")


def beside_viewshed(peer_python: str) -> Iterator[Figure]:
    """Time one pole in space, all cells of its range, and compare the cells."""
    buildings, heights_m = large_city()
    poles = street_poles(buildings, PEER_POLES)
    scene = prisms_of(buildings, heights_m)
    options = {"range_m": PEER_RANGE_M, "cell_m": PEER_CELL_M}
    seen_cells(poles[0], POLE_M, scene, **options)
    elapsed_s, ours = best_of(
        lambda: [seen_cells(pole, POLE_M, scene, **options) for pole in poles], runs=2
    )
    surfaces = np.array([_surface(pole, scene) for pole in poles])
    with tempfile.TemporaryDirectory() as folder:
        saved, answer = Path(folder) / "surfaces.npz", Path(folder) / "seen.npy"
        target_m = scene_heights().target_height_m
        np.savez(saved, surfaces=surfaces, cell_m=PEER_CELL_M, pole_m=POLE_M, target_m=target_m)
        script = Path(__file__).with_name("bench_xrspatial.py")
        run = subprocess.run(
            [peer_python, str(script), str(saved), str(answer)],
            capture_output=True,
            text=True,
            check=False,
        )
        size = f"{surfaces[0].size} cells of {PEER_CELL_M:g} m"
        mean_s = elapsed_s / len(poles)
        if run.returncode:
            print(f"xarray-spatial not measured: {run.stderr.strip().splitlines()[-1]}")
            yield Figure("one pole over roofs, exact", size, mean_s, "")
            return
        peer, theirs = json.loads(run.stdout.splitlines()[-1]), np.load(answer)
    equal = _agreement(poles, ours, surfaces, theirs)
    size += f", {equal:.1%} of the street's cells alike"
    name = f"xarray-spatial {peer['version']} viewshed"
    yield Figure(
        "one pole over roofs, exact", size, mean_s, "", name, peer["elapsed_s"], peer["peak_mb"]
    )


def _surface(pole: np.ndarray, scene: Prisms) -> np.ndarray:
    """Return the roofs around a pole as a raster, rows from north to south."""
    n = int(PEER_RANGE_M // PEER_CELL_M)
    west, north = pole + np.array([-1, 1]) * (n + 0.5) * PEER_CELL_M
    transform = Affine(PEER_CELL_M, 0, west, 0, -PEER_CELL_M, north)
    near = shapely.STRtree(scene.shapes).query(shapely.Point(pole).buffer(2 * PEER_RANGE_M))
    roofs = zip(scene.shapes[near], scene.tops_m[near], strict=True)
    return rasterize(roofs, (2 * n + 1, 2 * n + 1), transform=transform, dtype="float64")


def _agreement(poles: np.ndarray, ours: list, surfaces: np.ndarray, theirs: np.ndarray) -> float:
    """Return the share of cells of the street on which both say the same."""
    equal = []
    for pole, mine, surface, other in zip(poles, ours, surfaces, theirs, strict=True):
        n = len(surface) // 2
        col, row = np.rint((mine.centres_xy - pole) / PEER_CELL_M * [1, -1]).astype(int).T + n
        street = surface[row, col] == 0
        equal.append((other[row, col] == mine.seen)[street])
    return float(np.concatenate(equal).mean())


if __name__ == "__main__":
    show([*city_in_plan(), *beside_viewshed(sys.argv[1] if len(sys.argv) > 1 else sys.executable)])
