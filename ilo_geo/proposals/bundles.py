"""The best sets of projects under an envelope: by people served, deficit closed and risk.

For a set S of projects with upper costs c, each serving places P_i of the inhabitants, adding green
g_iz (ha) to zone z, and with residual hazard h_i (0 to 1)::

    people(S) = Σ inhabitants of ∪ P_i                     more is better; a person counts once
    closed(S) = Σ_z max(0, d_z) − max(0, d_z − Σ g_iz)     more is better; at most a zone's deficit
    risk(S)   = Σ h_i · n_i                                less is better; n_i: whom i serves alone
    cost(S)   = Σ c_i ≤ envelope

``d_z`` is what the zone lacks, ha (negative where it has more than enough). Risk sums over
projects, not over people: whoever is drawn to two dangerous places is in danger at both. A bundle
is listed where no other set within the envelope, the empty one included, is as good by all three
and better by one; of sets that are equal by all three the cheapest is listed, and of those the one
whose projects come first. Projects that would take the same ground are never in one bundle.

Up to `EXACT_PROJECTS` projects every set is looked at: people by a sum over subsets (the people of
S are all but those whom only projects outside S serve), so the list is the whole frontier. With
more, a search keeps good sets on its way and forgets others: what it lists is within the envelope
and not dominated by anything else listed, but better sets may exist; `Frontier.people_bound` and
``closed_bound`` say how much better at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ilo_geo.proposals.bundle_sets import Bools
from ilo_geo.proposals.bundle_sets import Floats
from ilo_geo.proposals.bundle_sets import SetProblem
from ilo_geo.proposals.bundle_sets import bounds
from ilo_geo.proposals.bundle_sets import every_set
from ilo_geo.proposals.bundle_sets import measures
from ilo_geo.proposals.bundle_sets import searched_sets

# 2^20 sets take less than a second and about 100 MB
EXACT_PROJECTS = 20


@dataclass(frozen=True)
class Project:
    """A project as bundles see it.

    Attributes
    ----------
    id, title
        Of the proposal.
    cost_low, cost_high
        S/; None where nobody stated a cost.
    serves
        Which of the places with inhabitants it serves; all False where no rule says.
    green_ha
        Green it adds to each zone; negative where it takes some.
    hazard
        Residual hazard of its place, 0 to 1.
    """

    id: str
    title: str
    cost_low: int | None
    cost_high: int | None
    serves: Bools
    green_ha: Floats
    hazard: float


@dataclass(frozen=True)
class BundleInputs:
    """Projects and the city they are weighed in.

    Attributes
    ----------
    projects
        In the order that decides between equals.
    inhab
        Inhabitants of each place.
    lacking_ha
        Green each zone lacks of the standard; negative where it has more.
    overlapping
        Pairs of positions of projects that lie on each other.
    """

    projects: tuple[Project, ...]
    inhab: Floats
    lacking_ha: Floats
    overlapping: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Bundle:
    """A set of projects and what it brings."""

    ids: tuple[str, ...]
    people_inhab: float
    closed_ha: float
    risk_inhab: float
    cost_low: int
    cost_high: int


@dataclass(frozen=True)
class Frontier:
    """The bundles that none other dominates, most people first.

    Attributes
    ----------
    bundles
        Never the empty one.
    envelope
        S/.
    exact
        Whether every set was looked at.
    n_projects
        How many projects could be in a bundle.
    without_cost, over_envelope, idle
        Titles of projects in no bundle: nobody stated a cost; dearer than the envelope alone; serve
        nobody who is counted and close no deficit.
    people_bound, closed_bound
        No set within the envelope passes these.
    """

    bundles: tuple[Bundle, ...]
    envelope: int
    exact: bool
    n_projects: int
    without_cost: tuple[str, ...] = ()
    over_envelope: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    people_bound: float = 0.0
    closed_bound: float = 0.0


def best_bundles(inputs: BundleInputs, envelope: int) -> Frontier:
    """Return the bundles under an envelope that no other bundle dominates.

    Parameters
    ----------
    envelope
        S/, against which the upper costs are held.
    """
    projects, problem, left_out = _problem(inputs, envelope)
    exact = len(projects) <= EXACT_PROJECTS
    sets = every_set(problem) if exact else searched_sets(problem)
    bundles = [_bundle(projects, problem, chosen) for chosen in sets if chosen.any()]
    order = sorted(bundles, key=lambda b: (-b.people_inhab, -b.closed_ha, b.risk_inhab, b.ids))
    most_people, most_closed = bounds(problem)
    if exact:
        most_people = max((b.people_inhab for b in order), default=0.0)
        most_closed = max((b.closed_ha for b in order), default=0.0)
    return Frontier(
        bundles=tuple(order),
        envelope=envelope,
        exact=exact,
        n_projects=len(projects),
        people_bound=most_people,
        closed_bound=most_closed,
        **left_out,
    )


def spread_out(frontier: Frontier, most: int) -> tuple[Bundle, ...]:
    """Return at most so many bundles of a frontier that differ most, in its order.

    The best by each measure come first, then each time the one farthest from all chosen; measures
    are scaled to their range.
    """
    bundles = frontier.bundles
    if len(bundles) <= most:
        return bundles
    values = np.array([[b.people_inhab, b.closed_ha, -b.risk_inhab] for b in bundles])
    span = np.ptp(values, axis=0)
    scaled = (values - values.min(axis=0)) / np.where(span > 0, span, 1.0)
    chosen = list(dict.fromkeys(int(scaled[:, k].argmax()) for k in range(3)))[:most]
    while len(chosen) < most:
        gap = np.min(np.linalg.norm(scaled[:, None] - scaled[None, chosen], axis=2), axis=1)
        chosen.append(int(gap.argmax()))
    return tuple(bundles[n] for n in sorted(chosen))


def _problem(
    inputs: BundleInputs, envelope: int
) -> tuple[tuple[Project, ...], SetProblem, dict[str, tuple[str, ...]]]:
    """Return the projects that may be in a bundle, and those that are in none and why."""
    kept: list[int] = []
    left: dict[str, list[str]] = {"without_cost": [], "over_envelope": [], "idle": []}
    for n, project in enumerate(inputs.projects):
        brings = inputs.inhab[project.serves].sum() > 0 or (project.green_ha > 0).any()
        if project.cost_high is None:
            left["without_cost"].append(project.title)
        elif project.cost_high > envelope:
            left["over_envelope"].append(project.title)
        elif not brings:
            left["idle"].append(project.title)
        else:
            kept.append(n)
    projects = tuple(inputs.projects[n] for n in kept)
    place = {n: k for k, n in enumerate(kept)}
    covers, weight = _classes(projects, inputs.inhab)
    green = np.array([p.green_ha for p in projects], dtype=float)
    problem = SetProblem(
        covers=covers,
        weight=weight,
        green_ha=green.reshape(len(projects), len(inputs.lacking_ha)),
        lacking_ha=inputs.lacking_ha,
        risk=np.array([p.hazard for p in projects], dtype=float) * (covers @ weight),
        cost=np.array([int(p.cost_high or 0) for p in projects], dtype=np.int64),
        envelope=envelope,
        pairs=tuple(
            (place[a], place[b]) for a, b in inputs.overlapping if a in place and b in place
        ),
    )
    return projects, problem, {name: tuple(titles) for name, titles in left.items()}


def _classes(projects: Sequence[Project], inhab: Floats) -> tuple[Bools, Floats]:
    """Return places that the same projects serve as one: projects by classes, and their people."""
    if not projects:
        return np.zeros((0, 0), dtype=bool), np.zeros(0)
    serves = np.array([project.serves for project in projects])
    someone = serves.any(axis=0) & (inhab > 0)
    columns, of_place = np.unique(serves[:, someone], axis=1, return_inverse=True)
    weight = np.bincount(of_place.ravel(), weights=inhab[someone], minlength=columns.shape[1])
    return columns.astype(bool), weight.astype(float)


def _bundle(projects: tuple[Project, ...], problem: SetProblem, chosen: Bools) -> Bundle:
    people, closed, risk, _ = (part[0] for part in measures(problem, chosen[None]))
    held = [projects[n] for n in np.flatnonzero(chosen)]
    return Bundle(
        ids=tuple(project.id for project in held),
        people_inhab=float(people),
        closed_ha=float(closed),
        risk_inhab=float(risk),
        cost_low=sum(int(project.cost_low or 0) for project in held),
        cost_high=sum(int(project.cost_high or 0) for project in held),
    )
