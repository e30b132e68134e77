"""The choice that covers most, found and proved side by side.

One kind of work walks from choice to choice (`interchange`), the other bounds (`relaxation`) and
splits (`branching`); each better choice lets the other drop more. The problem is that of Church and
ReVelle (1974). Like Cordeau, Furini and Ljubić (2019) the search branches on sites alone and has
the places projected out of the relaxation, here inside an interior point method.

Where all weights are whole numbers, bounds are rounded down to whole numbers.
"""

from __future__ import annotations

import math
from threading import Event

import numpy as np

from ilo_geo.core.progress import EnoughError
from ilo_geo.core.progress import Progress
from ilo_geo.siting.answer import Limits
from ilo_geo.siting.answer import SitingAnswer
from ilo_geo.siting.answer import Status
from ilo_geo.siting.mclp.lanes import lanes
from ilo_geo.siting.mclp.question import answered
from ilo_geo.siting.mclp.question import has_whole_weights
from ilo_geo.siting.mclp.question import question_of
from ilo_geo.siting.mclp.tree import Piece
from ilo_geo.siting.mclp.tree import Tree
from ilo_geo.siting.problem import SitingProblem

# seconds between two reports
EVERY_S = 0.25


def search_mclp(problem: SitingProblem, limits: Limits, progress: Progress) -> SitingAnswer:
    """Return the choice of most weight within a count of sites, and how far it can be from best.

    Sites that would add nothing to the others are not chosen.

    Parameters
    ----------
    problem
        A plain one (`SitingProblem.is_plain`), with no more locked candidates than the count.
    limits
        After how long, or how near, to stop; the clock is looked at between pieces of work.
    progress
        Told of the best choice and the bound so far.
    """
    started_s = limits.clock()
    question = question_of(problem)
    settled = answered(question, np.zeros(0, dtype=np.int32))[2]
    whole = has_whole_weights(problem.weight)
    chosen, bound, enough = np.zeros(0, dtype=np.int32), settled, False
    if question.count:
        tree = Tree(question.cover, question.count, limits.seed, whole=whole)
        enough = _Run(tree, limits, progress, settled, started_s).until_done()
        chosen, bound = tree.choice(), settled + tree.bound()
    selected, assigned, objective = answered(question, chosen)
    bound = max(bound, objective)
    spent_s = limits.clock() - started_s
    closed = SitingAnswer(selected, assigned, objective, bound, Status.OPTIMAL, spent_s)
    if closed.gap_ratio == 0.0:
        return closed
    status = Status.STOPPED if enough else Status.FEASIBLE
    return SitingAnswer(selected, assigned, objective, bound, status, spent_s)


def _do(piece: Piece, stopping: Event) -> Piece:
    piece.start(stopping)
    return piece


class _Run:
    """Gives out the work of a tree until the proof, the clock or the user ends it."""

    def __init__(
        self, tree: Tree, limits: Limits, progress: Progress, settled: float, started_s: float
    ) -> None:
        self.tree, self.limits, self.progress = tree, limits, progress
        self.settled = settled
        self.started_s = started_s
        self.reported_s = -math.inf

    def until_done(self) -> bool:
        """Work; return whether the user had enough."""
        with lanes(_do) as self.lanes:
            try:
                while not self._is_over():
                    while self.lanes.have_room and (piece := self.tree.next_piece()):
                        self.lanes.give(piece)
                    self.tree.take(self.lanes.take(self._while_waiting, EVERY_S))
                    self._report()
            except (EnoughError, KeyboardInterrupt):
                return True
            finally:
                for piece in self.lanes.rest():
                    self.tree.take_back(piece)
        return False

    def _is_over(self) -> bool:
        objective, bound = self._figures()
        near = bound - objective <= self.limits.gap_ratio * bound
        return near or self.tree.is_done() or self._spent_s() >= self.limits.seconds

    def _figures(self) -> tuple[float, float]:
        return self.settled + self.tree.record, self.settled + self.tree.bound()

    def _spent_s(self) -> float:
        return self.limits.clock() - self.started_s

    def _while_waiting(self) -> None:
        self._report()
        if self._spent_s() >= self.limits.seconds:
            self.lanes.stopping.set()

    def _report(self) -> None:
        spent_s = self._spent_s()
        if spent_s - self.reported_s < EVERY_S:
            return
        self.reported_s = spent_s
        objective, bound = self._figures()
        done = min(1.0, spent_s / self.limits.seconds) if self.limits.seconds else 1.0
        self.progress("progress.siting", done, objective=objective, bound=bound)
