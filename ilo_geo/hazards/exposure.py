"""The exposure analysis: who and what stands in each hazard of an area, and what they would need.

Pure: the same inputs and parameters give the same result. People in several hazards count once in
every figure over "any" hazard. Of a hazard alone, its headline is its most severe level; of the
tsunami, all that the level asked for floods. The displaced are those whose homes stand in the
headline of a hazard that is at least high, by night whatever the moment: it is homes that are lost.
That all of them lose theirs is the worst case of each hazard, and of "any" all hazards at once;
neither is a forecast.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.core.layer import LayerRef
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Notice
from ilo_geo.core.text import Text
from ilo_geo.core.units import peru_number
from ilo_geo.hazards.evar import evar_rules
from ilo_geo.hazards.exposed import DAY
from ilo_geo.hazards.exposed import NIGHT
from ilo_geo.hazards.exposed import PEOPLE
from ilo_geo.hazards.exposed import Exposed
from ilo_geo.hazards.exposure_count import ENDS
from ilo_geo.hazards.exposure_count import Count
from ilo_geo.hazards.exposure_count import count
from ilo_geo.hazards.exposure_count import exposure_by_level
from ilo_geo.hazards.exposure_count import exposure_table
from ilo_geo.hazards.exposure_count import in_any
from ilo_geo.hazards.exposure_count import level_table
from ilo_geo.hazards.exposure_count import unit_ids
from ilo_geo.hazards.exposure_count import whole_table
from ilo_geo.hazards.exposure_parameters import ExposureParams
from ilo_geo.hazards.exposure_sites import sites_table
from ilo_geo.hazards.levels import hazard_levels
from ilo_geo.hazards.needs import needs_table

__all__ = [
    "ANALYSIS_ID",
    "Exposed",
    "ExposureInputs",
    "ExposureParams",
    "analyse",
    "exposure_by_level",
    "exposure_table",
]

ANALYSIS_ID = "exposure"
ANY = "any"
TSUNAMI = "tsunami"
# a figure over any hazard counts bands of at least this level
AT_LEAST = ("very_high", "high")
# sites known less well than this may stand on the other side of a limit (half a block, ours)
SURE_POSITION_M = 50.0


@dataclass(frozen=True)
class ExposureInputs:
    """What the exposure analysis reads.

    Attributes
    ----------
    zones
        The outlines of all hazards, one table of `ilo_geo.hazards.zones.zone_table`; of the
        tsunami, no band above the level asked for.
    exposed
        People and things, the chosen population base first; its ``levels`` are reported by.
    refs, configuration_sha256, notices
        Provenance of the layers read, fingerprint of the area's configuration, and what was
        noticed on reading.
    """

    area: str
    zones: gpd.GeoDataFrame
    exposed: Exposed
    refs: tuple[LayerRef, ...] = ()
    configuration_sha256: str = ""
    notices: tuple[Notice, ...] = ()


def analyse(
    inputs: ExposureInputs, params: ExposureParams, *, progress: Progress = silent
) -> AnalysisResult:
    """Return who and what stands in each hazard.

    Returns
    -------
    result
        Tables: ``exposure`` (hazard and band), ``exposure_by_<level>`` (the same by unit), one map
        a level, ``sites`` (each with the hazards it stands in) and ``needs`` (hazard and need).
    """
    progress("progress.exposure", 0.7)
    counted = count(inputs.zones, inputs.exposed)
    levels = inputs.exposed.levels
    tables: dict[str, pd.DataFrame] = {"exposure": whole_table(counted)}
    for level in levels:
        tables[f"exposure_by_{level}"] = level_table(counted, level)
        tables[level] = _map(counted, level, params.moment)
    tables["sites"] = sites_table(counted, inputs.refs)
    tables["needs"] = _needs(counted, params)
    return AnalysisResult(
        analysis=ANALYSIS_ID,
        area=inputs.area,
        parameters=params.model_dump(),
        summary=_summary(counted, params),
        tables=tables,
        warnings=(*inputs.notices, *_notices(inputs, params, tables)),
        provenance=inputs.refs,
        configuration_sha256=inputs.configuration_sha256,
    )


def _at_least(counted: Count, level: str) -> pd.Series:
    """Return the bands of a level or a more severe one; weak houses are no hazard of a place."""
    ids = hazard_levels().ids
    of_vulnerability = counted.bands["hazard"].isin(evar_rules().vulnerability_zones)
    return counted.bands["level"].isin(ids[ids.index(level) :]) & ~of_vulnerability


def _headlines(counted: Count) -> dict[str, pd.Series]:
    """Return the bands that tell of each hazard alone: those of its most severe level.

    Of the tsunami all: whoever the wave asked for reaches is in it, however rare such a wave.
    """
    bands = counted.bands
    rank = bands["level"].map(hazard_levels().ids.index).astype(float)
    worst = rank == rank.groupby(bands["hazard"]).transform("max")
    worst |= bands["hazard"] == TSUNAMI
    return {hazard: worst & (bands["hazard"] == hazard) for hazard in bands["hazard"].unique()}


def _displacing(counted: Count) -> dict[str, pd.Series]:
    """Return the bands that take homes, by hazard and of any."""
    grave = _at_least(counted, AT_LEAST[-1])
    chosen = {name: bands for name, bands in _headlines(counted).items() if (bands & grave).any()}
    nowhere = pd.Series(False, index=counted.bands.index)
    return {**chosen, ANY: reduce(or_, chosen.values(), nowhere)}


def _renamed(table: pd.DataFrame, measure: str, name: str) -> pd.DataFrame:
    """Return middle, low and high of one measure under another name."""
    return table[[measure + end for end in ENDS.values()]].set_axis(
        [name + end for end in ENDS.values()], axis=1
    )


def _figures(table: pd.DataFrame, measure: str, name: str) -> dict[str, float]:
    """Return middle, low and high of one measure of a table of one row, under another name."""
    return {name + end: table[measure + end].item() for end in ENDS.values()}


def _map(counted: Count, level: str, moment: str) -> gpd.GeoDataFrame:
    """Return the people of each unit and of those the exposed, over any hazard and in each."""
    units = counted.exposed.levels[level]
    unit = counted.unit_of_each[level]
    people = PEOPLE[moment]
    inhab = counted.things.amount[people][:, 0]
    held = unit >= 0
    population = np.bincount(unit[held], weights=inhab[held], minlength=len(units))
    chosen = {f"people_in_any_{level_id}": _at_least(counted, level_id) for level_id in AT_LEAST}
    chosen |= _headlines(counted)
    parts = [
        _renamed(in_any(counted, bands, unit, len(units)), people, f"{name}_inhab")
        for name, bands in chosen.items()
    ]
    own = pd.DataFrame({"name": units["name"].to_numpy(), "population_inhab": population})
    table = pd.concat([own, *parts], axis=1).set_axis(pd.Index(unit_ids(units), name="id"))
    return gpd.GeoDataFrame(table, geometry=units.geometry.to_numpy(), crs=units.crs)


def _needs(counted: Count, params: ExposureParams) -> pd.DataFrame:
    """Return what the displaced of each hazard that is at least high, and of any, would need."""
    tables = []
    for hazard, bands in _displacing(counted).items():
        displaced = _figures(in_any(counted, bands), PEOPLE[NIGHT], "displaced_inhab")
        table = needs_table(*displaced.values(), days=params.days, rates=params.rates)
        own = {"hazard": hazard, **displaced}
        ids = pd.Index([f"{hazard}/{need}" for need in table.index], name="id")
        tables.append(table.reset_index().assign(**own).set_axis(ids))
    return pd.concat(tables)


def _summary(counted: Count, params: ExposureParams) -> dict[str, Any]:
    exposed = counted.exposed
    people = PEOPLE[params.moment]
    summary: dict[str, Any] = {
        "population_inhab": next(iter(exposed.people(params.moment).values())).total_inhab,
        "n_hazards": int(counted.bands["hazard"].nunique()),
        "n_bands": len(counted.bands),
    }
    for level in AT_LEAST:
        within = in_any(counted, _at_least(counted, level))
        names = {people: f"people_in_any_{level}_inhab", "dwellings": f"dwellings_in_any_{level}"}
        names |= {name: f"{name}_in_any_{level}" for name in exposed.site_counts}
        names |= {f"{kind}_km": f"{kind}_in_any_{level}_km" for kind in exposed.lines}
        for measure, name in names.items():
            summary |= _figures(within, measure, name)
    displaced = in_any(counted, _displacing(counted)[ANY])
    summary |= _figures(displaced, PEOPLE[NIGHT], "displaced_inhab")
    wave = counted.bands["hazard"] == TSUNAMI
    if wave.any():
        flooded = in_any(counted, wave)
        for measure in (people, "dwellings", *exposed.site_counts):
            name = "inhab" if measure == people else measure
            summary |= _figures(flooded, measure, f"{TSUNAMI}_{name}")
    return summary


def _notices(
    inputs: ExposureInputs, params: ExposureParams, tables: dict[str, pd.DataFrame]
) -> Iterator[Notice]:
    if inputs.zones.empty:
        yield Notice("exposure_no_zones")
    moved = params.pupils_inhab + params.workers_inhab
    if moved:
        pupils, workers = peru_number(params.pupils_inhab), peru_number(params.workers_inhab)
        yield Notice("exposure_day_model", {"pupils": pupils, "workers": workers})
    elif params.moment == DAY:
        yield Notice("exposure_day_is_night")
    yield from _outside(inputs, params, tables)
    unsure = [
        ref
        for ref in inputs.refs
        if ref.layer in inputs.exposed.sites and (ref.accuracy_m or 0) > SURE_POSITION_M
    ]
    if unsure:
        yield Notice(
            "exposure_site_positions",
            {
                "layers": tuple(ref.title for ref in unsure),
                "distance": f"{max(ref.accuracy_m or 0 for ref in unsure):g}",
            },
        )


def _outside(
    inputs: ExposureInputs, params: ExposureParams, tables: dict[str, pd.DataFrame]
) -> Iterator[Notice]:
    """Tell of people in no unit of a level."""
    total = next(iter(inputs.exposed.people(params.moment).values())).total_inhab
    titles: dict[str, Text | str] = {ref.layer: ref.title for ref in inputs.refs}
    for level in inputs.exposed.levels:
        outside = total - float(tables[level]["population_inhab"].sum())
        if outside >= 0.5:  # half a person is rounding, not people
            fields = {
                "inhab": peru_number(outside),
                "percent": f"{100 * outside / total:.1f}",
                "level": titles.get(level, level),
            }
            yield Notice("people_outside_level", fields)
