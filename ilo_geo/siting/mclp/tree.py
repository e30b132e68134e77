"""What a search knows: the best choice, the parts not yet ruled out, and what to do next."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from dataclasses import replace
from itertools import count as counting
from threading import Event

import numpy as np

from ilo_geo.siting.answer import CLOSED_RATIO
from ilo_geo.siting.mclp.branching import Fashion
from ilo_geo.siting.mclp.branching import Part
from ilo_geo.siting.mclp.branching import Relaxation
from ilo_geo.siting.mclp.branching import relaxed
from ilo_geo.siting.mclp.branching import split
from ilo_geo.siting.mclp.cover import Cover
from ilo_geo.siting.mclp.cover import Indices
from ilo_geo.siting.mclp.effort import exchange_effort
from ilo_geo.siting.mclp.effort import relax_effort
from ilo_geo.siting.mclp.interchange import Walk
from ilo_geo.siting.mclp.interchange import greedy
from ilo_geo.siting.mclp.interchange import walk
from ilo_geo.siting.mclp.relaxation import quick_bound

# weight of "at least one of the group", in gaps of the whole problem's relaxation
GROUP_GAPS = 8.0
# of so many pieces of work one looks for better choices, the others prove
WALK_EVERY = 3
# whole weights: a bound less than this above the record allows no better choice; what is missing
# to 1 is room for rounding
WHOLE_STEP = 0.999
# fewest exchanges of a walk
LEAST_EXCHANGES = 200
# work after which a walk looks whether to stop, and the most of the first walk
SLICE_EFFORT = 2e8
OPENING_EFFORT = 8e8


@dataclass(eq=False)
class Walking:
    """Look for a better choice."""

    cover: Cover
    chosen: Indices
    n_exchanges: int
    slice_exchanges: int
    seed: int
    found: Walk

    def start(self, stopping: Event) -> None:
        """Walk slice by slice, each from where the one before ended."""
        best, last = self.chosen, self.chosen
        done = 0
        record = self.cover.weight_of(best)
        while done < self.n_exchanges and not stopping.is_set():
            n = min(self.slice_exchanges, self.n_exchanges - done)
            found = walk(self.cover, last, n, self.seed + done)
            done, last = done + n, found.last
            value = self.cover.weight_of(found.best)
            if value > record:
                record, best = value, found.best
        self.found = Walk(best, last)


@dataclass(eq=False)
class Bounding:
    """Bound a part; ``bound`` is valid at any time, ``found`` there once done."""

    cover: Cover
    part: Part
    count: int
    group_weight: float
    needed: float
    bound: float
    found: Relaxation | None = None
    complete: bool = False

    def start(self, stopping: Event) -> None:
        """Solve the relaxation."""
        if stopping.is_set():
            return

        def enough(bound: float) -> bool:
            self.bound = min(self.bound, bound)
            return bound < self.needed or stopping.is_set()

        if len(self.part.free) == self.cover.n_sites:
            # a large problem may have no time for more
            quick_bound(self.cover, self.count, self.needed, enough)
        self.found = relaxed(self.cover, self.part, self.count, self.group_weight, enough)
        self.bound = min(self.bound, self.found.part.bound)
        self.complete = not stopping.is_set()


Piece = Walking | Bounding


class Tree:
    """The state of a search; one thread gives out its pieces and takes them back in order.

    Attributes
    ----------
    record
        Weight of the best choice so far.
    """

    def __init__(self, cover: Cover, count: int, seed: int, *, whole: bool) -> None:
        self.cover, self.count, self.seed, self.whole = cover, count, seed, whole
        self.best = np.sort(greedy(cover, count))
        self.record = cover.weight_of(self.best)
        self.last = self.hint = self.best
        self._gains = np.sort(cover.over_site(cover.weight))[::-1]
        first = min(float(cover.weight.sum()), float(self._gains[:count].sum()))
        every = np.arange(cover.n_sites, dtype=np.int32)
        self._root = Part(first * (1 + CLOSED_RATIO), every, every[:0])
        self._order = counting()
        self._parts: list[tuple[float, int, Part]] = []
        self._bounding: list[Bounding] = []
        self._group_weight = first
        self._fashion = Fashion()
        self._turn = 0
        self._walks = 0
        self._put(self._root)

    def needed(self) -> float:
        """Return what a choice must cover to be better than the record."""
        if self.whole:
            return self.record + WHOLE_STEP
        return self.record * (1 + CLOSED_RATIO / 2)

    def bound(self) -> float:
        """Return what no choice can pass."""
        open_bounds = [piece.bound for piece in self._bounding]
        if self._parts:
            open_bounds.append(-self._parts[0][0])
        highest = max(open_bounds, default=self.record)
        if self.whole:
            return max(self.record, math.floor(highest))
        # what was ruled out may be this much better than the record
        return max(self.needed(), highest)

    def is_done(self) -> bool:
        """Return whether no part is left."""
        return not self._parts and not self._bounding

    def choice(self) -> Indices:
        """Return the best choice, without sites that add nothing to the others."""
        kept = list(self.best)
        for site in self.best[::-1]:
            others = [j for j in kept if j != site]
            if self.cover.weight_of(np.array(others, dtype=np.int32)) >= self.record:
                kept = others
        return np.array(kept, dtype=np.int32)

    def next_piece(self) -> Piece | None:
        """Return what to do next, None while all depends on what is under way."""
        self._turn += 1
        if self._turn == 1:
            return self._walking(min(OPENING_EFFORT, relax_effort(self.cover, self.cover.n_sites)))
        while self._parts and -self._parts[0][0] < self.needed():
            heapq.heappop(self._parts)
        if not self._parts:
            return None
        if self._turn % WALK_EVERY == 0:
            return self._walking(relax_effort(self.cover, len(self._parts[0][2].free)))
        part = heapq.heappop(self._parts)[2]
        piece = Bounding(
            self.cover, part, self.count, self._group_weight, self.needed(), part.bound
        )
        self._bounding.append(piece)
        return piece

    def take(self, piece: Piece) -> None:
        """Learn from a piece that was done."""
        if isinstance(piece, Walking):
            self._walked(piece.found)
        elif not piece.complete or piece.found is None:
            self.take_back(piece)
        else:
            self._bounding.remove(piece)
            self._bounded(piece.part, piece.found)

    def take_back(self, piece: Piece) -> None:
        """Learn from a piece that was stopped: what it found is true, but its part stays open."""
        if isinstance(piece, Walking):
            self._walked(piece.found)
        else:
            self._bounding.remove(piece)
            if piece.found is not None:
                self._try(piece.found.chosen)
            self._put(replace(piece.part, bound=piece.bound))

    def _bounded(self, part: Part, found: Relaxation) -> None:
        self._try(found.chosen)
        self.hint = found.chosen
        self._fashion.learn(part, found.part.bound, self.needed())
        if part is self._root:
            self._group_weight = GROUP_GAPS * max(found.part.bound - self.record, 1e-6)
        for half in split(found, self.count, self.needed(), self._fashion.kind()):
            self._put(half)

    def _walked(self, found: Walk) -> None:
        self.last = found.last
        self._try(found.best)

    def _try(self, chosen: Indices) -> None:
        value = self.cover.weight_of(chosen)
        if value > self.record:
            self.record, self.best = value, np.sort(chosen)

    def _put(self, part: Part) -> None:
        if part.bound >= self.needed():
            heapq.heappush(self._parts, (-part.bound, next(self._order), part))

    def _walking(self, effort: float) -> Walking:
        cost = exchange_effort(self.cover, self.count)
        n_exchanges = max(LEAST_EXCHANGES, int(effort / cost))
        n_slice = max(LEAST_EXCHANGES, int(SLICE_EFFORT / cost))
        start = (self.last, self.hint, self.best)[self._walks % 3]
        self._walks += 1
        seed = self.seed + 1_000_000 * self._walks
        return Walking(self.cover, start, n_exchanges, n_slice, seed, Walk(start, start))
