"""The key figures of a choice of cameras, and what its reader must know."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from ilo_geo.core.layer import Status
from ilo_geo.core.results import Notice
from ilo_geo.core.text import Text
from ilo_geo.core.units import peru_number
from ilo_geo.security.cameras.coverage import totals
from ilo_geo.security.cameras.parameters import CameraParams
from ilo_geo.security.cameras.ptz import PtzReach
from ilo_geo.security.cameras.question import SOLID
from ilo_geo.security.cameras.question import CameraInputs
from ilo_geo.security.cameras.reasons import PERCENT
from ilo_geo.security.cameras.reasons import percent
from ilo_geo.security.cameras.rules import CameraRules
from ilo_geo.security.cameras.tables import Chosen
from ilo_geo.security.cameras.uncertainty import Draws
from ilo_geo.security.cameras.uncertainty import open_sightings
from ilo_geo.security.cameras.uncertainty import seen_places
from ilo_geo.siting.problem import Floats

INTERVAL_ENDS = ("low", "high")
# what hides, and what a camera hangs on
SIGHT_LAYERS = ("buildings", "poles", "streets")


def summary(
    chosen: Chosen,
    cameras: gpd.GeoDataFrame,
    by_place: Mapping[str, Floats],
    ptz: PtzReach,
    draws: Draws,
    rules: CameraRules,
) -> dict[str, Any]:
    """Return the key figures; ratios are of the need or the demand of the whole area."""
    scene = chosen.scene
    need_ratio = float(by_place["camera_ratio"].sum())
    return {
        "n_cameras": len(cameras),
        "n_poles": int(cameras["pole"].nunique()),
        "seen_need_ratio": need_ratio,
        **_ends("seen_need_ratio", draws.interval(draws.need_ratio, rules)),
        "seen_need_open_ratio": _open_ratio(chosen),
        "seen_demand_ratio": scene.question.objective(chosen.views),
        **_ends("seen_demand_ratio", draws.interval(draws.demand_ratio, rules)),
        **totals(by_place),
        "backup_need_ratio": _backup_ratio(chosen),
        "largest_loss_if_fails_ratio": float(cameras["loss_if_fails_ratio"].max()),
        "seen_m2": float(cameras["seen_m2"].sum()),
        "masked_m2": float(cameras["masked_m2"].sum()),
        "price_soles": float(cameras["price_soles"].sum()),
        "storage_gb": float(cameras["storage_gb"].sum()),
        "storage_days": rules.storage_days.value,
        "density_px_m": scene.asked.band.density_px_m,
        **{f"ptz_{name}_m": value for name, value in ptz.range_by.items()},
        **{f"ptz_{name}_need_ratio": value for name, value in ptz.need_ratio_by.items()},
        "n_candidates_found": scene.poles.n_found,
        "n_candidates_merged": scene.poles.n_merged,
        "n_candidates_moved": scene.poles.n_moved,
        "n_candidates_refused": scene.poles.n_refused,
        "n_candidates_left_out": scene.poles.n_left_out,
        "n_candidates": len(scene.poles.frame),
        "n_views": len(scene.views),
        "consistency_ratio": scene.demand.consistency_ratio,
    }


def _ends(name: str, interval: tuple[float, float] | None) -> dict[str, float | None]:
    ends = interval or (None, None)
    return {f"{name}_{end}": value for end, value in zip(INTERVAL_ENDS, ends, strict=True)}


def _open_ratio(chosen: Chosen) -> float:
    """Return the share of the need that the same cameras would cover if no building hid any."""
    scene, hung = chosen.scene, chosen.hung
    seen = open_sightings(hung.xy, scene.demand.xy, hung.reach_m)
    covered = seen_places(hung, seen, scene.at_dwelling, scene.question.folds)
    return float(scene.demand.need @ covered)


def _backup_ratio(chosen: Chosen) -> float | None:
    """Return the covered share of the need that asks for two cameras; None where none asks."""
    scene = chosen.scene
    need = scene.demand.need * (scene.question.folds > 1)
    return float(need @ chosen.seen / need.sum()) if need.sum() > 0 else None


def notices(
    inputs: CameraInputs,
    chosen: Chosen,
    cameras: gpd.GeoDataFrame,
    draws: Draws,
    params: CameraParams,
    rules: CameraRules,
) -> Iterator[Notice]:
    """Yield what the reader must know before believing the figures."""
    scene, titles = chosen.scene, {c.id: c.title for c in rules.criteria}
    yield from inputs.need.notices
    if inputs.need.is_proxy:
        yield Notice("cameras.proxy")
    if scene.demand.missing:
        used = tuple(_said(titles[name], ratio) for name, ratio in scene.demand.weights.items())
        absent = tuple(titles[name] for name in scene.demand.missing)
        yield Notice("cameras.evidence_absent", {"parts": absent, "used": used})
    yield from _candidate_notices(chosen)
    yield from _sight_notices(inputs)
    if params.line_of_sight != SOLID:
        yield Notice("cameras.plan_only")
    if inputs.response_s is None:
        yield Notice("cameras.no_patrol")
    over = int((cameras["overlap_ratio"] > rules.overlap_limit_ratio.value).sum())
    if over:
        limit = peru_number(PERCENT * rules.overlap_limit_ratio.value)
        yield Notice("cameras.overlap", {"n": over, "limit": limit})
    if len(cameras) < params.n_cameras:
        fields = {
            "n": len(cameras),
            "asked": params.n_cameras,
            "budget": peru_number(params.budget_soles),
        }
        yield Notice("cameras.fewer", fields)
    yield from _tuned(chosen, draws, params, rules)
    yield Notice("cameras.prices")


def _tuned(
    chosen: Chosen, draws: Draws, params: CameraParams, rules: CameraRules
) -> Iterator[Notice]:
    """Yield that errors make the choice see less than the plan says, where they do."""
    interval = draws.interval(draws.need_ratio, rules)
    middle = float(chosen.scene.demand.need @ chosen.seen)
    if interval and interval[1] < middle:
        fields = {
            "error": peru_number(params.position_error_m, 1),
            "swing": peru_number(PERCENT * rules.weight_swing_ratio.value),
            "low": percent(interval[0]),
            "high": percent(interval[1]),
            "middle": percent(middle),
        }
        yield Notice("cameras.tuned", fields)


def _sight_notices(inputs: CameraInputs) -> Iterator[Notice]:
    modelled = tuple(
        ref.title
        for ref in inputs.refs
        if ref.status is Status.MODELLED and ref.layer in SIGHT_LAYERS
    )
    if modelled:
        yield Notice("cameras.modelled_sight", {"layers": modelled})
    if inputs.dwellings.empty:
        yield Notice("cameras.no_dwellings")
    points = inputs.need.points.geometry.to_numpy()
    tree = shapely.STRtree(inputs.walls.blocks)
    inside = np.unique(tree.query(points, predicate="within")[0])
    if len(inside):
        hidden = percent(float(inputs.need.weight[inside].sum()))
        yield Notice("cameras.hidden_need", {"n": peru_number(len(inside)), "percent": hidden})


def _said(title: Text, ratio: float) -> Text:
    return Text(es=f"{title.es} {ratio:.3f}", en=f"{title.en} {ratio:.3f}")


def _candidate_notices(chosen: Chosen) -> Iterator[Notice]:
    scene, poles = chosen.scene, chosen.scene.poles
    if poles.n_moved or poles.n_refused:
        fields = {"moved": peru_number(poles.n_moved), "refused": peru_number(poles.n_refused)}
        yield Notice("cameras.off_footprint", fields)
    if poles.n_left_out:
        fields = {"n": peru_number(poles.n_left_out), "kept": peru_number(len(poles.frame))}
        yield Notice("cameras.left_out", fields)
    hidden = float(scene.demand.need[np.asarray(_unseen_by_any(chosen))].sum())
    yield Notice("cameras.out_of_reach", {"percent": percent(hidden)})


def _unseen_by_any(chosen: Chosen) -> np.ndarray:
    question = chosen.scene.question
    n_views = np.bincount(question.reach.indices, minlength=len(question.weight))
    return n_views < question.folds
