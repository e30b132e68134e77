"""A study area from files, and the green analysis cold and warm."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench_figures import Figure
from bench_figures import best_of

from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import open_area
from ilo_geo.services.green import analyse_green
from ilo_geo.services.green import green_parameters
from ilo_geo.services.init_area import init_area
from ilo_geo.services.prepare import prepare_baseline

# one change a line: what a planner does with the sliders
CHANGES = (
    {"standard_m2_per_inhab": 6},
    {"access_distance_m": 450},
    {"min_park_area_m2": 800},
    {"catchment_m": 900},
)


def real_city(folder: Path) -> Iterator[Figure]:
    """Make the study area of a real city once, imports not counted, and analyse it."""
    with tempfile.TemporaryDirectory() as made:
        area = Path(made) / "porto_alegre"
        start = time.perf_counter()
        report = init_area(
            area,
            osm=folder / "poa_osm.pbf",
            dem=folder / "poa_elevation.tif",
            population=folder / "poa_hexgrid.csv",
        )
        elapsed_s = time.perf_counter() - start
        size = f"{report.n_features['streets']} streets, {report.population_inhab:.0f} inhab"
        yield Figure("init of Porto Alegre", size, elapsed_s, "≤ 20 s")
        yield from _analysis("Porto Alegre", size, area, Workspace(Path(made) / "ws"), "≤ 5 s")


def baseline_city() -> Iterator[Figure]:
    """Prepare the baseline of Ilo once, and analyse it; the command is timed whole."""
    with tempfile.TemporaryDirectory() as made:
        workspace = Workspace(Path(made))
        start = time.perf_counter()
        prepare_baseline(open_area(None, workspace).catalogue)
        yield Figure("prepare Ilo", "", time.perf_counter() - start, "")
        area = open_area(None, workspace)
        size = f"{len(area.frame('buildings'))} buildings, {len(area.frame('streets'))} streets"
        yield from _analysis("Ilo", size, None, workspace, "≤ 6 s")
        command = [sys.executable, "-m", "ilo_geo.cli.main", "analyse", "green", "--json"]
        start = time.perf_counter()
        subprocess.run(
            command, env={"ILO_GEO_WORKSPACE": made}, check=True, stdout=subprocess.DEVNULL
        )
        elapsed_s = time.perf_counter() - start
        yield Figure("command, interpreter and imports included", size, elapsed_s, "≤ 6 s")


def _analysis(
    city: str, size: str, folder: Path | None, workspace: Workspace, target: str
) -> Iterator[Figure]:
    def cold() -> None:
        area = open_area(folder, workspace)
        analyse_green(area, green_parameters(area, {}))

    cold_s, _ = best_of(cold, runs=2)
    yield Figure(f"green of {city}, cold from files", size, cold_s, target)
    area = open_area(folder, workspace)
    analyse_green(area, green_parameters(area, {}))
    worst_s = 0.0
    for change in CHANGES:
        start = time.perf_counter()
        analyse_green(area, green_parameters(area, change))
        worst_s = max(worst_s, time.perf_counter() - start)
    yield Figure(f"green of {city}, worst of {len(CHANGES)} changes", size, worst_s, "≤ 0.3 s")
