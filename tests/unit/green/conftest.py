"""A toy city whose every figure can be worked out by hand.

Streets every 100 m, from (0, 0) to (400, 200). Two districts of 200 × 200 m: west and east.

- Park P: 40 × 40 m = 1,600 m², x 150–190, y 105–145: its south edge runs 5 m from the street y=100.
- Sports field inside the park: 10 × 10 m.
- Cemetery, private garden, 2 m wide median and olive grove: none counts.
- House A (west, 10 × 10, 1 storey) at (50, 110): 10 m from the street y=100.
- House B (west, 10 × 10, 3 storeys) at (10, 190): 10 m from the street x=0 and from y=200.
- House C (east, 10 × 10) at (390, 110).
West has 400 people: A 100 and B 300. East has 60, all in C.
"""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString
from shapely import Point
from shapely import box

from ilo_geo.city.network import walking_network
from ilo_geo.city.population import spread_residents
from ilo_geo.core.study_area import PlanFigure
from ilo_geo.core.text import Text
from ilo_geo.green.scene import GreenInputs

CRS = "EPSG:32719"


def frame(geometry, **columns):
    return gpd.GeoDataFrame(geometry=geometry, crs=CRS).assign(**columns)


def house(x, y):
    return box(x - 5, y - 5, x + 5, y + 5)


@pytest.fixture
def districts():
    return frame([box(0, 0, 200, 200), box(200, 0, 400, 200)], id=["w", "e"], name=["West", "East"])


@pytest.fixture
def streets():
    xs, ys = range(0, 401, 100), range(0, 201, 100)
    lines = [LineString([(x, y) for x in xs]) for y in ys]
    lines += [LineString([(x, y) for y in ys]) for x in xs]
    return frame(lines, walk=True, drive=True, oneway="both", street_class="residential")


@pytest.fixture
def green():
    rows = [
        ("P", "park", "public", box(150, 105, 190, 145)),
        ("field", "pitch", "public", box(160, 120, 170, 130)),
        ("dead", "cemetery", "public", box(210, 10, 240, 40)),
        ("villa", "garden", "private", box(250, 10, 280, 40)),
        ("strip", "median", "public", box(210, 60, 290, 62)),
        ("olives", "olive_grove", "public", box(310, 10, 390, 90)),
    ]
    names, kinds, access, shapes = zip(*rows, strict=True)
    return frame(
        list(shapes),
        name=list(names),
        kind=list(kinds),
        access=list(access),
        since_year=None,
        until_year=None,
    )


@pytest.fixture
def buildings():
    return frame(
        [house(50, 110), house(10, 190), house(390, 110), house(300, 50)],
        residential=[True, True, True, False],
        levels=[1, 3, None, 9],
    )


@pytest.fixture
def residents(districts, buildings, streets):
    units = districts.set_index("id", drop=False)
    inhab = pd.Series({"w": 400.0, "e": 60.0})
    return spread_residents(units, inhab, buildings, streets)


@pytest.fixture
def inputs(districts, green, streets, residents):
    figure = PlanFigure(
        id="stock_2014", title=Text(es="x", en="x"), value=0.3, unit="ha", year=2014, source="x"
    )
    return GreenInputs(
        area="toy",
        residents=residents,
        levels={"districts": districts},
        green=green,
        streets=streets,
        network=walking_network(streets),
        barriers=None,
        gates=None,
        age_ratio=None,
        age_groups=(),
        plan_figures=(figure,),
        green_years=(2018,),
        refs=(),
        configuration_sha256="",
        notices=(),
    )


@pytest.fixture
def wall_along_street():
    return frame([LineString([(150, 105), (190, 105)])], kind=["wall"])


@pytest.fixture
def gate():
    return frame([Point(170, 105)], kind=["gate"])
