"""Hot spots of a toy city: what is told, and what must not be found."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from ilo_geo.city.network import walking_network
from ilo_geo.security.hotspots import HotspotInputs
from ilo_geo.security.hotspots import HotspotParams
from ilo_geo.security.hotspots import analyse
from ilo_geo.security.incidents import incidents_in
from ilo_geo.security.need import NeedInputs

CRS = "EPSG:32719"
# somewhere in UTM zone 19 south, so that H3 cells exist there
X0, Y0 = 252_000, 8_047_000
PARAMS = HotspotParams(population_base="census")
LEAST = 5


def points(xy, **columns):
    return gpd.GeoDataFrame(
        geometry=shapely.points(np.array(xy, dtype=float).reshape(-1, 2) + np.array([X0, Y0])),
        crs=CRS,
    ).assign(**columns)


def frame(shapes, **columns):
    moved = gpd.GeoSeries(shapes, crs=CRS).translate(X0, Y0)
    return gpd.GeoDataFrame(geometry=moved, crs=CRS).assign(**columns)


def city(incidents):
    lines = [shapely.LineString([(x, y) for x in range(0, 3001, 250)]) for y in (0, 500, 1000)]
    lines.append(shapely.LineString([(0, 0), (0, 500), (0, 1000)]))
    streets = frame(lines, walk=True, name="Calle", street_class="residential")
    halves = [shapely.box(0, -50, 1500, 1050), shapely.box(1500, -50, 3000, 1050)]
    quarters = [shapely.box(x, -50, x + 750, 1050) for x in range(0, 3000, 750)]
    none = points([])
    need = NeedInputs(
        network=walking_network(streets),
        street_class=streets["street_class"].to_numpy(dtype=object),
        residents=points([(100, 10), (2900, 990)], inhab=[500.0, 0.0]),
        shops=points([(1000, 10)]),
        sites=none,
        declared=none.assign(accuracy_m=0.0),
        incidents=None if incidents is None else incidents_in(incidents, frame(halves)),
    )
    levels = {
        "districts": frame(halves, id=["w", "e"], name=["West", "East"]),
        "zones": frame(quarters, id=list("abcd"), name=list("ABCD")),
    }
    return HotspotInputs("toy", need, streets[["name", "street_class"]], levels)


def fallen(seed=0, n=120):
    rng = np.random.default_rng(seed)
    xy = np.concatenate(
        [
            rng.normal((400, 0), 40, (n // 2, 2)),
            rng.normal((1300, 500), 40, (n // 2, 2)),
            [(2900, 900)] * 2,
        ]
    )
    hour = rng.integers(0, 24, len(xy))
    date = pd.Series([f"2025-05-05T{h:02d}:30" for h in hour]).where(rng.random(len(xy)) > 0.1)
    kind = rng.choice(["hurto", "robo", "agresión"], len(xy), p=[0.7, 0.25, 0.05])
    return points(xy, kind=kind, date=date.to_numpy())


@pytest.fixture(scope="module")
def found():
    return analyse(city(fallen()), PARAMS)


def test_the_two_groups_are_the_clusters(found):
    clusters = found.tables["clusters"]
    assert found.summary["n_clusters"] == 2
    for x, y in ((400, 0), (1300, 500)):
        assert clusters.covers(shapely.Point(X0 + x, Y0 + y)).sum() == 1


def test_a_zone_with_few_incidents_tells_no_count_rate_or_need(found):
    zone = found.tables["zones"].loc["d"]
    assert zone["hidden"]
    assert pd.isna(
        [zone["n_incidents"], zone["incidents_per_1000_inhab"], zone["need_ratio"]]
    ).all()


@pytest.mark.parametrize("seed", range(4))
def test_no_table_holds_a_count_of_1_to_4_nor_lets_one_be_had_from_its_total(seed):
    result = analyse(city(fallen(seed)), PARAMS)
    for table in result.tables.values():
        if "n_incidents" in table:
            told = table["n_incidents"].dropna()
            assert not told.between(1, LEAST - 1).any()
    total = result.summary["n_incidents"]
    hours = result.tables["hours"]
    for column, other in (("hour", "kind"), ("kind", "hour")):
        totals = hours[hours[other] == "all"].set_index(column)["n_incidents"].dropna()
        inner = hours[hours[other] != "all"].groupby(column)["n_incidents"].sum()
        assert not (totals - inner).dropna().between(1, LEAST - 1).any()
    for level in ("districts", "zones"):
        left = total - result.tables[level]["n_incidents"].sum()
        assert not 1 <= left < LEAST


def test_where_few_fell_a_street_tells_no_density_and_does_not_say_whether_any_did(found):
    segments = found.tables["segments"]
    lonely = segments[segments.intersects(shapely.Point(X0 + 2900, Y0 + 1000).buffer(5))]
    empty = segments[segments.intersects(shapely.Point(X0 + 2900, Y0).buffer(5))]
    for rows in (lonely, empty):
        assert rows["density_class"].tolist() == [0]
        assert rows["incidents_per_km"].isna().all()


def test_no_place_of_an_incident_is_in_the_result(found):
    fell = {tuple(np.round(xy, 3)) for xy in shapely.get_coordinates(fallen().geometry.to_numpy())}
    for table in found.maps.values():
        drawn = {
            tuple(np.round(xy, 3)) for xy in shapely.get_coordinates(table.geometry.to_numpy())
        }
        assert not fell & drawn


def test_pieces_make_up_the_streets_and_classes_go_up_with_density(found):
    segments = found.tables["segments"]
    assert segments.length.sum() == pytest.approx(10_000, rel=1e-6)
    told = segments[segments["density_class"] > 0]
    highest = told.groupby("density_class")["incidents_per_km"]
    assert (highest.min().to_numpy()[1:] >= highest.max().to_numpy()[:-1] * 0.9).all()


def test_in_the_plane_cells_take_the_place_of_streets():
    params = PARAMS.model_copy(update={"density_in": "plane"})
    tables = analyse(city(fallen()), params).tables
    assert "segments" not in tables
    assert tables["cells"]["density_class"].max() == 5


def test_without_incidents_every_table_says_that_it_is_a_proxy():
    result = analyse(city(None), PARAMS)
    assert result.summary["is_proxy"]
    assert {"segments", "districts", "zones"} == set(result.tables)
    assert all(table["is_proxy"].all() for table in result.tables.values())
    assert "need.proxy" in [notice.code for notice in result.warnings]
    assert result.tables["districts"]["need_ratio"].sum() == pytest.approx(1)


def test_rates_are_per_thousand_inhabitants_and_none_where_nobody_lives():
    even = points([(x, 0) for x in np.linspace(10, 2990, 100)], kind="robo", date=None)
    zones = analyse(city(even), PARAMS).tables["zones"]
    assert zones.loc["a", "incidents_per_1000_inhab"] == zones.loc["a", "n_incidents"] * 2
    assert np.isnan(zones.loc["b", "incidents_per_1000_inhab"])


def test_equal_inputs_give_equal_fingerprints(found):
    assert analyse(city(fallen()), PARAMS).sha256 == found.sha256
