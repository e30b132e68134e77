"""Rows as lines of JSON and back, the same from every database, for a backup.

Reading is strict: a line has the columns of its table and no other, each of its type and length. So
a database that takes anything gets nothing that another would refuse.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import Column
from sqlalchemy import Float
from sqlalchemy import Integer
from sqlalchemy import LargeBinary
from sqlalchemy import String
from sqlalchemy import Table

from ilo_geo.proposals.tables import LATER_COLUMNS
from ilo_geo.proposals.tables import Instant
from ilo_geo.proposals.tables import instant_of
from ilo_geo.proposals.tables import instant_text

INTEGER_BITS = {BigInteger: 63, Integer: 31}


def row_line(row: Mapping[str, Any]) -> bytes:
    """Return a row as one line of JSON in UTF-8."""
    text = json.dumps(
        row, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
    )
    return text.encode() + b"\n"


def row_of(table: Table, line: bytes) -> dict[str, Any]:
    """Return the row of a line.

    Raises
    ------
    ValueError
        It is no row of this table; the message names the column.
    """
    try:
        told = json.loads(line, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    columns = set(table.c.keys())
    if not isinstance(told, dict) or not columns - LATER_COLUMNS <= told.keys() <= columns:
        raise ValueError("columns")
    return {column.name: _value(column, told.get(column.name)) for column in table.c}


def _value(column: Column[Any], told: Any) -> Any:
    if told is None:
        # JSON keeps its own null, which is a value
        if not column.nullable and not isinstance(column.type, JSON):
            raise ValueError(column.name)
        return None
    value = _of_type(column, told)
    if value is None:
        raise ValueError(column.name)
    return value


def _of_type(column: Column[Any], told: Any) -> Any:
    """Return a value as its column takes it, None where it does not."""
    kind = column.type
    if isinstance(kind, JSON):
        return told
    if isinstance(kind, Boolean):
        return told if isinstance(told, bool) else None
    if isinstance(kind, Integer):
        bits = INTEGER_BITS[BigInteger if isinstance(kind, BigInteger) else Integer]
        fits = type(told) is int and -(1 << bits) <= told < 1 << bits
        return told if fits else None
    if isinstance(kind, Float):
        return float(told) if type(told) in (int, float) else None
    return _of_text(kind, told) if isinstance(told, str) else None


def _of_text(kind: Any, told: str) -> Any:
    if isinstance(kind, LargeBinary):
        return bytes.fromhex(told)
    if isinstance(kind, Instant):
        # another way to write it would be another digest
        return instant_of(told)
    # NUL ends a text of PostgreSQL, half a pair of surrogates is no text at all
    told.encode()
    fits = isinstance(kind, String) and (kind.length is None or len(told) <= kind.length)
    return told if fits and "\0" not in told else None


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    raise TypeError(type(value).__name__)


def _refuse(name: str) -> float:
    raise ValueError(name)
