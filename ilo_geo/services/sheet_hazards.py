"""The hazards a shape touches: level, certainty, probability, and what they weigh together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import geopandas as gpd
import numpy as np
import shapely

from ilo_geo.core.ahp import ahp_weights
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.core.units import peru_number
from ilo_geo.green.candidates.data import criterion_table
from ilo_geo.green.candidates.utilities import hazard_by_outline
from ilo_geo.green.candidates.utilities import hazard_ratio
from ilo_geo.hazards.evar import Interval
from ilo_geo.hazards.evar import evar_rules
from ilo_geo.hazards.evar import hazard_class
from ilo_geo.hazards.evar import level_of_value
from ilo_geo.hazards.evar import strongest
from ilo_geo.hazards.evar import weighted
from ilo_geo.hazards.ground import ground_rules
from ilo_geo.hazards.levels import hazard_levels
from ilo_geo.hazards.multihazard_cells import Sample
from ilo_geo.hazards.multihazard_cells import hazard_values
from ilo_geo.hazards.tsunami import ANALYSIS_ID as TSUNAMI
from ilo_geo.hazards.tsunami_parameters import tsunami_classes
from ilo_geo.proposals.sheet import Figure
from ilo_geo.proposals.sheet_rules import figure
from ilo_geo.proposals.sheet_rules import sheet_rules
from ilo_geo.proposals.sheet_shape import cells_of
from ilo_geo.proposals.sheet_shape import places_in
from ilo_geo.proposals.sheet_shape import touch_of
from ilo_geo.services.areas import Area
from ilo_geo.services.city import present
from ilo_geo.services.hazards import LAYER_OF
from ilo_geo.services.hazards import flood_layers
from ilo_geo.services.hazards import hazard_zones
from ilo_geo.services.hazards import unflooded_zones
from ilo_geo.services.hazards import zone_layers
from ilo_geo.services.risk import MULTIHAZARD
from ilo_geo.services.risk import PLAN_REACH_M
from ilo_geo.services.risk import hazards_present
from ilo_geo.services.sheet_city import Flood
from ilo_geo.services.sheet_city import absent_titles
from ilo_geo.services.sheet_city import flood_known

PERCENT = 100.0


def hazard_figures(area: Area, shape: shapely.Geometry) -> list[Figure]:
    """Return every hazard at a shape: one figure a hazard, the flood levels, and all together."""
    flood = flood_known(area)
    zones = _zones(area, known=flood.field is not None)
    # in no order that a spatial index would choose
    near = zones.iloc[np.sort(zones.sindex.query(shape, predicate="intersects"))]
    drawn = [TSUNAMI, *LAYER_OF, *ground_rules().layers]
    levels_m = tsunami_classes().plan_levels_m
    return [
        *(_flood(area, shape, flood, level_m) for level_m in levels_m),
        *(_hazard(area, shape, hazard, near, flood) for hazard in drawn),
        *_together(area, shape, near, flood),
    ]


def _zones(area: Area, *, known: bool) -> gpd.GeoDataFrame:
    if not known:
        return unflooded_zones(area)
    highest_m = max(tsunami_classes().plan_levels_m)
    return hazard_zones(area, highest_m, PLAN_REACH_M, "auto", graded=True)


def _flood(area: Area, shape: shapely.Geometry, flood: Flood, level_m: float) -> Figure:
    name, shown, field = f"flood_{level_m:g}", f"{level_m:g}", flood.field
    if field is None:
        fields = {"level": shown, "n": "–", "rmse": "–"}
        return figure(
            "flood", figure_id=name, missing=flood.lacking, said=flood.reason, fields=fields
        )
    row, column, weight = cells_of(shape, field.transform, field.level_m.shape)
    on_land = field.land[row, column] & field.valued[row, column]
    ratio = field.probability(level_m)[row, column][on_land].astype(float)
    n_draws, rmse = str(field.draws.n_draws), peru_number(field.rmse_m, 1)
    fields = {"level": shown, "n": n_draws, "rmse": rmse}
    layers, norms = flood_layers(area), [tsunami_classes().plan_source]
    if not len(ratio):
        said = _words()["not_land"]
        return figure("flood", figure_id=name, said=said, fields=fields, layers=layers, norms=norms)
    weight = weight[on_land]
    wet = bool((field.level_m[row, column][on_land] <= np.float32(level_m)).any())
    return figure(
        "flood",
        PERCENT * float(ratio @ weight / weight.sum()),
        PERCENT * float(ratio.min()),
        PERCENT * float(ratio.max()),
        figure_id=name,
        level=tsunami_classes().level_of(level_m) if wet else None,
        fields=fields,
        layers=layers,
        norms=norms,
    )


def _hazard(
    area: Area,
    shape: shapely.Geometry,
    hazard: str,
    near: gpd.GeoDataFrame,
    flood: Flood,
) -> Figure:
    title = ground_rules().layers.get(hazard) or _words()[hazard]
    lacking = _lacking(area, hazard, flood)
    fields, said = {"hazard": title}, flood.reason if hazard == TSUNAMI else None
    if lacking or said:
        return figure("hazard_unknown", figure_id=hazard, missing=lacking, said=said, fields=fields)
    layers = flood_layers(area) if hazard == TSUNAMI else (LAYER_OF.get(hazard, hazard),)
    zones = near[near["hazard"] == hazard]
    met = touch_of(shape, zones, hazard_levels().ids) if len(zones) else None
    if met is None:
        return figure(
            "hazard_outside", 0.0, 0.0, 0.0, figure_id=hazard, layers=layers, fields=fields
        )
    row = zones.iloc[met.band]
    band = Text(es=row["title_es"], en=row["title_en"])
    return figure(
        "hazard",
        PERCENT * met.share,
        PERCENT * met.share_low,
        PERCENT * met.share_high,
        figure_id=hazard,
        layers=layers,
        norms=[row["source"]],
        fields={**fields, "band": band},
        level=met.level,
        level_low=met.level_low,
        level_high=met.level_high,
        certainty=met.certainty,
    )


def _lacking(area: Area, hazard: str, flood: Flood) -> tuple[Text, ...]:
    """Return what is missing to tell of a hazard; an empty layer tells nothing."""
    if hazard == TSUNAMI:
        return flood.lacking
    layer = LAYER_OF.get(hazard, hazard)
    if area.has(layer) and len(area.frame(layer)):
        return ()
    return absent_titles(area, (layer,)) or (area.meta(layer).title,)


def _together(
    area: Area, shape: shapely.Geometry, near: gpd.GeoDataFrame, flood: Flood
) -> Iterator[Figure]:
    """Yield what the hazards weigh together, as the multi-hazard evaluation weighs them."""
    known = {name for name in hazards_present(area) if not _lacking(area, name, flood)}
    if flood.field is None:
        known -= {TSUNAMI}
    weighed = [zone for hazard in evar_rules().hazards for zone in hazard.zones]
    lacking = tuple(t for name in weighed if name not in known for t in _lacking(area, name, flood))
    if not known & set(weighed):
        for name in ("multihazard", "strongest", "residual"):
            yield figure(name, missing=lacking)
        return
    layers = zone_layers(area) if flood.field is not None else present(area, zone_layers(area)[1:])
    yield from _evaluated(area, shape, near, known, lacking, layers)
    sites = gpd.GeoDataFrame(geometry=[shape], crs=area.crs)
    left = float(hazard_ratio(hazard_by_outline(sites, near)).iloc[0])
    values = criterion_table().hazards
    norms = [f"{values.levels_source} ({values.levels_verified})"]
    yield figure("residual", left, layers=layers, norms=norms, without=lacking)


def _evaluated(
    area: Area,
    shape: shapely.Geometry,
    near: gpd.GeoDataFrame,
    known: set[str],
    lacking: tuple[Text, ...],
    layers: tuple[str, ...],
) -> Iterator[Figure]:
    given, rules = sheet_rules().parameters, evar_rules()
    points = places_in(shape, step_m=given["step_m"].value, most=int(given["most_points"].value))
    n_points = len(points)
    sample = Sample(points, np.zeros(n_points, dtype=np.int64), np.ones(n_points), 1)
    params = MULTIHAZARD.parameters(area, {}).model_dump()
    solved = ahp_weights(params["hazard_judgements"], rules.criteria, where="hazard_judgements")
    of_hazard: dict[str, Interval] = {}
    with_layer: list[Interval] = []
    for hazard in rules.hazards:
        value, part = hazard_values(hazard, near, known, sample, params["cover_ratio"])
        of_hazard[hazard.id] = value
        with_layer += [] if part is None else [part]
    total, most = weighted(of_hazard, solved.weights), strongest(with_layer)
    norms = [
        f"{rules.level_values_source} ({rules.level_values_verified})",
        f"{rules.judgements_source} ({rules.judgements_verified})",
    ]
    for name, found, class_of in (
        ("multihazard", total, hazard_class),
        ("strongest", most, level_of_value),
    ):
        low, middle, high = (class_of(part)[0] for part in (found.low, found.mid, found.high))
        yield figure(
            name,
            *(float(part[0]) for part in (found.mid, found.low, found.high)),
            layers=layers,
            norms=norms,
            without=lacking,
            level=middle,
            level_low=low,
            level_high=high,
        )


@cache
def _words() -> dict[str, Text]:
    table = load_package_yaml("ilo_geo.services", "point_hazards.yaml")
    return {key: Text.model_validate(value) for key, value in table.items()}
