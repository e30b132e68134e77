"""The council's papers over HTTP: who gets them, under which name, and who does not."""

from __future__ import annotations

import io
import threading

import openpyxl
import pypdf
import pytest
from council_town import Clock
from council_town import Town

from dash_app.factory import create_app
from dash_app.routes import papers
from ilo_geo.io.workspace import Workspace
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import setting
from ilo_geo.services.areas import open_area
from ilo_geo.services.council import open_council
from ilo_geo.services.people import begin_session
from ilo_geo.services.sittings import call_sitting


@pytest.fixture(scope="module")
def town(small_area, tmp_path_factory):
    """Return a town with a proposal in debate, a draft and a called sitting."""
    workspace = Workspace(tmp_path_factory.mktemp("papers"))
    area = open_area(small_area.catalogue.folder, workspace)
    clock = Clock()
    town = Town(open_council(lambda: area, url="", clock=clock), clock)
    found = town.proposal_in("in_debate")
    town.draft()
    asked = {"title": "Ordinaria", "place": "Sala", "starts_at": "2026-12-01T18:00"}
    call_sitting(town.council, town.actors["secretary"], {**asked, "agenda": [found["id"]]})
    yield town
    town.council.database.close()


@pytest.fixture(scope="module")
def server(planner, town):
    return create_app(planner, town.council).server


@pytest.fixture
def ask(server, town):
    """Return a function that asks for an address as somebody."""
    from signed_in import signed

    def ask(who, address, host="localhost", **options):
        client = server.test_client()
        if who is not None:
            with town.council.writing(system) as repo:
                token = begin_session(repo, town.actors[who].account_id, repo.now)
            signed(client, token, host)
        return client.get(address, **options)

    return ask


ADDRESSES = [
    *(f"/propuestas/1/expediente.{fmt}" for fmt in ("pdf", "xlsx", "gpkg", "html")),
    *(f"/datos-abiertos/propuestas.{fmt}" for fmt in ("csv", "geojson", "json")),
    "/sesiones/1/acta.pdf",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_reader_gets_the_file_to_save(ask, address):
    answer = ask("citizen", address)
    assert answer.status_code == 200
    disposition = answer.headers["Content-Disposition"]
    # never shown in place: a page from a file has no right here
    assert disposition.startswith("attachment; filename=")
    assert disposition.endswith(address.rpartition(".")[2])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    assert len(answer.data) > 300


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_visitor_gets_nothing_while_the_planner_is_closed(ask, address):
    assert ask(None, address).status_code == 401


def test_a_visitor_reads_where_the_planner_is_open(ask, town):
    with town.council.writing(system) as repo:
        row = repo.add(setting, "change_setting", id="open_to_all", value=True)
    try:
        assert [ask(None, address).status_code for address in ADDRESSES] == [200] * len(ADDRESSES)
        assert ask(None, "/propuestas/2/expediente.pdf").status_code == 404
        assert ask(None, "/escenarios/1/expediente.pdf").status_code == 401
    finally:
        with town.council.writing(system) as repo:
            repo.remove(setting, "change_setting", row)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/propuestas/99/expediente.pdf", 404),
        # another's draft by its number
        ("/propuestas/2/expediente.pdf", 404),
        ("/propuestas/99999999999999999999/expediente.pdf", 404),
        ("/propuestas/1/expediente.exe", 400),
        ("/propuestas/1/expediente.pdf%00", 400),
        ("/propuestas/1/expediente.../../../etc/passwd", 200),
        ("/propuestas/-1/expediente.pdf", 200),
        ("/datos-abiertos/propuestas.exe", 400),
        ("/sesiones/99/acta.pdf", 404),
        ("/sesiones/99999999999999999999/acta.pdf", 404),
        ("/presupuesto/0123456789abcdef/expediente.pdf", 404),
        ("/presupuesto/..%2f..%2fetc/expediente.pdf", 200),
    ],
)
def test_what_is_not_there_is_said_to_be_not_there(ask, address, status):
    answer = ask("citizen", address)
    # an address that is none of ours is a page of the planner, not a file
    assert answer.status_code == status
    assert "Content-Disposition" not in answer.headers


def test_the_author_gets_the_dossier_of_a_draft(ask):
    assert ask("planner", "/propuestas/2/expediente.pdf").status_code == 200


def test_the_language_is_that_of_the_address(ask):
    for lang, title in (("es", "Expediente para el Concejo"), ("en", "Council dossier")):
        answer = ask("citizen", f"/propuestas/1/expediente.pdf?lang={lang}")
        assert title in pypdf.PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()


def test_the_link_is_the_address_the_reader_used(ask):
    answer = ask(
        "citizen", "/propuestas/1/expediente.xlsx", "ilo.test", base_url="http://ilo.test:8123"
    )
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    cells = [str(c.value) for sheet in book for row in sheet.iter_rows() for c in row]
    assert "http://ilo.test:8123/propuestas/1" in cells


def test_a_few_are_made_at_a_time_and_the_rest_is_told_to_wait(ask, monkeypatch):
    monkeypatch.setattr(papers, "WAIT_S", 0.05)
    begun, go_on = threading.Barrier(papers.AT_ONCE + 1), threading.Event()

    def slow(*_args, **_named):
        begun.wait(20)
        go_on.wait(20)
        return "f" * 64

    monkeypatch.setattr(papers, "dossier", slow)
    threads = [
        threading.Thread(target=ask, args=("citizen", "/propuestas/1/expediente.pdf"))
        for _ in range(papers.AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    begun.wait(20)
    assert ask("citizen", "/propuestas/1/expediente.pdf").status_code == 503
    go_on.set()
    for thread in threads:
        thread.join()
    monkeypatch.undo()
    # whatever became of them, their places are free again
    assert ask("citizen", "/propuestas/1/expediente.pdf").status_code == 200
