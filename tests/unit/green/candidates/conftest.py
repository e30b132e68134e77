"""One street and the lots along it, worked out by hand.

The street runs from (0, 0) to (1200, 0). Lots are 40 × 30 m = 1,200 m², their south edge 8 m north
of the street: lot ``a`` at x 100–140, ``b`` at 145–185 and ``c`` at 900–940, each of its own block.
People stand on the street: 100 at x = 0, 50 at x = 200, 60 at x = 1000, 10 at x = 550.
An existing park of 40 × 40 m lies at x 1150–1190.
"""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString
from shapely import Point
from shapely import box

from ilo_geo.city.network import walking_network
from ilo_geo.city.population import Residents
from ilo_geo.green.candidates.inputs import ParkInputs
from ilo_geo.green.candidates.parameters import ParkParams
from ilo_geo.green.scene import GreenInputs
from ilo_geo.green.scene import green_scene

CRS = "EPSG:32719"
AT = {"w": (0, 100.0), "n": (200, 50.0), "e": (1000, 60.0), "m": (550, 10.0)}


def frame(geometry, **columns):
    return gpd.GeoDataFrame(geometry=list(geometry), crs=CRS).assign(**columns)


def lots_at(*wests, tenure="public", width=40, depth=30):
    names = "abcdefgh"
    return frame(
        [box(x, 8, x + width, 8 + depth) for x in wests],
        id=list(names[: len(wests)]),
        block=[f"block {n}" for n in names[: len(wests)]],
        tenure=tenure,
        use="vacant",
    )


def no_zones():
    columns = ["hazard", "certainty", "level", "geometry"]
    return gpd.GeoDataFrame(columns=columns, geometry="geometry", crs=CRS)


def zones(*rows):
    """Return a zone table of (hazard, certainty, level, polygon)."""
    table = pd.DataFrame(rows, columns=["hazard", "certainty", "level", "geometry"])
    return gpd.GeoDataFrame(table, geometry="geometry", crs=CRS)


def city(lots, *, vetoes=None, hazards=None, **given):
    """Return the inputs of the search."""
    street = frame([LineString([(0, 0), (1200, 0)])], walk=True, drive=True, oneway="both")
    points = frame(
        [Point(x, 0) for x, _ in AT.values()],
        inhab=[n for _, n in AT.values()],
        unit=[0] * len(AT),
        placed_on="street",
    )
    park = frame([box(1150, 8, 1190, 48)], name="P", kind="park", access="public")
    park = park.assign(since_year=None, until_year=None)
    zone = frame([box(-50, -100, 1250, 300)], id=["z"], name=["Zone"])
    green = GreenInputs(
        area="toy",
        residents=Residents(points),
        levels={"zones": zone},
        green=park,
        streets=street,
        network=walking_network(street),
        barriers=None,
        gates=None,
        age_ratio=None,
        age_groups=(),
        plan_figures=(),
        green_years=(),
        refs=(),
        configuration_sha256="",
        notices=(),
    )
    usual = {
        "green": green,
        "scene": green_scene(green, year=None, reach_m=20),
        "lots": lots,
        "vetoes": no_zones() if vetoes is None else vetoes,
        "hazards": no_zones() if hazards is None else hazards,
        "overlaps": {},
        "with_layers": frozenset(),
        "slopes": None,
        "river": None,
        "need": None,
        "inhab_by_base": pd.DataFrame({"base": points["inhab"]}),
    }
    return ParkInputs(**{**usual, **given})


def asked(**given):
    usual = {"population_base": "base", "n_parks": 2, "n_draws": 20}
    return ParkParams(**{**usual, **given})


@pytest.fixture
def lots():
    return lots_at(100, 145, 900)
