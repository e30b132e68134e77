"""What each site is worth by each criterion: a raw figure with its unit, and a utility 0 to 1.

With ``n`` the eligible sites, every maximum taken over them:

- deficit: people whom no park serves and this site would, alone, over the most of any site,
- access: 1 − mean walk of the people within reach / distance of the access standard,
- equity: mean need of the people within reach,
- water: 1 − water bill / largest water bill,
- tenure: public 1, unknown ½, private 0 (data),
- hazard: 1 − max over hazards of level × probability (data),
- shape: mean of compactness and 1 − slope / largest slope allowed.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.city.network import Bools
from ilo_geo.city.network import Floats
from ilo_geo.green.candidates.data import criterion_table
from ilo_geo.green.candidates.exclusions import CERTAINTIES
from ilo_geo.green.candidates.parameters import ParkParams
from ilo_geo.green.candidates.reach import Reach

UTILITY = "u_"
# utilities are kept to so many decimals that a page computes the very same score from them
UTILITY_DECIMALS = 6
Array = Floats | Bools


@dataclass(frozen=True)
class PeopleFigures:
    """What people make of each site: arrays of sites by population bases."""

    served_inhab: Floats
    mean_walk_m: Floats
    need_ratio: Floats


def people_figures(reach: Reach, inhab: Floats, need_ratio: Floats) -> PeopleFigures:
    """Return newly served people, mean walk and mean need of those in reach.

    Parameters
    ----------
    reach
        Sites by points.
    inhab
        Inhabitants, points by bases.
    need_ratio
        Need of each point, 0 to 1.
    """
    within = reach.walk_m.copy()
    within.data = np.ones_like(within.data)
    all_inhab = within @ inhab
    some = all_inhab > 0

    def mean(amount: Floats, without: float) -> Floats:
        found: Floats = np.full(amount.shape, without)
        np.divide(amount, all_inhab, out=found, where=some)
        return found

    return PeopleFigures(
        served_inhab=reach.new @ inhab,
        mean_walk_m=mean(reach.walk_m @ inhab, np.nan),
        need_ratio=mean(within @ (inhab * need_ratio[:, None]), np.nan),
    )


def need_of_points(units: pd.Series, need: pd.DataFrame | None) -> Floats:
    """Return the need of each resident point: mean over the evidence, each over its largest.

    Where nobody knows anything of a unit, the value of ``criteria.yaml`` stands in.
    """
    unknown = criterion_table().unknown_need_ratio
    if need is None or need.empty:
        return np.full(len(units), unknown)
    largest = need.max()
    of_unit = need.div(largest.where(largest > 0)).mean(axis=1, skipna=True)
    return np.asarray(units.map(of_unit).astype(float).fillna(unknown), dtype=float)


def hazard_by_outline(sites: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> dict[str, pd.DataFrame]:
    """Return the level (0–1) of each hazard at each site if that outline is the true one.

    Frames of sites by hazards, by certainty: the highest level whose outline touches the site.
    """
    values = criterion_table().hazards
    polygons = sites.geometry.to_numpy()
    tree = shapely.STRtree(polygons)
    found = {}
    for certainty in CERTAINTIES:
        level = {hazard: np.zeros(len(sites)) for hazard in values.counted}
        rows = zones[(zones["certainty"] == certainty) & zones["hazard"].isin(values.counted)]
        for hazard, name, outline in zip(
            rows["hazard"], rows["level"], rows.geometry.to_numpy(), strict=True
        ):
            touched = tree.query(outline, predicate="intersects")
            level[hazard][touched] = np.maximum(level[hazard][touched], values.levels[name])
        found[certainty] = pd.DataFrame(level, index=sites.index)
    return found


def hazard_ratio(by_outline: dict[str, pd.DataFrame]) -> pd.Series:
    """Return the largest level × probability over hazards and outlines."""
    probability = criterion_table().hazards.probability
    each = [table.max(axis=1) * probability[name] for name, table in by_outline.items()]
    return pd.concat(each, axis=1).max(axis=1)


def people_utilities(people: PeopleFigures, access_distance_m: float) -> dict[str, Floats]:
    """Return the utilities that depend on the population base: sites by bases."""
    most = people.served_inhab.max(axis=0, initial=0.0)
    deficit = people.served_inhab / np.where(most > 0, most, 1.0)
    access = 1 - people.mean_walk_m / access_distance_m
    return {
        "deficit": deficit,
        "access": np.nan_to_num(access).clip(0, 1),
        "equity": np.nan_to_num(people.need_ratio).clip(0, 1),
    }


def shape_utility(compactness_ratio: Array, slope_ratio: Array, max_slope_ratio: float) -> Floats:
    """Return the mean of compactness and flatness; compactness alone where no slope is known."""
    flat = (1 - slope_ratio / max_slope_ratio).clip(0, 1)
    both = np.where(np.isnan(flat), compactness_ratio, (compactness_ratio + flat) / 2)
    return np.asarray(both, dtype=float)


def utilities(table: pd.DataFrame, people: PeopleFigures, params: ParkParams) -> pd.DataFrame:
    """Return the utility of each eligible site by criterion, columns in the criteria's order.

    Parameters
    ----------
    table
        Eligible sites with ``water_soles_year, tenure, hazard_ratio, compactness_ratio,
        slope_ratio``.
    people
        Of the same sites; the first base is the chosen one.
    """
    bill = table["water_soles_year"].to_numpy(float)
    dearest = bill.max(initial=0.0)
    by_criterion = {
        **{name: u[:, 0] for name, u in people_utilities(people, params.access_distance_m).items()},
        "water": 1 - bill / dearest if dearest > 0 else np.ones(len(table)),
        "tenure": table["tenure"].map(criterion_table().tenure.values).to_numpy(float),
        "hazard": 1 - table["hazard_ratio"].to_numpy(float),
        "shape": shape_utility(
            table["compactness_ratio"].to_numpy(float),
            table["slope_ratio"].to_numpy(float),
            params.max_slope_ratio,
        ),
    }
    ordered = {name: by_criterion[name] for name in criterion_table().ids}
    return pd.DataFrame(ordered, index=table.index).round(UTILITY_DECIMALS)
