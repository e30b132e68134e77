"""Which proposals somebody may see, filtered by the database, with what a list says of each."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement
from sqlalchemy import Subquery
from sqlalchemy import Table
from sqlalchemy import and_
from sqlalchemy import false
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from ilo_geo.core.text import folded
from ilo_geo.proposals.commands import is_open
from ilo_geo.proposals.model import Form
from ilo_geo.proposals.model import Line
from ilo_geo.proposals.permissions import allows
from ilo_geo.proposals.repository import Record
from ilo_geo.proposals.repository import Repository
from ilo_geo.proposals.repository import records
from ilo_geo.proposals.rulebook import AGAINST
from ilo_geo.proposals.rulebook import FOR
from ilo_geo.proposals.states import lifecycle
from ilo_geo.proposals.tables import comment
from ilo_geo.proposals.tables import proposal
from ilo_geo.proposals.tables import support

SHOWN = comment.c.hidden_at.is_(None)
ESCAPE = "\\"
# what a list and a map need; the shape and the long texts stay where they are
LISTED = (
    "id", "number", "title", "kind", "state", "state_since", "zone", "feasibility",
    "cost_min_soles", "cost_max_soles", "campaign_id", "account_id", "version", "updated_at",
    "min_x", "min_y", "max_x", "max_y",
)  # fmt: skip


class Filter(Form):
    """What a list is cut down to; empty means all. ``box`` is in metres: x, y, x, y."""

    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    zone: str = Field("", max_length=100)
    # a sign that ends a text for a database would end what is looked for as well
    text: Line = ""
    campaign_id: str = ""
    mine: bool = False
    box: tuple[float, float, float, float] | None = None


def readable_where(repo: Repository) -> ColumnElement[bool]:
    """Return the condition of what the actor may read, by the table of permissions."""
    open_to_all = is_open(repo)
    states = {
        own: [
            state
            for state in lifecycle().states
            if allows(repo.actor, "read", state, own=own, open_to_all=open_to_all)
        ]
        for own in (False, True)
    }
    # nearly all proposals are readable: by way of the index on states the database would fetch and
    # sort them all for a page of fifty; of an expression it knows no index
    state = proposal.c.state.concat("")
    anybodys = state.in_(states[False])
    if repo.actor.account_id is None or set(states[True]) <= set(states[False]):
        return anybodys
    mine = proposal.c.account_id == repo.actor.account_id
    return or_(anybodys, and_(mine, state.in_(states[True])))


def listed(
    repo: Repository, wanted: Filter, *, limit: int | None = None, offset: int = 0
) -> list[Record]:
    """Return the proposals that fit, newest first, with counts of support and of points.

    Returns
    -------
    list of Record
        Columns `LISTED`, and ``n_support``, ``n_for``, ``n_against`` (points that are not hidden).
    """
    # first which, then how much was said of them: never counted for what is not on the page
    page = (
        select(*[proposal.c[name] for name in LISTED])
        .where(_where(repo, wanted))
        .order_by(proposal.c.number.desc())
        .limit(limit)
        .offset(offset)
        .subquery()
    )
    counts = [
        _count(page, support).label("n_support"),
        _count(page, comment, comment.c.stance == FOR, SHOWN).label("n_for"),
        _count(page, comment, comment.c.stance == AGAINST, SHOWN).label("n_against"),
    ]
    query = select(page, *counts).order_by(page.c.number.desc())
    return records(repo.connection.execute(query))


def located(repo: Repository, wanted: Filter) -> list[Record]:
    """Return number, title, kind, state and box of every proposal that fits, for a map."""
    names = ("number", "title", "kind", "state", "min_x", "min_y", "max_x", "max_y")
    query = select(*[proposal.c[name] for name in names]).where(_where(repo, wanted))
    return records(repo.connection.execute(query))


def n_listed(repo: Repository, wanted: Filter) -> int:
    """Return how many proposals fit."""
    return repo.count(proposal, _where(repo, wanted))


def _where(repo: Repository, wanted: Filter) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [readable_where(repo)]
    if wanted.states:
        conditions.append(proposal.c.state.in_(wanted.states))
    if wanted.kinds:
        conditions.append(proposal.c.kind.in_(wanted.kinds))
    if wanted.zone:
        conditions.append(proposal.c.zone == wanted.zone)
    if wanted.campaign_id:
        conditions.append(proposal.c.campaign_id == wanted.campaign_id)
    if wanted.mine:
        mine = repo.actor.account_id
        conditions.append(proposal.c.account_id == mine if mine else false())
    if wanted.box is not None:
        west, south, east, north = wanted.box
        conditions += [proposal.c.max_x >= west, proposal.c.min_x <= east]
        conditions += [proposal.c.max_y >= south, proposal.c.min_y <= north]
    # every word, wherever it stands; the words are data, never SQL
    for word in folded(wanted.text).split():
        conditions.append(proposal.c.search_text.contains(word, autoescape=True, escape=ESCAPE))
    return and_(*conditions)


def _count(page: Subquery, table: Table, *where: ColumnElement[bool]) -> Any:
    return (
        select(func.count())
        .select_from(table)
        .where(table.c.proposal_id == page.c.id, *where)
        .correlate(page)
        .scalar_subquery()
    )
