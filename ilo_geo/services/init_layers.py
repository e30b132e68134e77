"""The layers of a new study area: which there are, what they are called, how zones are made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import UTC
from datetime import date as day
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
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.layer import DATE_PATTERN
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.layer import Status
from ilo_geo.core.schema import Column
from ilo_geo.core.study_area import AreaConfig
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.core.units import iso_date
from ilo_geo.io.catalogue import Theme
from ilo_geo.io.catalogue import layer_schemas
from ilo_geo.io.dem import Dem
from ilo_geo.io.osm import OsmExtract
from ilo_geo.services.layer_folders import LayerData
from ilo_geo.services.layer_folders import data_file

LEVELS = ("districts", "zones")
FULL_DATE_CHARS = len("2020-05-31")
MAX_SHOWN_CHARS = 40


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
    margin_m: float


class InitLayer(_Model):
    """Shelf and title of a layer; ``elsewhere`` is its shelf in an area with other shelves."""

    theme: str
    title: Text
    always: bool = False
    elsewhere: str | None = None


class InitNotes(_Model):
    """What a description says where nobody stated the date or the source of a file."""

    date: Text
    source: Text


class InitTable(_Model):
    """The whole of ``init_layers.yaml``."""

    themes: tuple[Theme, ...]
    zones: ZoneRules
    population_base: Text
    given_licence: str
    notes: InitNotes
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
    note: Text | None = None


@dataclass(frozen=True)
class Stated:
    """What the user says of a file: where its data are from, on which terms, of which day."""

    source: str | None = None
    licence: str | None = None
    date: str | None = None


@dataclass(frozen=True)
class NewLayer:
    """Data of a layer about to be written, features in any stated reference system.

    ``columns`` describes those that the schema of the layer does not know.
    """

    data: LayerData
    terms: LayerTerms
    columns: Mapping[str, Column] = field(default_factory=dict)


def given_terms(path: Path, stated: Stated) -> LayerTerms:
    """Return the terms of a file that the user gave; what was not stated is said in the note.

    Raises
    ------
    ParameterError
        The date is none.
    """
    table = init_table()
    notes = [] if stated.source else [table.notes.source]
    known = stated_date(stated.date, path.name) if stated.date else None
    date, date_notes = _date(path, known)
    return LayerTerms(
        source=stated.source or path.name,
        licence=stated.licence or table.given_licence,
        date=date,
        status=Status.OBSERVED,
        note=_joined([*notes, *date_notes]),
    )


def _date(path: Path, known: str | None) -> tuple[str, list[Text]]:
    """Return the day of the data, else of the file with the note that says so."""
    if known:
        return known, []
    modified = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).date().isoformat()
    return modified, [init_table().notes.date]


def stated_date(text: str, name: str) -> str:
    """Return a day, month or year that the user says of a file as ISO 8601.

    Raises
    ------
    ParameterError
        It is no date.
    """
    iso = iso_date(text)
    try:
        # a month or a year is one if its first day is
        day.fromisoformat(f"{iso}-01-01"[:FULL_DATE_CHARS])
    except ValueError:
        iso = ""
    if not re.fullmatch(DATE_PATTERN, iso):
        raise ParameterError("parameter.not_a_date", where=name, found=text[:MAX_SHOWN_CHARS])
    return iso


def _joined(notes: list[Text]) -> Text | None:
    if not notes:
        return None
    return Text(es=" ".join(note.es for note in notes), en=" ".join(note.en for note in notes))


def osm_terms(extract: OsmExtract, path: Path) -> LayerTerms:
    """Return the terms of what comes from an OpenStreetMap extract."""
    osm = init_table().osm
    date, notes = _date(path, extract.date)
    return LayerTerms(
        source=f"OpenStreetMap, {path.name}",
        licence=osm.licence,
        date=date,
        status=Status.OBSERVED,
        accuracy_m=osm.accuracy_m,
        note=_joined(notes),
    )


def osm_layers(extract: OsmExtract, terms: LayerTerms) -> dict[str, NewLayer]:
    """Return the layers of an extract that have rows, and those that analyses ask for."""
    table = init_table()
    return {
        name: NewLayer(frame, terms)
        for name, frame in extract.layers.items()
        if name in table.layers and (len(frame) or table.layers[name].always)
    }


def unit_layers(
    units: gpd.GeoDataFrame,
    extract: OsmExtract,
    config: AreaConfig,
    *,
    given: LayerTerms,
    osm: LayerTerms,
) -> dict[str, NewLayer]:
    """Return the population and the levels to report by.

    The one district is the whole of the units. Zones are administrative boundaries where the
    extract has two or more of a level, else the units grouped by the H3 cell they lie in.
    """
    derived = replace(given, status=Status.DERIVED)
    outline = shapely.union_all(units.geometry.to_numpy())
    district = gpd.GeoDataFrame(
        {"id": [config.id], "name": [config.title.es]}, geometry=[outline], crs=DISPLAY_CRS
    )
    zones = _administrative_zones(extract, outline)
    if zones is None:
        zone_layer = NewLayer(_cell_zones(units), derived)
    else:
        zone_layer = NewLayer(zones, replace(osm, source=f"{osm.source}, boundary=administrative"))
    return {
        "population": NewLayer(units, given),
        "districts": NewLayer(district, derived),
        "zones": zone_layer,
    }


def layer_meta(name: str, layer: NewLayer, *, theme: str | None = None) -> LayerMeta:
    """Return the description of a layer, on shelf ``theme`` or that of a new study area."""
    shelf, data, terms = init_table().layers[name], layer.data, layer.terms
    located = isinstance(data, Dem | gpd.GeoDataFrame)
    return LayerMeta(
        id=name,
        title=shelf.title,
        theme=theme or shelf.theme,
        geometry=layer_schemas()[name].geometry,
        crs=crs_name(data.crs) if located else None,
        source=terms.source,
        licence=terms.licence,
        date=terms.date,
        accuracy_m=terms.accuracy_m,
        status=terms.status,
        note=terms.note,
        file=data_file(data),
        columns=dict(layer.columns),
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
