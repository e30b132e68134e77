"""Zones before and after, the key figures, and what the reader must know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.city.network import Floats
from ilo_geo.city.zones import polygon_of_each
from ilo_geo.core.results import Notice
from ilo_geo.core.text import Text
from ilo_geo.core.units import M2_PER_HA
from ilo_geo.core.units import peru_number
from ilo_geo.green.candidates.data import rule_table
from ilo_geo.green.candidates.data import type_table
from ilo_geo.green.candidates.exclusions import Strikes
from ilo_geo.green.candidates.inputs import ParkInputs
from ilo_geo.green.candidates.parameters import ParkParams
from ilo_geo.green.supply import area_in_each_m2
from ilo_geo.green.supply import supply_of_each
from ilo_geo.siting.answer import Status

BEFORE_AFTER = ("green_area_m2", "green_m2_per_inhab", "deficit_ha")


def level_table(
    polygons: gpd.GeoDataFrame,
    inputs: ParkInputs,
    sites: gpd.GeoDataFrame,
    served: tuple[np.ndarray, np.ndarray],
    params: ParkParams,
) -> gpd.GeoDataFrame:
    """Return each polygon before and after the chosen parks.

    Parameters
    ----------
    polygons
        Of one level, with ``id`` and ``name``.
    sites
        The chosen ones.
    served
        Which resident points a park serves, before and after.

    Returns
    -------
    table
        Index ``id``: ``name, population_inhab``, green area, m² per inhabitant, deficit and served
        people, each before and (``_after``) after, ``n_new_parks``.
    """
    named = polygons[["id", "name", "geometry"]].set_index("id")
    points = inputs.green.residents.points
    inhab = points["inhab"].to_numpy()
    unit = polygon_of_each(named, points.geometry.to_numpy())

    def total(amount: Floats) -> pd.Series:
        inside = unit >= 0
        summed = np.bincount(unit[inside], weights=amount[inside], minlength=len(named))
        return pd.Series(summed, index=named.index)

    people = total(inhab)
    green_m2 = area_in_each_m2(named, inputs.scene.stock.green)
    added_m2 = area_in_each_m2(named, sites.geometry.to_numpy())
    standard = params.standard_m2_per_inhab
    before = supply_of_each(people, green_m2, standard_m2_per_inhab=standard)
    after = supply_of_each(people, green_m2 + added_m2, standard_m2_per_inhab=standard)
    table = pd.concat(
        [named[["name"]], before, after[list(BEFORE_AFTER)].add_suffix("_after")], axis=1
    ).assign(
        served_population_inhab=total(np.where(served[0], inhab, 0.0)),
        served_population_inhab_after=total(np.where(served[1], inhab, 0.0)),
        n_new_parks=np.bincount(
            _inside(polygon_of_each(named, sites.representative_point().to_numpy())),
            minlength=len(named),
        ),
    )
    return gpd.GeoDataFrame(table, geometry=named.geometry)


def _inside(unit: np.ndarray) -> np.ndarray:
    inside: np.ndarray = unit[unit >= 0]
    return inside


def city_figures(
    inputs: ParkInputs,
    chosen: pd.DataFrame,
    served: tuple[np.ndarray, np.ndarray],
    params: ParkParams,
) -> dict[str, Any]:
    """Return the whole area before and after, with the new people over every population base."""
    bases = inputs.inhab_by_base
    inhab = bases.iloc[:, 0].to_numpy()
    total, green_m2 = float(inhab.sum()), inputs.scene.stock.green_area_m2
    new = bases.to_numpy()[served[1] & ~served[0]].sum(axis=0)
    # one base alone tells nothing of how far off it may be
    low, high = (new.min(), new.max()) if len(new) > 1 else (None, None)
    demand_m2 = params.standard_m2_per_inhab * total
    area_m2 = float(chosen["area_m2"].sum())
    before = float(inhab[served[0]].sum())
    return {
        "population_inhab": total,
        "served_population_inhab": before,
        "served_population_inhab_after": before + float(new[0]),
        "served_population_ratio": before / total,
        "served_population_ratio_after": (before + float(new[0])) / total,
        "new_served_inhab": float(new[0]),
        "new_served_inhab_low": None if low is None else float(low),
        "new_served_inhab_high": None if high is None else float(high),
        "new_area_m2": area_m2,
        "green_m2_per_inhab": green_m2 / total,
        "green_m2_per_inhab_after": (green_m2 + area_m2) / total,
        "deficit_ha": max(0.0, demand_m2 - green_m2) / M2_PER_HA,
        "deficit_ha_after": max(0.0, demand_m2 - green_m2 - area_m2) / M2_PER_HA,
    }


def notices(
    inputs: ParkInputs,
    strikes: Strikes,
    table: pd.DataFrame,
    titles: dict[str, Text],
    params: ParkParams,
    status: Status,
    gap_ratio: float,
) -> Iterator[Notice]:
    """Yield what the reader must know before believing the choice."""
    if inputs.lots_assumed:
        yield Notice("parks.blocks_for_lots", {"n": peru_number(len(inputs.lots))})
    yield from _about_rules(inputs, strikes, titles)
    yield from _about_need(inputs)
    n_far = int(strikes.struck["no_entrance"].sum())
    if n_far:
        reach = peru_number(params.entrance_reach_m)
        yield Notice("parks.outside_network", {"n": n_far, "reach": reach})
    yield Notice("parks.costs_from_memory")
    yield from _about_water(inputs, params)
    chosen = table[table["selected"]]
    if n_possible := int((chosen["possible_rules"] != "").sum()):
        yield Notice("parks.possible_vetoes", {"n": n_possible, "chosen": len(chosen)})
    public = rule_table().considered.public_tenure
    n_private = int((chosen["tenure"] != public).sum())
    if n_private and inputs.lots_assumed:
        yield Notice("parks.owner_unknown", {"n": n_private})
    elif n_private:
        yield Notice("parks.not_public", {"n": n_private, "chosen": len(chosen)})
    if len(chosen) < params.n_parks:
        yield Notice("parks.fewer_than_asked", {"n": len(chosen), "asked": params.n_parks})
    if status is not Status.OPTIMAL:
        yield Notice("parks.gap_open", {"percent": f"{100 * gap_ratio:.2f}"})


def _about_water(inputs: ParkInputs, params: ParkParams) -> Iterator[Notice]:
    """Yield that the price of water is another area's, unless a price of one's own was given."""
    source = type_table().water[params.water_source]
    if inputs.green.area != source.area and params.water_soles_m3 == source.soles_m3:
        price = peru_number(source.soles_m3, 2)
        yield Notice("parks.water_price_elsewhere", {"price": price, "area": source.area})


def _about_rules(inputs: ParkInputs, strikes: Strikes, titles: dict[str, Text]) -> Iterator[Notice]:
    unknown = tuple(
        titles[rule.id]
        for rule in rule_table().rules
        if rule.layers and not inputs.with_layers & set(rule.layers)
    )
    if unknown:
        yield Notice("parks.rules_without_layer", {"rules": unknown})
    struck = strikes.struck
    large = ~struck[["area", "width"]].any(axis=1)
    n_eligible = int(strikes.eligible.sum())
    worst = struck[large].drop(columns=["area", "width"]).sum()
    fields = {
        "n": peru_number(len(struck)),
        "large": peru_number(int(large.sum())),
        "eligible": peru_number(n_eligible),
    }
    if not n_eligible:
        yield Notice("parks.none_eligible", fields)
    elif worst.max() > 0:
        rule = titles[str(worst.idxmax())]
        yield Notice("parks.left", {**fields, "rule": rule, "struck": int(worst.max())})


def _about_need(inputs: ParkInputs) -> Iterator[Notice]:
    if inputs.need is None or inputs.need.empty:
        yield Notice("parks.need_unknown")
        return
    known = inputs.need.dropna(axis=1, how="all")
    evidence = ", ".join(map(str, known.columns))
    yield Notice("parks.need_known", {"n": len(known), "evidence": evidence})
