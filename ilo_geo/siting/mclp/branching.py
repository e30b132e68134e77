"""Splits the choices into parts, bounds each part and drops those that cannot hold a better one.

A part forbids some sites, fixes some, and asks for at least one site of each of some groups. It is
split at a group of sites: either none of them is chosen or at least one is. Two kinds of group:

- one site, the heaviest that the relaxation takes about half of;
- the sites that reach one place, of which together it takes about half of one. Where sites stand
  close, to forbid one says next to nothing, as its neighbour steps in; to forbid all that reach a
  place says much, and so does to ask for one of them.

`Fashion` learns during the search which kind lowers the bounds more. "At least one of the group"
stays inside the same relaxation: a further place of weight W that only the group reaches, and W
taken off the bound. That is valid for every W, since a choice that meets the demand loses nothing;
the larger W, the less the relaxation gains by disregarding it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace

import numpy as np

from ilo_geo.siting.mclp.cover import Cover
from ilo_geo.siting.mclp.cover import Indices
from ilo_geo.siting.mclp.cover import reduced
from ilo_geo.siting.mclp.relaxation import relax
from ilo_geo.siting.problem import Floats

# a share of a site below this is rounding of the relaxation
NO_SHARE = 1e-3
# groups of which the relaxation takes more than this are as good as decided
DECIDED = 0.97
# kinds of groups; the first splits take turns, later ones try another kind once in so many
KINDS = 2
ALL_TRIED_FOR = 6
TRY_EVERY = 5
# weight of what was learnt before against the latest
FADING = 0.85


@dataclass(frozen=True)
class Part:
    """Some of all choices; positions of sites, ascending.

    Attributes
    ----------
    bound
        No choice of the part covers more.
    free
        Sites neither forbidden nor fixed.
    fixed
        Sites every choice of the part has.
    groups
        Of each at least one is chosen.
    kind, side
        How it was split off: at which kind of group, and whether without it (0) or with it (1).
    """

    bound: float
    free: Indices
    fixed: Indices
    groups: tuple[Indices, ...] = ()
    kind: int | None = None
    side: int = 0


@dataclass(frozen=True)
class Relaxation:
    """What the relaxation of a part says.

    Attributes
    ----------
    part
        The part with its bound lowered.
    score, share
        Of each free site: its worth at the prices of the bound, and how much of it is taken.
    options
        Free sites to split the part at, a group of each kind; none if nothing is left to choose.
    chosen
        A choice near the relaxation's.
    """

    part: Part
    score: Floats
    share: Floats
    options: tuple[Indices, ...]
    chosen: Indices


def relaxed(
    cover: Cover, part: Part, count: int, group_weight: float, enough: Callable[[float], bool]
) -> Relaxation:
    """Return the relaxation of a part; ``enough`` is told its bound and may end it early."""
    left = count - len(part.fixed)
    needed = ~cover.covered_by(part.fixed)
    done = float(cover.weight[~needed].sum())
    groups = _open_groups(part)
    if left == 0 or len(part.free) <= left or groups is None:
        return _decided(cover, part, left)
    small = reduced(cover, part.free, needed, groups)
    small.weight[small.n_places - len(groups) :] = group_weight
    if not small.n_places:
        return _decided(cover, part, left)
    offset = done - len(groups) * group_weight
    found = relax(small, left, lambda bound: enough(bound + offset))
    lowered = replace(part, bound=min(part.bound, found.bound + offset))
    best = np.argsort(-found.share, kind="stable")[:left]
    chosen = np.sort(np.concatenate([part.fixed, part.free[best]]))
    options = (_undecided_site(small, found.share), _undecided_group(small, found.share))
    groups_of_sites = tuple(part.free[option] for option in options)
    return Relaxation(lowered, found.score, found.share, groups_of_sites, chosen)


def split(relaxation: Relaxation, count: int, needed: float, kind: int) -> list[Part]:
    """Return what is left of a part that must cover ``needed``, split at a group of a kind.

    Choosing a site whose score falls short of the p-th best by more than the bound exceeds
    ``needed`` leads below it, as does leaving out one that exceeds the next best by as much: the
    first are forbidden, the second fixed, in both halves.
    """
    part, score = relaxation.part, relaxation.score
    if part.bound < needed or not relaxation.options:
        return []
    left = count - len(part.fixed)
    ranked = np.sort(score)[::-1]
    last_in, first_out = ranked[left - 1], ranked[left]
    room = part.bound - needed
    forbidden = last_in - score > room
    fixed = score - first_out > room
    free = part.free[~forbidden & ~fixed]
    held = np.union1d(part.fixed, part.free[fixed]).astype(np.int32)
    group = np.intersect1d(relaxation.options[kind], free)
    rest = np.setdiff1d(free, group)
    without = replace(part, free=rest, fixed=held, kind=kind, side=0)
    if not len(group) or len(held) == count:
        return [replace(without, kind=None)]
    if len(group) == 1:
        fixed_too = np.union1d(held, group).astype(np.int32)
        return [without, replace(without, fixed=fixed_too, side=1)]
    groups = (*part.groups, group)
    return [without, replace(without, free=free, groups=groups, side=1)]


def _open_groups(part: Part) -> list[Indices] | None:
    """Return the groups not yet met, as numbers among the free sites; None if one cannot be met."""
    rows = []
    for group in part.groups:
        if np.isin(group, part.fixed).any():
            continue
        row = np.searchsorted(part.free, np.intersect1d(group, part.free))
        if not len(row):
            return None
        rows.append(row.astype(np.int32))
    return rows


def _decided(cover: Cover, part: Part, left: int) -> Relaxation:
    """Return a part of which one choice is as good as any."""
    chosen = np.sort(np.concatenate([part.fixed, part.free[:left]]))
    part = replace(part, bound=min(part.bound, cover.weight_of(chosen)))
    return Relaxation(part, np.zeros(0), np.zeros(0), (), chosen)


def _undecided_site(cover: Cover, share: Floats) -> Indices:
    """Return the site about half taken, and heavy."""
    worth = np.minimum(share, 1.0 - share) * cover.over_site(cover.weight)
    return np.array([np.argmax(worth)], dtype=np.int32)


def _undecided_group(cover: Cover, share: Floats) -> Indices:
    """Return the sites that reach a place.

    The nearer to half a site is taken of them, and the more of them it is taken from, the more both
    halves have to give up.
    """
    taken = cover.over_place(share)
    spread = cover.over_place((share > NO_SHARE).astype(np.float64))
    worth = np.minimum(taken, 1.0 - taken) * np.log1p(spread)
    worth[taken > DECIDED] = 0.0
    place = int(np.argmax(worth))
    if worth[place] <= NO_SHARE:
        return _undecided_site(cover, share)
    return cover.place_site[cover.place_start[place] : cover.place_start[place + 1]]


class Fashion:
    """Which kind of group lowers the bounds more, as learnt from the parts bounded lately.

    A split is as good as the product of the shares of the room above ``needed`` that its two halves
    lose: a half that loses nothing makes it worthless. Parts further down behave otherwise than the
    first ones, so old news fade and the kind out of fashion is tried now and then.
    """

    def __init__(self) -> None:
        self._lost = np.zeros((KINDS, 2))
        self._seen = np.zeros((KINDS, 2))
        self._n_asked = 0

    def learn(self, part: Part, lowered: float, needed: float) -> None:
        """Note that the bound of a part turned out ``lowered``."""
        if part.kind is None or part.bound <= needed:
            return
        lost = (part.bound - max(lowered, needed)) / (part.bound - needed)
        at = part.kind, part.side
        self._lost[at] = FADING * self._lost[at] + lost
        self._seen[at] = FADING * self._seen[at] + 1.0

    def kind(self) -> int:
        """Return the kind to split at."""
        self._n_asked += 1
        if self._n_asked <= ALL_TRIED_FOR:
            return self._n_asked % KINDS
        lost = np.divide(self._lost, self._seen, out=np.ones_like(self._lost), where=self._seen > 0)
        best = int(np.argmax(lost.prod(axis=1)))
        return best if self._n_asked % TRY_EVERY else (best + 1) % KINDS
