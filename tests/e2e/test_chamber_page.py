"""A sitting in real browsers: the secretary leads it by keyboard, councillors vote on their own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from council_sittings import called
from council_sittings import do

from ilo_geo.proposals.rulebook import rulebook

pytestmark = pytest.mark.browser
PHONE_PX = 390
# what the strip at the foot of a phone may take of it
FOOT_PX = 150
# a screen asks each second and a half; what moved has to be there within two seconds of it
MOVED_MS = 4000
SIDES = ("width", "height")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def tabbed_to(page, words, *, done=True):
    """Go by Tab alone to the button of the open box that says ``words``, and press it.

    ``done``: the box is done with and closes by itself.
    """
    page.wait_for_selector("dialog[open]")
    at = (
        "words => document.activeElement.matches('dialog button')"
        " && document.activeElement.textContent === words"
    )
    for _ in range(12):
        if page.evaluate(at, words):
            page.keyboard.press("Enter")
            if done:
                page.wait_for_function("() => !document.querySelector('dialog[open]')")
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not reach {words}")


def counts(page):
    return [int(n) for n in page.locator("#sitting-vote .tally-n").all_inner_texts()]


def wait_counts(page, *wanted):
    page.wait_for_function(
        "wanted => JSON.stringify([...document.querySelectorAll('#sitting-vote .tally-n')]"
        ".map(n => Number(n.textContent))) === JSON.stringify(wanted)",
        arg=list(wanted),
        timeout=MOVED_MS,
    )


def serious(page):
    found = Axe().run(page).response["violations"]
    return [
        (v["id"], [n["html"][:140] for n in v["nodes"][:3]])
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


def in_an_hour(town):
    """Return the time of Lima in an hour: a sitting opens on its day."""
    return (town.clock.at + timedelta(hours=1)).astimezone(rulebook().zone)


def plan(hall):
    """Let the secretary call a sitting of two proposals in the page, by keyboard."""
    titles = ["Parque de la loma", "Losa del puerto"]
    for title in titles:
        found = hall.town.draft(title=title)
        for verb, by, asked in (
            ("submit", "planner", {}),
            ("take_up", "planner", {}),
            ("assess", "planner", {"verdict": "feasible", "reason": "Cabe en el lote."}),
            ("open_debate", "secretary", {}),
        ):
            hall.town.do(by, verb, found, **asked)
    page = hall.seat("secretary", "/sesiones/nueva")
    for label, words in (
        ("Nombre", "Sesión ordinaria"),
        ("Lugar", "Salón consistorial"),
        ("Empieza", f"{in_an_hour(hall.town):%d/%m/%Y %H:%M}"),
    ):
        page.get_by_label(label, exact=True).fill(words)
    agenda = page.get_by_role("textbox", name="Agenda")
    for title in titles:
        agenda.press_sequentially(title)
        page.get_by_role("option", name=title).wait_for()
        press(page, "ArrowDown", "Enter")
    press(page, "Escape")
    page.get_by_role("button", name="Guardar la sesión").press("Enter")
    page.wait_for_url("**/sesiones/1")
    page.wait_for_selector(".cover-agenda li")
    assert page.locator(".cover-agenda li").all_inner_texts()[0].split("\n")[1] == titles[0]
    # the map shows where each lies, by its number
    page.wait_for_selector(".agenda-number")
    on_map = page.locator(".agenda-number").all_inner_texts()
    assert sorted(on_map) == [str(n) for n in range(1, len(titles) + 1)]
    return page


def call_roll(page):
    press(page, "l")
    page.wait_for_selector("#box-roll[open] .seat")
    for present in range(1, 4):
        page.wait_for_function("() => document.activeElement.classList.contains('seat')")
        press(page, "Enter")
        done = f"() => document.querySelectorAll('.seat[aria-pressed=true]').length === {present}"
        page.wait_for_function(done)
        # drawn anew, the button keeps the focus
        page.wait_for_function("() => document.activeElement.matches('.seat[aria-pressed=true]')")
        if present < 3:
            press(page, "Tab")
    page.get_by_label("Quién preside la sesión").fill("Ana Alcalde")
    tabbed_to(page, "Anotar quién preside", done=False)
    page.locator("#box-roll").get_by_text("Preside: Ana Alcalde.").wait_for()
    press(page, "Escape")
    page.wait_for_function("() => !document.querySelector('dialog[open]')")


def test_a_sitting_from_its_call_to_its_roll_call(hall):
    page = plan(hall)
    call_roll(page)
    press(page, "o")
    tabbed_to(page, "Abrir la sesión")
    page.get_by_text("Abierta", exact=True).wait_for()
    press(page, "ArrowRight")
    page.get_by_role("heading", name="Parque de la loma").wait_for()
    # a tie needs the casting vote
    councillors = [hall.seat(name) for name in ("councillor", "councillor2", "councillor3")]
    press(page, "v")
    tabbed_to(page, "Abrir la votación")
    page.get_by_text("Votación abierta").first.wait_for()
    for one, key in zip(councillors, "123", strict=True):
        one.wait_for_selector(".own-votes")
        press(one, key)
    wait_counts(page, 1, 1, 1)
    wait_counts(councillors[0], 1, 1, 1)
    assert page.locator(".roll-call").count() == 0
    assert page.locator(".vote-roll .voted").count() == 3
    press(councillors[2], "1")
    wait_counts(page, 2, 1, 0)
    press(councillors[2], "3")
    wait_counts(page, 1, 1, 1)
    press(page, "v")
    # without a choice nothing closes, and the box itself says why
    tabbed_to(page, "Cerrar la votación", done=False)
    page.locator("#box-count[open] [role=alert]").get_by_text("Hay empate").wait_for()
    assert page.locator("#notice").inner_text() == ""
    assert min(page.get_by_role("radio").first.bounding_box()[side] for side in SIDES) >= 24
    page.locator("#box-count").get_by_text("Preside: Ana Alcalde.").wait_for()
    page.get_by_role("radio", name="A favor").press("Space")
    page.get_by_label("Razón del voto dirimente").fill("El barrio no tiene parque.")
    tabbed_to(page, "Cerrar la votación")
    for one in (page, councillors[0]):
        one.get_by_text("APROBADA", exact=True).wait_for(timeout=MOVED_MS)
        roll = one.locator(".roll-call").inner_text()
        assert "A favor\nPersona councillor\n" in roll
        assert "En contra\nPersona councillor2" in roll
        assert "Abstención\nPersona councillor3" in roll
        cast = "voto dirimente a favor, de Ana Alcalde. El barrio no tiene parque."
        assert one.get_by_text(cast).is_visible()
    assert councillors[0].locator(".own-votes").count() == 0
    press(page, "ArrowRight")
    for one in (page, *councillors):
        one.get_by_role("heading", name="Losa del puerto").wait_for(timeout=MOVED_MS)
    press(page, "c")
    page.get_by_text("Sin votar en esta sesión: Losa del puerto").wait_for()
    tabbed_to(page, "Cerrar la sesión")
    for one in (page, councillors[0]):
        one.get_by_text("Cerrada", exact=True).wait_for(timeout=MOVED_MS)
        assert one.get_by_role("link", name="Acta (PDF)").count() == 1


def opened(hall, n=1, attend=3):
    """Return an open sitting whose first proposal is on the screen."""
    town = hall.town
    proposals = [town.proposal_in("in_debate") for _ in range(n)]
    found = called(town, *proposals, starts_at=f"{in_an_hour(town):%Y-%m-%dT%H:%M}")
    for name in ("councillor", "councillor2", "councillor3")[:attend]:
        who = town.actors[name].account_id
        do(town, "record_attendance", found, account_id=who, present=True)
    do(town, "open_sitting", found)
    do(town, "show_proposal", found, proposal_id=proposals[0]["id"])
    return found, proposals


def test_who_is_not_on_the_roll_is_told_so_and_changes_nothing(hall):
    _, [proposal] = opened(hall, attend=1)
    hall.town.do("secretary", "open_vote", proposal)
    page = hall.seat("councillor2")
    page.get_by_text("Usted no figura en la lista de esta sesión").wait_for()
    # told before they try: there is nothing to press, and the key does nothing
    assert page.locator(".own-votes").count() == 0
    press(page, "1")
    assert counts(page) == [0, 0, 0]


def test_a_casting_vote_chosen_for_a_tie_that_ended_is_not_sent(hall):
    _, [proposal] = opened(hall)
    hall.town.do("secretary", "open_vote", proposal)
    hall.town.vote(proposal, "for", "against")
    page = hall.seat("secretary")
    page.wait_for_selector(".vote-tiles")
    press(page, "v")
    page.get_by_role("radio", name="En contra").press("Space")
    page.get_by_label("Razón del voto dirimente").fill("Ya no hace falta.")
    hall.town.vote(proposal, "for", "for")
    page.wait_for_selector("#sitting-tie", state="hidden", timeout=MOVED_MS)
    assert page.locator("#box-count[open]").count() == 1
    tabbed_to(page, "Cerrar la votación")
    page.get_by_text("APROBADA", exact=True).wait_for()
    assert page.locator(".vote-cast").count() == 0


def test_what_is_refused_in_the_roll_is_said_in_its_box(hall):
    _, [proposal] = opened(hall)
    hall.town.do("secretary", "open_vote", proposal)
    hall.town.vote(proposal, "for")
    page = hall.seat("secretary")
    page.wait_for_selector(".vote-tiles")
    press(page, "l")
    page.wait_for_selector("#box-roll[open] .seat")
    press(page, "Enter")
    page.locator("#box-roll[open] [role=alert]").get_by_text("Ya votó").wait_for()
    assert page.locator("#notice").inner_text() == ""


def test_what_does_not_fit_is_counted_and_reached_by_the_arrows(hall):
    _, [proposal] = opened(hall)
    for n in range(4):
        words = f"Punto {n}: el terreno no es del municipio y el agua no alcanza para regarlo."
        hall.town.do("planner", "comment", proposal, stance="against", text=words)
    hall.town.do("secretary", "open_vote", proposal)
    page = hall.seat("secretary")
    more = page.locator("#sitting-against-more")
    more.get_by_text("más ↓").wait_for()
    seen = "() => document.querySelector('#sitting-against').getBoundingClientRect().bottom"
    below = (
        "edge => [...document.querySelectorAll('#sitting-against li, #sitting-against p')]"
        ".filter(one => one.getBoundingClientRect().bottom > edge).length"
    )
    # the band that tells it takes the line it would cut through along
    whole = (
        "() => { const words = document.querySelector('#sitting-against'), of = new Range(),"
        " texts = document.createTreeWalker(words, NodeFilter.SHOW_TEXT), lines = [],"
        " edge = words.nextElementSibling.getBoundingClientRect().top;"
        " while (texts.nextNode()) { of.selectNodeContents(texts.currentNode);"
        " lines.push(...of.getClientRects()); }"
        " return lines.every(line => edge <= line.top + 1 || line.bottom <= edge + 1); }"
    )
    edge = page.evaluate(seen) - more.bounding_box()["height"]
    n = page.evaluate(below, edge)
    assert 0 < n < 5
    assert more.inner_text() == f"y {n} más ↓"
    for height in range(860, 904, 4):
        page.set_viewport_size({"width": 1440, "height": height})
        page.wait_for_function(whole, timeout=MOVED_MS)
    for _ in range(8):
        press(page, "ArrowDown")
    page.wait_for_function("() => !document.querySelector('#sitting-against-more').textContent")
    assert page.evaluate(below, page.evaluate(seen)) == 0
    # told in the other language as well, and nothing is told where all of it fits
    english = hall.seat("citizen", "/sesion?lang=en")
    english.locator("#sitting-against-more").get_by_text(f"and {n} more ↓").wait_for()
    english.set_viewport_size({"width": 1440, "height": 3000})
    english.wait_for_function("() => !document.querySelector('#sitting-against-more').textContent")


def test_on_a_phone_the_proposal_has_the_screen_and_the_vote_is_a_tap_away(hall):
    _, [proposal] = opened(hall)
    for n in range(4):
        hall.town.do("planner", "comment", proposal, stance="against", text=f"Es caro. {n}" * 20)
    hall.town.do("secretary", "open_vote", proposal)
    page = hall.seat("councillor", size="phone")
    page.wait_for_selector(".own-votes")
    bar = foot(page, "Han votado 0 de 3")
    read = page.locator("#sitting-words h1").bounding_box()
    assert read["y"] + read["height"] < bar["y"]
    # what stands against is further down: the way there shows until it is reached
    page.get_by_role("button", name="Qué hay en contra ↓").click()
    page.locator(".to-against").wait_for(state="hidden")
    first = page.locator("#sitting-against li").first.bounding_box()
    assert 0 <= first["y"] < bar["y"]
    page.locator("#sitting-words h1").scroll_into_view_if_needed()
    page.locator(".to-against").wait_for()
    page.locator("#sitting-against li").last.scroll_into_view_if_needed()
    # wherever one reads, the buttons stay
    assert page.locator(".vote-foot").bounding_box() == pytest.approx(bar, abs=1)
    page.get_by_role("button", name="A favor").click()
    page.get_by_text("Su voto: A favor.").wait_for()
    foot(page, "Han votado 1 de 3")
    page.locator(".vote-tiles").scroll_into_view_if_needed()
    wait_counts(page, 1, 0, 0)


def foot(page, *words):
    """Return where the strip at the foot of a phone is; it says ``words``, all of it in sight."""
    strip = page.locator(".vote-foot")
    for said in words:
        strip.get_by_text(said).wait_for(timeout=MOVED_MS)
    box, shown = strip.bounding_box(), page.locator(".page").bounding_box()
    assert box["height"] <= FOOT_PX
    assert box["y"] + box["height"] == pytest.approx(shown["y"] + shown["height"], abs=1)
    return box


@pytest.mark.parametrize("lang", ["es", "en"])
def test_on_a_phone_why_one_has_no_vote_and_what_came_out_are_in_sight(hall, lang):
    _, [proposal] = opened(hall, attend=2)
    for n in range(4):
        hall.town.do("planner", "comment", proposal, stance="against", text=f"Es caro. {n}" * 20)
    hall.town.do("secretary", "open_vote", proposal)
    page = hall.seat("councillor3", f"/sesion?lang={lang}", "phone")
    count, why, out = {
        "es": ("Han votado 0 de 3", "Usted no figura en la lista", "RECHAZADA"),
        "en": ("0 of 3 have voted", "You are not on the roll", "REJECTED"),
    }[lang]
    foot(page, count, why)
    assert page.locator(".to-against").is_visible()
    hall.town.vote(proposal, "against", "against")
    hall.town.do("secretary", "close_vote", proposal)
    foot(page, out)


def test_a_sitting_called_by_mistake_is_cancelled_and_the_choice_of_its_agenda_covers_nothing(hall):
    town = hall.town
    called(town, *(town.proposal_in("in_debate") for _ in range(5)))
    page = hall.seat("secretary", "/sesiones/1/editar")
    page.get_by_role("textbox", name="Agenda").click()
    page.get_by_role("option").first.wait_for()
    at = page.get_by_role("listbox").bounding_box()
    save = page.get_by_role("button", name="Guardar la sesión").bounding_box()
    assert at["y"] + at["height"] <= save["y"]
    press(page, "Escape")
    page.locator("summary", has_text="Anular la convocatoria").press("Enter")
    page.get_by_label("Razón, por escrito").fill("Se convocó por error.")
    page.get_by_role("button", name="Anular la convocatoria").press("Enter")
    page.wait_for_url("**/sesiones/1")
    page.get_by_text("Razón: Se convocó por error.").wait_for()
    assert page.locator(".chamber-strip").inner_text().endswith("Anulada")
    assert page.locator("[data-opens]").count() == 0


def test_keys_can_be_switched_off_and_are_none_inside_a_box(hall):
    opened(hall)
    page = hall.seat("secretary")
    page.wait_for_selector(".key")
    press(page, "t", "l")
    assert page.locator("#box-roll[open]").count() == 0
    press(page, "t", "l")
    page.wait_for_selector("#box-roll[open]")
    press(page, "v")
    assert page.locator("#box-begin[open]").count() == 0


def test_only_who_may_has_the_keys(hall):
    opened(hall)
    page = hall.seat("citizen")
    assert page.locator("[data-opens], .own-votes").count() == 0
    assert page.locator("#sitting-words h1").inner_text() == "Parque de la terraza"


@pytest.mark.parametrize(("size", "lang"), [("desktop", "es"), ("phone", "en")])
def test_the_screen_has_no_serious_fault_of_accessibility(hall, size, lang):
    _, [proposal] = opened(hall)
    hall.town.do("secretary", "open_vote", proposal)
    hall.town.vote(proposal, "for", "against")
    for name in ("secretary", "councillor"):
        page = hall.seat(name, f"/sesion?lang={lang}", size)
        page.wait_for_selector(".vote-tiles")
        assert serious(page) == []
        if size == "phone":
            assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE_PX
    page = hall.seat("secretary", f"/sesion?lang={lang}", size)
    page.wait_for_selector(".key")
    if size == "desktop":
        press(page, "v")
        page.wait_for_selector("#box-count[open]")
        assert serious(page) == []


def test_text_on_a_projector_is_large(hall):
    opened(hall)
    page = hall.seat("secretary")
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.wait_for_selector(".chamber-words h1")
    size = "sel => parseFloat(getComputedStyle(document.querySelector(sel)).fontSize)"
    assert page.evaluate(size, ".chamber-words p") >= 29
    assert page.evaluate(size, ".chamber-words h1") >= 60
