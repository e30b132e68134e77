"""A campaign of the participatory budget in a real browser: its form, phases, projects, bundles."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe

from ilo_geo.services.campaigns import campaigns
from ilo_geo.services.campaigns import create
from ilo_geo.services.council import now

pytestmark = pytest.mark.browser
PHONE_PX = 390
PHASES = ("Preparación", "Concertación", "Coordinación entre niveles de gobierno",
          "Formalización", "Cerrada")  # fmt: skip
IDS = ("preparation", "concertation", "coordination", "formalisation", "closed")


def serious(page):
    found = Axe().run(page).response["violations"]
    return [
        (v["id"], [n["html"][:140] for n in v["nodes"][:3]])
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


def campaign(hall):
    """Return a campaign that has two projects, one dearer than its envelope."""
    town = hall.town
    days = {
        phase: (now() + timedelta(days=30 * n - 45)).date().isoformat()
        for n, phase in enumerate(IDS)
    }
    asked = {"title": "Campaña 2027", "envelope_soles": 500_000, "phase_days": days}
    found = create(town.council, town.actors["secretary"], asked)
    for low, high in ((100_000, 200_000), (600_000, 800_000)):
        proposal = town.draft(cost_min_soles=low, cost_max_soles=high)
        town.do("planner", "submit", proposal)
        town.do("planner", "join_campaign", proposal, campaign_id=found["id"])
    return found


def test_a_campaign_is_created_joined_and_moved_by_keyboard(hall):
    proposal = hall.town.draft(title="Losa del puerto", cost_min_soles=5, cost_max_soles=9)
    hall.town.do("planner", "submit", proposal)
    page = hall.seat("secretary", "/presupuesto/nueva")
    page.get_by_label("Nombre", exact=True).fill("Campaña 2028")
    page.get_by_label("Monto (S/)").fill("1,000,000")
    for n, phase in enumerate(PHASES, start=1):
        page.get_by_label(phase, exact=True).fill(f"01/{n:02}/2027")
    page.get_by_role("button", name="Guardar la campaña").press("Enter")
    # one is on the campaign's page at once
    page.get_by_text("Aún no hay proyectos en la campaña.").first.wait_for()
    which = page.get_by_role("textbox", name="Incluir una propuesta")
    which.press_sequentially("Losa")
    page.get_by_role("option", name="Losa del puerto").wait_for()
    which.press("ArrowDown")
    which.press("Enter")
    page.get_by_role("button", name="Incluir como proyecto").press("Enter")
    page.get_by_role("link", name="Losa del puerto").wait_for()
    page.get_by_text("Caben; sobran al menos S/").first.wait_for()
    page.get_by_role("button", name="Pasar a Concertación").press("Enter")
    page.get_by_role("button", name="Pasar a Coordinación").wait_for()
    page.get_by_text("Corregir la fase").press("Enter")
    page.get_by_role("button", name="Volver a Preparación").press("Enter")
    page.get_by_text("escriba la razón").wait_for()
    page.get_by_label("Razón, por escrito").fill("Faltó una junta.")
    page.get_by_role("button", name="Volver a Preparación").press("Enter")
    page.get_by_role("button", name="Pasar a Concertación").wait_for()
    [found] = campaigns(hall.town.council, hall.town.actors["citizen"])
    assert (found["phase"], found["n_projects"]) == ("preparation", 1)


@pytest.mark.parametrize(("size", "lang"), [("desktop", "es"), ("phone", "en")])
def test_the_page_has_no_serious_fault_of_accessibility(hall, size, lang):
    found = campaign(hall)
    page = hall.seat("secretary", f"/presupuesto/{found['id']}?lang={lang}", size)
    page.wait_for_selector(".envelope-bar")
    assert serious(page) == []
    if size == "phone":
        assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE_PX


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_map_marks_projects_as_proposals_are_and_says_how(hall, size):
    found = campaign(hall)
    page = hall.seat("citizen", f"/presupuesto/{found['id']}", size)
    # both lie on one place: one mark that says how many
    page.wait_for_selector(".cluster")
    assert page.locator(".cluster").inner_text() == "2"
    page.wait_for_selector("#legend .mark-study")
    assert page.locator("#budget-body .card .mark-study").count() == 2
    page.get_by_role("link", name="Todas las campañas").press("Enter")
    page.wait_for_selector("#budget-body h1:has-text('¿qué cabe')")
    page.wait_for_function("() => !document.querySelector('.cluster, #legend .mark')")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_table_of_bundles_fits_and_each_figure_opens(hall, size):
    town, found = hall.town, campaign(hall)
    project = town.draft(cost_min_soles=1_234_567, cost_max_soles=1_234_567, title="Otro")
    town.do("planner", "submit", project)
    town.do("planner", "join_campaign", project, campaign_id=found["id"])
    page = hall.seat("citizen", f"/presupuesto/{found['id']}", size)
    page.get_by_role("button", name="Buscar los paquetes").press("Enter")
    page.wait_for_selector(".bundle-table", timeout=60_000)
    fits = "node => node.scrollWidth <= node.clientWidth"
    assert page.locator(".table-scroll:has(.bundle-table)").evaluate(fits)
    for column in (
        "Personas (hab.)",
        "Déficit cerrado (ha)",
        "Riesgo (hab. equiv.)",
        "Costo máx. (S/)",
    ):
        opener = page.get_by_label(f"Qué es: {column}")
        opener.press("Enter")
        about = page.locator(".bundle-table .info[open] .info-body")
        about.wait_for()
        assert "Σ" in about.inner_text()
        box, width = about.bounding_box(), page.viewport_size["width"]
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        opener.press("Enter")
    page.get_by_text("Cómo se llega a estas cifras").first.press("Enter")
    told = page.locator(".bundles .fold").first.inner_text()
    assert "por sí solo sirve a" in told
    assert "Costo máximo: 200,000 = S/" in told


def test_money_is_said_in_words_and_bundles_say_why(hall):
    found = campaign(hall)
    page = hall.seat("citizen", f"/presupuesto/{found['id']}")
    page.wait_for_selector(".envelope-bar")
    body = page.locator("#budget-body")
    assert "Pasan el monto en al menos S/\u00a0200,000" in body.inner_text()
    assert "Podría costar más que todo el monto." in body.inner_text()
    assert "Ya tocaba según lo previsto" in body.inner_text()
    assert page.locator("[id*=budget-act]").count() == 0
    page.get_by_role("button", name="Buscar los paquetes").press("Enter")
    page.wait_for_selector(".bundle-table", timeout=60_000)
    assert page.locator(".bundle-why").first.inner_text() == (
        "Ningún otro sirve a tantas personas."
    )
    assert "Fuera por costar solos más que el monto:" in body.inner_text()
