"""The city as a patrol meets it: timed streets, where vehicles start, people and need on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.city.driving import KM_H_PER_M_S
from ilo_geo.city.driving import Drive
from ilo_geo.city.driving import drive
from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.city.population import Residents
from ilo_geo.city.snapping import Snap
from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.core.errors import InputError
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.results import Notice
from ilo_geo.core.text import Text
from ilo_geo.security.need import Need
from ilo_geo.security.patrol.rules import patrol_rules

NAME, KIND, ACCURACY = "name", "kind", "accuracy_m"
PEOPLE, NEED, INCIDENTS = "people", "need", "incidents"


@dataclass(frozen=True)
class PatrolInputs:
    """Everything the analysis reads.

    Attributes
    ----------
    area
        Id of the study area.
    streets
        ``street_class``, ``drive``, ``oneway``.
    bases
        Points patrols start from, the seat first: ``name``, ``kind``, ``accuracy_m``; may be empty.
    police
        Points with ``name``, or None.
    residents
        Who is where at the moment asked for.
    need
        Where patrols are needed.
    incidents
        Points of the incidents known, one counts one; None without a layer of them.
    levels
        Polygons to report by, under their ids.
    inhab_by_base
        Title and total of each population base.
    urban_km2, district_km2
        Areas, None where no layer says them.
    public_lots
        Lots in public hands, None where nobody knows.
    refs, configuration_sha256, notices
        As in every analysis.
    """

    area: str
    streets: gpd.GeoDataFrame
    bases: gpd.GeoDataFrame
    police: gpd.GeoDataFrame | None
    residents: Residents
    need: Need
    incidents: gpd.GeoDataFrame | None
    levels: Mapping[str, gpd.GeoDataFrame]
    inhab_by_base: Mapping[str, tuple[Text, float]]
    urban_km2: float | None
    district_km2: float | None
    public_lots: gpd.GeoDataFrame | None
    refs: tuple[LayerRef, ...]
    configuration_sha256: str = ""
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Places:
    """People or need on the timed streets: ``on`` where, ``weight`` how much."""

    on: Snap
    weight: Floats


@dataclass(frozen=True)
class PatrolScene:
    """Inputs on the timed graph.

    Attributes
    ----------
    drive
        Cut at every base and police station.
    bases
        Those on the network, index renumbered, with ``node``, ``start_s`` and ``error_s``.
    off_network
        Names of the bases too far from any street.
    police_node
        Node of each police station, -1 off the network.
    people, need, incidents
        Places with inhabitants, with need, and with incidents (none where none are known).
    """

    drive: Drive
    bases: gpd.GeoDataFrame
    off_network: tuple[str, ...]
    police_node: Ints
    people: Places
    need: Places
    incidents: Places

    @property
    def places(self) -> dict[str, Places]:
        """Return who or what is to be reached, by name; incidents only where there are any."""
        known = {PEOPLE: self.people, NEED: self.need}
        return known | ({INCIDENTS: self.incidents} if len(self.incidents.weight) else {})

    @property
    def edge_need(self) -> Floats:
        """Return the need along each street."""
        found = self.need.on.found
        weight, edge = self.need.weight[found], self.need.on.edge[found]
        return np.bincount(edge, weights=weight, minlength=self.drive.timed.n_edges).astype(float)

    def at_nodes(self, places: Places) -> Floats:
        """Return the weight at each node: of all places nearer to it than to the other end."""
        network, found = self.drive.timed, places.on.found
        node = self.nearer_node(places)[found]
        weight = places.weight[found]
        return np.bincount(node, weights=weight, minlength=network.n_nodes).astype(float)

    def nearer_node(self, places: Places) -> Ints:
        """Return the nearer end of the street of each place, -1 off the network."""
        network, on = self.drive.timed, places.on
        node = np.full(len(on.edge), -1, dtype=np.int64)
        edge = on.edge[on.found]
        to_u = on.offset_m[on.found] <= network.edge_length_m[edge] / 2
        node[on.found] = np.where(to_u, network.edge_u[edge], network.edge_v[edge])
        return node


def patrol_scene(inputs: PatrolInputs) -> PatrolScene:
    """Return the inputs on the timed graph.

    Raises
    ------
    InputError
        No street may be driven, or every base is farther from one than the limit.
    """
    people, need = inputs.residents.points, inputs.need.points
    incidents = need.iloc[:0] if inputs.incidents is None else inputs.incidents
    frames = {
        "bases": inputs.bases,
        "police": inputs.police,
        "population": people,
        "need": need,
        "incidents": incidents,
    }
    require_same_metric_crs(streets=inputs.streets, **frames)
    if not inputs.streets["drive"].astype(bool).any():
        raise InputError("patrol.no_streets", where="streets")
    speeds, limits = patrol_rules().speeds, patrol_rules().limits
    bases = inputs.bases.reset_index(drop=True)
    stations = inputs.bases.iloc[:0] if inputs.police is None else inputs.police
    timed = drive(
        inputs.streets,
        np.concatenate([bases.geometry.to_numpy(), stations.geometry.to_numpy()]),
        speed_km_h=speeds.km_h,
        other_km_h=speeds.other_km_h,
        foot_m_s=speeds.foot_m_s,
        max_gap_m=limits.base_gap_m,
    )
    node, gap_m = timed.place_node[: len(bases)], timed.place_gap_m[: len(bases)]
    on = node >= 0
    if len(bases) and not on.any():
        limit = f"{limits.base_gap_m:g}"
        raise InputError("patrol.no_base_on_network", n=len(bases), limit=limit)
    pace_s_per_m = KM_H_PER_M_S / speeds.other_km_h
    known = bases.assign(
        node=node,
        start_s=np.where(on, gap_m, 0.0) * pace_s_per_m,
        error_s=pd.to_numeric(bases[ACCURACY]).fillna(0.0).to_numpy() * pace_s_per_m,
    )
    return PatrolScene(
        drive=timed,
        bases=known[on].reset_index(drop=True),
        off_network=tuple(bases.loc[~on, NAME].astype(str)),
        police_node=timed.place_node[len(bases) :],
        people=_places(timed, people, people["inhab"].to_numpy(dtype=float)),
        need=_places(timed, need, np.asarray(inputs.need.weight, dtype=float)),
        incidents=_places(timed, incidents, np.ones(len(incidents))),
    )


def _places(timed: Drive, points: gpd.GeoDataFrame, weight: Floats) -> Places:
    limit_m = patrol_rules().limits.foot_gap_m
    return Places(timed.place(points.geometry.to_numpy(), max_gap_m=limit_m), weight)
