"""What a clip returns is held against the whole read and, where it is installed, osmium's tool."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.core.errors import CancelledError
from ilo_geo.core.errors import InputError
from ilo_geo.io.osm import read_osm

TOY = Path(__file__).parents[2] / "data" / "toy.osm"
# layers that also hold a point for each area that meets the clip
SITES = {"schools", "health", "fuel_stations", "police", "tanks"}
KINDS = (osmium.osm.NODE, osmium.osm.WAY, osmium.osm.RELATION)


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """Return the toy extract as a PBF file."""
    path = tmp_path_factory.mktemp("clip") / "toy.osm.pbf"
    rewritten(TOY, path)
    return path


@pytest.fixture(scope="module")
def whole_toy(toy):
    return read_osm(toy).layers


def rewritten(source, target, kinds=KINDS, header=None):
    with osmium.SimpleWriter(str(target), header=header or osmium.io.Header()) as writer:
        for kind in kinds:
            for thing in osmium.FileProcessor(str(source), kind):
                writer.add(thing)


def by_id(frame):
    return dict(zip(frame["osm_id"], shapely.to_wkb(frame.geometry), strict=True))


def assert_is_what_meets(clip, found, whole):
    """Fail unless each layer is what of the whole read meets the clip, to the last bit."""
    for name, frame in whole.items():
        naive = by_id(frame[shapely.intersects(frame.geometry.to_numpy(), clip)])
        clipped = by_id(found[name])
        if name in SITES:
            assert naive.items() <= clipped.items() <= by_id(frame).items(), name
        else:
            assert clipped == naive, name


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    centre=st.tuples(st.floats(-71.345, -71.33), st.floats(-17.655, -17.635)),
    half=st.tuples(st.floats(1e-6, 0.004), st.floats(1e-6, 0.004)),
)
def test_any_clip_is_what_of_the_whole_meets_it(toy, whole_toy, centre, half):
    (x, y), (dx, dy) = centre, half
    clip = shapely.box(x - dx, y - dy, x + dx, y + dy)
    assert_is_what_meets(clip, read_osm(toy, clip=clip).layers, whole_toy)


@pytest.mark.real_city
def test_any_clip_of_a_real_city_is_what_of_the_whole_meets_it(porto_alegre):
    path = porto_alegre / "poa_osm.pbf"
    whole = read_osm(path).layers
    rng = np.random.default_rng(20261129)
    for size_deg in (1e-5, 1e-3, 5e-3, 2e-2):
        x, y = rng.uniform((-51.25, -30.1), (-51.15, -30.0))
        clip = shapely.Point(x, y).buffer(size_deg, quad_segs=2)
        assert_is_what_meets(clip, read_osm(path, clip=clip).layers, whole)


def test_an_area_around_the_clip_is_whole_though_no_node_is_near(toy, whole_toy):
    park = whole_toy["parks"].set_index("osm_id").geometry["relation/101"]
    inside = shapely.maximum_inscribed_circle(park)
    clip = shapely.Point(inside.coords[0]).buffer(1e-6)
    found = read_osm(toy, clip=clip).layers
    assert by_id(found["parks"]) == {"relation/101": shapely.to_wkb(park)}
    assert found["streets"].empty
    hole = shapely.Polygon(park.interiors[0]).centroid.buffer(1e-6)
    assert read_osm(toy, clip=hole).layers["parks"].empty


@pytest.mark.parametrize("clip", [shapely.box(10, 10, 11, 11), shapely.Polygon()])
def test_a_clip_where_nothing_is_has_empty_layers(toy, clip):
    layers = read_osm(toy, clip=clip).layers
    assert {name: len(frame) for name, frame in layers.items() if len(frame)} == {}


def test_another_format_is_clipped_too(toy):
    clip = shapely.box(-71.3405, -17.652, -71.336, -17.64)
    found, same = (read_osm(path, clip=clip).layers for path in (TOY, toy))
    assert {n: by_id(f) for n, f in found.items()} == {n: by_id(f) for n, f in same.items()}


def test_cut_off_ways_are_named_and_areas_that_are_nowhere_are_not(toy, whole_toy):
    west, south, east, north = shapely.total_bounds(whole_toy["streets"].geometry.to_numpy())
    clip = shapely.box(west - 1, south - 1, east + 1, north + 1)
    assert read_osm(toy).incomplete == ("way/60", "relation/105")
    assert read_osm(toy, clip=clip).incomplete == ("way/60",)


def test_the_day_of_the_header_is_kept(tmp_path):
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2019-03-04T05:06:07Z")
    path = tmp_path / "dated.osm.pbf"
    rewritten(TOY, path, header=header)
    assert read_osm(path, clip=shapely.box(-72, -18, -71, -17)).date == "2019-03-04"


@pytest.mark.real_city
@pytest.mark.skipif(shutil.which("osmium") is None, reason="needs osmium-tool")
def test_what_the_osmium_tool_extracts_is_there_and_the_same(porto_alegre, tmp_path):
    path = porto_alegre / "poa_osm.pbf"
    clip = shapely.box(-51.22, -30.04, -51.21, -30.03)
    peer = tmp_path / "peer.osm.pbf"
    bounds = ",".join(str(value) for value in clip.bounds)
    command = ["osmium", "extract", "--strategy", "smart", "-b", bounds, str(path), "-o", str(peer)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - the peer
    ours = read_osm(path, clip=clip).layers
    n_compared = 0
    for name, frame in read_osm(peer).layers.items():
        # the tool keeps a way by its nodes, ours by where it runs
        theirs = by_id(frame[shapely.intersects(frame.geometry.to_numpy(), clip)])
        assert theirs.items() <= by_id(ours[name]).items(), name
        n_compared += len(theirs)
    assert n_compared > 300


def test_progress_tells_the_share_of_the_bytes(toy):
    told = []
    read_osm(
        toy,
        clip=shapely.box(-72, -18, -71, -17),
        progress=lambda code, ratio, /, **_: told.append((code, ratio)),
    )
    assert {code for code, _ in told} == {"progress.read_osm"}
    ratios = [ratio for _, ratio in told]
    assert ratios == sorted(ratios)
    assert (ratios[0], ratios[-1]) == (0.0, 1.0)


@pytest.mark.parametrize("clip", [None, shapely.box(-72, -18, -71, -17)])
def test_a_cancelled_read_stops(toy, clip):
    def cancel(_code, ratio, /, **_figures):
        if clip is None or ratio > 0:
            raise CancelledError

    with pytest.raises(CancelledError):
        read_osm(toy, clip=clip, progress=cancel)


def test_an_unsorted_file_is_refused_with_the_remedy(tmp_path):
    path = tmp_path / "types.osm.pbf"
    rewritten(TOY, path, kinds=KINDS[::-1])
    assert "osmium sort" in refused(path, "osm.pbf_unsupported")
    path = tmp_path / "ids.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for node in (2, 1):
            writer.add_node(osmium.osm.mutable.Node(id=node, location=(-71.3, -17.6)))
    assert "osmium sort" in refused(path, "osm.pbf_unsupported")


def test_a_file_of_nothing_is_refused(tmp_path):
    path = tmp_path / "nothing.osm.pbf"
    osmium.SimpleWriter(str(path)).close()
    refused(path, "file.empty")
    path.write_bytes(b"")
    refused(path, "file.unreadable")
    refused(tmp_path / "absent.osm.pbf", "file.not_found")


def refused(path, code):
    with pytest.raises(InputError) as caught:
        read_osm(path, clip=shapely.box(-72, -18, -71, -17))
    assert caught.value.code == code
    for lang in ("es", "en"):
        line = caught.value.text(lang)
        assert str(path) in line
        assert "\n" not in line
    return line
