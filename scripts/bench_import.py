"""A cadastre of 100,000 lots brought in, beside plain geopandas that checks and tells nothing."""

from __future__ import annotations

import resource
import tempfile
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from bench_figures import Figure
from bench_figures import show

from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.imports import load
from ilo_geo.services.municipal_draft import ImportRequest
from ilo_geo.services.municipal_rows import examine
from ilo_geo.services.prepare import prepare_baseline

N_POLYGONS = 100_000
TARGET = "≤ 20 s"
LAYER = "lots"
PSAD56 = "EPSG:24879"
WEST_M, SOUTH_M, STEP_M, PER_ROW = 250_500.0, 8_045_500.0, 22.0, 320


def import_of_a_cadastre() -> Iterator[Figure]:
    """Time a GeoPackage and a zipped Shapefile from the file to the layer in use."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        workspace = Workspace(folder / "workspace")
        prepare_baseline(open_area(None, workspace).catalogue)
        for path in _files(folder):
            peer_s = _plain_geopandas(path, folder)
            ours_s = _imported(open_area(None, workspace), path)
            kind = path.suffix.lstrip(".")
            size = f"{N_POLYGONS:,} polygons"
            yield Figure(f"import of a cadastre, {kind}", size, ours_s, TARGET, "geopandas", peer_s)


def _files(folder: Path) -> tuple[Path, Path]:
    """Write the cadastre as a GeoPackage and as a zipped Shapefile, in PSAD56."""
    n = np.arange(N_POLYGONS)
    x, y = WEST_M + n % PER_ROW * STEP_M, SOUTH_M + n // PER_ROW * STEP_M
    table = {
        "COD_LOTE": [f"L-{k:06d}" for k in n],
        "TENENCIA": np.where(n % 3 == 0, "Público", "privado"),
        "USO": np.where(n % 7 == 0, "baldío", "vivienda"),
        "AREA": 324.5 + n % 10,
    }
    lots = gpd.GeoDataFrame(table, geometry=shapely.box(x, y, x + 18, y + 18), crs=PSAD56)
    lots.to_file(folder / "lotes.gpkg")
    parts = folder / "parts"
    parts.mkdir()
    lots.to_file(parts / "lotes.shp", encoding="ISO-8859-1")
    with zipfile.ZipFile(folder / "lotes.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts.iterdir():
            archive.write(part, part.name)
    return folder / "lotes.gpkg", folder / "lotes.zip"


def _imported(area: Area, path: Path) -> float:
    start = time.perf_counter()
    examined = examine(area, ImportRequest(path=path, name=path.name, layer=LAYER))
    load(area, examined, made=datetime.now(UTC))
    return time.perf_counter() - start


def _plain_geopandas(path: Path, folder: Path) -> float:
    start = time.perf_counter()
    frame = gpd.read_file(path).to_crs("EPSG:32719")
    frame.geometry = frame.geometry.make_valid()
    frame.to_file(folder / "peer.gpkg")
    return time.perf_counter() - start


if __name__ == "__main__":
    show(list(import_of_a_cadastre()))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak_mb:.0f} MB")
