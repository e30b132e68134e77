"""Bad terrain and coast: one clear line that names the layer and the remedy, before any flood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import CRS

from ilo_geo.core.errors import InputError
from ilo_geo.core.layer import Status
from ilo_geo.core.text import messages
from ilo_geo.hazards.tsunami import TsunamiLayers
from ilo_geo.hazards.tsunami import TsunamiParams
from ilo_geo.hazards.tsunami import tsunami_scene

UTM = CRS.from_epsg(32719)
GRID = Affine(10, 0, 0, 0, -10, 600)
PARAMS = TsunamiParams(population_base="b", n_draws=20)


def frame(*geometries: shapely.Geometry) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(geometries), crs=UTM)


def coast_of(*ys: float) -> gpd.GeoDataFrame:
    """Return the coast at x = 203 between pairs of heights on the map."""
    pairs = zip(ys[::2], ys[1::2], strict=True)
    return frame(*(shapely.LineString([(203, low), (203, high)]) for low, high in pairs))


def good() -> TsunamiLayers:
    """Return a plane rising 1 in 10 from a straight coast, known on land only."""
    x_m = np.arange(80) * 10 + 5.0
    elevation_m = np.tile(np.where(x_m > 203, (x_m - 200) / 10, np.nan), (60, 1))
    return TsunamiLayers(
        elevation_m=elevation_m.astype(np.float32),
        transform=GRID,
        crs=UTM,
        terrain_status=Status.OBSERVED,
        terrain_source="GLO-30",
        land=frame(shapely.box(203, 0, 800, 300), shapely.box(203, 300, 800, 600)),
        coastline=coast_of(0, 600),
    )


def with_cells(layers: TsunamiLayers, where: tuple[object, ...], value: float) -> TsunamiLayers:
    elevation_m = layers.elevation_m.copy()
    elevation_m[where] = value
    return replace(layers, elevation_m=elevation_m)


def wide(layers: TsunamiLayers) -> TsunamiLayers:
    """Return the same coast with land for 480 columns more."""
    more = np.tile(np.linspace(60, 300, 420, dtype=np.float32), (60, 1))
    return replace(
        layers,
        elevation_m=np.hstack([layers.elevation_m, more]),
        land=frame(shapely.box(203, 0, 5000, 300), shapely.box(203, 300, 5000, 600)),
    )


def in_feet(layers: TsunamiLayers) -> TsunamiLayers:
    """Return the same terrain in feet, with known heights in metres."""
    known = [(x, y) for x in (450, 555, 655) for y in (105, 305)]
    spots = frame(*(shapely.Point(p) for p in known))
    spots["elevation_m"] = [(x - 200) / 10 for x, _ in known]
    return replace(layers, elevation_m=layers.elevation_m / 0.3048, spot_heights=spots)


UNCHECKED_GAPS = ["tsunami_terrain_gaps", "tsunami_units_unchecked"]
INLAND = (slice(20, 40), slice(40, 60))
BAD: dict[str, tuple[str, str, Callable[[TsunamiLayers], TsunamiLayers]]] = {
    "sea at -9999": (
        "tsunami.terrain_sentinel",
        "'terrain': 1200 cells are -9999",
        lambda good: with_cells(good, (slice(None), slice(0, 20)), -9999),
    ),
    "sea at 32767": (
        "tsunami.terrain_sentinel",
        "32767",
        lambda good: with_cells(good, (slice(None), slice(0, 20)), 32767),
    ),
    "no value at all": (
        "tsunami.terrain_empty",
        "'terrain'",
        lambda good: with_cells(good, (slice(None),), np.nan),
    ),
    "decimetres of a high city": (
        "tsunami.terrain_too_high",
        "38500",
        lambda good: with_cells(good, (0, 79), 38_500),
    ),
    "feet": ("tsunami.terrain_units", "3.28 times those of 6 known", in_feet),
    "terrain ends inland of the coast": (
        "tsunami.terrain_off_coast",
        "'terrain': covers 0% of the coast",
        lambda good: with_cells(good, (slice(None), slice(0, 30)), np.nan),
    ),
    "terrain covers half of the coast": (
        "tsunami.terrain_off_coast",
        "'terrain': covers 5",
        lambda good: with_cells(good, (slice(0, 30), slice(None)), np.nan),
    ),
    "a hole inland": (
        "tsunami.terrain_holes",
        "'terrain': 400 of 3600 land cells",
        lambda good: with_cells(good, INLAND, np.nan),
    ),
    "a hole of 4 × 4 cells, less than 1 in 1,000 of a larger land": (
        "tsunami.terrain_holes",
        "16 of 28800 land cells have no height, the largest hole has 16 cells",
        lambda good: with_cells(wide(good), (slice(10, 14), slice(30, 34)), np.nan),
    ),
    "a gap in the coast": (
        "tsunami.coast_open",
        "'coastline'.*1 gaps, the widest about 80 m",
        lambda good: replace(good, coastline=coast_of(0, 200, 280, 600)),
    ),
    "a coast that is not the edge of the land": (
        "tsunami.coast_off_land",
        "'coastline': 0%",
        lambda good: replace(good, coastline=frame(shapely.LineString([(100, 0), (100, 600)]))),
    ),
    "no coast and no water": (
        "tsunami.no_shore",
        "'coastline'",
        lambda good: replace(good, coastline=None),
    ),
    "another reference system": (
        "crs.mixed",
        "terrain",
        lambda good: replace(good, crs=CRS.from_epsg(32718)),
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_layers_are_refused_in_one_line_with_a_remedy(name: str) -> None:
    code, words, spoil = BAD[name]
    flooded = []
    with pytest.raises(InputError, match=words) as caught:
        tsunami_scene(
            spoil(good()), PARAMS, progress=lambda step, done: flooded.append((step, done))
        )
    assert caught.value.code == code
    assert flooded == []  # refused before anything was computed
    for lang in ("es", "en"):
        text = caught.value.text(lang)
        assert "\n" not in text
        assert text.count(".") >= 1
    assert messages()[code].es != messages()[code].en


def test_the_good_terrain_is_taken() -> None:
    assert tsunami_scene(good(), PARAMS).flooded(20.0)[:, 20:].any()


def test_metres_with_known_heights_pass() -> None:
    layers = in_feet(good())
    assert tsunami_scene(replace(layers, elevation_m=good().elevation_m), PARAMS)


def test_a_few_missing_cells_are_told_and_stay_dry() -> None:
    layers = with_cells(good(), (slice(10, 12), 30), np.nan)
    field = tsunami_scene(layers, PARAMS)
    assert [notice.code for notice in field.notices] == UNCHECKED_GAPS
    assert field.notices[0].fields["n"] == 2
    assert not field.flooded(25.0)[10:12, 30].any()


def test_a_terrain_that_ends_before_the_land_does_is_told_and_taken() -> None:
    # warping leaves the rim of a grid without values; that is no hole
    field = tsunami_scene(with_cells(good(), (slice(None), slice(76, 80)), np.nan), PARAMS)
    assert [notice.code for notice in field.notices] == UNCHECKED_GAPS
    assert field.notices[0].fields["n"] == 240


def test_with_known_heights_the_unit_is_checked_and_not_talked_of() -> None:
    layers = replace(in_feet(good()), elevation_m=good().elevation_m)
    assert tsunami_scene(layers, PARAMS).notices == ()


def test_an_island_with_its_whole_coast_passes_and_with_a_gap_does_not() -> None:
    ring = shapely.Point(400, 300).buffer(150)
    x_m, y_m = np.meshgrid(np.arange(80) * 10 + 5, 595 - np.arange(60) * 10)
    inside = shapely.contains_xy(ring, x_m, y_m)
    layers = replace(
        good(),
        elevation_m=np.where(inside, 4.0, np.nan),
        land=frame(ring),
        coastline=frame(shapely.LineString(ring.exterior)),
    )
    assert tsunami_scene(layers, PARAMS).flooded(5.0)[30, 40]
    # five of 64 sides are 74 m, of which the tolerance of two cells closes 20 m at either end
    torn = replace(layers, coastline=frame(shapely.LineString(ring.exterior.coords[2:-3])))
    with pytest.raises(InputError) as caught:
        tsunami_scene(torn, PARAMS)
    assert caught.value.code == "tsunami.coast_open"


def test_where_only_the_sea_has_no_value_the_limit_with_the_neighbours_is_no_coast() -> None:
    """Low ground at the inland limit stays dry although nothing is known beyond it."""
    layers = with_cells(good(), (slice(20, 40), slice(70, 80)), 1.0)
    field = tsunami_scene(layers, PARAMS)
    assert field.flooded(25.0)[30, 22]
    assert not field.flooded(25.0)[20:40, 70:].any()


def test_a_terrain_that_ends_two_cells_before_the_coast_is_still_reached() -> None:
    layers = with_cells(good(), (slice(None), slice(0, 22)), np.nan)
    field = tsunami_scene(layers, PARAMS)
    assert field.flooded(5.0)[:, 22:25].all()


def test_a_lake_is_water_wherever_its_polygon_is() -> None:
    layers = replace(
        good(),
        elevation_m=np.nan_to_num(good().elevation_m),
        land=frame(shapely.box(0, 0, 800, 600)),
        coastline=None,
        water=frame(shapely.box(-2000, 0, 203, 600)),
    )
    field = tsunami_scene(layers, PARAMS)
    assert field.sea[:, :20].all()
    assert not field.sea[:, 21:].any()
    np.testing.assert_array_equal(field.flooded(20.0)[0], np.arange(80) < 40)
