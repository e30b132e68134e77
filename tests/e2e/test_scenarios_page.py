"""Scenarios in a browser: one is made, its map is divided by mouse, touch and keys."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from signed_in import council_of
from signed_in import session_for

from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import account
from ilo_geo.services import scenarios

pytestmark = pytest.mark.browser
PHONE_PX = 390
TABLE = ".scenario-table"
LONG_MS = 60_000


@pytest.fixture(scope="module")
def council(lot_planner):
    return council_of(lot_planner)


@pytest.fixture(scope="module")
def planner_actor(council):
    session_for(council, "planner")
    with council.reading(system) as repo:
        found = repo.first(account, account.c.username == "planner.de.prueba")
    return Actor("planner", found["pseudonym"], found["id"])


@pytest.fixture(scope="module")
def proposals(council, planner_actor):
    """Return three parks in a row, submitted, with costs."""
    zones = council.area().frame("zones").to_crs(4326).geometry
    made = []
    for n, zone in enumerate(zones[:3]):
        x, y = zone.representative_point().coords[0]
        ring = [[x + a, y + b] for a, b in ((0, 0), (0.002, 0), (0.002, 0.002), (0, 0.002), (0, 0))]
        asked = {"title": f"Parque {n}", "kind": "park", "cost_min_soles": 10, "cost_max_soles": 20}
        record = council.create(planner_actor, asked, {"type": "Polygon", "coordinates": [ring]})
        made.append(council.do(planner_actor, "submit", record["id"], {}))
    return made


@pytest.fixture(scope="module")
def two(council, planner_actor, proposals):
    """Return two scenarios, computed once so that pages need not wait."""
    made = []
    for title, chosen in (("Uno", proposals[:1]), ("Todos", proposals)):
        asked = {"title": title, "proposal_ids": [one["id"] for one in chosen]}
        record = scenarios.create(council, planner_actor, asked)
        scenarios.scenario_view(council, planner_actor, record["id"])
        made.append(record)
    return made


def opened(open_lots, path, size="desktop", role="planner"):
    page = open_lots(path, size, role)
    page.wait_for_selector(".split-range", timeout=LONG_MS)
    page.wait_for_selector(TABLE, timeout=LONG_MS)
    page.wait_for_timeout(800)
    return page


def sides(page):
    """Return where the thumb, the line and the cuts of both panes are, in pixels of the map."""
    return page.evaluate(
        """() => {
          const map = document.querySelector('.leaflet-container').getBoundingClientRect();
          const line = document.querySelector('.split-line').getBoundingClientRect();
          const range = document.querySelector('.split-range');
          const pane = document.querySelector('.leaflet-map-pane');
          const shift = pane.getBoundingClientRect().left - map.left;
          const cut = (name) => document.querySelector(`.leaflet-split-${name}-pane`).style.clip
            .match(/-?[\\d.]+/g).map(Number);
          const [left, right] = [cut('left'), cut('right')];
          return { width: map.width, line: line.left + line.width / 2 - map.left,
                   at: Number(range.value),
                   leftEnds: left[1] + shift, rightBegins: right[3] + shift,
                   leftBegins: left[3] + shift, rightEnds: right[1] + shift };
        }"""
    )


def require_cut_at_the_thumb(found):
    thumb = 22 + found["at"] / 100 * (found["width"] - 44)
    for name in ("line", "leftEnds", "rightBegins"):
        assert found[name] == pytest.approx(thumb, abs=1.5), name
    assert found["leftBegins"] == pytest.approx(0, abs=1.5)
    assert found["rightEnds"] == pytest.approx(found["width"], abs=1.5)


def test_the_map_is_fitted_to_the_proposals_and_again_when_it_changes(open_lots, council, two):
    page = opened(open_lots, f"/escenarios/{two[0]['id']}")
    zone = council.area().frame("zones").to_crs(4326).geometry.iloc[0].representative_point()
    for size in ((1440, 900), (1000, 700)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.wait_for_timeout(1500)
        _zoom, lat, lon = (
            float(part) for part in re.findall(r"-?[\d.]+", page.url.split("map=")[1])
        )
        # the middle of the square that is proposed
        assert (lon, lat) == pytest.approx((zone.x + 0.001, zone.y + 0.001), abs=0.0003)


def test_the_divider_moves_by_keys(open_lots, two):
    page = opened(open_lots, f"/escenarios/{two[1]['id']}")
    require_cut_at_the_thumb(sides(page))
    page.locator(".split-range").focus()
    for key, expected in (("ArrowRight", 51), ("ArrowLeft", 50), ("Home", 0), ("End", 100)):
        page.keyboard.press(key)
        found = sides(page)
        assert found["at"] == expected
        require_cut_at_the_thumb(found)
    said = page.locator(".split-range").get_attribute("aria-valuetext")
    assert "100 %" in said
    # the keys moved the divider and not the map
    before = page.evaluate("() => document.querySelector('.leaflet-map-pane').style.transform")
    page.keyboard.press("ArrowLeft")
    after = page.evaluate("() => document.querySelector('.leaflet-map-pane').style.transform")
    assert before == after


def test_the_divider_moves_by_mouse_and_the_map_stays_under_it(open_lots, two):
    page = opened(open_lots, f"/escenarios/{two[1]['id']}")
    start = sides(page)
    box = page.locator(".leaflet-container").bounding_box()
    thumb = page.locator(".split-range").bounding_box()
    y = thumb["y"] + thumb["height"] / 2
    page.mouse.move(box["x"] + start["line"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + start["line"] + 150, y, steps=5)
    page.mouse.up()
    moved = sides(page)
    assert moved["line"] == pytest.approx(start["line"] + 150, abs=8)
    require_cut_at_the_thumb(moved)
    # beside the thumb the map itself is dragged, and the cut stays where the thumb is
    page.mouse.move(box["x"] + 420, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 480, box["y"] + 230, steps=5)
    page.mouse.up()
    page.wait_for_timeout(500)
    require_cut_at_the_thumb(sides(page))


def test_the_divider_moves_by_touch(browser, lot_address, council, two):
    from signed_in import browser_cookies

    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    context.add_cookies(browser_cookies(lot_address, session_for(council, "planner")))
    page = context.new_page()
    page.goto(f"{lot_address}/escenarios/{two[1]['id']}")
    page.wait_for_selector(".split-range", timeout=LONG_MS)
    page.wait_for_timeout(800)
    start = sides(page)
    box = page.locator(".leaflet-container").bounding_box()
    thumb = page.locator(".split-range").bounding_box()
    x, y = box["x"] + start["line"], thumb["y"] + thumb["height"] / 2
    touch = context.new_cdp_session(page)

    def send(kind, *points):
        at = [{"x": px, "y": py} for px, py in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    send("touchStart", (x, y))
    for step in range(1, 6):
        send("touchMove", (x + 20 * step, y))
    send("touchEnd")
    page.wait_for_timeout(300)
    moved = sides(page)
    assert moved["line"] == pytest.approx(start["line"] + 100, abs=12)
    require_cut_at_the_thumb(moved)
    context.close()


def test_a_scenario_is_made_from_proposals_in_the_page(open_lots, council, proposals, two):
    page = open_lots("/escenarios", "desktop", "planner")
    page.wait_for_selector(".scenario-rows")
    page.get_by_role("link", name="Nuevo escenario").click()
    page.wait_for_selector("#scenario-save")
    page.locator("#scenario-save").click()
    page.wait_for_selector("#scenario-said .notice-error")
    page.locator("#scenario-title").fill("Hecho en la página")
    page.locator("#scenario-proposals").click()
    page.locator("#scenario-proposals").type("parque")
    page.get_by_role("option", name=re.compile("Parque 1")).click()
    page.keyboard.press("Escape")
    page.locator("#scenario-save").click()
    page.wait_for_selector(TABLE, timeout=LONG_MS)
    told = page.locator(".scenarios-page").inner_text()
    assert "Hecho en la página" in told
    assert "Parque 1" in told
    page.get_by_text("Descartar el escenario").click()
    page.locator("#scenario-discard").click()
    page.wait_for_selector(".scenario-rows")
    assert "Hecho en la página" not in page.locator(".scenarios-page").inner_text()


def test_the_map_is_whole_again_on_other_pages(open_lots, two):
    page = opened(open_lots, f"/escenarios/{two[1]['id']}")
    page.get_by_role("link", name="Propuestas", exact=True).last.click()
    page.wait_for_selector(".proposals-page h1")
    page.wait_for_timeout(500)
    assert page.locator(".split-range").count() == 0
    shown = page.evaluate("() => document.querySelector('.leaflet-split-left-pane').style.display")
    assert shown == "none"


@pytest.mark.parametrize(("size", "lang"), [("desktop", "es"), ("phone", "en")])
def test_the_pages_have_no_serious_fault_of_accessibility(open_lots, two, size, lang):
    one, other = (record["id"] for record in two)
    for path in (
        "/escenarios",
        "/escenarios/nuevo",
        f"/escenarios/{other}",
        f"/escenarios/{other}/editar",
        f"/escenarios/{one}/con/{other}",
    ):
        page = open_lots(f"{path}?lang={lang}", size, "planner")
        page.wait_for_selector(".scenarios-page h1", timeout=LONG_MS)
        page.wait_for_timeout(600)
        folds = "document.querySelectorAll('.scenarios-page details')"
        page.evaluate(f"() => {folds}.forEach(d => {{ d.open = true; }})")
        found = Axe().run(page).response["violations"]
        grave = [v["id"] for v in found if v["impact"] in ("serious", "critical")]
        assert grave == [], (path, [n["html"][:200] for v in found for n in v["nodes"]])
        if size == "phone":
            assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE_PX


def test_who_may_not_read_scenarios_is_told_who_may(open_lots, two):
    page = open_lots("/escenarios", "desktop", "citizen")
    page.wait_for_selector("#panel-body h1, .panel h1")
    assert "planificación" in page.locator(".panel").inner_text()
