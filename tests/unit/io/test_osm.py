"""The toy extract says in its comments what each of its things is there to show."""

import math
from pathlib import Path

import networkx as nx
import numpy as np
import osmium
import osmnx
import pytest
import shapely

from ilo_geo.city.network import walking_network
from ilo_geo.core.errors import InputError
from ilo_geo.io.catalogue import layer_schemas
from ilo_geo.io.osm import read_osm

TOY = Path(__file__).parents[2] / "data" / "toy.osm"
METRIC = "EPSG:32719"


@pytest.fixture(scope="module")
def layers():
    return read_osm(TOY).layers


@pytest.fixture(scope="module")
def streets(layers):
    return layers["streets"].set_index("osm_id")


def ids(frame):
    return set(frame["osm_id"])


@pytest.mark.parametrize(
    ("way", "walk", "drive", "oneway"),
    [
        (1, True, True, "both"),
        (2, True, True, "backward"),
        (3, True, False, "both"),
        (4, True, False, "both"),
        (6, False, True, "both"),
        (7, False, True, "forward"),
        (8, False, True, "forward"),
        (11, True, False, "both"),
        (12, True, True, "forward"),
        (13, True, False, "both"),
        (15, True, True, "both"),
    ],
)
def test_who_may_use_a_street_and_which_way(streets, way, walk, drive, oneway):
    found = streets.loc[f"way/{way}"]
    assert (found["walk"], found["drive"], found["oneway"]) == (walk, drive, oneway)


@pytest.mark.parametrize("way", [9, 10, 14])
def test_what_nobody_may_use_is_no_street(streets, way):
    assert f"way/{way}" not in streets.index


def test_green_goes_to_its_layer_with_kind_and_access(layers):
    found = {
        name: dict(zip(layers[name]["osm_id"], layers[name]["kind"], strict=True))
        for name in ("parks", "sports_fields", "other_green")
    }
    assert found == {
        "parks": {"way/20": "park", "way/26": "garden", "relation/101": "park"},
        "sports_fields": {"way/24": "pitch"},
        "other_green": {"way/25": "cemetery", "way/27": "olive_grove"},
    }
    assert layers["parks"].set_index("osm_id")["access"].to_dict() == {
        "way/20": "public",
        "way/26": "private",
        "relation/101": "public",
    }


def test_a_multipolygon_is_closed_from_its_ways_and_keeps_its_hole(layers):
    park = layers["parks"].set_index("osm_id").geometry["relation/101"]
    step = 0.0001
    assert park.area == pytest.approx((6 * 6 - 2 * 2) * step**2, rel=1e-6)
    assert len(park.interiors) == 1
    house = layers["buildings"].set_index("osm_id").geometry["relation/102"]
    assert house.area == pytest.approx((4 * 4 - 2 * 2) * step**2, rel=1e-6)


def test_buildings_know_who_lives_there_and_only_what_was_recorded(layers):
    buildings = layers["buildings"].set_index("osm_id")
    assert buildings["residential"].to_dict() == {
        "way/30": True,
        "way/31": True,
        "way/32": False,
        "way/41": False,
        "relation/102": True,
    }
    house, shop = buildings.loc["way/30"], buildings.loc["way/32"]
    assert (house["levels"], house["height_m"]) == (2, 6)
    assert math.isnan(shop["levels"])
    assert math.isnan(shop["height_m"])


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("barriers", {"way/40"}),
        ("coastline", {"way/43"}),
        ("river", {"way/44"}),
        ("water", {"way/23"}),
        ("health", {"way/41"}),
        ("tanks", {"way/42"}),
        ("boundaries", {"relation/103", "relation/104"}),
    ],
)
def test_other_layers_by_id(layers, layer, expected):
    assert ids(layers[layer]) == expected


@pytest.mark.parametrize(
    ("layer", "name"),
    [("schools", "Colegio"), ("police", "Comisaría"), ("places", "Pampa"), ("health", "Hospital")],
)
def test_named_sites_are_points(layers, layer, name):
    assert list(layers[layer]["name"]) == [name]
    assert set(layers[layer].geom_type) == {"Point"}


def test_each_layer_has_the_columns_and_geometry_of_its_schema(layers):
    schemas = layer_schemas()
    for name in set(layers) & set(schemas):
        assert set(schemas[name].columns) <= set(layers[name].columns), name
        kinds = {kind.removeprefix("Multi").lower() for kind in layers[name].geom_type}
        expected = {"line": "linestring"}.get(schemas[name].geometry, schemas[name].geometry)
        assert kinds <= {expected}, name


def test_cut_off_things_are_named_not_dropped_silently():
    assert read_osm(TOY).incomplete == ("way/60", "relation/105")


def test_an_extract_without_a_date_does_not_invent_one():
    assert read_osm(TOY).date is None


def test_the_date_of_the_header_is_kept(tmp_path):
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2019-03-04T05:06:07Z")
    path = tmp_path / "dated.osm.pbf"
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for thing in osmium.FileProcessor(str(TOY)):
            writer.add(thing)
    dated = read_osm(path)
    assert dated.date == "2019-03-04"
    assert len(dated.layers["streets"]) == len(read_osm(TOY).layers["streets"])


def as_pbf(folder):
    path = folder / "toy.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for thing in osmium.FileProcessor(str(TOY)):
            writer.add(thing)
    return path.read_bytes()


@pytest.mark.parametrize("suffix", [".osm.pbf", ".osm", ".osm.xml"])
def test_an_empty_file_is_refused(tmp_path, suffix):
    path = tmp_path / f"empty{suffix}"
    path.touch()
    refused(path, "file.unreadable")


def test_a_pbf_cut_in_half_is_refused(tmp_path):
    whole = as_pbf(tmp_path)
    path = tmp_path / "half.osm.pbf"
    path.write_bytes(whole[: len(whole) // 2])
    refused(path, "file.unreadable")


@pytest.mark.parametrize("name", ["city.osm.pbf", "city.osm", "city.txt"])
def test_another_format_is_refused(tmp_path, name):
    path = tmp_path / name
    path.write_text("<html><body>not found</body></html>")
    refused(path, "file.unreadable")


def test_a_file_of_nothing_and_no_file_are_refused(tmp_path):
    path = tmp_path / "nothing.osm"
    path.write_text('<osm version="0.6"></osm>')
    refused(path, "file.empty")
    refused(tmp_path / "absent.osm", "file.not_found")


def refused(path, code):
    with pytest.raises(InputError) as caught:
        read_osm(path)
    assert caught.value.code == code
    for lang in ("es", "en"):
        line = caught.value.text(lang)
        assert str(path) in line
        assert "\n" not in line


def walkable_only(source, target):
    """Write the ways that the table lets one walk, and the nodes they use."""
    walkable = {
        i for i, walk in read_osm(source).layers["streets"][["osm_id", "walk"]].values if walk
    }
    with osmium.BackReferenceWriter(str(target), str(source), overwrite=True) as writer:
        for way in osmium.FileProcessor(str(source), osmium.osm.WAY):
            if f"way/{way.id}" in walkable:
                writer.add_way(way)


def great_circle_m(lines):
    xy, line = shapely.get_coordinates(lines, return_index=True)
    same = line[1:] == line[:-1]
    a, b = xy[:-1][same], xy[1:][same]
    return osmnx.distance.great_circle(a[:, 1], a[:, 0], b[:, 1], b[:, 0]).sum()


def assert_same_graph_as_osmnx(source, folder, crs):
    path = folder / "walkable.osm"
    walkable_only(source, path)
    peer = osmnx.graph_from_xml(path, bidirectional=True, simplify=False, retain_all=True)
    streets = read_osm(source).layers["streets"]
    network = walking_network(streets.to_crs(crs))
    ours_m = great_circle_m(streets.geometry[streets["walk"]].to_numpy())
    # osmnx counts each edge once a direction
    theirs_m = sum(length_m for *_, length_m in peer.edges(data="length")) / 2
    assert ours_m == pytest.approx(theirs_m, rel=1e-9)
    parts = sorted(len(part) for part in nx.weakly_connected_components(peer))
    assert len(np.unique(network.component)) == len(parts)


def test_walk_length_and_connection_equal_osmnx(tmp_path):
    assert_same_graph_as_osmnx(TOY, tmp_path, METRIC)


@pytest.mark.real_city
def test_walk_length_and_connection_of_a_real_city_equal_osmnx(porto_alegre, tmp_path):
    assert_same_graph_as_osmnx(porto_alegre / "poa_osm.pbf", tmp_path, "EPSG:32722")


@pytest.mark.real_city
def test_a_real_city_keeps_its_steps_and_hangs_together(porto_alegre):
    path = porto_alegre / "poa_osm.pbf"
    steps = osmium.FileProcessor(str(path), osmium.osm.WAY).with_filter(
        osmium.filter.TagFilter(("highway", "steps"))
    )
    tags = [dict(way.tags) for way in steps]
    closed = [t for t in tags if t.get("foot", t.get("access")) in ("no", "private")]
    streets = read_osm(path).layers["streets"]
    walked = streets[streets["walk"]]
    assert len(tags) == 413  # as the city's README counts them
    assert (walked["street_class"] == "steps").sum() == len(tags) - len(closed)
    network = walking_network(streets.to_crs("EPSG:32722"))
    assert np.bincount(network.component).max() > 0.98 * network.n_nodes
