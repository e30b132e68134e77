"""The bases there are and those proposed, with what each serves and how sure the choice is."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from ilo_geo.city.driving import node_points
from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.core.results import Selection
from ilo_geo.security.patrol.bases import Bases
from ilo_geo.security.patrol.parameters import PatrolParams
from ilo_geo.security.patrol.scene import ACCURACY
from ilo_geo.security.patrol.scene import KIND
from ilo_geo.security.patrol.scene import NAME
from ilo_geo.security.patrol.scene import PatrolInputs
from ilo_geo.security.patrol.scene import PatrolScene
from ilo_geo.security.patrol.tables import MIDDLE
from ilo_geo.security.response import S_PER_MIN
from ilo_geo.security.response import response_time_s

PROPOSED = "proposed"


def base_table(
    scene: PatrolScene, inputs: PatrolInputs, sought: Bases | None, params: PatrolParams
) -> gpd.GeoDataFrame:
    """Return a row a base: ``kind``, whether it is there, whether it is chosen, what it serves.

    ``loss_min`` is how much longer the mean point of need would wait without it; NaN for one not
    chosen, and where it is the only one.
    """
    known = scene.bases
    table = gpd.GeoDataFrame(
        {
            NAME: known[NAME].astype(object).to_numpy(),
            KIND: known[KIND].astype(object).to_numpy(),
            "existing": True,
            "chosen": True,
            ACCURACY: known[ACCURACY].to_numpy(dtype=float),
            "served_need_ratio": np.nan,
            "loss_min": np.nan,
            "public_lot_m": np.nan,
        },
        geometry=known.geometry.to_numpy(),
        crs=inputs.streets.crs,
    ).set_axis([f"base_{n}" for n in range(1, len(known) + 1)])
    return (
        table if sought is None else _with_choice(table, scene, inputs, sought, params)
    ).rename_axis("id")


def _with_choice(
    table: gpd.GeoDataFrame,
    scene: PatrolScene,
    inputs: PatrolInputs,
    sought: Bases,
    params: PatrolParams,
) -> gpd.GeoDataFrame:
    chosen = sought.answer.selected
    new = chosen[chosen >= sought.n_existing]
    rows: dict[str, dict[str, Any]] = table.to_dict(orient="index")
    loss_min = dict(zip(chosen.tolist(), _loss_min(scene, sought, params), strict=True))
    for position, row in enumerate(rows.values()):
        row["chosen"] = position in loss_min
        row["served_need_ratio"] = sought.served_ratio[position]
        row["loss_min"] = loss_min.get(position, np.nan)
    places = node_points(scene.drive.streets, sought.node[new])
    lot_m = _to_public_lot_m(places, inputs.public_lots)
    for number, (candidate, place) in enumerate(zip(new.tolist(), places, strict=True)):
        rows[f"new_{number + 1}"] = {
            NAME: _street_at(scene, inputs, int(sought.node[candidate])),
            KIND: PROPOSED,
            "existing": False,
            "chosen": True,
            ACCURACY: np.nan,
            "served_need_ratio": sought.served_ratio[candidate],
            "loss_min": loss_min[candidate],
            "public_lot_m": lot_m[number],
            "geometry": place,
        }
    frame = gpd.GeoDataFrame.from_dict(rows, orient="index", columns=list(table.columns))
    return frame.set_geometry("geometry", crs=inputs.streets.crs)


def _loss_min(scene: PatrolScene, sought: Bases, params: PatrolParams) -> list[float]:
    """Return how much the mean time to need grows when each chosen base is taken away."""
    nodes, middle = sought.chosen_node, params.conditions[MIDDLE]

    def mean_min(kept: Ints) -> float:
        time_s = response_time_s(scene.drive, scene.need.on, kept, middle)
        return _mean_min(time_s, scene.need.weight)

    if len(nodes) == 1:
        return [np.nan]
    whole = mean_min(nodes)
    return [mean_min(np.delete(nodes, n)) - whole for n in range(len(nodes))]


def _mean_min(time_s: Floats, weight: Floats) -> float:
    """Return the mean minutes of what is reached."""
    reached = np.isfinite(time_s) & (weight > 0)
    if not reached.any():
        return np.nan
    return float(np.average(time_s[reached], weights=weight[reached])) / S_PER_MIN


def _to_public_lot_m(places: np.ndarray, lots: gpd.GeoDataFrame | None) -> Floats:
    """Return the distance to the nearest lot in public hands; NaN where none is known."""
    if lots is None or lots.empty or not len(places):
        return np.full(len(places), np.nan)
    tree = shapely.STRtree(lots.geometry.to_numpy())
    _, distance_m = tree.query_nearest(places, all_matches=False, return_distance=True)
    return np.asarray(distance_m, dtype=float)


def _street_at(scene: PatrolScene, inputs: PatrolInputs, node: int) -> str | None:
    """Return the name of a street at a node, None where no street there has one."""
    network = scene.drive.streets
    at = (network.edge_u == node) | (network.edge_v == node)
    names = inputs.streets["name"].iloc[network.edge_row[at]].dropna()
    return str(names.sort_values().iloc[0]) if len(names) else None


def selection_of(
    scene: PatrolScene, inputs: PatrolInputs, sought: Bases, params: PatrolParams
) -> Selection:
    """Return the bases chosen with the certificate of the search."""
    table = base_table(scene, inputs, sought, params)
    rows = [
        {
            "id": str(label),
            NAME: row[NAME],
            KIND: row[KIND],
            "x_m": row["geometry"].x,
            "y_m": row["geometry"].y,
            "served_need_ratio": float(row["served_need_ratio"]),
            "loss_min": float(row["loss_min"]),
            "reasons": ["existing" if row["existing"] else params.base_problem],
        }
        for label, row in table[table["chosen"]].iterrows()
    ]
    answer = sought.answer
    return Selection(
        selected=tuple(rows),
        objective=answer.objective,
        bound=answer.bound,
        gap_ratio=answer.gap_ratio,
        status=str(answer.status),
        solver_seconds=answer.solver_seconds,
    )
