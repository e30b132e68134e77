"""What one does on the page of cameras, in a real browser, without a network."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser
FEW = "n_cameras=3&max_candidates=30&n_headings=8&n_draws=2&piece_m=50&time_limit_s=5"


@pytest.fixture
def open_cameras(open_page):
    """Return a function that opens the page with three cameras and waits for headline and map."""

    def open_cameras(size="desktop"):
        page = open_page(f"/seguridad/camaras?{FEW}", size)
        page.wait_for_selector("#legend:has-text('Cámaras elegidas')")
        return page

    return open_cameras


def test_each_view_of_the_map_has_its_own_legend(open_cameras):
    page = open_cameras()
    assert "px/m" in page.locator("#legend").inner_text()
    for button, words in (("Por zona", "Sin cobertura"), ("Déficit", "Ni cámara ni patrulla")):
        page.get_by_role("button", name=button).click()
        page.wait_for_selector(f"#legend:has-text('{words}')")
        assert page.get_by_role("button", name=button).get_attribute("aria-pressed") == "true"


def test_a_camera_opens_its_sheet_from_the_list_and_from_its_pin(open_cameras):
    page = open_cameras()
    page.locator("#found-more summary", has_text="una por una").click()
    page.locator("#found-more .link-button").first.click()
    page.wait_for_selector("#found-sheet h2:has-text('Cámara 1')")
    assert "Alcance por calidad" in page.locator("#found-sheet").inner_text()
    page.get_by_role("button", name="Cerrar la ficha").click()
    page.wait_for_selector("#found-sheet h2", state="detached")
    page.locator(".pin.on-map", has_text="2").first.click(force=True)
    page.wait_for_selector("#found-sheet h2:has-text('Cámara')")


def test_two_choices_are_compared_in_figures(open_cameras):
    page = open_cameras()
    page.locator("#keep-a").click()
    page.wait_for_selector("#compared:has-text('Guardada como A')")
    field = page.get_by_role("textbox", name="Número de cámaras")
    field.fill("2")
    field.press("Tab")
    page.wait_for_selector("#found-result .headline-unit:has-text('2 cámaras')", timeout=60_000)
    page.locator("#keep-b").click()
    page.wait_for_selector("#compared table")
    said = page.locator("#compared").inner_text()
    assert "Número de cámaras" in said
    assert "-1" in said


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_axe_finds_nothing_serious_and_nothing_runs_off_the_screen(open_cameras, size):
    page = open_cameras(size)
    found = Axe().run(page).response["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
    panel = page.locator(".panel")
    assert panel.evaluate("e => e.scrollWidth <= e.clientWidth && e.clientWidth <= innerWidth")
