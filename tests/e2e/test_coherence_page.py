"""What a council member does with the page of coherence, in a real browser, without a network."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser
PAGE = "/datos/coherencia"
PHONE_PX = 390


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_page_has_no_serious_fault_of_accessibility(open_ilo, size):
    page = open_ilo(PAGE, size)
    page.locator(".rule summary").first.click()
    faults = [
        v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")
    ]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in faults] == []
    if size == "phone":
        assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE_PX


def test_a_theme_chosen_stays_in_the_address_and_a_rule_opens(open_ilo):
    page = open_ilo(PAGE, "desktop")
    page.get_by_role("textbox", name="Tema").click()
    page.get_by_role("option", name="Seguridad ciudadana").click()
    page.wait_for_function("() => document.querySelectorAll('.rule').length === 4")
    page.wait_for_url("**plan_theme=security**")
    page.reload()
    page.wait_for_function("() => document.querySelectorAll('.rule').length === 4")
    page.get_by_text("Turnos de serenazgo").click()
    assert page.get_by_text("40 × 6 ÷ 7 ÷ 3").is_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Tabla (CSV)").click()
    assert saved.value.suggested_filename == "ilo-coherencia.csv"


def test_from_the_layers_to_the_rules_and_back_to_an_analysis(open_ilo):
    page = open_ilo("/datos", "desktop")
    page.locator(".page-tab", has_text="Coherencia").click()
    page.wait_for_selector(".rule")
    page.locator(".page-tab", has_text="Capas").click()
    page.wait_for_selector(".catalogue-row")
    assert page.url.partition("?")[0].endswith("/datos")
