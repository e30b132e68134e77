"""What a person does with the planner, in a real browser, without a network."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
PAGES = ("/", "/areas-verdes", "/datos")
SPANISH = re.compile(
    r"\b(de|los|las|para|área|áreas|verde|capas|datos|habitante|con|meta)\b", re.IGNORECASE
)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_serious_fault_of_accessibility(open_page, path, size):
    page = open_page(path, size)
    faults = [
        v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")
    ]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in faults] == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_wider_than_a_phone(open_page, path):
    page = open_page(path, "phone")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= SIZES["phone"][0]


def test_a_phone_shows_the_whole_navigation(open_page):
    page = open_page("/", "phone")
    # what is cut at the edge or has to be swiped into sight is not found in a hurry
    for link in page.locator(".nav-link").all():
        box = link.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["y"] + box["height"] <= 844
        assert link.evaluate("node => node.scrollWidth <= node.clientWidth")


def test_a_wrong_address_says_so_on_the_first_page(open_page):
    page = open_page("/parques-verdes")
    assert "«/parques-verdes»" in page.locator("#notice").inner_text()
    assert page.locator(".nav-link.current").inner_text() == "Inicio"


def test_every_page_opens_from_the_header_and_keeps_the_map(open_page):
    page = open_page("/")
    page.evaluate("() => { document.querySelector('.leaflet-container').dataset.mine = 'yes'; }")
    for name in ("Áreas verdes", "Datos", "Inicio"):
        page.get_by_role("link", name=name, exact=True).click()
        page.wait_for_selector(f".nav-link.current:has-text('{name}')")
    assert page.locator(".leaflet-container[data-mine=yes]").count() == 1


def test_a_zone_clicked_on_the_map_opens_its_sheet(open_page):
    page = open_page("/areas-verdes")
    page.wait_for_timeout(800)
    box = page.locator(".leaflet-container").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.55, box["y"] + box["height"] * 0.4)
    page.wait_for_selector("#zone-sheet h2")
    assert "÷" in page.locator("#zone-sheet .steps").inner_text()
    assert "zone=" in page.url
    assert "EPSG:32719" in page.locator("#position").inner_text()


def test_a_shared_link_opens_the_same_view(open_page):
    page = open_page("/areas-verdes")
    page.locator(".bar", has_text="Kennedy").click()
    page.get_by_label("Estándar de área verde").last.fill("12")
    page.wait_for_selector(".headline:has-text('meta de 12 m²')")
    page.locator(".legend").get_by_text("Distritos", exact=True).click()
    page.wait_for_selector("h2:has-text('Distritos, de peor a mejor')")
    link = page.url
    assert {"standard_m2_per_inhab=12", "level=districts", "zone=z2"} <= set(
        link.split("?")[1].split("&")
    )
    again = open_page("/" + link.split("/", 3)[3])
    again.wait_for_selector(".headline:has-text('meta de 12 m²')")
    assert again.locator("h2", has_text="Distritos, de peor a mejor").count() == 1
    assert again.url == link


def test_a_forged_link_says_so_in_one_line_and_keeps_the_usual(open_page):
    page = open_page("/areas-verdes?standard_m2_per_inhab=900")
    assert "0.5 – 50" in page.locator("#notice").inner_text()
    assert "meta de 9 m²" in page.locator(".headline").inner_text()


@pytest.mark.parametrize("path", PAGES)
def test_english_leaves_no_spanish(open_page, path):
    page = open_page(path)
    page.get_by_role("link", name="English").click()
    page.wait_for_selector("html[lang=en]")
    page.wait_for_selector(".classes li")
    page.wait_for_timeout(600)
    # names of the city, and sources as they are cited, stay as they are
    own = page.evaluate(
        """() => [...document.querySelectorAll(
             'h1, h2, h3, button:not(.bar), label, summary, dt, .help, .notices li, .banner')]
           .map((e) => e.innerText).join('\\n')"""
    )
    # names of servers are no words either
    own = re.sub(r"[\w-]+(\.[\w-]+)+", "", own)
    assert SPANISH.findall(own.replace("Español", "").replace("18 de Mayo", "")) == []


def test_the_table_sorts_and_selects(open_page):
    page = open_page("/areas-verdes")
    page.get_by_role("button", name="Ver tabla").click()
    page.wait_for_selector(".ag-row")
    page.locator(".ag-row", has_text="Kennedy").first.click()
    page.wait_for_selector("#zone-sheet h2:has-text('Kennedy')")
    head = page.locator(".ag-header-cell-sortable").nth(1)
    head.click()
    page.wait_for_selector(".ag-header-cell[aria-sort='ascending']")
    assert head.get_attribute("aria-sort") == "ascending"


def test_a_layer_shows_where_it_comes_from(open_page):
    page = open_page("/datos")
    page.locator(".catalogue-row", has_text="parks").click()
    page.wait_for_selector(".sheet")
    sheet = page.locator(".sheet").inner_text()
    assert "Modelado" in sheet
    assert "03/05/2024" in sheet


def test_a_result_is_downloaded(open_page):
    page = open_page("/areas-verdes")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV").click()
    assert waiting.value.suggested_filename.endswith(".csv")
