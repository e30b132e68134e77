"""Fetches elevation: one-degree tiles in public buckets, of which only the window is read.

A first request of a few bytes tells what a server has and whether it gives parts of a file; GDAL
(/vsicurl/) then reads the window over HTTP ranges. A tile that a bucket lacks is sea only where the
city has no land: one that covers any of it makes the bucket fail.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import rasterio
import requests
import shapely
from affine import Affine
from pyproj import CRS
from rasterio.errors import RasterioError
from rasterio.merge import merge
from rasterio.windows import Window
from rasterio.windows import from_bounds

from ilo_geo.core.errors import FetchError
from ilo_geo.core.progress import Progress
from ilo_geo.io.dem import Dem
from ilo_geo.io.dem import named_crs
from ilo_geo.io.fetch.answers import CountedBody
from ilo_geo.io.fetch.answers import host_of
from ilo_geo.io.fetch.answers import plain_failures
from ilo_geo.io.fetch.answers import require_size
from ilo_geo.io.fetch.answers import require_status
from ilo_geo.io.fetch.parts import Parts
from ilo_geo.io.fetch.patience import Patience
from ilo_geo.io.fetch.patience import SetbackError
from ilo_geo.io.fetch.settings import DemSource
from ilo_geo.io.fetch.settings import FetchSettings
from ilo_geo.io.raster import write_raster

Bounds = tuple[float, float, float, float]
HEAD_BYTES = 16
# little and big endian TIFF, then BigTIFF
TIFF_SIGNS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
SEA_M = 0.0


@dataclass(frozen=True)
class FetchedDem:
    """Elevation, where it is from, and how many of its tiles were taken to be sea.

    ``failed`` names the source that failed before, if one did.
    """

    dem: Dem
    source: DemSource
    n_tiles: int
    n_sea_tiles: int
    failed: str | None = None


@dataclass(frozen=True)
class Tile:
    """One degree by one degree, named by its south west corner, and what of it is wanted."""

    lat: int
    lon: int
    wanted: Bounds

    @property
    def name(self) -> str:
        """Return the name of its part."""
        return f"{self.lat:+03d}{self.lon:+04d}"

    @property
    def title(self) -> str:
        """Return its name as people and buckets write it."""
        ns, ew = "S" if self.lat < 0 else "N", "W" if self.lon < 0 else "E"
        return f"{ns}{abs(self.lat):02d} {ew}{abs(self.lon):03d}"

    def covers(self, land: shapely.Geometry) -> bool:
        """Return whether what is wanted of it has any of ``land``; a shared edge is none."""
        return bool(shapely.intersection(land, shapely.box(*self.wanted)).area > 0)

    def address(self, source: DemSource) -> str:
        """Return where a source has it."""
        return source.url.format(
            ns="S" if self.lat < 0 else "N",
            ew="W" if self.lon < 0 else "E",
            lat=abs(self.lat),
            lon=abs(self.lon),
        )


def tiles_of(bounds: Bounds) -> list[Tile]:
    """Return the tiles that lie in ``bounds`` (west, south, east, north in degrees)."""
    west, south, east, north = bounds
    return [
        Tile(
            lat,
            lon,
            (max(west, lon), max(south, lat), min(east, lon + 1), min(north, lat + 1)),
        )
        for lat in range(math.floor(south), math.ceil(north))
        for lon in range(math.floor(west), math.ceil(east))
    ]


def fetch_dem(
    bounds: Bounds,
    land: shapely.Geometry,
    parts: Parts,
    settings: FetchSettings,
    patience: Patience,
    progress: Progress,
) -> FetchedDem:
    """Return the elevation of ``bounds`` from the first source that has all of ``land``.

    Both in WGS 84 degrees, the land within the bounds.

    Raises
    ------
    FetchError
        No source gave it: the reason of the last.
    """
    failures: list[FetchError] = []
    for source in settings.dem.sources:
        try:
            fetched = _from_source(bounds, land, source, parts, settings, patience, progress)
        except FetchError as error:
            failures.append(error)
        else:
            failed = settings.dem.sources[0].title if failures else None
            return replace(fetched, failed=failed)
    raise failures[-1]


def _from_source(
    bounds: Bounds,
    land: shapely.Geometry,
    source: DemSource,
    parts: Parts,
    settings: FetchSettings,
    patience: Patience,
    progress: Progress,
) -> FetchedDem:
    tiles = tiles_of(bounds)
    files: list[Path] = []
    for done, tile in enumerate(tiles):
        name = f"{source.id}{tile.name}.tif"
        url = tile.address(source)
        share = partial(_shared, progress, done / len(tiles))
        share("progress.fetch_dem", 0.0)
        if not parts.has(name):
            read = partial(_window, tile.wanted, settings)
            dem = patience.ask((url,), read, share)
            if dem is None:
                _require_sea(tile, land, source)
                continue
            write_raster(dem.elevation_m, dem.transform, dem.crs, parts.path(name))
        files.append(parts.path(name))
    return FetchedDem(_mosaic(bounds, files), source, len(tiles), len(tiles) - len(files))


def _require_sea(tile: Tile, land: shapely.Geometry, source: DemSource) -> None:
    """Refuse a source without a tile that has land: a city at 0 m would look flooded."""
    if tile.covers(land):
        where = host_of(tile.address(source))
        raise FetchError("fetch.no_elevation", where=where, found=source.title, tile=tile.title)


def _shared(
    progress: Progress, done_ratio: float, code: str, _ratio: float, /, **_figures: float
) -> None:
    progress(code, done_ratio)


def _mosaic(bounds: Bounds, files: list[Path]) -> Dem:
    """Return one grid of all tiles; where no tile is, is the sea."""
    grid, transform = merge([str(file) for file in files], bounds=bounds, nodata=np.nan)
    with rasterio.open(files[0]) as first:
        crs = named_crs(CRS.from_wkt(first.crs.to_wkt()))
    covered = np.zeros(grid.shape[1:], dtype=bool)
    for file in files:
        with rasterio.open(file) as tile:
            window = from_bounds(*tile.bounds, transform=transform).round_offsets().round_lengths()
        rows, columns = window.toslices()
        covered[max(rows.start, 0) : rows.stop, max(columns.start, 0) : columns.stop] = True
    # a hole within a tile is unknown, not sea
    elevation_m = np.where(~covered & np.isnan(grid[0]), SEA_M, grid[0]).astype(np.float32)
    return Dem(elevation_m, transform, crs)


def _window(wanted: Bounds, settings: FetchSettings, url: str) -> Dem | None:
    """Return the elevation of a window of a tile, or None where there is no such tile."""
    headers = {"User-Agent": settings.manners.name, "Range": f"bytes=0-{HEAD_BYTES - 1}"}
    timeout = (settings.manners.connect_timeout_s, settings.manners.timeout_s)
    with (
        plain_failures(url),
        requests.get(url, headers=headers, timeout=timeout, stream=True) as answer,
    ):
        if answer.status_code == requests.codes.not_found:
            return None
        host = host_of(url)
        require_status(answer, host)
        if answer.status_code == requests.codes.partial_content:
            _require_tiff(answer.content, host)
            return _read(f"/vsicurl/{url}", wanted, settings, host)
        return _read_whole(answer, wanted, settings, host)


def _read_whole(
    answer: requests.Response, wanted: Bounds, settings: FetchSettings, host: str
) -> Dem:
    """Return the window from the whole file, which is all that this server gives."""
    most = settings.dem.max_whole_bytes
    require_size(answer, host, most)
    answer.raw = CountedBody(answer.raw, most, host, lambda _n: None)
    content = answer.content
    _require_tiff(content, host)
    with rasterio.MemoryFile(content) as memory:
        return _read(memory.name, wanted, settings, host)


def _require_tiff(content: bytes, host: str) -> None:
    if not content.startswith(TIFF_SIGNS):
        raise SetbackError(FetchError("fetch.not_tiff", where=host))


def _read(name: str, wanted: Bounds, settings: FetchSettings, host: str) -> Dem:
    manners = settings.manners
    options = {
        # only the file itself is asked for, not what lies beside it
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".tif",
        # a file that broke off must not be remembered as it was
        "CPL_VSIL_CURL_NON_CACHED": "/vsicurl/",
        "GDAL_HTTP_TIMEOUT": manners.timeout_s,
        "GDAL_HTTP_CONNECTTIMEOUT": manners.connect_timeout_s,
        # how often to try again is decided in one place
        "GDAL_HTTP_MAX_RETRY": 0,
        "GDAL_HTTP_USERAGENT": manners.name,
    }
    try:
        with rasterio.Env(**options), rasterio.open(name) as file:
            crs = named_crs(CRS.from_wkt(file.crs.to_wkt()))
            window = from_bounds(*wanted, transform=file.transform)
            window = window.round_offsets(op="floor").round_lengths(op="ceil")
            window = window.intersection(Window(0, 0, file.width, file.height))
            band = file.read(1, window=window, masked=True)
            transform = file.transform @ Affine.translation(window.col_off, window.row_off)
    except RasterioError as error:
        # GDAL's own words name the address and sometimes a path
        raise SetbackError(FetchError("fetch.truncated", where=host)) from error
    return Dem(band.astype(np.float32).filled(np.nan), transform, crs)
