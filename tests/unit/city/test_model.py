"""Streets, blocks and lots of a square sector that can be worked out by hand."""

from itertools import combinations
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
import yaml

from ilo_geo.city.model.blocks import city_blocks
from ilo_geo.city.model.blocks import halves
from ilo_geo.city.model.blocks import split_blocks
from ilo_geo.city.model.parameters import CityModel
from ilo_geo.city.model.streets import street_network

CRS = "EPSG:32719"
CITY_MODEL = Path(__file__).parents[3] / "layers" / "city_model.yaml"
BLOCK_LENGTH_M, BLOCK_DEPTH_M, STREET_M = 100, 45, 10
N_LONG, N_DEEP = 3, 4
WIDTH_M = N_LONG * (BLOCK_LENGTH_M + STREET_M)
HEIGHT_M = N_DEEP * (BLOCK_DEPTH_M + STREET_M)
ROAD = shapely.LineString([(-500, -50), (1000, -50)])


@pytest.fixture(scope="module")
def model():
    content = yaml.safe_load(CITY_MODEL.read_text(encoding="utf-8"))
    content["green"]["large_parks"] = [{"at": [-400, -50], "role": "park"}]
    content["connections"] = [
        {"street_class": "residential", "path": [[0, -50], [0, 0]]},
        {"street_class": "residential", "path": [[-500, -50], [-500, 0], [-400, 0], [-400, -50]]},
    ]
    return CityModel.model_validate(content)


@pytest.fixture(scope="module")
def fabric(model):
    return model.fabrics["pampa"].model_copy(
        update={
            "azimuth_deg": 90.0,
            "block_length_m": BLOCK_LENGTH_M,
            "block_depth_m": BLOCK_DEPTH_M,
            "street_width_m": STREET_M,
            "lot_front_m": 10,
            "lot_depth_m": 22.5,
            "oneway": True,
        }
    )


@pytest.fixture(scope="module")
def sectors(fabric):
    frame = gpd.GeoDataFrame(
        {"id": ["s"], "urban": [True], "fabric": [fabric]},
        geometry=[shapely.box(0, 0, WIDTH_M, HEIGHT_M)],
        crs=CRS,
    )
    return frame.set_index("id", drop=False)


@pytest.fixture(scope="module")
def streets(sectors, model):
    return street_network(sectors, model, ROAD)


@pytest.fixture(scope="module")
def blocks(streets, sectors):
    return city_blocks(streets, sectors)


def ends(line):
    return line.coords[0], line.coords[-1]


def test_streets_meet_at_equal_coordinates_only(streets):
    for one, other in combinations(streets.geometry, 2):
        shared = one.intersection(other)
        assert shared.is_empty or set(shared.coords) <= {*ends(one), *ends(other)}


def test_all_streets_are_one_network(streets):
    assert nx.is_connected(nx.Graph(ends(line) for line in streets.geometry))


def test_the_street_of_a_large_park_is_left_out(streets):
    closed = shapely.LineString([(-400, 0), (-400, -50)])
    assert streets.distance(closed.centroid).min() > 10


def test_the_grid_has_the_blocks_worked_out_by_hand(blocks):
    assert len(blocks) == N_LONG * N_DEEP
    np.testing.assert_allclose(blocks.area, BLOCK_LENGTH_M * BLOCK_DEPTH_M, rtol=1e-6)


def test_one_way_streets_alternate(streets):
    across = [
        (line.centroid.x, np.sign(line.coords[-1][1] - line.coords[0][1]), way)
        for line, way in zip(streets.geometry, streets["oneway"], strict=True)
        if way != "both" and abs(line.coords[-1][0] - line.coords[0][0]) < 1
    ]
    north = {round(x): sign * (1 if way == "forward" else -1) for x, sign, way in across}
    assert sorted(north) == [WIDTH_M // N_LONG, 2 * WIDTH_M // N_LONG]
    assert sum(north.values()) == 0


def test_lots_fill_their_block_and_do_not_overlap(blocks, sectors):
    lots = split_blocks(blocks, sectors)
    assert len(lots) == len(blocks) * 2 * BLOCK_LENGTH_M / 10
    assert lots.area.sum() == pytest.approx(blocks.area.sum(), rel=1e-9)
    assert shapely.union_all(lots.geometry).area == pytest.approx(lots.area.sum(), rel=1e-9)


def test_every_lot_fronts_the_street_beside_it(blocks, sectors, streets):
    lots = split_blocks(blocks, sectors)
    bearing = np.radians(lots["front_deg"])
    step = np.column_stack([np.cos(bearing), np.sin(bearing)]) * (22.5 / 2 + STREET_M / 2)
    middles = shapely.get_coordinates(lots.centroid.to_numpy())
    reached = gpd.GeoSeries(shapely.points(middles + step), crs=CRS)
    assert reached.distance(streets.geometry.union_all()).max() < 0.1


@pytest.mark.parametrize("azimuth_deg", [0.0, 45.0, 90.0, 135.0])
def test_halves_share_the_block_evenly(azimuth_deg):
    block = shapely.affinity.rotate(shapely.box(0, 0, 100, 45), 90 - azimuth_deg)
    parts = halves(block, azimuth_deg)
    assert [part.area for part in parts] == pytest.approx([2250, 2250])
    assert parts[0].intersection(parts[1]).length == pytest.approx(45, rel=1e-6)
