"""What hangs on a proposal, in a real browser: documents, sheet, another one, thousands."""

from __future__ import annotations

import sys
import time

import pytest
from many_proposals import fill
from proposal_pages import act
from proposal_pages import makes_proposals
from proposal_pages import middle
from proposal_pages import open_ready

from ilo_geo.proposals.listing import Filter
from ilo_geo.proposals.listing import n_listed
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import account
from ilo_geo.services.proposal_sheet import refresh_sheet
from ilo_geo.services.proposal_sheet import sheet_of

pytestmark = pytest.mark.browser


@pytest.fixture
def made(table):
    return makes_proposals(table)


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


def choose_document(page, path):
    with page.expect_file_chooser() as chooser:
        page.locator("#attach-document").click()
    chooser.value.set_files(path)


def test_a_document_is_handed_in_listed_and_taken_away_with_a_reason(table, made, tmp_path):
    made("draft")
    page = open_ready(table, "/propuestas/1")
    named = tmp_path / "plano <img src=x onerror=alert(1)>.png"
    named.write_bytes(PNG)
    choose_document(page, named)
    page.wait_for_selector(".documents a")
    assert "img src=x onerror=alert(1)" in page.locator(".documents a").inner_text()
    assert page.locator(".proposals-page img").count() == 0
    with page.expect_download() as download:
        page.locator(".documents a").click()
    assert download.value.path().read_bytes() == PNG
    act(page, "detach", reason="Era de otra propuesta.")
    page.wait_for_selector(".documents .removed")
    assert "Era de otra propuesta." in page.locator(".documents").inner_text()


def test_a_sheet_of_before_is_said_to_be_so_and_made_anew(table, made):
    found = made("draft")
    first = refresh_sheet(table.council, found["id"])
    lon, lat = middle(table)
    moved = {"type": "Point", "coordinates": [lon, lat]}
    values = {name: found[name] for name in ("title", "kind", "version")}
    with table.council.reading(system) as repo:
        who = Actor("planner", *repo_names(repo, found["account_id"]))
    table.council.edit(who, found["id"], values, moved)
    assert sheet_of(table.council, found["id"]).stale
    page = open_ready(table, "/propuestas/1")
    page.wait_for_selector(".sheet-figure")
    page.wait_for_function("() => !document.querySelector('#technical-sheet .notice-stale')")
    now = sheet_of(table.council, found["id"])
    assert now.made_at > first.made_at
    assert not now.stale
    page.locator(".sheet-figure .info > summary").first.click()
    assert "Fórmula" in page.locator(".sheet-figure .info[open]").inner_text()


def repo_names(repo, account_id):
    return repo.get(account, account_id)["pseudonym"], account_id


def test_two_proposals_are_compared_and_the_difference_is_theirs(table, made):
    one, other = made("submitted"), made("submitted", cost_min_soles=5, cost_max_soles=9)
    sheets = [refresh_sheet(table.council, found["id"]).content for found in (one, other)]
    page = open_ready(table, "/propuestas/1")
    page.get_by_label("Número de la otra propuesta").fill("2")
    page.get_by_role("button", name="Comparar", exact=True).click()
    page.wait_for_selector(".compared-proposals")
    assert "entre S/ 5 y S/ 9" in page.locator(".compared-proposals").inner_text()
    rows = page.locator(".compared-proposals tbody tr:not(.group) th").all_inner_texts()
    assert {figure.title.es for figure in sheets[0].figures} <= set(rows)
    assert page.evaluate("() => location.pathname") == "/propuestas/1/con/2"


N_MANY = 5000


def test_thousands_of_proposals_stay_in_hand(table, made):
    """Tell the times, which are the machine's affair, and hold what is painted to the filter."""
    first = made("submitted")
    with table.council.reading(system) as repo:
        who = Actor("planner", *repo_names(repo, first["account_id"]))
    fill(table.council, who, N_MANY)
    open_ready(table, "/propuestas").wait_for_selector(".proposal-row")
    started = time.perf_counter()
    page = open_ready(table, "/propuestas")
    page.wait_for_selector(".proposal-row")
    listed = time.perf_counter() - started
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    page.wait_for_selector(".cluster")
    mapped = time.perf_counter() - started
    assert f"{N_MANY + 1:,} propuestas" in page.locator(".list-count").inner_text()
    assert page.locator(".proposal-row").count() == 25
    # the marks of a screen stand for all of them, and are few
    marks = page.locator(".cluster, .mark.on-map")
    assert marks.count() < 400
    clustered = sum(
        int(text.replace(",", "")) for text in page.locator(".cluster").all_inner_texts()
    )
    assert clustered + page.locator(".mark.on-map").count() == N_MANY + 1
    started = time.perf_counter()
    page.get_by_label("Buscar en título").fill("SKATE del malecon")
    page.wait_for_function(ALL_FIT)
    filtered = time.perf_counter() - started
    with table.council.reading(who) as repo:
        expected = n_listed(repo, Filter(text="skate malecón"))
    assert f"{expected:,} propuestas" in page.locator(".list-count").inner_text()
    sys.stdout.write(
        f"\n{N_MANY} proposals: first paint {painted / 1000:.2f} s, list {listed:.2f} s, "
        f"map {mapped:.2f} s, filter {filtered:.2f} s\n"
    )


ALL_FIT = """() => [...document.querySelectorAll(".proposal-row .row-title")]
    .every((title) => title.textContent === "Skate del malecón")"""
