"""The fuel terminal: heat by two models, land-use zones, and what stands too near.

A range, never one number: two fire models differ by a factor of two, and the tank's own position
is uncertain until a surveyed one is loaded. Atmospheric tanks of petrol or diesel have no fireball
(BLEVE); only tanks whose layer says they hold liquefied gas have one.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from typing import Any
from typing import Literal

import geopandas as gpd
import pandas as pd
from pydantic import Field

from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.parameters import Parameters
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Notice
from ilo_geo.core.units import peru_number
from ilo_geo.hazards.exposed import Exposed
from ilo_geo.hazards.exposure_report import EXPOSURE
from ilo_geo.hazards.exposure_report import band_figures
from ilo_geo.hazards.exposure_report import exposure_tables
from ilo_geo.hazards.land_use_advice import AGAINST
from ilo_geo.hazards.land_use_advice import advice_at
from ilo_geo.hazards.land_use_advice import advised_against_within_m
from ilo_geo.hazards.land_use_advice import land_use_rules
from ilo_geo.hazards.land_use_advice import sensitivity_of
from ilo_geo.hazards.land_use_advice import zone_at
from ilo_geo.hazards.positional import reach_of_point
from ilo_geo.hazards.site_distances import pairs
from ilo_geo.hazards.site_distances import within_ratio
from ilo_geo.hazards.tank_list import LPG
from ilo_geo.hazards.tank_list import tank_list
from ilo_geo.hazards.tank_rings import HAZARD
from ilo_geo.hazards.tank_rings import Ring
from ilo_geo.hazards.tank_rings import pressure_table
from ilo_geo.hazards.tank_rings import ring_zones
from ilo_geo.hazards.tank_rings import rings
from ilo_geo.hazards.tank_rings import thermal_table
from ilo_geo.hazards.zones import POSSIBLE_RATIO
from ilo_geo.hazards.zones import SURE_RATIO
from ilo_geo.hazards.zones import zone_table

ANALYSIS_ID = "tanks"
# the threshold whose reach is told in one line: what burns people
TOLD_KW_M2 = 5.0


class TankParams(Parameters):
    """What a planner may set; a tank's own columns come first."""

    population_base: str
    fuel: Literal["gasoline", "diesel"] = "gasoline"
    bund_area_m2: Annotated[float, Field(ge=10, le=20_000)] = 1257.0
    radiant_ratio: Annotated[float, Field(ge=0.1, le=0.6)] = 0.30
    vapour_mass_kg: Annotated[float, Field(ge=0, le=1_000_000)] = 0.0
    tnt_yield_ratio: Annotated[float, Field(ge=0.01, le=0.5)] = 0.10


@dataclass(frozen=True)
class TankInputs:
    """The tanks and who is exposed.

    Attributes
    ----------
    area
        Id of the study area.
    tanks
        Points; optional columns as in `ilo_geo.hazards.tank_list.tank_list`.
    accuracy_m
        Of the layer of tanks.
    site_accuracy_m
        Of the layer of each kind of site in ``exposed.sites``.
    exposed, refs, configuration_sha256, notices
        As in every analysis.
    """

    area: str
    tanks: gpd.GeoDataFrame
    accuracy_m: float | None
    site_accuracy_m: Mapping[str, float | None]
    exposed: Exposed
    refs: tuple[LayerRef, ...]
    configuration_sha256: str = ""
    notices: tuple[Notice, ...] = ()


def analyse(
    inputs: TankInputs, params: TankParams, *, progress: Progress = silent
) -> AnalysisResult:
    """Return the rings of every tank, who stands in them and which sites stand too near.

    Returns
    -------
    result
        Tables: ``rings`` (`zone_table`, one ``feature`` a tank), ``tanks``, ``thermal`` (reach by
        threshold and model), ``pressure`` (empty without a vapour mass), ``sensitive`` (sites
        within the outer land-use zone and the error), and the tables of
        `ilo_geo.hazards.exposure_report.exposure_tables`, headline ``land_use_400``.

    Raises
    ------
    InputError
        There is no tank, or a tank's fuel, area or mass makes no sense.
    """
    known = {**inputs.exposed.sites, **inputs.exposed.levels, "tanks": inputs.tanks}
    require_same_metric_crs(**known)
    progress("progress.tank_rings", 0.2)
    tanks = tank_list(
        inputs.tanks,
        accuracy_m=inputs.accuracy_m,
        fuel=params.fuel,
        bund_area_m2=params.bund_area_m2,
    )
    thermal = thermal_table(tanks, radiant_ratio=params.radiant_ratio)
    pressure = pressure_table(
        tanks, vapour_mass_kg=params.vapour_mass_kg, yield_ratio=params.tnt_yield_ratio
    )
    all_rings = list(rings(tanks, thermal, pressure))
    outlines = zone_table(ring_zones(tanks, all_rings), inputs.tanks.crs)
    sensitive = _sensitive(inputs, tanks)
    progress("progress.exposed", 0.6)
    exposure = exposure_tables(outlines, inputs.exposed, headline=_headline())
    tables = {
        "rings": outlines,
        "tanks": tanks,
        "thermal": thermal,
        "pressure": pressure,
        "sensitive": sensitive,
        **exposure,
    }
    return AnalysisResult(
        analysis=ANALYSIS_ID,
        area=inputs.area,
        parameters=params.model_dump(),
        summary=_summary(tanks, thermal, sensitive, exposure[EXPOSURE]),
        tables=tables,
        warnings=(*inputs.notices, *_notices(tanks, thermal, all_rings, params)),
        provenance=inputs.refs,
        configuration_sha256=inputs.configuration_sha256,
    )


def _sensitive(inputs: TankInputs, tanks: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the sites that may stand within the outer zone of their nearest tank of liquid.

    ``against_ratio`` is the probability that the site truly stands where it is advised against;
    ``advice_worst`` is the advice at the near end of the error.
    """
    rules = land_use_rules()
    sites = {kind: points for kind, points in inputs.exposed.sites.items() if kind in rules.sites}
    table = pairs(tanks[tanks["fuel"] != LPG], sites, inputs.site_accuracy_m)
    table = table.sort_values("distance_m", kind="stable").drop_duplicates(["kind", "site"])
    table = table[table["low_m"] <= rules.zones[-1].distance_m].reset_index(drop=True)
    by_label = {kind: points.set_axis(points.index.astype(str)) for kind, points in sites.items()}
    keys = list(zip(table["kind"], table["site"], strict=True))
    level = [sensitivity_of(kind, by_label[kind].loc[site]) for kind, site in keys]
    limit_m = pd.Series([advised_against_within_m(item) for item in level], dtype=float)
    ends = {"advice": table["distance_m"], "advice_worst": table["low_m"]}
    advice = {
        column: pd.Series(
            [advice_at(d, item) for d, item in zip(at_m, level, strict=True)], dtype=object
        )
        for column, at_m in ends.items()
    }
    table = table.rename(columns={"place": "tank"}).assign(
        sensitivity=pd.Series(level, dtype=object),
        zone=[zone_at(distance_m) for distance_m in table["distance_m"]],
        zone_worst=[zone_at(distance_m) for distance_m in table["low_m"]],
        **advice,
        against_ratio=within_ratio(table, limit_m),
    )
    geometry = [by_label[kind].geometry[site] for kind, site in keys]
    return gpd.GeoDataFrame(table, geometry=geometry, crs=inputs.tanks.crs).set_axis(
        pd.Index([f"{kind}/{site}" for kind, site in keys], name="id", dtype=object)
    )


def _headline() -> str:
    return f"{HAZARD}/land_use_{land_use_rules().zones[-1].distance_m:g}"


def _summary(
    tanks: gpd.GeoDataFrame,
    thermal: pd.DataFrame,
    sensitive: pd.DataFrame,
    exposure: pd.DataFrame,
) -> dict[str, Any]:
    told = thermal[thermal["threshold_kw_m2"] == TOLD_KW_M2]
    against = sensitive["advice"] == AGAINST
    ratio = sensitive["against_ratio"]
    return {
        "n_tanks": len(tanks),
        **band_figures(exposure, _headline()),
        "thermal_5_low_m": _or_none(told["low_m"].min()),
        "thermal_5_high_m": _or_none(told["high_m"].max()),
        "n_advise_against": int(against.sum()),
        "n_advise_against_low": int((against & (ratio >= SURE_RATIO)).sum()),
        "n_advise_against_high": int((against | (ratio >= POSSIBLE_RATIO)).sum()),
        "position_error_m": float(tanks["accuracy_m"].max()),
    }


def _is_lost(ring: Ring, tanks: gpd.GeoDataFrame) -> bool:
    error_m = float(tanks.loc[ring.tank, "accuracy_m"])
    return error_m > 0 and reach_of_point(ring.distance_m, error_m).is_lost_in_error


def _or_none(value: float) -> float | None:
    return None if pd.isna(value) else float(value)


def _notices(
    tanks: gpd.GeoDataFrame, thermal: pd.DataFrame, all_rings: list[Ring], params: TankParams
) -> Iterator[Notice]:
    error = peru_number(float(tanks["accuracy_m"].max()))
    if tanks["accuracy_m"].max() > 0:
        yield Notice("tanks.position", {"error": error})
    if n_assumed := int(tanks["bund_assumed"].sum()):
        area = peru_number(params.bund_area_m2)
        yield Notice("tanks.bund_assumed", {"n": n_assumed, "area": area})
    told = thermal[thermal["threshold_kw_m2"] == TOLD_KW_M2].dropna(subset=["solid_m", "point_m"])
    if len(told):
        shown = [peru_number(float(end)) for end in (told["low_m"].min(), told["high_m"].max())]
        yield Notice("tanks.two_models", {"low": shown[0], "high": shown[1]})
    lost = [ring.distance_m for ring in all_rings if _is_lost(ring, tanks)]
    if lost:
        largest = peru_number(max(lost))
        yield Notice("tanks.lost_in_error", {"n": len(lost), "largest": largest, "error": error})
    if (tanks["fuel"] != LPG).any():
        yield Notice("tanks.no_fireball")
    if n_unknown := int(((tanks["fuel"] == LPG) & tanks["lpg_mass_kg"].isna()).sum()):
        yield Notice("tanks.lpg_mass_unknown", {"n": n_unknown})
    if params.vapour_mass_kg > 0:
        yield Notice("tanks.overpressure", {"mass": peru_number(params.vapour_mass_kg)})
