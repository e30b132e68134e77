"""What a technician does on the page of loads, in a real browser, without a network."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser
PHONE_PX = 390
PARKS = """nombre;tipo;acceso;wkt
Uno;parque;público;POLYGON ((251100 8047100, 251200 8047100, 251200 8047200, 251100 8047100))
Dos;plaza;zzz;POLYGON ((251300 8047100, 251400 8047100, 251400 8047200, 251300 8047100))
"""


def choose(page, tmp_path):
    path = tmp_path / "parques.csv"
    path.write_text(PARKS, encoding="utf-8")
    page.wait_for_selector("#upload-zone")
    with page.expect_file_chooser() as chooser:
        page.click("#upload-zone")
    chooser.value.set_files(path)
    page.wait_for_selector("#import-body h2")


def test_a_file_is_told_its_system_looked_at_and_loaded(open_loads, tmp_path):
    page = open_loads("/datos/cargar", "desktop")
    choose(page, tmp_path)
    assert "no indica su sistema de referencia" in page.inner_text("#import-body")
    page.click("input[aria-label='Sistema de referencia']")
    page.click("text=WGS84 / UTM 19 S · EPSG:32719")
    page.click("#import-check")
    page.wait_for_selector("#import-body .button.primary")
    assert "1 válidas de 2" in page.inner_text("#import-body")
    assert "se esperaba uno de: publico, privado." in page.inner_text(".import-faults")
    with page.expect_download() as download:
        page.click("text=Bajar para corregir (CSV)")
    assert download.value.suggested_filename == "parques-rechazadas.csv"
    page.click("#import-body .button.primary")
    page.wait_for_selector("#import-body .notice-good", timeout=60_000)
    assert "Se cargaron 1 filas" in page.inner_text("#import-body")
    assert "«Completa a: parques.csv · " in page.inner_text("#import-body")
    page.click("text=Deshacer el último cambio")
    page.wait_for_selector("#versions .versions")
    assert "parques.csv" in page.inner_text("#versions")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_what_was_found_comes_into_view_and_speaks_as_the_page_does(open_loads, tmp_path, size):
    page = open_loads("/datos/cargar", size)
    choose(page, tmp_path)
    said = page.inner_text("#import-body")
    assert "indíquelo." in said
    assert "--crs" not in said
    page.click("input[aria-label='Sistema de referencia']")
    page.click("text=WGS84 / UTM 19 S · EPSG:32719")
    page.click("#import-check")
    page.wait_for_selector("#import-body .button.primary")
    page.wait_for_function(
        "() => { const top = document.querySelector('#import-body').getBoundingClientRect().top;"
        " return top >= 0 && top < window.innerHeight - 150; }"
    )
    first = page.inner_text(".import-table")
    assert "Acceso" in first
    assert "publico" in first
    assert "parque" in first


def test_the_page_has_no_serious_fault_of_accessibility(open_loads, tmp_path):
    page = open_loads("/datos/cargar?lang=en", "phone")
    choose(page, tmp_path)
    faults = [
        v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")
    ]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in faults] == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE_PX
