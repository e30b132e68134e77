"""Which streets and stairs the city can least do without: who would be late if one were closed.

Every street that is on somebody's best way is closed, alone, and all times are computed anew
(`ilo_geo.hazards.evacuation.retime`: exact, not an estimate). A street on nobody's best way changes
no time when it closes, because every best way stays open and no way gets shorter; such streets
are not listed.

A street here is one row of the ``streets`` layer: all its pieces close together, both ways. Who
lives on it still walks out to the next crossing, because otherwise every street would be critical
to its own residents and the list would rank streets by who lives there; ``residents_leave=False``
gives that other reading.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.hazards.evacuation.graph import NO_LINK
from ilo_geo.hazards.evacuation.graph import People
from ilo_geo.hazards.evacuation.retime import S_PER_MIN
from ilo_geo.hazards.evacuation.retime import EvacTree
from ilo_geo.hazards.evacuation.retime import PeopleByNode
from ilo_geo.hazards.evacuation.retime import closes_with_its_street
from ilo_geo.hazards.evacuation.retime import people_by_node
from ilo_geo.hazards.evacuation.retime_search import losses

COLUMNS = (
    "link",
    "name",
    "street_class",
    "people_using_inhab",
    "extra_late_inhab",
    "no_way_inhab",
    "extra_median_min",
)


def critical_links(
    tree: EvacTree,
    people: People,
    streets: gpd.GeoDataFrame,
    *,
    arrival_s: float,
    residents_leave: bool = True,
) -> gpd.GeoDataFrame:
    """Return the streets in use, the ones whose loss makes most people late first.

    Parameters
    ----------
    tree
        The network and its best ways.
    people
        Who sets out from where, and after which delay.
    streets
        The ``streets`` layer the graph was built from, with ``name`` and ``street_class``.
    arrival_s
        Seconds from the earthquake to the first wave.
    residents_leave
        Whether people who live on a closed street can walk out of it.

    Returns
    -------
    links
        ``people_using_inhab``: people who come onto the street on their best way;
        ``extra_late_inhab``: those in time with it and late without it (people without any way
        count as late); ``no_way_inhab``: those it leaves without any way; ``extra_median_min``:
        median of what its users lose, over those who still have a way (NaN if none has).
    """
    link, figures = link_losses(
        tree,
        people_by_node(people, tree.graph.n_nodes),
        arrival_s=arrival_s,
        residents_leave=residents_leave,
    )
    table = pd.DataFrame(figures, columns=list(COLUMNS[3:]))
    table["extra_median_min"] /= S_PER_MIN
    table.insert(0, "link", link)
    for column in ("street_class", "name"):
        table.insert(1, column, streets[column].to_numpy()[link])
    # the row number makes the order the same everywhere
    table = table.sort_values(
        ["extra_late_inhab", "no_way_inhab", "people_using_inhab", "link"],
        ascending=[False, False, False, True],
        ignore_index=True,
    )
    geometry = streets.geometry.to_numpy()[table["link"]]
    return gpd.GeoDataFrame(table, geometry=geometry, crs=streets.crs)


def link_losses(
    tree: EvacTree, people: PeopleByNode, *, arrival_s: float, residents_leave: bool = True
) -> tuple[Ints, Floats]:
    """Return each link in use and its figures: using, extra late, no way (inhab), median loss (s).

    A link in use is one whose closing cuts the next arc of a node that people pass.
    """
    closes = closes_with_its_street(tree.graph, residents_leave=residents_leave)
    link_of_arc = np.where(closes, tree.graph.arc_link, NO_LINK).astype(np.int64)
    node = np.flatnonzero(tree.next_arc >= 0)
    link_at = link_of_arc[tree.next_arc[node]]
    order = np.argsort(link_at, kind="stable")
    node, link_at = node[order], link_at[order]
    node, link_at = node[link_at >= 0], link_at[link_at >= 0]
    link, first = np.unique(link_at, return_index=True)
    bounds = np.append(first, len(node))
    by_link = np.argsort(link_of_arc, kind="stable")
    arc_ptr = np.searchsorted(link_of_arc[by_link], np.stack([link, link + 1])).astype(np.int64)
    figures = losses(
        tree.arcs,
        tree.rows,
        tree.time_s,
        tree.next_arc,
        (node, bounds.astype(np.int64)),
        (by_link, arc_ptr),
        (people.ptr, people.inhab, people.delay_s),
        arrival_s,
    )
    in_use = figures[:, 0] > 0
    return link[in_use], figures[in_use]
