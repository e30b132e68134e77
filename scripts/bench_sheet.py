"""The technical sheet of proposals all over the shipped city: cold, warm, and the slow ones."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import shapely
from bench_figures import Figure

from ilo_geo.io.workspace import Workspace
from ilo_geo.proposals.rulebook import rulebook
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.prepare import prepare_baseline
from ilo_geo.services.proposal_sheet import technical_sheet

N_SHAPES, SEED = 50, 180301
TARGET = "≤ 2 s"


def technical_sheets() -> Iterator[Figure]:
    """Time the first sheet of a fresh process, then 50 of every kind and shape with warm caches."""
    with tempfile.TemporaryDirectory() as made:
        workspace = Workspace(Path(made))
        prepare_baseline(open_area(None, workspace).catalogue)
        # compiled kernels are kept between processes: the first run may have to make them
        technical_sheet(open_area(None, workspace), *_shapes(open_area(None, workspace), 1)[0])
        area = open_area(None, workspace)
        asked = _shapes(area, N_SHAPES)
        start = time.perf_counter()
        technical_sheet(area, *asked[0])
        yield Figure("technical sheet of Ilo, cold", "", time.perf_counter() - start, "")
        taken_s = [_seconds(area, shape, kind) for shape, kind in asked]
        size = f"{N_SHAPES} shapes"
        yield Figure("technical sheet, warm: median", size, float(np.median(taken_s)), TARGET)
        p95_s = float(np.quantile(taken_s, 0.95))
        yield Figure("technical sheet, warm: p95", size, p95_s, TARGET)
        yield Figure("technical sheet, warm: slowest", size, max(taken_s), TARGET)


def _seconds(area: Area, shape: shapely.Geometry, kind: str) -> float:
    start = time.perf_counter()
    technical_sheet(area, shape, kind)
    return time.perf_counter() - start


def _shapes(area: Area, n_shapes: int) -> list[tuple[shapely.Geometry, str]]:
    """Return shapes of every kind by turns, near where people live, from 20 m to 600 m."""
    rng = np.random.default_rng(SEED)
    homes = area.frame("buildings").geometry.centroid.to_numpy()
    kinds, found = rulebook().kinds, []
    for n in range(n_shapes):
        kind = list(kinds)[n % len(kinds)]
        name = kinds[kind].shapes[n // len(kinds) % len(kinds[kind].shapes)]
        place, size_m = homes[rng.integers(len(homes))], 20 * 30 ** rng.random()
        found.append((_shape(name, place, size_m, rng.random() * np.pi), kind))
    return found


def _shape(name: str, place: shapely.Point, size_m: float, turn: float) -> shapely.Geometry:
    if name == "point":
        return place
    if name == "line":
        dx, dy = size_m * np.cos(turn), size_m * np.sin(turn)
        return shapely.LineString([(place.x, place.y), (place.x + dx, place.y + dy)])
    square = place.buffer(size_m / 2, cap_style="square")
    return shapely.affinity.rotate(square, turn, use_radians=True)


if __name__ == "__main__":
    from bench_figures import show

    show(list(technical_sheets()))
