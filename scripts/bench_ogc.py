"""The OGC API and the vector tiles of Ilo on loopback, as a program reads them."""

from __future__ import annotations

import http.client
import math
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import waitress
from bench_access import visitors_may_see
from bench_figures import Figure

from dash_app.factory import create_app
from dash_app.planner import Planner
from ilo_geo.io.tiles import MAX_ZOOM
from ilo_geo.io.tiles import MIN_ZOOM
from ilo_geo.io.tiles import read_index
from ilo_geo.io.tiles import tile_number
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import open_area
from ilo_geo.services.council import open_council
from ilo_geo.services.prepare import prepare_baseline

LAYER = "buildings"
PAGE_FEATURES = 1_000
REQUESTS = 100
THREADS = 8


def pages_and_tiles() -> Iterator[Figure]:
    """Read pages of 1,000 buildings and every tile of them, each a hundred times or more."""
    with tempfile.TemporaryDirectory() as folder:
        area = open_area(workspace=Workspace(Path(folder)))
        prepare_baseline(area.catalogue)
        planner = Planner(area)
        council = open_council(lambda: area, url="")
        visitors_may_see(council)
        server = waitress.create_server(
            create_app(planner, council).server, host="127.0.0.1", port=0, threads=THREADS
        )
        # it ends with the process
        threading.Thread(target=server.run, daemon=True).start()
        connection = http.client.HTTPConnection("127.0.0.1", server.effective_port)
        try:
            yield from _measure(planner, connection)
        finally:
            connection.close()
            planner.jobs.close()
            council.database.close()


def _measure(planner: Planner, connection: http.client.HTTPConnection) -> Iterator[Figure]:
    n_features = len(planner.area.frame(LAYER))
    offsets = [PAGE_FEATURES * (n % (n_features // PAGE_FEATURES)) for n in range(REQUESTS)]
    items = f"/ogc/collections/{LAYER}/items?limit={PAGE_FEATURES}&offset="
    first_s, _ = _get(connection, f"{items}0")
    taken_s = [_get(connection, f"{items}{offset}")[0] for offset in offsets]
    what = f"OGC API: page of {PAGE_FEATURES:,} {LAYER}, 95 of {REQUESTS} within"
    yield Figure(what, f"first {first_s:.1f} s", _p95(taken_s), "≤ 0.2 s")

    start = time.perf_counter()
    index = read_index(planner.area_tiles.file(LAYER))
    made_s = time.perf_counter() - start
    addresses = _addresses(planner, set(index.places))
    answers = [_get(connection, address) for address in addresses]
    largest_kb = max(size for _, size in answers) / 1000
    print(
        f"vector tiles of {n_features:,} {LAYER}: {len(addresses)} tiles made in {made_s:.1f} s, "
        f"the largest {largest_kb:.1f} kB gzipped (target ≤ 50 kB at zoom ≥ {MIN_ZOOM})"
    )
    warm_s = [_get(connection, address)[0] for address in addresses]
    what = "vector tile, warm, 95 of 100 within"
    yield Figure(what, f"{len(warm_s)} tiles", _p95(warm_s), "≤ 0.1 s")


def _addresses(planner: Planner, numbers: set[int]) -> list[str]:
    """Return the address of every tile that holds something."""
    bounds_deg = planner.publication.collections()[LAYER].table.bounds_deg
    if bounds_deg is None:
        return []
    west, south, east, north = bounds_deg
    found: list[tuple[int, int, int]] = []
    for zoom in range(MIN_ZOOM, MAX_ZOOM + 1):
        (left, top), (right, bottom) = _tile(west, north, zoom), _tile(east, south, zoom)
        columns, rows = range(left, right + 1), range(top, bottom + 1)
        found += [(zoom, *place) for place in product(columns, rows)]
    held = [place for place in found if tile_number(*place) in numbers]
    return [f"/tiles/{LAYER}/{zoom}/{column}/{row}.mvt" for zoom, column, row in held]


def _tile(lon_deg: float, lat_deg: float, zoom: int) -> tuple[int, int]:
    """Return column and row of the tile that holds a place."""
    side = 1 << zoom
    row = (1 - math.asinh(math.tan(math.radians(lat_deg))) / math.pi) / 2
    return int((lon_deg + 180) / 360 * side), int(row * side)


def _get(connection: http.client.HTTPConnection, path: str) -> tuple[float, int]:
    """Return how long an answer took, and how many bytes it has on the wire."""
    start = time.perf_counter()
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    response = connection.getresponse()
    size = len(response.read())
    elapsed_s = time.perf_counter() - start
    if response.status != http.client.OK:
        raise RuntimeError(path)
    return elapsed_s, size


def _p95(taken_s: list[float]) -> float:
    return sorted(taken_s)[math.ceil(0.95 * len(taken_s)) - 1]
