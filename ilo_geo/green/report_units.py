"""The polygons the green analysis reports by, with what lies in each whatever the standard.

Districts, zones and H3 cells: who lives in which, and how much counted green and sport each holds.
None of it depends on a standard or a distance, so it is kept between questions.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.city.cells import h3_cells
from ilo_geo.city.zones import polygon_of_each
from ilo_geo.green.scene import GreenInputs
from ilo_geo.green.scene import GreenScene
from ilo_geo.green.supply import area_in_each_m2

CELLS = "cells"


@dataclass(frozen=True)
class ReportUnits:
    """The polygons of one level.

    Attributes
    ----------
    polygons
        Index ``id``; ``name``, where known ``neighbourhoods``, and geometry.
    unit_of_person
        Row in ``polygons`` of each resident point, -1 outside all of them.
    green_area_m2, sports_area_m2
        Counted green and sports fields in each polygon.
    """

    polygons: gpd.GeoDataFrame
    unit_of_person: np.ndarray
    green_area_m2: pd.Series
    sports_area_m2: pd.Series

    def sum_in_each(self, amount: np.ndarray) -> pd.Series:
        """Return the sum of an amount per resident point in each polygon."""
        inside = self.unit_of_person >= 0
        summed = np.bincount(
            self.unit_of_person[inside], weights=amount[inside], minlength=len(self.polygons)
        )
        return pd.Series(summed, index=self.polygons.index)


def report_units(
    inputs: GreenInputs, scene: GreenScene, *, cell_resolution: int
) -> dict[str, ReportUnits]:
    """Return the polygons of every level, coarse to fine, H3 cells last."""
    people = inputs.residents.points.geometry
    units = {
        level: _units(polygons, polygon_of_each(polygons, people.to_numpy()), scene)
        for level, polygons in inputs.levels.items()
    }
    green = gpd.GeoSeries(scene.stock.green, crs=people.crs)
    cells, cell_of_person = h3_cells(people, cell_resolution, polygons=green)
    return {**units, CELLS: _units(cells, cell_of_person, scene)}


def _units(polygons: gpd.GeoDataFrame, of_person: np.ndarray, scene: GreenScene) -> ReportUnits:
    named = [c for c in ("id", "name", "neighbourhoods", "geometry") if c in polygons.columns]
    indexed = polygons[named].set_index("id")
    return ReportUnits(
        polygons=indexed,
        unit_of_person=of_person,
        green_area_m2=area_in_each_m2(indexed, scene.stock.green),
        sports_area_m2=area_in_each_m2(indexed, scene.stock.sport),
    )
