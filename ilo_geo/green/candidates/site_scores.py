"""From lots to scored sites: rules, people, utilities, score and stability; and the choice."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.core.errors import InputError
from ilo_geo.core.units import peru_number
from ilo_geo.green.candidates.choosing import Choice
from ilo_geo.green.candidates.choosing import Question
from ilo_geo.green.candidates.choosing import in_order
from ilo_geo.green.candidates.choosing import pairs_within
from ilo_geo.green.candidates.choosing import question_of
from ilo_geo.green.candidates.data import criterion_table
from ilo_geo.green.candidates.data import rule_table
from ilo_geo.green.candidates.exclusions import Strikes
from ilo_geo.green.candidates.exclusions import strikes_of
from ilo_geo.green.candidates.fitting import FLOODABLE
from ilo_geo.green.candidates.fitting import NO_TYPE
from ilo_geo.green.candidates.fitting import costs
from ilo_geo.green.candidates.fitting import type_of_each
from ilo_geo.green.candidates.fitting import within_river
from ilo_geo.green.candidates.inputs import ParkInputs
from ilo_geo.green.candidates.land import considered_lots
from ilo_geo.green.candidates.land import measures
from ilo_geo.green.candidates.parameters import SCORE
from ilo_geo.green.candidates.parameters import YES
from ilo_geo.green.candidates.parameters import ParkParams
from ilo_geo.green.candidates.reach import Reach
from ilo_geo.green.candidates.reach import reach_of
from ilo_geo.green.candidates.scoring import Weights
from ilo_geo.green.candidates.scoring import ranks
from ilo_geo.green.candidates.scoring import scores
from ilo_geo.green.candidates.stability import Uncertain
from ilo_geo.green.candidates.stability import drawn_scores
from ilo_geo.green.candidates.stability import stability
from ilo_geo.green.candidates.utilities import UTILITY
from ilo_geo.green.candidates.utilities import PeopleFigures
from ilo_geo.green.candidates.utilities import hazard_by_outline
from ilo_geo.green.candidates.utilities import hazard_ratio
from ilo_geo.green.candidates.utilities import need_of_points
from ilo_geo.green.candidates.utilities import people_figures
from ilo_geo.green.candidates.utilities import people_utilities
from ilo_geo.green.candidates.utilities import utilities

SIZE_RULES = ("area", "width")
# whole litres and whole céntimos
DECIMALS = {"water_m3_day": 3, "capex_soles": 2}


@dataclass(frozen=True)
class Land:
    """Sites with what was measured and decided before anybody walks to them."""

    sites: gpd.GeoDataFrame
    figures: pd.DataFrame
    strikes: Strikes
    reach: Reach
    reached: pd.Index
    hazards: dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Scored:
    """The eligible sites with their scores, and the question that they pose."""

    table: pd.DataFrame
    question: Question


def land_of(inputs: ParkInputs, params: ParkParams) -> Land:
    """Return every site considered with its measures, type, costs and what strikes it."""
    sites = considered_lots(inputs.lots, merge=params.merge_lots == YES)
    measured = measures(sites, inputs.slopes)
    strikes = strikes_of(sites, measured, inputs.vetoes, inputs.overlaps, params)
    flooded = strikes.struck["tsunami"].to_numpy()
    types = type_of_each(measured, within_river(sites, inputs.river), flooded, params)
    strikes = strikes.sparing("tsunami", (types == FLOODABLE).to_numpy())
    shapeless = strikes.struck[[*SIZE_RULES, "slope"]].any(axis=1)
    large = ~strikes.struck[list(SIZE_RULES)].any(axis=1)
    reach = reach_of(sites[large], inputs.green, inputs.scene, params)
    doors = pd.Series(reach.n_entrances, index=sites.index[large]).reindex(sites.index)
    strikes = strikes.with_rule("no_entrance", (doors == 0).to_numpy())
    strikes = strikes.with_rule("type_unfit", ((types == NO_TYPE) & ~shapeless).to_numpy())
    hazards = hazard_by_outline(sites, inputs.hazards)
    figures = pd.concat(
        [
            sites[["tenure", "use", "n_lots", "lots"]],
            measured,
            types,
            costs(measured["area_m2"], types, float(params.water_soles_m3 or 0.0)),
            hazard_ratio(hazards).rename("hazard_ratio"),
            doors.rename("n_entrances"),
        ],
        axis=1,
    )
    return Land(sites, figures, strikes, reach, sites.index[large], hazards)


def require_affordable(land: Land, params: ParkParams) -> None:
    """Refuse water or money that does not suffice for any eligible site."""
    eligible = land.figures[land.strikes.eligible]
    if eligible.empty:
        return
    limits = {
        "water_m3_day": params.water_m3_day,
        "capex_soles": params.budget_soles,
    }
    for name, limit in limits.items():
        least = eligible[name].idxmin()
        if limit is not None and limit < eligible.loc[least, name]:
            fields = {
                "found": peru_number(limit, DECIMALS[name]),
                "least": peru_number(float(eligible.loc[least, name]), DECIMALS[name]),
                "site": least,
            }
            if name == "water_m3_day":
                raise InputError("parks.too_little_water", **fields)
            raise InputError("parks.too_little_money", **fields)


def scored_of(inputs: ParkInputs, land: Land, weights: Weights, params: ParkParams) -> Scored:
    """Return the eligible sites with people, utilities, score, rank and stability."""
    eligible = land.strikes.eligible
    table = land.figures[eligible]
    rows = land.reached.get_indexer(table.index)
    reach = Reach(land.reach.walk_m[rows], land.reach.n_entrances[rows], land.reach.served)
    people = _people(inputs, reach)
    table = table.assign(
        served_inhab=people.served_inhab[:, 0],
        mean_walk_m=people.mean_walk_m[:, 0],
        need_ratio=people.need_ratio[:, 0],
    )
    worth = utilities(table, people, params)
    score = scores(worth.to_numpy(), weights.value)
    stable = _stability(inputs, land, table, worth, people, weights, params)
    table = pd.concat([table, worth.add_prefix(UTILITY), stable], axis=1).assign(
        score=score, rank=ranks(score)
    )
    inhab = inputs.inhab_by_base.iloc[:, 0].to_numpy()
    new = reach.new
    extra, per_inhab = None, 1.0
    if params.objective == SCORE and len(table):
        share = float(weights.value[list(criterion_table().ids).index("deficit")])
        extra = score - share * worth["deficit"].to_numpy()
        per_inhab = share / max(float(table["served_inhab"].max()), 1.0)
    question = question_of(
        new,
        inhab,
        extra,
        per_inhab,
        water_m3_day=table["water_m3_day"].to_numpy(float),
        capex_soles=table["capex_soles"].to_numpy(float),
        apart=pairs_within(land.sites[eligible], params.apart_m),
    )
    return Scored(table, question)


def _people(inputs: ParkInputs, reach: Reach) -> PeopleFigures:
    units = inputs.green.residents.points["unit"]
    need = need_of_points(units, inputs.need)
    return people_figures(reach, inputs.inhab_by_base.to_numpy(float), need)


def _stability(
    inputs: ParkInputs,
    land: Land,
    table: pd.DataFrame,
    worth: pd.DataFrame,
    people: PeopleFigures,
    weights: Weights,
    params: ParkParams,
) -> pd.DataFrame:
    zonal = [rule.id for rule in rule_table().rules if rule.by == "zone"]
    uncertain = Uncertain(
        utilities=worth,
        by_base=people_utilities(people, params.access_distance_m),
        hazard_levels={name: frame.loc[table.index] for name, frame in land.hazards.items()},
        strikes={
            name: frame.loc[table.index, zonal] for name, frame in land.strikes.by_certainty.items()
        },
        compactness_ratio=table["compactness_ratio"].to_numpy(float),
        slope_ratio=table["slope_ratio"].to_numpy(float),
        slope_error_ratio=inputs.slopes.error_ratio if inputs.slopes else 0.0,
        max_slope_ratio=params.max_slope_ratio,
    )
    drawn, ruled_out = drawn_scores(
        uncertain,
        weights.value,
        swing_ratio=params.weight_swing_ratio,
        n_draws=params.n_draws,
        seed=params.seed,
    )
    return stability(drawn, ruled_out, params.n_parks).set_axis(table.index)


def with_choice(scored: Scored, choice: Choice) -> pd.DataFrame:
    """Return the eligible sites with who was chosen, in what order, and whom each adds."""
    order, _ = in_order(scored.question, choice.selected)
    table = scored.table
    place = np.zeros(len(table), dtype=np.int64)
    place[order] = np.arange(1, len(order) + 1)
    added = np.zeros(len(table))
    for rank, site in enumerate(order):
        after = scored.question.newly_served_inhab(order[: rank + 1])
        added[site] = after - scored.question.newly_served_inhab(order[:rank])
    return table.assign(
        selected=place > 0,
        order=pd.array(np.where(place > 0, place, pd.NA), dtype="Int64"),
        added_inhab=added,
    )
