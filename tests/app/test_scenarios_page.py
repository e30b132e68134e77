"""The page of scenarios without a browser: who sees what, forms, the divided map."""

from __future__ import annotations

import json

import pytest
from council_town import REASON
from signed_in import council_of
from signed_in import session_for
from signed_in import signed

from dash_app import ids
from dash_app.components.scenario_tables import legend
from dash_app.components.scenario_tables import measures
from dash_app.components.scenario_tables import zones
from dash_app.i18n import translator
from dash_app.pages import scenarios as page
from dash_app.pages.scenarios import asked_of
from ilo_geo.core.errors import NotFoundError
from ilo_geo.core.units import peru_number
from ilo_geo.proposals import people
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.tables import account
from ilo_geo.services import scenarios

KNOWN = {"lang": "es"}
ES = translator("es")


@pytest.fixture(scope="module")
def council(planner):
    return council_of(planner)


@pytest.fixture(scope="module")
def actor(council):
    session_for(council, "planner")
    with council.reading(people.system) as repo:
        found = repo.first(account, account.c.username == "planner.de.prueba")
    return Actor("planner", found["pseudonym"], found["id"])


@pytest.fixture(scope="module")
def proposals(council, actor):
    """Return two parks that were submitted."""
    box = council.area().frame("zones").to_crs(4326).geometry.iloc[3]
    x, y = box.representative_point().coords[0]
    made = []
    for n in range(2):
        ring = [[x + n / 400 + a / 1000, y + b / 1000] for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))]
        shape = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        record = council.create(actor, {"title": f"<b>Parque</b> {n}", "kind": "park"}, shape)
        made.append(council.do(actor, "submit", record["id"], {}))
    assert REASON
    return made


@pytest.fixture(scope="module")
def scenario(council, actor, proposals):
    asked = {"title": "Dos parques", "proposal_ids": [one["id"] for one in proposals]}
    return scenarios.create(council, actor, asked)


def answered(response):
    assert response.status_code == 200, response.get_data(as_text=True)
    return json.dumps(response.get_json(), ensure_ascii=False)


def opened(fire, *rest):
    values = {f"{ids.SCENARIOS_ASKED}.data": {"rest": list(rest)}, f"{ids.KNOWN}.data": KNOWN}
    return answered(fire(f"{ids.SCENARIOS_BODY}.children", values))


@pytest.mark.parametrize(
    ("rest", "what"),
    [
        ([], "list"),
        (["nuevo"], "new"),
        (["ab12"], "one"),
        (["ab12", "editar"], "edit"),
        (["ab12", "con", "cd34"], "two"),
    ],
)
def test_an_address_says_what_it_asks_for(rest, what):
    assert asked_of(rest).what == what


@pytest.mark.parametrize(
    "rest", [["../x"], ["<b>"], ["ab", "x"], ["ab", "con"], ["a" * 65], ["ab", "con", "cd", "ef"]]
)
def test_other_addresses_are_refused(rest):
    with pytest.raises(NotFoundError):
        asked_of(rest)


def test_the_list_names_scenarios_and_their_size(fire, scenario):
    shown = opened(fire)
    assert scenario["title"] in shown
    assert "2 propuestas" in shown
    assert "/escenarios/nuevo" in shown


def test_a_scenario_that_is_at_hand_is_shown_with_its_map(fire, council, actor, scenario):
    waiting = json.loads(opened(fire, scenario["id"]))["response"]
    if "Calculando" in json.dumps(waiting):
        assert waiting[ids.SCENARIO_POLL]["disabled"] is False
    view = scenarios.scenario_view(council, actor, scenario["id"])
    shown = json.loads(opened(fire, scenario["id"]))["response"]
    told = json.dumps(shown[ids.SCENARIOS_BODY], ensure_ascii=False)
    assert "B − A" in told
    assert "Dos parques" in told
    # a title is text, never markup
    assert "<b>Parque</b> 0" in told
    split = shown[ids.SCENARIO_MAP]["data"]
    assert {f["properties"]["n"] for f in split["left"]["features"]} == set(view.zones["name"])
    assert [f["properties"]["n"] for f in split["right_shapes"]["features"]] == list(
        view.proposals.index
    )
    assert split["left_shapes"]["features"] == []
    for side, when in (("left", "before"), ("right", "after")):
        told = {f["properties"]["n"]: f["properties"] for f in split[side]["features"]}
        for _, zone in view.zones.iterrows():
            own = told[zone["name"]]
            assert own["c"] == zone[f"supply_class_{when}"]
            assert own["d"] == pytest.approx(zone[f"deficit_ha_{when}"], abs=0.005)


def test_each_figure_opens_to_its_sum_and_its_sources(council, actor, scenario):
    view = scenarios.scenario_view(council, actor, scenario["id"])
    told = str(measures(translator("es"), view))
    green, people = view.measures.loc["green_ha", "after"] * 1e4, 10_000
    assert f"B: {peru_number(green)} / {peru_number(people)} = " in told
    assert "Cada propuesta por sí sola" in told
    for _, row in view.measures.iterrows():
        a, b, change = (
            peru_number(row[name], int(row["decimals"])) for name in ("before", "after", "change")
        )
        assert f"B − A: {b} − {a} = {change}" in told
        # what adds up over proposals is the sum of what each brings
        if row.name in ("risk_inhab", "severe_sites"):
            assert sum(amount or 0 for _, amount in row["parts"]) == pytest.approx(row["after"])
        # only what people wrote themselves comes from no layer
        assert bool(row["layers"]) == (row.name != "cost_soles")
    streets = next(note for note in view.layers if note.layer == "streets")
    assert told.count(f"{streets.title.es}: {streets.source}") > 5
    by_zone = str(zones(translator("es"), view))
    for _, zone in view.zones.iterrows():
        assert f"m² / {peru_number(zone['population_inhab'])} = " in by_zone


def test_a_map_whose_sides_look_the_same_says_so(fire, council, actor, scenario):
    """A camera paints no zone; two parks of a hectare do."""
    place = {"type": "Point", "coordinates": _middle(council)}
    camera = council.create(actor, {"title": "Cámara", "kind": "cameras"}, place)
    asked = {"title": "Solo cámaras", "proposal_ids": [camera["id"]]}
    still = scenarios.create(council, actor, asked)
    views = [scenarios.scenario_view(council, actor, one["id"]) for one in (still, scenario)]
    said = ES("scenario.same_colours")
    assert [page.map_of(ES, view)["words"]["same"] for view in views] == [said, ""]
    two = [page.map_of(ES, views[0], other)["words"]["same"] for other in views]
    assert two == [ES("scenario.same_colours_two"), ""]
    for view in views:
        words = page.map_of(ES, view)["words"]
        assert (said in str(legend(ES, words, modelled=False))) == bool(words["same"])
    assert said in opened(fire, still["id"])
    assert said not in opened(fire, scenario["id"])


def test_two_scenarios_have_a_side_each(fire, council, actor, proposals, scenario):
    asked = {"title": "Uno", "proposal_ids": [proposals[0]["id"]]}
    other = scenarios.create(council, actor, asked)
    for one in (scenario, other):
        scenarios.scenario_view(council, actor, one["id"])
    shown = json.loads(opened(fire, scenario["id"], "con", other["id"]))["response"]
    split = shown[ids.SCENARIO_MAP]["data"]
    assert len(split["left_shapes"]["features"]) == 2
    assert len(split["right_shapes"]["features"]) == 1
    assert "B2 − B1" in json.dumps(shown, ensure_ascii=False)


def test_a_form_writes_a_scenario_and_says_what_it_lacks(fire, council, actor, proposals):
    def save(title, chosen, *rest, version=0):
        values = {
            f"{ids.SCENARIO_SAVE}.n_clicks": 1,
            f"{ids.SCENARIO_TITLE}.value": title,
            f"{ids.SCENARIO_PROPOSALS}.value": chosen,
            f"{ids.SCENARIO_AGAIN}.data": {"version": version},
            f"{ids.SCENARIOS_ASKED}.data": {"rest": list(rest)},
            f"{ids.KNOWN}.data": KNOWN,
        }
        return answered(fire(f"{ids.SCENARIO_SAID}.children", values))

    chosen = [proposals[0]["id"]]
    assert "no tiene título" in save("  ", chosen, "nuevo")
    assert "no tiene propuestas" in save("Vacío", [], "nuevo")
    assert "/escenarios/" in save("Escrito aquí", chosen, "nuevo")
    found = next(
        one.record
        for one in scenarios.scenarios(council, actor)
        if one.record["title"] == "Escrito aquí"
    )
    said = save("Otra vez", chosen, found["id"], "editar", version=found["version"])
    assert found["id"] in said
    stale = save("Tarde", chosen, found["id"], "editar", version=found["version"])
    assert "Nada se" in stale or "otra persona" in stale.lower()


def test_the_form_offers_what_one_may_read_and_nothing_else(fire, council, proposals):
    session_for(council, "councillor")
    with council.reading(people.system) as repo:
        found = repo.first(account, account.c.username == "councillor.de.prueba")
    theirs = Actor("councillor", found["pseudonym"], found["id"])
    place = {"type": "Point", "coordinates": _middle(council)}
    secret = council.create(theirs, {"title": "Borrador ajeno", "kind": "cameras"}, place)
    shown = opened(fire, "nuevo")
    assert proposals[0]["id"] in shown
    assert secret["id"] not in shown
    assert "Borrador ajeno" not in shown


def _middle(council):
    zone = council.area().frame("zones").to_crs(4326).geometry.iloc[0]
    return list(zone.representative_point().coords[0])


def test_who_may_not_read_scenarios_is_told_so_and_refused(app, council, fire_on, scenario):
    client = signed(app.server.test_client(), session_for(council, "citizen"))
    values = {f"{ids.SCENARIOS_ASKED}.data": {"rest": [scenario["id"]]}, f"{ids.KNOWN}.data": KNOWN}
    response = fire_on(client)(f"{ids.SCENARIOS_BODY}.children", values)
    assert response.status_code == 403
    assert scenario["title"] not in response.get_data(as_text=True)


def test_every_measure_has_a_row_in_both_languages(council, actor, scenario):
    view = scenarios.scenario_view(council, actor, scenario["id"])
    for lang in ("es", "en"):
        told = str(measures(translator(lang), view))
        for _, row in view.measures.iterrows():
            assert row[f"title_{lang}"] in told
    assert page.FORMATS
