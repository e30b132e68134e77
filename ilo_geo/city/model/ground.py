"""Ground hazards that are known by the name of a place only, laid on the sectors of that name."""

from __future__ import annotations

import geopandas as gpd

from ilo_geo.city.model.parameters import CityModel
from ilo_geo.city.model.parameters import GroundHazard


def ground_hazards(footprint: gpd.GeoDataFrame, model: CityModel) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of ground hazards by id.

    Columns: ``name, level, source, level_basis``. An outline is the union of sectors of
    ``footprint`` (columns ``id``, ``geometry``): of the same accuracy as these, no survey.
    """
    layers: dict[str, list[GroundHazard]] = {}
    for hazard in model.ground_hazards:
        layers.setdefault(hazard.layer, []).append(hazard)
    return {layer: _layer(rows, footprint) for layer, rows in layers.items()}


def _layer(rows: list[GroundHazard], footprint: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    named = {sector for row in rows for sector in row.sectors}
    in_rest = ~footprint["id"].isin(named)
    outlines = [
        footprint.geometry[in_rest if row.rest else footprint["id"].isin(row.sectors)].union_all()
        for row in rows
    ]
    columns = ("name", "level", "source", "level_basis")
    table = [{column: getattr(row, column) for column in columns} for row in rows]
    return gpd.GeoDataFrame(table, geometry=outlines, crs=footprint.crs)
