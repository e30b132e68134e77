"""A town of one-way streets and known need for the tests of patrols."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.city.population import Residents
from ilo_geo.core.text import Text
from ilo_geo.security.need import Need
from ilo_geo.security.patrol.scene import PatrolInputs

CRS = "EPSG:32719"
# on land in UTM zone 19 south, so that H3 cells exist there
X0, Y0 = 252_000.0, 8_047_000.0


def streets(lines, oneway="both", street_class="residential", drive=True):
    geometry = [shapely.LineString(np.add(xy, (X0, Y0))) for xy in lines]
    table = {
        "street_class": street_class,
        "name": "Calle",
        "walk": True,
        "drive": drive,
        "oneway": oneway,
    }
    return gpd.GeoDataFrame(table, index=range(len(lines)), geometry=geometry, crs=CRS)


def lattice(columns, rows, step_m=300):
    """Return streets of a lattice, each line a whole street."""
    xs, ys = np.arange(columns) * step_m, np.arange(rows) * step_m
    along = [[(x, y) for x in xs] for y in ys]
    return streets(along + [[(x, y) for y in ys] for x in xs])


def points(xy, **columns):
    table = {name: np.broadcast_to(values, len(xy)) for name, values in columns.items()}
    geometry = [shapely.Point(x + X0, y + Y0) for x, y in xy]
    return gpd.GeoDataFrame(table, index=range(len(xy)), geometry=geometry, crs=CRS)


def need_at(xy, weight, *, is_proxy=True):
    share = np.asarray(weight, dtype=float) / np.sum(weight)
    return Need(points(xy), share, is_proxy, pd.DataFrame({"flow": share}), (), share)


def bases(xy, *, kind="patrol_bases", accuracy_m=0.0):
    names = [f"Base {n}" for n in range(len(xy))]
    return points(xy, name=np.array(names, dtype=object), kind=kind, accuracy_m=accuracy_m)


def town(*, roads, homes, at=((0, 0),), need=None, **changes):
    """Return inputs of the analysis: one person a home, need at the homes unless given."""
    people = points(homes, inhab=1.0, unit="u", placed_on="building")
    whole = shapely.box(X0 - 5_000, Y0 - 5_000, X0 + 20_000, Y0 + 20_000)
    level = gpd.GeoDataFrame({"id": ["all"], "name": ["All"]}, geometry=[whole], crs=CRS)
    made = {
        "area": "ilo",
        "streets": roads,
        "bases": bases(list(at)),
        "police": None,
        "residents": Residents(people),
        "need": need or need_at(homes, np.ones(len(homes))),
        "incidents": None,
        "levels": {"districts": level.set_index("id", drop=False)},
        "inhab_by_base": {"plan_2015": (Text(es="Plan", en="Plan"), 79_927.0)},
        "urban_km2": 8.0,
        "district_km2": 1_000.0,
        "public_lots": None,
        "refs": (),
    }
    return PatrolInputs(**(made | changes))
