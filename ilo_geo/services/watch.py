"""Use case: how fresh, how complete and how real the data are, and what is missing most."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.errors import InputError
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.layer import Origin
from ilo_geo.core.layer import RasterLayer
from ilo_geo.core.layer import Status
from ilo_geo.core.layer import VectorLayer
from ilo_geo.core.study_area import KnownCount
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.services.analyses import analyses
from ilo_geo.services.analyses import analysis_titles
from ilo_geo.services.areas import Area
from ilo_geo.services.city import file_stamps
from ilo_geo.services.city import kept_of
from ilo_geo.services.layer_reports import list_layers
from ilo_geo.services.overview import Wanted
from ilo_geo.services.overview import wanted_layers

ABSENT = "absent"
DAYS_A_YEAR = 365.25


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Life(_Model):
    """Years up to which data are fresh, and past which they are old."""

    fresh: float
    old: float


class Freshness(_Model):
    """The life of layers, and of those that are not named."""

    default: Life
    layers: dict[str, Life]


class WatchRules(_Model):
    """The whole of ``watch.yaml``."""

    freshness: Freshness
    covered: tuple[str, ...]
    weakness: dict[str, float]
    turns_weight: float
    turns_on: dict[str, tuple[str, ...]]


@cache
def watch_rules() -> WatchRules:
    """Return how data are judged."""
    return WatchRules.model_validate(load_package_yaml("ilo_geo.services", "watch.yaml"))


@dataclass(frozen=True)
class Completeness:
    """What a layer holds of what is known to exist; ``n_real`` leaves modelled ones out."""

    known: KnownCount
    n_found: int
    n_real: int


@dataclass(frozen=True)
class LayerWatch:
    """One layer as it is now.

    Attributes
    ----------
    meta, origin
        Its description, and where it comes from; no origin where it has no data.
    age_years
        From the date of the data to today, at least; None for modelled data, which have no date.
    freshness
        ``fresh``, ``ageing`` or ``old``; None where there is no age.
    n_zones_with, n_zones
        Zones that hold something of it, of all; None where nobody expects it everywhere.
    """

    meta: LayerMeta
    origin: Origin | None
    age_years: float | None
    freshness: str | None
    n_zones_with: int | None
    n_zones: int


@dataclass(frozen=True)
class Missing:
    """Data whose loading would better most.

    ``score`` = (analyses that stand on it, those that turn on it counted `turns_weight` times)
    × weakness of its status; ``turns`` are the latter.
    """

    layer: str
    title: Text
    wanted: Wanted | None
    state: str
    analyses: tuple[Text, ...]
    turns: tuple[Text, ...]
    score: float


@dataclass(frozen=True)
class Watch:
    """The data of a city under watch."""

    layers: tuple[LayerWatch, ...]
    complete: tuple[Completeness, ...]
    missing: tuple[Missing, ...]


def n_real(layers: Iterable[LayerWatch]) -> int:
    """Return how many layers hold data that are not modelled."""
    return sum(one.origin is not None and one.meta.status is not Status.MODELLED for one in layers)


def watch(area: Area, today: date) -> Watch:
    """Return the state of every layer, counts against known ones, and what is missing most."""
    stamp = file_stamps(area, area.catalogue.declared)
    return kept_of(area).get(("watch", stamp, today), lambda: _watch(area, today))


def _watch(area: Area, today: date) -> Watch:
    entries = list_layers(area)
    zones = _zones(area)
    layers = tuple(_layer(area, e.meta, e.origin, zones, today) for e in entries)
    complete = tuple(_complete(area, known) for known in area.config.known_counts)
    return Watch(layers, complete, _missing(area, {e.meta.id: e.meta for e in entries}))


def _zones(area: Area) -> gpd.GeoDataFrame | None:
    """Return the finest units that the area reports by."""
    levels = [level for level in reversed(area.config.levels) if area.has(level)]
    return area.frame(levels[0]) if levels else None


def _layer(
    area: Area,
    meta: LayerMeta,
    origin: Origin | None,
    zones: gpd.GeoDataFrame | None,
    today: date,
) -> LayerWatch:
    has_age = origin is not None and meta.status is not Status.MODELLED
    age_years = _age_years(meta.date, today) if has_age else None
    expected = zones is not None and origin is not None and meta.id in watch_rules().covered
    n_zones = 0 if zones is None else len(zones)
    n_with = _zones_with(area, meta.id, zones) if expected else None
    return LayerWatch(meta, origin, age_years, _freshness(meta.id, age_years), n_with, n_zones)


def _age_years(iso_date: str, today: date) -> float:
    """Return the least age: data of a year may be of its last day."""
    parts = [int(part) for part in re.findall(r"\d+", iso_date)]
    if len(parts) == 3:
        last = date(*parts)
    else:
        year, month = parts[0], parts[1] if len(parts) > 1 else 12
        last = date(year + month // 12, month % 12 + 1, 1)
    return max(0.0, (today - last).days / DAYS_A_YEAR)


def _freshness(layer_id: str, age_years: float | None) -> str | None:
    if age_years is None:
        return None
    rules = watch_rules().freshness
    life = rules.layers.get(layer_id, rules.default)
    if age_years <= life.fresh:
        return "fresh"
    return "ageing" if age_years <= life.old else "old"


def _zones_with(area: Area, layer_id: str, zones: gpd.GeoDataFrame) -> int | None:
    try:
        layer = area.layer(layer_id)
    except InputError:
        # refused at the door: the catalogue says why
        return 0
    if isinstance(layer, RasterLayer):
        at = shapely.get_coordinates(shapely.point_on_surface(zones.geometry.to_numpy()))
        columns, rows = np.floor(~layer.transform * at.T).astype(int)
        height_m = layer.values  # noqa: PD011 - a numpy array of cells
        inside = (rows >= 0) & (rows < height_m.shape[0])
        inside &= (columns >= 0) & (columns < height_m.shape[1])
        return int(np.isfinite(height_m[rows[inside], columns[inside]]).sum())
    if not isinstance(layer, VectorLayer):
        return None
    tree = shapely.STRtree(layer.data.geometry.to_numpy())
    zone, _ = tree.query(zones.geometry.to_numpy(), predicate="intersects")
    return len(np.unique(zone))


def _complete(area: Area, known: KnownCount) -> Completeness:
    if known.layer not in area.catalogue.declared or not area.has(known.layer):
        return Completeness(known, 0, 0)
    try:
        layer = area.layer(known.layer)
    except InputError:
        return Completeness(known, 0, 0)
    data: pd.DataFrame = pd.DataFrame() if isinstance(layer, RasterLayer) else layer.data
    counted = np.ones(len(data), dtype=bool)
    for column, value in known.where.items():
        counted &= (data[column] == value).to_numpy() if column in data else False
    n_found = int(counted.sum())
    return Completeness(known, n_found, 0 if layer.meta.status is Status.MODELLED else n_found)


def _missing(area: Area, metas: Mapping[str, LayerMeta]) -> tuple[Missing, ...]:
    """Return the weak and the absent layers, the one that matters most first."""
    wanted = {item.layer: item for item in wanted_layers(area)}
    uses: dict[str, set[str]] = {layer: set(item.decides) for layer, item in wanted.items()}
    for name, analysis in analyses().items():
        for layer in _in_use(area, analysis.layers_in_use):
            uses.setdefault(layer, set()).add(name)
    known = {layer: names for layer, names in uses.items() if layer in metas or layer in wanted}
    found = [_one_missing(area, layer, names, metas, wanted) for layer, names in known.items()]
    lacking = [one for one in found if one.score > 0]
    return tuple(sorted(lacking, key=lambda one: (-one.score, one.layer)))


def _one_missing(
    area: Area,
    layer: str,
    names: set[str],
    metas: Mapping[str, LayerMeta],
    wanted: Mapping[str, Wanted],
) -> Missing:
    rules, said = watch_rules(), wanted.get(layer)
    state = metas[layer].status.value if layer in metas and area.has(layer) else ABSENT
    turns = [name for name in analysis_titles() if name in rules.turns_on.get(layer, ())]
    users = [name for name in analysis_titles() if name in names or name in turns]
    weight = len(users) + (rules.turns_weight - 1) * len(turns)
    return Missing(
        layer=layer,
        title=said.title if said else metas[layer].title,
        wanted=said,
        state=state,
        analyses=tuple(analysis_titles()[name] for name in users),
        turns=tuple(analysis_titles()[name] for name in turns),
        score=weight * rules.weakness[state],
    )


def _in_use(area: Area, ask: Callable[[Area], tuple[str, ...]]) -> tuple[str, ...]:
    try:
        return ask(area)
    except InputError:
        # an analysis that lacks what it needs cannot say what else it would use
        return ()
