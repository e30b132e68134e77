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
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import select

from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.tables import AUDITED
from ilo_geo.proposals.tables import LATER_COLUMNS
from ilo_geo.proposals.tables import audit
from ilo_geo.proposals.tables import instant_text

START = "0" * 64
NOTHING = ""
ROWS_AT_ONCE = 2_000
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


def first_broken(connection: Connection) -> Broken | None:
    """Return the first thing that does not hold, None where all does."""
    latest: dict[tuple[str, str], tuple[str, int]] = {}
    last = Head(0, START, None)
    for row in _streamed(connection, select(audit).order_by(audit.c.seq)):
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
    return _first_contradicted(connection, latest)


def _first_contradicted(
    connection: Connection, latest: dict[tuple[str, str], tuple[str, int]]
) -> Broken | None:
    """Return the record that is not as the log left it, the one told of first in the log."""
    found: list[Broken] = []
    for table in AUDITED:
        present: set[str] = set()
        for record in _streamed(connection, select(table)):
            present.add(record["id"])
            after, seq = latest.get((table.name, record["id"]), (None, None))
            if after != digest(record):
                reason = "audit.record_unknown" if seq is None else "audit.record_changed"
                found.append(Broken(reason, seq, table.name, record["id"]))
        found += [
            Broken("audit.record_gone", seq, name, record_id)
            for (name, record_id), (after, seq) in latest.items()
            if name == table.name and after != NOTHING and record_id not in present
        ]
    return min(found, key=lambda one: (one.seq or 0, one.subject, one.subject_id), default=None)


def _streamed(connection: Connection, query: Select[Any]) -> Iterator[dict[str, Any]]:
    options = {"yield_per": ROWS_AT_ONCE}
    with connection.execute(query, execution_options=options) as result:
        for row in result.mappings():
            yield dict(row)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(bytes(value)).hexdigest()
    raise TypeError(type(value).__name__)
