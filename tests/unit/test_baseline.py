"""The baseline of Ilo, line by line of what was promised of it."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod
from same_area import assert_same_area

from ilo_geo.city.terrain import values_at
from ilo_geo.core.layer import Status
from ilo_geo.io.workspace import ENV_WORKSPACE
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.area_export import export_area
from ilo_geo.services.area_read_back import read_back
from ilo_geo.services.areas import SHIPPED_AREA
from ilo_geo.services.areas import open_area
from ilo_geo.services.prepare import baseline_is_ready

REPO = Path(__file__).parents[2]
# shipped empty so that the planner says they are awaited; nobody has drawn them
AWAITED = {"dunes"}


def prepare_twice_at_once(root):
    """Prepare one workspace by two processes started together."""
    environment = {**os.environ, ENV_WORKSPACE: str(root)}
    command = [sys.executable, "-W", "error", "-m", "ilo_geo.cli.main", "prepare"]
    pair = [
        subprocess.Popen(command, env=environment, cwd=REPO)  # noqa: S603 - this project's own code
        for _ in range(2)
    ]
    return [process.wait(timeout=300) for process in pair]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    root = tmp_path_factory.mktemp("workspace")
    assert prepare_twice_at_once(root) == [0, 0]
    return Workspace(root)


@pytest.fixture(scope="module")
def area(workspace):
    return open_area(SHIPPED_AREA, workspace)


@pytest.fixture(scope="module")
def districts(area):
    return area.frame("districts").set_index("id")


@pytest.fixture(scope="module")
def homes(area):
    buildings = area.frame("buildings")
    return buildings[buildings["residential"].astype(bool)].reset_index(drop=True)


def facts_points(shared_dir, file):
    with (shared_dir / "facts" / file).open(encoding="utf-8") as stream:
        return [(float(row["lon"]), float(row["lat"])) for row in csv.DictReader(stream)]


def shipped_points(area, layer):
    frame = area.frame(layer).to_crs(4326)
    return list(zip(frame.geometry.x, frame.geometry.y, strict=True))


def test_two_processes_at_once_leave_one_whole_baseline(workspace, area):
    assert baseline_is_ready(area.catalogue)
    assert not list(workspace.root.rglob(".writing-*"))


def test_a_second_run_gives_the_same_bytes(workspace, tmp_path):
    assert prepare_twice_at_once(tmp_path) == [0, 0]
    first, second = (
        {path.relative_to(root): path.read_bytes() for path in root.rglob("data.*")}
        for root in (workspace.root, tmp_path)
    )
    assert len(first) == 16
    assert [name for name in first if first[name] != second.get(name)] == []
    assert first.keys() == second.keys()


def test_every_declared_layer_has_data_that_fits_its_description(area):
    for layer in area.catalogue.declared:
        assert area.layer(layer).meta.id == layer
        if layer != "terrain":
            assert (len(area.layer(layer).data) == 0) == (layer in AWAITED), layer


def test_what_is_computed_is_modelled_and_nothing_else_is(area):
    computed = {path.parent.name for path in area.catalogue.workspace.root.rglob("data.*")}
    modelled = {i for i, meta in area.catalogue.declared.items() if meta.status is Status.MODELLED}
    assert modelled == computed


def test_no_baseline_geometry_is_faulty(area):
    for layer in area.catalogue.declared:
        quality = getattr(area.layer(layer), "quality", None)
        found = set(quality.findings["action"]) if quality else set()
        assert found <= {"kept"}, layer


# --- what is shipped -------------------------------------------------------------------------


def test_shipped_layers_are_what_the_script_writes_from_the_facts(shared_dir, tmp_path):
    script = [sys.executable, "scripts/build_layers.py", "--facts", shared_dir / "facts"]
    subprocess.run([*script, "--out", tmp_path], cwd=REPO, check=True, capture_output=True)  # noqa: S603 - this project's own script
    written = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("data.*")}
    shipped = {path: (SHIPPED_AREA / path).read_bytes() for path in written}
    assert len(written) == 20
    assert [path for path in written if written[path] != shipped[path]] == []


def test_districts_share_limits_without_gap_or_overlap(districts):
    assert shapely.coverage_is_valid(districts.geometry.to_numpy())
    together = shapely.union_all(districts.geometry)
    assert together.geom_type == "Polygon"
    assert len(together.interiors) == 0
    assert together.area == pytest.approx(districts.area.sum(), rel=1e-12)


def test_districts_keep_the_areas_of_the_facts(districts, shared_dir):
    facts = gpd.read_file(shared_dir / "facts" / "districts.geojson").set_index("ubigeo")
    ellipsoid = Geod(ellps="WGS84")
    for code, shape in districts.geometry.to_crs(4326).items():
        pair = (shape, facts.geometry[code])
        found, drawn = (abs(ellipsoid.geometry_area_perimeter(polygon)[0]) for polygon in pair)
        # the slivers between districts drawn one by one reach 0.06 km²
        assert found == pytest.approx(drawn, abs=0.06e6)


def test_the_coast_is_the_districts_sea_edge(area, districts):
    edge = shapely.union_all(districts.geometry).boundary.buffer(100)
    coast = area.frame("coastline").geometry.union_all()
    assert coast.difference(edge).length / coast.length < 1e-3


def test_every_fault_trace_is_kept(area, shared_dir):
    facts = json.loads((shared_dir / "facts" / "faults.geojson").read_text(encoding="utf-8"))
    faults = area.frame("faults")
    assert len(faults) == len(facts["features"]) == 11
    assert faults["name"].tolist() == [f["properties"]["name"] for f in facts["features"]]


@pytest.mark.parametrize(
    ("layer", "file", "count"),
    [
        ("health", "health_facilities.csv", 27),
        ("fuel_stations", "fuel_stations.csv", 13),
        ("settlements", "settlements.csv", 45),
        ("places", "places.csv", 21),
        ("spot_heights", "elevation_30s.csv", 3056),
    ],
)
def test_real_points_are_where_the_facts_put_them(area, shared_dir, layer, file, count):
    found, expected = shipped_points(area, layer), facts_points(shared_dir, file)
    assert len(found) == len(expected) == count
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_minsa_network_has_the_ten_facilities_that_the_plan_counts(area):
    minsa = area.frame("health").query("minsa_network")
    assert len(minsa) == 10
    assert sorted(minsa["category"].str[:2].value_counts()) == [1, 9]


def test_population_by_base_is_what_the_plan_and_the_registers_say(area):
    population = area.frame("population").set_index("id")
    assert population["plan_2015"].to_dict() == {"180301": 73252, "180302": 891, "180303": 5784}
    assert population["plan_2015"].sum() == 79927
    assert population["census_2017"].notna().sum() == 1


def test_the_municipal_building_is_where_the_facts_put_the_palace(area, shared_dir):
    palace = pd.read_csv(shared_dir / "facts" / "places.csv", index_col="id").loc[
        "palacio_municipal"
    ]
    place = pytest.approx((palace["lon"], palace["lat"]), abs=1e-6)
    assert shipped_points(area, "municipal") == [place]
    row = area.frame("municipal").iloc[0]
    assert (row["name"], row["accuracy_m"]) == (palace["name"], palace["accuracy_m"])


def test_river_erosion_is_the_land_within_250_m_of_the_axis_and_high_at_the_mouth(area, districts):
    strips = area.frame("river_erosion").set_index("level").geometry
    axis = area.frame("river").geometry.union_all()
    land = shapely.union_all(districts.geometry)
    xy = np.random.default_rng(3).uniform([250_800, 8_048_600], [262_000, 8_052_000], (4000, 2))
    places = shapely.points(xy)
    gap_m = shapely.distance(places, axis)
    clear = np.abs(gap_m - 250) > 2  # six decimals and the chords of a buffer
    expected = (gap_m < 250) & shapely.within(places, land)
    found = shapely.intersects(places, shapely.union_all(strips))
    assert expected.sum() > 300
    assert (found == expected)[clear].all()
    mouth = area.frame("places").set_index("id").geometry["river_mouth"]
    assert strips["high"].distance(mouth) < strips["medium"].distance(mouth)
    assert shapely.area(strips["high"].intersection(strips["medium"])) < 50


# --- what is modelled ------------------------------------------------------------------------


@pytest.mark.parametrize(("year", "m2_per_inhab"), [(2018, 0.50), (2014, 2.78)])
def test_public_green_is_exactly_what_the_plan_claims(area, year, m2_per_inhab):
    parks = area.frame("parks")
    there = (parks["since_year"].fillna(year) <= year) & (parks["until_year"].fillna(year) >= year)
    public = parks[there & (parks["access"] == "public")]
    assert public.area.sum() == pytest.approx(m2_per_inhab * 79_927, rel=1e-12)
    assert shapely.union_all(public.geometry).area == pytest.approx(public.area.sum(), rel=1e-9)


def test_the_grid_of_pampa_inalambrica_runs_at_45_degrees(area):
    streets = area.frame("streets")
    local = streets["sector"].fillna("").str.startswith("pampa")
    lines = streets.geometry[local & (streets["street_class"] == "residential")]
    ends = shapely.get_coordinates(shapely.get_point(lines.to_numpy(), [[0], [-1]])).reshape(
        2, -1, 2
    )
    east, north = (ends[1] - ends[0]).T
    bearing_deg = np.degrees(np.arctan2(east, north)) % 90
    share = np.average(np.abs(bearing_deg - 45) < 1, weights=lines.length)
    assert share > 0.8
    median = bearing_deg[np.argsort(bearing_deg)][len(bearing_deg) // 2]
    assert median == pytest.approx(45, abs=0.5)


def test_pampa_inalambrica_lies_where_its_extent_is_known(area):
    sectors = area.frame("urban_footprint").to_crs(4326)
    west, south, east, north = sectors[sectors["id"].str.startswith("pampa")].total_bounds
    assert (west, south) > (-71.3395, -17.6625)
    assert east < -71.310
    assert north < -17.626


def test_pampa_inalambrica_holds_about_35000_people(area, homes):
    in_pampa = homes["sector"].str.startswith("pampa")
    in_ilo = gpd.sjoin(homes, area.frame("districts").query("id == '180301'")).index
    floor_m2 = homes.area * homes["levels"]
    share = floor_m2[in_pampa].sum() / floor_m2[in_ilo].sum()
    assert share * 73_252 == pytest.approx(35_000, rel=0.05)


def test_saline_soils_and_weak_construction_lie_on_the_sectors_the_plan_names(area):
    footprint = area.frame("urban_footprint")
    pampa = footprint[footprint["id"].str.startswith("pampa")].geometry.union_all()
    saline, weak = area.frame("saline_soils"), area.frame("weak_construction")
    assert saline["level"].tolist() == ["medium"]
    assert pampa.difference(saline.geometry.union_all()).area < 1
    by_level = weak.set_index("level").geometry
    assert by_level["high"].symmetric_difference(pampa).area < 1
    both = by_level.union_all()
    assert both.symmetric_difference(footprint.geometry.union_all()).area < 1
    assert by_level["high"].intersection(by_level["medium"]).area < 1


def test_the_second_terrace_is_above_the_first_and_the_pampa_above_both(area):
    terrain = area.raster("terrain")
    sectors = area.frame("urban_footprint").set_index("id").geometry.centroid
    height_m = pd.Series(values_at(sectors, terrain.values, terrain.transform), sectors.index)
    first = height_m[["cercado", "villa_del_mar", "varadero"]]
    second = height_m[["kennedy", "miramar", "alto_ilo", "dieciocho_de_mayo"]]
    pampa = height_m[height_m.index.str.startswith("pampa")]
    assert first.max() < second.min()
    assert second.max() < pampa.min()
    assert first.max() < 60


def test_terrain_is_zero_at_the_coast_and_covers_all_land(area, districts):
    terrain = area.raster("terrain")
    coast = area.frame("coastline").geometry.union_all()
    land = shapely.union_all(districts.geometry)
    shore = gpd.GeoSeries(shapely.points(shapely.get_coordinates(coast.segmentize(500))))
    west, south, east, north = land.bounds
    xy = np.random.default_rng(1).uniform([west, south], [east, north], (2000, 2))
    places = gpd.GeoSeries(shapely.points(xy))
    inland = places[places.within(land.buffer(-60))]
    assert np.nanmax(values_at(shore, terrain.values, terrain.transform)) < 60
    assert np.nanmedian(values_at(shore, terrain.values, terrain.transform)) < 5
    assert np.isfinite(values_at(inland, terrain.values, terrain.transform)).all()
    assert np.isfinite(terrain.values).sum() * 900 == pytest.approx(land.area, rel=1e-3)
    assert np.nanmin(terrain.values) >= 0


def test_no_building_street_or_lot_is_in_the_sea(area, districts):
    land = shapely.union_all(districts.geometry)
    shapely.prepare(land)
    for layer in ("buildings", "lots", "streets", "parks", "schools"):
        assert shapely.contains_properly(land, area.frame(layer).geometry.to_numpy()).all(), layer


def test_every_district_has_homes_for_its_people(districts, homes):
    joined = gpd.sjoin(homes, districts[["geometry"]], predicate="within")
    assert len(joined) == len(homes)
    assert joined["id"].value_counts().min() > 300
    assert 15_000 < len(homes) < 25_000


def test_one_walking_network_reaches_nearly_every_home(area, homes):
    streets = area.frame("streets")
    graph = nx.Graph((line.coords[0], line.coords[-1]) for line in streets.geometry)
    largest = max(nx.connected_components(graph), key=len)
    reached = streets[[line.coords[0] in largest for line in streets.geometry]]
    _, distance_m = reached.sindex.nearest(homes.centroid, return_all=False, return_distance=True)
    assert (distance_m <= 60).mean() >= 0.98


def test_streets_are_walked_driven_and_climbed(area):
    streets = area.frame("streets")
    steps = streets["street_class"] == "steps"
    assert steps.sum() > 5
    assert not streets.loc[steps, "drive"].astype(bool).any()
    assert streets["walk"].astype(bool).all()
    assert set(streets["oneway"]) == {"both", "forward", "backward"}


def test_there_are_95_school_sites_as_the_plan_counts(area):
    schools = area.frame("schools")
    assert schools["management"].value_counts().to_dict() == {"public": 49, "private": 46}
    assert schools["setting"].value_counts().to_dict() == {"urban": 92, "rural": 3}


def test_lots_do_not_overlap_and_some_are_public_and_vacant(area):
    lots = area.frame("lots")
    union = shapely.union_all(lots.geometry)
    assert lots.area.sum() == pytest.approx(union.area, rel=1e-6)
    counts = lots.groupby(["tenure", "use"]).size()
    assert counts["public", "vacant"] > 30
    assert counts["private", "vacant"] > 1000


def test_every_building_stands_on_its_lot(area):
    buildings = area.frame("buildings")
    lots = area.frame("lots").set_index("id").geometry.loc[buildings["lot"]]
    outside = shapely.difference(buildings.geometry.to_numpy(), lots.to_numpy())
    assert shapely.area(outside).max() < 1e-6
    assert (buildings["height_m"] > 2).all()


def test_parks_lie_on_park_or_former_park_ground_and_not_on_each_other(area):
    parks, lots = area.frame("parks"), area.frame("lots")
    free = lots[lots["use"].isin(["park", "vacant"])].geometry.union_all().buffer(1e-6)
    assert shapely.within(parks.geometry.to_numpy(), free).all()


def test_no_park_stands_where_a_clinic_or_fuel_station_really_is(area):
    parks = area.frame("parks").query("kind != 'plaza'").geometry.union_all()
    for layer in ("health", "fuel_stations"):
        assert area.frame(layer).distance(parks).min() > 0


def test_nine_zones_cover_the_footprint_and_name_their_neighbourhoods(area):
    zones = area.frame("zones")
    footprint = area.frame("urban_footprint").geometry.union_all()
    assert len(zones) == 9
    assert shapely.coverage_is_valid(zones.geometry.to_numpy())
    assert zones.geometry.union_all().symmetric_difference(footprint).area < 1
    named = zones["neighbourhoods"].str.split("; ").explode()
    listed = pd.read_csv(SHIPPED_AREA / "neighbourhoods" / "data.csv")["name"]
    assert set(listed) <= set(named)
    assert named.groupby(named.index).size().min() >= 1


def test_urban_health_and_fuel_sites_are_in_or_beside_the_footprint(area):
    footprint = area.frame("urban_footprint").geometry.union_all()
    sites = pd.concat([area.frame(layer).geometry for layer in ("health", "fuel_stations")])
    assert (sites.distance(footprint) < 120).sum() >= len(sites) - 5


def test_the_whole_study_area_goes_out_and_comes_back_equal(area, tmp_path):
    """The modelled layers lie in the workspace here and are data of the folder there."""
    export_area(area, tmp_path / "ilo.gpkg")
    read_back(tmp_path / "back", tmp_path / "ilo.gpkg")
    back = open_area(tmp_path / "back", Workspace(tmp_path / "nothing"))
    assert_same_area(back, area)
    assert back.meta("streets").status is Status.MODELLED
