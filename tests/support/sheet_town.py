"""A city by the sea with lots and a patrol base, and its council: proposals drawn in metres."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
import yaml
from council_town import Town
from council_town import open_town
from lot_city import write_lot_city
from shapely import Point
from small_city import EPSG
from small_city import _at
from small_city import _describe
from small_city import _frame

from ilo_geo.io.workspace import Workspace
from ilo_geo.proposals.repository import Record
from ilo_geo.services.areas import open_area


def write_sheet_city(folder: Path) -> Path:
    """Write the city; each house is nearer to one street than to any other, so nothing is a tie."""
    write_lot_city(folder)
    path = folder / "buildings" / "data.gpkg"
    houses = gpd.read_file(path)
    houses.set_geometry(houses.translate(0, 3.1)).to_file(path, driver="GPKG")
    add_layer(folder, "municipal", [Point(_at(1000, 1040))], name=["Palacio"])
    return folder


def add_layer(folder: Path, layer: str, shapes: list[Any], **columns: object) -> None:
    """Write a layer into the city's folder."""
    kind = {"Point": "point", "LineString": "line", "Polygon": "polygon"}[shapes[0].geom_type]
    _describe(folder, layer, kind, "data.gpkg")
    _frame(shapes, **columns).to_file(folder / layer / "data.gpkg", driver="GPKG")
    path = folder / "catalogue.yaml"
    listed = yaml.safe_load(path.read_text(encoding="utf-8"))
    listed["layers"] = list(dict.fromkeys([*listed["layers"], layer]))
    path.write_text(yaml.safe_dump(listed, allow_unicode=True), encoding="utf-8")


def sheet_town(folder: Path, workspace: Path) -> Town:
    """Return a council of the city, its records in SQLite."""
    return open_town(open_area(folder, Workspace(workspace)))


def drawn(shape: shapely.Geometry) -> dict[str, Any]:
    """Return a shape in metres as GeoJSON in WGS 84, as somebody draws it."""
    return dict(gpd.GeoSeries([shape], crs=EPSG).to_crs(4326).iloc[0].__geo_interface__)


def propose(
    town: Town, shape: shapely.Geometry, by: str = "planner", *, submit: bool = True, **asked: Any
) -> Record:
    """Write a proposal of a shape, submitted unless told otherwise."""
    usual = {"title": "Parque", "kind": "park"}
    made = town.council.create(town.actors[by], {**usual, **asked}, drawn(shape))
    return town.do(by, "submit", made) if submit else made
