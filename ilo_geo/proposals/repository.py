"""Reads and writes the council's records inside one transaction that its caller holds.

A record that is written here and its row of the audit log stand or fall together. Whoever opens
the transaction makes writers take turns (`services.council`), so the chain has one end.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import CursorResult
from sqlalchemy import Table
from sqlalchemy import func
from sqlalchemy import select

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.proposals import audit
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.tables import setting

Record = dict[str, Any]
ID, VERSION = "id", "version"
ID_BYTES = 8


def records(result: CursorResult[Any]) -> list[Record]:
    """Return the rows of an answer as records."""
    # a mapping of each row would look its columns up anew
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result]


def new_id() -> str:
    """Return an id that nobody has."""
    return secrets.token_hex(ID_BYTES)


@dataclass
class Repository:
    """The records as one transaction sees them.

    ``now`` is the moment of everything written in it, never before the last row of the log: a
    clock that was set back does not reopen what had closed.
    """

    connection: Connection
    actor: Actor
    now: datetime
    _head: audit.Head | None = None
    _read: dict[str, Any] = field(default_factory=dict)

    def find(
        self,
        table: Table,
        *where: ColumnElement[bool],
        order: Sequence[ColumnElement[Any]] = (),
        limit: int | None = None,
    ) -> list[Record]:
        """Return the records that fit, in order."""
        query = select(table).where(*where).order_by(*(order or table.primary_key)).limit(limit)
        return records(self.connection.execute(query))

    def once(self, name: str, read: Callable[[], Any]) -> Any:
        """Return what ``read`` finds, asked once until something is written here."""
        if name not in self._read:
            self._read[name] = read()
        return self._read[name]

    def first(self, table: Table, *where: ColumnElement[bool]) -> Record | None:
        """Return the one record that fits, None for none."""
        return next(iter(self.find(table, *where, limit=1)), None)

    def get(self, table: Table, record_id: str) -> Record:
        """Return a record by id.

        Raises
        ------
        NotFoundError
            There is none.
        """
        # what is no text to a database is no id either
        record = self.first(table, table.c[ID] == record_id) if record_id.isprintable() else None
        if record is None:
            raise NotFoundError("council.not_found", found=ascii(record_id[:40])[1:-1])
        return record

    def count(self, table: Table, *where: ColumnElement[bool]) -> int:
        """Return how many records fit."""
        query = select(func.count()).select_from(table).where(*where)
        return int(self.connection.execute(query).scalar_one())

    def next_number(self, table: Table) -> int:
        """Return a number that was never given, not even to a record that is gone by now."""
        kept = f"last_number_{table.name}"
        last = self.first(setting, setting.c[ID] == kept)
        if last is None:
            self.add(setting, "number", id=kept, value=1)
            return 1
        number = int(last["value"]) + 1
        self.change(setting, "number", last, value=number)
        return number

    def add(self, table: Table, verb: str, /, **values: Any) -> Record:
        """Write a new record; it gets an id unless it brings one."""
        record = {ID: new_id(), **values}
        if VERSION in table.c:
            record.setdefault(VERSION, 1)
        self.connection.execute(table.insert(), record)
        return self._told(table, verb, record[ID], None)

    def change(
        self, table: Table, verb: str, record: Record, /, *, seen: int | None = None, **values: Any
    ) -> Record:
        """Change a record that was read in this transaction.

        Parameters
        ----------
        seen
            The version that whoever asks has before them, None where it does not matter.

        Raises
        ------
        ConflictError
            Somebody else changed it since: nothing is overwritten.
        """
        if VERSION in table.c:
            if seen is not None and seen != record[VERSION]:
                raise ConflictError("council.changed_meanwhile", found=seen, now=record[VERSION])
            values[VERSION] = record[VERSION] + 1
        self.connection.execute(table.update().where(table.c[ID] == record[ID]).values(**values))
        return self._told(table, verb, record[ID], record)

    def remove(self, table: Table, verb: str, record: Record, /) -> None:
        """Take a record away; the log keeps that it was there."""
        self.connection.execute(table.delete().where(table.c[ID] == record[ID]))
        self._log(table, verb, record[ID], record, None)

    def _told(self, table: Table, verb: str, record_id: str, before: Record | None) -> Record:
        # read back: what the log digests is what the database keeps
        after = self.get(table, record_id)
        self._log(table, verb, record_id, before, after)
        return after

    def _log(
        self,
        table: Table,
        verb: str,
        record_id: str,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any] | None,
    ) -> None:
        self._read.clear()
        self._head = audit.append(
            self.connection,
            self._head or audit.head(self.connection),
            at=self.now,
            actor=self.actor.pseudonym,
            role=self.actor.role,
            verb=verb,
            subject=table.name,
            subject_id=record_id,
            before=audit.digest(before),
            after=audit.digest(after),
        )
