"""OpenStreetMap from loopback servers, against the reader of files and against osmnx itself."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import geopandas as gpd
import osmnx
import pytest
import shapely
from fetching import Clock
from fetching import parts_in
from fetching import patience
from fetching import settings_for
from geopandas.testing import assert_geodataframe_equal
from osm_fixture import WINDOW
from osm_fixture import elements
from osm_servers import Overpass
from osm_servers import recorded
from osm_servers import serving
from pyproj import CRS

from ilo_geo.core.errors import CancelledError
from ilo_geo.core.errors import FetchError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.core.progress import silent
from ilo_geo.io.fetch import overpass
from ilo_geo.io.fetch.answers import check_overpass
from ilo_geo.io.fetch.overpass import fetch_osm
from ilo_geo.io.fetch.overpass import squares
from ilo_geo.io.fetch.overpass import themes
from ilo_geo.io.fetch.patience import SetbackError
from ilo_geo.io.osm import OsmExtract
from ilo_geo.io.osm import read_osm
from ilo_geo.io.osm_layers import tag_table

TOY = Path(__file__).parents[3] / "data" / "toy.osm"
CITY = shapely.box(*WINDOW)
N_PARTS = 5
ZONE = CRS.from_epsg(32719)


@pytest.fixture(autouse=True)
def quick_zone(monkeypatch):
    """Look the UTM zone up once: pyproj takes a third of a second, osmnx asks at every call."""
    for frame in (gpd.GeoSeries, gpd.GeoDataFrame):
        monkeypatch.setattr(frame, "estimate_utm_crs", lambda _self: ZONE)


@pytest.fixture
def city():
    with serving(Overpass(recorded())) as server:
        yield server


def fetched(
    folder: Path,
    *servers: Overpass,
    outline: shapely.Geometry = CITY,
    clock: Clock | None = None,
    progress: Any = silent,
    **changes: Any,
) -> OsmExtract:
    asked = {"endpoints": [server.endpoint for server in servers], **changes.pop("overpass", {})}
    settings = settings_for(folder, overpass=asked, **changes)
    waits = patience(settings, clock or Clock())
    return fetch_osm(outline, parts_in(folder), settings, waits, progress)


def as_xml(things: list[dict[str, Any]], path: Path) -> Path:
    """Write elements as the .osm format has them, by hand."""
    lines = ['<osm version="0.6">']
    for thing in things:
        place = f' lat="{thing["lat"]}" lon="{thing["lon"]}"' if thing["type"] == "node" else ""
        lines.append(f'<{thing["type"]} id="{thing["id"]}" version="1"{place}>')
        lines += [f'<nd ref="{node}"/>' for node in thing.get("nodes", ())]
        lines += [
            f'<member type="{m["type"]}" ref="{m["ref"]}" role={quoteattr(m["role"])}/>'
            for m in thing.get("members", ())
        ]
        tags = thing.get("tags", {}).items()
        lines += [f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags]
        lines.append(f"</{thing['type']}>")
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return path


def assert_same_layers(found: OsmExtract, expected: OsmExtract) -> int:
    n_rows = 0
    for name, frame in expected.layers.items():
        if name == "boundaries":
            continue
        there = frame.sort_values("osm_id", ignore_index=True)
        mine = found.layers[name].sort_values("osm_id", ignore_index=True)
        assert_geodataframe_equal(mine, there)
        n_rows += len(there)
    return n_rows


def test_the_network_and_a_file_give_the_same_layers(tmp_path, city):
    found = fetched(tmp_path, city)
    file = read_osm(as_xml(recorded(), tmp_path / "corner.osm"), clip=CITY)
    assert assert_same_layers(found, file) > 300
    assert len(found.layers["streets"]) > 200
    assert found.date == "2021-02-01"
    assert len(city.queries) == N_PARTS


def test_the_corner_is_the_real_citys(tmp_path, city, porto_alegre):
    found = fetched(tmp_path, city)
    whole = read_osm(porto_alegre / "poa_osm.pbf", clip=CITY)
    for name, frame in whole.layers.items():
        assert set(found.layers[name]["osm_id"]) == set(frame["osm_id"])
    streets = [x.layers["streets"].sort_values("osm_id", ignore_index=True) for x in (found, whole)]
    assert_geodataframe_equal(*streets, check_dtype=False)


def test_every_kind_of_layer_comes_by_tile_and_theme(tmp_path):
    things = elements(TOY)
    outline = shapely.MultiPoint(
        [(e["lon"], e["lat"]) for e in things if e["type"] == "node"]
    ).envelope.buffer(0.001)
    with serving(Overpass(things)) as server:
        found = fetched(tmp_path, server, outline=outline, overpass={"tile_km": 0.4})
        expected = read_osm(TOY, clip=outline)
    assert len(server.queries) > 2 * N_PARTS
    assert assert_same_layers(found, expected) > 15
    filled = {name for name, frame in found.layers.items() if len(frame)}
    assert {"streets", "buildings", "parks", "sports_fields", "other_green"} <= filled


def test_osmnx_makes_the_same_green_of_the_same_answer(tmp_path, monkeypatch):
    things = elements(TOY)
    box = shapely.MultiPoint(
        [(e["lon"], e["lat"]) for e in things if e["type"] == "node"]
    ).envelope.buffer(0.001)
    with serving(Overpass(things)) as server:
        mine = fetched(tmp_path, server, outline=box).layers["parks"].set_index("osm_id")
        monkeypatch.setattr(osmnx.settings, "overpass_url", server.endpoint)
        monkeypatch.setattr(osmnx.settings, "overpass_rate_limit", False)
        monkeypatch.setattr(osmnx.settings, "use_cache", False)
        theirs = osmnx.features_from_polygon(box, {"leisure": ["park", "garden", "playground"]})
    areas = theirs[theirs.geom_type.isin(["Polygon", "MultiPolygon"])]
    by_id = {f"{kind}/{number}": row for (kind, number), row in areas.iterrows()}
    assert set(by_id) == set(mine.index)
    for osm_id, row in by_id.items():
        assert mine.geometry[osm_id].normalize().equals_exact(row.geometry.normalize(), 1e-9)


def test_what_is_asked_is_what_the_table_sorts():
    asked = {
        (key, value)
        for tags in themes().values()
        for key, values in tags.items()
        for value in ([None] if values is True else values)
    }
    table = tag_table()
    sorted_tags = [rule.tags for rule in table.green] + [table.lots.tags, table.tanks.tags]
    for rules in (table.points, table.sites, table.lines, table.areas):
        sorted_tags += [rule.tags for name, rule in rules.items() if name != "boundaries"]
    expected = {(k, v) for tags in sorted_tags for k, values in tags.items() for v in values}
    expected |= {("highway", name) for name in table.streets.classes} | {("building", None)}
    assert asked == expected


@pytest.mark.parametrize("tile_km", [0.3, 1, 50])
def test_squares_cover_the_outline_and_do_not_overlap(tile_km):
    outline = shapely.Point(-71.3, -17.6).buffer(0.01)
    cells = squares(outline, tile_km)
    assert shapely.union_all(cells).buffer(1e-9).covers(outline)
    assert sum(cell.area for cell in cells) == pytest.approx(shapely.union_all(cells).area)
    metric = gpd.GeoSeries(cells, crs="EPSG:4326").to_crs("EPSG:32719").total_bounds
    assert (metric[2] - metric[0]) / max(len(cells), 1) <= tile_km * 1000 * 1.01


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("429", "fetch.busy"),
        ("504", "fetch.failing"),
        ("503", "fetch.failing"),
        ("403", "fetch.refused"),
        ("html", "fetch.not_json"),
        ("kind", "fetch.not_json"),
        ("truncated", "fetch.truncated"),
        ("unsized", "fetch.truncated"),
        ("shape", "fetch.schema"),
        ("remark", "fetch.remark"),
    ],
)
def test_a_server_that_misbehaves_is_told_in_one_line_and_a_second_one_helps(
    tmp_path, city, wrong, code
):
    with serving(Overpass(recorded())) as bad:
        bad.always = wrong
        clock = Clock()
        with pytest.raises(FetchError) as caught:
            fetched(tmp_path / "a", bad, clock=clock)
        text = caught.value.text("es")
        assert caught.value.code == code
        assert text.startswith(bad.url.removeprefix("http://"))
        assert "\n" not in text
        assert str(tmp_path) not in text
        # it is not asked more often than the settings say
        assert len(bad.log) <= 6
        found = fetched(tmp_path / "b", bad, city)
    assert len(found.layers["streets"]) > 200


def test_a_server_gets_the_patience_it_asks_for(tmp_path, city):
    city.misbehave.extend(["429", "429", "504"])
    clock = Clock()
    found = fetched(tmp_path, city, clock=clock)
    assert len(found.layers["streets"]) > 200
    # Retry-After: 7 twice; the third failure doubles the own wait to 20 s; one second before each
    assert clock.now_s == pytest.approx(7 + 10 + 20 + N_PARTS, abs=0.01)
    assert max(clock.slept) <= 0.5


def test_silence_ends_a_request(tmp_path, city):
    city.always = "slow"
    with pytest.raises(FetchError) as caught:
        fetched(tmp_path, city, manners={"timeout_s": 1, "max_tries": 1})
    assert caught.value.code == "fetch.timeout"


def test_nobody_there_is_told_without_our_paths(tmp_path):
    server = Overpass([])
    server.close()
    with pytest.raises(FetchError) as caught:
        fetched(tmp_path, server)
    assert caught.value.code == "fetch.no_connection"
    assert str(tmp_path) not in str(caught.value)


def test_what_is_there_is_not_asked_for_again(tmp_path, city):
    city.misbehave.extend(["", "", "shape"])
    with pytest.raises(FetchError):
        fetched(tmp_path, city)
    assert len(city.queries) == 3
    found = fetched(tmp_path, city)
    # two parts were whole, three were left
    assert len(city.queries) == 3 + 3
    assert len(set(city.queries)) == N_PARTS
    assert_same_layers(found, read_osm(as_xml(recorded(), tmp_path / "c.osm"), clip=CITY))


def test_a_connection_that_drops_at_each_byte_loses_nothing(tmp_path, monkeypatch):
    lamp = {"type": "node", "id": 1, "lat": -30.0365, "lon": -51.2155}
    with serving(Overpass([{**lamp, "tags": {"highway": "street_lamp"}}])) as server:
        monkeypatch.setattr(overpass, "themes", lambda: {"services": {"highway": ["street_lamp"]}})
        fetched(tmp_path, server, overpass={"tile_km": 50})
        # every place within the answer, and its end
        length = server.n_bytes + 1
        for k in range(length):
            server.cut_at, server.misbehave = k, type(server.misbehave)(["cut"])
            folder = tmp_path / str(k)
            found = fetched(folder, server, overpass={"tile_km": 50})
            assert len(found.layers["poles"]) == 1
            assert not list(folder.rglob(".writing-*"))


def test_a_full_disk_keeps_the_parts_and_says_so(tmp_path, city, monkeypatch):
    city_write = Path.write_text
    written = []

    def full(path: Path, text: str, **kwargs: Any) -> int:
        if path.parent.name.startswith(("green", "land")):
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(path)
        return city_write(path, text, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        with pytest.raises(WorkspaceError) as caught:
            fetched(tmp_path, city)
    assert caught.value.code == "workspace.not_writable"
    assert "No space left" in str(caught.value)
    found = fetched(tmp_path, city)
    assert len(city.queries) == 2 + 1 + 3
    assert len(found.layers["streets"]) > 200


@pytest.mark.parametrize("stop_at", range(0, 12, 3))
def test_it_stops_at_any_step_and_goes_on_later(tmp_path, city, stop_at):
    steps = 0

    def progress(_code: str, ratio: float, /, **_figures: float) -> None:
        nonlocal steps
        assert 0 <= ratio <= 1
        steps += 1
        if steps > stop_at:
            raise CancelledError

    with pytest.raises(CancelledError):
        fetched(tmp_path, city, progress=progress)
    assert len(fetched(tmp_path, city).layers["streets"]) > 200


def test_an_answer_longer_than_is_taken_is_refused(tmp_path, city):
    with pytest.raises(FetchError) as caught:
        fetched(tmp_path, city, overpass={"max_answer_bytes": 10_000})
    assert caught.value.code == "fetch.too_large"


def test_osmnx_is_given_back_as_it_was(tmp_path, city):
    before = {name: getattr(osmnx.settings, name) for name in vars(osmnx.settings)}
    fetched(tmp_path, city)
    assert {name: getattr(osmnx.settings, name) for name in vars(osmnx.settings)} == before
    assert city.agents == {"ilo-geo (municipal planner)"}


@pytest.mark.parametrize(
    "element",
    [
        None,
        {"type": "area", "id": 1},
        {"type": "node", "id": "1", "lat": 0, "lon": 0},
        {"type": "node", "id": 1, "lat": "0", "lon": 0},
        {"type": "node", "id": 1, "lat": 95, "lon": 0},
        {"type": "node", "id": 1, "lat": 0, "lon": 0, "tags": {"a": 5}},
        {"type": "way", "id": 1, "nodes": [1, None]},
        {"type": "way", "id": 1},
        {"type": "relation", "id": 1, "members": [{"type": "way", "ref": 1}]},
    ],
)
def test_an_element_of_another_shape_is_refused_at_the_door(element):
    with pytest.raises(SetbackError) as caught:
        check_overpass({"elements": [element]}, "server")
    assert caught.value.error.code == "fetch.schema"


def test_a_disk_that_fills_while_the_extract_is_written_is_told(tmp_path, city, monkeypatch):
    own = Path.open

    def full(path: Path, mode: str = "r", **kwargs: Any) -> Any:
        # the kernel's own file on a full disk
        is_extract = path.name == "extract.osm" and "w" in mode
        return own(Path("/dev/full") if is_extract else path, mode, **kwargs)

    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", full)
        with pytest.raises(WorkspaceError) as caught:
            fetched(tmp_path, city)
    assert "No space left" in str(caught.value)
    n_asked = len(city.queries)
    assert len(fetched(tmp_path, city).layers["streets"]) > 200
    assert len(city.queries) == n_asked


def test_names_that_no_file_could_hold_come_through(tmp_path):
    name = 'Malec\u00f3n \u202e"<&>\x00\x1b\ud800\n\U0001f333'
    lamp = {"type": "node", "id": 1, "lat": -30.0365, "lon": -51.2155}
    with serving(Overpass([{**lamp, "tags": {"amenity": "school", "name": name}}])) as server:
        found = fetched(tmp_path, server)
    # what XML cannot write is left out, the rest is as it was
    assert found.layers["schools"]["name"].tolist() == ['Malec\u00f3n \u202e"<&>\n\U0001f333']
