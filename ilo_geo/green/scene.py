"""The city as the green analysis sees it, in two steps that are worth keeping between questions.

`GreenInputs` is what does not depend on any parameter but the population base; `GreenScene` adds
what follows from the year and the entrance reach. Changing a standard or a distance reuses both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.city.network import Network
from ilo_geo.city.population import Residents
from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import Notice
from ilo_geo.core.study_area import AgeGroup
from ilo_geo.core.study_area import PlanFigure
from ilo_geo.green.access import ParkNetwork
from ilo_geo.green.access import park_network
from ilo_geo.green.entrances import GreenAreas
from ilo_geo.green.entrances import find_entrances
from ilo_geo.green.entrances import merge_touching
from ilo_geo.green.rules import counted_as
from ilo_geo.green.rules import rule_of_each
from ilo_geo.green.supply import GreenStock
from ilo_geo.green.supply import green_stock


@dataclass(frozen=True)
class GreenInputs:
    """Everything the green analysis reads, in one metric CRS.

    Attributes
    ----------
    area
        Id of the study area.
    residents
        Inhabitants as points, of the chosen base.
    levels
        Polygons to report by, coarse to fine, each with ``id`` and ``name``.
    green
        Every green polygon with ``name, kind, access, since_year, until_year``.
    streets, network
        The street layer and its walking network.
    barriers, gates
        Walls and openings, where the area has them.
    age_ratio
        Share of each age group in each population unit (index of the units), where known.
    age_groups, plan_figures, green_years
        Configuration of the area.
    refs, configuration_sha256, notices
        Provenance of the layers read, fingerprint of the area's configuration, and what was
        noticed on reading.
    """

    area: str
    residents: Residents
    levels: Mapping[str, gpd.GeoDataFrame]
    green: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    network: Network
    barriers: gpd.GeoDataFrame | None
    gates: gpd.GeoDataFrame | None
    age_ratio: pd.DataFrame | None
    age_groups: tuple[AgeGroup, ...]
    plan_figures: tuple[PlanFigure, ...]
    green_years: tuple[int, ...]
    refs: tuple[LayerRef, ...]
    configuration_sha256: str
    notices: tuple[Notice, ...]


@dataclass(frozen=True)
class GreenScene:
    """The green of one year with its entrances on the walking network."""

    rules: pd.Series
    stock: GreenStock
    areas: GreenAreas
    entrances: gpd.GeoDataFrame
    parks: ParkNetwork
    stock_by_year_m2: Mapping[int, float]


def green_scene(
    inputs: GreenInputs, *, year: int | None, reach_m: float, progress: Progress = silent
) -> GreenScene:
    """Return the green of ``year`` with its entrances.

    Parameters
    ----------
    inputs
        The city.
    year
        Year to describe, None where parks carry no years.
    reach_m
        Largest distance from street axis to park edge for an entrance.
    progress
        Told of each step.
    """
    require_same_metric_crs(
        green=inputs.green,
        streets=inputs.streets,
        residents=inputs.residents.points,
        **inputs.levels,
    )
    progress("progress.entrances", 0.6)
    rules = rule_of_each(inputs.green, year=year)
    counted = counted_as(rules, "green").to_numpy()
    areas = merge_touching(inputs.green.geometry, counted)
    entrances = find_entrances(
        areas, inputs.streets, reach_m=reach_m, barriers=inputs.barriers, gates=inputs.gates
    )
    parks = park_network(
        inputs.network, inputs.residents.points.geometry, entrances, reach_m=reach_m
    )
    return GreenScene(
        rules=rules,
        stock=green_stock(inputs.green, rules),
        areas=areas,
        entrances=entrances[parks.entrance_node >= 0],
        parks=parks,
        stock_by_year_m2={
            y: green_stock(inputs.green, rule_of_each(inputs.green, year=y)).green_area_m2
            for y in inputs.green_years
        },
    )


def entrances_of_each(scene: GreenScene) -> pd.Series:
    """Return how many entrances the green area of each polygon has, on the index of the rules."""
    n_areas = len(scene.areas.polygons)
    reached = scene.parks.entrance_area[scene.parks.entrance_node >= 0]
    per_area = np.append(np.bincount(reached, minlength=n_areas), 0)
    return pd.Series(per_area[scene.areas.member], index=scene.rules.index, name="n_entrances")
