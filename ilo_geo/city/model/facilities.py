"""Schools on school lots and lamp posts along the streets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from ilo_geo.city.model.parameters import CityModel

KERB_SHARE = 0.4


def schools(lots: gpd.GeoDataFrame, sectors: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return one point a school lot, with who runs it and whether it is rural."""
    chosen = lots[lots["use"] == "school"].reset_index(drop=True)
    return gpd.GeoDataFrame(
        {
            "name": [f"Local escolar modelado {n:02d}" for n in range(1, len(chosen) + 1)],
            "management": chosen["tenure"],
            "setting": np.where(chosen["sector"].map(sectors["urban"]), "urban", "rural"),
        },
        geometry=chosen.representative_point(),
        crs=lots.crs,
    )


def poles(
    streets: gpd.GeoDataFrame, sectors: gpd.GeoDataFrame, model: CityModel
) -> gpd.GeoDataFrame:
    """Return lamp posts: one at every crossing, and along the kerb of every urban street.

    Columns: ``at_crossing``.
    """
    urban = streets[streets["sector"].isin(sectors["id"][sectors["urban"]])]
    lines = urban.geometry.to_numpy()
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    xy, count = np.unique(shapely.get_coordinates(ends), axis=0, return_counts=True)
    crossings = shapely.points(xy[count >= 3])
    kerbs = shapely.offset_curve(lines, KERB_SHARE * urban["width_m"].to_numpy())
    length = shapely.length(kerbs)
    spacing_m = model.facilities.pole_spacing_m
    between = np.maximum(0, np.floor(length / spacing_m).astype(int) - 1)
    row = np.repeat(np.arange(len(kerbs)), between)
    number = np.arange(len(row)) - np.repeat(np.cumsum(between) - between, between) + 1
    along = shapely.line_interpolate_point(kerbs[row], number * length[row] / (between[row] + 1))
    return gpd.GeoDataFrame(
        {"at_crossing": np.repeat([True, False], [len(crossings), len(along)])},
        geometry=np.concatenate([crossings, along]),
        crs=streets.crs,
    )
