"""The app of the small city, and a way to fire its callbacks without a browser."""

from __future__ import annotations

import json

import pytest
from council_town import open_town
from people_town import NAME
from people_town import WORDS
from signed_in import app_of
from signed_in import council_of
from signed_in import person_with_password
from signed_in import session_for
from signed_in import signed

from dash_app.factory import create_app
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import open_area


@pytest.fixture(scope="session")
def app(planner):
    return app_of(planner)


@pytest.fixture
def client_of(app, planner):
    """Return a function that makes a client signed in as somebody of a role."""

    def client_of(role):
        return signed(app.server.test_client(), session_for(council_of(planner), role))

    return client_of


@pytest.fixture
def client(client_of):
    return client_of("planner")


@pytest.fixture
def stranger(app):
    """Return a client that nobody is signed in on."""
    return app.server.test_client()


@pytest.fixture
def town_planner(planner, town):
    """Return a planner whose jobs end before the records of the town are closed."""
    own = type(planner)(planner.area)
    yield own
    own.jobs.close()


@pytest.fixture
def village(small_area, tmp_path, cheap_hashes):
    """Return a town whose councillor can sign in, with a clock to set."""
    area = open_area(small_area.catalogue.folder, Workspace(tmp_path / "workspace"))
    town = open_town(area)
    person_with_password(town.council, NAME, WORDS, "councillor")
    yield town
    town.council.database.close()


@pytest.fixture
def server(planner, village):
    return create_app(planner, village.council).server


@pytest.fixture
def browser_of(server):
    return lambda: server.test_client()


@pytest.fixture
def fire(client):
    """Return a function that fires the callback which writes ``output``."""
    return _fire_on(client)


@pytest.fixture
def fire_on():
    """Return a function that makes such a function for another app's client."""
    return _fire_on


def _fire_on(client):
    def fire(output, values, *, changed=(), wanted=None):
        dependencies = client.get("/_dash-dependencies").get_json()
        spec = next(
            d for d in dependencies if output in d["output"] and not d["clientside_function"]
        )
        names = [o.rpartition(".") for o in spec["output"].strip(".").split("...")]
        outputs = wanted or [
            {"id": name, "property": prop.partition("@")[0]} for name, _, prop in names
        ]
        body = {
            "output": spec["output"],
            "outputs": outputs if spec["output"].startswith("..") else outputs[0],
            "inputs": [_filled(i, values) for i in spec["inputs"]],
            "state": [_filled(s, values) for s in spec["state"]],
            "changedPropIds": list(changed),
        }
        return client.post(
            "/_dash-update-component", data=json.dumps(body), content_type="application/json"
        )

    return fire


def _filled(slot, values):
    key = f"{slot['id']}.{slot['property']}"
    if slot["id"].startswith("{"):
        return values.get(key, [])
    return {**slot, "value": values.get(key)}
