"""A fetch from loopback servers lands as versions; whatever breaks, the old one stays in use."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio
import shapely
import yaml
from fetching import NOW
from fetching import Clock
from osm_servers import Bucket
from osm_servers import Nominatim
from osm_servers import Overpass
from osm_servers import serving
from rasterio.transform import from_origin

from ilo_geo.cli.main import main
from ilo_geo.core.errors import CancelledError
from ilo_geo.core.errors import FetchError
from ilo_geo.core.layer import Origin
from ilo_geo.io.fetch.parts import alone
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.fetch import BOUNDARIES
from ilo_geo.services.fetch import DEM
from ilo_geo.services.fetch import OSM
from ilo_geo.services.fetch import WHAT
from ilo_geo.services.fetch import fetch
from ilo_geo.services.fetch import outline_of
from ilo_geo.services.fetch_plan import dismiss_offer
from ilo_geo.services.fetch_plan import fetch_offer
from ilo_geo.services.fetch_plan import plan_fetch
from ilo_geo.services.versions import history
from ilo_geo.services.versions import undo

REPO = Path(__file__).parents[3]
TILE = "/S18_W072.tif"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Nothing waits: osmnx sleeps a second before Nominatim; pyproj takes its time with zones."""
    monkeypatch.setattr(time, "sleep", lambda _s: None)
    for frame in (gpd.GeoSeries, gpd.GeoDataFrame):
        monkeypatch.setattr(frame, "estimate_utm_crs", lambda _self: pyproj.CRS.from_epsg(32719))


def city_elements(outline: shapely.Geometry) -> list[dict[str, Any]]:
    """Return a street, a park and a lamp in the middle of the area."""
    x, y = outline.centroid.coords[0]
    corners = [(0, 0), (0.001, 0), (0.001, 0.001), (0, 0.001)]
    nodes = [
        {"type": "node", "id": n, "lon": round(x + dx, 7), "lat": round(y + dy, 7)}
        for n, (dx, dy) in enumerate(corners, start=1)
    ]
    lamp = {"type": "node", "id": 9, "lon": x, "lat": y, "tags": {"highway": "street_lamp"}}
    return [
        *nodes,
        lamp,
        {"type": "way", "id": 1, "nodes": [1, 2], "tags": {"highway": "residential"}},
        {"type": "way", "id": 2, "nodes": [1, 2, 3, 4, 1], "tags": {"leisure": "park"}},
    ]


def cog(west: int, north: int) -> bytes:
    """Return a coarse tile of one degree, each cell its own height."""
    values = np.arange(360 * 360, dtype="float32").reshape(360, 360)
    profile = {"driver": "COG", "height": 360, "width": 360, "count": 1, "dtype": "float32"}
    transform = from_origin(west, north, 1 / 360, 1 / 360)
    with rasterio.MemoryFile() as memory:
        with memory.open(crs="EPSG:4326", transform=transform, **profile) as dataset:
            dataset.write(values, 1)
        return memory.read()


class Servers:
    """Everything a fetch asks, on this machine."""

    def __init__(self, area: Area) -> None:
        outline = outline_of(area)
        districts = area.frame("districts").to_crs("EPSG:4326")
        west, south = (int(np.floor(v)) for v in outline.bounds[:2])
        self.overpass = Overpass(city_elements(outline))
        self.nominatim = Nominatim(dict(zip(districts["name"], districts.geometry, strict=True)))
        self.bucket = Bucket({TILE: cog(west, south + 1)})
        source = {
            "id": "near",
            "title": "Near",
            "licence": "CC0",
            "date": "2021",
            "vertical_rmse_m": 4,
            "accuracy_m": 6,
            "url": f"{self.bucket.url}{TILE}",
        }
        settings = {
            "overpass": {"endpoints": [self.overpass.endpoint]},
            "nominatim": {"endpoint": self.nominatim.url},
            "dem": {"sources": [source]},
        }
        root = area.catalogue.workspace.root
        root.mkdir(parents=True, exist_ok=True)
        (root / "fetch.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")

    @property
    def n_asked(self) -> int:
        return sum(len(s.log) for s in (self.overpass, self.nominatim, self.bucket))

    def close(self) -> None:
        for server in (self.overpass, self.nominatim, self.bucket):
            server.close()


@pytest.fixture
def servers(toy) -> Iterator[Servers]:
    with serving(Servers(toy)) as all_of_them:
        yield all_of_them


def run(area: Area, *what: str, **given: Any):
    return fetch(area, what or WHAT, now=NOW, watch=Clock().watch, **given)


def again(area: Area) -> Area:
    return open_area(area.catalogue.folder, area.catalogue.workspace)


def test_everything_lands_beside_what_was_there_and_can_be_taken_back(toy, servers):
    report = run(toy)
    after = again(toy)
    assert report.failures == {}
    assert report.landed[OSM].in_use[0]
    assert after.frame("parks")["osm_id"].tolist() == ["way/2"]
    assert after.frame("streets")["street_class"].tolist() == ["residential"]
    assert after.layer("parks").origin is Origin.FETCHED
    meta = after.meta("parks")
    assert meta.source == f"OpenStreetMap, {servers.overpass.endpoint}"
    assert (meta.date, meta.status) == ("2021-02-01", "observed")
    assert meta.licence.startswith("ODbL")
    assert after.frame("districts")["id"].tolist() == ["w", "e"]
    assert after.frame("districts")["name"].tolist() == ["West", "East"]
    assert np.isfinite(after.raster("terrain").values).any()
    asked = {entry.version.source: entry.version for entry in history(after)}
    assert set(asked) == set(WHAT)
    assert asked[OSM].endpoint == servers.overpass.endpoint
    for _ in WHAT:
        undo(after)
    before = again(toy)
    assert before.frame("parks")["name"].tolist() == ["Plaza"]
    assert not before.has("terrain")


def test_parts_are_swept_once_they_landed(toy, servers):
    run(toy)
    fetching = toy.catalogue.workspace.root / toy.catalogue.workspace_id / "fetching"
    assert [path.name for path in fetching.rglob("*")] == []
    assert servers.n_asked > 0


def test_one_source_that_fails_does_not_hold_the_others_back(toy, servers):
    servers.nominatim.always = "html"
    report = run(toy)
    assert set(report.landed) == {OSM, DEM}
    assert report.failures[BOUNDARIES].code == "fetch.not_json"
    assert again(toy).frame("parks")["osm_id"].tolist() == ["way/2"]


def test_every_source_that_fails_is_told_in_its_own_line(toy, servers, capsys, monkeypatch):
    monkeypatch.setenv("ILO_GEO_FETCH_MANNERS__PAUSE_S", "0")
    servers.nominatim.always = "shape"
    servers.overpass.always = "403"
    servers.bucket.files.clear()
    report = run(toy)
    codes = {name: error.code for name, error in report.failures.items()}
    expected = {OSM: "fetch.refused", DEM: "fetch.no_elevation", BOUNDARIES: "fetch.schema"}
    assert (codes, report.landed) == (expected, {})
    assert [notice.code for notice in report.notices] == ["fetch.unchanged"]
    with pytest.raises(SystemExit) as ended:
        main(["fetch", "--area", str(toy.catalogue.folder), "--yes"])
    told = capsys.readouterr().err
    assert ended.value.code == 1
    assert [f"ilo-geo: {name}: " in told for name in WHAT] == [True] * 3
    assert "stays in use, unchanged" in told
    assert again(toy).frame("parks")["name"].tolist() == ["Plaza"]


def test_a_fetch_without_a_whole_part_is_nothing_to_take_up(toy, servers):
    servers.overpass.misbehave.append("shape")
    report = run(toy)
    assert set(report.landed) == {DEM, BOUNDARIES}
    assert plan_fetch(toy, WHAT, NOW).begun == {}


def test_elevation_that_lacks_land_of_the_city_leaves_the_terrain_as_it_was(toy, servers):
    run(toy, DEM)
    before = again(toy).layer("terrain").sha256
    servers.bucket.files.clear()
    with pytest.raises(FetchError) as caught:
        run(again(toy), DEM)
    assert caught.value.code == "fetch.no_elevation"
    assert again(toy).layer("terrain").sha256 == before
    assert len(history(again(toy))) == 1


def test_what_broke_off_is_taken_up_and_fresh_begins_anew(toy, servers):
    servers.overpass.misbehave.extend(["", "", "shape"])
    with pytest.raises(FetchError):
        run(toy, OSM)
    assert plan_fetch(toy, (OSM,), NOW).begun == {OSM: NOW}
    n_before = len(servers.overpass.queries)
    run(toy, OSM)
    n_resumed = len(servers.overpass.queries) - n_before
    servers.overpass.misbehave.extend(["", "", "shape"])
    with pytest.raises(FetchError):
        run(toy, OSM)
    n_before = len(servers.overpass.queries)
    run(toy, OSM, fresh=True)
    n_fresh = len(servers.overpass.queries) - n_before
    assert (n_resumed, n_fresh) == (3, 5)


def test_stopping_keeps_the_old_version_in_use(toy, servers):
    def progress(code: str, _ratio: float, /, **_figures: float) -> None:
        if code == "progress.write_layers":
            raise CancelledError

    with pytest.raises(CancelledError):
        run(toy, OSM, progress=progress)
    assert again(toy).frame("parks")["name"].tolist() == ["Plaza"]
    n_asked = servers.n_asked
    run(toy, OSM)
    assert servers.n_asked == n_asked


CRASH = """
import os, signal, sys
sys.path.insert(0, "tests/support")
from fetching import NOW
from pathlib import Path
from ilo_geo.io.workspace import Workspace
from ilo_geo.services import fetch as use_case
from ilo_geo.services.areas import open_area
def power_cut(*_args, **_kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
use_case.land = power_cut
area = open_area(Path(sys.argv[1]), Workspace(Path(sys.argv[2])))
use_case.fetch(area, ("osm",), now=NOW)
"""


def test_a_power_cut_between_fetching_and_switching_loses_nothing(toy, servers):
    root = toy.catalogue.workspace.root
    arguments = [sys.executable, "-c", CRASH, str(toy.catalogue.folder), str(root)]
    environment = {**os.environ, "ILO_GEO_FETCH_MANNERS__PAUSE_S": "0"}
    killed = subprocess.run(arguments, cwd=REPO, env=environment, check=False)  # noqa: S603
    assert killed.returncode == -signal.SIGKILL
    area = again(toy)
    assert area.frame("parks")["name"].tolist() == ["Plaza"]
    assert history(area) == ()
    # the dead one's note is there, its lock is not; its parts are whole
    n_asked = servers.n_asked
    run(area, OSM)
    assert servers.n_asked == n_asked
    assert again(toy).frame("parks")["osm_id"].tolist() == ["way/2"]


def test_a_second_fetch_is_told_at_once_who_holds_the_first(toy, servers):
    with alone(toy.catalogue.workspace, toy.catalogue.workspace_id, NOW):
        with pytest.raises(FetchError) as caught:
            run(toy)
        assert caught.value.code == "fetch.under_way"
        assert f"29/11/2026 02:00 UTC (process {os.getpid()})" in str(caught.value)
    assert servers.n_asked == 0
    run(toy, BOUNDARIES)


def test_a_plan_and_an_offer_ask_nobody(toy, servers):
    plan = plan_fetch(toy, WHAT, NOW)
    assert servers.n_asked == 0
    assert plan.n_requests == {OSM: 5, DEM: 1, BOUNDARIES: 2}
    # bytes a km² of settings.yaml times the area with its margin
    km2 = toy.boundary.area / 1e6
    assert plan.bytes_expected[OSM] == pytest.approx(226_000 * km2)
    assert plan.servers[0] == servers.overpass.url.removeprefix("http://")


def test_an_offer_goes_when_it_is_dismissed_or_taken(toy, servers):
    assert fetch_offer(toy, NOW) is None
    described = toy.catalogue.folder / "parks" / "layer.yaml"
    text = described.read_text(encoding="utf-8").replace("observed", "modelled")
    described.write_text(text, encoding="utf-8")
    area = again(toy)
    offered = fetch_offer(area, NOW)
    assert offered is not None
    assert offered.what == WHAT
    dismiss_offer(area, NOW)
    assert fetch_offer(area, NOW) is None
    assert servers.n_asked == 0
    run(area, BOUNDARIES)
    assert fetch_offer(again(area), NOW) is None


def test_the_command_asks_first_and_tells_what_it_did(toy, servers, capsys):
    folder = str(toy.catalogue.folder)
    with pytest.raises(SystemExit) as stopped:
        main(["fetch", "osm", "--area", folder])
    said = capsys.readouterr().err
    assert stopped.value.code == 1
    assert "MB (estimate, NV)" in said
    assert "Confirm with --yes" in said
    assert servers.n_asked == 0
    with pytest.raises(SystemExit) as done:
        main(["fetch", "osm", "--area", folder, "--yes", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert done.value.code == 0
    assert "parks" in document["landed"]["osm"]["in_use"]
    change = document["landed"]["osm"]["changes"]["parks"]
    assert (change["n_added"], change["n_removed"]) == (1, 1), change


def test_the_command_that_is_stopped_says_what_is_kept(toy, servers, capsys, monkeypatch):
    def interrupted(*_args: Any, **_given: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ilo_geo.io.fetch.overpass.download_streets", interrupted)
    with pytest.raises(SystemExit) as stopped:
        main(["fetch", "osm", "--area", str(toy.catalogue.folder), "--yes"])
    assert stopped.value.code == 1
    assert "taken up with --resume" in capsys.readouterr().err


def test_the_command_says_what_does_not_exist(toy, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["fetch", "moon", "--area", str(toy.catalogue.folder), "--yes"])
    assert stopped.value.code == 2
    assert "osm, dem, boundaries, all" in capsys.readouterr().err


def test_a_local_extract_lands_without_any_server(toy, servers, tmp_path, capsys):
    lines = []
    for thing in city_elements(outline_of(toy)):
        place = f' lat="{thing["lat"]}" lon="{thing["lon"]}"' if thing["type"] == "node" else ""
        nodes = "".join(f'<nd ref="{n}"/>' for n in thing.get("nodes", ()))
        tags = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in thing.get("tags", {}).items())
        kind = thing["type"]
        lines.append(f'<{kind} id="{thing["id"]}" version="1"{place}>{nodes}{tags}</{kind}>')
    path = tmp_path / "country.osm"
    path.write_text(f'<osm version="0.6">{"".join(lines)}</osm>', encoding="utf-8")
    with pytest.raises(SystemExit) as done:
        main(["fetch", "osm", "--from", str(path), "--area", str(toy.catalogue.folder)])
    assert (done.value.code, servers.n_asked) == (0, 0)
    assert "in use" in capsys.readouterr().out
    assert again(toy).frame("parks")["osm_id"].tolist() == ["way/2"]
