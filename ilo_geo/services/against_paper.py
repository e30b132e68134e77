"""What stands against a proposal, in short, from what its dossier holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ilo_geo.core.text import Lang
from ilo_geo.core.units import peru_number
from ilo_geo.io.document import Column
from ilo_geo.io.document import Table
from ilo_geo.io.document import Value
from ilo_geo.io.legend import word
from ilo_geo.proposals.rulebook import AGAINST
from ilo_geo.proposals.sheet import HAZARDS
from ilo_geo.proposals.sheet import Figure
from ilo_geo.proposals.sheet import Sheet
from ilo_geo.services.debate_paper import counted
from ilo_geo.services.dossier_data import ProposalPart
from ilo_geo.services.dossier_data import SheetPart
from ilo_geo.services.paper_words import Words
from ilo_geo.services.paper_words import moment
from ilo_geo.services.sheet_against import Against
from ilo_geo.services.sheet_against import standing_against
from ilo_geo.services.sheet_conflicts import POSSIBLE
from ilo_geo.services.sheet_conflicts import STRUCK
from ilo_geo.services.sheet_paper import is_modelled
from ilo_geo.services.sheet_paper import level_line
from ilo_geo.services.sheet_paper import level_title
from ilo_geo.services.sheet_paper import weakest

_Figures = tuple[Figure, ...]


@dataclass(frozen=True)
class _Line:
    """What of one sort stands against it, how sure its data are, and whether these are modelled."""

    name: str
    told: str
    status: str = ""
    modelled: bool = False

    @property
    def row(self) -> tuple[Value, ...]:
        """Return its cells."""
        return self.name, self.told, self.status


def against_block(part: ProposalPart, lang: Lang) -> Table:
    """Return what discards it or may, what it conflicts with, its hazards, points against it."""
    w = Words(lang, "dossier")
    points = [one for one in part.said if one.stance == AGAINST]
    lines = [*_of_sheet(part.sheet, lang), _Line(w("against"), counted(points, lang))]
    return Table(
        id="against",
        title=w("hurdles"),
        columns=(
            Column(w("what"), 1.6, "strong"),
            Column(w("hurdle"), 6),
            Column(w("status"), 1.2),
        ),
        rows=tuple(line.row for line in lines),
        empty="",
        modelled=frozenset(n for n, line in enumerate(lines) if line.modelled),
    )


def _of_sheet(part: SheetPart | None, lang: Lang) -> Iterator[_Line]:
    w = Words(lang, "dossier")
    if part is None:
        yield _Line(w("sheet"), w("hurdles_unknown"))
        return
    if part.stale:
        yield _Line(w("sheet"), w("hurdles_stale", at=moment(part.made_at)))
    sheet = part.sheet
    against = standing_against(sheet)
    hurdles = [(name, figures) for name, figures in _hurdles(against, sheet, lang) if figures]
    for name, figures in hurdles:
        yield _line(name, sheet, figures, lang)
    if not hurdles:
        yield _Line(w("sheet"), w("no_hurdles"))
    if against.unseen:
        unknown = dict.fromkeys(_unseen(sheet, one, lang) for one in against.unseen)
        yield _Line(w("unseen"), "; ".join(unknown))


def _hurdles(against: Against, sheet: Sheet, lang: Lang) -> Iterator[tuple[str, _Figures]]:
    """Yield sorts of hurdles with their figures."""
    w = Words(lang, "dossier")
    yield level_title(STRUCK).in_(lang), against.struck
    yield level_title(POSSIBLE).in_(lang), against.possible
    yield sheet.titles[HAZARDS].in_(lang), against.hazards
    yield w("hurdle_proposals"), against.proposals
    yield w("hurdle_lots"), against.lots


def _line(name: str, sheet: Sheet, figures: _Figures, lang: Lang) -> _Line:
    told = "\n".join(_told(one, lang) for one in figures)
    status = weakest(tuple(note for one in figures for note in sheet.sources_of(one)))
    modelled = any(is_modelled(sheet, one) for one in figures)
    return _Line(name, told, word("statuses", status, lang) if status else "", modelled)


def _told(one: Figure, lang: Lang) -> str:
    """Return a figure in a line: a rule by its name, others with level, amount and interval."""
    if one.level in (STRUCK, POSSIBLE):
        return one.title.in_(lang)
    unit = one.unit.in_(lang) if one.unit else ""
    amount = "" if one.value is None else f"{peru_number(one.value, one.decimals)} {unit}".rstrip()
    parts = (level_line(one, lang), amount, one.interval(lang))
    return f"{one.title.in_(lang)}: {', '.join(part for part in parts if part)}"


def _unseen(sheet: Sheet, one: Figure, lang: Lang) -> str:
    """Return what could not be looked at, or not wholly, and for want of which layers."""
    subject = sheet.titles[one.group] if one.id.endswith("_unknown") else one.title
    lacks = [layer.in_(lang) for layer in (*one.missing, *one.without)]
    # a layer that is itself the hazard is named once
    named = [layer for layer in lacks if layer != subject.in_(lang)]
    return f"{subject.in_(lang)} ({', '.join(named)})" if named else subject.in_(lang)
