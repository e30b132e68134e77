"""The technical sheet on paper: every figure with its interval, formula, sources and status."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass

from ilo_geo.core.layer import LayerRef
from ilo_geo.core.layer import Status
from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.core.units import MISSING
from ilo_geo.core.units import peru_date
from ilo_geo.core.units import peru_number
from ilo_geo.hazards.levels import hazard_levels
from ilo_geo.io.document import Block
from ilo_geo.io.document import Column
from ilo_geo.io.document import Heading
from ilo_geo.io.document import Prose
from ilo_geo.io.document import Table
from ilo_geo.io.document import Value
from ilo_geo.io.legend import word
from ilo_geo.proposals.sheet import Figure
from ilo_geo.proposals.sheet import LayerNote
from ilo_geo.proposals.sheet import Sheet
from ilo_geo.proposals.sheet_rules import sheet_rules
from ilo_geo.security.patrol.rules import patrol_rules
from ilo_geo.services.dossier_data import Dossier
from ilo_geo.services.dossier_data import SheetPart
from ilo_geo.services.paper_words import Words
from ilo_geo.services.paper_words import moment

# position of the level in a row of the sheet
LEVEL = 5


def sheet_blocks(
    dossier: Dossier, part: SheetPart | None, lang: Lang, *, level: int = 1
) -> Iterator[Block]:
    """Yield the technical sheet of a proposal, or that there is none.

    Layers are cited by their number in the table of provenance.
    """
    w = Words(lang, "dossier")
    yield Heading(w("sheet"), level)
    if part is None:
        yield Prose(w("no_sheet"))
        return
    at = moment(part.made_at)
    if part.stale:
        changed = ", ".join(part.changed_layers) or MISSING
        yield Prose(w("stale", at=at, layers=changed), "warning")
    else:
        yield Prose(w("made_at", at=at), "small")
    sheet, cited = part.sheet, _numbers(dossier)
    for group, title in sheet.titles.items():
        figures = sheet.group(group)
        if figures:
            yield _group(title, sheet, figures, cited, lang)


def _numbers(dossier: Dossier) -> dict[tuple[str, str], int]:
    """Return the number of each layer in the table of provenance."""
    return {(note.layer, note.sha256): n for n, note in enumerate(notes_of(dossier), start=1)}


def _group(
    title: Text,
    sheet: Sheet,
    figures: tuple[Figure, ...],
    cited: dict[tuple[str, str], int],
    lang: Lang,
) -> Table:
    w = Words(lang, "dossier")
    columns = (
        Column(w("figure"), 2.4, "strong"),
        Column(w("value"), 1.05, "number"),
        Column(w("low"), 1.05, "number"),
        Column(w("high"), 1.05, "number"),
        Column(w("unit"), 1.7),
        Column(w("level"), 1.5),
        Column(w("status"), 1.45),
        Column(w("method"), 5.2),
    )
    rows = [_row(sheet, figure, cited, lang) for figure in figures]
    # most groups know no levels
    kept = [n for n in range(len(columns)) if n != LEVEL or any(row[LEVEL] for row in rows)]
    return Table(
        id=figures[0].group,
        title=title.in_(lang),
        columns=tuple(columns[n] for n in kept),
        rows=tuple(tuple(row[n] for n in kept) for row in rows),
        empty=w("no_sheet"),
        layout="noted",
        modelled=frozenset(n for n, one in enumerate(figures) if is_modelled(sheet, one)),
    )


def sheet_rows(sheet: Sheet, lang: Lang) -> list[dict[str, Value]]:
    """Return a row a figure, its status among them, for a file of data."""
    return [
        {**row, "status": weakest(sheet.sources_of(figure)) or ""}
        for row, figure in zip(sheet.document(lang), sheet.figures, strict=True)
    ]


def weakest(notes: tuple[LayerNote, ...]) -> str | None:
    """Return the status of the layer that can be trusted least."""
    status = max((note.status for note in notes), key=lambda s: s.rank, default=None)
    return status and status.value


def is_modelled(sheet: Sheet, figure: Figure) -> bool:
    """Return whether a figure stands on a modelled layer."""
    return any(note.status is Status.MODELLED for note in sheet.sources_of(figure))


def _row(
    sheet: Sheet, figure: Figure, cited: dict[tuple[str, str], int], lang: Lang
) -> tuple[Value, ...]:
    notes = sheet.sources_of(figure)
    status = weakest(notes)
    return (
        figure.title.in_(lang),
        *(_rounded(v, figure) for v in (figure.value, figure.low, figure.high)),
        figure.unit.in_(lang) if figure.unit else "",
        level_line(figure, lang),
        word("statuses", status, lang) if status else "",
        _method(figure, notes, cited, lang),
    )


def level_line(figure: Figure, lang: Lang) -> str:
    """Return the class of a figure, or between which classes it may lie, and how sure it is."""
    low, high = figure.level_low, figure.level_high
    if low and high and low != high:
        words = Words(lang, "dossier")
        ends = {"low": level_title(low).in_(lang), "high": level_title(high).in_(lang)}
        told = words("levels", **ends)
    else:
        told = level_title(figure.level).in_(lang) if figure.level else ""
    if figure.certainty is None:
        return told
    known = {one.id: one.title for one in hazard_levels().outlines}
    sure = known.get(figure.certainty)
    return " · ".join(part for part in (told, sure and sure.in_(lang)) if part)


def level_title(level: str) -> Text:
    """Return the name of a class of hazard, of time or of conflict; its id where it has none."""
    known = {
        **sheet_rules().levels,
        **{one.id: one.title for one in patrol_rules().classes},
        **{one.id: one.title for one in (*hazard_levels().levels, hazard_levels().missing)},
    }
    return known.get(level, Text(es=level, en=level))


def _rounded(value: float | None, figure: Figure) -> Value:
    return None if value is None else round(value, figure.decimals)


def _method(
    figure: Figure,
    notes: tuple[LayerNote, ...],
    cited: dict[tuple[str, str], int],
    lang: Lang,
) -> str:
    """Return what a figure counts, how it is computed, and from what."""
    w = Words(lang, "dossier")
    lines = [figure.explanation.in_(lang), w("formula", text=figure.formula.in_(lang))]
    told = (figure.interval(lang), figure.note.in_(lang) if figure.note else "")
    lines[:0] = [line for line in told if line]
    if figure.missing:
        key = "missing" if figure.value is None else "without"
        lines.insert(0, w(key, text=", ".join(t.in_(lang) for t in figure.missing)))
    if notes:
        named = ", ".join(f"{n.title.in_(lang)} [{cited[n.layer, n.sha256]}]" for n in notes)
        lines.append(w("sources", text=named))
    if figure.norms:
        lines.append(w("norms", text="; ".join(figure.norms)))
    return "\n".join(lines)


def trust_blocks(dossier: Dossier, lang: Lang) -> Iterator[Block]:
    """Yield what is modelled, how sure the figures are, and where the data come from."""
    w = Words(lang, "dossier")
    yield Heading(w("trust"))
    yield Heading(w("modelled_title"), 2)
    modelled = ", ".join(title.in_(lang) for title in dossier.modelled_layers)
    mark = Words(lang, "common")("mark")
    yield Prose(w("modelled", layers=modelled, mark=mark) if modelled else w("not_modelled"))
    yield Heading(w("uncertainty"), 2)
    yield from _uncertainty(dossier, lang)
    yield provenance(notes_of(dossier), lang)


@dataclass(frozen=True)
class _Told:
    """A figure in the words on uncertainty."""

    title: str
    value: float | None
    low: float | None
    high: float | None
    decimals: int
    unit: str
    modelled: bool
    lacks_data: bool = False
    interval: str = ""

    @property
    def kind(self) -> str:
        """Return whether it has an interval, one of no width, none, or no value at all."""
        if self.value is None and self.low is None:
            return "unknown" if self.lacks_data else "untold"
        if self.low is None or self.high is None:
            return "points"
        low, high = (round(end, self.decimals) for end in (self.low, self.high))
        return "coincide" if low == high else "intervals"

    def between(self, lang: Lang) -> str:
        """Return between which values it lies, and why where that is known."""
        if self.interval:
            return f"{self.title}: {self.interval} {self.unit}".rstrip()
        low, high = (peru_number(v, self.decimals) for v in (self.low, self.high))
        words = Words(lang, "dossier")
        return words("between", title=self.title, low=low, high=high, unit=self.unit).rstrip()


def _figures(dossier: Dossier, lang: Lang) -> Iterator[_Told]:
    several = len(dossier.proposals) > 1
    for part in dossier.proposals:
        sheet = part.sheet.sheet if part.sheet else None
        for one in sheet.figures if sheet else ():
            title = one.title.in_(lang)
            yield _Told(
                f"{part.number}: {title}" if several else title,
                *(one.value, one.low, one.high, one.decimals),
                one.unit.in_(lang) if one.unit else "",
                sheet is not None and is_modelled(sheet, one),
                bool(one.missing),
                one.interval(lang) if one.ends else "",
            )
    modelled = any(note.status is Status.MODELLED for note in dossier.layers)
    for measure in dossier.scenario.measures if dossier.scenario else ():
        values = (measure.after, measure.low, measure.high, measure.decimals)
        yield _Told(measure.title.in_(lang), *values, measure.unit.in_(lang), modelled)


def _uncertainty(dossier: Dossier, lang: Lang) -> Iterator[Prose]:
    """Yield in words what is open: figures with an interval, without one, and without a value."""
    w, figures = Words(lang, "dossier"), list(_figures(dossier, lang))
    for key in ("intervals", "coincide", "points", "unknown", "untold"):
        own = [one for one in figures if one.kind == key]
        if key == "intervals":
            lines = "".join(f"\n· {one.between(lang)}" for one in own)
            # a list of names is no figure; an interval is one
            marked = any(one.modelled for one in own)
            yield Prose(w(key, list=lines) if own else w("no_intervals"), modelled=marked)
        elif own:
            yield Prose(w(key, list="; ".join(one.title for one in own)))


def notes_of(dossier: Dossier) -> list[LayerRef | LayerNote]:
    """Return every layer that a figure or the map stands on, once, in the order of their ids."""
    every: tuple[LayerRef | LayerNote, ...] = (*dossier.base, *dossier.layers)
    found = {(note.layer, note.sha256): note for note in every}
    return [note for _, note in sorted(found.items())]


def provenance(notes: Iterable[LayerRef | LayerNote], lang: Lang) -> Table:
    """Return the table of layers: whose, how old, how sure, and the fingerprint of each file."""
    w = Words(lang, "dossier")
    columns = (
        Column(w("number"), 0.7, "number"),
        Column(w("layer"), 2.6, "strong"),
        Column(w("source"), 4.0),
        Column(w("date"), 1.6),
        Column(w("status"), 1.6),
        Column(w("accuracy"), 1.3, "number"),
        Column("SHA-256", 3.3, "hash"),
    )
    rows = tuple(
        (
            n,
            note.title.in_(lang),
            note.source,
            peru_date(note.date),
            word("statuses", note.status.value, lang),
            note.accuracy_m,
            note.sha256,
        )
        for n, note in enumerate(notes, start=1)
    )
    return Table("provenance", w("provenance"), columns, rows, w("no_layers"))
