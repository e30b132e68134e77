"""What a dossier says of a campaign's projects or of a scenario's proposals together, as data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from datetime import datetime
from typing import Any

from ilo_geo.core.errors import InputError
from ilo_geo.core.results import plain
from ilo_geo.core.text import Text
from ilo_geo.proposals.bundles import spread_out
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.sheet import LayerNote
from ilo_geo.proposals.sheet import notes_of
from ilo_geo.services.campaign_bundles import CampaignBundles
from ilo_geo.services.campaign_bundles import campaign_bundles
from ilo_geo.services.campaigns import CampaignView
from ilo_geo.services.campaigns import Money
from ilo_geo.services.campaigns import campaign_view
from ilo_geo.services.council import Council
from ilo_geo.services.paper_data import Data
from ilo_geo.services.proposal_sheet import sheet_layers
from ilo_geo.services.scenarios import ScenarioView
from ilo_geo.services.scenarios import scenario_view

# as many bundles as can be weighed by people at a table
MOST_BUNDLES = 20
ZONE_PARTS = ("deficit_ha", "green_m2_per_inhab", "served_population_inhab")
STEPS = ("before", "after", "change")


class MoneyPart(Data):
    """What projects cost together, S/; ``n_unknown`` of them say no cost."""

    low: int
    high: int
    n_unknown: int


class PhasePart(Data):
    """A phase, the day it was to begin, and when it did."""

    phase: str
    day: date
    began_at: datetime | None


class BundlePart(Data):
    """Projects that none other set under the envelope dominates, by their numbers."""

    numbers: tuple[int, ...]
    people_inhab: float
    closed_ha: float
    risk_inhab: float
    cost_low: int
    cost_high: int


class BundlesPart(Data):
    """The bundles of a campaign, and what must be said of them."""

    bundles: tuple[BundlePart, ...]
    n_all: int
    exact: bool
    base: Text
    without_cost: tuple[str, ...]
    over_envelope: tuple[str, ...]
    idle: tuple[str, ...]
    not_feasible: tuple[Text, ...]
    not_counted: tuple[Text, ...]
    hazard_unknown: tuple[Text, ...]
    overlapping: tuple[tuple[Text, Text], ...]
    layers: tuple[LayerNote, ...]


class CampaignPart(Data):
    """A campaign; ``bundles`` is a reason where they cannot be computed."""

    description: str
    envelope_soles: int
    phase: str
    phases: tuple[PhasePart, ...]
    asked: MoneyPart
    committed: MoneyPart
    bundles: BundlesPart | Text


class MeasurePart(Data):
    """A measure before and after; the interval is that of the after."""

    title: Text
    unit: Text
    decimals: int
    said: Text
    formula: Text
    before: float | None
    after: float | None
    change: float | None
    low: float | None
    high: float | None


class ZonePart(Data):
    """A zone: each of `ZONE_PARTS` before, after and the difference."""

    name: str
    values: dict[str, float | None]


class ScenarioPart(Data):
    """A scenario before and after."""

    base: Text
    measures: tuple[MeasurePart, ...]
    zones: tuple[ZonePart, ...]
    notices: tuple[Text, ...]
    layers: tuple[LayerNote, ...]


def campaign_part(council: Council, actor: Actor, campaign_id: str) -> tuple[str, CampaignPart]:
    """Return the title of a campaign and what is said of it."""
    view = campaign_view(council, actor, campaign_id)
    bundles: BundlesPart | Text
    try:
        bundles = _bundles(council, view, campaign_bundles(council, actor, campaign_id))
    except InputError as error:
        bundles = Text(es=error.text("es"), en=error.text("en"))
    part = CampaignPart(
        description=view.record["description"],
        envelope_soles=view.record["envelope_soles"],
        phase=view.record["phase"],
        phases=tuple(
            PhasePart(phase=one.phase, day=one.day, began_at=one.began_at) for one in view.phases
        ),
        asked=_money(view.asked),
        committed=_money(view.committed),
        bundles=bundles,
    )
    return view.record["title"], part


def _money(money: Money) -> MoneyPart:
    return MoneyPart(low=money.low, high=money.high, n_unknown=money.n_unknown)


def _bundles(council: Council, view: CampaignView, found: CampaignBundles) -> BundlesPart:
    area, frontier = council.area(), found.frontier
    numbers = {one.record["id"]: one.record["number"] for one in view.projects}
    return BundlesPart(
        bundles=tuple(
            BundlePart(
                numbers=tuple(sorted(numbers[one] for one in bundle.ids)),
                **plain({name: getattr(bundle, name) for name in _told(BundlePart)}),
            )
            for bundle in spread_out(frontier, MOST_BUNDLES)
        ),
        n_all=len(frontier.bundles),
        exact=frontier.exact,
        base=found.base,
        without_cost=frontier.without_cost,
        over_envelope=frontier.over_envelope,
        idle=frontier.idle,
        not_feasible=found.not_feasible,
        not_counted=found.not_counted,
        hazard_unknown=found.hazard_unknown,
        overlapping=found.overlapping,
        layers=notes_of(area.refs(*sheet_layers(area))) if frontier.bundles else (),
    )


def _told(model: type[Data]) -> list[str]:
    return [name for name in model.model_fields if name != "numbers"]


def scenario_part(
    council: Council, actor: Actor, scenario_id: str
) -> tuple[ScenarioView, ScenarioPart]:
    """Return a scenario as its reader may see it, and what is said of it."""
    view = scenario_view(council, actor, scenario_id)
    part = ScenarioPart(
        base=view.base,
        measures=tuple(_measure(row) for row in view.measures.to_dict(orient="records")),
        zones=tuple(_zone(row) for row in view.zones.to_dict(orient="records")),
        notices=view.notices,
        layers=view.layers,
    )
    return view, part


def _measure(row: Mapping[str, Any]) -> MeasurePart:
    texts: dict[str, Any] = {
        name: Text(es=row[f"{name}_es"], en=row[f"{name}_en"])
        for name in ("title", "unit", "said", "formula")
    }
    values = plain({name: row[name] for name in (*STEPS, "low", "high")})
    return MeasurePart(**texts, **values, decimals=int(row["decimals"]))


def _zone(row: Mapping[str, Any]) -> ZonePart:
    names = [f"{part}_{step}" for part in ZONE_PARTS for step in STEPS]
    return ZonePart(name=str(row["name"]), values=plain({name: row[name] for name in names}))
