"""A toy coast: ground that rises evenly inland, one street up, walls of houses beside it."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import CRS
from shapely.geometry import LineString
from shapely.geometry import Point
from shapely.geometry import box

from ilo_geo.city.network import walking_network
from ilo_geo.city.population import Residents
from ilo_geo.hazards.evacuation.scene import EvacuationInputs

METRIC = CRS.from_epsg(32719)
CELL_M = 10.0
ROWS, COLS = 40, 80  # 400 m along the coast, 800 m inland
GRADE = 0.1
SEA_COLS = 2
WEST, NORTH = 250_000.0, 8_050_000.0
COAST = WEST + SEA_COLS * CELL_M
MIDDLE = NORTH - ROWS * CELL_M / 2


@dataclass(frozen=True)
class EvenFlood:
    """Everything below the level floods; certain is ``spread_m`` lower, possible higher."""

    elevation_m: np.ndarray
    transform: Affine
    crs: CRS
    land: np.ndarray
    spread_m: float = 1.0

    def outline(self, certainty: str, level_m: float) -> np.ndarray:
        sign = {"certain": -1, "line": 0, "possible": 1}[certainty]
        with np.errstate(invalid="ignore"):
            return ~self.land | (self.elevation_m <= level_m + sign * self.spread_m)


def frame(rows: dict[str, list[object]], shapes: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=METRIC)


def place(east_m: float, north_m: float = 0.0) -> Point:
    """Return a point so far inland of the coast and north of the street."""
    return Point(COAST + east_m, MIDDLE + north_m)


def street(kind: str, *points: Point) -> dict[str, object]:
    return {
        "street_class": kind,
        "walk": True,
        "drive": kind != "steps",
        "oneway": "no",
        "name": kind,
        "geometry": LineString([(p.x, p.y) for p in points]),
    }


def block(east_0: float, east_1: float, north_0: float, north_1: float) -> object:
    return box(COAST + east_0, MIDDLE + north_0, COAST + east_1, MIDDLE + north_1)


def residents(points: list[Point], inhab: list[float]) -> Residents:
    rows = {"inhab": inhab, "unit": ["u"] * len(inhab), "placed_on": ["building"] * len(inhab)}
    return Residents(frame(rows, points))


def terrain(grade: float = GRADE) -> np.ndarray:
    east_m = (np.arange(COLS) + 0.5 - SEA_COLS) * CELL_M
    row = np.where(east_m > 0, east_m * grade, np.nan)
    return np.tile(row, (ROWS, 1)).astype(np.float32)


@dataclass(frozen=True)
class Toy:
    """What a test may change before it asks for the inputs."""

    elevation_m: np.ndarray = field(default_factory=terrain)
    streets: list[dict[str, object]] = field(
        default_factory=lambda: [street("residential", place(0), place(700))]
    )
    blocks: list[object] | None = field(
        default_factory=lambda: [block(0, 780, 6, 200), block(0, 780, -200, -6)]
    )
    barriers: list[object] = field(default_factory=list)
    refuges: list[Point] = field(default_factory=list)
    homes: list[Point] = field(default_factory=lambda: [place(25, 8), place(65, 8)])
    inhab: list[float] = field(default_factory=lambda: [30.0, 10.0])

    def but(self, **changes: object) -> Toy:
        return replace(self, **changes)

    def inputs(self) -> EvacuationInputs:
        streets = gpd.GeoDataFrame(self.streets, crs=METRIC)
        transform = Affine(CELL_M, 0, WEST, 0, -CELL_M, NORTH)
        land = ~np.isnan(self.elevation_m)
        people = {
            "base": residents(self.homes, self.inhab),
            "larger": residents(self.homes, [2 * n for n in self.inhab]),
        }
        whole = box(WEST, NORTH - ROWS * CELL_M, WEST + COLS * CELL_M, NORTH)
        blocks = self.blocks
        return EvacuationInputs(
            area="toy",
            elevation_m=self.elevation_m,
            transform=transform,
            flood=EvenFlood(self.elevation_m, transform, METRIC, land),
            streets=streets,
            network=walking_network(streets),
            buildings=frame({}, []),
            blocks=None if blocks is None else frame({"id": list(range(len(blocks)))}, blocks),
            water=None,
            barriers=frame({}, self.barriers),
            refuges=frame({}, self.refuges),
            residents=people,
            day={name: residents(self.homes[:1], [5.0]) for name in people},
            levels={"districts": frame({"id": ["d"], "name": ["D"]}, [shapely.normalize(whole)])},
        )


@pytest.fixture(scope="session")
def toy() -> Toy:
    return Toy()
