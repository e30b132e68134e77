"""Fuel stations: their class of consequences, and the schools and health sites too near them.

A station whose capacity nobody states has no class: it is shown as unknown, from the mildest to the
gravest it may be. On the map it is surely of the mildest and drawn as the gravest. Whether a site
is within the distance is as sure as the two positions are.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pydantic import Field

from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.parameters import Parameters
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Notice
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.core.units import peru_number
from ilo_geo.hazards.cited import Cited
from ilo_geo.hazards.cited import Data
from ilo_geo.hazards.exposed import Exposed
from ilo_geo.hazards.exposure_report import EXPOSURE
from ilo_geo.hazards.exposure_report import band_figures
from ilo_geo.hazards.exposure_report import exposure_tables
from ilo_geo.hazards.positional import reach_of_point
from ilo_geo.hazards.site_distances import pairs
from ilo_geo.hazards.site_distances import within_ratio
from ilo_geo.hazards.zones import CERTAIN
from ilo_geo.hazards.zones import POSSIBLE_RATIO
from ilo_geo.hazards.zones import SURE_RATIO
from ilo_geo.hazards.zones import Zone
from ilo_geo.hazards.zones import zone_table

ANALYSIS_ID = "fuel_stations"
HAZARD = "fuel_stations"
CERTAIN_CONFLICT, POSSIBLE_CONFLICT = "certain", "possible"


class ConsequenceClass(Data):
    """One class of the plan and the hazard level it is shown in."""

    id: str
    level: str
    title: Text


class StationRules(Data):
    """Classes and what the distance protects."""

    classes: tuple[ConsequenceClass, ...]
    unknown: Text
    band: Text
    sites: tuple[str, ...]
    source: Cited
    assumed_accuracy_m: float


@cache
def station_rules() -> StationRules:
    """Return the rules of the analysis of fuel stations."""
    return StationRules.model_validate(
        load_package_yaml("ilo_geo.hazards", "fuel_stations_rules.yaml")
    )


class FuelStationParams(Parameters):
    """What a planner may set."""

    population_base: str
    site_distance_m: Annotated[float, Field(ge=5, le=500)] = 50.0
    significant_m3: Annotated[float, Field(ge=1, le=2000)] = 100.0
    moderate_m3: Annotated[float, Field(ge=1, le=2000)] = 20.0


@dataclass(frozen=True)
class FuelStationInputs:
    """The stations and who is exposed.

    Attributes
    ----------
    area
        Id of the study area.
    stations
        Points with ``name``; optional ``capacity_m3``, ``lpg`` (only what the layer says holds
        LPG does), ``accuracy_m``.
    accuracy_m, site_accuracy_m
        Of the layer of stations, and of the layer of each kind of site in ``exposed.sites``.
    exposed, refs, configuration_sha256, notices
        As in every analysis.
    """

    area: str
    stations: gpd.GeoDataFrame
    accuracy_m: float | None
    site_accuracy_m: Mapping[str, float | None]
    exposed: Exposed
    refs: tuple[LayerRef, ...]
    configuration_sha256: str = ""
    notices: tuple[Notice, ...] = ()


def analyse(
    inputs: FuelStationInputs, params: FuelStationParams, *, progress: Progress = silent
) -> AnalysisResult:
    """Return the class of each station and the sites that stand too near.

    Returns
    -------
    result
        Tables: ``circles`` (`zone_table`, one ``feature`` a station), ``stations``, ``conflicts``
        (pairs that are, or with at least 5 % probability may be, within the distance),
        and the tables of `ilo_geo.hazards.exposure_report.exposure_tables`, headline ``minimal``.

    Raises
    ------
    ParameterError
        The limits of the classes do not ascend.
    InputError
        There is no station.
    """
    if not params.moderate_m3 < params.significant_m3:
        found = f"{params.moderate_m3:g} / {params.significant_m3:g}"
        raise ParameterError("fuel_stations.class_order", found=found)
    if inputs.stations.empty:
        raise InputError("fuel_stations.none", layer="fuel_stations")
    known = {**inputs.exposed.sites, **inputs.exposed.levels, "fuel_stations": inputs.stations}
    require_same_metric_crs(**known)
    progress("progress.station_circles", 0.2)
    stations = _stations(inputs, params)
    circles = zone_table(_zones(stations, params), inputs.stations.crs)
    near = _pairs(inputs, stations, params)
    progress("progress.exposed", 0.6)
    exposure = exposure_tables(circles, inputs.exposed, headline=_headline())
    conflicts = near[near["conflict"] != ""]
    unruled = near[(near["conflict"] == "") & (near["low_m"] <= params.site_distance_m)]
    return AnalysisResult(
        analysis=ANALYSIS_ID,
        area=inputs.area,
        parameters=params.model_dump(),
        summary=_summary(stations, conflicts, unruled, exposure[EXPOSURE]),
        tables={"circles": circles, "stations": stations, "conflicts": conflicts, **exposure},
        warnings=(*inputs.notices, *_notices(stations, unruled, params)),
        provenance=inputs.refs,
        configuration_sha256=inputs.configuration_sha256,
    )


def consequence_classes(
    capacity_m3: float, *, lpg: bool, moderate_m3: float, significant_m3: float
) -> tuple[str, str]:
    """Return the mildest and the gravest class a station may be of; equal where it is known.

    At least ``significant_m3``, or LPG: significant; at least ``moderate_m3``: moderate; less:
    minimal. A capacity that nobody states (NaN) leaves all open.
    """
    minimal, moderate, significant = (c.id for c in station_rules().classes)
    if lpg or capacity_m3 >= significant_m3:
        return significant, significant
    if np.isnan(capacity_m3):
        return minimal, significant
    known = moderate if capacity_m3 >= moderate_m3 else minimal
    return known, known


def _stations(inputs: FuelStationInputs, params: FuelStationParams) -> gpd.GeoDataFrame:
    frame = inputs.stations
    capacity = _column(frame, "capacity_m3").astype(float)
    lpg = _column(frame, "lpg").fillna(False).astype(bool)
    spans = [
        consequence_classes(
            m3, lpg=gas, moderate_m3=params.moderate_m3, significant_m3=params.significant_m3
        )
        for m3, gas in zip(capacity, lpg, strict=True)
    ]
    stated_m = _column(frame, "accuracy_m").astype(float)
    if inputs.accuracy_m is not None:
        stated_m = stated_m.fillna(inputs.accuracy_m)
    table = gpd.GeoDataFrame(
        {
            "name": frame["name"],
            "capacity_m3": capacity,
            "class_low": [low for low, _ in spans],
            "class_high": [high for _, high in spans],
            "class_known": [low == high for low, high in spans],
            "accuracy_m": stated_m.fillna(station_rules().assumed_accuracy_m),
        },
        geometry=frame.geometry,
    )
    return table.set_axis([str(label) for label in frame.index]).rename_axis("station")


def _column(frame: gpd.GeoDataFrame, name: str) -> pd.Series:
    if name in frame.columns:
        return frame[name].astype(object)
    return pd.Series(None, index=frame.index, dtype=object)


def _zones(stations: gpd.GeoDataFrame, params: FuelStationParams) -> Iterator[Zone]:
    """Yield the circle of each station in the band of its class and of every milder one."""
    rules = station_rules()
    rank = {c.id: position for position, c in enumerate(rules.classes)}
    distance = peru_number(params.site_distance_m)
    for station, row in stations.iterrows():
        outlines = reach_of_point(params.site_distance_m, row["accuracy_m"]).outlines(row.geometry)
        source = f"{row['name']}: {_said(row)}; {rules.source.text}"
        for band in rules.classes:
            title = Text(
                es=rules.band.format("es", distance=distance, title=band.title.es),
                en=rules.band.format("en", distance=distance, title=band.title.en),
            )
            for certainty, outline in outlines.items():
                of_class = row["class_low"] if certainty == CERTAIN else row["class_high"]
                if rank[band.id] <= rank[of_class]:
                    yield Zone(
                        HAZARD, band.id, title, band.level, certainty, outline, source, str(station)
                    )


def _said(station: pd.Series) -> str:
    """Return the class of a station in Spanish, the language of sources."""
    titles = {c.id: c.title for c in station_rules().classes}
    low, high = titles[station["class_low"]].es, titles[station["class_high"]].es
    return high if station["class_known"] else station_rules().unknown.es.format(low=low, high=high)


def _pairs(
    inputs: FuelStationInputs, stations: gpd.GeoDataFrame, params: FuelStationParams
) -> pd.DataFrame:
    """Return every station with every site the rule protects, and whether they conflict."""
    protected = {kind: inputs.exposed.sites[kind] for kind in _protected(inputs.exposed)}
    table = pairs(stations, protected, inputs.site_accuracy_m).rename(columns={"place": "station"})
    limit_m = pd.Series(params.site_distance_m, index=table.index)
    table["within_ratio"] = within_ratio(table, limit_m)
    table["conflict"] = ""
    drawn = table["distance_m"] <= limit_m
    table.loc[drawn | (table["within_ratio"] >= POSSIBLE_RATIO), "conflict"] = POSSIBLE_CONFLICT
    table.loc[table["within_ratio"] >= SURE_RATIO, "conflict"] = CERTAIN_CONFLICT
    table["station_name"] = stations["name"].reindex(table["station"]).to_numpy()
    return table.sort_values("distance_m", kind="stable", ignore_index=True).rename_axis("id")


def _protected(exposed: Exposed) -> tuple[str, ...]:
    return tuple(kind for kind in station_rules().sites if kind in exposed.sites)


def _headline() -> str:
    return f"{HAZARD}/{station_rules().classes[0].id}"


def _summary(
    stations: gpd.GeoDataFrame,
    conflicts: pd.DataFrame,
    unruled: pd.DataFrame,
    exposure: pd.DataFrame,
) -> dict[str, Any]:
    return {
        "n_stations": len(stations),
        "n_class_unknown": int((~stations["class_known"]).sum()),
        "n_conflicts_certain": int((conflicts["conflict"] == CERTAIN_CONFLICT).sum()),
        "n_conflicts_possible": int((conflicts["conflict"] == POSSIBLE_CONFLICT).sum()),
        "n_pairs_not_ruled_out": len(unruled),
        **band_figures(exposure, _headline()),
    }


def _notices(
    stations: gpd.GeoDataFrame, unruled: pd.DataFrame, params: FuelStationParams
) -> Iterator[Notice]:
    if n_unknown := int((~stations["class_known"]).sum()):
        yield Notice("fuel_stations.class_unknown", {"n": n_unknown})
    if len(unruled):
        fields = {
            "n": len(unruled),
            "distance": peru_number(params.site_distance_m),
            "error": peru_number(float(unruled["error_m"].max())),
        }
        yield Notice("fuel_stations.not_ruled_out", fields)
