"""What a person does with the page of park sites, in a real browser, without a network."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from ilo_geo.services.drafts import list_drafts

pytestmark = pytest.mark.browser
PAGE = "/areas-verdes/sitios?n_parks=3&n_draws=10"
SIZES = ("desktop", "phone")
PHONE_PX = 390
SLIDER = ".weights input[type=range]"


@pytest.fixture
def town(lot_planner):
    return lot_planner


@pytest.fixture
def open_sites(open_lots):
    """Return a function that opens the page of sites and waits until it is whole."""

    def open_sites(size="desktop"):
        page = open_lots(PAGE, size)
        # the first search of a city reads every layer
        page.wait_for_selector(".rank-row", timeout=120_000)
        page.wait_for_selector(".pin.on-map")
        return page

    return open_sites


def ranking(page):
    return page.evaluate(
        "() => [...document.querySelectorAll('.rank-row')].map(r => r.dataset.value)"
    )


def by_rank(town, **asked):
    params = town.parse({"n_parks": 3, "n_draws": 10, **asked}, "parks")
    table = town.result("parks", params).maps["candidates"].dropna(subset=["rank"])
    return table.sort_values("rank").index.tolist()


def test_the_ranking_follows_the_weights_as_the_library_ranks(open_sites, town):
    page = open_sites()
    assert ranking(page) == by_rank(town)[: len(ranking(page))]
    weights = dict(zip(("w_deficit", "w_access", "w_equity"), (0.0, 1.0, 0.0), strict=True))
    judged = town.result("parks", town.parse({"n_parks": 3, "n_draws": 10}, "parks"))
    rest = judged.tables["weights"]["weight"].iloc[len(weights) :]
    for slider, value in enumerate(weights.values()):
        page.locator(SLIDER).nth(slider).fill(str(value))
    page.wait_for_function("() => document.querySelector('.share').textContent === '0.0 %'")
    moved = {**weights, **{f"w_{name}": value for name, value in rest.items()}}
    assert ranking(page) == by_rank(town, **moved)[: len(ranking(page))]


def test_optimising_uses_the_weights_as_they_stand(open_sites):
    page = open_sites()
    page.locator(SLIDER).first.fill("0")
    with page.expect_response(lambda r: "found-result" in (r.request.post_data or "")):
        page.locator("#apply-weights").click()
    page.wait_for_function("() => location.search.includes('w_deficit=0&')")
    page.wait_for_selector(".certificate.proven")
    assert page.locator(SLIDER).first.input_value() == "0"


def test_a_site_chosen_in_the_ranking_opens_its_sheet_and_a_struck_one_says_why(open_sites, town):
    page = open_sites()
    page.locator(".rank-row").first.click()
    page.wait_for_selector("#found-sheet table")
    assert page.locator(".rank-row .rank-value").first.inner_text() in (
        page.locator("#found-sheet").inner_text()
    )
    table = town.result("parks", town.parse({"n_parks": 3, "n_draws": 10}, "parks"))
    struck = table.maps["candidates"].query("status == 'excluded'").iloc[0]
    page.evaluate("(id) => window.dash_clientside.set_props('found', {data: id})", struck.name)
    page.wait_for_selector("#found-sheet .notices")
    assert struck["reason_es"].split("; ")[0] in page.locator("#found-sheet").inner_text()


def test_two_choices_are_kept_and_compared(open_sites):
    page = open_sites()
    page.locator("#keep-a").click()
    page.wait_for_selector("#compared .help")
    page.get_by_label("Parques por proponer").last.fill("2")
    page.wait_for_selector(".headline-unit:has-text('los 2 sitios')")
    page.locator("#keep-b").click()
    page.wait_for_selector("#compared table")
    assert "Parques por proponer" in page.locator("#compared").inner_text()


@pytest.mark.usefixtures("lots_to_propose")
def test_a_choice_becomes_proposals_with_their_own_pages(open_sites, town):
    page = open_sites()
    page.locator("#proposal-title").fill("Parques del sur")
    page.locator("#propose").click()
    page.wait_for_selector("#proposed code")
    mine = [one for one in list_drafts(town.area).proposals if one.title == "Parques del sur"]
    assert mine[0].id in page.locator("#proposed").inner_text()
    page.locator("#proposed .proposals a").first.click()
    page.wait_for_selector(".state-line .state-chip:has-text('Borrador')")
    assert "Parques del sur" in page.locator("h1").inner_text()
    facts = page.locator(".facts").inner_text()
    assert "de un sitio candidato" in facts
    # how it was chosen: which search, how sure, and the same question asked again
    assert mine[0].id in facts and "Óptimo demostrado" in facts
    page.locator(".facts a", has_text="Parques del sur").click()
    page.wait_for_selector(".rank-row", timeout=120_000)
    assert "/areas-verdes/sitios?" in page.url
    assert page.get_by_label("Parques por proponer").last.input_value() == "3"


@pytest.mark.parametrize("size", SIZES)
def test_the_page_has_no_serious_fault_of_accessibility(open_sites, size):
    page = open_sites(size)
    page.locator(".rank-row").first.click()
    page.wait_for_selector("#found-sheet table")
    page.locator("#keep-a").click()
    page.wait_for_selector("#compared .help")
    for fold in page.locator("#found-more details.fold > summary").all():
        fold.click()
    faults = [
        v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")
    ]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in faults] == []


def test_nothing_is_wider_than_a_phone(open_sites):
    page = open_sites("phone")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE_PX
    panel = page.locator("#panel")
    assert panel.evaluate("(p) => p.getBoundingClientRect().right") <= PHONE_PX
    assert panel.evaluate("(p) => p.scrollWidth - p.clientWidth") <= 0
