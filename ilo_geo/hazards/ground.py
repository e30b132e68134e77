"""Ground hazards that come as layers with a level: salts, river erosion, dunes, weak building.

Each level of a layer becomes a band "at least this severe": the outline of a mild band holds those
of the graver ones. How sure it is follows from the accuracy of the layer, or of the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.core.results import Notice
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.hazards.cited import Data
from ilo_geo.hazards.levels import hazard_levels
from ilo_geo.hazards.positional import polygon_outlines
from ilo_geo.hazards.zones import CERTAINTIES
from ilo_geo.hazards.zones import Zone
from ilo_geo.hazards.zones import zone_table


class GroundRules(Data):
    """The layers that are ground hazards, by id, with their titles."""

    assumed_accuracy_m: float
    layers: dict[str, Text]


@cache
def ground_rules() -> GroundRules:
    """Return the ground hazards."""
    return GroundRules.model_validate(load_package_yaml("ilo_geo.hazards", "ground.yaml"))


@dataclass(frozen=True)
class GroundLayer:
    """Polygons with ``level``, ``source`` and where known ``accuracy_m``, and the layer's accuracy.

    A layer without rows is a hazard that is known to exist and that nobody has drawn.
    """

    polygons: gpd.GeoDataFrame
    accuracy_m: float | None


def ground_zones(layers: Mapping[str, GroundLayer], crs: CRS) -> gpd.GeoDataFrame:
    """Return the zones of every ground hazard, hazard = layer id, band = level.

    Parameters
    ----------
    layers
        By id of `GroundRules`; those of other ids are refused.
    crs
        Metric CRS of the area, and of the layers.

    Raises
    ------
    CrsError
        A layer is in another reference system.
    KeyError
        A layer is no ground hazard.
    """
    require_same_metric_crs(
        area=gpd.GeoDataFrame(geometry=[], crs=crs),
        **{layer: item.polygons for layer, item in layers.items()},
    )
    return zone_table([zone for layer, item in layers.items() for zone in _zones(layer, item)], crs)


def ground_notices(layers: Mapping[str, GroundLayer]) -> tuple[Notice, ...]:
    """Return what a reader must know of hazards that are not drawn."""
    titles = ground_rules().layers
    without = tuple(
        title
        for layer, title in titles.items()
        if layer not in layers or layers[layer].polygons.empty
    )
    return (Notice("ground.not_drawn", {"hazards": without}),) if without else ()


def _zones(layer: str, item: GroundLayer) -> Iterator[Zone]:
    hazard = ground_rules().layers[layer]
    polygons = item.polygons
    if polygons.empty:
        return
    accuracy_m = _accuracy_m(item)
    levels = hazard_levels()
    titles = {level.id: level.title for level in levels.levels}
    for position, level in enumerate(levels.ids):
        if not (polygons["level"] == level).any():
            continue
        severe = polygons["level"].isin(levels.ids[position:]).to_numpy()
        outlines = _united(polygons.geometry.to_numpy()[severe], accuracy_m[severe])
        source = "; ".join(dict.fromkeys(polygons["source"][severe]))
        title = Text(
            es=f"{hazard.es}: {titles[level].es.lower()}",
            en=f"{hazard.en}: {titles[level].en.lower()}",
        )
        for certainty, outline in outlines.items():
            yield Zone(layer, level, title, level, certainty, outline, source)


def _united(polygons: np.ndarray, accuracy_m: pd.Series) -> dict[str, shapely.Geometry]:
    """Return the outlines of the union; neighbours of one accuracy are joined before they move.

    An edge between two rows of a band is no edge of the band, so it must not open a gap there.
    """
    parts: dict[str, list[shapely.Geometry]] = {certainty: [] for certainty in CERTAINTIES}
    for error_m in accuracy_m.unique():
        united = shapely.union_all(polygons[(accuracy_m == error_m).to_numpy()])
        for certainty, outline in polygon_outlines(united, float(error_m)).items():
            parts[certainty].append(outline)
    return {certainty: shapely.union_all(found) for certainty, found in parts.items()}


def _accuracy_m(item: GroundLayer) -> pd.Series:
    polygons = item.polygons
    stated = pd.Series(float("nan"), index=polygons.index)
    if "accuracy_m" in polygons.columns:
        stated = pd.to_numeric(polygons["accuracy_m"], errors="coerce").astype(float)
    of_layer_m = ground_rules().assumed_accuracy_m if item.accuracy_m is None else item.accuracy_m
    return stated.fillna(of_layer_m)
