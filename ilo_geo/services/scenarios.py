"""Use case: scenarios, sets of proposals, before and after, alone and beside another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from ilo_geo.core.text import Text
from ilo_geo.proposals.commands import is_open
from ilo_geo.proposals.commands import is_own
from ilo_geo.proposals.commands import require_allowed
from ilo_geo.proposals.commands import scenarios as commands
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.permissions import allows
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.scenario_rules import notice
from ilo_geo.proposals.sheet import LayerNote
from ilo_geo.proposals.sheet import notes_of
from ilo_geo.proposals.states import ARCHIVED
from ilo_geo.proposals.states import REJECTED
from ilo_geo.proposals.tables import scenario
from ilo_geo.services.areas import Area
from ilo_geo.services.city import kept_of
from ilo_geo.services.city import offered_bases
from ilo_geo.services.council import Council
from ilo_geo.services.proposal_effects import Effect
from ilo_geo.services.proposal_effects import effects_of
from ilo_geo.services.proposal_sheet import inputs_of_area
from ilo_geo.services.proposal_sheet import sheet_layers
from ilo_geo.services.proposal_sheet import stored_sheet
from ilo_geo.services.scenario_measures import AFTER
from ilo_geo.services.scenario_measures import BEFORE
from ilo_geo.services.scenario_measures import CHANGE
from ilo_geo.services.scenario_measures import green_before_after
from ilo_geo.services.scenario_measures import measure_table
from ilo_geo.services.scenario_measures import zone_table
from ilo_geo.services.sheet_neighbours import content_sha256

OFF_THE_TABLE = (REJECTED, ARCHIVED)
EDIT, DISCARD = commands.EDIT, commands.DISCARD
# under which the figures of a scenario are kept
KEPT = "scenario"
# figures of the two scenarios of a comparison
ONE, OTHER, BETWEEN = "one", "other", "between"


@dataclass(frozen=True)
class ScenarioRow:
    """A scenario in a list; ``n_proposals`` counts those that its reader may read."""

    record: Record
    n_proposals: int
    verbs: frozenset[str]


@dataclass(frozen=True)
class ScenarioView:
    """A scenario before and after.

    Attributes
    ----------
    record
        The row of the table.
    proposals
        Its proposals that the reader may read: index ``number``; ``id, title, kind, state,
        cost_low, cost_high, level``, geometry in the metric CRS.
    measures
        A, B and B − A: `ilo_geo.services.scenario_measures.measure_table`.
    zones
        Every zone before, after and the difference: `…zone_table`; empty without levels.
    level
        Id of the level of ``zones``.
    base
        Title of the population base that people are counted by.
    standard_m2_per_inhab
        Green that an inhabitant should have.
    notices
        What must be said beside the table.
    layers
        Where the figures come from.
    inputs_sha256
        Fingerprint of the data, rules and proposals they were computed from: see `is_stale`.
    verbs
        What the reader may do with it.
    """

    record: Record
    proposals: gpd.GeoDataFrame
    measures: pd.DataFrame
    zones: gpd.GeoDataFrame
    level: str
    base: Text
    standard_m2_per_inhab: float
    notices: tuple[Text, ...]
    layers: tuple[LayerNote, ...]
    inputs_sha256: str
    verbs: frozenset[str]


@dataclass(frozen=True)
class Figures:
    """What a set of proposals does: the tables of a view."""

    proposals: gpd.GeoDataFrame
    measures: pd.DataFrame
    zones: gpd.GeoDataFrame
    level: str
    base: Text
    standard_m2_per_inhab: float
    notices: tuple[Text, ...]


def create(council: Council, actor: Actor, asked: Mapping[str, Any]) -> Record:
    """Write a scenario; see `ilo_geo.proposals.commands.scenarios`."""
    with council.writing(actor) as repo:
        return commands.create_scenario(repo, asked)


def edit(council: Council, actor: Actor, scenario_id: str, asked: Mapping[str, Any]) -> Record:
    """Write a scenario anew over the version that was seen."""
    with council.writing(actor) as repo:
        return commands.edit_scenario(repo, scenario_id, asked)


def discard(council: Council, actor: Actor, scenario_id: str, asked: Mapping[str, Any]) -> Record:
    """Take a scenario back."""
    with council.writing(actor) as repo:
        return commands.discard_scenario(repo, scenario_id, asked)


def scenarios(council: Council, actor: Actor) -> list[ScenarioRow]:
    """Return every scenario, the latest first.

    Raises
    ------
    RefusedError
        The actor may not read scenarios.
    """
    with council.reading(actor) as repo:
        require_allowed(repo, commands.READ)
        found = repo.find(scenario, order=(scenario.c.updated_at.desc(), scenario.c.id))
        return [
            ScenarioRow(one, len(commands.members(repo, one["id"])[0]), _verbs(repo, one))
            for one in found
        ]


def may_create(council: Council, actor: Actor) -> bool:
    """Return whether somebody may make a scenario."""
    with council.reading(actor) as repo:
        return allows(actor, commands.CREATE, open_to_all=is_open(repo))


def scenario_view(council: Council, actor: Actor, scenario_id: str) -> ScenarioView:
    """Return a scenario before and after, computed on the data of now.

    Raises
    ------
    NotFoundError
        There is no such scenario.
    RefusedError
        The actor may not read scenarios.
    InputError
        The city has no people, streets or parks.
    """
    area = council.area()
    with council.reading(actor) as repo:
        records, n_hidden = commands.members(repo, scenario_id)
        found = repo.get(scenario, scenario_id)
        verbs = _verbs(repo, found)
        stale = [one for one in records if _has_stale_sheet(repo, area, one)]
    inputs = _inputs(area, records)
    figures = kept_of(area).get((KEPT, inputs), lambda: figures_of(area, records))
    beside = []
    if n_hidden:
        beside.append(notice("hidden", n=n_hidden))
    if stale:
        beside.append(notice("stale_sheets", listed=_listed(stale)))
    return ScenarioView(
        record=found,
        **{**vars(figures), "notices": (*beside, *figures.notices)},
        layers=notes_of(area.refs(*sheet_layers(area))),
        inputs_sha256=inputs,
        verbs=verbs,
    )


def is_at_hand(council: Council, actor: Actor, scenario_id: str) -> bool:
    """Return whether the figures of a scenario are computed already, so that a view is quick."""
    with council.reading(actor) as repo:
        records, _ = commands.members(repo, scenario_id)
    area = council.area()
    return kept_of(area).has((KEPT, _inputs(area, records)))


def scenario_items(council: Council, actor: Actor, scenario_id: str) -> tuple[Record, list[Record]]:
    """Return a scenario and those of its proposals that the actor may read, for its form."""
    with council.reading(actor) as repo:
        records, _ = commands.members(repo, scenario_id)
        return repo.get(scenario, scenario_id), records


def is_stale(council: Council, actor: Actor, scenario_id: str, inputs_sha256: str) -> bool:
    """Return whether data, rules or proposals have changed since figures were computed."""
    with council.reading(actor) as repo:
        records, _ = commands.members(repo, scenario_id)
    return _inputs(council.area(), records) != inputs_sha256


def figures_of(area: Area, records: list[Record]) -> Figures:
    """Return what a set of proposals does to a city."""
    city, effects = effects_of(area, records)
    green = green_before_after(area, city, effects)
    level = area.config.levels[-1] if area.config.levels else ""
    empty = gpd.GeoDataFrame({"name": []}, geometry=[], crs=area.crs)
    base = next(one for one in offered_bases(area) if one.id == city.people[0].base)
    return Figures(
        proposals=_proposals(area, effects),
        measures=measure_table(area, city, effects, green),
        zones=zone_table(*green, level) if level else empty,
        level=level,
        base=base.title,
        standard_m2_per_inhab=city.standard_m2_per_inhab,
        notices=tuple(_notices(area, effects)),
    )


def beside(one: ScenarioView, other: ScenarioView) -> pd.DataFrame:
    """Return two scenarios side by side.

    Index ``measure``, the words of `measure_table`, and ``before`` (today), ``one``, ``other``
    (after each), ``change_one``, ``change_other`` and ``between`` (other − one); missing where one
    of them does not have the measure.
    """
    own = (BEFORE, AFTER, CHANGE, "low", "high", "how", "parts")
    words = [name for name in one.measures.columns if name not in own]
    order = [*one.measures.index, *(m for m in other.measures.index if m not in one.measures.index)]
    both = pd.concat([one.measures[words], other.measures[words]])
    table = both[~both.index.duplicated()].loc[order].copy()
    today = pd.concat([one.measures[BEFORE], other.measures[BEFORE]])
    table[BEFORE] = today[~today.index.duplicated()]
    table[ONE], table[OTHER] = one.measures[AFTER], other.measures[AFTER]
    table[f"{CHANGE}_{ONE}"] = table[ONE] - table[BEFORE]
    table[f"{CHANGE}_{OTHER}"] = table[OTHER] - table[BEFORE]
    table[BETWEEN] = table[OTHER] - table[ONE]
    return table


def _proposals(area: Area, effects: tuple[Effect, ...]) -> gpd.GeoDataFrame:
    names = ("id", "title", "kind", "state", "cost_low", "cost_high", "level")
    return gpd.GeoDataFrame(
        {name: [getattr(one, name) for one in effects] for name in names},
        index=pd.Index([one.number for one in effects], name="number"),
        geometry=[one.shape for one in effects],
        crs=area.crs,
    )


def _notices(area: Area, effects: tuple[Effect, ...]) -> list[Text]:
    told = {
        "off_the_table": [one for one in effects if one.state in OFF_THE_TABLE],
        "without_area": [one for one in effects if one.rules.counts_as and not one.counts_as],
        "without_cost": [one for one in effects if one.cost_high is None],
        "not_counted": [one for one in effects if one.serves is None],
        "hazard_unknown": [one for one in effects if one.hazard is None],
        "water_unknown": [one for one in effects if one.counts_as and one.water_m3_day[0] is None],
    }
    found = [
        notice(name, listed=_listed([vars(one) for one in own]))
        for name, own in told.items()
        if own
    ]
    modelled = [n for n in notes_of(area.refs(*sheet_layers(area))) if n.status == "modelled"]
    if modelled:
        found.append(
            Text(
                es=notice("modelled", listed=", ".join(n.title.es for n in modelled)).es,
                en=notice("modelled", listed=", ".join(n.title.en for n in modelled)).en,
            )
        )
    return found


def _listed(records: list[Any]) -> str:
    return "; ".join(f"{one['number']}. {one['title']}" for one in records)


def _has_stale_sheet(repo: Repository, area: Area, found: Record) -> bool:
    known = stored_sheet(repo, area, found)
    return known is not None and known.stale


def _inputs(area: Area, records: list[Record]) -> str:
    """Return the fingerprint of what a scenario is computed from."""
    names = ("id", "number", "title", "kind", "state", "cost_min_soles", "cost_max_soles")
    known = [
        [*(record[name] for name in names), bytes(record["geometry"]).hex()] for record in records
    ]
    return content_sha256([inputs_of_area(area), known])


def _verbs(repo: Repository, found: Record) -> frozenset[str]:
    own, open_to_all = is_own(repo.actor, found), is_open(repo)
    return frozenset(
        verb
        for verb in (EDIT, DISCARD)
        if allows(repo.actor, verb, own=own, open_to_all=open_to_all)
    )
