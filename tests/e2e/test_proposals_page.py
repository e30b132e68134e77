"""A proposal from the first corner on the map to the vote, by everybody who has a part in it."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from proposal_pages import LONG_MS
from proposal_pages import READY
from proposal_pages import act
from proposal_pages import makes_proposals
from proposal_pages import middle
from proposal_pages import open_ready

from ilo_geo.proposals.people import system
from ilo_geo.services.council_views import proposal_view

pytestmark = pytest.mark.browser


@pytest.fixture
def made(table):
    return makes_proposals(table)


PHONE_PX = 390
OPEN_ALL = """() => document.querySelectorAll(".proposals-page details")
    .forEach((fold) => { fold.open = true; })"""


def number_of(page):
    page.wait_for_function("() => /\\/propuestas\\/\\d+$/.test(location.pathname)")
    return int(page.evaluate("() => location.pathname").rsplit("/", 1)[1])


def view(table, number):
    return proposal_view(table.council, system, number)


def seen_state(page, words):
    page.wait_for_selector(f".state-line .state-chip:has-text('{words}')")


def draw_polygon(page):
    page.get_by_role("button", name="Dibujar un polígono").click()
    box = page.locator(".leaflet-container").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for dx, dy in ((-60, -60), (60, -60), (60, 60), (-60, 60)):
        page.mouse.click(middle[0] + dx, middle[1] + dy)
    page.get_by_role("button", name="Terminar").click()
    page.wait_for_selector(".shape-said:has-text('Polígono listo')")


def test_a_proposal_goes_from_the_map_to_the_vote_in_a_browser(table):
    planner = open_ready(table, "/propuestas")
    assert "Dibuje la primera" in planner.locator(".empty").inner_text()
    planner.get_by_role("link", name="Nueva propuesta").click()
    planner.wait_for_selector("text=1. Dónde")
    draw_polygon(planner)
    planner.get_by_label("Título").fill("Parque de la terraza")
    planner.get_by_label("Costo desde").fill("100000")
    planner.get_by_label("Costo hasta").fill("250000")
    planner.get_by_role("button", name="Guardar borrador").click()
    number = number_of(planner)
    seen_state(planner, "Borrador")
    planner.wait_for_selector(".sheet-figure", timeout=LONG_MS)
    ring = view(table, number).shape["coordinates"][0]
    assert len(ring) == 5
    act(planner, "submit")
    seen_state(planner, "Presentada")

    path = f"/propuestas/{number}"
    defence = open_ready(table, path, role="civil_defence")
    act(defence, "take_up")
    seen_state(defence, "En evaluación técnica")
    act(defence, "assess", verdict="Viable con condiciones", reason="Con muro de contención.")
    defence.wait_for_selector(".feasibility-conditional")
    assert "Con muro de contención." in defence.locator(".proposals-page").inner_text()

    secretary = open_ready(table, path, role="secretary")
    act(secretary, "open_debate")
    seen_state(secretary, "En debate")

    councillor = open_ready(table, path, size="phone", role="councillor")
    act(councillor, "comment", stance="En contra", text="Falta agua para regarlo.")
    councillor.wait_for_selector(".side-against li")
    citizen = open_ready(table, path, size="phone", role="citizen")
    act(citizen, "support")
    citizen.wait_for_selector(".support-number:has-text('1')")

    secretary.reload()
    secretary.wait_for_selector(READY)
    act(secretary, "open_vote", closes_at="31/12/2099 18:00")
    seen_state(secretary, "En votación")
    councillor.reload()
    councillor.wait_for_selector(".vote-choices")
    councillor.get_by_role("button", name="En contra", exact=True).click()
    councillor.wait_for_selector(".my-vote:has-text('Su voto: En contra')")
    councillor.get_by_role("button", name="A favor", exact=True).click()
    councillor.wait_for_selector(".my-vote:has-text('Su voto: A favor')")
    act(secretary, "close_vote")
    seen_state(secretary, "Aprobada")
    roll = secretary.locator(".ballot .roll").text_content()
    assert "Prueba councillor" in roll and "A favor" in roll
    told = secretary.locator(".timeline").inner_text()
    assert told.index("Presentar") < told.index("Abrir la votación") < told.index("Cerrar la vot")
    found = view(table, number)
    assert (found.record["state"], found.n_support, len(found.ballots)) == ("approved", 1, 1)


def test_a_refusal_is_said_where_it_was_made_and_what_was_typed_stays(table, made):
    made("in_debate")
    page = open_ready(table, "/propuestas/1", role="secretary")
    act(page, "comment", stance="Comentario", text="A medio escribir")
    page.wait_for_selector(".side-remark li")
    page.locator("summary:has-text('Añadir un argumento')").click()
    text = page.get_by_label("Su argumento")
    text.fill("Otro comentario sin enviar")
    act(page, "open_vote", closes_at="mañana")
    said = page.locator(".act-said .notice-error")
    said.wait_for()
    assert "30/11/2026 18:00" in said.inner_text()
    field = page.get_by_label("Plazo para votar")
    assert field.input_value() == "mañana"
    field.fill("")
    act(page, "open_vote", quorum="")
    seen_state(page, "En votación")
    assert page.get_by_label("Su argumento").input_value() == "Otro comentario sin enviar"


def test_the_second_of_two_who_edit_is_told_what_changed_and_loses_nothing(table, made):
    made("draft")
    first, second = (open_ready(table, "/propuestas/1/editar") for _ in range(2))
    first.get_by_label("Título").fill("Parque grande")
    first.get_by_role("button", name="Guardar cambios").click()
    number_of(first)
    second.get_by_label("Descripción").fill("Con juegos inclusivos")
    second.get_by_role("button", name="Guardar cambios").click()
    second.wait_for_selector(".conflict")
    told = second.locator(".conflict tbody").inner_text()
    assert "Parque grande" in told and "Parque de prueba" in told
    assert second.get_by_label("Descripción").input_value() == "Con juegos inclusivos"
    assert view(table, 1).record["title"] == "Parque grande"
    second.get_by_role("button", name="Guardar cambios").click()
    number_of(second)
    kept = view(table, 1).record
    assert (kept["title"], kept["description"]) == ("Parque de prueba", "Con juegos inclusivos")


HOSTILE = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>{{7*7}}\'";--'


def test_a_script_is_text_wherever_it_stands(table, made):
    made("in_debate", title=HOSTILE, description=HOSTILE, office=HOSTILE, funds_source=HOSTILE)
    page = open_ready(table, "/propuestas/1", role="secretary")
    act(page, "comment", text=HOSTILE, stance="A favor")
    page.wait_for_selector(".side-for li")
    comment = page.locator(".side-for .written")
    assert comment.inner_text() == HOSTILE
    assert page.locator("h1").inner_text() == HOSTILE
    moderate = page.locator(".side-for .moderate")
    moderate.locator("summary").click()
    moderate.get_by_label("Razón").fill(HOSTILE)
    moderate.get_by_role("button", name="Ocultar un comentario").click()
    page.wait_for_selector(".comment-hidden")
    assert HOSTILE in page.locator(".comment-hidden").inner_text()
    page.goto(f"{table.address}/propuestas")
    page.wait_for_selector(".mark.on-map")
    assert page.locator(".proposal-row .row-title").inner_text() == HOSTILE
    # a tooltip of Leaflet takes HTML, unless it is given a node
    page.locator(".mark.on-map").hover()
    page.wait_for_selector(".leaflet-tooltip strong")
    assert page.locator(".leaflet-tooltip strong").inner_text() == HOSTILE
    assert page.locator(".proposals-page img, .leaflet-tooltip img").count() == 0
    assert page.evaluate("() => window.broken === undefined")


def test_a_filter_is_in_the_address_and_a_link_opens_the_same_view(table, made):
    for state, title in (("draft", "Skate del puerto"), ("submitted", "Parque norte")):
        made(state, title=title)
    page = open_ready(table, "/propuestas")
    assert page.locator(".proposal-row").count() == 2
    with page.expect_response(lambda r: "/propuestas.geojson?p_text=norte" in r.url):
        page.get_by_label("Buscar en título").fill("norte")
    page.wait_for_function("() => document.querySelectorAll('.proposal-row').length === 1")
    page.wait_for_function("() => location.search.includes('p_text=norte')")
    again = open_ready(table, page.evaluate("() => location.pathname + location.search"))
    assert again.locator(".proposal-row .row-title").all_inner_texts() == ["Parque norte"]
    again.locator(".proposal-row").click()
    again.wait_for_selector(".state-line")
    again.get_by_role("link", name="Todas las propuestas").click()
    again.wait_for_selector(".proposal-rows")
    assert again.locator(".proposal-row").count() == 1


def test_a_shape_is_placed_without_a_mouse(table):
    page = open_ready(table, "/propuestas/nueva")
    page.get_by_role("button", name="Marcar un punto").press("Enter")
    page.wait_for_selector(".crosshair")
    page.get_by_role("button", name="Vértice en la cruz").press("Enter")
    page.wait_for_selector(".shape-said:has-text('Punto colocado')")
    page.locator("summary:has-text('Escribir coordenadas')").press("Enter")
    text = page.get_by_label("Vértices")
    lat, lon = map(float, text.input_value().split(","))
    corners = [(0, 0), (0.0005, 0), (0, 0.0005)]
    text.fill("\n".join(f"{lat + dy}, {lon + dx}" for dx, dy in corners))
    page.get_by_role("button", name="Como polígono").press("Enter")
    page.wait_for_selector(".shape-said:has-text('Polígono listo')")
    page.get_by_label("Título").fill("Triángulo")
    page.get_by_role("button", name="Guardar borrador").press("Enter")
    shape = view(table, number_of(page)).shape
    assert [round(x - lon, 6) for x, _ in shape["coordinates"][0]] == [0, 0.0005, 0, 0]


def test_a_shape_comes_from_a_file(table, tmp_path):
    lon, lat = middle(table)
    line = [[lon, lat], [lon + 0.001, lat]]
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": shape}
        for name, shape in (
            ("<b>una</b>", {"type": "LineString", "coordinates": line}),
            ("dos", {"type": "Point", "coordinates": [lon, lat]}),
        )
    ]
    path = tmp_path / "calle <img src=x onerror=alert(1)>.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    page = open_ready(table, "/propuestas/nueva")
    page.locator("summary:has-text('de un archivo')").click()
    with page.expect_file_chooser() as chooser:
        page.locator("#shape-file").click()
    chooser.value.set_files(path)
    page.wait_for_selector("#shape-offered button")
    assert page.locator("#shape-offered button").all_inner_texts() == ["<b>una</b>", "dos"]
    page.locator("#shape-offered button").last.click()
    page.wait_for_selector(".shape-said:has-text('Punto colocado')")


def test_a_draft_of_another_is_as_if_it_were_not_there(table, made):
    made("draft")
    for role in ("councillor", "citizen", "secretary"):
        page = open_ready_or_said(table, "/propuestas/1", role)
        assert "no existe o no es de lectura" in page.locator(".proposals-page").inner_text()
        assert page.locator(".proposal-row").count() == 0


def open_ready_or_said(table, path, role):
    page = table.open_it(path, "desktop", role)
    page.wait_for_selector(".proposals-page .notice-error")
    return page


PAGES = ("/propuestas", "/propuestas/1", "/propuestas/nueva", "/propuestas/1/con/2")


@pytest.mark.parametrize(("size", "lang"), [("desktop", "es"), ("phone", "en")])
def test_the_pages_have_no_serious_fault_of_accessibility(table, made, size, lang):
    made("in_vote")
    made("in_debate")
    for path in PAGES:
        role = "secretary" if path.endswith("1") else "councillor"
        page = open_ready(table, f"{path}?lang={lang}", size, role)
        page.wait_for_timeout(500)
        page.evaluate(OPEN_ALL)
        found = Axe().run(page).response["violations"]
        grave = [v["id"] for v in found if v["impact"] in ("serious", "critical")]
        assert grave == [], (path, [n["html"][:160] for v in found for n in v["nodes"]])
        if size == "phone":
            assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE_PX


def test_from_the_list_a_proposal_opens_without_a_fault(table, made):
    made("in_debate")
    page = open_ready(table, "/propuestas", role="councillor")
    page.locator(".proposal-row").first.click()
    page.wait_for_selector(".state-line")
    # what is asked of the server meanwhile has been answered
    page.wait_for_load_state("networkidle")
    assert page.locator("#notice").inner_text() == ""
