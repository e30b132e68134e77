"""The city as the search for park sites sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from affine import Affine

from ilo_geo.core.layer import LayerRef
from ilo_geo.core.results import Notice
from ilo_geo.green.scene import GreenInputs
from ilo_geo.green.scene import GreenScene


@dataclass(frozen=True)
class Slopes:
    """Slope (rise over run) on a grid, and the standard deviation of its error."""

    slope_ratio: np.ndarray
    transform: Affine
    error_ratio: float


@dataclass(frozen=True)
class ParkInputs:
    """Everything the search reads, in one metric CRS.

    Attributes
    ----------
    green, scene
        The city's people, streets and parks, and the green of the year asked for.
    lots
        Polygons with ``tenure`` and ``use``; ``id`` and ``block`` where known.
    vetoes
        Zones in the form of the hazards' zone table (``hazard``, ``certainty``, geometry), drawn
        at the distances asked for; ``hazard`` is the id of a rule.
    hazards
        Zones of every hazard with their ``level``: what remains where a lot is not ruled out.
    overlaps
        Polygons or lines that no park can lie on, by the id of the rule.
    with_layers
        Layers that have data: a rule none of whose layers has any is not applied, which is said.
    slopes
        None without terrain.
    river
        Axis lines, for parks on the river bank; None without.
    need
        Shares of young, old, poor … people by population unit (rows) and evidence (columns), NaN
        where unknown; None where nothing is known.
    inhab_by_base
        Inhabitants of each resident point by population base, the chosen base first.
    lots_assumed
        Whether ``lots`` are `land.street_blocks`, as the area has no lots.
    refs, notices, configuration_sha256
        As in every analysis.
    """

    green: GreenInputs
    scene: GreenScene
    lots: gpd.GeoDataFrame
    vetoes: gpd.GeoDataFrame
    hazards: gpd.GeoDataFrame
    overlaps: Mapping[str, gpd.GeoDataFrame]
    with_layers: frozenset[str]
    slopes: Slopes | None
    river: gpd.GeoDataFrame | None
    need: pd.DataFrame | None
    inhab_by_base: pd.DataFrame
    lots_assumed: bool = False
    refs: tuple[LayerRef, ...] = ()
    notices: tuple[Notice, ...] = ()
    configuration_sha256: str = ""
