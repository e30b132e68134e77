"""A plain coverage problem, stripped of what is decided before any search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from ilo_geo.siting.mclp.cover import Cover
from ilo_geo.siting.mclp.cover import Indices
from ilo_geo.siting.mclp.cover import cover_of
from ilo_geo.siting.mclp.cover import reduced
from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Ints
from ilo_geo.siting.problem import SitingProblem

# above this sum of weights the rounding of a bound may come near to 1
MOST_WHOLE = 1e9


@dataclass(frozen=True)
class Question:
    """What is left to choose.

    Attributes
    ----------
    cover
        The free sites that reach anybody, and the places that no locked site covers.
    count
        Most sites to choose from it; fewer than it has, or 0.
    site
        For each of its sites the candidate it stands for.
    settled
        Candidates chosen without search: the locked ones, and every useful one where the count
        allows all of them.
    pattern
        Who reaches whom, of all candidates and all places.
    """

    cover: Cover
    count: int
    site: Indices
    settled: Indices
    pattern: Cover


def question_of(problem: SitingProblem) -> Question:
    """Return what is left to choose once locked, forbidden and useless candidates are settled."""
    pattern = _pattern(problem)
    locked, forbidden = problem.candidates.locked, problem.candidates.forbidden
    settled = np.flatnonzero(locked).astype(np.int32)
    needed = ~pattern.covered_by(settled) & (problem.weight > 0)
    useful = pattern.over_site(needed.astype(np.float64)) > 0
    site = np.flatnonzero(useful & ~locked & ~forbidden).astype(np.int32)
    count = len(site) if problem.count is None else max(problem.count - len(settled), 0)
    if count >= len(site):
        settled, site, count = np.union1d(settled, site).astype(np.int32), site[:0], 0
    return Question(reduced(pattern, site, needed, []), count, site, settled, pattern)


def answered(question: Question, chosen: Indices) -> tuple[Ints, Ints, float]:
    """Return the candidates of a choice, who serves each place, and the weight covered.

    A place is served by the first of the chosen candidates that reaches it.
    """
    pattern = question.pattern
    selected = np.sort(np.concatenate([question.settled, question.site[chosen]])).astype(np.int64)
    assigned = np.full(pattern.n_places, -1, dtype=np.int64)
    for j in selected[::-1]:
        assigned[pattern.site_place[pattern.site_start[j] : pattern.site_start[j + 1]]] = j
    return selected, assigned, float(pattern.weight[assigned >= 0].sum())


def has_whole_weights(weight: np.ndarray) -> bool:
    """Return whether every sum of weights is a whole number that a float holds exactly."""
    exact: Bools = weight == np.floor(weight)
    return bool(exact.all()) and float(weight.sum()) < MOST_WHOLE


def _pattern(problem: SitingProblem) -> Cover:
    reach = problem.reach
    marks = np.ones(len(reach.indices), dtype=np.int8)
    tidy = csr_array((marks, reach.indices.copy(), reach.indptr.copy()), shape=reach.shape)
    tidy.sum_duplicates()
    tidy.sort_indices()
    return cover_of(
        tidy.indptr.astype(np.int64),
        tidy.indices.astype(np.int32),
        np.asarray(problem.weight, dtype=np.float64),
    )
