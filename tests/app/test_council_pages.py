"""The pages of sittings and of the participatory budget, fired without a browser."""

from __future__ import annotations

import json
import time

import pytest
from council_sittings import FORM
from plotly.utils import PlotlyJSONEncoder
from signed_in import app_of
from signed_in import council_of
from signed_in import session_for
from signed_in import signed

from dash_app import ids
from dash_app.components.bundle_table import why
from dash_app.components.campaign_parts import verdict
from dash_app.i18n import translator
from dash_app.pages import sitting
from dash_app.planner import Planner
from ilo_geo.io.workspace import Workspace
from ilo_geo.proposals.bundles import Bundle
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import account
from ilo_geo.proposals.tables import login_session
from ilo_geo.services import campaigns
from ilo_geo.services.areas import open_area
from ilo_geo.services.campaigns import Project
from ilo_geo.services.proposal_sheet import sheet_of
from ilo_geo.services.sittings import call_sitting
from ilo_geo.services.sittings import do_in_sitting
from ilo_geo.services.sittings import sittings

ES = translator("es")
KNOWN = {f"{ids.KNOWN}.data": {"lang": "es"}}
DAYS = {f"day-{phase}": "01/12/2026" for phase in
        ("preparation", "concertation", "coordination", "formalisation", "closed")}  # fmt: skip


@pytest.fixture
def own(small_area, tmp_path):
    """Return a planner of the small city with a council of its own."""
    planner = Planner(open_area(small_area.catalogue.folder, Workspace(tmp_path / "workspace")))
    yield planner
    planner.jobs.close()


@pytest.fixture
def desk(own):
    """Return a function that makes a client of a role, and who that is."""
    app = app_of(own)

    def desk(role):
        client = signed(app.server.test_client(), session_for(council_of(own), role))
        with council_of(own).reading(system) as repo:
            found = repo.first(account, account.c.role == role)
        return client, Actor(role, found["pseudonym"], found["id"])

    return desk


def fields(kind, typed):
    names = [{"type": kind, "name": name} for name in typed]
    pattern = json.dumps({"name": ["ALL"], "type": kind}, separators=(",", ":"))
    return {
        f"{pattern}.value": [
            {"id": name, "property": "value", "value": value}
            for name, value in zip(names, typed.values(), strict=True)
        ],
        f"{pattern}.id": [{"id": name, "property": "id", "value": name} for name in names],
    }


def pressed(verb):
    """Return a press of a button of the form of a sitting, and what it says changed."""
    name = {"type": "sitting-act", "verb": verb}
    pattern = json.dumps(name | {"verb": ["ALL"]}, separators=(",", ":"))
    changed = f"{json.dumps(name, separators=(',', ':'))}.n_clicks"
    return {f"{pattern}.n_clicks": [{"id": name, "property": "n_clicks", "value": 1}]}, [changed]


def test_the_poll_of_a_screen_keeps_nobody_signed_in_and_says_nothing_new(own, desk, fire_on):
    client, secretary = desk("secretary")
    call_sitting(council_of(own), secretary, FORM)

    def seen_at():
        with council_of(own).reading(system) as repo:
            return [one["seen_at"] for one in repo.find(login_session)]

    values = {**KNOWN, f"{ids.SITTING_POLL}.n_intervals": 1}
    before = seen_at()
    first = fire_on(client)(
        f"{ids.SITTING_STRIP}.children", values, changed=[f"{ids.SITTING_POLL}.n_intervals"]
    )
    told = first.get_json()["response"]
    assert "Sesión ordinaria" in json.dumps(told[ids.SITTING_STRIP], ensure_ascii=False)
    values[f"{ids.SITTING_SEEN}.data"] = told[ids.SITTING_SEEN]["data"]
    again = fire_on(client)(
        f"{ids.SITTING_STRIP}.children", values, changed=[f"{ids.SITTING_POLL}.n_intervals"]
    )
    assert again.status_code == 204
    assert seen_at() == before


def test_the_cover_on_another_screen_follows_the_roll_and_the_agenda(own, desk):
    council = council_of(own)
    _, secretary = desk("secretary")
    _, member = desk("councillor")
    call_sitting(council, secretary, FORM)
    first = sitting.screen(ES, council, member, 1, None)
    assert "Aún no se pasó lista" in words_of(first)
    asked = {"account_id": member.account_id, "present": True}
    sitting_id = sittings(council, secretary)[0]["id"]
    do_in_sitting(council, secretary, "record_attendance", sitting_id, asked)
    after = sitting.screen(ES, council, member, 1, first.seen)
    assert "Prueba councillor" in words_of(after)
    assert sitting.screen(ES, council, member, 1, after.seen) is None


def words_of(screen):
    return json.dumps(screen.words, cls=PlotlyJSONEncoder, ensure_ascii=False)


def test_a_stranger_gets_neither_page_nor_poll(own, desk, fire_on):
    client, _ = desk("citizen")
    stranger = client.application.test_client()
    assert stranger.get("/sesion").status_code in (302, 401)
    assert fire_stranger(stranger, client, fire_on).status_code in (400, 401, 403)


def fire_stranger(stranger, client, fire_on):
    """Fire the poll by a client that nobody is signed in on, with what a page knows."""
    spec = next(
        one
        for one in client.get("/_dash-dependencies").get_json()
        if f"{ids.SITTING_STRIP}.children" in one["output"]
    )
    body = {"output": spec["output"], "outputs": [], "inputs": [], "state": []}
    return stranger.post("/_dash-update-component", json=body)


@pytest.mark.parametrize("role", ["citizen", "planner", "councillor", "administrator"])
def test_the_form_of_a_sitting_is_the_secretarys(own, desk, fire_on, role):
    client, _ = desk(role)
    typed = {"title": "Sesión", "starts_at": "01/12/2026 18:00", "agenda": []}
    press, changed = pressed("plan_sitting")
    values = {
        **KNOWN,
        **fields("sitting-field", typed),
        **press,
        f"{ids.SITTINGS_ASKED}.data": ["nueva"],
    }
    answer = fire_on(client)(f"{ids.SITTING_SAID}.children", values, changed=changed)
    assert "no puede" in answer.get_data(as_text=True)
    assert sittings(council_of(own), system) == []


def test_a_sitting_is_called_by_its_form_and_its_page_follows(own, desk, fire_on):
    client, secretary = desk("secretary")
    press, changed = pressed("plan_sitting")
    typed = {"title": "Sesión", "place": "Sala", "starts_at": "01/12/2026 18:00", "agenda": []}
    values = {**KNOWN, **press, f"{ids.SITTINGS_ASKED}.data": ["nueva"]}

    def save(typed):
        said = values | fields("sitting-field", typed)
        return fire_on(client)(f"{ids.SITTING_SAID}.children", said, changed=changed).get_json()

    answer = save({**typed, "starts_at": "mañana"})
    assert "30/11/2026 18:00" in json.dumps(answer, ensure_ascii=False)
    assert ids.URL not in answer.get("sideUpdate", {})
    assert save(typed)["sideUpdate"][ids.URL] == {"href": "/sesiones/1"}
    [found] = sittings(council_of(own), secretary)
    assert found["starts_at"].isoformat() == "2026-12-01T23:00:00+00:00"


def test_what_is_on_an_agenda_has_its_sheet_before_the_council_meets(own, desk, fire_on):
    council = council_of(own)
    middle = council.area().frame("zones").to_crs(4326).geometry.iloc[0].representative_point()
    _, author = desk("planner")
    shape = {"type": "Point", "coordinates": [middle.x, middle.y]}
    made = council.create(author, {"title": "Parque", "kind": "park"}, shape)
    council.do(author, "submit", made["id"], {})
    client, _ = desk("secretary")
    press, changed = pressed("plan_sitting")
    typed = {"title": "S", "place": "", "starts_at": "01/12/2026 18:00", "agenda": [made["id"]]}
    said = {**KNOWN, **press, f"{ids.SITTINGS_ASKED}.data": ["nueva"]}
    fire_on(client)(
        f"{ids.SITTING_SAID}.children", said | fields("sitting-field", typed), changed=changed
    )
    assert [one["number"] for one in sittings(council, author)] == [1]
    until_s = time.monotonic() + 60
    while sheet_of(council, made["id"]) is None and time.monotonic() < until_s:
        time.sleep(0.05)
    assert sheet_of(council, made["id"]) is not None


def test_a_sitting_is_cancelled_by_its_form_and_listed_with_the_reason(own, desk, fire_on):
    client, secretary = desk("secretary")
    call_sitting(council_of(own), secretary, FORM)
    press, changed = pressed("cancel_sitting")
    values = {**KNOWN, **press, f"{ids.SITTINGS_ASKED}.data": ["1", "editar"]}
    for reason, follows in (("", False), ("Se convocó por error.", True)):
        said = values | fields("sitting-field", {"reason": reason})
        answer = fire_on(client)(f"{ids.SITTING_SAID}.children", said, changed=changed)
        assert (ids.URL in answer.get_json().get("sideUpdate", {})) == follows
    [found] = sittings(council_of(own), secretary)
    assert found["state"] == "cancelled"
    listed = fire_on(client)(
        f"{ids.SITTINGS_BODY}.children", KNOWN | {f"{ids.SITTINGS_ASKED}.data": []}
    ).get_json()
    told = json.dumps(listed, ensure_ascii=False)
    assert "Anulada" in told
    assert "Razón: Se convocó por error." in told
    assert "acta.pdf" not in told
    paper = client.get("/sesiones/1/acta.pdf")
    assert paper.status_code == 409
    assert "Se convocó por error." in paper.get_data(as_text=True)


def test_a_campaign_is_written_by_its_form_and_shown(own, desk, fire_on):
    client, secretary = desk("secretary")
    typed = {"title": "Campaña 2027", "description": "", "envelope_soles": "S/ 1,500,000", **DAYS}
    values = {
        **KNOWN,
        f"{ids.BUDGET_SAVE}.n_clicks": 1,
        f"{ids.BUDGET_ASKED}.data": ["nueva"],
    }
    wrong = {**typed, "envelope_soles": "mucho"}
    refused = fire_on(client)(
        f"{ids.BUDGET_SAVED}.children", values | fields("budget-field", wrong)
    ).get_data(as_text=True)
    assert "notice-error" in refused
    assert "href" not in refused
    assert campaigns.campaigns(council_of(own), secretary) == []
    done = fire_on(client)(
        f"{ids.BUDGET_SAVED}.children", values | fields("budget-field", typed)
    ).get_data(as_text=True)
    [found] = campaigns.campaigns(council_of(own), secretary)
    # the page of the campaign opens, the form does not stay
    assert json.loads(done)["sideUpdate"] == {"url": {"href": f"/presupuesto/{found['id']}"}}
    assert found["envelope_soles"] == 1_500_000
    for role, verbs in (("secretary", 1), ("citizen", 0)):
        reader, _ = desk(role)
        shown = fire_on(reader)(
            f"{ids.BUDGET_BODY}.children", KNOWN | {f"{ids.BUDGET_ASKED}.data": [found["id"]]}
        ).get_data(as_text=True)
        assert "2027" in shown
        assert shown.count("Pasar a Concertaci") == verbs


@pytest.mark.parametrize("address", ["/presupuesto/../etc", "/sesiones/99", "/presupuesto/ab"])
def test_an_address_of_nothing_says_so(own, desk, fire_on, address):
    client, _ = desk("secretary")
    parts = address.split("/")[2:]
    if "sesiones" in address:
        values = KNOWN | {f"{ids.SITTING_ASKED}.data": int(parts[0])}
        output = f"{ids.SITTING_STRIP}.children"
    else:
        values, output = KNOWN | {f"{ids.BUDGET_ASKED}.data": parts}, f"{ids.BUDGET_BODY}.children"
    answer = fire_on(client)(output, values)
    assert answer.status_code == 200
    assert "no existe" in answer.get_data(as_text=True)


def test_a_card_says_the_verdict_with_its_reason_within_reach():
    known = {"id": "ab", "number": 7, "title": "Losa", "kind": "park", "state": "in_review",
             "cost_min_soles": 1, "cost_max_soles": 2, "n_support": 1}  # fmt: skip
    for found, words in (
        ("feasible", "Viable"),
        ("conditional", "Viable con condiciones"),
        ("not_feasible", "No viable"),
    ):
        told = str(verdict(ES, project({**known, "feasibility": found}, "Falta el suelo.")))
        assert f"feasibility-{found}" in told
        assert words in told
        assert "Details" in told
        assert "Falta el suelo." in told
    none = str(verdict(ES, project({**known, "feasibility": ""}, "")))
    assert ES("budget.no_verdict") in none
    assert "Details" not in none


def project(record, reason):
    return Project(record, {}, reason, counted=True, committed=False, over=False)


def bundle(people, closed, risk):
    return Bundle((), people, closed, risk, 0, 0)


def test_of_each_bundle_it_is_said_what_every_other_lacks():
    """Whatever serves as many people or more is named as worse by closing less or risking more."""
    shown = (bundle(490, 0, 388), bundle(450, 1.18, 424), bundle(420, 1.18, 307), bundle(370, 0, 2))
    words = [" ".join(why(ES, shown, n)) for n in range(4)]
    assert words[0] == ES("bundles.most_people")
    assert words[1] == " ".join(
        [ES("bundles.as_many_people", which="1"), ES("bundles.closes_more", which="1")]
    )
    assert words[2] == " ".join(
        [
            ES("bundles.as_many_people", which="1, 2"),
            ES("bundles.closes_more", which="1"),
            ES("bundles.risks_less", which="2"),
        ]
    )
    assert words[3].endswith(ES("bundles.risks_less", which="1, 2, 3"))
