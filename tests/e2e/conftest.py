"""The planner of the small city behind a real server; no page may leave the machine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
import waitress
from coast_city import write_coast_city
from council_hall import Hall
from council_town import Clock
from council_town import Town
from signed_in import app_of
from signed_in import browser_cookies
from signed_in import council_of
from signed_in import session_for
from small_city import write_small_city

from dash_app.planner import Planner
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import open_area
from ilo_geo.services.council import now

# of the planners that are served, by address
COUNCILS = {}
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


@dataclass(frozen=True)
class CouncilTable:
    """A council that is served: its address, ``open_it(path, size, role)``, and its records."""

    address: str
    open_it: Callable[..., Any]
    council: Any


def _run(server):
    # closing it takes the socket away under the loop that waits on it
    with suppress(OSError):
        server.run()


@contextmanager
def served(planner):
    """Serve a planner on a free port as long as the block runs."""
    server = waitress.create_server(app_of(planner).server, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=_run, args=(server,), daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.effective_port}"
    COUNCILS[address] = council_of(planner)
    yield address
    del COUNCILS[address]
    server.close()
    thread.join(timeout=10)


@pytest.fixture(scope="session")
def address(planner):
    with served(planner) as address:
        yield address


@pytest.fixture(scope="session")
def coast_address(coast_planner):
    with served(coast_planner) as address:
        yield address


@pytest.fixture
def open_page(browser, address):
    """Return a function that opens a page and waits until it shows something."""
    with watched(browser, address) as open_it:

        def open_page(path, size="desktop"):
            page = open_it(path, size)
            page.wait_for_selector(".headline-number, .catalogue-row")
            page.wait_for_selector(".classes li")
            return page

        yield open_page


@pytest.fixture
def open_as(browser, address):
    """Return a function that opens a page as somebody of a role, or of none."""
    with watched(browser, address) as open_it:
        yield open_it


@pytest.fixture
def open_coast(browser, coast_address):
    """Return a function that opens a page of the city by the sea."""
    with watched(browser, coast_address) as open_it:
        yield open_it


@pytest.fixture(scope="session")
def lot_address(lot_planner):
    with served(lot_planner) as address:
        yield address


@pytest.fixture
def open_lots(browser, lot_address):
    """Return a function that opens a page of the city with vacant lots."""
    with watched(browser, lot_address) as open_it:
        yield open_it


@pytest.fixture
def open_loads(browser, tmp_path):
    """Return a function that opens a page of a small city of its own, which loads may change."""
    folder = write_small_city(tmp_path / "city")
    planner = Planner(open_area(folder, Workspace(tmp_path / "workspace")))
    with served(planner) as address, watched(browser, address) as open_it:
        yield open_it
    planner.jobs.close()


@pytest.fixture(scope="session")
def ilo_address(tmp_path_factory):
    planner = Planner(open_area(None, Workspace(tmp_path_factory.mktemp("ilo_workspace"))))
    with served(planner) as address:
        yield address
    planner.jobs.close()


@pytest.fixture
def open_ilo(browser, ilo_address):
    """Return a function that opens a page of the shipped city, without its modelled layers."""
    with watched(browser, ilo_address) as open_it:
        yield open_it


@pytest.fixture
def hall(browser, tmp_path):
    """Return a small city of its own with a council of people, to open pages as each of them."""
    folder = write_small_city(tmp_path / "city")
    planner = Planner(open_area(folder, Workspace(tmp_path / "workspace")))
    with served(planner) as address, watched(browser, address) as open_it:
        yield Hall(Town(COUNCILS[address], Clock(now())), address, open_it)
    planner.jobs.close()


@contextmanager
def watched(browser, address):
    """Give a function that opens an address; a request that leaves the machine fails the test."""
    outside, broken, contexts = [], [], []

    def watch(route):
        if route.request.url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    def open_it(path, size, role="planner"):
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True
        )
        contexts.append(context)
        if role is not None:
            context.add_cookies(browser_cookies(address, session_for(COUNCILS[address], role)))
        page = context.new_page()
        page.route("**/*", watch)
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.on("console", lambda m: broken.append(m.text) if m.type == "error" else None)
        page.goto(f"{address}{path}")
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert outside == []
    assert broken == []


@pytest.fixture
def table(browser, tmp_path):
    """Return a council of a city of its own: how its pages are opened, and its records."""
    # its layers bear a technical sheet
    folder = write_coast_city(tmp_path / "city")
    planner = Planner(open_area(folder, Workspace(tmp_path / "workspace")))
    with served(planner) as address, watched(browser, address) as open_it:
        yield CouncilTable(address, open_it, COUNCILS[address])
    planner.jobs.close()
