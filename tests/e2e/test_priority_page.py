"""What a council member does with the page of priorities, in a real browser, without a network."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser
PAGE = "/prioridad?n_draws=20"
PHONE_PX = 390
ORDER = "() => [...document.querySelectorAll('.rank-row')].map(r => r.dataset.value)"


@pytest.fixture
def open_zones(open_coast):
    """Return a function that opens the page and waits until the zones are ranked."""

    def open_zones(size="desktop"):
        page = open_coast(PAGE, size)
        # the first index of a city computes hazards, green and need
        page.wait_for_selector(".rank-row", timeout=120_000)
        page.wait_for_selector(".classes li")
        return page

    return open_zones


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_page_has_no_serious_fault_of_accessibility(open_zones, size):
    page = open_zones(size)
    faults = [
        v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")
    ]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in faults] == []
    if size == "phone":
        assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE_PX


def test_the_ranking_follows_one_weight_alone_and_the_server_agrees(open_zones, coast_planner):
    page = open_zones()
    for n, value in enumerate((1, 0, 0, 0)):
        page.locator(".weights input[type=range]").nth(n).fill(str(value))
    none = {"risk_weight": 0, "insecurity_weight": 0, "vulnerability_weight": 0, "n_draws": 20}
    params = coast_planner.parse({**none, "green_weight": 1}, "priority")
    zones = coast_planner.result("priority", params).maps["zones"]
    ranked = zones[zones["rank"].notna()].assign(zone=zones.index.astype(str))
    expected = ranked.sort_values(["rank", "zone"])["zone"].tolist()
    assert page.evaluate(ORDER)[: len(expected)] == expected


def test_a_zone_of_the_ranking_opens_its_sum_and_is_outlined(open_zones):
    page = open_zones()
    row = page.locator(".rank-row").first
    name = row.locator(".rank-name").inner_text()
    row.click()
    page.locator("#found-sheet h2", has_text=name).wait_for()
    assert page.locator("#found-sheet tbody tr").count() == 4
