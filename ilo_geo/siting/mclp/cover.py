"""Who is covered by whom, with everything left out that cannot change the best choice.

Places without weight or within nobody's reach are dropped; places that the same sites reach are
one place of their joint weight (isomorphic aggregation, arXiv 2409.09834). Both keep the weight
that every choice covers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from ilo_geo.siting.problem import Bools
from ilo_geo.siting.problem import Floats

Indices = npt.NDArray[np.int32]
Starts = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Cover:
    """Sites and places that reach each other, from both sides, and the weight of the places.

    Site ``j`` reaches the places ``site_place[site_start[j]:site_start[j + 1]]``; place ``i`` is
    reached by ``place_site[place_start[i]:place_start[i + 1]]``; both ascending.
    """

    site_start: Starts
    site_place: Indices
    place_start: Starts
    place_site: Indices
    weight: Floats

    @property
    def n_sites(self) -> int:
        """Return how many sites there are."""
        return len(self.site_start) - 1

    @property
    def n_places(self) -> int:
        """Return how many places there are."""
        return len(self.weight)

    def over_site(self, of_place: Floats) -> Floats:
        """Return for each site the sum over the places it reaches."""
        return np.asarray(_sums(self.site_start, self.site_place, of_place))

    def over_place(self, of_site: Floats) -> Floats:
        """Return for each place the sum over the sites that reach it."""
        return np.asarray(_sums(self.place_start, self.place_site, of_site))

    def covered_by(self, sites: Indices) -> Bools:
        """Return which places at least one of ``sites`` reaches."""
        covered = np.zeros(self.n_places, dtype=bool)
        for j in sites:
            covered[self.site_place[self.site_start[j] : self.site_start[j + 1]]] = True
        return covered

    def weight_of(self, sites: Indices) -> float:
        """Return the weight that ``sites`` cover together."""
        return float(self.weight[self.covered_by(sites)].sum())


def cover_of(site_start: Starts, site_place: Indices, weight: Floats) -> Cover:
    """Return the cover given from the sites' side."""
    place_start, place_site = _turned(site_start, site_place, len(weight))
    return Cover(site_start, site_place, place_start, place_site, weight)


def reduced(cover: Cover, sites: Indices, needed: Bools, extra: list[Indices]) -> Cover:
    """Return the cover of some sites and of the places still needed, merged where alike.

    Parameters
    ----------
    cover
        The larger cover.
    sites
        Positions of the sites to keep, ascending; they are numbered anew in this order.
    needed
        Places to keep.
    extra
        More places, each as the new numbers of the sites that reach it. They are appended unmerged
        with weight 0, for the caller to weigh.
    """
    number = np.full(cover.n_sites, -1, dtype=np.int32)
    number[sites] = np.arange(len(sites), dtype=np.int32)
    kept = _kept(cover.place_start, cover.place_site, number, needed & (cover.weight > 0))
    start, site, of_place = _rows(cover.place_start, cover.place_site, number, kept)
    first, group = _merged(start, site)
    weight: Floats = np.bincount(group, cover.weight[of_place], len(first)).astype(np.float64)
    start, site = _picked(start, site, first)
    lengths = np.array([len(row) for row in extra], dtype=np.int64)
    start = np.concatenate([start, start[-1] + np.cumsum(lengths)])
    site = np.concatenate([site, *extra])
    weight = np.concatenate([weight, np.zeros(len(extra))])
    site_start, site_place = _turned(start, site, len(sites))
    return Cover(site_start, site_place, start, site, weight)


def _merged(start: Starts, site: Indices) -> tuple[Starts, Starts]:
    """Return the first place of each kind, and the kind of each place."""
    _, first, group = np.unique(_hashes(start, site), return_index=True, return_inverse=True)
    if _all_alike(start, site, first[group]):
        return first, group
    # two different sets of sites share a hash: merging may be left out, never be wrong
    every = np.arange(len(start) - 1)
    return every, every


@njit(cache=True, nogil=True)
def _sums(start, index, value):  # type: ignore[no-untyped-def]
    out = np.empty(len(start) - 1)
    for row in range(len(out)):
        total = 0.0
        for k in range(start[row], start[row + 1]):
            total += value[index[k]]
        out[row] = total
    return out


@njit(cache=True, nogil=True)
def _turned(start, index, n):  # type: ignore[no-untyped-def]
    """Return the transposed sparse pattern; its rows are ascending."""
    out_start = np.zeros(n + 1, np.int64)
    for k in range(len(index)):
        out_start[index[k] + 1] += 1
    for row in range(n):
        out_start[row + 1] += out_start[row]
    at = out_start[:-1].copy()
    out = np.empty(len(index), np.int32)
    for row in range(len(start) - 1):
        for k in range(start[row], start[row + 1]):
            out[at[index[k]]] = row
            at[index[k]] += 1
    return out_start, out


@njit(cache=True, nogil=True)
def _kept(start, site, number, needed):  # type: ignore[no-untyped-def]
    """Return how many kept sites reach each place; 0 if it is not needed."""
    out = np.zeros(len(needed), np.int64)
    for i in range(len(needed)):
        if needed[i]:
            for k in range(start[i], start[i + 1]):
                if number[site[k]] >= 0:
                    out[i] += 1
    return out


@njit(cache=True, nogil=True)
def _rows(start, site, number, kept):  # type: ignore[no-untyped-def]
    """Return the rows of the places with kept sites, and which places they are."""
    of_place = np.flatnonzero(kept)
    out_start = np.zeros(len(of_place) + 1, np.int64)
    out_site = np.empty(kept.sum(), np.int32)
    n = 0
    for row in range(len(of_place)):
        i = of_place[row]
        for k in range(start[i], start[i + 1]):
            if number[site[k]] >= 0:
                out_site[n] = number[site[k]]
                n += 1
        out_start[row + 1] = n
    return out_start, out_site, of_place


@njit(cache=True, nogil=True)
def _hashes(start, site):  # type: ignore[no-untyped-def]
    """Return one number for the set of sites of each row (sum of splitmix64 of its members)."""
    out = np.zeros(len(start) - 1, np.uint64)
    for row in range(len(out)):
        for k in range(start[row], start[row + 1]):
            x = np.uint64(site[k] + 1) * np.uint64(0x9E3779B97F4A7C15)
            x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            out[row] += x ^ (x >> np.uint64(31))
    return out


@njit(cache=True, nogil=True)
def _all_alike(start, site, other):  # type: ignore[no-untyped-def]
    """Return whether every row has the same sites as the row it is to be merged with."""
    for row in range(len(start) - 1):
        a, b = start[row], start[other[row]]
        if start[row + 1] - a != start[other[row] + 1] - b:
            return False
        for k in range(start[row + 1] - a):
            if site[a + k] != site[b + k]:
                return False
    return True


@njit(cache=True, nogil=True)
def _picked(start, site, rows):  # type: ignore[no-untyped-def]
    out_start = np.zeros(len(rows) + 1, np.int64)
    for n in range(len(rows)):
        out_start[n + 1] = out_start[n] + start[rows[n] + 1] - start[rows[n]]
    out = np.empty(out_start[-1], np.int32)
    for n in range(len(rows)):
        for k in range(out_start[n + 1] - out_start[n]):
            out[out_start[n] + k] = site[start[rows[n]] + k]
    return out_start, out
