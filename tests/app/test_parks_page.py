"""The page of park sites, fired without a browser."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from signed_in import client_for
from signed_in import council_of

from dash_app import ids
from dash_app.i18n import translator
from dash_app.pages import parks
from dash_app.shell import usual
from dash_app.state import read_view
from ilo_geo.green.candidates.scoring import ranks
from ilo_geo.green.candidates.scoring import scores
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import proposal
from ilo_geo.services.drafts import list_drafts
from ilo_geo.services.pins import chosen_pins

FEW = {"n_parks": 3, "n_draws": 10}


@pytest.fixture(scope="module")
def town(lot_planner):
    return lot_planner


@pytest.fixture(scope="module")
def town_client(town):
    return client_for(town)


@pytest.fixture(scope="module")
def result(town):
    return found(town)


def found(town, **asked):
    return town.result("parks", town.parse({**FEW, **asked}, "parks"))


def run_of(result, town):
    params = town.parse(dict(result.parameters), "parks").model_dump(mode="json")
    return {"analysis": "parks", "params": params, "job": None, "stamp": town.stamp("parks")}


def text_of(blocks):
    """Return what a reader sees of components, one space between pieces."""
    parts = []

    def walk(node):
        if isinstance(node, list | tuple):
            for one in node:
                walk(one)
        elif hasattr(node, "to_plotly_json"):
            walk(getattr(node, "children", None))
        elif node is not None:
            parts.append(str(node))

    walk(blocks)
    return re.sub(r"\s+", " ", " ".join(parts))


@pytest.fixture
def es():
    return translator("es")


def test_the_headline_is_the_people_the_choice_serves_with_their_interval(es, town, result):
    said = text_of(parks.result_block(es, town, result))
    for name in ("new_served_inhab", "new_served_inhab_low", "new_served_inhab_high"):
        assert f"{result.summary[name]:,.0f}" in said


def test_of_one_population_base_no_interval_is_shown(es, town, result):
    ends = {"new_served_inhab_low": None, "new_served_inhab_high": None}
    alone = replace(result, summary={**result.summary, **ends})
    assert es("parks.by_base").strip() in text_of(parks.result_block(es, town, result))
    assert es("parks.by_base").strip() not in text_of(parks.result_block(es, town, alone))


def test_every_site_is_drawn_and_those_struck_say_which_rule_struck_them(es, result):
    drawn = parks.drawn(es, result, "line").areas
    table = result.maps["candidates"]
    struck = drawn.table["struck"]
    assert len(drawn.table) == len(table)
    assert struck.sum() == result.summary["n_excluded"] > 0
    assert (drawn.table.loc[struck, "title_es"] == table.loc[struck, "reason_es"]).all()
    assert set(drawn.classes[struck]) == {"struck"}


def test_pins_are_numbered_in_the_order_of_choice_and_lie_in_their_lots(es, result):
    pins = parks.drawn(es, result, "line").pins.table
    chosen = [row["id"] for row in result.selection.selected]
    assert pins.index.tolist() == chosen
    assert pins["rank"].tolist() == list(range(1, len(chosen) + 1))
    assert result.maps["candidates"].loc[chosen].contains(pins.geometry).all()


def test_a_result_that_chose_nothing_has_no_pins(toy_result):
    assert chosen_pins(toy_result, "parks").empty


def test_the_browser_gets_the_parts_that_give_the_ranks_of_the_library(es, result):
    data = parks.scores(es, result)
    table = result.maps["candidates"].loc[data["ids"]]
    weights = result.tables["weights"]["weight"].to_numpy()
    found = scores(np.array(data["parts"]), weights)
    assert ranks(found).tolist() == table["rank"].tolist()
    assert data["classes"][np.searchsorted(data["breaks"], found[0], side="right")]


def test_sliders_stand_at_the_weights_of_the_judgements_until_some_are_given(town, result):
    view = read_view("/areas-verdes/sitios", town, usual(town))
    values = {w.parameter: w.value for w in parks._weights(view.t, view)}
    judged = result.tables["weights"]["weight"]
    assert values == {f"w_{name}": weight for name, weight in judged.items()}
    given = read_view("/areas-verdes/sitios?w_deficit=1&w_water=1", town, usual(town))
    after = {w.parameter: w.value for w in parks._weights(given.t, given)}
    assert after["w_deficit"] == after["w_water"] > after["w_access"]


def test_the_sheet_of_a_site_adds_its_parts_to_its_score(es, result):
    first = result.selection.selected[0]
    said = text_of(parks.sheet(es, result, first["id"]))
    for part in first["parts"]:
        assert f"{part['contribution']:.3f}" in said
    assert f"{first['score']:.3f}" in said
    for sentence in first["reasons_es"]:
        assert sentence in said


def test_the_sheet_of_a_struck_site_names_every_rule_that_struck_it(es, result):
    table = result.maps["candidates"]
    row = table[table["rules"].str.contains(",")].iloc[0]
    said = text_of(parks.sheet(es, result, row.name))
    assert all(reason in said for reason in row["reason_es"].split("; "))
    # what closes the sheet, and no product of a weight
    assert said.count("×") == 1


def test_a_site_that_is_not_there_has_no_sheet(es, result):
    assert parks.sheet(es, result, "<b>") == []


def test_more_holds_the_frontier_the_curve_and_what_each_rule_struck(es, town, result):
    said = text_of(parks.more_blocks(es, town, result))
    for title in result.tables["rules"]["title_es"]:
        assert title in said
    for people in result.tables["curve"]["unserved_inhab"]:
        assert f"{people:,.0f}" in said
    for people in result.tables["frontier"]["served_inhab"]:
        assert f"{people:,.0f}" in said


def answered(response, output):
    assert response.status_code == 200, response.data
    return json.dumps(response.get_json()["response"][output], ensure_ascii=False)


def test_two_kept_choices_stand_side_by_side_with_the_difference(fire_on, town, town_client):
    a, b = found(town), found(town, n_parks=2)
    kept = {"parks": {"a": run_of(a, town), "b": run_of(b, town)}}
    values = {
        "kept-choices.data": kept,
        "compared.id": ids.COMPARED,
        "run.data": run_of(a, town),
        "known.data": {"lang": "es"},
    }
    said = answered(fire_on(town_client)("compared.children", values), "compared")
    lost = a.summary["new_served_inhab"] - b.summary["new_served_inhab"]
    assert f'"-{lost:,.0f}"' in said or f'"−{lost:,.0f}"' in said
    assert "Parques por proponer" in said
    assert "Solo en A" in said


def test_one_kept_choice_says_that_the_other_is_missing(fire_on, town, town_client):
    a = found(town)
    values = {
        "kept-choices.data": {"parks": {"a": run_of(a, town)}},
        "compared.id": ids.COMPARED,
        "run.data": run_of(a, town),
        "known.data": {"lang": "en"},
    }
    said = answered(fire_on(town_client)("compared.children", values), "compared")
    assert "Kept as A" in said


@pytest.mark.usefixtures("lots_to_propose")
def test_a_choice_is_stored_and_becomes_proposals(fire_on, town, town_client):
    a = found(town)
    values = {
        "propose.n_clicks": 1,
        "proposal-title.value": "Parques <b>2026</b>",
        "run.data": run_of(a, town),
        "known.data": {"lang": "es"},
    }
    said = answered(fire_on(town_client)("proposed.children", values), "proposed")
    stored = list_drafts(town.area).proposals
    mine = next(one for one in stored if one.title == "Parques <b>2026</b>")
    assert mine.id in said
    assert mine.selected_ids == tuple(row["id"] for row in a.selection.selected)
    # and before the council there is one proposal a site, each with a link
    with council_of(town).reading(system) as repo:
        made = repo.find(proposal, proposal.c.origin_ref == mine.id)
    assert len(made) == len(mine.selected_ids)
    assert all(f"/propuestas/{one['number']}" in said for one in made)


def test_a_proposal_without_a_title_is_refused_in_words(fire_on, town, town_client):
    before = len(list_drafts(town.area).proposals)
    values = {
        "propose.n_clicks": 1,
        "proposal-title.value": "  ",
        "run.data": run_of(found(town), town),
        "known.data": {"lang": "es"},
    }
    said = fire_on(town_client)("proposed.children", values).get_data(as_text=True)
    assert "notice-error" in said
    assert len(list_drafts(town.area).proposals) == before
