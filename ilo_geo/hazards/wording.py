"""Titles of zones with their figures filled in."""

from __future__ import annotations

from ilo_geo.core.text import Text


def filled(title: Text, **fields: str) -> Text:
    """Return ``title`` with its ``{fields}`` filled in, in both languages."""
    return Text(es=title.format("es", **fields), en=title.format("en", **fields))
