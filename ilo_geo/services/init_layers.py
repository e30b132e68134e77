"""The layers of a new study area: which there are, what they are called, how zones are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from functools import cache
from pathlib import Path

import geopandas as gpd
import h3
import shapely
from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.crs import crs_name
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.layer import Status
from ilo_geo.core.study_area import AreaConfig
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.io.catalogue import Theme
from ilo_geo.io.catalogue import layer_schemas
from ilo_geo.io.dem import Dem
from ilo_geo.io.osm import OsmExtract

LEVELS = ("districts", "zones")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ZoneRules(_Model):
    """How zones are made; see ``init_layers.yaml``."""

    admin_levels: tuple[str, ...]
    h3_resolution: int


class OsmTerms(_Model):
    """What every layer from OpenStreetMap carries."""

    licence: str
    accuracy_m: float


class InitLayer(_Model):
    """Shelf and title of a layer."""

    theme: str
    title: Text
    always: bool = False


class InitTable(_Model):
    """The whole of ``init_layers.yaml``."""

    themes: tuple[Theme, ...]
    zones: ZoneRules
    population_base: Text
    given_licence: str
    osm: OsmTerms
    layers: dict[str, InitLayer]


@cache
def init_table() -> InitTable:
    """Return the table of layers that a new study area gets."""
    return InitTable.model_validate(load_package_yaml("ilo_geo.services", "init_layers.yaml"))


@dataclass(frozen=True)
class LayerTerms:
    """Where a layer comes from and how far it can be trusted, as its description says it."""

    source: str
    licence: str
    date: str
    status: Status
    accuracy_m: float | None = None


@dataclass(frozen=True)
class NewLayer:
    """Data of a layer about to be written, vector data in EPSG:4326."""

    data: gpd.GeoDataFrame | Dem
    terms: LayerTerms


def given_file(path: Path) -> LayerTerms:
    """Return the terms of a file that the user gave, of which nothing more is known."""
    date = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).date().isoformat()
    return LayerTerms(path.name, init_table().given_licence, date, Status.OBSERVED)


def osm_layers(extract: OsmExtract, path: Path) -> dict[str, NewLayer]:
    """Return the layers of an extract that have rows, and those that analyses ask for."""
    table = init_table()
    terms = LayerTerms(
        source=f"OpenStreetMap, {path.name}",
        licence=table.osm.licence,
        date=extract.date,
        status=Status.OBSERVED,
        accuracy_m=table.osm.accuracy_m,
    )
    return {
        name: NewLayer(frame, terms)
        for name, frame in extract.layers.items()
        if name in table.layers and (len(frame) or table.layers[name].always)
    }


def unit_layers(
    units: gpd.GeoDataFrame, extract: OsmExtract, config: AreaConfig, population: Path
) -> dict[str, NewLayer]:
    """Return the population and the levels to report by.

    The one district is the whole of the units. Zones are administrative boundaries where the
    extract has two or more of a level, else the units grouped by the H3 cell they lie in.
    """
    given = given_file(population)
    derived = LayerTerms(given.source, given.licence, given.date, Status.DERIVED)
    outline = shapely.union_all(units.geometry.to_numpy())
    district = gpd.GeoDataFrame(
        {"id": [config.id], "name": [config.title.es]}, geometry=[outline], crs=DISPLAY_CRS
    )
    zones = _administrative_zones(extract, outline)
    if zones is None:
        zone_layer = NewLayer(_cell_zones(units), derived)
    else:
        osm = init_table().osm
        source = "OpenStreetMap, boundary=administrative"
        terms = LayerTerms(source, osm.licence, extract.date, Status.OBSERVED, osm.accuracy_m)
        zone_layer = NewLayer(zones, terms)
    return {
        "population": NewLayer(units, given),
        "districts": NewLayer(district, derived),
        "zones": zone_layer,
    }


def layer_meta(name: str, layer: NewLayer) -> LayerMeta:
    """Return the description of a layer."""
    shelf, data, terms = init_table().layers[name], layer.data, layer.terms
    return LayerMeta(
        id=name,
        title=shelf.title,
        theme=shelf.theme,
        geometry=layer_schemas()[name].geometry,
        crs=crs_name(data.crs),
        source=terms.source,
        licence=terms.licence,
        date=terms.date,
        accuracy_m=terms.accuracy_m,
        status=terms.status,
        file="data.tif" if isinstance(data, Dem) else "data.gpkg",
    )


def _administrative_zones(
    extract: OsmExtract, outline: shapely.Geometry
) -> gpd.GeoDataFrame | None:
    boundaries = extract.layers["boundaries"]
    inside = boundaries[boundaries.intersects(outline)]
    for level in init_table().zones.admin_levels:
        found = inside[inside["kind"] == level]
        if len(found) > 1:
            names = found["name"].fillna(found["osm_id"])
            return _zones(found["osm_id"].tolist(), names.tolist(), found.geometry.tolist())
    return None


def _cell_zones(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    resolution = init_table().zones.h3_resolution
    at = shapely.get_coordinates(shapely.point_on_surface(units.geometry.to_numpy()))
    cell = [h3.latlng_to_cell(lat, lon, resolution) for lon, lat in at]
    zones = units[["geometry"]].dissolve(by=cell)
    ids = zones.index.tolist()
    return _zones(ids, [f"H3 {each}" for each in ids], zones.geometry.tolist())


def _zones(ids: list[str], names: list[str], geometry: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    table = {"id": ids, "name": names, "neighbourhoods": [None] * len(ids)}
    return gpd.GeoDataFrame(table, geometry=geometry, crs=DISPLAY_CRS)
