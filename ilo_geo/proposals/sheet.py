"""The technical sheet of a proposal: figures with their interval, formula and provenance.

A sheet is what is stored and printed: it holds its own words in both languages, so that a sheet of
last year reads as it did when the council had it before them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.layer import LayerRef
from ilo_geo.core.layer import Status
from ilo_geo.core.results import plain
from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.core.units import peru_number

HAZARDS, PEOPLE, GREEN = "hazards", "people", "green"
WATER, RESPONSE, CONFLICTS = "water", "response", "conflicts"
GROUPS = (HAZARDS, PEOPLE, GREEN, WATER, RESPONSE, CONFLICTS)
# of a sheet stored before figures said what their ends are of
BETWEEN = Text(es="entre {low} y {high}", en="between {low} and {high}")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Figure(_Frozen):
    """One figure of a sheet.

    Attributes
    ----------
    id, group
        What it is, unique in its sheet, and the part of the sheet it belongs to.
    value, low, high
        In ``unit``; None where nobody can say. Both ends only where there is an interval.
    ends
        What ``{low}`` and ``{high}`` are of: the range over the shape, or how sure it is.
    decimals
        With how many it is shown.
    level, level_low, level_high, certainty
        Of a hazard or a class of time: ids of the planner's own classes.
    explanation
        What it counts, for whom, and what it leaves out.
    note
        What must be read with the value, not only behind it.
    formula
        How it is computed.
    layers
        Ids of the layers it stands on, described in `Sheet.layers`.
    norms
        Sources of the thresholds and prices in it, each with how it was seen (V, V2, NV, CALC).
    missing
        Layers without which it cannot be told; then it has no value.
    without
        Layers without which it is told all the same, from the others.
    level_titles
        Names of the levels it has, by id.
    """

    id: str
    group: str
    title: Text
    unit: Text | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    ends: Text | None = None
    decimals: int = 0
    level: str | None = None
    level_low: str | None = None
    level_high: str | None = None
    certainty: str | None = None
    explanation: Text
    note: Text | None = None
    formula: Text
    layers: tuple[str, ...] = ()
    norms: tuple[str, ...] = ()
    missing: tuple[Text, ...] = ()
    without: tuple[Text, ...] = ()
    level_titles: dict[str, Text] = {}

    @property
    def is_told(self) -> bool:
        """Return whether it says anything: a value, a level, or between which values it lies."""
        return any(part is not None for part in (self.value, self.level, self.low))

    def interval(self, lang: Lang) -> str:
        """Return its two ends and what they are of, nothing where there is no interval."""
        if self.low is None or self.high is None or self.low == self.high:
            return ""
        low, high = (peru_number(end, self.decimals) for end in (self.low, self.high))
        return (self.ends or BETWEEN).format(lang, low=low, high=high)


class LayerNote(_Frozen):
    """Where a layer of a sheet comes from, and how far it can be trusted."""

    layer: str
    title: Text
    source: str
    date: str
    status: Status
    accuracy_m: float | None
    sha256: str

    @classmethod
    def of(cls, ref: LayerRef) -> LayerNote:
        """Return the note of a layer's provenance entry."""
        return cls(**ref.model_dump(include=set(cls.model_fields)))


class Sheet(_Frozen):
    """The figures of a shape and kind, in the order of their groups.

    Attributes
    ----------
    kind, shape
        Kind of the proposal; point, line or polygon.
    area_m2, length_m
        Of the shape.
    zone
        Id of the finest zone that holds its middle, empty outside all.
    titles
        Name of each group.
    figures
        In order.
    layers
        Every layer a figure stands on.
    parameters
        What was assumed: every parameter of the analyses used, by its name.
    configuration_sha256, rules_sha256, neighbours_sha256
        Fingerprints of the city's configuration, of the rules it was computed by, and of the other
        proposals it was held against.
    """

    kind: str
    shape: str
    area_m2: float
    length_m: float
    zone: str
    titles: dict[str, Text]
    figures: tuple[Figure, ...]
    layers: tuple[LayerNote, ...]
    parameters: dict[str, str | float | int | None]
    configuration_sha256: str
    rules_sha256: str
    neighbours_sha256: str

    def __getitem__(self, figure_id: str) -> Figure:
        """Return a figure by id; a sheet without it raises `KeyError`."""
        found = self.get(figure_id)
        if found is None:
            raise KeyError(figure_id)
        return found

    def get(self, figure_id: str) -> Figure | None:
        """Return a figure by id, None where the sheet has none."""
        return next((one for one in self.figures if one.id == figure_id), None)

    def group(self, group: str) -> tuple[Figure, ...]:
        """Return the figures of a group."""
        return tuple(one for one in self.figures if one.group == group)

    def sources_of(self, figure: Figure) -> tuple[LayerNote, ...]:
        """Return where the layers of a figure come from."""
        return tuple(note for note in self.layers if note.layer in figure.layers)

    @property
    def modelled_layers(self) -> tuple[Text, ...]:
        """Return the titles of the layers that are modelled, not surveyed."""
        return tuple(note.title for note in self.layers if note.status is Status.MODELLED)

    def document(self, lang: Lang) -> list[dict[str, Any]]:
        """Return a row a figure in one language, for paper and open data."""
        return [self._row(figure, lang) for figure in self.figures]

    def _row(self, figure: Figure, lang: Lang) -> dict[str, Any]:
        return {
            "group": self.titles[figure.group].in_(lang),
            "id": figure.id,
            "title": figure.title.in_(lang),
            "value": figure.value,
            "low": figure.low,
            "high": figure.high,
            "interval": figure.interval(lang),
            "unit": figure.unit.in_(lang) if figure.unit else "",
            "level": figure.level or "",
            "certainty": figure.certainty or "",
            "note": figure.note.in_(lang) if figure.note else "",
            "explanation": figure.explanation.in_(lang),
            "formula": figure.formula.in_(lang),
            "missing": "; ".join(title.in_(lang) for title in figure.missing),
            "sources": "; ".join(_cited(note, lang) for note in self.sources_of(figure)),
            "norms": "; ".join(figure.norms),
        }


def _cited(note: LayerNote, lang: Lang) -> str:
    return f"{note.title.in_(lang)} ({note.source}, {note.date}, {note.status.value})"


def content_of(sheet: Sheet) -> dict[str, Any]:
    """Return a sheet as JSON's own types: equal for equal inputs, floats to nine digits."""
    content: dict[str, Any] = plain(sheet.model_dump(mode="json"))
    return content


def sheet_from(content: dict[str, Any]) -> Sheet:
    """Return a sheet from what was stored."""
    return Sheet.model_validate(content)


def notes_of(refs: Iterable[LayerRef]) -> tuple[LayerNote, ...]:
    """Return the notes of layers, each once, by their id."""
    return tuple(LayerNote.of(ref) for ref in sorted({r.layer: r for r in refs}.values(), key=_id))


def _id(ref: LayerRef) -> str:
    return ref.layer
