"""What stands in the way of a shape: other proposals, lots and the rules that exclude sites."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ilo_geo.core.text import Text
from ilo_geo.core.units import peru_number
from ilo_geo.green.candidates.data import Rule
from ilo_geo.green.candidates.data import rule_table
from ilo_geo.green.candidates.exclusions import Strikes
from ilo_geo.green.candidates.exclusions import rule_titles
from ilo_geo.green.candidates.exclusions import strikes_of
from ilo_geo.green.candidates.inputs import Slopes
from ilo_geo.green.candidates.land import measures
from ilo_geo.green.candidates.parameters import ParkParams
from ilo_geo.proposals.sheet import Figure
from ilo_geo.proposals.sheet_conflicts import NEAR
from ilo_geo.proposals.sheet_conflicts import Meeting
from ilo_geo.proposals.sheet_conflicts import Other
from ilo_geo.proposals.sheet_conflicts import lots_under
from ilo_geo.proposals.sheet_conflicts import meetings
from ilo_geo.proposals.sheet_rules import KindRules
from ilo_geo.proposals.sheet_rules import figure
from ilo_geo.proposals.sheet_rules import sheet_rules
from ilo_geo.proposals.sheet_shape import POLYGON
from ilo_geo.proposals.sheet_shape import shape_kind
from ilo_geo.services.areas import Area
from ilo_geo.services.city import fingerprint
from ilo_geo.services.city import kept_of
from ilo_geo.services.city import present
from ilo_geo.services.parks import FLOOD
from ilo_geo.services.parks import LOTS
from ilo_geo.services.parks import known_hazards
from ilo_geo.services.parks import park_layers
from ilo_geo.services.parks import park_overlaps
from ilo_geo.services.parks import park_vetoes
from ilo_geo.services.parks import slopes_of
from ilo_geo.services.sheet_city import SheetCity
from ilo_geo.services.sheet_city import absent_titles

ALL, STRUCK, POSSIBLE = "all", "struck", "possible"
MEASURED = ("measure", "zone", "overlap")
MOST_LISTED = 12


def conflict_figures(area: Area, shape: shapely.Geometry, others: Sequence[Other]) -> list[Figure]:
    """Return the other proposals and the lots in a shape's way."""
    lots = lots_of(area)
    return [*_proposals(shape, others, lots, area), *_lot_figures(area, shape, lots)]


def _proposals(
    shape: shapely.Geometry, others: Sequence[Other], lots: gpd.GeoDataFrame | None, area: Area
) -> Iterator[Figure]:
    given = sheet_rules().parameters
    near, overlap = given["near_m"], given["overlap_m2"]
    met = meetings(shape, others, lots, near_m=near.value, overlap_m2=overlap.value)
    fields = {"near": f"{near.value:g}", "overlap": f"{overlap.value:g}"}
    n_sure = sum(one.level != NEAR for one in met)
    yield figure(
        "proposals",
        n_sure,
        n_sure,
        len(met),
        layers=present(area, (LOTS,)),
        norms=[near.cited, overlap.cited],
        fields=fields,
    )
    for one in met:
        yield _meeting(one, area)


def _meeting(one: Meeting, area: Area) -> Figure:
    fields = {
        "number": one.other.number,
        "title": one.other.title,
        "distance": peru_number(one.distance_m),
        "lots": ", ".join(one.lots) or "–",
    }
    return figure(
        "proposal",
        one.overlap_m2,
        figure_id=f"proposal_{one.other.number}",
        level=one.level,
        layers=present(area, (LOTS,)),
        fields=fields,
    )


def lots_of(area: Area) -> gpd.GeoDataFrame | None:
    """Return the lots on an index of their ids, None where none are loaded."""
    if not area.has(LOTS):
        return None

    def make() -> gpd.GeoDataFrame:
        lots = area.frame(LOTS)
        ids = lots["id"] if "id" in lots.columns else lots.index
        return lots.set_axis(pd.Index(np.asarray(ids).astype(str)))

    return kept_of(area).get(("sheet lots", fingerprint(area, (LOTS,))), make)


def _lot_figures(
    area: Area, shape: shapely.Geometry, lots: gpd.GeoDataFrame | None
) -> Iterator[Figure]:
    overlap = sheet_rules().parameters["overlap_m2"].value
    fields = {"overlap": f"{overlap:g}"}
    if lots is None:
        yield figure("no_lots", figure_id=LOTS, missing=absent_titles(area, (LOTS,)), fields=fields)
        return
    found = lots.loc[lots_under(shape, lots, overlap_m2=overlap)]
    if found.empty:
        yield figure("no_lots", 0, figure_id=LOTS, layers=(LOTS,), fields=fields)
    tenure = found["tenure"].fillna("unknown") if "tenure" in found else None
    of_each = np.full(len(found), "unknown") if tenure is None else tenure.to_numpy(object)
    for name in sorted(set(of_each)):
        own = found[of_each == name]
        listed = [str(label) for label in own.index[:MOST_LISTED]]
        more = len(own) - len(listed)
        shared_m2 = shapely.area(shapely.intersection(own.geometry.to_numpy(), shape)).sum()
        yield figure(
            "lots",
            len(own),
            figure_id=f"lots_{name}",
            layers=(LOTS,),
            fields={
                **fields,
                "tenure": sheet_rules().words.get(name, Text(es=name, en=name)),
                "listed": ", ".join(listed) + (f" … (+{more})" if more else ""),
                "area": peru_number(float(shared_m2)),
            },
        )


def rule_figures(
    area: Area, shape: shapely.Geometry, rules: KindRules, city: SheetCity | None
) -> Iterator[Figure]:
    """Yield which rules that exclude sites strike a shape, and which may."""
    asked = _asked(rules, shape)
    if city is None:
        # the rules look at streets, buildings and parks as well
        needed = tuple(layer for rule in asked for layer in rule.layers if layer != FLOOD)
        yield figure("rules", missing=absent_titles(area, needed), fields={"n": len(asked)})
        return
    strikes, flood_known = _strikes(area, shape, city)
    has = {*present(area, (layer for rule in asked for layer in rule.layers))}
    has |= {FLOOD} if flood_known else set()
    applied = [rule for rule in asked if not rule.layers or has.intersection(rule.layers)]
    lacking = tuple(
        layer for rule in asked if rule not in applied for layer in rule.layers if layer != FLOOD
    )
    if not flood_known and any(FLOOD in rule.layers for rule in asked):
        lacking = (*lacking, "terrain", "coastline")
    struck = [rule for rule in applied if strikes.struck[rule.id].iloc[0]]
    possible = [rule for rule in applied if strikes.possible[rule.id].iloc[0]]
    layers = present(area, park_layers(area))
    yield figure(
        "rules",
        len(struck),
        len(struck),
        len(struck) + len(possible),
        layers=layers,
        without=absent_titles(area, lacking),
        fields={"n": len(applied)},
    )
    titles = rule_titles(city.params)
    for rule in (*struck, *possible):
        yield figure(
            "rule",
            figure_id=f"rule_{rule.id}",
            level=STRUCK if rule in struck else POSSIBLE,
            layers=present(area, rule.layers) or layers,
            norms=[f"{rule.source} ({rule.verified})"],
            fields={"rule": titles[rule.id], "how": titles[rule.id]},
        )


def _asked(rules: KindRules, shape: shapely.Geometry) -> list[Rule]:
    """Return the rules asked of a kind; measures and overlaps need an outline."""
    known = [rule for rule in rule_table().rules if rule.by in MEASURED]
    wide = shape_kind(shape) == POLYGON
    named = [rule for rule in known if ALL in rules.rules or rule.id in rules.rules]
    return [rule for rule in named if wide or rule.by == "zone"]


@dataclass(frozen=True)
class _Ground:
    """What the rules look at, whatever the site."""

    vetoes: gpd.GeoDataFrame
    overlaps: dict[str, gpd.GeoDataFrame]
    slopes: Slopes | None
    flood_known: bool


def _strikes(area: Area, shape: shapely.Geometry, city: SheetCity) -> tuple[Strikes, bool]:
    """Return what the rules strike at a shape, and whether the flood is among them."""
    params = city.params
    key = ("sheet rules", fingerprint(area, park_layers(area)), area.configuration_sha256)
    ground = kept_of(area).get(key, lambda: _ground_of(area, city, params))
    vetoes = ground.vetoes
    sites = gpd.GeoDataFrame(geometry=[shape], crs=area.crs)
    near = vetoes.iloc[np.sort(vetoes.sindex.query(shape, predicate="intersects"))]
    if shape_kind(shape) == POLYGON:
        measured = measures(sites, ground.slopes)
    else:
        names = ("area_m2", "width_m", "slope_ratio", "compactness_ratio")
        measured = pd.DataFrame({name: [np.nan] for name in names}, index=sites.index)
    met = {
        name: frame.iloc[np.sort(frame.sindex.query(shape, predicate="intersects"))]
        for name, frame in ground.overlaps.items()
    }
    return strikes_of(sites, measured, near, met, params), ground.flood_known


def _ground_of(area: Area, city: SheetCity, params: ParkParams) -> _Ground:
    hazards, flood_known = known_hazards(area, params)
    return _Ground(
        vetoes=park_vetoes(area, params, hazards),
        overlaps=park_overlaps(area, city.inputs, city.scene),
        slopes=slopes_of(area),
        flood_known=flood_known,
    )
