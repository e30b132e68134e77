"""Yes or no in a column, and nothing else.

SQLite keeps any number in a column of truths. Its own SQL takes none but 1 for true, Python every
one but 0: a record with a 2 would be one thing to a query and another to the audit log.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean
from sqlalchemy import Dialect


class Flag(Boolean):
    """A truth; a stored value that is none is a `ValueError` to whoever reads it."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Return what makes a truth of a stored value."""
        del dialect, coltype
        return _truth


def _truth(value: Any) -> bool | None:
    if value not in (None, 0, 1):
        raise ValueError(f"no truth: {value!r}")
    return None if value is None else bool(value)
