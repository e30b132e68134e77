"""Writes a report as one HTML file that needs nothing else: to read, to print, to send on."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from ilo_geo.core.text import Lang

STYLE = """
body { font: 14px/1.5 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; color: #22282e;
  max-width: 900px; margin: 24px auto; padding: 0 16px; }
h1 { font-size: 24px; margin-bottom: 4px; }
h2 { font-size: 17px; margin: 28px 0 4px; border-top: 2px solid #22282e; padding-top: 8px; }
h3 { font-size: 13px; margin: 12px 0 2px; color: #59626b; }
.mark { display: inline-block; border: 1px solid #8a9097; border-radius: 8px; padding: 0 7px;
  margin-right: 6px; font-size: 12.5px; }
.tables { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
td { border-bottom: 1px solid #d9dcdf; padding: 4px 8px 4px 0; vertical-align: top; }
td:first-child { width: 34%; }
td:nth-child(2) { width: 42%; }
small { color: #59626b; display: block; }
@page { size: A4; margin: 16mm; }
@media print { body { margin: 0; max-width: none; } h2, h3 { break-after: avoid; }
  tr { break-inside: avoid; } }
"""


@dataclass(frozen=True)
class DocumentTable:
    """Rows under a heading; a cell of several lines shows the first in full and the rest small."""

    title: str
    rows: Sequence[Sequence[Sequence[str]]]


@dataclass(frozen=True)
class DocumentSection:
    """A heading with its marks, sentences and tables."""

    title: str
    marks: Sequence[str]
    paragraphs: Sequence[str]
    tables: Sequence[DocumentTable]


def write_document(
    path: Path,
    *,
    lang: Lang,
    title: str,
    intro: Sequence[str],
    sections: Iterable[DocumentSection],
) -> None:
    """Write a document; every text is escaped."""
    body = [f"<h1>{escape(title)}</h1>", *_paragraphs(intro)]
    for section in sections:
        body += _section(section)
    page = (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>\n"
    )
    path.write_text(page + "\n".join(body) + "\n</body></html>\n", encoding="utf-8")


def _section(section: DocumentSection) -> list[str]:
    marks = "".join(f'<span class="mark">{escape(mark)}</span>' for mark in section.marks)
    parts = [f"<h2>{escape(section.title)}</h2>", f"<p>{marks}</p>"]
    parts += _paragraphs(section.paragraphs)
    for table in section.tables:
        rows = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in table.rows)
        parts.append(f"<h3>{escape(table.title)}</h3>")
        parts.append(f'<div class="tables"><table>{rows}</table></div>')
    return parts


def _cell(lines: Sequence[str]) -> str:
    said = [escape(line) for line in lines if line]
    small = "".join(f"<small>{line}</small>" for line in said[1:])
    return f"<td>{said[0] if said else ''}{small}</td>"


def _paragraphs(lines: Sequence[str]) -> list[str]:
    return [f"<p>{escape(line)}</p>" for line in lines if line]
