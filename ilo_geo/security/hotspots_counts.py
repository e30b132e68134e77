"""Counts of incidents by hour, kind, cluster and zone, with what must not be published left out.

A count that is not published is empty and ``hidden``; the rule is in `incidents_publish`. Tables
that share totals are told together: what one publishes, another may not undo.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from ilo_geo.city.zones import polygon_of_each
from ilo_geo.security.clusters import NOISE
from ilo_geo.security.incidents import HOUR
from ilo_geo.security.incidents import KIND
from ilo_geo.security.incidents import UNKNOWN_HOUR
from ilo_geo.security.incidents import UNKNOWN_KIND
from ilo_geo.security.incidents import Incidents
from ilo_geo.security.incidents_publish import hidden_counts
from ilo_geo.security.incidents_publish import with_totals
from ilo_geo.security.need_rules import need_rules

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

ALL, OTHERS, UNKNOWN = "all", "others", "unknown"
HOURS_A_DAY = 24
COUNT, HIDDEN = "n_incidents", "hidden"


@dataclass(frozen=True)
class Kinds:
    """The kinds that are shown by name, and the position of the kind of each incident."""

    names: tuple[str, ...]
    of_each: Ints


@dataclass(frozen=True)
class Counted:
    """A table of counts with its totals as last row and column, and what of it is hidden."""

    table: Ints
    hidden: Bools

    @property
    def n_hidden(self) -> int:
        """Return how many figures are not published."""
        return int(self.hidden.sum())


def shown_kinds(incidents: Incidents) -> Kinds:
    """Return the most frequent kinds by name and all others, or nobody's, under one each."""
    said = incidents.points[KIND].to_numpy(dtype=object)
    names, of_each, size = np.unique(said.astype(str), return_inverse=True, return_counts=True)
    rank = [i for i in np.lexsort((names, -size)) if names[i] != UNKNOWN_KIND]
    kept = rank[: need_rules().publication.most_kinds]
    shown = [str(names[i]) for i in kept]
    position = np.full(len(names), len(shown), dtype=np.int64)
    position[kept] = np.arange(len(kept))
    if len(rank) > len(kept):
        shown.append(OTHERS)
    if UNKNOWN_KIND in names:
        position[names == UNKNOWN_KIND] = len(shown)
        shown.append(UNKNOWN)
    return Kinds(tuple(shown), position[of_each.reshape(-1)])


def count_hours(incidents: Incidents, kinds: Kinds) -> Counted:
    """Return the incidents by hour (the last row before the total: unknown) and kind."""
    hour = incidents.points[HOUR].to_numpy()
    row = np.where(hour == UNKNOWN_HOUR, HOURS_A_DAY, hour)
    counts = cross(row, kinds.of_each, HOURS_A_DAY + 1, len(kinds.names))
    return Counted(with_totals(counts), hidden_counts(counts, least_n=_least()))


def count_clusters(labels: Ints, kinds: Kinds, hours: Counted) -> Counted:
    """Return the incidents by cluster (the last row before the total: none) and kind.

    Totals of kinds are those of ``hours``, hidden or published as there.
    """
    n_clusters = int(labels.max(initial=NOISE)) + 1
    row = np.where(labels == NOISE, n_clusters, labels)
    counts = cross(row, kinds.of_each, n_clusters + 1, len(kinds.names))
    hidden = np.zeros((n_clusters + 2, len(kinds.names) + 1), dtype=bool)
    kept = np.zeros_like(hidden)
    # what falls in no cluster is told as one figure at most
    hidden[n_clusters, :-1] = True
    hidden[-1] = hours.hidden[-1]
    kept[-1] = ~hidden[-1]
    mask = hidden_counts(counts, least_n=_least(), hidden=hidden, kept=kept)
    return Counted(with_totals(counts), mask)


def count_levels(
    incidents: Incidents, levels: Mapping[str, gpd.GeoDataFrame]
) -> dict[str, Counted]:
    """Return the incidents by unit of each level, as one column; the last row is outside all units.

    Levels are told pair by pair, coarse to fine: a unit may be what is left of another.
    """
    points = incidents.points.geometry.to_numpy()
    rows = {
        name: _or_last(polygon_of_each(units, points), len(units)) for name, units in levels.items()
    }
    sizes = {name: len(units) + 1 for name, units in levels.items()}
    whole = {ALL: np.zeros(len(points), dtype=np.int64)}
    hidden = {ALL: np.array([0 < len(points) < _least()])}
    for (coarse, at), (fine, within) in pairwise([*whole.items(), *rows.items()]):
        counts = cross(within, at, sizes[fine], len(hidden[coarse]))
        mask = np.ones((sizes[fine] + 1, len(hidden[coarse]) + 1), dtype=bool)
        kept = np.zeros_like(mask)
        mask[:-1, -1] = False
        mask[-1, :-1] = hidden[coarse]
        mask[-1, -1] = hidden[ALL][0]
        kept[-1] = ~mask[-1]
        found = hidden_counts(counts, least_n=_least(), hidden=mask, kept=kept)
        hidden[fine] = found[:-1, -1]
    return {
        name: Counted(np.bincount(row, minlength=sizes[name]).astype(np.int64), hidden[name])
        for name, row in rows.items()
    }


def long_table(
    table: Ints, hidden: Bools, rows: list[str], columns: list[str], name: str
) -> pd.DataFrame:
    """Return a table of counts, one row a count, labelled in the columns ``name`` and ``kind``."""
    return pd.DataFrame(
        {
            name: np.repeat(np.array(rows, dtype=object), len(columns)),
            KIND: np.tile(np.array(columns, dtype=object), len(rows)),
            COUNT: masked(table.ravel(), hidden.ravel()),
            HIDDEN: hidden.ravel(),
        }
    ).rename_axis("id")


def masked(counts: Ints, hidden: Bools) -> pd.arrays.IntegerArray:
    """Return counts with those that are not published empty."""
    # what is hidden must not lie under the mask either
    shown = np.where(hidden, 0, counts).astype(np.int64)
    return pd.arrays.IntegerArray(shown, hidden.copy())


def cross(row: Ints, column: Ints, n_rows: int, n_columns: int) -> Ints:
    """Return how many points there are of each row and column."""
    flat = np.bincount(row * n_columns + column, minlength=n_rows * n_columns)
    table: Ints = flat.reshape(n_rows, n_columns).astype(np.int64)
    return table


def _or_last(position: Ints, last: int) -> Ints:
    return np.where(position < 0, last, position).astype(np.int64)


def _least() -> int:
    return need_rules().publication.least_n
