"""The green analysis: supply, deficit, access and equity of a city, as one frozen result.

Pure: the same inputs and parameters give the same result; nothing is read or written.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.city.population import STREET
from ilo_geo.city.population import UNIT
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Notice
from ilo_geo.core.text import Text
from ilo_geo.core.units import M2_PER_HA
from ilo_geo.core.units import peru_number
from ilo_geo.green.access import MAX_GAP_M
from ilo_geo.green.access import access_m2_per_inhab
from ilo_geo.green.access import distance_to_park_m
from ilo_geo.green.calibration import calibration
from ilo_geo.green.classes import supply_scale
from ilo_geo.green.equity import gini_ratio
from ilo_geo.green.equity import lorenz_curve
from ilo_geo.green.parameters import GreenParams
from ilo_geo.green.report_units import CELLS
from ilo_geo.green.report_units import ReportUnits
from ilo_geo.green.rules import counted_as
from ilo_geo.green.scene import GreenInputs
from ilo_geo.green.scene import GreenScene
from ilo_geo.green.scene import entrances_of_each
from ilo_geo.green.supply import supply_of_each

ANALYSIS_ID = "green"
# fewer green areas drawn than this tell more of the map than of the city (a judgement of ours)
SPARSE_INHAB_PER_PARK = 20_000


def analyse(
    inputs: GreenInputs,
    scene: GreenScene,
    units: Mapping[str, ReportUnits],
    params: GreenParams,
    *,
    progress: Progress = silent,
) -> AnalysisResult:
    """Return supply, deficit, access and equity by level, H3 cell and for the whole area.

    Parameters
    ----------
    inputs, scene, units
        The city, its green in ``params.year`` with entrances at ``params.entrance_reach_m``, and
        the polygons to report by with cells of ``params.cell_resolution``.
    params
        What the planner set.
    progress
        Told of each step.

    Returns
    -------
    result
        Tables: one a level and ``cells`` (columns in docs/methods), ``parks``, ``entrances``,
        ``lorenz`` (people and green, by cell) and ``calibration``.
    """
    progress("progress.access", 0.8)
    people = _people(inputs, scene, params)
    progress("progress.supply", 0.95)
    tables: dict[str, pd.DataFrame] = {
        level: _level_table(polygons, people, params) for level, polygons in units.items()
    }
    notices = [*inputs.notices, *_notices(inputs, scene, people, tables)]
    cells = tables[CELLS]
    tables["parks"] = _parks_table(inputs, scene)
    tables["entrances"] = scene.entrances
    tables["lorenz"] = lorenz_curve(cells["green_m2_per_inhab"], cells["population_inhab"])
    tables["calibration"] = calibration(
        inputs.plan_figures,
        green_area_m2=scene.stock_by_year_m2,
        population_inhab=inputs.residents.total_inhab,
        standard_m2_per_inhab=params.standard_m2_per_inhab,
        latest_year=max(inputs.green_years, default=None),
    )
    return AnalysisResult(
        analysis=ANALYSIS_ID,
        area=inputs.area,
        parameters=params.model_dump(),
        summary=_summary(inputs, scene, params, people, tables),
        tables=tables,
        warnings=tuple(notices),
        provenance=inputs.refs,
        configuration_sha256=inputs.configuration_sha256,
    )


def _people(inputs: GreenInputs, scene: GreenScene, params: GreenParams) -> pd.DataFrame:
    """Return for each resident point who is served within the distance and the E2SFCA access."""
    points = inputs.residents.points
    inhab = points["inhab"].to_numpy()
    large_enough = scene.areas.area_m2 >= params.min_park_area_m2
    walk_m = distance_to_park_m(scene.parks, large_enough)
    access = access_m2_per_inhab(
        scene.parks, inhab, scene.areas.area_m2, catchment_m=params.catchment_m
    )
    return pd.DataFrame(
        {
            "unit": points["unit"].to_numpy(),
            "inhab": inhab,
            "served_inhab": np.where(walk_m <= params.access_distance_m, inhab, 0.0),
            "access_m2": access * inhab,
        }
    )


def _level_table(units: ReportUnits, people: pd.DataFrame, params: GreenParams) -> gpd.GeoDataFrame:
    inhab = units.sum_in_each(people["inhab"].to_numpy())
    served = units.sum_in_each(people["served_inhab"].to_numpy())
    access_m2 = units.sum_in_each(people["access_m2"].to_numpy())
    supply = supply_of_each(
        inhab, units.green_area_m2, standard_m2_per_inhab=params.standard_m2_per_inhab
    )
    polygons = units.polygons
    table = pd.concat([polygons.drop(columns="geometry"), supply], axis=1).assign(
        sports_area_m2=units.sports_area_m2,
        supply_class=supply_scale().class_ids(supply["green_m2_per_inhab"]),
        served_population_inhab=served,
        served_population_ratio=(served / inhab).where(inhab > 0),
        e2sfca_m2_per_inhab=(access_m2 / inhab).where(inhab > 0),
        area_ha=polygons.area / M2_PER_HA,
    )
    return gpd.GeoDataFrame(table, geometry=polygons.geometry)


def _parks_table(inputs: GreenInputs, scene: GreenScene) -> gpd.GeoDataFrame:
    green = inputs.green
    table = green[["name", "kind", "access", "geometry"]].assign(
        area_m2=green.area,
        counted=counted_as(scene.rules, "green"),
        rule=scene.rules,
        n_entrances=entrances_of_each(scene),
    )
    return table.rename_axis("id")


def _summary(
    inputs: GreenInputs,
    scene: GreenScene,
    params: GreenParams,
    people: pd.DataFrame,
    tables: dict[str, pd.DataFrame],
) -> dict[str, Any]:
    inhab = inputs.residents.total_inhab
    green_m2 = scene.stock.green_area_m2
    demand_m2 = params.standard_m2_per_inhab * inhab
    deficit_m2 = max(0.0, demand_m2 - green_m2)
    served = float(people["served_inhab"].sum())
    finest = tables[list(inputs.levels)[-1] if inputs.levels else CELLS]
    return {
        "population_inhab": inhab,
        "green_area_m2": green_m2,
        "green_m2_per_inhab": green_m2 / inhab,
        "demand_ha": demand_m2 / M2_PER_HA,
        "deficit_ha": deficit_m2 / M2_PER_HA,
        "deficit_ratio": deficit_m2 / demand_m2,
        "sum_of_deficits_ha": float(finest["deficit_ha"].sum()),
        "served_population_inhab": served,
        "served_population_ratio": served / inhab,
        "served_ratio_by_age": _served_by_age(inputs, people),
        "e2sfca_m2_per_inhab": float(people["access_m2"].sum()) / inhab,
        "gini_access_ratio": gini_ratio(people["access_m2"] / people["inhab"], people["inhab"]),
        "gini_supply_ratio": gini_ratio(finest["green_m2_per_inhab"], finest["population_inhab"]),
        "sports_area_m2": scene.stock.sports_area_m2,
        "n_green_areas": len(scene.areas.polygons),
        "n_entrances": len(scene.entrances),
    }


def _served_by_age(inputs: GreenInputs, people: pd.DataFrame) -> dict[str, float]:
    if inputs.age_ratio is None:
        return {}
    ratios = {}
    for group in inputs.age_groups:
        of_unit = people["unit"].map(inputs.age_ratio[group.id]).astype(float)
        total = float((people["inhab"] * of_unit).sum())
        served = float((people["served_inhab"] * of_unit).sum())
        ratios[group.id] = served / total if total else float("nan")
    return ratios


def _notices(
    inputs: GreenInputs,
    scene: GreenScene,
    people: pd.DataFrame,
    tables: dict[str, pd.DataFrame],
) -> Iterator[Notice]:
    residents = inputs.residents

    def share(code: str, inhab: float, **fields: Any) -> Iterator[Notice]:
        if inhab >= 0.5:  # half a person is rounding, not people
            percent = f"{100 * inhab / residents.total_inhab:.1f}"
            yield Notice(code, {"inhab": peru_number(inhab), "percent": percent, **fields})

    n_counted = len(scene.areas.polygons)
    if scene.stock.green_area_m2 == 0:
        yield Notice("no_public_green")
    elif residents.total_inhab / n_counted > SPARSE_INHAB_PER_PARK:
        inhab = peru_number(residents.total_inhab)
        yield Notice("sparse_green", {"n": n_counted, "inhab": inhab})
    titles: dict[str, Text | str] = {ref.layer: ref.title for ref in inputs.refs}
    for level in inputs.levels:
        outside = residents.total_inhab - float(tables[level]["population_inhab"].sum())
        yield from share("people_outside_level", outside, level=titles.get(level, level))
    yield from share("people_placed_on_streets", residents.placed_on_inhab(STREET))
    yield from share("people_placed_on_units", residents.placed_on_inhab(UNIT))
    off = float(people.loc[~scene.parks.residents.found, "inhab"].sum())
    yield from share("people_off_network", off, distance=f"{MAX_GAP_M:g}")
    without = ~np.isin(np.arange(len(scene.areas.area_m2)), scene.entrances["green_area_id"])
    if without.any():
        area_m2 = peru_number(float(scene.areas.area_m2[without].sum()))
        yield Notice("parks_without_entrance", {"n": int(without.sum()), "area": area_m2})
