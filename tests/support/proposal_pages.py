"""Pages of proposals in a browser: opened, pressed, and proposals to find on them."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import geopandas as gpd
from council_town import WAY
from playwright.sync_api import TimeoutError
from signed_in import session_for

from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.people import system
from ilo_geo.proposals.tables import account

READY = ".proposals-page h1"
LONG_MS = 120_000
# a list opens at once unless the page is drawn again meanwhile
OPENS_MS = 4_000
TRIES = 15


def open_ready(table, path, size="desktop", role="planner"):
    page = table.open_it(path, size, role)
    # how long a busy machine takes is no fault of the page
    page.set_default_timeout(LONG_MS)
    page.wait_for_selector(READY)
    return page


def act(page, verb, **typed):
    """Fill in what a verb asks for and press it."""
    button = page.locator(f'[id*=\'"verb":"{verb}"\'][id*=\'"type":"act"\']').first
    fold = button.locator("xpath=ancestor::details[1]")
    if fold.count() and not fold.evaluate("node => node.open"):
        fold.locator("summary").first.click()
    for name, value in typed.items():
        field = page.locator(f'[id*=\'"name":"{name}"\'][id*=\'"verb":"{verb}"\']').first
        if name in ("verdict", "stance"):
            choose(page, field, value)
        else:
            field.fill(value)
    button.click()


def choose(page, field, value):
    """Open a field's list and take an option; a page that is still arriving may close the list."""
    option = page.get_by_role("option", name=value, exact=True)
    for _ in range(TRIES):
        field.click()
        with suppress(TimeoutError):
            option.click(timeout=OPENS_MS)
            return
    raise AssertionError(f"the list of {value!r} does not open")


def middle(table):
    place = table.council.area().boundary
    point = gpd.GeoSeries([place.representative_point()], crs=table.council.area().crs)
    return point.to_crs(4326).iloc[0].coords[0]


def makes_proposals(table):
    """Return a function that makes a proposal of the planner who signs in, in a state."""

    def who(role):
        session_for(table.council, role)
        with table.council.reading(system) as repo:
            found = repo.first(account, account.c.username == f"{role}.de.prueba")
        return Actor(role, found["pseudonym"], found["id"])

    def make(state, **said: Any):
        lon, lat = middle(table)
        ring = [[lon + dx, lat + dy] for dx, dy in ((0, 0), (0.001, 0), (0.001, 0.001), (0, 0))]
        asked = {"title": "Parque de prueba", "kind": "park", **said}
        who("councillor")
        found = table.council.create(
            who("planner"), asked, {"type": "Polygon", "coordinates": [ring]}
        )
        for verb, role, more in WAY[state]:
            actor = who("planner" if role == "author" else re.sub(r"\d+$", "", role))
            table.council.do(actor, verb, found["id"], more)
        return found

    return make
