"""Use case: the printable way to safety from one block, or from every block of a zone."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from ilo_geo.core.errors import InputError
from ilo_geo.core.progress import silent
from ilo_geo.core.text import Lang
from ilo_geo.hazards.evacuation.parameters import EvacuationParams
from ilo_geo.hazards.evacuation.retime import evac_tree
from ilo_geo.hazards.evacuation.routes import Route
from ilo_geo.hazards.evacuation.routes import route_of_place
from ilo_geo.hazards.evacuation.scene import EvacScene
from ilo_geo.hazards.evacuation.scene import EvacuationInputs
from ilo_geo.hazards.flood_outlines import traced
from ilo_geo.hazards.tsunami import ANALYSIS_ID as TSUNAMI
from ilo_geo.hazards.zones import LINE
from ilo_geo.io.route_sheet import RouteTerms
from ilo_geo.io.route_sheet import write_route_sheets
from ilo_geo.services.areas import Area
from ilo_geo.services.evacuation import EVACUATION
from ilo_geo.services.evacuation import people_on_the_way
from ilo_geo.services.evacuation import scene_of
from ilo_geo.services.hazard_inputs import optional_frame
from ilo_geo.services.hazards import hazard_zones

BLOCKS, ZONES = "blocks", "zones"
# a sheet shows the streets and the water this far around the way
AROUND_M = 800.0


def route_sheet_pdf(
    area: Area, params: EvacuationParams, place_id: str, path: Path, *, lang: Lang = "es"
) -> Path:
    """Write the sheet of one block, or one sheet a block of a zone, and return its path.

    Raises
    ------
    InputError
        Nobody must leave from there, or there is no block or zone of that id.
    """
    inputs, scene = scene_of(area, params)
    result = EVACUATION.run(area, params, silent)
    blocks = result.maps[BLOCKS]
    chosen = _blocks_of(blocks, result.maps.get(ZONES), place_id)
    if chosen.empty:
        raise InputError("evacuation.no_such_block", found=place_id, where=area.config.id)
    routes = _routes(area, inputs, scene, params, chosen)
    terms = RouteTerms(params.speed_m_s, params.arrival_min, params.level_m)
    reach = shapely.union_all(chosen.geometry.to_numpy()).buffer(AROUND_M)
    return write_route_sheets(
        path,
        routes,
        crs=area.crs,
        terms=terms,
        provenance=inputs.refs,
        lang=lang,
        context=_context(area, inputs, scene, params, reach),
        places=dict(zip(routes, chosen.geometry, strict=True)),
    )


def _blocks_of(
    blocks: gpd.GeoDataFrame, zones: gpd.GeoDataFrame | None, place_id: str
) -> gpd.GeoDataFrame:
    if place_id in blocks.index.astype(str):
        return blocks[blocks.index.astype(str) == place_id]
    if zones is not None and place_id in zones.index:
        middle = blocks.geometry.representative_point()
        return blocks[middle.intersects(zones.geometry[place_id])]
    return blocks.iloc[:0]


def _routes(
    area: Area,
    inputs: EvacuationInputs,
    scene: EvacScene,
    params: EvacuationParams,
    chosen: gpd.GeoDataFrame,
) -> dict[str, Route | None]:
    tree = evac_tree(scene.graph.at_speed(params.speed_m_s))
    people = people_on_the_way(scene, params)
    homes = scene.places[params.moment, params.population_base].xy
    named = optional_frame(area, "places")
    routes: dict[str, Route | None] = {}
    for block, row in chosen.iterrows():
        name = _name(str(block), row)
        try:
            routes[name] = route_of_place(
                tree, people, homes, row.geometry, inputs.streets, where=name, places=named
            )
        except InputError as error:
            # a block without a way out gets a sheet that says so
            if error.code != "evacuation.no_route":
                raise
            routes[name] = None
    return routes


def _name(block: str, row: pd.Series) -> str:
    """Return what the block is called: its own name and sector where known, always its id."""
    known = [str(row[column]) for column in ("name", "sector") if pd.notna(row.get(column))]
    return " · ".join([*known[:1], block])


def _context(
    area: Area,
    inputs: EvacuationInputs,
    scene: EvacScene,
    params: EvacuationParams,
    reach: shapely.Geometry,
) -> dict[str, gpd.GeoDataFrame]:
    """Return what a reader finds the way by: safe ground, water's reach, blocks and streets."""
    zones = hazard_zones(area, params.level_m, params.river_reach_m, params.flood_source)
    flooded = zones[(zones["hazard"] == TSUNAMI) & (zones["certainty"] == LINE)]
    safe = shapely.intersection(traced(scene.strip.safe, scene.strip.transform), reach)
    layers = {
        "safe_ground": gpd.GeoDataFrame(geometry=[safe], crs=area.crs),
        "blocks": inputs.blocks,
        "inundation": flooded,
        "streets": inputs.streets,
        "refuges": inputs.refuges,
    }
    return {
        name: frame[frame.intersects(reach)] for name, frame in layers.items() if frame is not None
    }
