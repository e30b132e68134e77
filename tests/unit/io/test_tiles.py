"""The PMTiles file beside GDAL's own MBTiles of the same features, and files that are none."""

from __future__ import annotations

import gzip
import sqlite3

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import WorkspaceError
from ilo_geo.io import tiles
from ilo_geo.io.tiles import BUFFER
from ilo_geo.io.tiles import MAX_ZOOM
from ilo_geo.io.tiles import MIN_ZOOM
from ilo_geo.io.tiles import read_index
from ilo_geo.io.tiles import tile_number
from ilo_geo.io.tiles import write_tiles


@pytest.fixture(scope="module")
def frame():
    """Return squares strewn over the city, some tiles without any."""
    low, high = (248_000, 8_047_000), (254_000, 8_053_000)
    xy = np.random.default_rng(7).uniform(low, high, (300, 2))
    squares = [shapely.box(x, y, x + 30, y + 30) for x, y in xy]
    return gpd.GeoDataFrame({"use": ["house"] * 300}, geometry=squares, crs="EPSG:32719")


@pytest.fixture(scope="module")
def path(frame, tmp_path_factory):
    path = tmp_path_factory.mktemp("tiles") / "buildings-0.pmtiles"
    write_tiles(frame, path, layer="buildings")
    return path


def test_every_tile_is_where_gdals_mbtiles_has_it(frame, path, tmp_path):
    peer = tmp_path / "peer.mbtiles"
    options = {"MINZOOM": str(MIN_ZOOM), "MAXZOOM": str(MAX_ZOOM), "BUFFER": str(BUFFER)}
    options |= {"NAME": "buildings"}
    pyogrio.write_dataframe(frame, peer, driver="MVT", layer="buildings", dataset_options=options)
    with sqlite3.connect(peer) as database:
        rows = database.execute("SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles")
        # MBTiles counts rows from the south
        expected = {(z, x, (1 << z) - 1 - y): gzip.decompress(data) for z, x, y, data in rows}
    database.close()
    index = read_index(path)
    assert len(expected) > 20
    assert len(index.places) == len(expected)
    for place, content in expected.items():
        assert gzip.decompress(index.tile(*place) or b"") == content
    assert index.tile(MIN_ZOOM, 0, 0) is None


def test_tiles_are_numbered_as_the_specification_says():
    # the examples of the PMTiles specification, version 3
    numbers = {(0, 0, 0): 0, (1, 0, 0): 1, (1, 0, 1): 2, (1, 1, 1): 3, (1, 1, 0): 4, (2, 0, 0): 5}
    assert {place: tile_number(*place) for place in numbers} == numbers
    assert tile_number(12, 3423, 1763) == 19_078_479


def test_each_zoom_is_numbered_once_and_without_gaps():
    side = 1 << 4
    numbers = sorted(tile_number(4, x, y) for x in range(side) for y in range(side))
    assert numbers == list(range(85, 85 + side * side))


@pytest.mark.parametrize("content", [b"", b"PMTiles", b"x" * 500])
def test_a_file_that_is_no_pmtiles_is_refused(tmp_path, content):
    path = tmp_path / "a.pmtiles"
    path.write_bytes(content)
    with pytest.raises(InputError, match="PMTiles"):
        read_index(path)


def test_a_truncated_file_is_refused(path, tmp_path):
    short = tmp_path / "short.pmtiles"
    short.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError, match="PMTiles"):
        read_index(short)


def test_a_disk_that_refuses_leaves_nothing(frame, tmp_path, monkeypatch):
    def refuse(*_arguments, **_options):
        message = "no space"
        raise tiles.BrokenProcessPool(message)

    monkeypatch.setattr(tiles.ProcessPoolExecutor, "submit", refuse)
    with pytest.raises(WorkspaceError):
        write_tiles(frame, tmp_path / "t" / "a.pmtiles", layer="a")
    assert list((tmp_path / "t").iterdir()) == []
