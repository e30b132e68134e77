"""The map of a scenario: two pictures of the same zones, one on each side of a divider."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.services.map_layers import DECIMALS
from ilo_geo.services.scenario_measures import AFTER
from ilo_geo.services.scenario_measures import BEFORE
from ilo_geo.services.scenarios import ScenarioView

LEFT, RIGHT = "left", "right"
LEFT_SHAPES, RIGHT_SHAPES = "left_shapes", "right_shapes"


def split_map(view: ScenarioView, other: ScenarioView | None = None) -> dict[str, dict[str, Any]]:
    """Return what lies left and right of the divider, as GeoJSON in WGS 84.

    Left is today and right with the scenario; of two scenarios, each is on its side. Zones carry
    ``n`` (name), ``c`` (class), ``v`` (m² per inhabitant) and ``d`` (deficit, ha); proposals ``n``
    (number) and ``t`` (title).
    """
    if other is None:
        sides = ((view, BEFORE), (view, AFTER))
        shapes = (view.proposals.iloc[:0], view.proposals)
    else:
        sides = ((view, AFTER), (other, AFTER))
        shapes = (view.proposals, other.proposals)
    return {
        LEFT: _zones(*sides[0]),
        RIGHT: _zones(*sides[1]),
        LEFT_SHAPES: _shapes(shapes[0]),
        RIGHT_SHAPES: _shapes(shapes[1]),
    }


def changes_colour(view: ScenarioView, other: ScenarioView | None = None) -> bool:
    """Return whether any zone has another class on the right than on the left."""
    left, right = (view, BEFORE), (view, AFTER)
    if other is not None:
        left, right = (view, AFTER), (other, AFTER)
    classes = [list(one.zones.get(f"supply_class_{when}", ())) for one, when in (left, right)]
    return classes[0] != classes[1]


def _zones(view: ScenarioView, when: str) -> dict[str, Any]:
    zones = view.zones
    if zones.empty:
        return _collection([], [])
    properties = [
        {"n": str(name), "c": str(kind), "v": _number(value, 2), "d": _number(deficit, 2)}
        for name, kind, value, deficit in zip(
            zones["name"],
            zones[f"supply_class_{when}"],
            zones[f"green_m2_per_inhab_{when}"],
            zones[f"deficit_ha_{when}"],
            strict=True,
        )
    ]
    return _collection(zones, properties)


def _shapes(proposals: gpd.GeoDataFrame) -> dict[str, Any]:
    titles = proposals["title"] if len(proposals) else []
    properties = [
        {"n": int(number), "t": str(title)}
        for number, title in zip(proposals.index, titles, strict=True)
    ]
    return _collection(proposals, properties)


def _number(value: float, decimals: int) -> float | None:
    return None if pd.isna(value) else round(float(value), decimals)


def _collection(frame: Any, properties: list[dict[str, Any]]) -> dict[str, Any]:
    shapes = frame.to_crs(DISPLAY_CRS).geometry.to_numpy() if len(frame) else []
    drawn = shapely.set_precision(shapes, 10.0**-DECIMALS, mode="pointwise") if len(frame) else []
    features = [
        {"type": "Feature", "properties": own, "geometry": shapely.geometry.mapping(shape)}
        for own, shape in zip(properties, drawn, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}
