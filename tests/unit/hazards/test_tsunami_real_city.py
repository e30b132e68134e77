"""Porto Alegre's terrain (SRTM, 1″) flooded from lake Guaíba; data that nobody here drew."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from pyproj import CRS
from rasterio.features import shapes
from rasterio.warp import Resampling
from rasterio.warp import reproject
from scipy.ndimage import label
from shapely.geometry import shape

from ilo_geo.core.layer import Status
from ilo_geo.hazards.flood import FloodField
from ilo_geo.hazards.tsunami import TsunamiLayers
from ilo_geo.hazards.tsunami import TsunamiParams
from ilo_geo.hazards.tsunami import inundation_zones
from ilo_geo.hazards.tsunami import tsunami_scene

pytestmark = pytest.mark.real_city
UTM = CRS.from_epsg(32722)
CELL_M = 30.0
WEST, NORTH, N_ROWS, N_COLS = 475_710.0, 6_681_180.0, 393, 349
EIGHT = np.ones((3, 3))


@pytest.fixture(scope="module")
def guaiba(porto_alegre: Path) -> tuple[np.ndarray, Affine, CRS, gpd.GeoDataFrame]:
    """Return the terrain as shipped, and the lake: its largest piece of cells at 0 m."""
    with rasterio.open(porto_alegre / "poa_elevation.tif") as file:
        elevation_m, transform, crs = file.read(1), file.transform, file.crs
    pieces, _ = label(elevation_m == 0, EIGHT)
    largest = np.bincount(pieces.ravel())[1:].argmax() + 1
    lake = (pieces == largest).astype(np.uint8)
    outlines = [shape(g) for g, _ in shapes(lake, mask=lake > 0, transform=transform)]
    water = gpd.GeoDataFrame(geometry=outlines, crs=crs).to_crs(UTM)
    return elevation_m, transform, crs, water


def flooded_from_the_lake(
    guaiba: tuple[np.ndarray, Affine, CRS, gpd.GeoDataFrame], shift_m: tuple[float, float]
) -> tuple[FloodField, np.ndarray, shapely.Geometry]:
    """Return the flood on a metric grid, the terrain in it and its land, the grid shifted."""
    source, transform, crs, water = guaiba
    grid = Affine(CELL_M, 0, WEST + shift_m[0], 0, -CELL_M, NORTH - shift_m[1])
    elevation_m = np.full((N_ROWS, N_COLS), np.nan, dtype=np.float32)
    reproject(
        source.astype(np.float32),
        elevation_m,
        src_transform=transform,
        src_crs=crs,
        dst_transform=grid,
        dst_crs=UTM,
        dst_nodata=np.nan,
        resampling=Resampling.bilinear,
    )
    # one and the same ground whatever the grid
    land = shapely.box(
        WEST + CELL_M, NORTH - CELL_M * (N_ROWS - 1), WEST + CELL_M * (N_COLS - 1), NORTH - CELL_M
    ).difference(shapely.make_valid(water.union_all()))
    layers = TsunamiLayers(
        elevation_m=elevation_m,
        transform=grid,
        crs=UTM,
        terrain_status=Status.OBSERVED,
        terrain_source="SRTM",
        land=gpd.GeoDataFrame(geometry=[land], crs=UTM),
        water=water,
    )
    field = tsunami_scene(layers, TsunamiParams(population_base="p", n_draws=60))
    return field, elevation_m, land


@pytest.mark.parametrize("level_m", [3.0, 5.0])
def test_lake_floods_what_labelling_the_low_ground_says(guaiba: tuple, level_m: float) -> None:
    """Peer: scipy.ndimage.label; some low ground of the city has no way to the lake."""
    field, elevation_m, _ = flooded_from_the_lake(guaiba, (0.0, 0.0))
    low = field.sea | (elevation_m <= level_m)
    pieces, _ = label(low, EIGHT)
    expected = low & np.isin(pieces, pieces[field.sea])
    found = field.flooded(level_m)
    # an elevation within a tenth of a millimetre of the level may fall on either side
    assert (found != expected).sum() <= 2
    assert (low & ~expected).sum() > 50


@pytest.mark.parametrize("level_m", [3.0, 5.0])
def test_flooded_area_is_stable_when_the_grid_moves_by_half_a_cell(
    guaiba: tuple, level_m: float
) -> None:
    """Within the stated 5-95 % interval by far: within 3 % of the area itself."""
    areas_m2, intervals_m2 = [], []
    for shift_m in ((0.0, 0.0), (CELL_M / 2, 0.0), (0.0, CELL_M / 2), (CELL_M / 2, CELL_M / 2)):
        field, _, land = flooded_from_the_lake(guaiba, shift_m)
        zones = inundation_zones(field, land, [level_m])
        area_m2 = zones.set_index("certainty")["area_m2"]
        areas_m2.append(area_m2["line"])
        intervals_m2.append((area_m2.get("certain", 0.0), area_m2["possible"]))
    assert areas_m2[0] > 1e6
    assert max(areas_m2) - min(areas_m2) < 0.03 * areas_m2[0]
    assert all(low <= area <= high for area in areas_m2 for low, high in intervals_m2)


def test_more_of_the_real_city_floods_at_five_metres_than_at_three(guaiba: tuple) -> None:
    field, _, _ = flooded_from_the_lake(guaiba, (0.0, 0.0))
    three, five = field.flooded(3.0), field.flooded(5.0)
    assert not (three & ~five).any()
    assert (five & field.land).sum() > 2 * (three & field.land).sum()
