"""Use case: the best bundles of a campaign's projects under its envelope."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import shapely

from ilo_geo.core.layer import Status
from ilo_geo.core.text import Text
from ilo_geo.proposals.bundles import BundleInputs
from ilo_geo.proposals.bundles import Frontier
from ilo_geo.proposals.bundles import Project
from ilo_geo.proposals.bundles import best_bundles
from ilo_geo.proposals.commands import readable
from ilo_geo.proposals.commands import require_allowed
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.rulebook import NOT_FEASIBLE
from ilo_geo.proposals.sheet import LayerNote
from ilo_geo.proposals.sheet import notes_of
from ilo_geo.proposals.sheet_rules import sheet_rules
from ilo_geo.proposals.sheet_shape import POLYGON
from ilo_geo.proposals.sheet_shape import shape_kind
from ilo_geo.proposals.states import ARCHIVED
from ilo_geo.proposals.states import REJECTED
from ilo_geo.proposals.tables import campaign
from ilo_geo.proposals.tables import proposal
from ilo_geo.services.areas import Area
from ilo_geo.services.city import offered_bases
from ilo_geo.services.council import Council
from ilo_geo.services.proposal_effects import UNKNOWN_HAZARD
from ilo_geo.services.proposal_effects import Effect
from ilo_geo.services.proposal_effects import effect_layers
from ilo_geo.services.proposal_effects import effects_of
from ilo_geo.services.proposal_effects import title_of
from ilo_geo.services.proposal_sheet import sheet_layers
from ilo_geo.services.sheet_city import SheetCity
from ilo_geo.services.sheet_green import added_by
from ilo_geo.services.sheet_green import supply_change_m2

M2_PER_HA = 10_000.0
# off the table: no bundle may hold them
DROPPED = (REJECTED, ARCHIVED)


@dataclass(frozen=True)
class Alone:
    """What a project brings by itself: whom it serves, green in the zones, residual hazard."""

    people_inhab: float
    green_ha: float
    hazard: float

    @property
    def risk_inhab(self) -> float:
        """Return its part of the risk."""
        return self.hazard * self.people_inhab


@dataclass(frozen=True)
class CampaignBundles:
    """The bundles of a campaign and what must be said of them.

    Attributes
    ----------
    frontier
        The bundles, by ids of proposals.
    effects
        What each project does alone, by its id.
    alone
        What each project brings by itself, by its id: what the figures of bundles are made of.
    sources
        Layers that people, closed deficit and risk stand on.
    base
        Title of the population base that people are counted by.
    not_counted
        Projects of whom no rule says whom they serve: their people and risk count as none.
    hazard_unknown
        Projects whose hazard nobody knows: it is counted as the gravest.
    overlapping
        Pairs that would take the same ground and are never in one bundle.
    not_feasible
        Projects that the technical review found not feasible: in no bundle.
    modelled
        Titles of the modelled layers that these figures stand on.
    """

    frontier: Frontier
    effects: dict[str, Effect]
    alone: dict[str, Alone]
    sources: dict[str, tuple[LayerNote, ...]]
    base: Text
    not_counted: tuple[Text, ...]
    hazard_unknown: tuple[Text, ...]
    overlapping: tuple[tuple[Text, Text], ...]
    not_feasible: tuple[Text, ...]
    modelled: tuple[Text, ...]


def campaign_bundles(
    council: Council, actor: Actor, campaign_id: str, *, envelope_soles: int | None = None
) -> CampaignBundles:
    """Return the bundles of a campaign's projects that none other dominates.

    Parameters
    ----------
    envelope_soles
        Another envelope than the campaign's.

    Raises
    ------
    NotFoundError
        There is no such campaign.
    InputError
        The city has no people, streets or parks.
    """
    with council.reading(actor) as repo:
        require_allowed(repo, "read_campaign")
        found = repo.get(campaign, campaign_id)
        rows = repo.find(
            proposal,
            proposal.c.campaign_id == campaign_id,
            proposal.c.state.not_in(DROPPED),
            order=(proposal.c.number,),
        )
        known = [readable(repo, row["id"]) for row in rows]
    envelope = found["envelope_soles"] if envelope_soles is None else envelope_soles
    return bundles_of(council.area(), known, envelope)


def bundles_of(area: Area, records: list[Record], envelope_soles: int) -> CampaignBundles:
    """Return the bundles of proposals under an envelope, without those found not feasible."""
    refused = [one for one in records if one["feasibility"] == NOT_FEASIBLE]
    city, effects = effects_of(area, [one for one in records if one not in refused])
    notes = notes_of(area.refs(*sheet_layers(area)))
    pairs = _overlapping(effects)
    projects, inhab = tuple(_project(city, effect) for effect in effects), city.people[0].inhab
    inputs = BundleInputs(
        projects=projects,
        inhab=inhab,
        lacking_ha=_lacking_ha(city),
        overlapping=pairs,
    )
    base = next(one for one in offered_bases(area) if one.id == city.people[0].base)
    return CampaignBundles(
        frontier=best_bundles(inputs, envelope_soles),
        effects={effect.id: effect for effect in effects},
        alone={
            one.id: Alone(float(inhab[one.serves].sum()), float(one.green_ha.sum()), one.hazard)
            for one in projects
        },
        sources=_sources(area),
        base=base.title,
        not_counted=tuple(title_of(one) for one in effects if one.serves is None),
        hazard_unknown=tuple(title_of(one) for one in effects if one.hazard is None),
        overlapping=tuple((title_of(effects[a]), title_of(effects[b])) for a, b in pairs),
        not_feasible=tuple(_named(one) for one in refused),
        modelled=tuple(note.title for note in notes if note.status == Status.MODELLED),
    )


def _sources(area: Area) -> dict[str, tuple[LayerNote, ...]]:
    of = effect_layers(area)
    parts = {"people": of["people"], "closed": of["green"], "risk": (*of["people"], *of["hazards"])}
    return {name: notes_of(area.refs(*dict.fromkeys(parts[name]))) for name in parts}


def _named(record: Record) -> Text:
    words = f"{record['number']}. {record['title']}"
    return Text(es=words, en=words)


def _project(city: SheetCity, effect: Effect) -> Project:
    shapes = [effect.shape]
    added = added_by(
        city,
        shapes if effect.adds_green else [],
        shapes if effect.counts_as and not effect.adds_green else [],
    )
    nobody = np.zeros(len(city.people[0].inhab), dtype=bool)
    return Project(
        id=effect.id,
        title=f"{effect.number}. {effect.title}",
        cost_low=effect.cost_low,
        cost_high=effect.cost_high,
        serves=nobody if effect.serves is None else effect.serves,
        green_ha=supply_change_m2(city, added).to_numpy(float) / M2_PER_HA,
        hazard=UNKNOWN_HAZARD if effect.hazard is None else effect.hazard,
    )


def _lacking_ha(city: SheetCity) -> np.ndarray:
    """Return what each zone lacks of the standard, negative where it has more."""
    asked_m2 = city.standard_m2_per_inhab * city.inhab_by_zone(city.people[0])
    lacking: np.ndarray = (asked_m2 - city.green_m2.to_numpy(float)) / M2_PER_HA
    return lacking


def _overlapping(effects: tuple[Effect, ...]) -> tuple[tuple[int, int], ...]:
    """Return the pairs that would take the same ground."""
    least_m2 = sheet_rules().parameters["overlap_m2"].value
    wide = [
        n
        for n, one in enumerate(effects)
        if one.rules.occupies and shape_kind(one.shape) == POLYGON
    ]
    return tuple(
        (a, b)
        for a, b in itertools.combinations(wide, 2)
        if shapely.intersection(effects[a].shape, effects[b].shape).area > least_m2
    )
