"""Council dossiers: everything is in them, in every format, under one fingerprint."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import replace
from datetime import timedelta

import geopandas as gpd
import openpyxl
import pyogrio
import pypdf
import pytest
from paper_sheet import both
from papers import ADDRESS
from papers import AT
from papers import LONG
from papers import MARK
from papers import argued
from papers import body_of
from papers import code_of
from papers import gather
from papers import on_official_ground
from papers import pages_of
from papers import squeezed
from papers import with_sheet
from papers import written
from qr_reader import read_qr

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.layer import Status
from ilo_geo.core.text import Text
from ilo_geo.services.dossier_data import Said
from ilo_geo.services.dossiers import FORMATS
from ilo_geo.services.dossiers import dossier
from ilo_geo.services.paper_words import ENV_PUBLIC_URL

TITLE = "Parque Ñuñoa <b>alto</b> & «riego» ≤ 3 m² " + "x" * 158


@pytest.fixture
def voted(town):
    return argued(town)


def test_the_pdf_says_all_that_was_said_and_done(town, voted, tmp_path):
    found = with_sheet(
        gather(town, voted), title=TITLE, cost_min_soles=1_200_000, cost_max_soles=1_500_000
    )
    path = written(found, "pdf", tmp_path / "d.pdf")
    text = body_of(path) + pages_of(path)[0]
    for expected in (
        TITLE, LONG, "Aprobada", "entre S/ 1,200,000 y S/ 1,500,000", f"{ADDRESS}/propuestas/1",
        "=2+5 <script>alert(1)</script>", "Motivo: Ofende.", "Razón: Por escrito.",
        "Viable. Dictamen de Persona civil_defence",
        "Puntos a favor (1)", "Puntos en contra (1)", "Otros comentarios (0, más 1 oculto)",
        "2 a favor · 0 en contra · 1 en abstención · 0 sin votar", "1 persona con cuenta ciudadana",
        "Persona councillorA favor", "Persona councillor2A favor", "Persona councillor3Abstención",
        "Calculada el 29/11/2026 10:30", found.dossier.sha256, "impreso el 30/11/2026 15:00",
        "Cerrar la votación", "Qué ha ocurrido", "Capa homes",
        # figures: value, interval, unit, formula, source, status
        "0.312", "0.55", "1,234", "1,500", "habitantes", "-0.5", "Fórmula: Σ w·p / Σ w ≥ 0",
        "Fuentes: Capa homes [3]", "3Capa homesMunicipalidad, homes03/05/2024Modelado5",
        "falta Red de agua", "DS 012 (V)",
        "Cifra served: entre 900 y 1,500 habitantes", "Sin valor, por falta de datos: Cifra water",
    ):  # fmt: skip
        assert squeezed(expected) in text
    assert "Groseríasecreta" not in text


def test_a_note_what_an_interval_is_of_and_why_there_is_no_value_stand_on_paper(
    town, voted, tmp_path
):
    found = with_sheet(gather(town, voted))
    part = found.dossier.proposals[0]
    sheet = part.sheet.sheet
    usual = {one.id: one for one in sheet.figures}
    off = both("Está fuera de toda zona.")
    within = both("dentro de la forma: de {low} a {high}")
    changed = {
        "deficit": usual["deficit"].model_copy(update={"note": off}),
        "tsunami": usual["tsunami"].model_copy(update={"ends": within}),
        "minutes": usual["minutes"].model_copy(update={"value": None}),
    }
    figures = tuple(changed.get(one.id, one) for one in sheet.figures)
    told = part.sheet.model_copy(update={"sheet": sheet.model_copy(update={"figures": figures})})
    again = with_sheet(found, sheet=told)
    text = body_of(written(again, "pdf", tmp_path / "d.pdf"))
    for expected in (
        "Está fuera de toda zona.Qué cuenta deficit: 1 < 2 & 3",
        "dentro de la forma: de 0.100 a 0.550Qué cuenta tsunami",
        "Cifra tsunami: dentro de la forma: de 0.100 a 0.550",
        "Sin valor, por lo que dice cada una en su fila: Cifra minutes.",
        "Sin valor, por falta de datos: Cifra water.",
    ):
        assert squeezed(expected) in text


def test_each_page_has_its_number_the_hash_and_the_date(town, voted, tmp_path):
    found = with_sheet(gather(town, voted))
    pages = pages_of(written(found, "pdf", tmp_path / "d.pdf"))
    assert len(pages) > 2
    for n, page in enumerate(pages, start=1):
        assert f"Página{n}de{len(pages)}" in page
        assert found.dossier.sha256 in page


def test_the_mark_stands_where_something_modelled_does_and_nowhere_else(town, voted, tmp_path):
    ground = on_official_ground(gather(town, voted))
    official = with_sheet(ground, Status.OFFICIAL)
    assert MARK not in "".join(pages_of(written(official, "pdf", tmp_path / "official.pdf")))
    # the figure on people, and where its interval is told in words: no other page
    pages = pages_of(written(with_sheet(ground), "pdf", tmp_path / "modelled.pdf"))
    # the sentence on what is modelled names the mark once in quotation marks
    marked = [page.replace(f"«{MARK}»", "").count(MARK) for page in pages]
    told = ["1,234" in page or "entre900y1,500" in page for page in pages]
    assert [n > 0 for n in marked] == told
    assert 0 < sum(told) < len(pages)
    # a map on modelled streets is marked though no figure is
    plain = pages_of(written(gather(town, voted), "pdf", tmp_path / "map.pdf"))
    assert [MARK in page.replace(f"«{MARK}»", "") for page in plain] == [
        "Basecartográfica" in page for page in plain
    ]


def test_forty_long_comments_and_a_word_without_end_lose_no_letter(town, tmp_path):
    found = gather(town, town.proposal_in("in_debate"))
    said = tuple(
        Said(
            stance=("for", "against", "remark")[n % 3],
            who=Text(es=f"Persona {n}", en=f"Person {n}"),
            at=AT + timedelta(minutes=n),
            text=f"inicio{n} " + (("y" * 3980) if n % 2 else "ñandú \n" * 500) + f" fin{n}",
            hidden=False,
            hidden_reason="",
        )
        for n in range(40)
    )
    deeds = found.dossier.proposals[0].deeds
    long = deeds[-1].model_copy(update={"text": "razón " * 660 + "acaba"})
    full = with_sheet(found, said=said, deeds=(*deeds, long), feasibility_reason="z" * 4000)
    text = body_of(written(full, "pdf", tmp_path / "d.pdf"))
    for one in said:
        assert squeezed(one.text) in text
        assert squeezed(f"{one.who.es}·30/11/2026") in text
    assert "z" * 4000 in text
    assert text.count("razón") == 660


@pytest.mark.parametrize("lang", ["es", "en"])
def test_a_stale_sheet_says_so(town, voted, tmp_path, lang):
    found = gather(town, voted)
    path = written(with_sheet(found, stale=True), "pdf", tmp_path / "d.pdf", lang=lang)
    said = {"es": "FICHADESACTUALIZADA", "en": "STALESHEET"}[lang]
    assert said in "".join(pages_of(path))
    fresh = written(with_sheet(found), "pdf", tmp_path / "f.pdf", lang=lang)
    assert said not in "".join(pages_of(fresh))


@pytest.mark.parametrize(
    "address",
    [
        "http://a.pe",
        ADDRESS,
        "https://planificador-urbano.munichilo.example/ciudad/consulta",
        "https://" + "muy-largo." * 18 + "example",
    ],
)
def test_the_code_leads_to_the_permanent_link(town, voted, tmp_path, address):
    path = written(gather(town, voted), "pdf", tmp_path / "d.pdf", address=address)
    assert read_qr(code_of(path)) == f"{address}/propuestas/{voted['number']}"
    assert f"{address}/propuestas/{voted['number']}" in pages_of(path)[0]


def test_the_reader_of_codes_finds_a_module_that_is_wrong(town, voted, tmp_path):
    modules = code_of(written(gather(town, voted), "pdf", tmp_path / "d.pdf"))
    modules[-1][-1] = not modules[-1][-1]
    with pytest.raises(AssertionError):
        read_qr(modules)


def test_without_an_address_there_is_no_code_and_no_guessed_host(town, voted, tmp_path):
    path = written(gather(town, voted), "pdf", tmp_path / "d.pdf", address=None)
    text = pages_of(path)[0]
    assert "sinellanohaycódigoQR" in text
    assert "http" not in text


def test_a_configured_address_comes_before_the_readers(town, voted, tmp_path, monkeypatch):
    ask = (town.council, town.actors["citizen"], "proposal", "1", "pdf", tmp_path / "d.pdf")
    dossier(*ask, address="http://127.0.0.1:8050/")
    assert "http://127.0.0.1:8050/propuestas/1" in pages_of(tmp_path / "d.pdf")[0]
    monkeypatch.setenv(ENV_PUBLIC_URL, "https://planificador.ilo.example/")
    dossier(*ask, address="http://127.0.0.1:8050/")
    assert "https://planificador.ilo.example/propuestas/1" in pages_of(tmp_path / "d.pdf")[0]
    for wrong in ("javascript:alert(1)", "ilo.example", "https://", "http://a/?b=1"):
        monkeypatch.setenv(ENV_PUBLIC_URL, wrong)
        with pytest.raises(InputError, match="no address of a site"):
            dossier(*ask)


def test_equal_dossiers_are_equal_to_the_byte(town, voted, tmp_path):
    for fmt in ("pdf", "gpkg"):
        one = written(with_sheet(gather(town, voted)), fmt, tmp_path / f"1.{fmt}").read_bytes()
        two = written(with_sheet(gather(town, voted)), fmt, tmp_path / f"2.{fmt}").read_bytes()
        assert one == two, fmt


def test_the_hash_is_of_the_data_and_in_every_format_and_language(town, voted, tmp_path):
    found = with_sheet(gather(town, voted))
    # canonical JSON by hand
    told = json.dumps(
        found.dossier.model_dump(mode="json"), sort_keys=True, ensure_ascii=False,
        separators=(",", ":"),
    )  # fmt: skip
    expected = hashlib.sha256(told.encode()).hexdigest()
    for lang in ("es", "en"):
        for fmt in FORMATS:
            path = written(found, fmt, tmp_path / f"{lang}.{fmt}", lang=lang)
            assert expected in _text_of(path), fmt


def _text_of(path):
    if path.suffix == ".pdf":
        return "".join(pages_of(path))
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        return " ".join(str(c.value) for s in book for row in s.iter_rows() for c in row)
    if path.suffix == ".gpkg":
        return " ".join(gpd.read_file(path, layer="proposals")["data_sha256"])
    return path.read_text("utf-8")


def test_whoever_reads_gets_the_same_dossier(town, voted):
    hashes = {
        gather(town, voted, by).dossier.sha256
        for by in ("citizen", "planner", "secretary", "councillor", "administrator")
    }
    assert len(hashes) == 1


def test_what_is_not_the_actors_business_has_no_dossier(town, tmp_path):
    draft = town.draft()
    path = tmp_path / "d.pdf"
    for by in set(town.actors) - {"planner"}:
        with pytest.raises(NotFoundError):
            dossier(town.council, town.actors[by], "proposal", str(draft["number"]), "pdf", path)
    for key in ("0", "99", "9" * 30, "../1", "1; DROP", "-1", ""):
        with pytest.raises(NotFoundError):
            dossier(town.council, town.actors["planner"], "proposal", key, "pdf", path)
    with pytest.raises(InputError):
        dossier(town.council, town.actors["planner"], "proposal", "1", "../../etc", path)
    assert not path.exists()


def test_the_workbook_holds_numbers_and_runs_nothing(town, voted, tmp_path):
    found = with_sheet(gather(town, voted), title='=HYPERLINK("http://x")')
    path = written(found, "xlsx", tmp_path / "d.xlsx")
    book = openpyxl.load_workbook(path)
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    assert [c.value for c in cells if c.data_type == "f"] == []
    texts = [c.value for c in cells if isinstance(c.value, str)]
    assert not [t for t in texts if t.startswith(("=", "+", "-", "@"))]
    assert any(t.startswith("'=2+5") for t in texts)
    # openpyxl would say nothing of a formula it was told is a text
    with zipfile.ZipFile(path) as archive:
        sheets = [n for n in archive.namelist() if n.startswith("xl/worksheets/")]
        assert all(b"<f>" not in archive.read(name) for name in sheets)
    (people,) = [sheet for sheet in book if sheet.title.endswith("Grupo people")]
    head, row = list(people.iter_rows(values_only=True))
    assert row[head.index("Valor")] == 1234
    assert (row[head.index("Desde")], row[head.index("Hasta")]) == (900, 1500)
    names = [sheet.title for sheet in book]
    assert len({name.lower() for name in names}) == len(names)


def test_the_geopackage_has_the_shape_and_no_name_of_a_person(town, voted, tmp_path):
    found = with_sheet(gather(town, voted))
    path = written(found, "gpkg", tmp_path / "d.gpkg")
    shapes = gpd.read_file(path, layer="proposals")
    assert shapes.geometry[0].equals(found.dossier.proposals[0].geometry)
    assert shapes.crs == town.council.area().crs
    assert (shapes["votes_for"][0], shapes["votes_abstain"][0], shapes["n_support"][0]) == (2, 1, 1)
    figures = pyogrio.read_dataframe(path, layer="figures").set_index("id")
    assert figures.loc["served", ["value", "low", "high"]].tolist() == [1234, 900, 1500]
    assert figures.loc["served", "status"] == "modelled"
    for name in (b"Persona ", b"p-planner", b"councillor"):
        assert name not in path.read_bytes()


def test_nothing_in_a_dossier_is_private(town, voted):
    told = gather(town, voted).dossier.model_dump_json()
    for actor in town.actors.values():
        assert actor.pseudonym not in told or actor.pseudonym == "visitor"
        assert actor.account_id is None or actor.account_id not in told


def test_pdf_is_tagged_with_its_language_and_title(town, voted, tmp_path):
    found = gather(town, voted)
    reader = pypdf.PdfReader(written(found, "pdf", tmp_path / "d.pdf"))
    assert reader.metadata.title == found.dossier.title
    assert reader.trailer["/Root"]["/Lang"] == "es-PE"
    assert reader.outline[0].title == "Ubicación"


@pytest.mark.browser
@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_the_map_opens_offline_and_tells_of_the_proposal(town, voted, tmp_path, browser, size):
    """Nothing is asked of the network, nothing that somebody wrote is run."""
    evil = "Parque <img src=x onerror=alert(1)> {{ 7*7 }} </script>"
    found = gather(town, voted)
    part = found.dossier.proposals[0].model_copy(update={"title": evil})
    told = found.dossier.model_copy(update={"proposals": (part,), "title": evil})
    path = written(replace(found, dossier=told), "html", tmp_path / "d.html")
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    asked, faults = [], []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: faults.append(dialog.message))
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.route("**/*", lambda route: (asked.append(route.request.url), route.continue_()))
    page.goto(path.as_uri())
    page.wait_for_selector("canvas")
    # the shape lies in the middle of what the heading leaves free
    middle = page.evaluate(
        """() => { const map = Object.values(window).find(v => v && v._container && v.getBounds);
            let at; map.eachLayer(l => { if (l.feature && '_symbol' in l.feature.properties)
                at = map.latLngToContainerPoint(l.getBounds().getCenter()); });
            return [at.x, at.y]; }"""
    )
    page.mouse.click(*middle)
    popup = page.wait_for_selector(".leaflet-popup-content").inner_text()
    assert evil in popup
    assert "Aprobada" in popup
    heading = page.inner_text(".heading")
    assert evil in heading
    assert found.dossier.model_copy(update={"proposals": (part,), "title": evil}).sha256 in heading
    assert "MODELADO" in heading
    assert asked == [path.as_uri()]
    assert faults == []
    page.close()
