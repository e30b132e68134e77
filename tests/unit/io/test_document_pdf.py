"""A paper as PDF, whatever it is of."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime

from papers import MARK
from papers import pages_of

from ilo_geo.io.document import Column
from ilo_geo.io.document import Document
from ilo_geo.io.document import Facts
from ilo_geo.io.document import Heading
from ilo_geo.io.document import Prose
from ilo_geo.io.document import Signatures
from ilo_geo.io.document import Table
from ilo_geo.io.document_pdf import write_pdf


def paper(*blocks, **more):
    return Document(
        lang="es", kicker="Papel", title="Título", subtitle="", blocks=blocks, link=None,
        link_note="", data_sha256="a" * 64, printed_at=datetime(2026, 11, 30, tzinfo=UTC),
        foot="pie", page="Página {number} de {n}", modelled_mark="DATOS MODELADOS", **more,
    )  # fmt: skip


def test_a_modelled_text_over_three_pages_marks_each_of_them(tmp_path):
    long = Prose("palabra " * 2600, modelled=True)
    write_pdf(paper(long), tmp_path / "a.pdf")
    pages = pages_of(tmp_path / "a.pdf")
    assert len(pages) >= 3
    assert all(MARK in page for page in pages)
    write_pdf(paper(Prose("palabra " * 2600)), tmp_path / "b.pdf")
    assert not any(MARK in page for page in pages_of(tmp_path / "b.pdf"))


def test_a_row_higher_than_a_page_and_a_note_below_a_row_lose_nothing(tmp_path):
    columns = (Column("A", 1), Column("B", 1), Column("N", 1))
    rows = (("uno", "x" * 6000, "y" * 9000), ("dos", None, "z" * 300), ("tres", -0.0, "fin"))
    for layout in ("grid", "noted"):
        table = Table("t", "Tabla", columns, rows, "", layout=layout)
        write_pdf(paper(table), tmp_path / "a.pdf")
        text = "".join(pages_of(tmp_path / "a.pdf"))
        # "x" and "z" stand in no other word here
        assert text.count("x") == 6000
        assert text.count("z") == 300
        assert text.count("y") == 9000
        assert "tres0" in text


def test_facts_and_signatures_stay_on_one_page_with_their_heading(tmp_path):
    facts = Facts("f", "Voto", tuple((f"fila{n:02}", "x") for n in range(20)))
    signed = Signatures(tuple(f"firma{n}" for n in range(5)))
    for n_lines in range(30, 56, 5):
        above = Prose("\n".join(["línea"] * n_lines))
        blocks = (above, Heading("Votación", 2), facts, above, Heading("Firmas"), signed)
        write_pdf(paper(*blocks), tmp_path / "a.pdf")
        pages = pages_of(tmp_path / "a.pdf")
        for name, last in (("Votación", "fila19"), ("fila00", "fila19"), ("Firmas", "firma4")):
            (page,) = [page for page in pages if name in page]
            assert last in page, n_lines


def test_twenty_signatures_fit_below_each_other_on_one_page(tmp_path):
    """Three stand in a row."""
    write_pdf(paper(Signatures(tuple(f"firma{n};" for n in range(20)))), tmp_path / "a.pdf")
    assert len(pages_of(tmp_path / "a.pdf")) == 1


def test_more_signatures_than_a_page_holds_lose_none(tmp_path):
    write_pdf(paper(Signatures(tuple(f"firma{n};" for n in range(90)))), tmp_path / "a.pdf")
    text = "".join(pages_of(tmp_path / "a.pdf"))
    assert [n for n in range(90) if f"firma{n};" not in text] == []


def test_a_draft_that_is_modelled_shows_both_marks(tmp_path):
    write_pdf(paper(Prose("1", modelled=True), draft_mark="BORRADOR"), tmp_path / "a.pdf")
    (page,) = pages_of(tmp_path / "a.pdf")
    assert page.count("BORRADOR") == 3
    assert page.count(MARK) == 3


def test_a_long_fact_is_cut_between_its_lines(tmp_path):
    for text in ("w" * 9000, "w\n" * 2000, "w <b>& </b>" * 800):
        facts = Facts("f", "Datos", (("uno", text), ("dos", "fin")))
        write_pdf(paper(facts), tmp_path / "a.pdf")
        told = "".join(pages_of(tmp_path / "a.pdf"))
        assert told.count("w") == text.count("w")
        assert "dosfin" in told
