"""Which counts of incidents may be published, so that no count of 1 to 4 can be found.

A count of 1 to 4 is hidden (primary), and so is any other without which it could be had by
subtraction from published totals (secondary). Both carry one mark, so that the mark tells nothing.
What a reader may know: that a count is not negative, every published count and total, this text.

A table with totals is a graph: rows and columns are nodes, counts are edges. A hidden count can be
something else, with every published figure as it is, where a cycle of hidden counts through it can
be pushed around by one. The cheapest such cycle is hidden (network-flow suppression: Gusfield 1988;
Castro 2012). Beside that, what is hidden of a row or column never sums to 1 to 4.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# an edge of the graph of a table: row node, column node
Edge = tuple[int, int]


def hidden_counts(
    counts: Ints,
    *,
    least_n: int,
    hidden: Bools | None = None,
    kept: Bools | None = None,
) -> Bools:
    """Return which counts of a table and of its totals must not be published.

    Parameters
    ----------
    counts
        Whole numbers, shape (r, c), without totals.
    least_n
        Smallest count that may be published, beside 0.
    hidden
        What is not published anyway, shape (r + 1, c + 1) with totals last; none by default.
    kept
        What is published elsewhere and cannot be hidden any more, same shape. Where it stands in
        the way, everything else of the table is hidden.

    Returns
    -------
    hidden
        Shape (r + 1, c + 1): the last column holds the rows' totals, the last row the columns'.
    """
    table = with_totals(counts)
    mask = np.zeros(table.shape, dtype=bool) if hidden is None else hidden.copy()
    fixed = np.zeros(table.shape, dtype=bool) if kept is None else kept
    small = (table > 0) & (table < least_n)
    mask |= small & ~fixed
    while True:
        before = int(mask.sum())
        if not (
            _hide_thin_lines(table, mask, fixed, least_n)
            and _hide_cycles(table, mask, fixed, small)
        ):
            return np.asarray(~fixed & (table > 0))
        if int(mask.sum()) == before:
            return mask


def hidden_list(counts: Ints, *, least_n: int) -> Bools:
    """Return which of a list of counts must not be published beside their total.

    The last entry is the total's: hidden where the list cannot be told otherwise.
    """
    counts = np.asarray(counts, dtype=np.int64)
    mask = (counts > 0) & (counts < least_n)
    order = [i for i in np.argsort(counts, kind="stable") if counts[i] >= least_n]
    for more in order:
        if _is_thick(counts[mask], least_n):
            break
        mask[more] = True
    total = bool(0 < counts.sum() < least_n) or not _is_thick(counts[mask], least_n)
    return np.append(mask, total)


def _is_thick(hidden: Ints, least_n: int) -> bool:
    """Return whether hidden counts leave their sum, published, without an answer."""
    if not len(hidden):
        return True
    # as many ones as make the sum can only be ones
    return len(hidden) > 1 and hidden.sum() >= max(least_n, len(hidden) + 1)


def with_totals(counts: Ints) -> Ints:
    """Return a table with its totals as last column and last row."""
    rows = np.concatenate([counts, counts.sum(axis=1, keepdims=True)], axis=1)
    table: Ints = np.concatenate([rows, rows.sum(axis=0, keepdims=True)]).astype(np.int64)
    return table


def _hide_thin_lines(table: Ints, mask: Bools, fixed: Bools, least_n: int) -> bool:
    """Hide more of each line whose hidden counts sum to 1 to 4; return False where none is left."""
    for axis, line in [(0, i) for i in range(len(table))] + [(1, i) for i in range(table.shape[1])]:
        values = table[line] if axis == 0 else table[:, line]
        # views: writing on them writes on the table's
        hides = mask[line] if axis == 0 else mask[:, line]
        keeps = fixed[line] if axis == 0 else fixed[:, line]
        while not hides[-1] and 0 < values[:-1][hides[:-1]].sum() < least_n:
            open_ = [i for i in range(len(values)) if not hides[i] and not keeps[i] and values[i]]
            if not open_:
                return False
            # the total goes last: it tells most
            hides[min(open_, key=lambda i: (i == len(values) - 1, values[i], i))] = True
    return True


def _hide_cycles(table: Ints, mask: Bools, fixed: Bools, small: Bools) -> bool:
    """Hide a cycle through each small hidden count; return False where there is none."""
    for row, column in zip(*np.nonzero(small & mask), strict=True):
        edge = (int(row), int(column))
        way = _cheapest(table, mask, fixed, edge, up=True)
        if way is None or way[0] > 0:
            other = _cheapest(table, mask, fixed, edge, up=False)
            way = min(filter(None, (way, other)), default=None)
        if way is None:
            return False
        for at in way[1]:
            mask[at] = True
    return True


def _cheapest(
    table: Ints, mask: Bools, fixed: Bools, edge: Edge, *, up: bool
) -> tuple[int, list[Edge]] | None:
    """Return what the cheapest cycle that moves a count by one hides, and its counts.

    The way leads from the count's row to its column. A step from a row to a column moves the edge
    it takes against the count, a step back moves it with the count; totals are counted negative.
    What moves down must be 2 or more, as the reader knows that what is hidden is not 0.
    """
    n_rows, n_columns = table.shape
    row, column = edge
    up = up != _is_margin(edge, table.shape)
    if not _can_move(table, edge, down=up == _is_margin(edge, table.shape)):
        return None
    best: dict[int, int] = {row: 0}
    came: dict[int, int] = {}
    heap = [(0, row)]
    while heap:
        cost, node = heapq.heappop(heap)
        if cost > best[node]:
            continue
        if node == n_rows + column:
            return cost, list(_way(came, node, n_rows))
        is_row = node < n_rows
        for other in range(n_columns if is_row else n_rows):
            at = (node, other) if is_row else (other, node - n_rows)
            down = (is_row == up) != _is_margin(at, table.shape)
            if at == edge or not table[at] or not _can_move(table, at, down=down):
                continue
            if not mask[at] and fixed[at]:
                continue
            step = 0 if mask[at] else int(table[at])
            target = n_rows + other if is_row else other
            if cost + step < best.get(target, 1 << 62):
                best[target], came[target] = cost + step, node
                heapq.heappush(heap, (cost + step, target))
    return None


def _is_margin(edge: Edge, shape: tuple[int, ...]) -> bool:
    """Return whether a count is the total of one line; the grand total is not."""
    return (edge[0] == shape[0] - 1) != (edge[1] == shape[1] - 1)


def _can_move(table: Ints, edge: Edge, *, down: bool) -> bool:
    return not down or bool(table[edge] >= 2)


def _way(came: dict[int, int], node: int, n_rows: int) -> Iterator[Edge]:
    nodes = [node]
    while nodes[-1] in came:
        nodes.append(came[nodes[-1]])
    for a, b in itertools.pairwise(nodes):
        row, column = (a, b) if a < n_rows else (b, a)
        yield row, column - n_rows
