"""What a dossier says, as data: one fingerprint for all formats and languages.

It holds what anybody who may read the proposal may read: the text of a hidden comment is left out
for everybody, so that the same records give the same fingerprint whoever prints them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import shapely

from ilo_geo.core.layer import LayerRef
from ilo_geo.core.layer import Status
from ilo_geo.core.text import Text
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.sheet import LayerNote
from ilo_geo.proposals.sheet import Sheet
from ilo_geo.services.council_views import BallotView
from ilo_geo.services.council_views import People
from ilo_geo.services.council_views import ProposalView
from ilo_geo.services.council_views import view_of
from ilo_geo.services.dossier_sets import BundlesPart
from ilo_geo.services.dossier_sets import CampaignPart
from ilo_geo.services.dossier_sets import ScenarioPart
from ilo_geo.services.paper_data import Data
from ilo_geo.services.paper_data import sha256_of
from ilo_geo.services.proposal_sheet import StoredSheet

# a vote in a ballot that is still open: the roll call is of its close. That hides nothing: the
# vote is public, and whoever watches names and count can tell how each one voted
CAST = "cast"
Kind = Literal["proposal", "campaign", "scenario"]


class Said(Data):
    """A comment, or a point for or against; a hidden one has no text."""

    stance: str
    who: Text
    at: datetime
    text: str
    hidden: bool
    hidden_reason: str


class Deed(Data):
    """Something that happened: a verb, by whom, in which role, in what words, leading where."""

    at: datetime
    verb: str
    who: Text
    role: str
    text: str
    to_state: str
    detail: str


class Attached(Data):
    """A document by its name and fingerprint."""

    name: str
    media_type: str
    size_bytes: int
    sha256: str
    at: datetime
    removed_at: datetime | None
    removed_reason: str


class Vote(Data):
    """A member's choice; None where they did not vote, `CAST` in a ballot that is open.

    ``absent`` from the sitting in which it was held, as far as that is known.
    """

    who: Text
    choice: str | None
    absent: bool = False


class Ballot(Data):
    """One vote of the council with its roll call."""

    number: int
    opened_at: datetime
    closes_at: datetime | None
    closed_at: datetime | None
    n_members: int
    quorum: int
    outcome: str
    n_for: int
    n_against: int
    n_abstain: int
    casting: str
    casting_reason: str
    casting_by: str | None
    roll: tuple[Vote, ...]

    @property
    def n_silent(self) -> int:
        """Return how many members did not vote."""
        return self.n_members - self.n_for - self.n_against - self.n_abstain


class SheetPart(Data):
    """A technical sheet as it is kept, and whether its data were replaced since."""

    sheet: Sheet
    made_at: datetime
    stale: bool
    changed_layers: tuple[str, ...]

    @classmethod
    def of(cls, known: StoredSheet) -> SheetPart:
        """Return a stored sheet as a dossier tells it."""
        return cls(
            sheet=known.content,
            made_at=known.made_at,
            stale=known.stale,
            changed_layers=known.changed_layers,
        )


class ProposalPart(Data):
    """A proposal with all that was said and done; ``shape`` is WKB in hexadecimal digits."""

    number: int
    title: str
    description: str
    kind: str
    zone: str
    cost_min_soles: int | None
    cost_max_soles: int | None
    funds_source: str
    invierte_code: str
    office: str
    commitment: str
    author: Text
    state: str
    state_since: datetime
    feasibility: str
    feasibility_reason: str
    feasibility_by: Text | None
    created_at: datetime
    updated_at: datetime
    srid: int
    shape: str
    said: tuple[Said, ...]
    deeds: tuple[Deed, ...]
    attached: tuple[Attached, ...]
    ballots: tuple[Ballot, ...]
    n_support: int
    sheet: SheetPart | None

    @property
    def geometry(self) -> shapely.Geometry:
        """Return the shape in the metric CRS ``srid``."""
        return shapely.from_wkb(self.shape)


class Dossier(Data):
    """All that is printed but when and where it was: data only.

    Attributes
    ----------
    path
        Where the same is found in the planner, without its host.
    city, srid
        Title of the study area; EPSG code of its metric CRS, which shapes are in.
    base
        Layers of the map under the shapes.
    campaign, scenario
        What the proposals do together, where it is a dossier of such a set.
    """

    kind: Kind
    path: str
    title: str
    city: Text
    srid: int
    proposals: tuple[ProposalPart, ...]
    base: tuple[LayerRef, ...]
    campaign: CampaignPart | None = None
    scenario: ScenarioPart | None = None

    @property
    def layers(self) -> tuple[LayerNote, ...]:
        """Return the layers that figures stand on, each once, in the order of their ids."""
        told = [part.sheet.sheet.layers for part in self.proposals if part.sheet]
        if self.campaign is not None and isinstance(self.campaign.bundles, BundlesPart):
            told.append(self.campaign.bundles.layers)
        if self.scenario is not None:
            told.append(self.scenario.layers)
        found = {(note.layer, note.sha256): note for notes in told for note in notes}
        return tuple(note for _, note in sorted(found.items()))

    @property
    def sha256(self) -> str:
        """Return the fingerprint of the data, the same in every format and language."""
        return sha256_of(self)

    @property
    def modelled_layers(self) -> tuple[Text, ...]:
        """Return the titles of modelled layers that a figure or the map stands on."""
        every: tuple[LayerRef | LayerNote, ...] = (*self.base, *self.layers)
        found = {one.layer: one.title for one in every if one.status is Status.MODELLED}
        return tuple(title for _, title in sorted(found.items()))


def proposal_part(repo: Repository, found: Record, zone: str) -> ProposalPart:
    """Return a proposal that was read in this transaction as a dossier tells it."""
    view, people = view_of(repo, found), People(repo)
    record = view.record
    by = record["feasibility_by"]
    same = {
        name: record[name]
        for name in (
            "number", "title", "description", "kind", "cost_min_soles", "cost_max_soles",
            "funds_source", "invierte_code", "office", "commitment", "state", "state_since",
            "feasibility", "feasibility_reason", "created_at", "updated_at", "srid",
        )
    }  # fmt: skip
    return ProposalPart(
        **same,
        zone=zone,
        author=view.author,
        feasibility_by=people.called(by) if by else None,
        shape=bytes(found["geometry"]).hex(),
        said=tuple(_said(view)),
        deeds=tuple(_deeds(view)),
        attached=tuple(_attached(view)),
        ballots=tuple(ballot_of(one) for one in view.ballots),
        n_support=view.n_support,
        sheet=None,
    )


def ballot_of(view: BallotView) -> Ballot:
    """Return a ballot with its roll call; the count of an open one is that of now."""
    row, count = view.record, view.count
    told = ("number", "opened_at", "closes_at", "closed_at", "n_members", "quorum", "outcome")
    return Ballot(
        **{name: row[name] for name in (*told, "casting", "casting_reason", "casting_by")},
        n_for=count.get("for", 0),
        n_against=count.get("against", 0),
        n_abstain=count.get("abstain", 0),
        # namesakes too come in one order
        roll=tuple(
            Vote(who=who, choice=CAST if choice and view.is_open else choice)
            for who, choice in sorted(view.roll, key=lambda pair: (pair[0].es, pair[1] or ""))
        ),
    )


def _said(view: ProposalView) -> Iterable[Said]:
    for one in view.comments:
        yield Said(
            stance=one["stance"],
            who=one["author"],
            at=one["at"],
            text="" if one["hidden"] else one["text"],
            hidden=one["hidden"],
            hidden_reason=one["hidden_reason"],
        )


def _deeds(view: ProposalView) -> Iterable[Deed]:
    for event in view.timeline:
        yield Deed(
            at=event.at,
            verb=event.verb,
            who=event.who,
            role=event.role,
            text=event.text,
            to_state=event.to_state,
            detail=event.detail,
        )


def _attached(view: ProposalView) -> Iterable[Attached]:
    for one in view.documents:
        yield Attached(**{name: one[name] for name in Attached.model_fields})
