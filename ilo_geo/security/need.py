"""Where the city needs watching: incidents where they are known, else a stated proxy.

Need is counted at the middles of pieces of street and sums to 1. A piece's share of an evidence is
its density (`density_network`, or `density` in the plane) times its length, over the sum of all
pieces. With incidents, need is the share of incidents. Without, the proxy::

    need = w_flow · flow + w_shops · shops + w_sites · sites + w_declared · declared

with weights by AHP; evidence that the city has no data for is left out and its weight given to the
others in proportion. ``flow`` is inhabitants within reach times a factor of the class of street;
a declared trouble spot spreads over the bandwidth plus the error of its position. A share of need
may be given to inhabitants as such (``population_ratio``).

Assumptions: past incidents tell of future need; people report alike everywhere. The proxy says
where people and things are, not where crime is: whatever stands on it says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
from typing import Annotated

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pydantic import Field

from ilo_geo.city.network import Network
from ilo_geo.city.snapping import snap
from ilo_geo.core.ahp import ahp_weights
from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.core.errors import InputError
from ilo_geo.core.parameters import Parameters
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import Notice
from ilo_geo.core.text import Text
from ilo_geo.security.density import QUARTIC
from ilo_geo.security.density import plane_density
from ilo_geo.security.density_network import Lixels
from ilo_geo.security.density_network import cut_streets
from ilo_geo.security.density_network import street_density
from ilo_geo.security.incidents import WEIGHT
from ilo_geo.security.incidents import Incidents
from ilo_geo.security.need_rules import need_rules

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NETWORK, PLANE = "network", "plane"
FLOW, SHOPS, SITES, DECLARED = "flow", "shops", "sites", "declared"
INCIDENTS, POPULATION = "incidents", "population"


class NeedParams(Parameters):
    """What a planner may set; judgements in the form of `core.ahp.ahp_weights`."""

    population_base: str
    bandwidth_m: Annotated[float, Field(ge=100, le=1000)] = 400.0
    density_in: str = NETWORK
    kernel: str = QUARTIC
    population_ratio: Annotated[float, Field(ge=0, le=1)] = 0.0
    proxy_judgements: str = need_rules().judgements.text
    piece_m: Annotated[float, Field(ge=10, le=100)] = 50.0
    street_gap_m: Annotated[float, Field(ge=10, le=1000)] = 200.0


@dataclass(frozen=True)
class NeedInputs:
    """What tells of need, in one metric CRS.

    Attributes
    ----------
    network
        Streets on which people walk.
    street_class
        Class of each row of the street layer.
    residents
        Points with ``inhab``.
    shops, sites
        Points that count one each.
    declared
        Points with ``accuracy_m``: trouble spots that an authority named.
    declared_note
        What is known of those spots beside their place, such as which have none.
    incidents
        None where nobody has given a layer of incidents.
    """

    network: Network
    street_class: npt.NDArray[np.object_]
    residents: gpd.GeoDataFrame
    shops: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    declared: gpd.GeoDataFrame
    declared_note: Text | None = None
    incidents: Incidents | None = None


@dataclass(frozen=True)
class Need:
    """Need along the streets.

    Attributes
    ----------
    points
        Middles of the pieces of street, with ``length_m`` and ``row`` (of the street layer).
    weight
        Share of the need of the whole area at each point; sums to 1.
    is_proxy
        Whether it stands on a proxy and not on incidents.
    parts
        What each evidence contributes to ``weight``; the columns of a row sum to it.
    notices
        What a reader must know.
    flow
        Share of the people passing at each point, whatever need stands on; 0 where unknown.
    """

    points: gpd.GeoDataFrame
    weight: Floats
    is_proxy: bool
    parts: pd.DataFrame
    notices: tuple[Notice, ...]
    flow: Floats


@dataclass(frozen=True)
class Spread:
    """An evidence along the streets: ``per_m`` (per m of street, or per m² in the plane).

    ``n_points`` are those it stands on at each piece, ``n_off_street`` those too far from any.
    """

    per_m: Floats
    n_points: Ints
    n_off_street: int


@dataclass(frozen=True)
class Survey:
    """Need, the pieces of street it is counted on, and the incidents spread along them (if any)."""

    need: Need
    lixels: Lixels
    incidents: Spread | None


def need(inputs: NeedInputs, params: NeedParams, progress: Progress = silent) -> Need:
    """Return the need along the streets of an area.

    Raises
    ------
    InputError
        There are no streets, or nothing tells of need.
    ParameterError
        The judgements are no matrix or contradict each other.
    """
    return survey(inputs, params, progress).need


def survey(inputs: NeedInputs, params: NeedParams, progress: Progress = silent) -> Survey:
    """Return the need along the streets with what it was found from; raises as `need` does."""
    lixels = lixels_of(inputs, params)
    found: Spread | None = None
    flow = _flow(inputs, lixels, params, progress)
    if inputs.incidents is not None and len(inputs.incidents):
        found = spread(lixels, inputs.incidents.points, WEIGHT, params, progress)
        parts, notices = _of_incidents(inputs.incidents, found, lixels, params)
    else:
        parts, notices = _of_proxy(inputs, flow, lixels, params, progress)
    if params.population_ratio > 0:
        people = _share(spread(lixels, inputs.residents, "inhab", params, progress), lixels)
        ratio = params.population_ratio if people.sum() > 0 else 0.0
        parts = {name: part * (1 - ratio) for name, part in parts.items()}
        parts[POPULATION] = people * ratio
    table = pd.DataFrame(parts)
    weight = table.sum(axis=1).to_numpy()
    if not weight.sum() > 0:
        raise InputError("need.nothing_known")
    total = weight.sum()
    points = gpd.GeoDataFrame(
        {"length_m": lixels.length_m, "row": lixels.row},
        geometry=lixels.middles,
        crs=inputs.network.crs,
    )
    made = Need(points, weight / total, found is None, table / total, tuple(notices), flow)
    return Survey(made, lixels, found)


def lixels_of(inputs: NeedInputs, params: NeedParams) -> Lixels:
    """Return the pieces of street that need is counted on."""
    if not inputs.network.n_edges:
        raise InputError("need.no_streets")
    frames = {"residents": inputs.residents, "shops": inputs.shops, "sites": inputs.sites}
    if inputs.incidents is not None:
        frames["incidents"] = inputs.incidents.points
    require_same_metric_crs(**frames, declared=inputs.declared)
    return cut_streets(inputs.network, longest_m=params.piece_m)


def spread(
    lixels: Lixels,
    points: gpd.GeoDataFrame,
    weight: str | None,
    params: NeedParams,
    progress: Progress = silent,
    *,
    extra_m: float = 0.0,
) -> Spread:
    """Return the density of points at the middle of each piece of street.

    Parameters
    ----------
    weight
        Column of what each point counts; None for one each.
    extra_m
        Added to the bandwidth.
    """
    counts = np.ones(len(points)) if weight is None else points[weight].to_numpy(dtype=float)
    bandwidth_m = params.bandwidth_m + extra_m
    places = snap(lixels.network, points.geometry.to_numpy(), max_gap_m=params.street_gap_m)
    n_off = int((~places.found).sum())
    if params.density_in == PLANE:
        per_m2, n_points = plane_density(
            shapely.get_coordinates(points.geometry.to_numpy()),
            counts,
            shapely.get_coordinates(lixels.middles),
            bandwidth_m=bandwidth_m,
            kernel=params.kernel,
        )
        return Spread(per_m2, n_points, n_off)
    found = street_density(
        lixels, places, counts, bandwidth_m=bandwidth_m, kernel=params.kernel, progress=progress
    )
    return Spread(found.per_m, found.n_points, n_off)


def rounded(values: Floats) -> Floats:
    """Return values to the digits that are published."""
    digits = need_rules().publication.density_digits
    known = np.isfinite(values) & (values != 0)
    scale = 10.0 ** (digits - 1 - np.floor(np.log10(np.abs(np.where(known, values, 1.0)))))
    return np.where(known, np.round(values * scale) / scale, values)


def _published(found: Spread) -> Spread:
    """Return a density as it may be told: nothing where few incidents stand behind it, rounded.

    Whatever is computed from need then tells no more of single incidents than the map of density.
    """
    told = found.n_points >= need_rules().publication.least_n
    return replace(found, per_m=np.where(told, rounded(found.per_m), 0.0))


def _of_incidents(
    incidents: Incidents, found: Spread, lixels: Lixels, params: NeedParams
) -> tuple[dict[str, Floats], list[Notice]]:
    notices = list(incidents.notices())
    if found.n_off_street and params.density_in == NETWORK:
        fields = {"n": found.n_off_street, "all": len(incidents), "gap": f"{params.street_gap_m:g}"}
        notices.append(Notice("incidents.off_street", fields))
    if not found.per_m.sum() > 0:
        raise InputError(
            "incidents.none_near_streets", n=len(incidents), gap=f"{params.street_gap_m:g}"
        )
    share = _share(_published(found), lixels)
    if not share.sum() > 0:
        raise InputError("incidents.too_few", n=need_rules().publication.least_n)
    return {INCIDENTS: share}, notices


def _of_proxy(
    inputs: NeedInputs, flow: Floats, lixels: Lixels, params: NeedParams, progress: Progress
) -> tuple[dict[str, Floats], list[Notice]]:
    rules = need_rules()
    weights = ahp_weights(params.proxy_judgements, rules.criteria, where="proxy_judgements").weights
    shares = {
        FLOW: flow,
        SHOPS: _share(spread(lixels, inputs.shops, None, params, progress), lixels),
        SITES: _share(spread(lixels, inputs.sites, None, params, progress), lixels),
        DECLARED: _declared(inputs.declared, lixels, params, progress),
    }
    notices = list(inputs.incidents.notices()) if inputs.incidents is not None else []
    held = {name: weights[name] for name, share in shares.items() if share.sum() > 0}
    absent = tuple(rules.titles[name] for name in rules.criteria if name not in held)
    total = sum(held.values())
    said = {name: weight / total for name, weight in held.items()}
    notices.append(Notice("need.proxy", {"parts": tuple(_said(n, w) for n, w in said.items())}))
    if absent:
        notices.append(Notice("need.evidence_absent", {"parts": absent}))
    if DECLARED in held and inputs.declared_note is not None:
        fields = {"n": len(inputs.declared), "note": inputs.declared_note}
        notices.append(Notice("need.declared_spots", fields))
    return {name: said.get(name, 0.0) * shares[name] for name in rules.criteria}, notices


def _said(name: str, ratio: float) -> Text:
    title = need_rules().titles[name]
    return Text(es=f"{title.es} {ratio:.2f}", en=f"{title.en} {ratio:.2f}")


def _flow(inputs: NeedInputs, lixels: Lixels, params: NeedParams, progress: Progress) -> Floats:
    """Return the share of people passing: inhabitants within reach times the class of street."""
    factors = need_rules().street_class_factor
    class_of = inputs.street_class[lixels.row]
    factor = np.array([factors.by_class.get(str(name), factors.other) for name in class_of])
    found = spread(lixels, inputs.residents, "inhab", params, progress)
    return _share(found, lixels, factor)


def _declared(
    spots: gpd.GeoDataFrame, lixels: Lixels, params: NeedParams, progress: Progress
) -> Floats:
    """Return the share of the trouble spots, each spread as far as its position is unsure."""
    total = np.zeros(len(lixels))
    errors_m = spots["accuracy_m"].fillna(0.0).to_numpy(dtype=float)
    for error_m in np.unique(errors_m):
        group = spots[errors_m == error_m]
        found = spread(lixels, group, None, params, progress, extra_m=float(error_m))
        mass = found.per_m * lixels.length_m
        # in the plane a spot whose surroundings have few streets still counts one
        total += mass / mass.sum() * len(group) if mass.sum() > 0 else mass
    return total / total.sum() if total.sum() > 0 else total


def _share(found: Spread, lixels: Lixels, factor: Floats | float = 1.0) -> Floats:
    """Return each piece's share of an evidence; all zero where there is none."""
    mass: Floats = found.per_m * lixels.length_m * factor
    total = mass.sum()
    return mass / total if total > 0 else mass
