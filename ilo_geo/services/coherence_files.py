"""Hands the plan's rules over as a file: a table for a spreadsheet, or a page to print."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from datetime import datetime
from pathlib import Path

from ilo_geo.city.plan.report import Line
from ilo_geo.city.plan.report import RuleReport
from ilo_geo.city.plan.report import plan_words
from ilo_geo.city.plan.report import word
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.text import Lang
from ilo_geo.core.text import Text
from ilo_geo.core.units import peru_date
from ilo_geo.io.document_page import DocumentSection
from ilo_geo.io.document_page import DocumentTable
from ilo_geo.io.document_page import write_document
from ilo_geo.io.spreadsheet import write_rows
from ilo_geo.io.workspace import atomic_path
from ilo_geo.services.coherence import Coherence

PARTS = ("says", "steps", "layers", "others", "checks")


def write_coherence(
    found: Coherence,
    fmt: str,
    path: Path,
    *,
    lang: Lang,
    title: Text,
    printed_on: date | None = None,
) -> Path:
    """Write the findings to ``path`` as one of `FORMATS` and return the path.

    Parameters
    ----------
    title
        Name of the study area.
    printed_on
        Date on a printed page, today's if None.

    Raises
    ------
    ParameterError
        No such format.
    WorkspaceError
        The file cannot be written; what was there is kept.
    """
    if fmt not in FORMATS:
        raise ParameterError("export.unknown_format", found=fmt, expected=", ".join(FORMATS))
    on = printed_on or datetime.now().astimezone().date()
    with atomic_path(path) as temporary:
        FORMATS[fmt](found, temporary, lang, title, on)
    return path


def summary_line(found: Coherence, lang: Lang) -> str:
    """Return how many rules there are and how many came to each verdict."""
    numbers = ", ".join(
        word("counted", verdict, lang, n=str(n)) for verdict, n in found.counts.items()
    )
    return word("labels", "summary", lang, n=str(len(found.findings)), numbers=numbers)


def _write_csv(found: Coherence, path: Path, lang: Lang, _title: Text, _on: date) -> None:
    columns = [text.in_(lang) for text in plan_words()["columns"].values()]
    rows = [
        [
            report.id,
            report.theme_title,
            report.title,
            report.verdict_title,
            report.weight_title,
            " ".join(filter(None, (report.meaning, report.note))),
            word("parts", line.part, lang),
            line.title,
            line.arithmetic,
            # a spreadsheet counts with numbers; a check has words in their place
            line.value if line.number is None else line.number,
            line.unit,
            line.year,
            line.source,
            line.quotation,
            line.mark,
        ]
        for report in found.reports(lang)
        for line in report.lines
    ]
    write_rows(path, columns, rows)


def _write_html(found: Coherence, path: Path, lang: Lang, title: Text, on: date) -> None:
    heading = word("labels", "document", lang, area=title.in_(lang))
    printed = word("labels", "printed", lang, date=peru_date(on.isoformat()))
    intro = [summary_line(found, lang), word("labels", "about", lang), printed]
    sections = [_section(report, lang) for report in found.reports(lang)]
    write_document(path, lang=lang, title=heading, intro=intro, sections=sections)


def _section(report: RuleReport, lang: Lang) -> DocumentSection:
    tables = [
        DocumentTable(word("parts", part, lang), [_row(line) for line in report.part(part)])
        for part in PARTS
        if report.part(part)
    ]
    return DocumentSection(
        f"{report.id} · {report.title}",
        (report.verdict_title, report.weight_title, report.theme_title),
        (report.meaning, report.note),
        tables,
    )


def _row(line: Line) -> list[list[str]]:
    quotation = f"«{line.quotation}»" if line.quotation else ""
    value = f"{line.value} {line.unit}".strip()
    source = ", ".join(filter(None, (line.source, line.year)))
    return [[line.title, quotation], [line.arithmetic, source], [value, line.mark]]


FORMATS: dict[str, Callable[[Coherence, Path, Lang, Text, date], None]] = {
    "csv": _write_csv,
    "html": _write_html,
}
