"""The search for park sites, as one frozen result: pure, nothing is read or written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Selection
from ilo_geo.green.candidates.choosing import Choice
from ilo_geo.green.candidates.choosing import choose
from ilo_geo.green.candidates.exclusions import ELIGIBLE
from ilo_geo.green.candidates.exclusions import EXCLUDED
from ilo_geo.green.candidates.exclusions import rule_titles
from ilo_geo.green.candidates.exclusions import rules_table
from ilo_geo.green.candidates.inputs import ParkInputs
from ilo_geo.green.candidates.parameters import ParkParams
from ilo_geo.green.candidates.report import city_figures
from ilo_geo.green.candidates.report import level_table
from ilo_geo.green.candidates.report import notices
from ilo_geo.green.candidates.scenarios import SITE_FIGURES
from ilo_geo.green.candidates.scenarios import curve
from ilo_geo.green.candidates.scenarios import frontier
from ilo_geo.green.candidates.scoring import Weights
from ilo_geo.green.candidates.scoring import weights_of
from ilo_geo.green.candidates.scoring import weights_table
from ilo_geo.green.candidates.site_scores import Land
from ilo_geo.green.candidates.site_scores import Scored
from ilo_geo.green.candidates.site_scores import land_of
from ilo_geo.green.candidates.site_scores import require_affordable
from ilo_geo.green.candidates.site_scores import scored_of
from ilo_geo.green.candidates.site_scores import with_choice
from ilo_geo.green.candidates.site_table import candidates_table
from ilo_geo.green.candidates.wording import selected_rows
from ilo_geo.siting.answer import Limits

ANALYSIS_ID = "parks"
# each repetition of the search may take this share of the time of the search itself
SCENARIO_TIME_RATIO = 0.1


def analyse(
    inputs: ParkInputs, params: ParkParams, *, progress: Progress = silent
) -> AnalysisResult:
    """Return every lot considered with what struck it or its score, and the sites to choose.

    Returns
    -------
    result
        Tables: ``candidates`` (every site considered, struck out or scored), one a level (before
        and after), ``rules``, ``weights``, ``frontier``, ``curve``; columns in docs/methods.

    Raises
    ------
    ParameterError
        Judgements are no matrix or contradict each other, or all weights are 0.
    InputError
        No lot is vacant or public, or water or money does not suffice for the cheapest site.
    CrsError
        Frames in different reference systems.
    """
    require_same_metric_crs(
        lots=inputs.lots,
        vetoes=inputs.vetoes,
        hazards=inputs.hazards,
        residents=inputs.green.residents.points,
        river=inputs.river,
        **inputs.overlaps,
    )
    weights = weights_of(params)
    progress("progress.parks_rules", 0.5)
    land = land_of(inputs, params)
    require_affordable(land, params)
    progress("progress.parks_scores", 0.65)
    scored = scored_of(inputs, land, weights, params)
    progress("progress.parks_search", 0.7)
    choice = choose(
        scored.question,
        count=params.n_parks,
        water_m3_day=params.water_m3_day,
        budget_soles=params.budget_soles,
        limits=_limits(params),
        progress=progress,
    )
    table = with_choice(scored, choice)
    return _result(inputs, params, weights, land, scored, table, choice, progress)


def _result(
    inputs: ParkInputs,
    params: ParkParams,
    weights: Weights,
    land: Land,
    scored: Scored,
    table: pd.DataFrame,
    choice: Choice,
    progress: Progress,
) -> AnalysisResult:
    titles = rule_titles(params)
    candidates = candidates_table(
        land.sites, land.figures, table, land.strikes, titles, _finest(inputs)
    )
    eligible = candidates[candidates["status"] == ELIGIBLE]
    chosen = candidates[candidates["selected"]]
    served = _served(land, chosen.index)
    figures = city_figures(inputs, chosen, served, params)
    own = notices(inputs, land.strikes, candidates, titles, params, choice.status, choice.gap_ratio)
    return AnalysisResult(
        analysis=ANALYSIS_ID,
        area=inputs.green.area,
        parameters=params.model_dump(),
        summary=_summary(inputs, candidates, figures, choice, weights, params),
        tables={
            "candidates": candidates,
            **{
                level: level_table(polygons, inputs, chosen, served, params)
                for level, polygons in inputs.green.levels.items()
            },
            "rules": rules_table(land.strikes, titles),
            "weights": weights_table(weights),
            **_scenarios(inputs, scored, choice, figures, params, progress),
        },
        warnings=(*inputs.notices, *own),
        provenance=inputs.refs,
        configuration_sha256=inputs.configuration_sha256,
        selection=Selection(
            selected=tuple(selected_rows(eligible, weights, titles, params)),
            objective=choice.objective,
            bound=choice.bound,
            gap_ratio=choice.gap_ratio,
            status=choice.status.value,
            solver_seconds=choice.seconds,
        ),
    )


def _scenarios(
    inputs: ParkInputs,
    scored: Scored,
    choice: Choice,
    figures: dict[str, Any],
    params: ParkParams,
    progress: Progress,
) -> dict[str, pd.DataFrame]:
    limits = replace(_limits(params), seconds=params.time_limit_s * SCENARIO_TIME_RATIO)
    demand_m2 = params.standard_m2_per_inhab * figures["population_inhab"]
    table, question = scored.table, scored.question
    return {
        "frontier": frontier(question, table, params, limits, progress, chosen=choice),
        "curve": curve(
            question,
            table,
            params,
            limits,
            progress,
            chosen=choice,
            unserved_inhab=figures["population_inhab"] - figures["served_population_inhab"],
            deficit_m2=demand_m2 - inputs.scene.stock.green_area_m2,
        ),
    }


def _summary(
    inputs: ParkInputs,
    candidates: gpd.GeoDataFrame,
    figures: dict[str, Any],
    choice: Choice,
    weights: Weights,
    params: ParkParams,
) -> dict[str, Any]:
    status = candidates["status"]
    chosen = candidates[candidates["selected"]]
    return {
        "n_lots": len(inputs.lots),
        "n_considered": len(candidates),
        "n_excluded": int((status == EXCLUDED).sum()),
        "n_eligible": int((status == ELIGIBLE).sum()),
        "n_selected": len(chosen),
        **figures,
        **{name: float(chosen[name].sum()) for name in SITE_FIGURES},
        "water_available_m3_day": params.water_m3_day,
        "objective": choice.objective,
        "bound": choice.bound,
        "gap_ratio": choice.gap_ratio,
        "consistency_ratio": weights.consistency_ratio,
        "consistency_limit": weights.consistency_limit,
    }


def _limits(params: ParkParams) -> Limits:
    return Limits(seconds=params.time_limit_s, seed=params.seed)


def _finest(inputs: ParkInputs) -> gpd.GeoDataFrame | None:
    levels = list(inputs.green.levels.values())
    return levels[-1] if levels else None


def _served(land: Land, chosen: pd.Index) -> tuple[np.ndarray, np.ndarray]:
    """Return which resident points a park serves, before and after the chosen ones."""
    before = land.reach.served
    after = before.copy()
    after[land.reach.walk_m[land.reached.get_indexer(chosen)].indices] = True
    return before, after
