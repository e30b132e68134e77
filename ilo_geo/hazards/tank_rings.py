"""How far a tank's fire, blast and land-use zones reach, and the outlines around its position."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from ilo_geo.core.text import Text
from ilo_geo.hazards.fireball import fireball_distance_m
from ilo_geo.hazards.fuels import fire_data
from ilo_geo.hazards.land_use_advice import land_use_rules
from ilo_geo.hazards.overpressure import pressure_data
from ilo_geo.hazards.overpressure import pressure_distance_m
from ilo_geo.hazards.overpressure import tnt_equivalent_kg
from ilo_geo.hazards.pool_fire import point_source_distance_m
from ilo_geo.hazards.pool_fire import pool_of
from ilo_geo.hazards.pool_fire import solid_flame_distance_m
from ilo_geo.hazards.positional import reach_of_point
from ilo_geo.hazards.tank_list import LPG
from ilo_geo.hazards.tank_list import tank_rules
from ilo_geo.hazards.wording import filled
from ilo_geo.hazards.zones import Zone

HAZARD = "tanks"
SOLID, POINT, FIREBALL = "solid", "point", "fireball"


@dataclass(frozen=True)
class Ring:
    """One distance around one tank."""

    tank: str
    band: str
    title: Text
    level: str
    source: str
    distance_m: float


def thermal_table(tanks: gpd.GeoDataFrame, *, radiant_ratio: float) -> pd.DataFrame:
    """Return how far each threshold reaches by each model, a row a tank and threshold.

    Columns ``tank, fuel, threshold_kw_m2, solid_m, point_m`` (pools), ``fireball_m`` (liquefied
    gas of known mass); NaN where a model does not apply or nowhere gives so much. ``low_m`` and
    ``high_m`` span the models.
    """
    rows = {}
    for tank, row in tanks.iterrows():
        for threshold in tank_rules().thermal:
            reach_m = _reach_m(row, threshold.kw_m2, radiant_ratio)
            rows[f"{tank}/{threshold.id}"] = {
                "tank": tank,
                "fuel": row["fuel"],
                "threshold_kw_m2": threshold.kw_m2,
                **{f"{model}_m": distance_m for model, distance_m in reach_m.items()},
            }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("id")
    models = [f"{model}_m" for model in (SOLID, POINT, FIREBALL)]
    table[models] = table[models].astype(float)
    # a model by which so much heat is felt nowhere reaches no distance at all
    reached = table[[f"{SOLID}_m", f"{POINT}_m"]].fillna(0.0).where(table["fuel"] != LPG)
    span = reached.join(table[f"{FIREBALL}_m"])
    return table.assign(low_m=span.min(axis=1), high_m=span.max(axis=1))


def _reach_m(tank: pd.Series, kw_m2: float, radiant_ratio: float) -> dict[str, float | None]:
    if tank["fuel"] == LPG:
        mass_kg = tank["lpg_mass_kg"]
        known = fireball_distance_m(mass_kg, kw_m2) if mass_kg > 0 else None
        return {SOLID: None, POINT: None, FIREBALL: known}
    pool = pool_of(tank["fuel"], tank["bund_area_m2"])
    return {
        SOLID: solid_flame_distance_m(pool, kw_m2),
        POINT: point_source_distance_m(pool, kw_m2, radiant_ratio),
        FIREBALL: None,
    }


def pressure_table(
    tanks: gpd.GeoDataFrame, *, vapour_mass_kg: float, yield_ratio: float
) -> pd.DataFrame:
    """Return how far each pressure threshold reaches, a row a tank of liquid and threshold."""
    columns = ["tank", "threshold_kpa", "distance_m"]
    tnt_kg = tnt_equivalent_kg(vapour_mass_kg, yield_ratio)
    liquid = tanks.index[tanks["fuel"] != LPG] if tnt_kg > 0 else []
    rows = {
        f"{tank}/{threshold.id}": (tank, threshold.kpa, pressure_distance_m(tnt_kg, threshold.kpa))
        for tank in liquid
        for threshold in pressure_data().thresholds
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("id")


def rings(tanks: gpd.GeoDataFrame, thermal: pd.DataFrame, pressure: pd.DataFrame) -> Iterator[Ring]:
    """Yield every ring of every tank."""
    for tank, row in tanks.iterrows():
        yield from _thermal_rings(str(tank), thermal)
        if row["fuel"] != LPG:
            yield from _land_use_rings(str(tank))
            yield from _pressure_rings(str(tank), pressure)


def _thermal_rings(tank: str, thermal: pd.DataFrame) -> Iterator[Ring]:
    rules, data = tank_rules(), fire_data()
    cited = {
        SOLID: data.solid_flame_source.text,
        POINT: data.point_source_source.text,
        FIREBALL: data.fireball.source.text,
    }
    for threshold in rules.thermal:
        row = thermal.loc[f"{tank}/{threshold.id}"]
        said = filled(threshold.title, threshold=f"{threshold.kw_m2:g}")
        for model, source in cited.items():
            if row[f"{model}_m"] > 0:
                name = rules.models[model]
                title = Text(es=f"{said.es} ({name.es})", en=f"{said.en} ({name.en})")
                band = f"thermal_{threshold.id}_{model}"
                yield Ring(tank, band, title, threshold.level, source, float(row[f"{model}_m"]))


def _land_use_rings(tank: str) -> Iterator[Ring]:
    rules = land_use_rules()
    for zone in rules.zones:
        metres = f"{zone.distance_m:g}"
        title = filled(zone.title, distance=metres)
        source = rules.zones_source.text
        yield Ring(tank, f"land_use_{metres}", title, zone.level, source, zone.distance_m)


def _pressure_rings(tank: str, pressure: pd.DataFrame) -> Iterator[Ring]:
    data = pressure_data()
    for threshold in data.thresholds:
        label = f"{tank}/{threshold.id}"
        if label in pressure.index:
            distance_m = float(pressure.loc[label, "distance_m"])
            band, source = f"overpressure_{threshold.id}", data.thresholds_source.text
            yield Ring(tank, band, threshold.title, threshold.level, source, distance_m)


def ring_zones(tanks: gpd.GeoDataFrame, all_rings: list[Ring]) -> Iterator[Zone]:
    """Yield the outlines of every ring around the position of its tank."""
    for ring in all_rings:
        reach = reach_of_point(ring.distance_m, float(tanks.loc[ring.tank, "accuracy_m"]))
        for certainty, outline in reach.outlines(tanks.geometry[ring.tank]).items():
            yield Zone(
                HAZARD,
                ring.band,
                ring.title,
                ring.level,
                certainty,
                outline,
                ring.source,
                ring.tank,
            )
