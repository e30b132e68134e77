"""One city read out of a country's PBF file, beside osmium's tool and GDAL's driver.

Each runs in a process of its own, which tells its peak memory. The country is the real city many
times over (`osm_country`), so what is read is known: the city itself, its ids and places shifted.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from bench_figures import Figure
from bench_figures import best_of
from osm_country import COLUMNS
from osm_country import ID_STEP
from osm_country import STEP_DEG
from osm_country import make_country

from ilo_geo.io.osm import read_osm

COPIES = 210
TILE = 100
# inside the city, so that no other copy meets it
BOX_DEG = (-51.26, -30.11, -51.14, -29.99)
PATIENCE_S = 30.0
PLACE_DEG = 1e-7


def city_out_of_a_country(city: Path) -> Iterator[Figure]:
    """Read the whole city alone, then one copy of it out of the country."""
    whole_s, extract = best_of(lambda: read_osm(city), runs=1)
    n_streets = len(extract.layers["streets"])
    yield Figure("OpenStreetMap extract read whole", f"{n_streets} streets", whole_s, "≤ 5 s")
    with tempfile.TemporaryDirectory() as folder:
        country = Path(folder) / "country.osm.pbf"
        make_country(city, country, COPIES)
        yield from beside_peers(city, country, Path(folder))


def beside_peers(city: Path, country: Path, folder: Path) -> Iterator[Figure]:
    """Yield our time beside each peer's."""
    mb = country.stat().st_size / 1e6
    command = [sys.executable, __file__, str(city), str(country)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    ours = json.loads(run.stdout.splitlines()[-1])
    speed = f"{mb / ours['wall_s']:.0f} MB/s, {mb / ours['cpu_s']:.0f} MB a CPU second"
    size = f"{mb:.0f} MB: {speed}, peak {ours['peak_mb']:.0f} MB (target ≤ 2000 MB)"
    target = f"≤ {mb / 20:.1f} s (20 MB/s)"
    box = tile_box().bounds
    cut = ["osmium", "extract", "--strategy", "smart", "-O", "-b", ",".join(map(str, box))]
    copy = ["ogr2ogr", "-spat", *map(str, box), str(folder / "cut.gpkg"), str(country), "-q"]
    for name, peer in (
        ("osmium extract", [*cut, "-o", str(folder / "cut.osm.pbf"), str(country)]),
        ("GDAL", copy),
    ):
        peer_name, peer_s, peer_mb = timed(name, peer)
        yield Figure(
            "city out of a country", size, ours["wall_s"], target, peer_name, peer_s, peer_mb
        )


def timed(name: str, command: list[str]) -> tuple[str, float | None, float | None]:
    """Return name, seconds and peak memory of a peer; the name says if it took too long."""
    if shutil.which(command[0]) is None:
        return f"{name} absent", None, None
    watch = [sys.executable, "-c", WATCH, *command]
    try:
        run = subprocess.run(
            watch, capture_output=True, text=True, check=True, timeout=PATIENCE_S + 1
        )
    except subprocess.TimeoutExpired:
        return f"{name} (stopped after {PATIENCE_S:.0f} s)", None, None
    peer = json.loads(run.stdout.splitlines()[-1])
    if peer["wall_s"] is None:
        return f"{name} (stopped after {PATIENCE_S:.0f} s)", None, None
    return f"{name} (peak {peer['peak_mb']:.0f} MB)", peer["wall_s"], peer["peak_mb"]


WATCH = f"""
import json, resource, subprocess, sys, time
start = time.perf_counter()
try:
    subprocess.run(sys.argv[1:], check=True, capture_output=True, timeout={PATIENCE_S})
    wall_s = time.perf_counter() - start
except subprocess.TimeoutExpired:
    wall_s = None
peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(json.dumps({{"wall_s": wall_s, "peak_mb": peak_mb}}))
"""


def tile_box() -> shapely.Polygon:
    """Return the box of the copy that is read."""
    return shapely.box(*(np.array(BOX_DEG) + np.tile(shift_deg(), 2)))


def shift_deg() -> np.ndarray:
    """Return how far the copy lies east and north of the city."""
    row, column = divmod(TILE, COLUMNS)
    return np.array([column * STEP_DEG[0], row * STEP_DEG[1]])


def require_same(city: gpd.GeoDataFrame, copy: gpd.GeoDataFrame) -> None:
    """Fail unless the copy is the city, ids and places shifted."""
    kinds, ids = zip(*(osm_id.split("/") for osm_id in copy["osm_id"]), strict=True)
    back = [f"{kind}/{int(one) - TILE * ID_STEP}" for kind, one in zip(kinds, ids, strict=True)]
    columns = city.columns.drop(["osm_id", "id", "geometry"], errors="ignore")
    assert back == city["osm_id"].tolist()  # noqa: S101
    assert city[columns].equals(copy[columns])  # noqa: S101
    places, moved = (shapely.get_coordinates(x.geometry) for x in (city, copy))
    np.testing.assert_allclose(moved - shift_deg(), places, rtol=0, atol=PLACE_DEG / 10)


def measure(city: Path, country: Path) -> None:
    """Print what reading the copy takes, and check it."""
    box = shapely.box(*BOX_DEG)
    # the kernels are compiled once and kept on disk
    expected = read_osm(city, clip=box).layers
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    found = read_osm(country, clip=tile_box()).layers
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for name, frame in expected.items():
        if len(frame) or len(found[name]):
            require_same(frame, found[name])
    print(json.dumps({"wall_s": wall_s, "cpu_s": cpu_s, "peak_mb": peak_mb}))


if __name__ == "__main__":
    measure(Path(sys.argv[1]), Path(sys.argv[2]))
