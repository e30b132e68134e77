"""Documents: what is taken is what its content is; names are labels; who may not, gets nothing."""

from __future__ import annotations

import hashlib
import random
import zipfile
from io import BytesIO

import pytest
from council_rows import png
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader
from pypdf import PdfWriter
from pypdf.actions import JavaScript
from sqlalchemy import delete

from ilo_geo.core.errors import ConflictError
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.errors import RefusedError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.io import document_files as files_module
from ilo_geo.io.document_files import SUFFIXES
from ilo_geo.io.document_files import media_type
from ilo_geo.proposals.people import ROLES
from ilo_geo.proposals.people import VISITOR
from ilo_geo.proposals.people import system
from ilo_geo.proposals.permissions import permissions
from ilo_geo.proposals.tables import document
from ilo_geo.services.audit_check import check_audit
from ilo_geo.services.document_store import document_files
from ilo_geo.services.document_store import label
from ilo_geo.services.document_store import max_document_bytes
from ilo_geo.services.document_store import open_document
from ilo_geo.services.document_store import store

HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def pdf(*, js="", pages=1):
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    if js:
        writer.add_open_action(JavaScript(js))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def jpeg(side=8, **options):
    out = BytesIO()
    Image.effect_noise((side, side), 50).convert("RGB").save(out, "JPEG", **options)
    return out.getvalue()


def zipped():
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("index.html", HTML)
    return out.getvalue()


def pdf_words(inside):
    body = b"%PDF-1.4\n" + inside
    return body + b"\nxref\n/Root\nstartxref\n%d\n%%%%EOF" % len(body)


def zip_in_a_pdf():
    """Return a good PDF with a ZIP in a comment of it, found by whatever looks from the end."""
    good = pdf()
    rest = good[9:]
    out = BytesIO(good[:9] + b"%")
    out.seek(0, 2)
    with zipfile.ZipFile(out, "a") as packed:
        packed.writestr("mal.exe", b"MZ")
    place = len(out.getvalue()) + rest.index(b"xref\n") + 1
    tail = b"\n" + rest[: rest.rindex(b"startxref")] + b"startxref\n%d\n%%%%EOF\n" % place
    # the comment of a ZIP is what follows it: its length ends the record of its end
    return out.getvalue()[:-2] + len(tail).to_bytes(2, "little") + tail


def reportlab_pdf():
    from reportlab.pdfgen import canvas

    out = BytesIO()
    page = canvas.Canvas(out)
    page.drawString(10, 10, "ñ")
    page.save()
    return out.getvalue()


def figure(fmt):
    from matplotlib.figure import Figure

    out = BytesIO()
    Figure().savefig(out, format=fmt)
    return out.getvalue()


GOOD = {
    "pypdf": (pdf, "application/pdf"),
    "pypdf with script": (lambda: pdf(js="app.alert(1)"), "application/pdf"),
    "reportlab": (reportlab_pdf, "application/pdf"),
    "matplotlib pdf": (lambda: figure("pdf"), "application/pdf"),
    "matplotlib png": (lambda: figure("png"), "image/png"),
    "png": (png, "image/png"),
    "jpeg": (jpeg, "image/jpeg"),
    "progressive jpeg": (lambda: jpeg(64, progressive=True), "image/jpeg"),
    "pdf, zeros after it": (lambda: pdf() + b"\n\0\0\0", "application/pdf"),
}
BAD = {
    "nothing": lambda: b"",
    "zip": zipped,
    "html": lambda: HTML,
    "svg": lambda: SVG,
    "gif": lambda: b"GIF89a" + bytes(20),
    "html that begins as a pdf": lambda: b"%PDF-1.7\n" + HTML,
    "html before a pdf": lambda: HTML + pdf(),
    "zip after a pdf": lambda: pdf() + zipped(),
    "zip whose comment ends as a pdf": lambda: zip_in_a_pdf(),
    "html with the words of a pdf": lambda: pdf_words(HTML),
    "pdf whose first object is not there": lambda: pdf_words(b"<</Root 9 0 R>>"),
    "pdf cut off": lambda: pdf()[:-40],
    "pdf without its table": lambda: b"%PDF-1.7\n%%EOF",
    "pdf whose table is elsewhere": lambda: pdf().replace(b"startxref\n", b"startxref\n9"),
    "half a png": lambda: figure("png")[:-200],
    "head of a png": lambda: b"\x89PNG\r\n\x1a\n",
    "png with a wrong sum": lambda: png()[:40] + b"\0" + png()[41:],
    "half a jpeg": lambda: jpeg(64)[:200],
    "html that begins as a jpeg": lambda: b"\xff\xd8\xff" + HTML,
}


@pytest.mark.parametrize("what", GOOD)
def test_what_programs_write_is_taken_for_what_it_is(what):
    made, expected = GOOD[what]
    content = made()
    if expected == "application/pdf":
        assert len(PdfReader(BytesIO(content)).pages) == 1
    assert media_type(content) == expected


@pytest.mark.parametrize("what", BAD)
def test_anything_else_is_refused_in_one_line(what):
    with pytest.raises(InputError) as caught:
        media_type(BAD[what]())
    for lang in ("es", "en"):
        assert "\n" not in caught.value.text(lang)


def test_nothing_that_is_broken_breaks_the_check():
    rng, n_refused = random.Random(3), 0  # noqa: S311 - places, no secrets
    for whole in (png(5, side=40), jpeg(40), pdf(pages=3)):
        for _ in range(150):
            broken = bytearray(whole)
            for _ in range(rng.randrange(1, 6)):
                broken[rng.randrange(len(broken))] = rng.randrange(256)
            cut = bytes(broken[: rng.choice((len(broken), rng.randrange(len(broken))))])
            try:
                media_type(cut)
            except InputError:
                n_refused += 1
    assert n_refused > 150


def test_an_image_that_unpacks_to_more_than_fits_is_not_unpacked(monkeypatch):
    out = BytesIO()
    Image.new("1", (9_000, 9_000)).save(out, "PNG")
    assert len(out.getvalue()) < 100_000
    loaded = []
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: loaded.append(self))
    with pytest.raises(InputError) as caught:
        media_type(out.getvalue())
    assert (caught.value.code, loaded) == ("document.many_pixels", [])
    assert files_module.MAX_PIXELS < 9_000 * 9_000


NAMES = {
    "../../etc/passwd": "passwd.pdf",
    "..\\..\\windows\\system.ini": "system.ini.pdf",
    "/etc/cron.d/x.pdf": "x.pdf",
    "plano\u202efdp.exe": "planofdp.exe.pdf",
    "a\r\nSet-Cookie: x.pdf": "a Set-Cookie_ x.pdf",
    "a\0.pdf": "a.pdf",
    "<img src=x onerror=alert(1)>.pdf": "_img src=x onerror=alert(1)_.pdf",
    "NUL": "_NUL.pdf",
    "con.txt": "_con.txt.pdf",
    "COM1.pdf": "_COM1.pdf",
    "": "document.pdf",
    "...": "document.pdf",
    ".pdf": "pdf.pdf",
    "informe.PDF": "informe.PDF",
    "informe.pdf.html": "informe.pdf.html.pdf",
    "Ñandú 2.pdf": "Ñandú 2.pdf",
    "x" * 500 + ".pdf": "x" * 116 + ".pdf",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_label_without_tricks(name):
    assert label(name, "application/pdf") == NAMES[name]


@given(st.text(max_size=300), st.sampled_from(sorted(SUFFIXES)))
def test_no_name_is_a_path_or_lies_about_the_type(name, kind):
    made = label(name, kind)
    assert 0 < len(made) <= 121
    assert not set(made) & set('/\\<>:"|?*\0\r\n\u202e')
    assert made.lower().endswith(SUFFIXES[kind])
    assert not made.startswith(".")
    assert made.encode()
    assert label(made, kind) in (made, f"_{made}")


def attach(town, by, found, content, name="plano.pdf"):
    return store(town.council, town.actors[by], found["number"], BytesIO(content), name)


def test_a_document_is_kept_by_its_hash_and_handed_out_as_it_came(town):
    found, content = town.draft(), pdf()
    made = attach(town, "planner", found, content, "../../plano.exe")
    sha256 = hashlib.sha256(content).hexdigest()
    path = town.council.folder / "documents" / sha256[:2] / sha256
    assert path.read_bytes() == content
    assert path.stat().st_mode & 0o177 == 0
    assert (made["name"], made["sha256"]) == ("plano.exe.pdf", sha256)
    given_out = open_document(town.council, town.actors["planner"], made["id"])
    assert (given_out.content, given_out.media_type) == (content, "application/pdf")
    assert check_audit(town.council).broken is None
    assert check_audit(town.council).n_documents == 1


def test_a_discarded_draft_takes_its_file_with_it_unless_another_has_it(town):
    one, other = town.draft(), town.draft()
    alone, shared = pdf(), pdf(pages=2)
    for found, content in ((one, alone), (one, shared), (other, shared)):
        attach(town, "planner", found, content)
    town.do("planner", "discard", one)
    files = document_files(town.council)
    kept = [files.read(hashlib.sha256(content).hexdigest()) for content in (alone, shared)]
    assert kept == [None, shared]
    assert check_audit(town.council).broken is None
    # it may be handed in anew
    attach(town, "planner", other, alone)
    assert check_audit(town.council).n_documents == 2


@pytest.mark.parametrize("state", ["draft", "submitted", "in_review", "observed", "approved"])
def test_who_may_attach_is_the_table_and_nobody_else(town, state):
    found = town.proposal_in(state)
    cells = permissions().verbs["attach"]
    for n, name in enumerate((*ROLES, "other_planner", VISITOR)):
        actor = town.actors[name]
        cell = cells.cell(actor.role)
        own = actor.account_id == found["account_id"]
        may = state in cell.any or (own and state in cell.own)
        if may:
            attach(town, name, found, png(n))
            continue
        with pytest.raises((RefusedError, ConflictError, NotFoundError)):
            attach(town, name, found, png(n))
        sha256 = hashlib.sha256(png(n)).hexdigest()
        assert document_files(town.council).read(sha256) is None


def test_anothers_draft_gives_no_document_and_no_hint(town):
    made = attach(town, "planner", town.draft(), pdf())
    for name in ("other_planner", "secretary", "citizen", VISITOR):
        with pytest.raises(NotFoundError) as hidden:
            open_document(town.council, town.actors[name], made["id"])
        with pytest.raises(NotFoundError) as absent:
            open_document(town.council, town.actors[name], "0" * 16)
        assert hidden.value.code == absent.value.code
    for guess in ("", "../x", "' OR 1=1 --", "%", "\0"):
        with pytest.raises(NotFoundError):
            open_document(town.council, town.actors["planner"], guess)


def test_what_was_taken_away_is_not_handed_out_and_stays_in_the_record(town):
    found = town.draft()
    made = attach(town, "planner", found, pdf())
    town.do("planner", "detach", found, document_id=made["id"], reason="Equivocado.")
    with pytest.raises(NotFoundError):
        open_document(town.council, town.actors["planner"], made["id"])
    # and may be attached anew
    attach(town, "planner", found, pdf())


def test_the_same_file_twice_is_one(town):
    found, content = town.draft(), pdf()
    attach(town, "planner", found, content)
    with pytest.raises(ConflictError):
        attach(town, "planner", found, content, "otro.pdf")
    attach(town, "planner", town.draft(), content)
    kept = [path for path in (town.council.folder / "documents").rglob("*") if path.is_file()]
    assert len(kept) == 1


def test_one_byte_too_many_is_too_many_and_is_not_read_on(town):
    found, most = town.draft(), max_document_bytes()
    attach(town, "planner", found, pdf_of(most))
    with pytest.raises(InputError) as caught:
        attach(town, "planner", found, pdf_of(most + 1))
    assert caught.value.code == "document.too_large"
    endless = _Endless()
    with pytest.raises(InputError):
        store(town.council, town.actors["planner"], found["number"], endless, "x.pdf")
    assert endless.asked == [most + 1]


def pdf_of(n_bytes):
    """Return a PDF of so many bytes, most of them a comment."""
    plain = pdf()
    body, _, tail = plain.rpartition(b"startxref\n")
    place = int(tail.split()[0])
    filler = n_bytes - len(body) - len(b"startxref\n00000000\n%%EOF\n") - 2
    made = body[:9] + b"%" + b"x" * filler + b"\n" + body[9:]
    made += b"startxref\n%08d\n%%%%EOF\n" % (place + filler + 2)
    assert len(made) == n_bytes
    assert media_type(made) == "application/pdf"
    return made


class _Endless:
    def __init__(self):
        self.asked = []

    def read(self, n):
        self.asked.append(n)
        return bytes(n)


def test_a_proposal_has_so_many_and_no_more(town):
    from ilo_geo.proposals.rulebook import rulebook

    found = town.draft()
    for n in range(rulebook().limits.documents):
        attach(town, "planner", found, png(n))
    with pytest.raises(InputError):
        attach(town, "planner", found, png(999))


def test_a_file_changed_on_the_disk_is_not_handed_out_and_the_check_names_it(town):
    made = attach(town, "planner", town.draft(), pdf())
    path = document_files(town.council).path(made["sha256"])
    path.write_bytes(HTML)
    with pytest.raises(WorkspaceError):
        open_document(town.council, town.actors["planner"], made["id"])
    assert made["id"] in check_audit(town.council).broken.es
    path.unlink()
    with pytest.raises(WorkspaceError):
        open_document(town.council, town.actors["planner"], made["id"])


def test_a_full_disk_leaves_neither_file_nor_row(town, monkeypatch):
    found = town.draft()

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(IloGeoError):
        attach(town, "planner", found, pdf())
    monkeypatch.undo()
    with town.council.reading(system) as repo:
        assert repo.count(document) == 0
    kept = [path for path in (town.council.folder / "documents").rglob("*") if path.is_file()]
    assert kept == []


def test_the_file_is_on_the_disk_before_the_row_is_written(town, monkeypatch):
    found, order = town.draft(), []
    put, writing = files_module.DocumentFiles.put, type(town.council).writing
    monkeypatch.setattr(
        files_module.DocumentFiles, "put", lambda *a: (put(*a), order.append("file"))[0]
    )
    monkeypatch.setattr(
        type(town.council), "writing", lambda *a: (order.append("row"), writing(*a))[1]
    )
    attach(town, "planner", found, pdf())
    # looked at once more under the writer's turn: see what a discarded draft takes with it
    assert order == ["file", "row", "file"]


def test_a_row_taken_away_past_the_log_is_found(town):
    made = attach(town, "planner", town.draft(), pdf())
    with town.council.database.writing() as connection:
        connection.execute(delete(document).where(document.c.id == made["id"]))
    found = check_audit(town.council)
    assert made["id"] in found.broken.en
    # the row of the story comes after that of the document
    assert found.broken_seq == found.last_seq - 1
