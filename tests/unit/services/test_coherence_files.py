"""The rules as files: a spreadsheet runs nothing of them, a browser neither."""

from __future__ import annotations

import csv
from datetime import date
from html.parser import HTMLParser

import pytest

from ilo_geo.city.plan.coherence import recompute
from ilo_geo.city.plan.read import read_themes
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.text import Text
from ilo_geo.services.coherence import Coherence
from ilo_geo.services.coherence_files import summary_line
from ilo_geo.services.coherence_files import write_coherence

EVIL = '=HYPERLINK("x") <script>alert(1)</script>'
AREA = Text(es="Ilo <b>", en="Ilo <b>")


@pytest.fixture
def found():
    words = {"es": EVIL, "en": EVIL}
    rule = {
        "id": "R1",
        "title": words,
        "weight": "high",
        "says": [
            {"id": "a", "title": words, "value": -5, "line": 7, "quotation": EVIL, "unit": "@x"}
        ],
        "checks": [
            {
                "title": words,
                "left": "a",
                "relation": "==",
                "right": "1",
                "tolerance": 0,
                "otherwise": "contradiction",
            }
        ],
        "meaning": {"contradiction": words, "coherent": words},
    }
    themes, faults = read_themes({"t": {"title": words, "rules": [rule]}}, (), ())
    assert faults == []
    return Coherence(themes, (recompute(themes[0], themes[0].rules[0], []),))


def test_a_table_runs_nothing_and_keeps_numbers(found, tmp_path):
    path = write_coherence(found, "csv", tmp_path / "a.csv", lang="es", title=AREA)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header[0] == "regla"
    assert len(rows) == 2
    for cell in (cell for row in rows for cell in row):
        assert not cell.startswith(("=", "+", "@", "\t"))
    assert float(rows[0][header.index("valor")]) == -5


class Seen(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.words = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes = attrs

    def handle_data(self, data):
        self.words.append(data)


def test_a_page_is_whole_and_every_text_escaped(found, tmp_path):
    path = write_coherence(
        found, "html", tmp_path / "a.html", lang="en", title=AREA, printed_on=date(2026, 11, 29)
    )
    content = path.read_text("utf-8")
    seen = Seen()
    seen.feed(content)
    assert not {"script", "b", "img", "link", "iframe"} & set(seen.tags)
    assert EVIL in "".join(seen.words)
    assert "29/11/2026" in content
    assert "http" not in content
    assert summary_line(found, "en") in content


def test_an_unknown_format_writes_nothing(found, tmp_path):
    with pytest.raises(ParameterError, match="csv, html"):
        write_coherence(found, "xls", tmp_path / "a.xls", lang="es", title=AREA)
    assert list(tmp_path.iterdir()) == []


def test_the_summary_counts(found):
    assert summary_line(found, "es") == (
        "Reglas: 1 (contradicciones: 1, avisos: 0, coherentes: 0, sin datos: 0)."
    )
