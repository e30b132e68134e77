"""Writes a small city to disk: 2 × 2 km, streets every 100 m, two districts, four zones."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import yaml
from affine import Affine
from pyproj import CRS
from shapely import LineString
from shapely import Point
from shapely import box

from ilo_geo.io.raster import write_raster

EPSG = "EPSG:32719"
WEST_M, SOUTH_M, SIZE_M = 251_000.0, 8_047_000.0, 2_000.0
MODELLED = ("streets", "blocks", "parks", "buildings", "zones", "terrain")


def _at(*parts: float) -> tuple[float, ...]:
    return tuple(p + (WEST_M if n % 2 == 0 else SOUTH_M) for n, p in enumerate(parts))


def _frame(geometry: list[object], **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=geometry, crs=EPSG).assign(**columns)


def _layers() -> dict[str, gpd.GeoDataFrame]:
    half, end = SIZE_M / 2, SIZE_M
    grid = np.arange(0, end + 1, 100)
    lines = [LineString([_at(x, y) for x in grid]) for y in grid]
    lines += [LineString([_at(x, y) for y in grid]) for x in grid]
    houses = [box(*_at(x + 30, y + 30, x + 45, y + 45)) for x in grid[:-1] for y in grid[:-1]]
    quarters = [box(*_at(x, y, x + half, y + half)) for y in (0, half) for x in (0, half)]
    parks = [
        box(*_at(60, 60, 140, 140)),
        box(*_at(1210, 260, 1290, 390)),
        box(*_at(410, 1510, 490, 1590)),
    ]
    unit = {"id": ["a", "b"], "name": ["Pampa", "Puerto"]}
    return {
        "districts": _frame([box(*_at(0, 0, half, end)), box(*_at(half, 0, end, end))], **unit),
        "zones": _frame(
            quarters,
            id=["z1", "z2", "z3", "z4"],
            name=["Miramar", "Kennedy", "18 de Mayo", "Los Ángeles"],
            neighbourhoods=["Villa Paraíso; Las Brisas", "Garibaldi", None, "Miraflores"],
        ),
        "population": _frame(
            [box(*_at(0, 0, half, end)), box(*_at(half, 0, end, end))],
            **unit,
            plan=[6_000, 4_000],
            census=[5_000, 3_500],
        ),
        "coastline": _frame(
            [LineString([_at(-150, -500), _at(-100, 1000), _at(-220, 2600)])], name=["Costa"]
        ),
        "streets": _frame(
            lines,
            street_class=["primary" if n % 10 == 0 else "residential" for n in range(len(lines))],
            name=[f"Calle {n}" for n in range(len(lines))],
            walk=True,
            drive=True,
            oneway="both",
        ),
        "blocks": _frame(
            [box(*_at(x + 8, y + 8, x + 92, y + 92)) for x in grid[:-1] for y in grid[:-1]]
        ),
        "buildings": _frame(houses, use="house", residential=True, levels=1.0, height_m=3.0),
        "parks": _frame(
            parks,
            name=["Parque Uno", "Parque <b>Dos</b>", "Plaza Tres"],
            kind=["park", "park", "plaza"],
            access="public",
            since_year=[None, None, 2016],
            until_year=[2016, None, None],
        ),
        "health": _frame([Point(_at(700, 700))], name=["Hospital Ilo"]),
        "places": _frame(
            [Point(_at(1500, 1200)), Point(_at(250, 300))],
            name=["Malecón Costero", "Muelle Fiscal, extremo"],
        ),
    }


def write_small_city(folder: Path) -> Path:
    """Write the study area and return its folder."""
    layers = _layers()
    for layer_id, frame in layers.items():
        kind = {"Point": "point", "LineString": "line", "Polygon": "polygon"}[
            frame.geom_type.iloc[0]
        ]
        _describe(folder, layer_id, kind, "data.gpkg")
        (folder / layer_id).mkdir(parents=True, exist_ok=True)
        frame.to_file(folder / layer_id / "data.gpkg", driver="GPKG")
    _describe(folder, "terrain", "raster", "data.tif")
    rows, columns = np.mgrid[0:100, 0:100]
    height = (40 * np.sin(rows / 9) * np.cos(columns / 7) + columns * 1.5 + 45).astype("float32")
    transform = Affine(30, 0, WEST_M - 500, 0, -30, SOUTH_M + 2500)
    write_raster(height, transform, CRS.from_user_input(EPSG), folder / "terrain" / "data.tif")
    _write(
        folder / "catalogue.yaml",
        {
            "themes": [{"id": "city", "title": _text("Ciudad", "City")}],
            "layers": [*layers, "terrain"],
        },
    )
    _write(folder / "area.yaml", _area())
    return folder


def _area() -> dict[str, object]:
    base = {"source": "prueba", "year": 2015}
    return {
        "id": "prueba",
        "title": _text("Ciudad de prueba", "Test town"),
        "crs": EPSG,
        "population_bases": [
            {
                "id": "plan",
                "title": _text("Plan (10,000)", "Plan (10,000 people)"),
                "column": "plan",
                **base,
            },
            {
                "id": "census",
                "title": _text("Censo (8,500)", "Census (8,500 people)"),
                "column": "census",
                **base,
            },
        ],
        "default_base": "plan",
        "levels": ["districts", "zones"],
        "green_years": [2018, 2014],
        "plan_figures": [
            {
                "id": "stock_2014",
                "title": _text("Área verde 2014", "Green 2014"),
                "value": 2.2,
                "unit": "ha",
                "year": 2014,
                "source": "prueba",
            },
        ],
    }


def _describe(folder: Path, layer_id: str, kind: str, file: str) -> None:
    _write(
        folder / layer_id / "layer.yaml",
        {
            "id": layer_id,
            "title": _text(f"Capa {layer_id}", f"Layer {layer_id}"),
            "theme": "city",
            "geometry": kind,
            "crs": EPSG,
            "source": "prueba",
            "licence": "CC0-1.0",
            "date": "2024-05-03",
            "accuracy_m": 5,
            "status": "modelled" if layer_id in MODELLED else "official",
            "file": file,
        },
    )


def _text(es: str, en: str) -> dict[str, str]:
    return {"es": es, "en": en}


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
