"""The small city moved to a shore: land rises 2 m each 100 m from a straight coast in the west."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import small_city
import yaml
from affine import Affine
from pyproj import CRS
from shapely import LineString
from shapely import Point
from shapely import Polygon
from shapely import affinity

from ilo_geo.core.layer import Origin
from ilo_geo.io.raster import write_raster
from ilo_geo.services.areas import Area

CHART = "tsunami_chart"
RISE_RATIO = 0.02
SEA_M = -5.0
CELL_M, ROWS, COLUMNS = 20.0, 150, 150
# the coast runs through cells whose middle lies at sea, so that these are where water comes from
WEST_M = -493.0


def coast_layers() -> dict[str, gpd.GeoDataFrame]:
    """Return the coast, and what endangers the city besides the sea."""
    at, frame = small_city._at, small_city._frame
    end = small_city.SIZE_M
    schools = [Point(at(x, 530)) for x in (130, 430, 730, 1030, 1330)]
    names = [f"Colegio {n}" for n in range(1, len(schools) + 1)]
    return {
        "coastline": frame([LineString([at(0, 0), at(0, end)])], name=["Costa"]),
        "faults": frame([LineString([at(1500, 0), at(1500, end)])], name=["Falla de prueba"]),
        "tanks": frame([Point(at(600, 1000))], name=["Tanque"]),
        "fuel_stations": frame([Point(at(900, 400))], name=["Grifo"]),
        "schools": frame(schools, name=names),
    }


def write_coast_city(folder: Path) -> Path:
    """Write the study area and return its folder."""
    small_city.write_small_city(folder)
    added = coast_layers()
    for layer_id, layer in added.items():
        kind = "point" if layer.geom_type.iloc[0] == "Point" else "line"
        small_city._describe(folder, layer_id, kind, "data.gpkg")
        layer.to_file(folder / layer_id / "data.gpkg", driver="GPKG")
    x_m = (np.arange(COLUMNS) + 0.5) * CELL_M + WEST_M
    height_m = np.where(x_m < 0, SEA_M, x_m * RISE_RATIO)
    terrain = np.tile(height_m.astype("float32"), (ROWS, 1))
    transform = Affine(
        CELL_M, 0, small_city.WEST_M + WEST_M, 0, -CELL_M, small_city.SOUTH_M + 2_500
    )
    crs = CRS.from_user_input(small_city.EPSG)
    write_raster(terrain, transform, crs, folder / "terrain" / "data.tif")
    catalogue = folder / "catalogue.yaml"
    listed = yaml.safe_load(catalogue.read_text(encoding="utf-8"))
    listed["layers"] = list(dict.fromkeys([*listed["layers"], *added]))
    small_city._write(catalogue, listed)
    return folder


def write_chart(
    area: Area, polygons: list[Polygon], status: str = "official", **columns: object
) -> None:
    """Import an inundation chart of the city, polygons in metres from its south-west corner."""
    described = {"status": status, "accuracy_m": columns.pop("accuracy_m", 20.0)}
    own = {"scenario": "Escenario de ensayo", "level_m": 20.0, **columns}
    _import(area, CHART, polygons, {**described, "source": "DHN, carta de ensayo"}, own)


def write_survey(area: Area, lines: list[LineString], **described: object) -> None:
    """Import surveyed traces of a fault, lines in metres from the city's south-west corner."""
    usual = {"status": "official", "accuracy_m": 10.0, "source": "INGEMMET, traza de ensayo"}
    _import(area, "faults", lines, {**usual, **described}, {"name": "Traza de ensayo"})


def _import(
    area: Area,
    layer_id: str,
    shapes: list[Any],
    described: dict[str, object],
    columns: dict[str, object],
) -> None:
    place = area.catalogue.workspace.layer_dir(
        area.catalogue.workspace_id, Origin.IMPORTED, layer_id
    )
    place.mkdir(parents=True, exist_ok=True)
    kind = "polygon" if layer_id == CHART else "line"
    small_city._describe(place.parent, layer_id, kind, "data.gpkg")
    usual = yaml.safe_load((place / "layer.yaml").read_text(encoding="utf-8"))
    small_city._write(place / "layer.yaml", {**usual, "date": "2021-05-14", **described})
    moved = [affinity.translate(s, small_city.WEST_M, small_city.SOUTH_M) for s in shapes]
    small_city._frame(moved, **columns).to_file(place / "data.gpkg", driver="GPKG")
