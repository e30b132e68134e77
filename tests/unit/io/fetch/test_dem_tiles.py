"""Elevation from a bucket on loopback that serves real COGs, whole and in parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from fetching import Clock
from fetching import parts_in
from fetching import patience
from fetching import settings_for
from osm_servers import Bucket
from osm_servers import serving
from rasterio.transform import from_origin

from ilo_geo.core.errors import FetchError
from ilo_geo.core.progress import silent
from ilo_geo.io.fetch.dem_tiles import FetchedDem
from ilo_geo.io.fetch.dem_tiles import fetch_dem
from ilo_geo.io.fetch.dem_tiles import tiles_of
from ilo_geo.io.fetch.settings import fetch_settings

N = 1200
NAME = "Copernicus_DSM_COG_10_{ns}{lat:02d}_00_{ew}{lon:03d}_00_DEM"
PATH = "/" + NAME + "/" + NAME + ".tif"
INLAND, COAST = (-18, -72), (-18, -71)
# within the inland tile, and over the edge of both
WINDOW = (-71.62, -17.71, -71.41, -17.52)
ACROSS = (-71.1, -17.6, -70.9, -17.5)


def heights(lat: int, lon: int) -> np.ndarray:
    """Return a plane of its own for each tile, so that a cell tells where it is from."""
    rows, columns = np.mgrid[0:N, 0:N]
    return (1000 * abs(lon) + rows + columns / N).astype("float32")


def cog(lat: int, lon: int, hole: bool = False) -> bytes:
    values = heights(lat, lon)
    if hole:
        values[700:720, 500:520] = -9999
    profile = {"driver": "COG", "height": N, "width": N, "count": 1, "dtype": "float32"}
    profile |= {"crs": "EPSG:4326", "transform": from_origin(lon, lat + 1, 1 / N, 1 / N)}
    with rasterio.MemoryFile() as memory:
        with memory.open(compress="DEFLATE", nodata=-9999, **profile) as dataset:
            dataset.write(values, 1)
        return memory.read()


def path_of(lat: int, lon: int) -> str:
    return PATH.format(ns="S", ew="W", lat=abs(lat), lon=abs(lon))


@pytest.fixture(scope="module")
def tiles() -> dict[str, bytes]:
    return {path_of(*INLAND): cog(*INLAND), path_of(*COAST): cog(*COAST)}


@pytest.fixture
def bucket(tiles):
    with serving(Bucket(dict(tiles))) as server:
        yield server


def source(server: Bucket, name: str = "near") -> dict[str, Any]:
    return {
        "id": name,
        "title": name.title(),
        "licence": "CC0",
        "date": "2021",
        "vertical_rmse_m": 4,
        "accuracy_m": 6,
        "url": server.url + PATH,
    }


def fetched(
    folder: Path, bounds: Any, *servers: Bucket, land: Any = None, **changes: Any
) -> FetchedDem:
    """Return what is fetched; all of ``bounds`` is land unless said otherwise."""
    sources = [source(server, f"source_{n}") for n, server in enumerate(servers)]
    settings = settings_for(
        folder, dem={"sources": sources, **changes}, manners={"timeout_s": 5, "max_tries": 2}
    )
    parts, calm = parts_in(folder), patience(settings, Clock())
    return fetch_dem(bounds, land or shapely.box(*bounds), parts, settings, calm, silent)


def read_by_gdal(content: bytes, bounds: Any, place: tuple[float, float]) -> float:
    """Return what GDAL reads at a place of the whole file in memory."""
    with rasterio.MemoryFile(content) as memory, memory.open() as dataset:
        return float(next(dataset.sample([place]))[0])


def at(found: FetchedDem, lon: float, lat: float) -> float:
    column, row = ~found.dem.transform @ (lon, lat)
    return float(found.dem.elevation_m[int(row), int(column)])


def test_a_window_is_read_by_ranges_and_only_that(tmp_path, bucket, tiles):
    found = fetched(tmp_path, WINDOW, bucket)
    whole = tiles[path_of(*INLAND)]
    assert found.dem.crs.to_epsg() == 4326
    for place in [(-71.6, -17.7), (-71.5, -17.6), (-71.42, -17.53)]:
        assert at(found, *place) == read_by_gdal(whole, WINDOW, place)
    assert all(asked[2] for asked in bucket.log if asked[0] == "GET")
    assert bucket.n_bytes < len(whole) / 2
    assert (found.n_tiles, found.n_sea_tiles, found.failed) == (1, 0, None)


def test_two_tiles_meet_without_a_seam(tmp_path, bucket, tiles):
    found = fetched(tmp_path, ACROSS, bucket)
    assert found.dem.elevation_m.shape == (round(0.1 * N), round(0.2 * N))
    for place, tile in [((-71.0001, -17.55), INLAND), ((-70.9999, -17.55), COAST)]:
        assert at(found, *place) == read_by_gdal(tiles[path_of(*tile)], ACROSS, place)


def test_a_tile_that_is_missing_over_the_sea_is_sea_and_counted(tmp_path, bucket):
    del bucket.files[path_of(*INLAND)]
    # an edge shared with the missing tile is no land in it
    east_of_it = shapely.box(-71.0, -17.6, -70.9, -17.5)
    found = fetched(tmp_path, ACROSS, bucket, land=east_of_it)
    assert (found.n_tiles, found.n_sea_tiles) == (2, 1)
    assert at(found, -71.05, -17.55) == 0.0
    assert at(found, -70.95, -17.55) > 70_000


@pytest.mark.parametrize("shore", [-71.1, -71.001], ids=["inland", "coast"])
def test_a_missing_tile_with_land_is_never_sea_and_the_next_source_is_asked(
    tmp_path, bucket, tiles, shore
):
    land = shapely.box(shore, -17.6, -70.9, -17.5)
    with serving(Bucket({path_of(*COAST): tiles[path_of(*COAST)]})) as lacking:
        with pytest.raises(FetchError) as caught:
            fetched(tmp_path / "a", ACROSS, lacking, land=land)
        assert caught.value.code == "fetch.no_elevation"
        assert "tile S18 W072" in str(caught.value)
        found = fetched(tmp_path / "b", ACROSS, lacking, bucket, land=land)
    assert (found.source.id, found.n_sea_tiles) == ("source_1", 0)
    place = (-71.0501, -17.5501)
    assert at(found, *place) == read_by_gdal(tiles[path_of(*INLAND)], ACROSS, place)


def test_a_hole_within_a_tile_is_unknown_not_sea(tmp_path, bucket):
    bucket.files[path_of(*INLAND)] = cog(*INLAND, hole=True)
    found = fetched(tmp_path, WINDOW, bucket)
    assert np.isnan(at(found, -72 + 510 / N, -17 - 710 / N))


def test_a_server_without_ranges_gives_the_whole_up_to_a_size(tmp_path, bucket, tiles):
    bucket.always = "no_range"
    found = fetched(tmp_path / "a", WINDOW, bucket)
    place = (-71.5, -17.6)
    assert at(found, *place) == read_by_gdal(tiles[path_of(*INLAND)], WINDOW, place)
    with pytest.raises(FetchError) as caught:
        fetched(tmp_path / "b", WINDOW, bucket, max_whole_bytes=100_000)
    assert caught.value.code == "fetch.too_large"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("429", "fetch.busy"),
        ("504", "fetch.failing"),
        ("403", "fetch.refused"),
        ("html", "fetch.not_tiff"),
        ("truncated", "fetch.truncated"),
    ],
)
def test_where_the_first_source_fails_the_second_is_asked(tmp_path, bucket, tiles, wrong, code):
    with serving(Bucket(dict(tiles))) as bad:
        bad.always = wrong
        with pytest.raises(FetchError) as caught:
            fetched(tmp_path / "a", WINDOW, bad)
        assert caught.value.code == code
        assert "/vsi" not in str(caught.value)
        assert str(tmp_path) not in str(caught.value)
        found = fetched(tmp_path / "b", WINDOW, bad, bucket)
    assert found.source.id == "source_1"
    assert found.failed == "Source_0"


def test_a_bucket_that_has_nothing_here_is_no_sea(tmp_path):
    with serving(Bucket({})) as empty, pytest.raises(FetchError) as caught:
        fetched(tmp_path, ACROSS, empty)
    assert caught.value.code == "fetch.no_elevation"


def test_tiles_that_are_there_are_not_asked_for_again(tmp_path, bucket):
    inland = bucket.files.pop(path_of(*INLAND))
    bucket.files[path_of(*INLAND)] = b"no tiff at all"
    with pytest.raises(FetchError):
        fetched(tmp_path, ACROSS, bucket)
    bucket.files[path_of(*INLAND)] = inland
    fetched(tmp_path, ACROSS, bucket)
    n_asked = len(bucket.log)
    fetched(tmp_path, ACROSS, bucket)
    assert len(bucket.log) == n_asked


def test_ilo_lies_in_the_tile_that_the_public_bucket_names(tmp_path):
    tile = tiles_of((-71.35, -17.68, -71.30, -17.60))[0]
    name = "Copernicus_DSM_COG_10_S18_00_W072_00_DEM"
    dem = fetch_settings(tmp_path, {}).dem
    assert tile.address(dem.sources[0]).endswith(f"/{name}/{name}.tif")
    assert tile.address(dem.sources[1]).endswith("/S18W072.tif")
    assert [t.name for t in tiles_of((-0.5, -0.5, 0.5, 0.5))] == [
        "-01-001",
        "-01+000",
        "+00-001",
        "+00+000",
    ]
