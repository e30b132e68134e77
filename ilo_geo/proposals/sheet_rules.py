"""What ``sheet.yaml`` says: the words of each figure, and what is asked of each kind."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from typing import Any
from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.parameters import Verified
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml
from ilo_geo.proposals.sheet import Figure

# raised whenever the rules in code give another figure for the same inputs
RULES_VERSION = 3
BY_WALK, BY_SIGHT, BY_DRIVE = "walk", "sight", "drive"
BY_FLIGHT, BY_ROOM, BY_NONE = "flight", "room", "none"
AS_GREEN, AS_SPORT = "green", "sport"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(_Data):
    """The words of a figure; ``{fields}`` are filled in.

    ``ends`` names what its interval is of; ``unit_one`` is the unit of one.
    """

    group: str
    title: Text
    ends: str | None = None
    unit: Text | None = None
    unit_one: Text | None = None
    decimals: int = 0
    explanation: Text
    formula: Text


class Parameter(_Data):
    """A figure that is assumed, with its source."""

    value: float
    source: str
    verified: Verified

    @property
    def cited(self) -> str:
        """Return the source with how it was seen."""
        return f"{self.source} ({self.verified})"


class KindRules(_Data):
    """What is asked of a kind of proposal.

    Attributes
    ----------
    serves
        How whom it serves is counted; ``none`` where no rule says.
    counts_as
        What it adds in the green analysis, None for nothing.
    park_type
        Type of ``types.yaml`` that says what it drinks; ``auto`` chosen by place and size; None
        for what is not watered; ``unknown`` where the kind does not say how it is covered.
    occupies
        Whether it takes the ground, so that no other that does can lie there.
    rules
        Exclusion rules of the search for parks that are asked of it; ``all`` for every one.
    """

    serves: Literal["walk", "sight", "drive", "flight", "room", "none"]
    counts_as: Literal["green", "sport"] | None = None
    park_type: str | None = None
    occupies: bool = False
    rules: tuple[str, ...] = ()


class SheetRules(_Data):
    """Everything in ``sheet.yaml``."""

    groups: dict[str, Text]
    levels: dict[str, Text]
    parameters: dict[str, Parameter]
    kinds: dict[str, KindRules]
    live_states: tuple[str, ...]
    served_nobody: Text
    no_area: Text
    no_street: Text
    words: dict[str, Text]
    ends: dict[str, Text]
    without: Text
    figures: dict[str, Words]


@cache
def sheet_rules() -> SheetRules:
    """Return what ``sheet.yaml`` says."""
    return SheetRules.model_validate(load_package_yaml("ilo_geo.proposals", "sheet.yaml"))


def rules_sha256(*others: str) -> str:
    """Return the fingerprint of the rules: this file's, those of ``others``, and of the code."""
    said = (str(RULES_VERSION), sheet_rules().model_dump_json(), *others)
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def figure(
    name: str,
    value: float | None = None,
    low: float | None = None,
    high: float | None = None,
    *,
    figure_id: str | None = None,
    layers: Iterable[str] = (),
    norms: Iterable[str] = (),
    missing: Iterable[Text] = (),
    without: Iterable[Text] = (),
    said: Text | None = None,
    fields: dict[str, Any] | None = None,
    group: str | None = None,
    **more: Any,
) -> Figure:
    """Return a figure with the words of ``name``.

    Parameters
    ----------
    figure_id
        Where the words serve several figures; ``name`` by default.
    missing, without
        Layers without which it cannot be told; layers without which it is told all the same, which
        the explanation says.
    said
        An explanation in the place of the usual one.
    fields
        What is filled into the words.
    group
        Another group than that of the words.
    more
        Levels and certainty.
    """
    words, given = sheet_rules().figures[name], fields or {}
    known = [more.get(one) for one in ("level", "level_low", "level_high")]
    return Figure(
        id=figure_id or name,
        group=group or words.group,
        title=filled(words.title, given),
        unit=words.unit_one if words.unit_one and value == 1 else words.unit,
        value=value,
        low=low,
        high=high,
        ends=sheet_rules().ends[words.ends] if words.ends else None,
        decimals=words.decimals,
        explanation=_told(said or filled(words.explanation, given), tuple(without)),
        formula=filled(words.formula, given),
        layers=tuple(dict.fromkeys(layers)),
        norms=tuple(dict.fromkeys(norms)),
        missing=tuple(missing),
        without=tuple(without),
        level_titles={one: sheet_rules().levels[one] for one in known if one},
        **more,
    )


def _told(text: Text, without: tuple[Text, ...]) -> Text:
    """Return an explanation that names the layers that are lacking."""
    if not without:
        return text
    return together((text, filled(sheet_rules().without, {"layers": without})))


def together(texts: tuple[Text, ...]) -> Text:
    """Return texts one after the other as one."""
    return Text(es=" ".join(one.es for one in texts), en=" ".join(one.en for one in texts))


def filled(text: Text, fields: dict[str, Any]) -> Text:
    """Return a text with its fields filled in, in both languages."""
    return Text(es=text.format("es", **fields), en=text.format("en", **fields))
