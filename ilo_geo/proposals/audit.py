"""The audit log: a chain of rows in which each holds the hash of the one before.

``hash = SHA-256(canonical JSON of the row without its hash)``, ``previous`` being the hash of the
row before (64 zeros at the start). ``before`` and ``after`` are digests of the record a verb
changed, so a record that was changed past the log no longer has the digest the log says it has.
Whoever removes rows from the end together with what they wrote is found out by a head that was
printed before, in the minutes of a sitting.

Times never go back, but at a row that says so: a clock that had been ahead was put right.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Table
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.tables import AUDITED
from ilo_geo.proposals.tables import LATER_COLUMNS
from ilo_geo.proposals.tables import audit
from ilo_geo.proposals.tables import instant_text

Rows = Iterator[tuple[Any, dict[str, Any] | None]]
Reader = Callable[[Connection, Table], Rows]
START = "0" * 64
NOTHING = ""
ROWS_AT_ONCE = 2_000
# what reading raises of a value that its column cannot hold, and SQLite of a text that is none
UNREADABLE = (ValueError, OperationalError)
NO_TEXT = "Could not decode to UTF-8"
# what is done to the log itself: a clock put right, records brought back in the place of others
SET_CLOCK, RESTORE = "set_clock", "restore"
SUBJECT_LETTERS = 16


@dataclass(frozen=True)
class Head:
    """The last row of the chain: how many there are, its hash and its time."""

    seq: int
    hash: str
    at: datetime | None


@dataclass(frozen=True)
class Broken:
    """The first thing that does not hold: a row of the log, or a record the log contradicts.

    ``reason`` is a code of ``messages.yaml``; ``seq`` the row of the log, None for a record that
    no row of the log speaks of.
    """

    reason: str
    seq: int | None
    subject: str
    subject_id: str


def canonical(value: Mapping[str, Any]) -> str:
    """Return a record as text that is the same on every database."""
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"),
        default=_plain,
    )  # fmt: skip


def digest(record: Mapping[str, Any] | None) -> str:
    """Return the fingerprint of a record, nothing for none.

    A column that came later and holds nothing is left out: a record keeps the fingerprint it had.
    """
    if record is None:
        return NOTHING
    told = {
        name: value
        for name, value in record.items()
        if value is not None or name not in LATER_COLUMNS
    }
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def head(connection: Connection) -> Head:
    """Return the end of the chain."""
    query = select(audit.c.seq, audit.c.hash, audit.c.at).order_by(audit.c.seq.desc()).limit(1)
    row = connection.execute(query).first()
    return Head(0, START, None) if row is None else Head(row.seq, row.hash, row.at)


def append(connection: Connection, last: Head, **told: Any) -> Head:
    """Write the next row of the chain and return the new end."""
    row = {"seq": last.seq + 1, "previous": last.hash, **told}
    row["hash"] = digest(row)
    connection.execute(audit.insert(), row)
    return Head(row["seq"], row["hash"], row["at"])


def append_of_itself(
    connection: Connection, last: Head, verb: str, subject: str, actor: Actor, at: datetime
) -> Head:
    """Write what is done to the log itself.

    Parameters
    ----------
    verb
        `SET_CLOCK` or `RESTORE`.
    subject
        The hash of the end of the log that it is done to; its first letters are kept.
    """
    return append(
        connection,
        last,
        at=at,
        actor=actor.pseudonym,
        role=actor.role,
        verb=verb,
        subject=audit.name,
        subject_id=subject[:SUBJECT_LETTERS],
        before=NOTHING,
        after=NOTHING,
    )


def end_as_told(connection: Connection) -> Head:
    """Return the end of the chain to be shown, without what cannot be read of it."""
    try:
        return head(connection)
    except UNREADABLE as error:
        _require_unreadable(error)
        seq = connection.execute(select(func.max(audit.c.seq))).scalar_one()
        return Head(seq, NOTHING, None)


def first_broken(connection: Connection) -> Broken | None:
    """Return the first thing that does not hold, None where all does.

    A row that cannot be read is one that was changed: the program writes none.
    """
    try:
        return _first_broken(connection, _streamed)
    except UNREADABLE as error:
        _require_unreadable(error)
        # which one it is shows row by row
        return _first_broken(connection, _one_by_one)


def _first_broken(connection: Connection, read: Reader) -> Broken | None:
    latest: dict[tuple[str, str], tuple[str, int]] = {}
    last = Head(0, START, None)
    for seq, row in read(connection, audit):
        if row is None:
            return Broken("audit.row_changed", seq, audit.name, "")
        told = {name: value for name, value in row.items() if name != "hash"}
        place = row["seq"], row["subject"], row["subject_id"]
        if row["seq"] != last.seq + 1:
            return Broken("audit.row_missing", last.seq + 1, "", "")
        if row["previous"] != last.hash or row["hash"] != digest(told):
            return Broken("audit.row_changed", *place)
        goes_back = last.at is not None and row["at"] < last.at
        if goes_back and row["verb"] != SET_CLOCK:
            return Broken("audit.time_backwards", *place)
        if latest.get(place[1:], (NOTHING, 0))[0] != row["before"]:
            return Broken("audit.before_differs", *place)
        latest[place[1:]] = (row["after"], row["seq"])
        last = Head(row["seq"], row["hash"], row["at"])
    return _first_contradicted(connection, latest, read)


def _first_contradicted(
    connection: Connection, latest: dict[tuple[str, str], tuple[str, int]], read: Reader
) -> Broken | None:
    """Return the record that is not as the log left it, the one told of first in the log."""
    found: list[Broken] = []
    for table in AUDITED:
        present: set[str] = set()
        for record_id, record in read(connection, table):
            present.add(record_id)
            after, seq = latest.get((table.name, record_id), (None, None))
            if record is None or after != digest(record):
                reason = "audit.record_unknown" if seq is None else "audit.record_changed"
                found.append(Broken(reason, seq, table.name, record_id))
        found += [
            Broken("audit.record_gone", seq, name, record_id)
            for (name, record_id), (after, seq) in latest.items()
            if name == table.name and after != NOTHING and record_id not in present
        ]
    return min(found, key=lambda one: (one.seq or 0, one.subject, one.subject_id), default=None)


def _require_unreadable(error: Exception) -> None:
    """Let an error pass that is of the database, not of what stands in it."""
    if isinstance(error, OperationalError) and NO_TEXT not in str(error):
        raise error


def _streamed(connection: Connection, table: Table) -> Rows:
    """Yield the key and the row of each, in the order of keys."""
    (key,) = table.primary_key.columns
    options = {"yield_per": ROWS_AT_ONCE}
    with connection.execute(select(table).order_by(key), execution_options=options) as result:
        for row in result.mappings():
            yield row[key.name], dict(row)


def _one_by_one(connection: Connection, table: Table) -> Rows:
    """Yield the same, None in the place of a row that cannot be read or written out again."""
    (key,) = table.primary_key.columns
    for one in connection.execute(select(key).order_by(key)).scalars().all():
        try:
            row = dict(connection.execute(select(table).where(key == one)).mappings().one())
            digest(row)
        except UNREADABLE as error:
            _require_unreadable(error)
            yield one, None
        else:
            yield one, row


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(bytes(value)).hexdigest()
    raise TypeError(type(value).__name__)
