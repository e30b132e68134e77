"""Signing in, an own account and administering in a real browser: with and without a script."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from people_town import NAME
from people_town import WORDS
from signed_in import council_of
from signed_in import person_with_password

pytestmark = pytest.mark.browser
SERIOUS = ("serious", "critical")


@pytest.fixture
def people(planner):
    council = council_of(planner)
    person_with_password(council, NAME, WORDS, "administrator")
    return council


def serious(page):
    found = Axe().run(page).response["violations"]
    return [one["id"] for one in found if one["impact"] in SERIOUS]


def sign_in(page):
    page.fill("#username", NAME)
    page.fill("#password", WORDS)
    page.click("button.primary")


@pytest.mark.parametrize(("size", "lang"), [("desktop", ""), ("phone", "?lang=en")])
def test_every_page_of_accounts_is_accessible(open_as, address, people, size, lang):
    page = open_as(f"/areas-verdes{lang}", size, role=None)
    assert "/entrar?next=" in page.url
    assert serious(page) == []
    sign_in(page)
    page.wait_for_selector(".headline-number")
    for path in ("/cuenta", "/administracion", "/administracion/auditoria"):
        page.goto(f"{address}{path}{lang}")
        assert serious(page) == []
        wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, path


def test_one_signs_in_by_keyboard_works_and_signs_out(open_as, address, people):
    page = open_as("/riesgos", "desktop", role=None)
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    page.focus("#username")
    page.keyboard.type(NAME)
    page.keyboard.press("Tab")
    page.keyboard.type(WORDS)
    page.keyboard.press("Enter")
    page.wait_for_selector(".account summary")
    assert page.url.startswith(f"{address}/riesgos")
    assert f"Persona {NAME}" in page.inner_text(".account summary")
    page.focus(".account summary")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Salir").click()
    page.wait_for_url(f"{address}/entrar")
    page.go_back()
    page.wait_for_url("**/entrar**")


def test_accounts_need_no_script(browser, address, people):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/administracion")
    sign_in(page)
    page.locator("summary", has_text="Cambiar").first.click()
    page.fill("#display_name", "Sin Guion")
    page.locator("form[action='/administracion/cuentas'] #username").fill("sin.guion")
    page.locator("form[action='/administracion/cuentas'] button").click()
    assert "Sin Guion" in page.inner_text(".told")
    assert len(page.inner_text(".told code")) == 19
    context.close()


def test_a_page_whose_session_is_over_says_so_and_wakes_up_again(browser, address, people):
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{address}/areas-verdes")
    sign_in(page)
    page.wait_for_selector(".headline-number")
    held = context.cookies()
    context.clear_cookies()
    page.click("#nav-home")
    page.wait_for_selector("#session-over:not([hidden])")
    context.add_cookies(held)
    page.click("#nav-green")
    page.wait_for_selector("#session-over", state="hidden")
    page.wait_for_selector(".nav-link.current:has-text('Áreas verdes')")
    page.wait_for_selector(".headline-number")
    assert "/areas-verdes" in page.url
    context.close()


def test_who_may_not_load_data_is_offered_none(open_as, address, people):
    for role, n_offers in (("planner", 1), ("citizen", 0)):
        page = open_as("/datos", "desktop", role=role)
        page.wait_for_selector(".catalogue-row")
        assert page.locator("#fetch-box").count() == n_offers
    page = open_as("/datos/cargar", "desktop", role="citizen")
    page.wait_for_selector("#panel-body h1")
    assert page.locator("#upload-zone").count() == 0
