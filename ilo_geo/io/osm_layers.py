"""Sorts OpenStreetMap features into layers by the table ``osm_tags.yaml``."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.crs import DISPLAY_CRS
from ilo_geo.core.text import load_package_yaml

Tags = dict[str, str]
TagValues = dict[str, tuple[str, ...]]
METRES = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(?:m|metres?|meters?)?\s*$")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StreetClass(_Model):
    """What a highway class allows by default."""

    walk: bool
    drive: bool
    oneway: bool = False


class StreetRules(_Model):
    """How the tags of a highway decide who may use it, and which way."""

    classes: dict[str, StreetClass]
    walk_access: tuple[str, ...]
    drive_access: tuple[str, ...]
    denied: frozenset[str]
    allowed: frozenset[str]
    not_walked: TagValues
    forward: frozenset[str]
    backward: frozenset[str]
    implied_oneway: TagValues


class GreenRule(_Model):
    """Which tags make a green polygon of which kind."""

    layer: Literal["parks", "other_green", "sports_fields"]
    kind: str
    tags: TagValues


class BuildingRules(_Model):
    """Which buildings are dwellings."""

    not_buildings: frozenset[str]
    dwellings: frozenset[str]
    unspecified: frozenset[str]
    other_use_tags: frozenset[str]


class LayerRule(_Model):
    """Which tags make a feature of a layer, and which of them names its kind."""

    tags: TagValues
    kind: str | None = None


class LotRules(_Model):
    """Which areas are open land, which tag names their use, and whose they are taken to be."""

    tags: TagValues
    kind: str
    tenure: Literal["public", "private", "unknown"]


class TankRules(_Model):
    """Which tags make a tank of fuel, which say its content, and what fuel that is."""

    tags: TagValues
    content: tuple[str, ...]
    fuels: dict[str, str | None]


class TagTable(_Model):
    """The whole of ``osm_tags.yaml``."""

    streets: StreetRules
    green: tuple[GreenRule, ...]
    private_green: TagValues
    lots: LotRules
    buildings: BuildingRules
    tanks: TankRules
    points: dict[str, LayerRule]
    sites: dict[str, LayerRule]
    lines: dict[str, LayerRule]
    areas: dict[str, LayerRule]


@cache
def tag_table() -> TagTable:
    """Return the table of tags."""
    return TagTable.model_validate(load_package_yaml("ilo_geo.io", "osm_tags.yaml"))


@dataclass(frozen=True)
class Features:
    """Things of one geometry kind: id such as ``way/123``, tags, and shapely geometry."""

    osm_id: list[str]
    tags: list[Tags]
    geometry: npt.NDArray[Any]

    def take(self, chosen: npt.NDArray[np.bool_]) -> Features:
        """Return the features where ``chosen`` holds."""
        rows = np.flatnonzero(chosen)
        return Features(
            [self.osm_id[r] for r in rows], [self.tags[r] for r in rows], self.geometry[rows]
        )

    def joined(self, other: Features) -> Features:
        """Return these features and then the ``other`` ones."""
        geometry = np.concatenate([self.geometry, other.geometry])
        return Features(self.osm_id + other.osm_id, self.tags + other.tags, geometry)

    def where(self, test: Callable[[Tags], bool]) -> Features:
        """Return the features whose tags pass ``test``."""
        return self.take(np.array([test(tags) for tags in self.tags], dtype=bool))

    def frame(self, **columns: Callable[[Tags], Any]) -> gpd.GeoDataFrame:
        """Return a frame with ``osm_id``, ``name`` and the given columns made of the tags."""
        makers = {"name": lambda tags: tags.get("name"), **columns}
        made = {name: [make(tags) for tags in self.tags] for name, make in makers.items()}
        table = pd.DataFrame({"osm_id": self.osm_id, **made})
        return gpd.GeoDataFrame(table, geometry=self.geometry, crs=DISPLAY_CRS)


def layers_of(points: Features, lines: Features, areas: Features) -> dict[str, gpd.GeoDataFrame]:
    """Return the frames of every layer, by layer id; a layer may have no rows."""
    table = tag_table()
    inside = Features(areas.osm_id, areas.tags, shapely.point_on_surface(areas.geometry))
    sites = points.joined(inside)
    sources = (
        (table.points, points),
        (table.sites, sites),
        (table.lines, lines),
        (table.areas, areas),
    )
    return {
        "streets": streets_of(lines),
        "buildings": buildings_of(areas),
        "lots": lots_of(areas),
        "tanks": tanks_of(sites),
        **green_of(areas),
        **{
            layer: _layer_of(features, rule)
            for rules, features in sources
            for layer, rule in rules.items()
        },
    }


def streets_of(lines: Features) -> gpd.GeoDataFrame:
    """Return the lines that may be walked or driven, as the ``streets`` layer."""
    rules = tag_table().streets
    usable = lines.where(lambda tags: may_walk(tags, rules) or may_drive(tags, rules))
    return usable.frame(
        street_class=lambda tags: tags["highway"],
        walk=lambda tags: may_walk(tags, rules),
        drive=lambda tags: may_drive(tags, rules),
        oneway=lambda tags: direction(tags, rules),
    ).astype({"walk": bool, "drive": bool})


def may_walk(tags: Tags, rules: StreetRules) -> bool:
    """Return whether one may walk on a way."""
    street = rules.classes.get(tags.get("highway", ""))
    if street is None or has_any(tags, rules.not_walked):
        return False
    return _may_use(tags, rules.walk_access, street.walk, rules)


def may_drive(tags: Tags, rules: StreetRules) -> bool:
    """Return whether one may drive on a way."""
    street = rules.classes.get(tags.get("highway", ""))
    return street is not None and _may_use(tags, rules.drive_access, street.drive, rules)


def _may_use(tags: Tags, keys: tuple[str, ...], default: bool, rules: StreetRules) -> bool:
    key = next((key for key in keys if key in tags), None)
    if key is None:
        return default
    # `access=yes` says nothing about a class made for others; only the mode's own tag does
    own = key != keys[-1]
    return tags[key] not in rules.denied and (default or (own and tags[key] in rules.allowed))


def direction(tags: Tags, rules: StreetRules) -> str:
    """Return ``forward``, ``backward`` or ``both``: how vehicles may go along the line."""
    oneway = tags.get("oneway")
    if oneway is None:
        implied = rules.classes[tags["highway"]].oneway or has_any(tags, rules.implied_oneway)
        return "forward" if implied else "both"
    if oneway in rules.backward:
        return "backward"
    return "forward" if oneway in rules.forward else "both"


def green_of(areas: Features) -> dict[str, gpd.GeoDataFrame]:
    """Return parks, sports fields and other green; the first rule that fits decides."""
    table = tag_table()

    def rule_of(tags: Tags) -> GreenRule | None:
        return next((rule for rule in table.green if has_any(tags, rule.tags)), None)

    rules = [rule_of(tags) for tags in areas.tags]
    frames = {}
    for layer in ("parks", "sports_fields", "other_green"):
        chosen = [rule is not None and rule.layer == layer for rule in rules]
        frame = areas.take(np.array(chosen, dtype=bool)).frame(
            access=lambda tags: "private" if has_any(tags, table.private_green) else "public",
        )
        kinds = [rule.kind for rule in rules if rule is not None and rule.layer == layer]
        # OpenStreetMap does not say since when a park exists
        years = dict.fromkeys(("since_year", "until_year"), pd.array([None] * len(kinds), "Int64"))
        frames[layer] = frame.assign(kind=pd.array(kinds, "str"), **years)
    return frames


def lots_of(areas: Features) -> gpd.GeoDataFrame:
    """Return open land as lots, ``id`` that of OpenStreetMap."""
    rules = tag_table().lots
    lots = areas.where(lambda tags: has_any(tags, rules.tags))
    frame = lots.frame(use=lambda tags: tags[rules.kind], tenure=lambda _tags: rules.tenure)
    return frame.assign(id=frame["osm_id"])


def buildings_of(areas: Features) -> gpd.GeoDataFrame:
    """Return the buildings with their use; storeys and height where somebody recorded them."""
    rules = tag_table().buildings

    def is_dwelling(tags: Tags) -> bool:
        use = tags["building"]
        unspecified = use in rules.unspecified and rules.other_use_tags.isdisjoint(tags)
        return use in rules.dwellings or unspecified

    buildings = areas.where(lambda tags: tags.get("building", "no") not in rules.not_buildings)
    return buildings.frame(
        use=lambda tags: tags["building"],
        residential=is_dwelling,
        levels=lambda tags: _metres(tags.get("building:levels")),
        height_m=lambda tags: _metres(tags.get("height")),
    ).astype({"residential": bool, "levels": float, "height_m": float})


def tanks_of(sites: Features) -> gpd.GeoDataFrame:
    """Return the tanks that hold fuel or may, with their content where somebody recorded it."""
    rules = tag_table().tanks

    def content(tags: Tags) -> str | None:
        return next((tags[key] for key in rules.content if key in tags), None)

    def fuels(tags: Tags) -> list[str | None]:
        held = [part.strip().lower() for part in (content(tags) or "").split(";")]
        return [rules.fuels[part] for part in held if part in rules.fuels]

    def may_burn(tags: Tags) -> bool:
        return has_any(tags, rules.tags) and (content(tags) is None or bool(fuels(tags)))

    return sites.where(may_burn).frame(
        content=content,
        fuel=lambda tags: next((fuel for fuel in fuels(tags) if fuel is not None), None),
    )


def _layer_of(features: Features, rule: LayerRule) -> gpd.GeoDataFrame:
    chosen = features.where(lambda tags: has_any(tags, rule.tags))
    if rule.kind is None:
        return chosen.frame()
    key = rule.kind
    return chosen.frame(kind=lambda tags: tags.get(key, "unknown"))


def has_any(tags: Mapping[str, str], wanted: Mapping[str, tuple[str, ...]]) -> bool:
    """Return whether one of the ``wanted`` tags is there with one of its values."""
    return any(tags.get(key) in values for key, values in wanted.items())


def _metres(text: str | None) -> float | None:
    """Return a number written plain or with metres; feet and ranges are not guessed at."""
    match = METRES.match(text or "")
    return float(match.group(1)) if match else None
