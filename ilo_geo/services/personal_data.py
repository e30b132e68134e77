"""What is held of a person (Ley 29733): all of it, as one document, for that person.

The tables are asked, not listed: a table that comes later and names an account or a pseudonym is in
it from its first day. Of what a person did to somebody else's record only that is told, in their
own words: the record itself is the other's.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import Table
from sqlalchemy import or_

from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import account
from ilo_geo.proposals.tables import audit
from ilo_geo.proposals.tables import instant_text
from ilo_geo.proposals.tables import metadata
from ilo_geo.services.council import Council

OF_ACCOUNT = ("account_id", "created_by")
OF_PSEUDONYM = ("actor", "hidden_by", "feasibility_by")
# what an act on another's record leaves in it: when, and in whose words
OF_ACT = {
    "hidden_by": ("id", "hidden_at", "hidden_reason"),
    "feasibility_by": ("id", "number", "feasibility", "feasibility_reason"),
}
# keys to an account, not facts about its owner; that they are held is said
WITHHELD = ("password_hash", "salt", "token_sha256")


def held_of(council: Council, account_id: str) -> dict[str, Any]:
    """Return every record of a person by table; keys to the account as ``true``.

    Raises
    ------
    NotFoundError
        There is no such account.
    """
    with council.reading(system) as repo:
        found = repo.get(account, account_id)
        held = {account.name: [_plain(found)]}
        for table in metadata.sorted_tables:
            mine = _mine(table, account_id, found["pseudonym"])
            order = (table.c.seq,) if table is audit else ()
            if mine:
                rows = repo.find(table, or_(*mine), order=order)
                told = [_own(row, account_id, found["pseudonym"]) for row in rows]
                held |= {table.name: [_plain(row) for row in told]} if rows else {}
    return held


def written(held: dict[str, Any]) -> str:
    """Return it as JSON to read."""
    return json.dumps(held, ensure_ascii=False, indent=2)


def _mine(table: Table, account_id: str, pseudonym: str) -> list[ColumnElement[bool]]:
    by_account = [table.c[name] == account_id for name in OF_ACCOUNT if name in table.c]
    return by_account + [table.c[name] == pseudonym for name in OF_PSEUDONYM if name in table.c]


def _own(row: dict[str, Any], account_id: str, pseudonym: str) -> dict[str, Any]:
    """Return a record of a person's own, and of another's what the person did to it."""
    if account_id in (row.get(name) for name in OF_ACCOUNT) or row.get("actor") == pseudonym:
        return row
    acts = [name for name in OF_ACT if row.get(name) == pseudonym]
    named = {name for act in acts for name in (act, *OF_ACT[act])}
    return {name: value for name, value in row.items() if name in named} if acts else row


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _said(name, value) for name, value in row.items()}


def _said(name: str, value: Any) -> Any:
    if name in WITHHELD:
        return value is not None
    if isinstance(value, datetime):
        return instant_text(value)
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value
