"""What the analysis of cameras reads, and the question it makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from ilo_geo.city.network import Network
from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.results import Notice
from ilo_geo.security.cameras.candidates import Poles
from ilo_geo.security.cameras.candidates import find_poles
from ilo_geo.security.cameras.candidates import with_most_need
from ilo_geo.security.cameras.choice import Question
from ilo_geo.security.cameras.demand import FEASIBILITY
from ilo_geo.security.cameras.demand import FLOW
from ilo_geo.security.cameras.demand import GAP
from ilo_geo.security.cameras.demand import SENSITIVE
from ilo_geo.security.cameras.demand import Demand
from ilo_geo.security.cameras.demand import near
from ilo_geo.security.cameras.demand import weigh
from ilo_geo.security.cameras.mounting import Asked
from ilo_geo.security.cameras.mounting import asked_band
from ilo_geo.security.cameras.mounting import lenses_of
from ilo_geo.security.cameras.parameters import NOWHERE
from ilo_geo.security.cameras.parameters import CameraParams
from ilo_geo.security.cameras.rules import CameraRules
from ilo_geo.security.cameras.scene import Lens
from ilo_geo.security.cameras.scene import Views
from ilo_geo.security.cameras.scene import make_views
from ilo_geo.security.cameras.scene import too_near_pairs
from ilo_geo.security.cameras.sight import PlanSight
from ilo_geo.security.cameras.sight import Sight
from ilo_geo.security.cameras.sight import SolidSight
from ilo_geo.security.need import Need
from ilo_geo.security.optics import masking_rule
from ilo_geo.security.visibility import Walls
from ilo_geo.security.visibility.prisms import Prisms
from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Floats
from ilo_geo.siting.problem import Ints

S_PER_MIN = 60.0
SOLID = "3d"


@dataclass(frozen=True)
class CameraInputs:
    """A city as the analysis reads it, in one metric CRS.

    Attributes
    ----------
    area
        Id of the study area.
    need
        Where the city needs watching.
    network
        Streets on foot, whose crossings are candidates.
    walls, dwellings
        Buildings that hide, and the footprints of those whose windows are masked.
    prisms
        Buildings with heights on the terrain; only for sight in 3D.
    sites
        Points by layer: ``poles``, public buildings, places that may ask for a backup.
    supply
        Lines of power or fibre; None where no layer of them is loaded.
    response_s
        Seconds until a patrol is at each point of need; None where nobody can tell.
    levels
        Polygons to report by, on their ids.
    refs, configuration_sha256, notices
        As in every analysis.
    """

    area: str
    need: Need
    network: Network
    walls: Walls
    dwellings: gpd.GeoSeries
    prisms: Prisms | None
    sites: Mapping[str, gpd.GeoDataFrame]
    supply: gpd.GeoDataFrame | None
    response_s: Floats | None
    levels: Mapping[str, gpd.GeoDataFrame]
    refs: tuple[LayerRef, ...]
    configuration_sha256: str = ""
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Scene:
    """Everything that a choice is made from.

    ``in_time`` are the places a patrol reaches within the limit, None where nobody can tell;
    ``at_dwelling`` those in the strip before a dwelling that may be masked.
    """

    demand: Demand
    poles: Poles
    asked: Asked
    lenses: tuple[Lens, ...]
    sight: Sight
    at_dwelling: Bools
    in_time: Bools | None
    views: Views
    question: Question

    @property
    def reach_m(self) -> float:
        """Return how far the farthest-seeing model sees well enough."""
        return max(lens.far_m for lens in self.lenses)


def camera_scene(inputs: CameraInputs, params: CameraParams, rules: CameraRules) -> Scene:
    """Return the question of an area: candidates, what each would see, and what that is worth.

    Raises
    ------
    CrsError
        Frames in different reference systems.
    InputError
        There is no candidate, or none sees any need.
    ParameterError
        A parameter makes no camera possible, or the budget buys none.
    """
    points = inputs.need.points
    require_same_metric_crs(need=points, **inputs.sites, **inputs.levels)
    asked = asked_band(params.density_band)
    lenses = lenses_of(asked, params)
    _require_budget(lenses, params)
    xy = shapely.get_coordinates(points.geometry)
    in_time = _in_time(inputs, params)
    demand = weigh(
        xy,
        inputs.need.weight,
        _evidence(inputs, xy, params, rules),
        params.criteria_judgements,
        rules,
    )
    found = find_poles(inputs.sites, inputs.network, inputs.walls.blocks, rules=rules)
    if found.frame.empty:
        raise InputError("cameras.no_candidate", n=found.n_found, refused=found.n_refused)
    reach_m = max(lens.far_m for lens in lenses)
    poles = with_most_need(found, xy, demand.weight, reach_m, params.max_candidates)
    sight = _sight(inputs, params, rules)
    at_dwelling = near(xy, inputs.dwellings.to_numpy(), masking_rule().depth_m)
    views = make_views(sight.places(poles.xy, xy, reach_m), lenses, params.n_headings, at_dwelling)
    if not len(views):
        raise InputError("cameras.nothing_in_sight", n=len(poles.frame), reach=f"{reach_m:.0f}")
    question = Question(
        reach=views.reach,
        weight=demand.weight,
        folds=_folds(inputs, xy, params, rules),
        price_soles=np.array([lens.price_soles for lens in lenses])[views.lens],
        apart=too_near_pairs(views, params.max_per_pole),
        count=params.n_cameras,
        budget_soles=params.budget_soles or None,
    )
    return Scene(demand, poles, asked, lenses, sight, at_dwelling, in_time, views, question)


def _require_budget(lenses: tuple[Lens, ...], params: CameraParams) -> None:
    cheapest = min(lens.price_soles for lens in lenses)
    if 0 < params.budget_soles < cheapest:
        raise ParameterError(
            "cameras.budget", found=f"{params.budget_soles:g}", cheapest=f"{cheapest:g}"
        )


def _in_time(inputs: CameraInputs, params: CameraParams) -> Bools | None:
    if inputs.response_s is None:
        return None
    found: Bools = inputs.response_s <= params.patrol_limit_min * S_PER_MIN
    return found


def _evidence(
    inputs: CameraInputs, xy: Floats, params: CameraParams, rules: CameraRules
) -> dict[str, Floats]:
    """Return what each criterion but crime says of each place; those nobody knows are absent."""
    need, found = inputs.need, {}
    if inputs.response_s is not None:
        # a longer wait counts more, without the jump a limit would make
        longest_s = params.patrol_limit_min * S_PER_MIN * rules.gap_cap_ratio.value
        found[GAP] = need.weight * np.minimum(inputs.response_s, longest_s)
    if need.flow.any():
        found[FLOW] = need.flow
    sensitive = [s for layer in rules.sensitive_layers for s in _shapes(inputs.sites, layer)]
    if sensitive:
        reach_m = rules.sensitive_reach_m.value
        found[SENSITIVE] = need.weight * near(xy, np.array(sensitive, dtype=object), reach_m)
    if inputs.supply is not None:
        lines, reach_m = inputs.supply.geometry.to_numpy(), rules.supply_reach_m.value
        found[FEASIBILITY] = need.weight * near(xy, lines, reach_m)
    return found


def _shapes(sites: Mapping[str, gpd.GeoDataFrame], layer: str) -> np.ndarray:
    return sites[layer].geometry.to_numpy() if layer in sites else np.empty(0, dtype=object)


def _folds(inputs: CameraInputs, xy: Floats, params: CameraParams, rules: CameraRules) -> Ints:
    """Return 2 for each place that a backup is asked for, else 1."""
    if params.backup_at == NOWHERE:
        return np.ones(len(xy), dtype=np.int64)
    if params.backup_at not in inputs.sites:
        raise ParameterError("cameras.no_backup_layer", layer=params.backup_at)
    places = _shapes(inputs.sites, params.backup_at)
    return 1 + near(xy, places, rules.sensitive_reach_m.value).astype(np.int64)


def _sight(inputs: CameraInputs, params: CameraParams, rules: CameraRules) -> Sight:
    if params.line_of_sight == SOLID and inputs.prisms is not None:
        return SolidSight(
            inputs.prisms, params.camera_height_m, params.target_height_m, rules.cell_3d_m.value
        )
    return PlanSight(inputs.walls)
