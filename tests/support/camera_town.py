"""A town of nine blocks, with poles, a school and need along its streets."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.city.network import Network
from ilo_geo.city.network import walking_network
from ilo_geo.security.cameras.parameters import CameraParams
from ilo_geo.security.cameras.question import CameraInputs
from ilo_geo.security.need import Need
from ilo_geo.security.visibility import walls_of

CRS = "EPSG:32719"
# on land in UTM zone 19 south, so that H3 cells exist there
X0, Y0 = 252_000.0, 8_047_000.0
STREETS = (0.0, 60.0, 120.0, 180.0)
N_BLOCKS = 3


def frame(shapes: list, **columns: object) -> gpd.GeoDataFrame:
    """Return shapes, drawn from the town's corner, in their place on Earth."""
    moved = gpd.GeoSeries(shapes, crs=CRS).translate(X0, Y0)
    return gpd.GeoDataFrame(geometry=moved, crs=CRS).assign(**columns)


def local(xy: np.ndarray) -> np.ndarray:
    """Return coordinates from the town's corner."""
    return np.asarray(xy) - (X0, Y0)


def town_streets() -> Network:
    """Return four streets each way, 60 m apart."""
    lines = [shapely.LineString([(x, y) for x in STREETS]) for y in STREETS]
    lines += [shapely.LineString([(x, y) for y in STREETS]) for x in STREETS]
    return walking_network(frame(lines, walk=True))


def town_buildings() -> gpd.GeoDataFrame:
    """Return two buildings a block that share a wall; the western one is a dwelling."""
    corners = [(60 * i, 60 * j) for i in range(N_BLOCKS) for j in range(N_BLOCKS)]
    homes = [shapely.box(x + 8, y + 8, x + 30, y + 52) for x, y in corners]
    shops = [shapely.box(x + 30, y + 8, x + 52, y + 52) for x, y in corners]
    return frame(
        homes + shops,
        residential=[True] * len(homes) + [False] * len(shops),
        height_m=[3.0] * len(homes) + [9.0] * len(shops),
    )


def town_need(*, is_proxy: bool = True) -> Need:
    """Return need every 10 m along the streets, uneven."""
    along = np.arange(5.0, 180.0, 10.0)
    xy = [(a, y) for y in STREETS for a in along] + [(x, a) for x in STREETS for a in along]
    weight = np.random.default_rng(4).gamma(1.0, size=len(xy))
    weight /= weight.sum()
    points = frame([shapely.Point(p) for p in xy], length_m=10.0)
    parts = pd.DataFrame({"flow": 0.6 * weight, "sites": 0.4 * weight})
    flow = parts["flow"].to_numpy() if "flow" in parts else np.zeros(len(points))
    return Need(points, weight, is_proxy, parts, (), flow)


def town_inputs(**changes: object) -> CameraInputs:
    """Return the town as the analysis reads it."""
    buildings = town_buildings()
    poles = frame([shapely.Point(p) for p in ((4, 30), (64, 90), (90, 124))], at_crossing=False)
    school = frame([shapely.Point(100, 40)], name=["IE"])
    halves = [shapely.box(-10, -10, 90, 200), shapely.box(90, -10, 200, 200)]
    zones = frame(halves, id=["w", "e"], name=["West", "East"]).set_index("id", drop=False)
    need = town_need()
    wait_s = 300.0 + 3.0 * local(shapely.get_coordinates(need.points.geometry))[:, 0]
    made = CameraInputs(
        area="town",
        need=need,
        network=town_streets(),
        walls=walls_of(buildings.geometry),
        dwellings=buildings.geometry[buildings["residential"]],
        prisms=None,
        sites={"poles": poles, "schools": school},
        supply=None,
        response_s=wait_s,
        levels={"zones": zones},
        refs=(),
    )
    return replace(made, **changes)


def town_params(**changes: object) -> CameraParams:
    """Return few cameras, few headings and few draws."""
    usual = {
        "population_base": "plan",
        "n_cameras": 4,
        "n_headings": 8,
        "n_draws": 3,
        "gap_limit_ratio": 0.0,
    }
    return CameraParams(**{**usual, **changes})
