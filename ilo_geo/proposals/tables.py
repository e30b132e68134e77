"""The council's tables, the same on SQLite and PostgreSQL.

Every row but those of signing in has a text ``id`` and is written through `Repository`, which
writes its audit row in the same transaction. Times are UTC, as ISO 8601 text with microseconds, so
that they sort, compare and digest alike everywhere. Geometry is WKB in the area's metric CRS; on
PostGIS the migration adds the same as a ``geometry`` column with an index, for QGIS.
"""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import JSON
from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Dialect
from sqlalchemy import Float
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import LargeBinary
from sqlalchemy import MetaData
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import UniqueConstraint
from sqlalchemy.types import TypeDecorator

from ilo_geo.proposals.flag import Flag

ID_LETTERS, DIGEST_LETTERS, INSTANT_LETTERS = 64, 64, 32
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)


LATER = "later"


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, kept as text of one length."""

    impl = String(INSTANT_LETTERS)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Return the text of a moment that has a zone."""
        del dialect
        return None if value is None else instant_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the moment of a text."""
        del dialect
        return None if value is None else instant_of(str(value))


def instant_text(value: datetime) -> str:
    """Return a moment as it is kept: UTC, microseconds, one length."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def instant_of(told: str) -> datetime:
    """Return the moment of a text; written otherwise than `instant_text` it is a `ValueError`."""
    moment = datetime.fromisoformat(told)
    if moment.utcoffset() != timedelta() or instant_text(moment) != told:
        raise ValueError(told)
    return moment


def _id() -> Column[str]:
    return Column("id", String(ID_LETTERS), primary_key=True)


def _ref(name: str, target: str, *, optional: bool = False, index: bool = True) -> Column[str]:
    return Column(
        name, String(ID_LETTERS), ForeignKey(f"{target}.id"), nullable=optional, index=index
    )


def _text(name: str, *, optional: bool = False) -> Column[str]:
    return Column(name, Text, nullable=optional)


def _later_text(name: str) -> Column[str]:
    """Return a column that came after the first tables: what is older holds nothing in it."""
    return Column(name, Text, info={LATER: True})


def _at(name: str, *, optional: bool = False) -> Column[datetime]:
    return Column(name, Instant, nullable=optional)


def _version() -> Column[int]:
    return Column("version", Integer, nullable=False)


account = Table(
    "account",
    metadata,
    _id(),
    # what one signs in by, folded; erased with the rest of what is personal
    Column("username", String(100), unique=True),
    _text("display_name", optional=True),
    Column("role", String(30), nullable=False),
    _text("password_hash", optional=True),
    Column("must_change", Flag, nullable=False),
    Column("active", Flag, nullable=False),
    # the only name of a person in the audit log
    Column("pseudonym", String(ID_LETTERS), nullable=False, unique=True),
    # keeps a digest of this row from being guessed; erased too
    _text("salt", optional=True),
    _at("created_at"),
    _at("erased_at", optional=True),
    _version(),
)
invitation = Table(
    "invitation",
    metadata,
    _id(),
    Column("token_sha256", String(DIGEST_LETTERS), nullable=False, unique=True),
    Column("role", String(30), nullable=False),
    _ref("created_by", "account"),
    _at("created_at"),
    _at("expires_at"),
    _at("used_at", optional=True),
)
login_session = Table(
    "login_session",
    metadata,
    Column("token_sha256", String(DIGEST_LETTERS), primary_key=True),
    _ref("account_id", "account"),
    _at("created_at"),
    _at("seen_at"),
)
attempt = Table(
    "attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(DIGEST_LETTERS), nullable=False),
    _at("at"),
    Index("ix_attempt_key_at", "key", "at"),
)
setting = Table("setting", metadata, _id(), Column("value", JSON), _version())

campaign = Table(
    "campaign",
    metadata,
    _id(),
    _text("title"),
    _text("description"),
    Column("envelope_soles", BigInteger, nullable=False),
    Column("phase", String(30), nullable=False),
    # the day each phase begins, as planned
    Column("phase_days", JSON, nullable=False),
    _ref("account_id", "account"),
    _at("created_at"),
    _at("updated_at"),
    _version(),
)
phase_change = Table(
    "phase_change",
    metadata,
    _id(),
    _ref("campaign_id", "campaign"),
    Column("from_phase", String(30), nullable=False),
    Column("to_phase", String(30), nullable=False),
    _at("at"),
    Column("actor", String(ID_LETTERS), nullable=False),
    Column("role", String(30), nullable=False),
    _text("reason"),
)
proposal = Table(
    "proposal",
    metadata,
    _id(),
    Column("number", Integer, nullable=False, unique=True),
    _text("title"),
    _text("description"),
    Column("kind", String(30), nullable=False),
    Column("geometry", LargeBinary, nullable=False),
    Column("srid", Integer, nullable=False),
    *[Column(name, Float, nullable=False) for name in ("min_x", "min_y", "max_x", "max_y")],
    Column("cost_min_soles", BigInteger),
    Column("cost_max_soles", BigInteger),
    _text("funds_source"),
    Column("invierte_code", String(20), nullable=False),
    _text("office"),
    Column("commitment", String(10), nullable=False),
    # drawn, imported, or the id of the draft whose site it is
    Column("origin", String(30), nullable=False),
    Column("origin_ref", String(DIGEST_LETTERS), nullable=False),
    _ref("account_id", "account"),
    Column("state", String(30), nullable=False),
    _at("state_since"),
    Column("feasibility", String(30), nullable=False),
    _text("feasibility_reason"),
    Column("feasibility_by", String(ID_LETTERS), nullable=False),
    # the zone that holds the middle of it, as the area names it
    Column("zone", String(100), nullable=False, index=True),
    _ref("campaign_id", "campaign", optional=True),
    # title and description folded: what a search by text looks in
    _text("search_text"),
    _at("created_at"),
    _at("updated_at"),
    _version(),
    # with whose it is: all that counting the readable asks for
    Index("ix_proposal_state_kind", "state", "kind", "account_id"),
    Index("ix_proposal_box", "min_x", "max_x", "min_y", "max_y"),
)
sheet = Table(
    "sheet",
    metadata,
    _id(),
    _ref("proposal_id", "proposal"),
    _at("made_at"),
    Column("geometry_sha256", String(DIGEST_LETTERS), nullable=False),
    # of every layer and parameter it was computed with
    Column("inputs_sha256", String(DIGEST_LETTERS), nullable=False),
    Column("content", JSON, nullable=False),
)
state_change = Table(
    "state_change",
    metadata,
    _id(),
    _ref("proposal_id", "proposal"),
    Column("verb", String(40), nullable=False),
    Column("from_state", String(30), nullable=False),
    Column("to_state", String(30), nullable=False),
    _at("at"),
    Column("actor", String(ID_LETTERS), nullable=False),
    Column("role", String(30), nullable=False),
    # the verdict that was given, or the comment that was hidden
    Column("detail", String(ID_LETTERS), nullable=False),
    _text("reason"),
)
document = Table(
    "document",
    metadata,
    _id(),
    _ref("proposal_id", "proposal"),
    _text("name"),
    Column("media_type", String(40), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", String(DIGEST_LETTERS), nullable=False),
    _at("at"),
    Column("actor", String(ID_LETTERS), nullable=False),
    _at("removed_at", optional=True),
    _text("removed_reason"),
)
comment = Table(
    "comment",
    metadata,
    _id(),
    _ref("proposal_id", "proposal"),
    Column("stance", String(20), nullable=False),
    _text("text"),
    _at("at"),
    _ref("account_id", "account"),
    _at("hidden_at", optional=True),
    Column("hidden_by", String(ID_LETTERS), nullable=False),
    _text("hidden_reason"),
)
support = Table(
    "support",
    metadata,
    _id(),
    _ref("proposal_id", "proposal"),
    _ref("account_id", "account"),
    _at("at"),
    UniqueConstraint("proposal_id", "account_id"),
)
sitting = Table(
    "sitting",
    metadata,
    _id(),
    Column("number", Integer, nullable=False, unique=True),
    _text("title"),
    _text("place"),
    _at("starts_at"),
    # planned, open, closed or cancelled
    Column("state", String(30), nullable=False),
    _at("opened_at", optional=True),
    # or cancelled
    _at("closed_at", optional=True),
    # why it was cancelled
    _later_text("cancel_reason"),
    # as the secretary wrote it: whoever presides need not have an account
    _later_text("presided_by"),
    # the councillors of the moment it was opened, and how many of them had to be there
    Column("members", JSON),
    Column("quorum", Integer),
    # the proposal the chamber is looking at
    Column("current_proposal_id", String(ID_LETTERS), nullable=False),
    _at("created_at"),
    _version(),
)
agenda_item = Table(
    "agenda_item",
    metadata,
    _id(),
    _ref("sitting_id", "sitting"),
    _ref("proposal_id", "proposal"),
    Column("position", Integer, nullable=False),
    # what the minutes say of the proposal, as it was at the close: title, state, deeds
    Column("at_close", JSON),
    UniqueConstraint("sitting_id", "proposal_id"),
)
attendance = Table(
    "attendance",
    metadata,
    _id(),
    _ref("sitting_id", "sitting"),
    _ref("account_id", "account"),
    _at("at"),
    UniqueConstraint("sitting_id", "account_id"),
)
ballot = Table(
    "ballot",
    metadata,
    _id(),
    _ref("proposal_id", "proposal"),
    _ref("sitting_id", "sitting", optional=True),
    Column("number", Integer, nullable=False),
    _at("opened_at"),
    _at("closes_at", optional=True),
    # who may vote: the councillors of that moment
    Column("members", JSON, nullable=False),
    Column("n_members", Integer, nullable=False),
    Column("quorum", Integer, nullable=False),
    _at("closed_at", optional=True),
    # open, approved, rejected, without_quorum, withdrawn
    Column("outcome", String(30), nullable=False),
    *[Column(name, Integer, nullable=False) for name in ("n_for", "n_against", "n_abstain")],
    # how the one who presides decided a tie, in what words, and who that was: it may change later
    Column("casting", String(20), nullable=False),
    _text("casting_reason"),
    _later_text("casting_by"),
    UniqueConstraint("proposal_id", "number"),
)
vote = Table(
    "vote",
    metadata,
    _id(),
    _ref("ballot_id", "ballot"),
    _ref("account_id", "account"),
    Column("choice", String(20), nullable=False),
    _at("at"),
    UniqueConstraint("ballot_id", "account_id"),
)
scenario = Table(
    "scenario",
    metadata,
    _id(),
    _text("title"),
    _ref("account_id", "account"),
    _at("created_at"),
    _at("updated_at"),
    _version(),
)
scenario_item = Table(
    "scenario_item",
    metadata,
    _id(),
    _ref("scenario_id", "scenario"),
    _ref("proposal_id", "proposal"),
    UniqueConstraint("scenario_id", "proposal_id"),
)
audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _at("at"),
    Column("actor", String(ID_LETTERS), nullable=False),
    Column("role", String(30), nullable=False),
    Column("verb", String(40), nullable=False),
    Column("subject", String(40), nullable=False),
    Column("subject_id", String(ID_LETTERS), nullable=False),
    Column("before", String(DIGEST_LETTERS), nullable=False),
    Column("after", String(DIGEST_LETTERS), nullable=False),
    Column("previous", String(DIGEST_LETTERS), nullable=False),
    Column("hash", String(DIGEST_LETTERS), nullable=False, unique=True),
    Index("ix_audit_subject", "subject", "subject_id", "seq"),
)
# what signing in leaves; it is no decision of the council and goes by itself
UNAUDITED = (login_session, attempt, audit)
AUDITED = tuple(table for table in metadata.sorted_tables if table not in UNAUDITED)
# columns that records written by an older program have nothing in
LATER_COLUMNS = frozenset(
    column.name for table in AUDITED for column in table.c if LATER in column.info
)
