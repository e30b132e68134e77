"""The page of proposals without a browser: addresses, filters, rights, forged bodies."""

from __future__ import annotations

import gzip
import io
import json

import pytest
from council_town import WAY
from plotly.utils import PlotlyJSONEncoder
from signed_in import app_of
from signed_in import asked_by
from signed_in import council_of
from signed_in import session_for
from signed_in import signed
from small_city import write_small_city

from dash_app import ids
from dash_app.i18n import translator
from dash_app.pages import proposals
from dash_app.planner import Planner
from dash_app.shell import shell
from ilo_geo.core.errors import DatabaseError
from ilo_geo.io.workspace import Workspace
from ilo_geo.proposals import audit
from ilo_geo.proposals.account_rules import account_rules
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import account
from ilo_geo.proposals.tables import proposal
from ilo_geo.services.areas import open_area
from ilo_geo.services.proposal_sheet import refresh_sheet

KNOWN = {"known.data": {"lang": "es"}}
ONE = {"rest": ["1"]}


@pytest.fixture
def desk(tmp_path):
    """Return a planner of a city of its own."""
    folder = write_small_city(tmp_path / "city")
    planner = Planner(open_area(folder, Workspace(tmp_path / "workspace")))
    yield planner
    planner.jobs.close()


@pytest.fixture
def of_role(desk):
    """Return a function that makes a client of the app, signed in as somebody of a role."""
    app = app_of(desk)

    def of_role(role):
        return signed(app.server.test_client(), session_for(council_of(desk), role))

    return of_role


def actor_of(council, role):
    session_for(council, role)
    with council.reading(system) as repo:
        found = repo.first(account, account.c.username == f"{role}.de.prueba")
    return Actor(role, found["pseudonym"], found["id"])


@pytest.fixture
def made(desk):
    """Return a function that makes a proposal of the planner in a state."""
    council = council_of(desk)

    def make(state="draft", **said):
        place = council.area().frame("districts").to_crs(4326).union_all().representative_point()
        asked = {"title": "Parque", "kind": "park", **said}
        point = {"type": "Point", "coordinates": [place.x, place.y]}
        found = council.create(actor_of(council, "planner"), asked, point)
        for verb, role, more in WAY[state]:
            who = actor_of(council, "planner" if role == "author" else role)
            council.do(who, verb, found["id"], more)
        return found

    return make


def state_of(desk, found):
    with council_of(desk).reading(system) as repo:
        return repo.get(proposal, found["id"])


def features(client, query=""):
    answer = client.get(f"/propuestas.geojson{query}", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return json.loads(gzip.decompress(answer.get_data()))["features"]


def test_the_address_of_points_is_packed_has_an_etag_and_obeys_the_filter(of_role, made):
    made("submitted", title="Parque norte")
    made("in_review", title="Losa sur", kind="sports_field")
    client = of_role("citizen")
    first = client.get("/propuestas.geojson")
    assert first.headers["Content-Encoding"] == "gzip"
    again = client.get("/propuestas.geojson", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    for query, titles in (
        ("?p_state=in_review", ["Losa sur"]),
        ("?p_kind=park,other", ["Parque norte"]),
        ("?p_text=LOSA%20sur", ["Losa sur"]),
        ("?p_text=%25", []),
        ("?p_text=_", []),
        ("?p_text=' OR 1=1 --", []),
        ("?p_zone=nowhere", []),
        ("?p_state=no_such", ["Losa sur", "Parque norte"]),
    ):
        found = sorted(f["properties"]["t"] for f in features(client, query))
        assert found == titles, query
    made("submitted")
    changed = client.get("/propuestas.geojson", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


@pytest.mark.parametrize("bbox", ["1,2,3", "a,b,c,d", "nan,0,1,1", "inf,0,1,1"])
def test_a_window_that_is_none_is_refused(of_role, bbox):
    assert of_role("citizen").get(f"/propuestas.geojson?bbox={bbox}").status_code == 400


def test_a_draft_is_on_nobody_elses_map(of_role, made):
    made("draft")
    assert len(features(of_role("planner"))) == 1
    for role in ("citizen", "councillor", "secretary", "civil_defence", "administrator"):
        assert features(of_role(role)) == []


def test_who_is_not_signed_in_reads_no_proposals(desk, made):
    made("submitted")
    stranger = app_of(desk).server.test_client()
    assert stranger.get("/propuestas.geojson").status_code == 401


def fill(fire_on, client, rest, **more):
    done = {"did": ["comment", ""], "at": "now"}
    values = {
        "proposals-asked.data": {"rest": rest, **more},
        "proposal-changed.data": done,
        **KNOWN,
    }
    return fire_on(client)("proposals-body.children", values).get_data(as_text=True)


def test_searches_of_the_api_the_page_and_its_map_are_counted_together(
    fire_on, of_role, made, monkeypatch
):
    made("submitted")
    few = account_rules().model_copy(
        update={"search": account_rules().search.model_copy(update={"most": 3})}
    )
    monkeypatch.setattr("dash_app.rates.account_rules", lambda: few)
    client = of_role("citizen")
    ways = (
        lambda: client.get("/api/propuestas?text=parque"),
        lambda: client.get("/propuestas.geojson?p_text=parque"),
        lambda: fill(fire_on, client, [], p_text="parque"),
    )
    for way in ways:
        way()
    assert ways[0]().status_code == 429
    assert ways[1]().status_code == 429
    assert "squedas en poco tiempo" in ways[2]()
    # what is no search by words is not counted
    assert client.get("/propuestas.geojson").status_code == 200
    assert "squedas en poco tiempo" not in fill(fire_on, client, [])


@pytest.mark.parametrize(("role", "computed"), [("citizen", False), ("planner", True)])
def test_who_only_reads_has_no_sheet_computed(fire_on, desk, of_role, made, role, computed):
    made("submitted")
    council, client = council_of(desk), of_role(role)
    with council.reading(system) as repo:
        before = audit.head(repo.connection)
    fill(fire_on, client, ["1"])
    told = {"proposals-map.data": {"sheet": 1}, **KNOWN}
    job = fire_on(client)("sheet-job.data", told).get_json()
    assert bool(job["response"]["sheet-job"]["data"]) is computed
    if not computed:
        with council.reading(system) as repo:
            assert audit.head(repo.connection) == before
    assert ("sheet-again" in fill(fire_on, client, ["1"])) is False or computed


def test_a_sheet_made_while_the_page_was_on_its_way_is_shown(fire_on, desk, of_role, made):
    council, client = council_of(desk), of_role("planner")
    found = made("submitted")
    shown = proposals.shown(translator("es"), council, actor_of(council, "planner"), ONE, {})
    assert "sheet-waits" in json.dumps(shown.body, cls=PlotlyJSONEncoder)
    refresh_sheet(council, found["id"])
    begun = fire_on(client)("sheet-job.data", {"proposals-map.data": shown.map, **KNOWN})
    job = begun.get_json()["response"]
    assert job == {
        "sheet-job": {"data": {"job": None, "number": 1}}, "sheet-poll": {"disabled": False}
    }  # fmt: skip
    seen = fire_on(client)("sheet-made.data", {"sheet-job.data": job["sheet-job"]["data"], **KNOWN})
    assert "sheet-figure" in seen.get_data(as_text=True)
    # and one that was there already is not sent a second time
    again = proposals.shown(translator("es"), council, actor_of(council, "planner"), ONE, {})
    begun = fire_on(client)("sheet-job.data", {"proposals-map.data": again.map, **KNOWN})
    assert begun.get_json()["response"]["sheet-poll"]["disabled"] is True


def test_another_persons_draft_by_its_number_is_not_there(fire_on, of_role, made):
    made("draft", title="Secreto")
    for rest in (["1"], ["1", "editar"], ["1", "con", "1"]):
        said = fill(fire_on, of_role("councillor"), rest)
        assert "Secreto" not in said
        assert "notice-error" in said
    assert "Secreto" in fill(fire_on, of_role("planner"), ["1"])


def test_the_buttons_are_those_the_table_grants(fire_on, of_role, made):
    made("in_review")
    shown = {
        role: {verb for verb in VERBS if f'"verb":"{verb}"' in fill(fire_on, of_role(role), ["1"])}
        for role in ("planner", "civil_defence", "secretary", "councillor", "citizen")
    }
    assert shown == {
        "planner": {"assess", "observe", "comment"},
        "civil_defence": {"assess", "observe", "comment"},
        "secretary": {"open_debate", "archive", "comment"},
        "councillor": {"comment"},
        "citizen": {"support"},
    }


VERBS = (
    "submit", "take_up", "assess", "observe", "answer", "open_debate", "open_vote", "close_vote",
    "archive", "discard", "start", "complete", "comment", "support", "vote",
)  # fmt: skip


def press(client, verb, fields, number="1", of=""):
    """Send what the browser sends when a verb is pressed."""

    def slot(name):
        return {"type": "act-field", "verb": verb, "of": of, "name": name}

    said = ids.act_said(verb, of)
    states = [
        [{"id": slot(n), "property": "value", "value": v} for n, v in fields.items()],
        [{"id": slot(n), "property": "id", "value": slot(n)} for n in fields],
        {"id": ids.PROPOSALS_ASKED, "property": "data", "value": {"rest": [number]}},
        {"id": ids.KNOWN, "property": "data", "value": {"lang": "es"}},
    ]
    dependencies = client.get("/_dash-dependencies").get_json()
    spec = next(d for d in dependencies if '"type":"act-said"' in d["output"])
    button = {"id": ids.act(verb, of), "property": "n_clicks", "value": 1}
    dumped = json.dumps(ids.act(verb, of), sort_keys=True, separators=(",", ":"))
    body = {
        "output": spec["output"],
        "outputs": {"id": said, "property": "children"},
        "inputs": [button],
        "state": states,
        "changedPropIds": [f"{dumped}.n_clicks"],
    }
    return client.post(
        "/_dash-update-component", data=json.dumps(body), content_type="application/json"
    )


def test_a_verb_that_is_pressed_is_done_and_the_page_hears_of_it(desk, of_role, made):
    found = made("submitted")
    answer = press(of_role("civil_defence"), "take_up", {})
    assert answer.status_code == 200
    assert "proposal-changed" in answer.get_data(as_text=True)
    assert state_of(desk, found)["state"] == "in_review"


@pytest.mark.parametrize(
    ("role", "verb", "fields"),
    [
        ("citizen", "take_up", {}),
        ("planner", "open_debate", {}),
        ("civil_defence", "take_up", {"state": "approved"}),
        ("civil_defence", "take_up", {"account_id": "0"}),
        ("civil_defence", "assess", {"verdict": "feasible", "reason": "Ya."}),
        ("councillor", "vote", {"ballot_id": "00", "choice": "for"}),
        ("secretary", "close_vote", {"outcome": "approved"}),
        ("planner", "no_such_verb", {}),
        ("planner", "edit", {"title": "x"}),
    ],
)
def test_a_forged_body_changes_nothing_and_says_why(desk, of_role, made, role, verb, fields):
    found = made("submitted")
    before = state_of(desk, found)
    answer = press(of_role(role), verb, fields)
    assert "notice-error" in answer.get_data(as_text=True)
    assert state_of(desk, found) == before


def test_a_forged_number_is_no_proposal(of_role, made):
    made("submitted")
    for number in ("0", "2", "-1", "1e3", "٣", "1" * 40):
        answer = press(of_role("civil_defence"), "take_up", {}, number=number)
        assert "no existe" in answer.get_data(as_text=True)


def shape_of_file(client, name, content):
    return client.post(f"/propuestas/forma?name={name}", data=content)


def test_a_file_gives_shapes_only_to_who_may_create(of_role):
    content = json.dumps({"type": "Point", "coordinates": [-71.3, -17.6]})
    answer = shape_of_file(of_role("planner"), "p.geojson", content)
    assert answer.get_json()[0]["shape"]["type"] == "Point"
    assert shape_of_file(of_role("citizen"), "p.geojson", content).status_code == 403


@pytest.mark.parametrize("name", ["../../etc/passwd", "x.html", "x.pdf", "", "..", "a.svg"])
def test_a_file_of_another_kind_is_refused(of_role, name):
    answer = shape_of_file(of_role("planner"), name, b"<html>")
    assert answer.status_code == 400


def test_a_file_too_large_is_refused_before_it_is_read(of_role):
    answer = of_role("planner").post(
        "/propuestas/forma?name=x.geojson", data=io.BytesIO(b" " * 10_000_001)
    )
    assert answer.status_code == 413


def test_why_a_proposal_is_where_it_is_stands_under_its_state(desk, made):
    council = council_of(desk)
    number = state_of(desk, made("in_review"))["number"]
    planner = actor_of(council, "planner")

    def page():
        found = proposals.shown(translator("es"), council, planner, {"rest": [str(number)]}, {})
        return json.dumps([one.to_plotly_json() for one in found.body], cls=PlotlyJSONEncoder)

    assert "why-so" not in page()
    with council.reading(system) as repo:
        found = repo.first(proposal, proposal.c.number == number)
    defence = actor_of(council, "civil_defence")
    council.do(defence, "observe", found["id"], {"reason": "Falta el plano."})
    # once where one looks first, once in the story
    assert page().count("Falta el plano.") == 2
    assert page().index("why-so") < page().index("Datos de la propuesta")


def test_without_its_records_the_page_says_so_and_the_map_stands(desk, monkeypatch):
    def fail(*_args, **_more):
        raise DatabaseError("council.clock_behind", where="x", found="2026", latest="2027")

    monkeypatch.setattr(proposals, "page_of", fail)
    with asked_by("planner"):
        parts = shell(desk, council_of(desk), "http://localhost/propuestas")
    said = json.dumps([one.to_plotly_json() for one in parts], cls=PlotlyJSONEncoder)
    assert "notice-error" in said
    assert "2027" in said
    assert ids.MAP in said
