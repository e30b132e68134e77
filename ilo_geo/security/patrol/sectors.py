"""Sectors of a street graph: connected parts of nearly equal need.

Recursive bisection by spanning trees (after DeFord, Duchin and Solomon, ReCom, 2021): a spanning
tree is drawn, and of its edges the one is cut whose two sides come nearest to their shares of the
need; both sides of a cut tree are connected. Of several trees drawn the best balanced is taken, of
equally good ones that which cuts fewest streets. Then single nodes at limits move to a lighter
neighbour as long as that evens the need out and leaves both sectors connected.

A heuristic: the balance is reported, not proven best. Equal for an equal seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order
from scipy.sparse.csgraph import connected_components
from scipy.sparse.csgraph import minimum_spanning_tree

from ilo_geo.city.network import Bools
from ilo_geo.city.network import Floats
from ilo_geo.city.network import Ints
from ilo_geo.core.errors import ParameterError

MAX_MOVES = 2000


@dataclass(frozen=True)
class StreetGraph:
    """Nodes with need, and undirected links; parallel links and loops are allowed."""

    weight: Floats
    u: Ints
    v: Ints

    def part(self, inside: Bools) -> StreetGraph:
        """Return the graph of the nodes ``inside``, numbered anew in order."""
        number = np.cumsum(inside) - 1
        kept = inside[self.u] & inside[self.v]
        return StreetGraph(self.weight[inside], number[self.u[kept]], number[self.v[kept]])

    def matrix(self, values: Floats) -> csr_array:
        """Return links with values, a link of two ends once; of parallel ones the least."""
        low, high = np.minimum(self.u, self.v), np.maximum(self.u, self.v)
        order = np.lexsort((values, high, low))
        low, high, values = low[order], high[order], values[order]
        first = np.ones(len(low), dtype=bool)
        first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
        first &= low != high
        shape = (len(self.weight), len(self.weight))
        return csr_array(coo_array((values[first], (low[first], high[first])), shape=shape))


def balanced_sectors(
    graph: StreetGraph, n_sectors: int, *, n_trees: int, tolerance_ratio: float, seed: int
) -> Ints:
    """Return the sector of each node of a connected graph.

    Parameters
    ----------
    n_sectors
        How many; at most one a node.
    n_trees
        Spanning trees drawn for each cut.
    tolerance_ratio
        Deviation from equal need within which fewer streets cut count more than balance.

    Raises
    ------
    ParameterError
        There are more sectors than nodes.
    """
    n = len(graph.weight)
    if not 1 <= n_sectors <= n:
        raise ParameterError(
            "parameter.invalid", where="n_sectors", found=n_sectors, expected=f"1 – {n}"
        )
    random = np.random.default_rng(seed)
    label = np.zeros(n, dtype=np.int64)
    depth = max(int(np.ceil(np.log2(n_sectors))), 1)
    waiting = [(0, n_sectors)]
    while waiting:
        first, count = waiting.pop()
        if count == 1:
            continue
        inside = label == first
        share = count // 2
        part = graph.part(inside)
        away = _cut_off(part, share, count, n_trees, tolerance_ratio / depth, random)
        if away is None:
            # in a star no branch holds two nodes: one leaf can always go
            share = 1
            away = _cut_off(part, share, count, n_trees, tolerance_ratio / depth, random)
        label[np.flatnonzero(inside)[away]] = first + count - share
        waiting += [(first, count - share), (first + count - share, share)]
    return _evened_out(graph, label, n_sectors)


def deviation_ratio(weight: Floats, label: Ints, n_sectors: int) -> Floats:
    """Return how far each sector's need is from the mean, as a share of the mean."""
    need = np.bincount(label, weights=weight, minlength=n_sectors)
    mean = need.sum() / n_sectors
    deviation: Floats = need / mean - 1.0 if mean > 0 else np.zeros(n_sectors)
    return deviation


def _cut_off(
    graph: StreetGraph,
    share: int,
    count: int,
    n_trees: int,
    tolerance_ratio: float,
    random: np.random.Generator,
) -> Bools | None:
    """Return the nodes of the side that gets ``share`` of ``count`` sectors, None without any."""
    best: tuple[float, int] | None = None
    chosen: Bools | None = None
    for _ in range(n_trees):
        order, before = _tree(graph, random)
        found = _best_cut(graph.weight, order, before, share, count)
        if found is None:
            continue
        away, off = found
        n_cut = int((away[graph.u] != away[graph.v]).sum())
        rank = (max(off, tolerance_ratio), n_cut)
        if best is None or rank < best:
            best, chosen = rank, away
    return chosen


def _tree(graph: StreetGraph, random: np.random.Generator) -> tuple[Ints, Ints]:
    """Return the nodes of a random spanning tree from its root on, and the parent of each."""
    # zero would mean no link
    lengths = 1.0 + random.random(len(graph.u))
    tree = minimum_spanning_tree(graph.matrix(lengths))
    order, before = breadth_first_order(tree, 0, directed=False, return_predecessors=True)
    return order.astype(np.int64), before.astype(np.int64)


def _best_cut(
    weight: Floats, order: Ints, before: Ints, share: int, count: int
) -> tuple[Bools, float] | None:
    """Return one side of a tree's best cut and how far it is from its share; None without cut."""
    below, size = weight.astype(float).tolist(), [1] * len(weight)
    for node in order[:0:-1].tolist():
        parent = int(before[node])
        below[parent] += below[node]
        size[parent] += size[node]
    total, n = below[int(order[0])], len(weight)
    target = total * share / count
    scale = target if target > 0 else 1.0
    under, sizes, nodes = np.array(below), np.array(size), np.arange(n)
    can_cut = nodes != order[0]
    # a side must have a node for each of its sectors
    as_branch = np.where(can_cut & (sizes >= share) & (n - sizes >= count - share), under, np.nan)
    as_rest = np.where(can_cut & (n - sizes >= share) & (sizes >= count - share), under, np.nan)
    off = np.stack([np.abs(as_branch - target), np.abs(total - as_rest - target)])
    if np.isnan(off).all():
        return None
    side, node = np.unravel_index(np.nanargmin(off), off.shape)
    branch = np.zeros(n, dtype=bool)
    branch[node] = True
    for child in order.tolist():
        if before[child] >= 0 and branch[before[child]]:
            branch[child] = True
    return (branch if side == 0 else ~branch), float(off[side, node]) / scale


def _evened_out(graph: StreetGraph, label: Ints, n_sectors: int) -> Ints:
    """Move nodes at limits to lighter sectors while that lowers the sum of squared needs."""
    label = label.copy()
    need: Floats = np.bincount(label, weights=graph.weight, minlength=n_sectors).astype(float)
    for _ in range(MAX_MOVES):
        move = _best_move(graph, label, need)
        if move is None:
            break
        node, to = move
        need[label[node]] -= graph.weight[node]
        need[to] += graph.weight[node]
        label[node] = to
    return label


def _best_move(graph: StreetGraph, label: Ints, need: Floats) -> tuple[int, int] | None:
    """Return the node and its new sector that even the need out most, both staying connected."""
    limit = label[graph.u] != label[graph.v]
    node = np.concatenate([graph.u[limit], graph.v[limit]])
    to = label[np.concatenate([graph.v[limit], graph.u[limit]])]
    weight = graph.weight[node]
    # fall of the sum of squares when the node changes sides, halved
    gain = weight * (need[label[node]] - need[to] - weight)
    useful = gain > 1e-9 * max(float(need.sum()) ** 2, 1e-300)
    order = np.lexsort((to[useful], node[useful], -gain[useful]))
    for position in np.flatnonzero(useful)[order]:
        if _stays_connected(graph, label, int(node[position])):
            return int(node[position]), int(to[position])
    return None


def _stays_connected(graph: StreetGraph, label: Ints, node: int) -> bool:
    inside = label == label[node]
    inside[node] = False
    if not inside.any():
        return False
    rest = graph.part(inside)
    links = rest.matrix(np.ones(len(rest.u)))
    return bool(connected_components(links, directed=False)[0] == 1)
