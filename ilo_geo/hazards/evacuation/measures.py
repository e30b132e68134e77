"""What helps most, what breaks first: the measures of an evacuation, computed in one go.

Pure: the network, the people and what a planner set in, tables and key figures out. Each measure
is a module of its own; this one only runs them and names their columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from typing import Any
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from pydantic import Field
from shapely.geometry.base import BaseGeometry

from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.core.parameters import Parameters
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import Notice
from ilo_geo.hazards.evacuation.cascade import Cascade
from ilo_geo.hazards.evacuation.cascade import cascade
from ilo_geo.hazards.evacuation.cascade import exposed_streets
from ilo_geo.hazards.evacuation.congestion import Congestion
from ilo_geo.hazards.evacuation.congestion import simulate
from ilo_geo.hazards.evacuation.congestion import street_limits
from ilo_geo.hazards.evacuation.critical_links import critical_links
from ilo_geo.hazards.evacuation.graph import EvacGraph
from ilo_geo.hazards.evacuation.graph import People
from ilo_geo.hazards.evacuation.max_coverage import choose_refuges
from ilo_geo.hazards.evacuation.measures_rules import street_width_m
from ilo_geo.hazards.evacuation.new_links import NewLinks
from ilo_geo.hazards.evacuation.new_links import choose_links
from ilo_geo.hazards.evacuation.new_links import link_candidates
from ilo_geo.hazards.evacuation.refuges import BUILDING
from ilo_geo.hazards.evacuation.refuges import SITE
from ilo_geo.hazards.evacuation.refuges import Water
from ilo_geo.hazards.evacuation.refuges import building_candidates
from ilo_geo.hazards.evacuation.refuges import coverage
from ilo_geo.hazards.evacuation.refuges import late_people
from ilo_geo.hazards.evacuation.refuges import site_candidates
from ilo_geo.hazards.evacuation.retime import S_PER_MIN
from ilo_geo.hazards.evacuation.retime import EvacTree
from ilo_geo.hazards.evacuation.retime import evac_tree
from ilo_geo.hazards.evacuation.retime import late_inhab

Summary = dict[str, Any]


class MeasuresParams(Parameters):
    """What a planner may set of the measures; the words are in ``measures.yaml``."""

    n_links: Annotated[int, Field(ge=0, le=10)] = 3
    n_refuges: Annotated[int, Field(ge=0, le=10)] = 3
    blocked_share_ratio: Annotated[float, Field(ge=0, le=1)] = 0.1
    max_link_m: Annotated[float, Field(ge=20, le=500)] = 150.0
    refuge_kinds: Literal["both", "building", "site"] = "both"
    refuge_capacity: bool = True
    site_spacing_m: Annotated[float, Field(ge=50, le=2000)] = 250.0
    n_draws: Annotated[int, Field(ge=1, le=2000)] = 200
    horizon_min: Annotated[int, Field(ge=10, le=240)] = 70
    departure_spread_min: Annotated[float, Field(ge=0, le=30)] = 0.0
    seed: Annotated[int, Field(ge=0, le=2**31)] = 1868


@dataclass(frozen=True)
class MeasuresScene:
    """The city the measures are taken in, in one metric CRS.

    Attributes
    ----------
    graph
        The network at the speed of the walker (`EvacGraph.at_speed`).
    streets, buildings
        The layers; a link of the graph is a position in ``streets``.
    water, arrival_s
        How high the wave comes, and seconds until it does.
    obstacles
        What a new link may not cross.
    weak_construction
        Zones of weak construction, if there is such a layer.
    fire_ring
        Where the tank fire lets nobody in; None without a fire.
    """

    graph: EvacGraph
    streets: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    water: Water
    arrival_s: float
    obstacles: tuple[gpd.GeoDataFrame | None, ...] = ()
    weak_construction: gpd.GeoDataFrame | None = None
    fire_ring: BaseGeometry | None = None


@dataclass(frozen=True)
class Measures:
    """Tables, key figures and what the reader must know.

    Attributes
    ----------
    tables
        ``critical_links``, ``new_links``, ``refuges``, ``bottlenecks`` (maps), ``cascade`` (one
        row a draw) and ``congestion_curve`` (one row a minute).
    summary
        Key figures, units in the names.
    notices
        What must be said beside the figures.
    """

    tables: Mapping[str, pd.DataFrame]
    summary: Mapping[str, Any]
    notices: tuple[Notice, ...]


def measures(
    scene: MeasuresScene, people: People, params: MeasuresParams, *, progress: Progress = silent
) -> Measures:
    """Return what helps most and what breaks first.

    Parameters
    ----------
    scene
        The city.
    people
        Who must leave, with their delay.
    params
        What the planner set.
    progress
        Told of each step.
    """
    obstacles = {f"obstacle_{n}": frame for n, frame in enumerate(scene.obstacles)}
    require_same_metric_crs(
        streets=scene.streets, buildings=scene.buildings, weak=scene.weak_construction, **obstacles
    )
    tree = evac_tree(scene.graph)
    late = late_inhab(people, tree.time_s, scene.arrival_s)
    progress("progress.critical_links", 0.1)
    links = critical_links(tree, people, scene.streets, arrival_s=scene.arrival_s)
    progress("progress.new_links", 0.3)
    built = _new_links(scene, tree, people, params)
    progress("progress.refuges", 0.5)
    refuges, refuge_summary = _refuges(scene, tree, people, params)
    progress("progress.cascade", 0.7)
    shaken = _cascade(scene, tree, people, params)
    progress("progress.congestion", 0.9)
    crowd = _congestion(scene, tree, people, params)
    bottlenecks = _bottlenecks(crowd, tree, scene.streets)
    tables = {
        "critical_links": links,
        "new_links": built.table(scene.streets.crs),
        "refuges": refuges,
        "cascade": shaken.draws.rename_axis("draw"),
        "congestion_curve": crowd.curve,
        "bottlenecks": bottlenecks,
    }
    summary = {
        "streets_in_use": len(links),
        "worst_street_extra_late_inhab": _most(links["extra_late_inhab"]),
        **_new_link_summary(built),
        **refuge_summary,
        **_cascade_summary(shaken),
        **_congestion_summary(crowd, scene.arrival_s, late),
    }
    return Measures(tables, summary, _notices(late, refuges, built))


def _new_links(
    scene: MeasuresScene, tree: EvacTree, people: People, params: MeasuresParams
) -> NewLinks:
    candidates = link_candidates(tree, max_length_m=params.max_link_m, obstacles=scene.obstacles)
    return choose_links(tree, people, candidates, n_links=params.n_links, arrival_s=scene.arrival_s)


def _new_link_summary(built: NewLinks) -> Summary:
    return {
        "new_links_candidates": len(built.candidates),
        "new_links_saved_inhab": float(built.saved_inhab.sum()),
        "new_links_bound_inhab": built.all_saved_inhab,
        "new_links_gap_inhab": built.gap_inhab,
    }


def _refuges(
    scene: MeasuresScene, tree: EvacTree, people: People, params: MeasuresParams
) -> tuple[gpd.GeoDataFrame, Summary]:
    """Return the chosen refuges, most people first, and their key figures."""
    late = late_people(tree, people, arrival_s=scene.arrival_s)
    parts = []
    if params.refuge_kinds in ("both", BUILDING):
        parts.append(building_candidates(tree.graph, scene.buildings, scene.water))
    if params.refuge_kinds in ("both", SITE):
        site = site_candidates(
            tree,
            late.node,
            scene.water,
            spacing_m=params.site_spacing_m,
            crs=scene.streets.crs,
        )
        parts.append(site)
    # frames without rows have no types to agree on
    filled = [part for part in parts if len(part)] or parts[:1]
    candidates = gpd.GeoDataFrame(
        pd.concat(filled, ignore_index=True), geometry="geometry", crs=scene.streets.crs
    )
    cover = coverage(
        tree,
        late,
        candidates,
        arrival_s=scene.arrival_s,
        with_capacity=params.refuge_capacity,
    )
    choice = choose_refuges(cover, n_refuges=params.n_refuges)
    table = candidates.iloc[choice.chosen].reset_index(drop=True)
    # a tower yet to be built holds as many as it is built for
    table["capacity_inhab"] = table["capacity_inhab"].replace(np.inf, np.nan)
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    table.insert(1, "saved_inhab", choice.assigned_inhab)
    return table, {
        "refuge_candidates": len(candidates),
        "refuges_saved_inhab": choice.saved_inhab,
        "refuges_bound_inhab": choice.upper_bound_inhab,
        "refuges_gap_inhab": choice.gap_inhab,
        "refuges_late_out_of_reach_inhab": cover.late_inhab - cover.reachable_inhab,
    }


def _cascade(
    scene: MeasuresScene, tree: EvacTree, people: People, params: MeasuresParams
) -> Cascade:
    return cascade(
        tree,
        people,
        exposed_streets(scene.streets, scene.buildings, scene.weak_construction),
        arrival_s=scene.arrival_s,
        blocked_share_ratio=params.blocked_share_ratio,
        n_draws=params.n_draws,
        seed=params.seed,
        ring=scene.fire_ring,
    )


def _cascade_summary(shaken: Cascade) -> Summary:
    quantiles = shaken.late_quantiles_inhab()
    return {
        "exposed_streets": shaken.n_exposed,
        "cascade_base_late_inhab": shaken.base_late_inhab,
        "cascade_fire_late_inhab": shaken.fire_late_inhab,
        "cascade_late_inhab": quantiles["median"],
        "cascade_late_inhab_low": quantiles["p05"],
        "cascade_late_inhab_high": quantiles["p95"],
    }


def _congestion(
    scene: MeasuresScene, tree: EvacTree, people: People, params: MeasuresParams
) -> Congestion:
    return simulate(
        tree,
        people,
        street_limits(tree.graph, scene.streets),
        horizon_s=params.horizon_min * S_PER_MIN,
        spread_s=params.departure_spread_min * S_PER_MIN,
        seed=params.seed,
    )


def _congestion_summary(crowd: Congestion, arrival_s: float, free_late_inhab: float) -> Summary:
    arrived = crowd.arrived_s[np.isfinite(crowd.arrived_s)]
    return {
        "congestion_people_inhab": len(crowd.arrived_s) + crowd.no_way_inhab,
        "congestion_late_inhab": crowd.late_inhab(arrival_s),
        "free_walk_late_inhab": free_late_inhab,
        "congestion_last_arrival_min": float(arrived.max()) / S_PER_MIN if len(arrived) else None,
        "longest_queue_inhab": int(crowd.queue_max_inhab.max(initial=0)),
        "mean_wait_min": float(crowd.waited_s.sum()) / max(len(crowd.arrived_s), 1) / S_PER_MIN,
    }


def _bottlenecks(crowd: Congestion, tree: EvacTree, streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the streets where people wait, the ones that cost most person-minutes first."""
    node = np.flatnonzero(crowd.waited_s > 0)
    link = np.asarray(tree.graph.arc_link, dtype=np.int64)[tree.next_arc[node]]
    on_street = link >= 0
    pieces = pd.DataFrame(
        {
            "link": link[on_street],
            "waited_person_min": crowd.waited_s[node[on_street]] / S_PER_MIN,
            "queue_max_inhab": crowd.queue_max_inhab[node[on_street]],
            "passed_inhab": crowd.passed_inhab[node[on_street]],
        }
    )
    table = (
        pieces.groupby("link")
        .agg({"waited_person_min": "sum", "queue_max_inhab": "max", "passed_inhab": "max"})
        .reset_index()
        .sort_values(["waited_person_min", "link"], ascending=[False, True], ignore_index=True)
    )
    row = table["link"].to_numpy(dtype=np.int64)
    table.insert(1, "width_m", street_width_m(streets)[row])
    for column in ("street_class", "name"):
        table.insert(1, column, streets[column].to_numpy()[row])
    return gpd.GeoDataFrame(table, geometry=streets.geometry.to_numpy()[row], crs=streets.crs)


def _most(values: pd.Series) -> float:
    return float(values.max()) if len(values) else 0.0


def _notices(late: float, refuges: gpd.GeoDataFrame, built: NewLinks) -> tuple[Notice, ...]:
    notices = [Notice("evacuation.congestion_is_lower_bound")]
    if late == 0:
        notices.append(Notice("evacuation.nobody_late"))
    if len(refuges):
        notices.append(Notice("evacuation.refuges_not_certified", {"n": len(refuges)}))
    if len(built.chosen):
        bound = f"{built.all_saved_inhab:.0f}"
        saved = f"{built.saved_inhab.sum():.0f}"
        notices.append(Notice("evacuation.links_greedy", {"saved": saved, "bound": bound}))
    return tuple(notices)
