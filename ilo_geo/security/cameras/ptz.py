"""Cameras that turn and zoom, told apart from the fixed ones: what they could look at, not watch.

At each chosen pole such a camera would reach, zoomed in full, one distance at which it detects a
person and a shorter one at which it recognises one. It looks one way at a time: none of this
counts as covered.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from ilo_geo.security.cameras.demand import Demand
from ilo_geo.security.cameras.parameters import CameraParams
from ilo_geo.security.cameras.sight import Sight
from ilo_geo.security.optics import CameraModel
from ilo_geo.security.optics import ground_range_m
from ilo_geo.security.optics import reach
from ilo_geo.security.optics import reported

DETECTION, RECOGNITION = "detection", "recognition"


@dataclass(frozen=True)
class PtzReach:
    """What a model that turns would reach from poles.

    ``range_by`` and ``need_ratio_by`` hold the distance and the share of the need within it and in
    sight, for detection and recognition.
    """

    table: gpd.GeoDataFrame
    range_by: dict[str, float]
    need_ratio_by: dict[str, float]


def ptz_ranges(model: CameraModel, params: CameraParams) -> dict[str, float]:
    """Return how far on the ground a model detects and recognises a person, zoomed in full.

    No farther than haze, vibration and aim allow (``zoom_limit_m``), whatever the pixels say.
    """
    told = reported()
    asked = {DETECTION: told.detection, RECOGNITION: told.recognition}
    slant = {
        name: reach(model, band.density_px_m, limit_m=told.zoom_limit_m).zoom_range_m
        for name, band in asked.items()
    }
    return {
        name: ground_range_m(slant_m, params.camera_height_m, params.target_height_m)
        for name, slant_m in slant.items()
    }


def ptz_reach(
    model: CameraModel,
    poles: gpd.GeoDataFrame,
    demand: Demand,
    sight: Sight,
    params: CameraParams,
) -> PtzReach:
    """Return what ``model`` would reach from each of the ``poles``, one camera a pole."""
    ranges = ptz_ranges(model, params)
    xy = shapely.get_coordinates(poles.geometry)
    seen = sight.places(xy, demand.xy, max(ranges.values()))
    table = gpd.GeoDataFrame({"model": model.id}, index=poles.index, geometry=poles.geometry)
    whole = {}
    for name, limit_m in ranges.items():
        near = seen.distance_m <= limit_m
        pole, place = seen.pole[near], seen.place[near]
        need = demand.need[place]
        table[f"{name}_m"] = limit_m
        table[f"{name}_need_ratio"] = np.bincount(pole, weights=need, minlength=len(xy))
        whole[name] = float(demand.need[np.unique(place)].sum())
    return PtzReach(table.rename_axis("pole"), ranges, whole)
