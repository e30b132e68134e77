"""A handful of people, dwellings and sites at known places, for hazards to be counted on."""

from __future__ import annotations

import geopandas as gpd
from shapely import LineString
from shapely import Point
from shapely import box

from ilo_geo.city.population import Residents
from ilo_geo.hazards.exposed import Exposed

CRS = "EPSG:32719"


def frame(geometry, **columns):
    return gpd.GeoDataFrame(geometry=geometry, crs=CRS).assign(**columns)


def points(*xy, **columns):
    return frame([Point(*pair) for pair in xy], **columns)


def few_people(homes, *, inhab=10.0, fewer=0.8, half_m=50_000, **sites):
    """Return one dwelling with ``inhab`` people at each of ``homes``, and sites by kind.

    Two population bases: the chosen one and one with ``fewer`` times the people. Two districts
    meet on the line x = 0.
    """

    def residents(each):
        placed = points(*homes, inhab=each, unit="u", placed_on="building")
        return Residents(placed)

    bases = {"chosen": residents(inhab), "small": residents(inhab * fewer)}
    west, east = box(-half_m, -half_m, 0, half_m), box(0, -half_m, half_m, half_m)
    return Exposed(
        residents=bases,
        day=bases,
        dwellings=points(*homes, dwellings=1.0),
        sites=sites,
        lines={"roads": frame([LineString([(-half_m, 0), (half_m, 0)])])},
        levels={"districts": frame([west, east], id=["w", "e"], name=["West", "East"])},
    )
