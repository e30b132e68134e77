"""What every test has: no network, and the places of what may be absent."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from hypothesis import settings

from ilo_geo.core.layer import LayerRef
from ilo_geo.core.layer import Status
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Notice
from ilo_geo.core.text import Text

REPO = Path(__file__).parents[1]
LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")  # noqa: S104 - compared, not bound
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)


def _block_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse every connection and look-up that leaves this machine, from C code of Python too."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else "localhost"
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if not name.startswith(LOOPBACK):
        msg = f"a test asked the network for {name}"
        raise ConnectionRefusedError(msg)


sys.addaudithook(_block_network)
# how long a case takes is the machine's affair
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Return the folder of facts beside the repository."""
    folder = REPO.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"no folder 'shared' beside {REPO.name}")
    return folder


@pytest.fixture(scope="session")
def porto_alegre(shared_dir: Path) -> Path:
    """Return the folder of the real city."""
    folder = shared_dir / "real_city" / "porto_alegre"
    if not folder.is_dir():
        pytest.skip("no real_city/porto_alegre in 'shared'")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Return a Chromium of the system, driven by Playwright."""
    named = os.environ.get("ILO_GEO_CHROMIUM")
    path = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=path, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def toy_result() -> AnalysisResult:
    """Return a green result of three square zones and a park, one input of it modelled."""
    x_m, y_m = 252_000.0, 8_047_000.0
    squares = [shapely.box(x_m + i * 1000, y_m, x_m + (i + 1) * 1000, y_m + 800) for i in range(3)]
    holed = squares[0].difference(squares[0].centroid.buffer(100))
    zones = gpd.GeoDataFrame(
        {
            "name": ["=cmd|' /C calc'!A0", "Ñuñoa <img src=x onerror=alert(1)>", "+51 999"],
            "population_inhab": [1000, 2000, 0],
            "green_m2_per_inhab": [0.5, 12.25, float("nan")],
        },
        geometry=[holed, *squares[1:]],
        index=["a", "b", "c"],
        crs="EPSG:32719",
    ).rename_axis("id")
    parks = gpd.GeoDataFrame(
        {"name": ["Plaza $1 y $2"], "area_m2": [500.123456]},
        geometry=[squares[1].centroid.buffer(50)],
        index=["p1"],
        crs="EPSG:32719",
    ).rename_axis("id")
    refs = [
        LayerRef(
            layer=layer,
            title=Text(es=title, en=layer),
            source=f"Fuente de {layer}, S/ 1 o $2",
            licence="CC BY 4.0",
            date="2023-05",
            status=status,
            accuracy_m=5.0,
            sha256=layer[0] * 64,
        )
        for layer, title, status in [
            ("population", "Población", Status.OFFICIAL),
            ("parks", "Parques", Status.MODELLED),
        ]
    ]
    return AnalysisResult(
        analysis="green",
        area="toy",
        parameters={"standard_m2_per_inhab": 9.0},
        summary={"population_inhab": 3000, "green_m2_per_inhab": None},
        tables={"zones": zones, "parks": parks},
        warnings=(Notice("modelled_layers", {"layers": "parks"}),),
        provenance=tuple(refs),
    )


@pytest.fixture(scope="session")
def small_area(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the small city of tests/support, written to disk and opened."""
    from small_city import write_small_city

    from ilo_geo.io.workspace import Workspace
    from ilo_geo.services.areas import open_area

    folder = write_small_city(tmp_path_factory.mktemp("small_city"))
    return open_area(folder, Workspace(tmp_path_factory.mktemp("workspace")))


@pytest.fixture(scope="session")
def planner(small_area: Any) -> Iterator[Any]:
    """Return a planner of the small city."""
    from dash_app.planner import Planner

    planner = Planner(small_area)
    yield planner
    planner.jobs.close()


@pytest.fixture(scope="session")
def coast_planner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return a planner of the small city by the sea, with every hazard."""
    from coast_city import write_coast_city

    from dash_app.planner import Planner
    from ilo_geo.io.workspace import Workspace
    from ilo_geo.services.areas import open_area

    folder = write_coast_city(tmp_path_factory.mktemp("coast_city"))
    planner = Planner(open_area(folder, Workspace(tmp_path_factory.mktemp("coast_workspace"))))
    yield planner
    planner.jobs.close()


@pytest.fixture(scope="session")
def lot_planner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return a planner of the small city by the sea with vacant lots."""
    from lot_city import write_lot_city

    from dash_app.planner import Planner
    from ilo_geo.io.workspace import Workspace
    from ilo_geo.services.areas import open_area

    folder = write_lot_city(tmp_path_factory.mktemp("lot_city"))
    planner = Planner(open_area(folder, Workspace(tmp_path_factory.mktemp("lot_workspace"))))
    yield planner
    planner.jobs.close()


@pytest.fixture
def lots_to_propose(lot_planner: Any) -> Any:
    """Return that planner when none of its sites is proposed, which each can be but once."""
    from signed_in import council_of
    from signed_in import session_for

    from ilo_geo.proposals.people import PLANNER
    from ilo_geo.proposals.people import Actor
    from ilo_geo.proposals.people import system
    from ilo_geo.proposals.states import DRAFT
    from ilo_geo.proposals.tables import account
    from ilo_geo.proposals.tables import proposal

    council = council_of(lot_planner)
    session_for(council, PLANNER)
    with council.reading(system) as repo:
        author = repo.first(account, account.c.username == f"{PLANNER}.de.prueba")
        drafts = repo.find(proposal, proposal.c.state == DRAFT)
    for draft in drafts:
        council.do(Actor(PLANNER, author["pseudonym"], author["id"]), "discard", draft["id"], {})
    return lot_planner


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """Return a PostgreSQL with PostGIS, started for the tests."""
    from postgres_server import running_server
    from postgres_server import server_tools

    tools = server_tools()
    if tools is None:
        pytest.skip("no PostgreSQL server with PostGIS on this machine")
    with running_server(tools) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def council_url(request: pytest.FixtureRequest) -> str:
    """Return the address of an empty database, first of SQLite (no address), then of a server."""
    if request.param == "sqlite":
        return ""
    from postgres_server import CLEAN
    from postgres_server import DATABASE

    server = request.getfixturevalue("postgres")
    server.execute(DATABASE, CLEAN)
    return str(server.url(DATABASE))


@pytest.fixture
def town(small_area: Any, council_url: str, tmp_path: Path) -> Iterator[Any]:
    """Return a council of the small city with people of every role, on either database."""
    from council_town import open_town

    from ilo_geo.io.workspace import Workspace
    from ilo_geo.services.areas import open_area

    town = open_town(
        open_area(small_area.catalogue.folder, Workspace(tmp_path / "workspace")), council_url
    )
    yield town
    town.council.database.close()


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a password cost next to nothing, where the cost is not what is tried."""
    from ilo_geo.services import passwords

    rules = passwords.account_rules()
    cost = rules.argon2.model_copy(update={"time_cost": 1, "memory_kib": 64, "parallelism": 1})
    cheap = rules.model_copy(update={"argon2": cost})
    monkeypatch.setattr(passwords, "account_rules", lambda: cheap)
    passwords.passwords.cache_clear()
    yield
    passwords.passwords.cache_clear()


@pytest.fixture
def rosa(town: Any) -> str:
    """Return the id of a councillor of the town who can sign in."""
    from people_town import NAME
    from people_town import WORDS
    from signed_in import person_with_password

    return person_with_password(town.council, NAME, WORDS, "councillor")


@pytest.fixture
def enter(town: Any, rosa: str) -> Any:
    """Return a function that signs in: as her with her password, from somewhere."""
    from people_town import ELSEWHERE
    from people_town import NAME
    from people_town import WORDS

    from ilo_geo.services.people import sign_in

    return lambda words=WORDS, name=NAME, where=ELSEWHERE: sign_in(town.council, name, words, where)
