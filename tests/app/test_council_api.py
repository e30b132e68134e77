"""The API as a program meets it: JSON in and out, every refusal with its status and its code."""

from __future__ import annotations

import json
import time
from io import BytesIO

import pytest
from council_clients import TownClients
from council_rows import all_rows
from council_rows import first_broken

from ilo_geo.proposals.account_rules import account_rules
from ilo_geo.proposals.commands import COMMANDS
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import setting
from ilo_geo.services.council_views import proposal_view
from ilo_geo.services.proposal_sheet import sheet_of

LIST = "/api/propuestas"


@pytest.fixture
def of(town_planner, town):
    """Return a function that makes a client of somebody of the town."""
    return TownClients(town_planner, town)


def asked(town, **changes):
    return {"title": "Parque", "kind": "park", "shape": town.square(), **changes}


def refused(answer, status):
    """Return the code of a refusal, sure that it is one line of JSON with that status."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/json"
    told = answer.get_json()
    assert set(told) == {"error", "message"}
    assert "\n" not in told["message"]
    return told["error"]


def test_a_proposal_from_nothing_to_debate_by_http_alone(of, town):
    planner, defence, secretary = of("planner"), of("civil_defence"), of("secretary")
    made = planner.post(LIST, json=asked(town))
    assert made.status_code == 201
    one = made.headers["Location"]
    found = made.get_json()
    assert (one, found["state"], found["version"]) == (f"{LIST}/1", "draft", 1)
    assert found["shape"]["type"] == "Polygon"

    changed = {"title": "Parque 2", "kind": "park", "version": 1}
    assert planner.put(one, json=changed).get_json()["title"] == "Parque 2"
    assert refused(planner.put(one, json=changed), 409) == "council.changed_meanwhile"
    for client, verb, body in (
        (planner, "submit", {}),
        (defence, "take_up", {}),
        (defence, "assess", {"verdict": "feasible", "reason": "Por escrito."}),
        (secretary, "open_debate", {}),
        (secretary, "comment", {"stance": "for", "text": "<script>alert(1)</script>"}),
    ):
        answer = client.post(f"{one}/{verb}", json=body)
        assert answer.status_code == 200, answer.text
    until_s = time.monotonic() + 60
    while sheet_of(town.council, found["id"]) is None and time.monotonic() < until_s:
        time.sleep(0.05)
    # nobody looked at it, and yet it has its technical sheet
    assert sheet_of(town.council, found["id"]) is not None
    told = of("citizen").get(one).get_json()
    assert told["state"] == "in_debate"
    assert [event["verb"] for event in told["timeline"]] == [
        "create", "submit", "take_up", "assess", "open_debate",
    ]  # fmt: skip
    assert told["comments"][0]["text"] == "<script>alert(1)</script>"
    assert first_broken(town.council) is None


def test_what_goes_out_is_what_the_pages_see_and_nothing_of_accounts(of, town):
    town.proposal_in("in_vote")
    text = of("citizen").get(f"{LIST}/1").text + of("citizen").get(LIST).text
    for name, actor in town.actors.items():
        assert actor.account_id is None or actor.account_id not in text, name
        assert actor.pseudonym == "visitor" or actor.pseudonym not in text, name
    view = proposal_view(town.council, town.actors["citizen"], 1)
    told = of("citizen").get(f"{LIST}/1?lang=en").get_json()
    assert told["author"] == view.author.en
    assert told["shape"] == json.loads(json.dumps(view.shape))


def test_statuses_are_those_of_the_house(of, town):
    found = town.draft()
    one, planner = f"{LIST}/{found['number']}", of("planner")
    # somebody else's draft is not there; a citizen may not propose; nobody signed in is asked who
    assert refused(of("other_planner").get(one), 404) == "council.not_found"
    assert refused(of("other_planner").post(f"{one}/submit", json={}), 404) == "council.not_found"
    assert refused(of("citizen").post(LIST, json=asked(town)), 403) == "council.refused"
    assert refused(of("visitor").get(LIST), 401) == "account.sign_in_needed"
    assert refused(planner.get(f"{LIST}/999"), 404) == "council.not_found"
    assert refused(planner.get("/api/nada"), 404) == "http.404"
    assert refused(planner.post(f"{one}/fly", json={}), 404) == "council.no_verb"
    assert refused(planner.post(f"{one}/start", json={}), 409) == "council.illegal_transition"
    assert refused(planner.post(LIST, json=asked(town, kind="palace")), 400) == "council.form"
    assert refused(planner.post(LIST, data=b"x" * 1_100_000, content_type="application/json"), 413)
    town.council.database.close()


def test_a_change_without_the_token_of_its_page_is_forged(of, town):
    client = of("planner")
    client.environ_base.pop("HTTP_X_CSRFTOKEN")
    assert refused(client.post(LIST, json=asked(town)), 403) == "account.forged"
    assert all_rows(town.council)["proposal"] == []


FORGED = {
    "state": {"state": "approved"},
    "author": {"account_id": "0" * 16},
    "number": {"number": 7},
    "verdict": {"feasibility": "feasible"},
    "campaign": {"campaign_id": "0" * 16},
}


def test_nobody_decides_by_adding_a_field(of, town):
    found, client = town.draft(), of("planner")
    before, one = all_rows(town.council), f"{LIST}/{found['number']}"
    for forged in FORGED.values():
        edit = {"title": "x", "kind": "park", "version": 1, **forged}
        assert refused(client.post(LIST, json=asked(town, **forged)), 400) == "council.form"
        assert refused(client.put(one, json=edit), 400) == "council.form"
        assert refused(client.post(f"{one}/submit", json=forged), 400) == "council.form"
    assert all_rows(town.council) == before


NO_JSON = {
    "nothing": b"",
    "list": b"[]",
    "text": b'"x"',
    "cut off": b'{"title": "x',
    "not a number": b'{"title": NaN}',
    "endless": b'{"title": Infinity}',
    "nested": b'{"title":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "nested shape": b'{"shape":{"coordinates":' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    "no UTF-8": b'{"title": "\xff"}',
    "digits": b'{"cost_min_soles": ' + b"9" * 10_000 + b"}",
}


def test_a_body_that_is_no_object_is_refused(of, town):
    for what, body in NO_JSON.items():
        answer = of("planner").post(LIST, data=body, content_type="application/json")
        assert refused(answer, 400) == "council.no_json", what
    # what a form of another page could send is not even read
    form = of("planner").post(LIST, data={"title": "x", "kind": "park"})
    assert refused(form, 400) == "council.no_json"
    assert all_rows(town.council)["proposal"] == []


ODD_VALUES = {
    "half a letter": {"title": "\ud800"},
    "number for text": {"title": 7},
    "huge cost": {"cost_min_soles": 10**30, "cost_max_soles": 10**30},
    "negative cost": {"cost_min_soles": -1, "cost_max_soles": 1},
    "no shape": {"shape": None},
    "shape of text": {"shape": "POINT(0 0)"},
    "shape of list": {"shape": [1]},
}


def test_an_odd_value_never_breaks_the_server(of, town):
    for values in ODD_VALUES.values():
        assert refused(of("planner").post(LIST, json=asked(town, **values)), 400)
    # control characters are no part of a text
    answer = of("planner").post(LIST, json=asked(town, title="a\0b", description="\0"))
    assert answer.status_code == 201
    assert answer.get_json()["title"] == "ab"


def test_the_list_is_filtered_paged_and_as_long_as_it_says(of, town):
    for n in range(5):
        found = town.draft(title=f"Parque {n}", kind="park" if n % 2 else "other")
        if n != 3:
            town.do("planner", "submit", found)
    client = of("citizen")
    told = client.get(LIST).get_json()
    assert [row["number"] for row in told["rows"]] == [5, 3, 2, 1]
    assert told["n_all"] == 4
    pages = [client.get(f"{LIST}?limit=3&offset={n}").get_json()["rows"] for n in (0, 3, 6)]
    assert [row["number"] for page in pages for row in page] == [5, 3, 2, 1]
    assert [r["number"] for r in client.get(f"{LIST}?kind=park").get_json()["rows"]] == [2]
    both = client.get(f"{LIST}?kind=park&kind=other&state=submitted").get_json()
    assert both["n_all"] == 4
    assert of("planner").get(f"{LIST}?mine=1&state=draft").get_json()["n_all"] == 1
    lon, lat = told["rows"][0]["lon"], told["rows"][0]["lat"]
    here = f"{lon - 0.001},{lat - 0.001},{lon + 0.001},{lat + 0.001}"
    away = f"{lon + 1},{lat + 1},{lon + 2},{lat + 2}"
    assert client.get(f"{LIST}?bbox={here}").get_json()["n_all"] == 4
    assert client.get(f"{LIST}?bbox={away}").get_json()["n_all"] == 0


QUERIES = (
    [
        "limit=201",
        "limit=0",
        "limit=-1",
        "limit=x",
        "limit=1e3",
        "limit=%EF%BC%91",
        "offset=-1",
        "offset=99999999",
        "bbox=1,2,3",
        "bbox=nan,nan,nan,nan",
        "bbox=inf,0,inf,0",
        "bbox=x",
        "bbox=10,0,5,0",
        "order=drop",
        "mine=perhaps",
        f"text={'x' * 201}",
        f"zone={'x' * 101}",
    ],
)


def test_a_query_that_makes_no_sense_is_told_so(of):
    for query in QUERIES:
        assert refused(of("citizen").get(f"{LIST}?{query}"), 400), query


SQL = [
    "'; DROP TABLE proposal; --", "' OR '1'='1", "%", "_", "\\", '" UNION SELECT', "%ED%A0%80"
]  # fmt: skip


def test_sql_in_a_search_is_words_that_nobody_wrote(of, town):
    town.do("planner", "submit", town.draft(title="Parque"))
    for text in SQL:
        for given in ({"query_string": {"text": text}}, {"path": f"{LIST}?text={text}"}):
            answer = of("citizen").get(**{"path": LIST, **given})
            assert answer.status_code in (200, 400)
            if answer.status_code == 200:
                # a raw "%" is no escape and is read as it stands
                assert answer.get_json()["n_all"] == 0, given
    assert of("citizen").get(LIST).get_json()["n_all"] == 1
    # NUL would end the pattern for one database and be refused by the other
    assert of("citizen").get(f"{LIST}?text=nada%00").get_json()["n_all"] == 0
    assert of("citizen").get(f"{LIST}?text=par%00que").get_json()["n_all"] == 1


def test_who_has_the_list_already_is_told_so_until_something_changes(of, town):
    found = town.draft()
    town.do("planner", "submit", found)
    client = of("citizen")
    first = client.get(LIST)
    tag = {"If-None-Match": first.headers["ETag"]}
    again = client.get(LIST, headers=tag)
    assert (again.status_code, again.data) == (304, b"")
    # another reader, another question, another state: none is answered by it
    assert of("planner").get(LIST, headers=tag).status_code == 200
    assert client.get(f"{LIST}?limit=1", headers=tag).status_code == 200
    town.do("citizen", "support", found)
    changed = client.get(LIST, headers=tag)
    assert changed.status_code == 200
    assert changed.get_json()["rows"][0]["n_support"] == 1
    assert "no-cache" in changed.headers["Cache-Control"]


EDIT = {"title": "x", "kind": "park", "version": 1}


def test_a_hidden_draft_shows_neither_by_its_number_nor_by_the_tag_of_a_list(of, town):
    town.do("planner", "submit", town.draft())
    before = of("citizen").get(LIST).headers["ETag"]
    own = of("planner").get(f"{LIST}/2"), of("planner").get(f"{LIST}?mine=1").headers["ETag"]
    hidden = town.draft()
    assert hidden["number"] == 2
    assert of("citizen").get(LIST).headers["ETag"] == before
    known = {"If-None-Match": before}
    assert of("citizen").get(LIST, headers=known).status_code == 304
    assert of("planner").get(f"{LIST}?mine=1").headers["ETag"] != own[1]
    # word for word what is said of a number that nobody has
    for client in (of("citizen"), of("other_planner")):
        for call in (
            lambda n, c=client: c.get(f"{LIST}/{n}"),
            lambda n, c=client: c.put(f"{LIST}/{n}", json=EDIT),
            lambda n, c=client: c.post(f"{LIST}/{n}/submit", json={}),
            lambda n, c=client: c.get(f"/propuestas/{n}/expediente.pdf"),
            lambda n, c=client: c.post(
                f"/propuestas/{n}/documentos", data={"archivo": (BytesIO(b"x"), "x")}
            ),
        ):
            there, absent = call(2), call(7)
            assert (there.status_code, absent.status_code) == (404, 404)
            assert hidden["id"] not in there.text
            assert there.text.replace("2", "7") == absent.text.replace("2", "7")


@pytest.mark.parametrize("number", ["0", "2147483648", "9" * 20, "9" * 400, "9" * 5000])
def test_a_number_that_no_column_holds_is_nobodys(of, town, number):
    client = of("planner")
    for path in (
        f"{LIST}/{number}",
        f"/propuestas/{number}/expediente.pdf",
        f"/sesiones/{number}/acta.pdf",
    ):
        assert client.get(path).status_code == 404, path
    # of thousands of digits there is no route at all
    assert len(number) > 4300 or refused(client.get(f"{LIST}/{number}"), 404)
    data = {"archivo": (BytesIO(b"x"), "x")}
    for answer in (
        client.put(f"{LIST}/{number}", json={}),
        client.post(f"{LIST}/{number}/submit", json={}),
        client.post(f"/propuestas/{number}/documentos", data=data),
    ):
        assert answer.status_code in ((404, 405) if len(number) > 4300 else (404,))


def test_a_visitor_reads_where_the_planner_is_open_to_all(of, town):
    town.do("planner", "submit", town.draft())
    with town.council.writing(system) as repo:
        repo.add(setting, "change_setting", id="open_to_all", value=True)
    assert of("visitor").get(LIST).get_json()["n_all"] == 1
    assert refused(of("visitor").post(LIST, json=asked(town)), 403)


def test_searching_without_end_is_slowed_down_and_reading_is_not(of, monkeypatch):
    most = account_rules().search.most
    client = of("citizen")
    for _ in range(most):
        assert client.get(f"{LIST}?text=x").status_code == 200
    stopped = client.get(f"{LIST}?text=x")
    assert refused(stopped, 429) == "council.too_often"
    assert 1 <= int(stopped.headers["Retry-After"]) <= account_rules().search.window_s
    assert client.get(LIST).status_code == 200
    assert of("planner").get(f"{LIST}?text=x").status_code == 200


def test_a_database_that_is_gone_is_told_with_503(of, town):
    if town.council.database.path is None:
        pytest.skip("a file")
    client = of("planner")
    assert client.get(LIST).status_code == 200
    town.council.database.path.unlink()
    answer = client.get(LIST)
    assert refused(answer, 503) == "council.database_gone"
    assert answer.headers["Retry-After"]
    assert str(town.council.database.path.parent) not in answer.text


def test_every_verb_by_a_citizen_is_what_the_table_grants(of, town):
    found = town.proposal_in("in_debate")
    statuses = {
        verb: of("citizen").post(f"{LIST}/{found['number']}/{verb}", json={}).status_code
        for verb in COMMANDS
    }
    assert {verb for verb, status in statuses.items() if status != 403} == {
        "support", "withdraw_support",
    }  # fmt: skip
