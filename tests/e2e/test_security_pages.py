"""What a person does on the pages of security, in a real browser."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser
RESPONSE, SPOTS = "/seguridad?new_bases=1&time_limit_s=5", "/seguridad/puntos-criticos"
PHONE_WIDTH = 390


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("path", [RESPONSE, SPOTS])
def test_a_page_of_security_has_no_serious_fault_of_accessibility(open_page, path, size):
    page = open_page(path, size)
    faults = [
        v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")
    ]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in faults] == []
    if size == "phone":
        assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE_WIDTH


def test_the_map_turns_from_minutes_to_sectors_and_back(open_page):
    page = open_page(RESPONSE)
    legend = page.locator("#legend")
    assert "Hasta 5 min" in legend.inner_text()
    page.locator(".segment", has_text="Sectores").click()
    legend.get_by_text("Sector S1").wait_for()
    page.locator(".pin-sector_number").nth(4).wait_for()
    page.locator(".segment", has_text="Minutos").click()
    legend.get_by_text("Hasta 5 min").wait_for()
    page.locator(".pin-sector_number").first.wait_for(state="detached")
    assert page.locator(".pin-proposed").count() == 1


def test_a_look_chosen_on_one_page_is_not_kept_on_the_next(open_page):
    page = open_page(RESPONSE)
    page.locator(".segment", has_text="Recorrido").click()
    page.locator("#legend").get_by_text("Primera pasada").wait_for()
    page.locator(".page-tab", has_text="Puntos críticos").click()
    page.locator("#legend").get_by_text("Densidad").wait_for()
    page.locator(".page-tab", has_text="Respuesta").click()
    page.locator("#legend").get_by_text("Hasta 5 min").wait_for()
    pressed = page.locator(".segment[aria-pressed=true]")
    assert pressed.inner_text() == "Minutos"


def test_a_zone_in_the_table_opens_its_sheet(open_page):
    page = open_page(RESPONSE)
    page.locator(".link-button", has_text="Kennedy").first.click()
    page.wait_for_selector("#found-sheet h2:has-text('Kennedy')")
    assert "En 8 min" in page.locator("#found-sheet").inner_text()


def test_another_goal_names_other_classes(open_page):
    page = open_page(RESPONSE)
    page.get_by_label("Meta de respuesta (verde)").last.fill("4")
    page.locator("#legend").get_by_text("Hasta 4 min").wait_for()
    page.locator(".headline").get_by_text("en 4 min").wait_for()
