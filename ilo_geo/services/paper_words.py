"""Words, moments, sums and addresses as the council's papers write them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from ilo_geo.core.errors import InputError
from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.core.text import key_of
from ilo_geo.core.text import load_package_yaml
from ilo_geo.core.units import MISSING
from ilo_geo.core.units import peru_number
from ilo_geo.proposals.rulebook import rulebook

# where readers reach the planner; a paper that leaves the house must not name a host by guess
ENV_PUBLIC_URL = "ILO_GEO_PUBLIC_URL"


@cache
def _words() -> dict[str, dict[str, Text]]:
    table = load_package_yaml("ilo_geo.services", "papers.yaml")
    return {part: {key: Text(**text) for key, text in of.items()} for part, of in table.items()}


@dataclass(frozen=True)
class Words:
    """The words of one part of ``papers.yaml`` in one language."""

    lang: Lang
    part: str

    def __call__(self, key: str, **fields: Any) -> str:
        """Return the text of ``key`` with its fields filled in, that of one where ``n`` is 1."""
        known = _words()[self.part]
        return known[key_of(known, key, fields)].format(self.lang, **fields)


def moment(at: datetime | None) -> str:
    """Return a moment by the city's clock: ``dd/mm/aaaa HH:MM``."""
    return MISSING if at is None else f"{at.astimezone(rulebook().zone):%d/%m/%Y %H:%M}"


def soles(low: int | None, high: int | None, lang: Lang) -> str:
    """Return a cost or its range in words, nothing where nobody said."""
    words = Words(lang, "common")
    if low is None or high is None:
        return ""
    if low == high:
        return words("soles", n=peru_number(low))
    return words("soles_range", low=peru_number(low), high=peru_number(high))


def public_address(asked: str | None = None) -> str | None:
    """Return where readers reach the planner: what is configured, else ``asked``, else None.

    Parameters
    ----------
    asked
        The address a reader used, such as ``https://ilo.example/``.

    Raises
    ------
    InputError
        What is configured is no address of a web site.
    """
    found = os.environ.get(ENV_PUBLIC_URL, "").strip() or asked
    if not found:
        return None
    parts = urlsplit(found)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise InputError("paper.public_url", where=ENV_PUBLIC_URL, found=found[:80])
    return found.rstrip("/")
