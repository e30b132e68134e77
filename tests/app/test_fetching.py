"""The box that fetches: nothing is asked before a person clicks, and what came is told."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyproj
import pytest
import yaml
from osm_servers import Overpass
from osm_servers import serving
from signed_in import asked_by
from signed_in import client_for
from small_city import write_small_city

from dash_app.pages import data
from dash_app.pages import home
from dash_app.planner import Planner
from dash_app.shell import view_of
from ilo_geo.core.text import messages
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import open_area
from ilo_geo.services.fetch import outline_of

DEADLINE_S = 60.0


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Planner]:
    zone = pyproj.CRS.from_epsg(32719)
    for frame in (gpd.GeoSeries, gpd.GeoDataFrame):
        monkeypatch.setattr(frame, "estimate_utm_crs", lambda _self: zone)
    folder = write_small_city(tmp_path / "city")
    described = folder / "parks" / "layer.yaml"
    content = yaml.safe_load(described.read_text(encoding="utf-8"))
    described.write_text(yaml.safe_dump({**content, "status": "modelled"}), encoding="utf-8")
    planner = Planner(open_area(folder, Workspace(tmp_path / "ws")))
    with asked_by("planner"):
        yield planner
    planner.jobs.close()


@pytest.fixture
def overpass(own: Planner) -> Iterator[Overpass]:
    x, y = outline_of(own.area).centroid.coords[0]
    corners = [(0, 0), (0.001, 0), (0.001, 0.001)]
    nodes: list[dict[str, Any]] = [
        {"type": "node", "id": n, "lon": x + dx, "lat": y + dy}
        for n, (dx, dy) in enumerate(corners, start=1)
    ]
    park = {"type": "way", "id": 5, "nodes": [1, 2, 3, 1], "tags": {"leisure": "park"}}
    with serving(Overpass([*nodes, park])) as server:
        root = own.area.catalogue.workspace.root
        root.mkdir(parents=True, exist_ok=True)
        settings = {
            "overpass": {"endpoints": [server.endpoint]},
            "manners": {"pause_s": 0, "first_wait_s": 0.1, "max_tries": 1},
        }
        (root / "fetch.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        yield server


def click(client: Any, act: str | None) -> dict[str, Any]:
    """Return what the box shows after a click, or after a tick where nothing is clicked."""
    spec = next(
        d for d in client.get("/_dash-dependencies").get_json() if "fetch-box" in d["output"]
    )
    button = {"type": "fetch", "act": act}
    pressed = [{"id": button, "property": "n_clicks", "value": 1}] if act else []
    name = json.dumps(button, separators=(",", ":"), sort_keys=True)
    body = {
        "output": spec["output"],
        "outputs": [
            {"id": "fetch-box", "property": "children"},
            {"id": "fetch-poll", "property": "disabled"},
        ],
        "inputs": [pressed, {"id": "fetch-poll", "property": "n_intervals", "value": 1}],
        "state": [{"id": "known", "property": "data", "value": {"lang": "es"}}],
        "changedPropIds": [f"{name}.n_clicks" if act else "fetch-poll.n_intervals"],
    }
    answer = client.post("/_dash-update-component", json=body)
    assert answer.status_code == 200, answer.data
    document: dict[str, Any] = answer.get_json()
    return document.get("response", {})


def ended(client: Any) -> str:
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        shown = click(client, None)
        if shown["fetch-poll"]["disabled"]:
            return json.dumps(shown["fetch-box"]["children"], ensure_ascii=False)
        time.sleep(0.05)
    pytest.fail("the fetch did not end")


def text_of(components: Any) -> str:
    return json.dumps([c.to_plotly_json() for c in components], default=str, ensure_ascii=False)


def test_pages_offer_a_fetch_and_ask_nobody(own, overpass):
    view = view_of(own, "/datos")
    assert "Descargar todo" in text_of(data.layout(own, view))
    assert "modelada: con red" in text_of(home.layout(own, view))
    assert overpass.log == []


def test_a_click_fetches_and_the_box_tells_what_came(own, overpass):
    client = client_for(own)
    assert click(client, "osm")["fetch-poll"]["disabled"] is False
    shown = ended(client)
    # by the title that this city gives it
    assert (
        "OpenStreetMap, en uso: Capa parks. Elementos nuevos: 1; retirados: 3; cambiados: 0."
        in shown
    )
    assert "Descargar todo" in shown
    view_of(own, "/")
    assert own.area.frame("parks")["osm_id"].tolist() == ["way/5"]
    # who has fetched is offered no more
    assert own.fetching.offer() is None


def test_a_failure_is_told_in_one_line_without_paths(own, overpass, tmp_path):
    overpass.always = "html"
    client = client_for(own)
    click(client, "osm")
    shown = ended(client)
    assert "notice-error" in shown
    assert "text/html" in shown
    assert str(tmp_path) not in shown
    assert own.area.frame("parks")["name"].notna().any()


def test_a_fetch_is_cancelled_and_one_that_broke_off_is_taken_up(own, overpass):
    overpass.always = "slow"
    client = client_for(own)
    click(client, "osm")
    click(client, "cancel")
    shown = ended(client)
    assert "Descarga cancelada" in shown
    # no part is whole: nothing to take up
    assert "Retomar" not in shown
    overpass.always = None
    overpass.misbehave.extend(["", "", "shape"])
    click(client, "osm")
    shown = ended(client)
    assert "siguen como estaban" in shown
    assert "Quedó a medias: OpenStreetMap (" in shown
    assert "Descargar todo" in shown
    n_before = len(overpass.queries)
    click(client, "resume")
    shown = ended(client)
    assert "Elementos nuevos: 1" in shown
    # three themes were left; elevation and boundaries were not begun
    assert len(overpass.queries) - n_before == 3
    assert "Elevación" not in shown
    assert "Retomar" not in shown


@pytest.mark.parametrize("lang", ["es", "en"])
def test_what_a_page_tells_of_a_fetch_names_no_option_and_no_setting(lang):
    # said only where the command line is
    shell_only = {"fetch.stopped", "fetch.not_confirmed"}
    told = {c: getattr(m, lang) for c, m in messages().items() if c.startswith("fetch.")}
    words = " ".join(text for code, text in told.items() if code not in shell_only)
    assert not re.findall(r"--[a-z]+|timeout_s|tile_km|nominatim\.query", words)


def test_an_offer_that_was_dismissed_does_not_come_back(own, overpass):
    assert own.fetching.offer() is not None
    own.fetching.dismiss()
    assert "modelada: con red" not in text_of(home.layout(own, view_of(own, "/")))


def test_settings_with_a_fault_are_told_in_the_box_and_break_no_page(own, overpass):
    path = own.area.catalogue.workspace.root / "fetch.yaml"
    path.write_text("overpass: {endpoints: []}", encoding="utf-8")
    view = view_of(own, "/datos")
    assert "overpass.endpoints" in text_of(data.layout(own, view))
    assert "modelada: con red" not in text_of(home.layout(own, view))


def test_a_forged_source_starts_nothing(own, overpass):
    click(client_for(own), "../../etc")
    assert own.fetching.state is None
    assert overpass.log == []
