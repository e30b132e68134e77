"""The multi-hazard evaluation of a city: weighted hazards, vulnerability and risk, cell by cell.

Pure: the same inputs and parameters give the same result; nothing is read or written. The method
is that of the EVAR of CENEPRED (`evar`, `vulnerability`, `core.ahp`); the level a cell takes is
told in `multihazard_cells`. Beside the weighted sum stands the maximum over the hazards, always.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Annotated

import geopandas as gpd
import numpy as np
import pandas as pd
from pydantic import Field

from ilo_geo.city.population import Residents
from ilo_geo.city.zones import polygon_of_each
from ilo_geo.core.ahp import AhpWeights
from ilo_geo.core.ahp import ahp_weights
from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.core.errors import InputError
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.parameters import Parameters
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Notice
from ilo_geo.core.units import peru_number
from ilo_geo.hazards.evar import evar_rules
from ilo_geo.hazards.evar import strongest
from ilo_geo.hazards.evar import weighted
from ilo_geo.hazards.multihazard_cells import SLACK_M
from ilo_geo.hazards.multihazard_cells import hazard_values
from ilo_geo.hazards.multihazard_cells import sample_of
from ilo_geo.hazards.multihazard_cells import zone_values
from ilo_geo.hazards.multihazard_people import Placed
from ilo_geo.hazards.multihazard_tables import HAZARD
from ilo_geo.hazards.multihazard_tables import VULNERABILITY
from ilo_geo.hazards.multihazard_tables import Found
from ilo_geo.hazards.multihazard_tables import cells_table
from ilo_geo.hazards.multihazard_tables import judgements_table
from ilo_geo.hazards.multihazard_tables import level_table
from ilo_geo.hazards.multihazard_tables import summary
from ilo_geo.hazards.multihazard_tables import unit_ids
from ilo_geo.hazards.multihazard_tables import weights_table
from ilo_geo.hazards.tsunami_parameters import FloodSource
from ilo_geo.hazards.vulnerability import Evidence
from ilo_geo.hazards.vulnerability import vulnerability
from ilo_geo.hazards.vulnerability_rules import stated_sources
from ilo_geo.hazards.vulnerability_rules import vulnerability_rules

ANALYSIS_ID = "multihazard"


class MultihazardParams(Parameters):
    """What a planner may set; judgements in the form of `core.ahp.ahp_weights`."""

    population_base: str
    level_m: Annotated[float, Field(ge=5, le=25)] = 20.0
    flood_source: FloodSource = "auto"
    hazard_judgements: str = evar_rules().judgements
    vulnerability_judgements: str = vulnerability_rules().judgements
    cover_ratio: Annotated[float, Field(ge=0.01, le=1)] = 0.1
    cell_resolution: Annotated[int, Field(ge=7, le=11)] = 10


@dataclass(frozen=True)
class MultihazardInputs:
    """A city and its hazards, in one metric CRS.

    Attributes
    ----------
    area
        Id of the study area.
    zones
        Rows of the zone tables of every hazard (`zones.zone_table`).
    hazards_present
        Hazards of ``zones`` that have a layer, also those whose layer draws no zone here.
    cells
        Polygons to evaluate, index their id.
    residents
        Inhabitants by population base; the first base is the chosen one.
    levels
        Polygons to report by, coarse to fine; ``id`` (or else the index) and ``name``.
    evidence
        What is known of the vulnerability of cells.
    district_level
        The level whose ids are those of the districts of ``vulnerability.yaml``.
    """

    area: str
    zones: gpd.GeoDataFrame
    hazards_present: frozenset[str]
    cells: gpd.GeoDataFrame
    residents: Mapping[str, Residents]
    levels: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=Evidence)
    district_level: str = "districts"
    refs: tuple[LayerRef, ...] = ()
    notices: tuple[Notice, ...] = ()
    configuration_sha256: str = ""

    @property
    def present(self) -> frozenset[str]:
        """Return the hazards that have a layer."""
        return self.hazards_present | set(self.zones["hazard"])


def analyse(
    inputs: MultihazardInputs, params: MultihazardParams, progress: Progress = silent
) -> AnalysisResult:
    """Return hazard, vulnerability and risk of each cell, and who lives in which class.

    Returns
    -------
    result
        Tables: ``cells``, one a level, ``weights`` and ``judgements``; columns in docs/methods.

    Raises
    ------
    ParameterError
        Judgements are no matrix or contradict each other.
    InputError
        No cells, no hazard with a layer, a hazard nobody knows, or evidence out of range.
    CrsError
        Frames in different reference systems.
    """
    _require_usable(inputs)
    hazard_weights = ahp_weights(
        params.hazard_judgements, evar_rules().criteria, where="hazard_judgements"
    )
    vulnerability_weights = ahp_weights(
        params.vulnerability_judgements,
        [criterion.id for criterion in vulnerability_rules().criteria],
        where="vulnerability_judgements",
    )
    progress("progress.hazard_levels", 0.1)
    bases = [_place(residents, inputs.cells) for residents in inputs.residents.values()]
    found = _evaluate(inputs, params, bases[0], hazard_weights, vulnerability_weights)
    progress("progress.risk", 0.8)
    groups = {HAZARD: hazard_weights, VULNERABILITY: vulnerability_weights}
    tables: dict[str, pd.DataFrame] = {
        "cells": cells_table(inputs.cells, found, bases[0], hazard_weights)
    }
    for level, polygons in inputs.levels.items():
        units = [_units_of(polygons, one) for one in inputs.residents.values()]
        tables[level] = level_table(polygons, found, bases, units)
    tables["weights"] = weights_table(groups)
    tables["judgements"] = judgements_table(groups)
    return AnalysisResult(
        analysis=ANALYSIS_ID,
        area=inputs.area,
        parameters=params.model_dump(),
        summary=summary(found, bases, groups),
        tables=tables,
        warnings=(*inputs.notices, *_notices(inputs, params, found, bases[0])),
        provenance=inputs.refs,
        configuration_sha256=inputs.configuration_sha256,
    )


def _require_usable(inputs: MultihazardInputs) -> None:
    people = {f"people_{base}": one.points for base, one in inputs.residents.items()}
    levels = {f"level_{name}": polygons for name, polygons in inputs.levels.items()}
    require_same_metric_crs(cells=inputs.cells, zones=inputs.zones, **people, **levels)
    if inputs.cells.empty or not inputs.cells.index.is_unique:
        raise InputError("multihazard.no_cells")
    rules = evar_rules()
    weighed = [zone for hazard in rules.hazards for zone in hazard.zones]
    known = [*weighed, *rules.vulnerability_zones]
    strange = sorted(inputs.present - set(known))
    if strange:
        raise InputError("multihazard.unknown_hazard", found=strange[0], expected=", ".join(known))
    if not inputs.present & set(weighed):
        raise InputError("multihazard.no_hazards", expected=", ".join(weighed))


def _place(residents: Residents, cells: gpd.GeoDataFrame) -> Placed:
    points = residents.points
    cell = polygon_of_each(cells, points.geometry.to_numpy(), slack_m=SLACK_M)
    return Placed(points["inhab"].to_numpy(float), cell)


def _units_of(polygons: gpd.GeoDataFrame, residents: Residents) -> np.ndarray:
    return polygon_of_each(polygons, residents.points.geometry.to_numpy())


def _evaluate(
    inputs: MultihazardInputs,
    params: MultihazardParams,
    chosen: Placed,
    hazard_weights: AhpWeights,
    vulnerability_weights: AhpWeights,
) -> Found:
    zones, cells, cover = inputs.zones, inputs.cells, params.cover_ratio
    sample = sample_of(cells, next(iter(inputs.residents.values())), chosen.cell)
    of_hazard, known = {}, {}
    for hazard in evar_rules().hazards:
        of_hazard[hazard.id], part = hazard_values(hazard, zones, inputs.present, sample, cover)
        if part is not None:
            known[hazard.id] = part
    weak = zones[zones["hazard"].isin(evar_rules().vulnerability_zones)]
    weakness = vulnerability(
        cells.index,
        inputs.evidence,
        vulnerability_weights.weights,
        area=inputs.area,
        district=_district_of_each(inputs),
        weak_construction=zone_values(weak, sample, cover) if len(weak) else None,
    )
    total = weighted(of_hazard, hazard_weights.weights)
    return Found(
        of_hazard=of_hazard,
        known_hazards=known,
        total=total,
        maximum=strongest(known.values()),
        vulnerability=weakness,
        risk=total * weakness.value,
    )


def _district_of_each(inputs: MultihazardInputs) -> pd.Series:
    """Return the district of the middle of each cell, missing outside all of them."""
    cells, districts = inputs.cells, inputs.levels.get(inputs.district_level)
    if districts is None:
        return pd.Series(None, index=cells.index, dtype=object)
    inside = cells.geometry.representative_point().to_numpy()
    of_cell = polygon_of_each(districts, inside)
    ids = np.array([*unit_ids(districts), None], dtype=object)
    return pd.Series(ids[of_cell], index=cells.index, dtype=object)


def _notices(
    inputs: MultihazardInputs, params: MultihazardParams, found: Found, chosen: Placed
) -> Iterator[Notice]:
    rules = evar_rules()
    low, middle, high = f"{rules.lowest:.3f}", f"{rules.middle:.3f}", f"{rules.highest:.3f}"
    missing = tuple(
        hazard.title for hazard in rules.hazards if not set(hazard.zones) <= inputs.present
    )
    if missing:
        yield Notice("multihazard.missing_hazards", {"hazards": missing, "low": low, "high": high})
    total = float(chosen.inhab.sum())
    inside = chosen.cell >= 0

    def percent_of(cells: np.ndarray) -> float:
        living = float(chosen.inhab[inside][cells[chosen.cell[inside]]].sum())
        return 100 * living / total if total else 0.0

    weakness = found.vulnerability
    for criterion in vulnerability_rules().criteria:
        unknown = percent_of(~weakness.known[criterion.id])
        if unknown > 0:
            yield Notice(
                "multihazard.vulnerability_unknown",
                {
                    "criterion": criterion.title,
                    "percent": f"{unknown:.1f}",
                    "low": low,
                    "middle": middle,
                    "high": high,
                },
            )
        coarse = percent_of(weakness.coarse[criterion.id]) if criterion.id in weakness.coarse else 0
        if coarse > 0:
            yield Notice(
                "multihazard.vulnerability_coarse",
                {
                    "criterion": criterion.title,
                    "percent": f"{coarse:.1f}",
                    "source": stated_sources(inputs.area, criterion.id),
                },
            )
    yield Notice("multihazard.cell_rule", {"percent": f"{100 * params.cover_ratio:g}"})
    astray = float(chosen.inhab[~inside].sum())
    if astray >= 0.5:  # half a person is rounding, not people
        yield Notice("multihazard.people_outside_cells", {"inhab": peru_number(astray)})
