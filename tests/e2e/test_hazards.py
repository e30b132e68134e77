"""What Defensa Civil does on the page of hazards, in a real browser, without a network."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
pytestmark = pytest.mark.browser
INK = """() => {
  const canvas = document.querySelector('.flood-canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let painted = 0;
  for (let i = 3; i < data.length; i += 4) painted += data[i] > 0;
  return painted;
}"""
SLIDE = """(slider, level) => {
  slider.value = level;
  slider.dispatchEvent(new Event('input', { bubbles: true }));
}"""


@pytest.fixture
def open_hazards(open_coast):
    """Return a function that opens the page and waits for the headline and the flood."""

    def open_it(query="", size="desktop"):
        page = open_coast(f"/riesgos{query}", size)
        page.wait_for_selector("#hazard-result .headline-number", timeout=60_000)
        if "hazard=" not in query:
            page.wait_for_selector(".flood-canvas[data-paint-ms]", state="attached")
            page.wait_for_timeout(800)
            page.wait_for_selector("#hazard-result strong:has-text('terreno')", timeout=60_000)
        return page

    return open_it


def _people(page):
    return int(page.locator("#hazard-result .headline-number").inner_text().replace(",", ""))


def test_the_slider_repaints_map_and_figures_before_the_server_answers(open_hazards):
    page = open_hazards()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    before, ink = _people(page), page.evaluate(INK)
    page.locator(".level-slider input").evaluate(SLIDE, "10")
    page.wait_for_timeout(150)
    assert asked == []
    at_once = _people(page)
    assert at_once < before
    assert page.evaluate(INK) < ink
    assert page.locator("#hazard-result .level-value").inner_text() == "10"
    page.wait_for_selector("#hazard-result .follows-level:not(.pending)", timeout=60_000)
    assert _people(page) == at_once
    assert "level_m=10" in page.url


def test_probability_is_another_picture_with_its_own_legend(open_hazards):
    page = open_hazards()
    assert "Dentro de la línea calculada" in page.locator("#legend").inner_text()
    page.get_by_role("button", name="Probabilidad").click()
    page.wait_for_selector("#legend:has-text('Línea de 50 %')")
    assert page.get_by_role("button", name="Probabilidad").get_attribute("aria-pressed") == "true"


def test_evacuation_shows_the_curve_and_what_helps(open_hazards):
    page = open_hazards("?arrival_min=10")
    page.get_by_role("button", name="Evacuación").click()
    page.wait_for_selector("#evacuation-result .curve img")
    page.wait_for_selector("#measures-result h2:has-text('Refugios')", timeout=120_000)
    assert "Deben salir" in page.locator("#evacuation-result").inner_text()
    page.wait_for_selector("#legend:has-text('Rojo')")


def test_a_click_on_the_map_says_every_hazard_there(open_hazards):
    page = open_hazards()
    box = page.locator(".leaflet-container").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.55, box["y"] + box["height"] * 0.45)
    page.wait_for_selector("#point-card .point-hazards li", timeout=30_000)
    card = page.locator("#point-card").inner_text()
    assert "Tsunami" in card
    assert "Fuente:" in card
    assert not re.search(r"\bsegur[oa]\b", card)
    page.get_by_role("button", name="Cerrar la ficha").click()
    page.wait_for_selector("#point-card article", state="detached")


def test_every_hazard_together_is_one_press_away_from_the_tsunami(open_hazards):
    page = open_hazards()
    page.get_by_role("button", name="Ver todos los peligros juntos").click()
    page.wait_for_selector("#legend h2:has-text('Locales por su peor peligro')", timeout=60_000)
    chosen = page.get_by_role("button", name="Exposición")
    assert chosen.get_attribute("aria-pressed") == "true"
    assert "hazard=exposure" in page.url
    page.get_by_role("button", name="De día").click()
    page.wait_for_selector("#hazard-result .headline-unit:has-text('de día')", timeout=60_000)
    assert "moment=day" in page.url
    page.get_by_text("Qué necesitarían como mínimo").click()
    assert "Manual Esfera" in page.locator(".needs-sources").inner_text()


def test_a_line_of_the_plan_is_switched_off_on_map_and_legend(open_hazards):
    page = open_hazards()
    page.wait_for_selector(".line-name:text-is('15 m')", state="attached")
    page.wait_for_selector(".line-name:text-is('20 m')", state="attached")
    page.locator(".layer-tree > summary").click()
    page.get_by_label("Línea del plan, 15 m").uncheck()
    page.wait_for_selector(".line-name:text-is('15 m')", state="detached")
    page.wait_for_selector("#legend:not(:has-text('Línea del plan, 15 m'))")
    assert "Línea del plan, 20 m" in page.locator("#legend").inner_text()
    assert page.locator(".line-name:text-is('20 m')").count() > 0


@pytest.mark.parametrize(
    ("query", "words"), [("", "Se inunda con el mar a"), ("?hazard=fault", "de la traza")]
)
def test_the_pointer_is_told_band_level_and_how_sure(open_hazards, query, words):
    page = open_hazards(query)
    page.wait_for_selector("#legend li")
    page.wait_for_timeout(800)
    box = page.locator(".leaflet-container").bounding_box()
    for step in range(4, 16):
        page.mouse.move(box["x"] + box["width"] * step / 20, box["y"] + box["height"] * 0.4)
        page.wait_for_timeout(60)
        if page.locator(f".leaflet-tooltip:has-text('{words}')").count():
            break
    said = page.locator(".leaflet-tooltip").inner_text()
    assert words in said
    assert re.search("Muy alto|Alto|Medio|Bajo", said)
    assert re.search("mejor estimación|posible|seguro dentro", said)
    assert "Modelado" in said


@pytest.mark.parametrize("hazard", ["Falla", "Tanques", "Multipeligro"])
def test_each_hazard_has_headline_and_legend(open_hazards, hazard):
    page = open_hazards()
    page.get_by_role("button", name=hazard, exact=True).click()
    page.wait_for_selector(f"#legend h2:has-text('{hazard}')", timeout=60_000)
    page.wait_for_selector("#hazard-result .headline-number")
    assert "Modelado" in page.locator("#legend").inner_text()
    assert "Fuera de la línea" in page.locator("#legend").inner_text()


def test_the_pages_share_one_map_and_one_header(open_hazards):
    page = open_hazards()
    page.get_by_role("link", name="Áreas verdes", exact=True).click()
    page.wait_for_selector("#green-result .headline-number")
    page.wait_for_selector(".legend .classes .span:has-text('<')")
    assert page.evaluate(INK) == 0
    page.get_by_role("link", name="Riesgos", exact=True).click()
    page.wait_for_selector("#hazard-result .headline-number")
    page.wait_for_timeout(800)
    assert page.evaluate(INK) > 0


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("query", ["", "?hazard=multihazard", "?hazard=exposure"])
def test_hazards_have_no_serious_fault_of_accessibility(open_hazards, query, size):
    page = open_hazards(query, size)
    faults = [
        v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")
    ]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in faults] == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= SIZES[size][0]
