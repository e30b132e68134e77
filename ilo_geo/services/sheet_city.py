"""The city as technical sheets see it: people on the streets, green by zone; made once."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rasterio.transform import rowcol

from ilo_geo.city.network import Bools
from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.city.network import Network
from ilo_geo.city.place_distances import ways_from_places
from ilo_geo.city.snapping import Snap
from ilo_geo.city.snapping import snap
from ilo_geo.city.zones import polygon_of_each
from ilo_geo.core.errors import InputError
from ilo_geo.core.text import Text
from ilo_geo.green.access import MAX_GAP_M
from ilo_geo.green.candidates.parameters import ParkParams
from ilo_geo.green.entrances import GreenAreas
from ilo_geo.green.entrances import find_entrances
from ilo_geo.green.scene import GreenInputs
from ilo_geo.green.scene import GreenScene
from ilo_geo.green.supply import area_in_each_m2
from ilo_geo.hazards.flood import FloodField
from ilo_geo.hazards.tsunami import TsunamiParams
from ilo_geo.hazards.tsunami_parameters import tsunami_classes
from ilo_geo.hazards.zones import CERTAINTIES
from ilo_geo.proposals.sheet_rules import sheet_rules
from ilo_geo.proposals.sheet_shape import POLYGON
from ilo_geo.proposals.sheet_shape import places_in
from ilo_geo.proposals.sheet_shape import shape_kind
from ilo_geo.services.areas import Area
from ilo_geo.services.city import default_base
from ilo_geo.services.city import fingerprint
from ilo_geo.services.city import kept_of
from ilo_geo.services.city import offered_bases
from ilo_geo.services.city import residents
from ilo_geo.services.flood_chart import flood_in_use
from ilo_geo.services.green import GREEN
from ilo_geo.services.green import green_city
from ilo_geo.services.init_layers import init_table
from ilo_geo.services.parks import PARKS
from ilo_geo.services.risk import PLAN_REACH_M

# without these nobody is anywhere
PEOPLE_LAYERS = ("population", "streets", "buildings")
GREEN_NEEDS = (*PEOPLE_LAYERS, "parks")
TERRAIN, COAST, NO_SHORE = "terrain", ("coastline",), "tsunami.no_shore"
# the flood is one answer for every level; the plan's higher one is asked for
HIGHEST_M = max(tsunami_classes().plan_levels_m)


@dataclass(frozen=True)
class People:
    """The inhabitants counted by one base, on the walking network.

    Attributes
    ----------
    base
        Id of the base.
    points, inhab
        Where they live, and how many.
    on
        The same on the network.
    zone
        Row of the finest zone of each, -1 outside all.
    served
        Who reaches a park that counts today.
    """

    base: str
    points: np.ndarray
    inhab: Floats
    on: Snap
    zone: Ints
    served: Bools


@dataclass(frozen=True)
class SheetCity:
    """People, streets and green.

    Attributes
    ----------
    inputs, scene
        As the green analysis has them.
    params
        Of the search for parks as the area starts with it: access standard, entrance reach, rules.
    standard_m2_per_inhab
        What an inhabitant should have.
    zones
        The finest level, index ``id``; empty where the area has no levels.
    green_m2, sport_m2
        Counted in each zone.
    people
        By population base, the chosen one first.
    """

    inputs: GreenInputs
    scene: GreenScene
    params: ParkParams
    standard_m2_per_inhab: float
    zones: gpd.GeoDataFrame
    green_m2: pd.Series
    sport_m2: pd.Series
    people: tuple[People, ...]

    @property
    def network(self) -> Network:
        """Return the streets one may walk."""
        return self.inputs.network

    def inhab_by_zone(self, people: People) -> Floats:
        """Return the inhabitants of each zone."""
        inside = people.zone >= 0
        n_zones = len(self.zones)
        return np.bincount(
            people.zone[inside], weights=people.inhab[inside], minlength=n_zones
        ).astype(float)

    def doors(self, shape: shapely.Geometry) -> Snap:
        """Return where one walks into a shape: the entrances of an outline, else where it lies.

        A line or point is entered from the streets within the reach of entrances; where none is so
        near, from the nearest within `MAX_GAP_M`, as a dwelling is.
        """
        reach_m = self.params.entrance_reach_m
        if shape_kind(shape) == POLYGON:
            areas = GreenAreas(np.array([shape]), np.array([shape.area]), np.zeros(1, dtype=int))
            found = find_entrances(
                areas,
                self.inputs.streets,
                reach_m=reach_m,
                barriers=self.inputs.barriers,
                gates=self.inputs.gates,
            )
            return snap(self.network, found.geometry.to_numpy(), max_gap_m=reach_m)
        rules = sheet_rules().parameters
        points = places_in(
            shape, step_m=rules["step_m"].value, most=int(rules["most_points"].value)
        )
        near = snap(self.network, points, max_gap_m=reach_m)
        return near if near.found.any() else snap(self.network, points, max_gap_m=MAX_GAP_M)

    def walk_m(self, doors: Snap, people: People, limit_m: float) -> Floats:
        """Return the walk of everybody to the nearest door; infinite past the limit."""
        return ways_from_places(self.network, doors, people.on, limit=limit_m)


def sheet_city(area: Area) -> SheetCity:
    """Return the city as sheets see it, kept until a layer of the green analysis changes.

    Raises
    ------
    LayerNotFoundError
        A layer the green analysis needs has no data.
    InputError
        A layer is faulty.
    """
    stamp = (fingerprint(area, GREEN.layers_in_use(area)), area.configuration_sha256)
    return kept_of(area).get(("sheet city", stamp), lambda: _sheet_city(area))


def _sheet_city(area: Area) -> SheetCity:
    base = default_base(area)
    params = PARKS.parameters(area, {"population_base": base})
    standard = GREEN.parameters(area, {"population_base": base})
    if not isinstance(params, ParkParams):
        raise TypeError(type(params).__name__)
    inputs, scene = green_city(area, base, params.year, params.entrance_reach_m)
    zones = _zones(area)
    others = [one.id for one in offered_bases(area) if one.id != base]
    doors = _park_doors(inputs, scene, params)
    return SheetCity(
        inputs=inputs,
        scene=scene,
        params=params,
        standard_m2_per_inhab=standard.model_dump()["standard_m2_per_inhab"],
        zones=zones,
        green_m2=area_in_each_m2(zones, scene.stock.green),
        sport_m2=area_in_each_m2(zones, scene.stock.sport),
        people=tuple(_people(area, name, inputs, zones, doors, params) for name in (base, *others)),
    )


def _zones(area: Area) -> gpd.GeoDataFrame:
    if not area.config.levels:
        return gpd.GeoDataFrame({"name": []}, geometry=[], crs=area.crs)
    frame = area.frame(area.config.levels[-1])
    return frame[["id", "name", "geometry"]].set_index("id")


def _park_doors(inputs: GreenInputs, scene: GreenScene, params: ParkParams) -> Snap:
    """Return the entrances of the parks that count, on the uncut network."""
    large = scene.areas.area_m2 >= params.min_park_area_m2
    entrances = scene.entrances[large[scene.entrances["green_area_id"].to_numpy(dtype=int)]]
    return snap(inputs.network, entrances.geometry.to_numpy(), max_gap_m=params.entrance_reach_m)


def _people(
    area: Area,
    base: str,
    inputs: GreenInputs,
    zones: gpd.GeoDataFrame,
    doors: Snap,
    params: ParkParams,
) -> People:
    points = residents(area, base).points
    where = points.geometry.to_numpy()
    on = snap(inputs.network, where, max_gap_m=MAX_GAP_M)
    walk_m = ways_from_places(inputs.network, doors, on, limit=params.access_distance_m)
    return People(
        base=base,
        points=where,
        inhab=points["inhab"].to_numpy(float),
        on=on,
        zone=polygon_of_each(zones, where),
        served=walk_m <= params.access_distance_m,
    )


def sea_params(area: Area, level_m: float) -> TsunamiParams:
    """Return the parameters of the flood at a level, as the area starts with them."""
    return TsunamiParams(
        level_m=level_m, river_reach_m=PLAN_REACH_M, population_base=default_base(area)
    )


@dataclass(frozen=True)
class Flood:
    """The flood of an area, or what is missing to compute it, or why it cannot be computed."""

    field: FloodField | None
    lacking: tuple[Text, ...] = ()
    reason: Text | None = None


def flood_known(area: Area) -> Flood:
    """Return at what level each cell floods, or why nobody can say."""
    lacking = absent_titles(area, (TERRAIN, *COAST))
    if not area.has(TERRAIN):
        return Flood(None, lacking)
    try:
        return Flood(flood_in_use(area, sea_params(area, HIGHEST_M)))
    except InputError as error:
        # a coast that fits no district is no reason to tell nothing of the rest
        return Flood(None, lacking if error.code == NO_SHORE else (), said_by(error))


def said_by(error: InputError) -> Text:
    """Return an error as text for a reader of a page."""
    return Text(es=error.public_text("es"), en=error.public_text("en"))


def flooded_at(field: FloodField, points: np.ndarray, level_m: float) -> dict[str, Bools]:
    """Return which points flood at a level, by certainty of the outline."""
    x, y = shapely.get_coordinates(points).T
    row, column = (np.asarray(part, dtype=int) for part in rowcol(field.transform, x, y))
    rows, columns = field.level_m.shape
    on = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    found = {}
    for certainty in CERTAINTIES:
        wet = field.outline(certainty, level_m)
        found[certainty] = np.zeros(len(points), dtype=bool)
        found[certainty][on] = wet[row[on], column[on]]
    return found


def absent_titles(area: Area, layers: tuple[str, ...]) -> tuple[Text, ...]:
    """Return the titles of those of the layers that have no data."""
    return tuple(_title(area, layer) for layer in dict.fromkeys(layers) if not area.has(layer))


def _title(area: Area, layer: str) -> Text:
    declared = area.catalogue.declared
    if layer in declared:
        return declared[layer].title
    known = init_table().layers.get(layer)
    return known.title if known else Text(es=layer, en=layer)
