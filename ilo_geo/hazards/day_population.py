"""Where people stand by day: pupils at schools, workers at their work, the rest at home.

Model, not a count. Every home loses the same share of its people; pupils stand at all schools at
once (shifts are not known, so a school holds at most this many), and workers in the buildings where
nobody lives, in proportion to floor area. Nobody is made or lost. Biases: pupils of a school come
from the whole area, not its surroundings; the age of each home, work at home, at sea, in the fields
or out of the area, and visitors are not known.
"""

from __future__ import annotations

from typing import Annotated

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import Field

from ilo_geo.city.population import DEFAULT_LEVELS
from ilo_geo.city.population import Residents
from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.parameters import Parameters

SCHOOL, WORK = "school", "work"
# columns a school layer may carry
ENROLMENT = "pupils"
MANAGEMENT, PUBLIC = "management", "public"


class DayParams(Parameters):
    """Who leaves home by day; their words are in ``exposure.yaml``.

    Zero pupils and workers, where nobody counted them, is a day like the night.
    ``public_pupils_ratio`` shares pupils between public and private schools; None treats all
    schools alike.
    """

    pupils_inhab: Annotated[float, Field(ge=0, le=5_000_000)] = 0.0
    public_pupils_ratio: Annotated[float, Field(ge=0, le=1)] | None = None
    workers_inhab: Annotated[float, Field(ge=0, le=5_000_000)] = 0.0


def day_population(
    residents: Residents,
    schools: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    params: DayParams,
) -> Residents:
    """Return the inhabitants where they stand on a working day.

    Of the ``N`` inhabitants, ``P`` pupils and ``W`` workers leave: a point of ``n`` keeps
    ``n · (1 − (P + W) / N)``. Pupils or workers stay at home where there is no school or no
    building to work in.

    Parameters
    ----------
    residents
        Inhabitants by night.
    schools
        Points. Pupils share out by ``pupils`` (enrolment) where every school has it; else by
        ``management`` (``public`` or not) and equally within each kind; else equally.
    buildings
        Polygons with ``residential`` and ``levels``; those not residential are work places.
    params
        How many leave home.

    Returns
    -------
    residents
        Points with ``inhab``, ``unit`` (none at school and work) and ``placed_on``, which adds
        ``school`` and ``work``; their sum is that of the night.

    Raises
    ------
    ParameterError
        More would leave than live there.
    """
    require_same_metric_crs(residents=residents.points, schools=schools, buildings=buildings)
    work, floor_m2 = _work_places(buildings)
    school_share = _share(_school_weight(schools, params.public_pupils_ratio))
    work_share = _share(floor_m2)
    pupils = params.pupils_inhab if len(school_share) else 0.0
    workers = params.workers_inhab if len(work_share) else 0.0
    total = residents.total_inhab
    if pupils + workers > total:
        raise ParameterError(
            "exposure.too_many_leave", found=f"{pupils + workers:,.0f}", expected=f"{total:,.0f}"
        )
    home = residents.points
    staying_ratio = 1.0 - (pupils + workers) / total if total else 1.0
    parts = [home.assign(inhab=home["inhab"] * staying_ratio)]
    if pupils:
        parts.append(_placed(schools.geometry, pupils * school_share, SCHOOL))
    if workers:
        parts.append(_placed(work, workers * work_share, WORK))
    return Residents(
        gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=home.crs)
    )


def _school_weight(schools: gpd.GeoDataFrame, public_ratio: float | None) -> np.ndarray:
    if ENROLMENT in schools and schools[ENROLMENT].notna().all():
        enrolled: np.ndarray = schools[ENROLMENT].to_numpy(float)
        return enrolled
    equal = np.ones(len(schools))
    if public_ratio is None or MANAGEMENT not in schools:
        return equal
    public = (schools[MANAGEMENT] == PUBLIC).to_numpy()
    if public.all() or not public.any():
        return equal
    private_ratio = 1 - public_ratio
    shared: np.ndarray = np.where(
        public, public_ratio / public.sum(), private_ratio / (~public).sum()
    )
    return shared


def _work_places(buildings: gpd.GeoDataFrame) -> tuple[gpd.GeoSeries, np.ndarray]:
    """Return a point and the floor area of each building where nobody lives."""
    work = buildings[~buildings["residential"].astype(bool)]
    levels = pd.to_numeric(work["levels"]).fillna(DEFAULT_LEVELS).clip(lower=1.0)
    points = gpd.GeoSeries(
        shapely.point_on_surface(work.geometry.to_numpy()), index=work.index, crs=buildings.crs
    )
    return points, (work.area * levels).to_numpy(float)


def _share(weight: np.ndarray) -> np.ndarray:
    """Return weights that add up to one; nothing where they add up to nothing."""
    total = float(weight.sum())
    share: np.ndarray = weight / total if total > 0 else weight[:0]
    return share


def _placed(points: gpd.GeoSeries, inhab: np.ndarray, place: str) -> gpd.GeoDataFrame:
    columns = {"unit": None, "inhab": inhab, "placed_on": place}
    return gpd.GeoDataFrame(columns, geometry=points.to_numpy(), crs=points.crs)
