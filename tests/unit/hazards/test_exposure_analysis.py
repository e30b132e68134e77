"""The whole exposure analysis on a toy city worked out by hand.

Three hazards on a line of homes at x = 5, 15, … 55 with 1, 2, 4, 8, 16, 32 people (bases ×1, ×½,
×2): the wave floods x < 20 (very high, sure below 10, possible to 30), the fault holds 10–40 (very
high) and 0–50 (high), salt 30–60 (medium). Two units: west of 30 and from 30 to 50; the last home
is in neither. By day all 63 people stand at x = 15.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely import LineString
from shapely import Point
from shapely import box

from ilo_geo.city.population import Residents
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.layer import Status
from ilo_geo.core.parameters import parameter_texts
from ilo_geo.core.text import Text
from ilo_geo.hazards.exposure import Exposed
from ilo_geo.hazards.exposure import ExposureInputs
from ilo_geo.hazards.exposure import ExposureParams
from ilo_geo.hazards.exposure import analyse
from ilo_geo.hazards.zones import Zone
from ilo_geo.hazards.zones import zone_table

CRS = "EPSG:32719"
HOMES = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]


def frame(geometry, **columns):
    return gpd.GeoDataFrame(geometry=list(geometry), crs=CRS).assign(**columns)


def people(xs, inhab):
    points = frame([Point(x, 5) for x in xs], inhab=inhab, unit="u", placed_on="building")
    return Residents(points)


def strip(hazard, band, level, start, end, certainty="line"):
    title = Text(es=f"{hazard} hasta {band}", en=f"{hazard} to {band}")
    return Zone(hazard, band, title, level, certainty, box(start, 0, end, 10), "test")


@pytest.fixture
def zones():
    strips = [
        strip("tsunami", "20", "very_high", 0, 20),
        strip("tsunami", "20", "very_high", 0, 10, "certain"),
        strip("tsunami", "20", "very_high", 0, 30, "possible"),
        strip("fault", "500", "high", 0, 50),
        strip("fault", "200", "very_high", 10, 40),
        strip("salt", "all", "medium", 30, 60),
    ]
    return zone_table(strips, gpd.GeoSeries([], crs=CRS).crs)


@pytest.fixture
def city():
    xs = [5, 15, 25, 35, 45, 55]
    bases = {"chosen": 1.0, "small": 0.5, "large": 2.0}
    return Exposed(
        residents={k: people(xs, [n * f for n in HOMES]) for k, f in bases.items()},
        day={k: people([15], [63.0 * f]) for k, f in bases.items()},
        dwellings=frame([Point(x, 5) for x in xs], dwellings=[1, 1, 1, 2, 2, 4]),
        sites={
            "schools": frame([Point(12, 5), Point(25, 5), Point(70, 5)], name=["A", "B", "C"]),
            "tanks": frame([Point(45, 5)], accuracy_m=[300.0]),
        },
        lines={"roads": frame([LineString([(0, 5), (60, 5)])])},
        levels={
            "zones": frame(
                [box(0, 0, 30, 10), box(30, 0, 50, 10)], id=["w", "e"], name=["West", "East"]
            )
        },
    )


def ref(layer, accuracy_m):
    title = Text(es=f"Capa {layer}", en=f"Layer {layer}")
    return LayerRef(
        layer=layer,
        title=title,
        source="test",
        licence="test",
        date="2026",
        status=Status.MODELLED,
        accuracy_m=accuracy_m,
        sha256="0",
    )


def result_of(zones, city, **params):
    inputs = ExposureInputs("toy", zones, city, refs=(ref("schools", 1000), ref("tanks", 20)))
    return analyse(inputs, ExposureParams(population_base="chosen", **params))


def ends(mapping, name, *, unit=""):
    return [mapping[f"{name}{end}{unit}"] for end in ("_low", "", "_high")]


def test_people_in_any_hazard_count_once(zones, city):
    """Very high: wave 0–20 and fault 10–40 hold 1+2+4+8; sure of is only the wave's first home."""
    summary = result_of(zones, city).summary
    assert ends(summary, "people_in_any_very_high_inhab") == [0.5, 15.0, 30.0]
    assert ends(summary, "people_in_any_high_inhab") == [0.5, 31.0, 62.0]
    assert ends(summary, "displaced_inhab") == [0.5, 15.0, 30.0]
    assert ends(summary, "dwellings_in_any_very_high") == [1.0, 5.0, 5.0]
    assert ends(summary, "n_schools_in_any_very_high") == [0, 2, 2]
    assert ends(summary, "roads_in_any_very_high_km") == pytest.approx([0.01, 0.04, 0.04])
    assert ends(summary, "tsunami_inhab") == [0.5, 3.0, 14.0]
    assert ends(summary, "tsunami_n_schools") == [0, 1, 2]


def test_by_day_people_stand_elsewhere_but_lose_the_same_homes(zones, city):
    result = result_of(zones, city, moment="day")
    assert ends(result.summary, "people_in_any_very_high_inhab") == [0.0, 63.0, 126.0]
    assert ends(result.summary, "displaced_inhab") == [0.5, 15.0, 30.0]
    assert result.tables["needs"].loc["any/water", "displaced_inhab"] == 15.0


def test_the_map_of_a_level_shows_its_people_and_each_hazards_most_severe_level(zones, city):
    units = result_of(zones, city).tables["zones"]
    assert units["name"].to_dict() == {"w": "West", "e": "East"}
    assert units["population_inhab"].to_list() == [7.0, 24.0]
    assert units["people_in_any_very_high_inhab"].to_list() == [7.0, 8.0]
    assert units["people_in_any_high_inhab"].to_list() == [7.0, 24.0]
    assert units["fault_inhab"].to_list() == [6.0, 8.0]
    assert units["tsunami_inhab_high"].to_list() == [14.0, 0.0]
    assert units["salt_inhab"].to_list() == [0.0, 24.0]


def test_each_site_lists_its_hazards_and_the_worst(zones, city):
    sites = result_of(zones, city).tables["sites"]
    assert sites["level"].to_dict() == {
        "schools/0": "very_high",
        "schools/1": "very_high",
        "schools/2": "outside",
        "tanks/0": "high",
    }
    assert sites.loc["schools/0", "hazards"] in ("tsunami; fault", "fault; tsunami")
    assert sites.loc["schools/1", "hazards"] == "fault"
    assert set(sites.loc["schools/1", "hazards_high"].split("; ")) == {"fault", "tsunami"}
    assert sites.loc["schools/1", "bands_es"] == "fault hasta 200"
    assert sites.loc["tanks/0", "bands_en"] == "fault to 500; salt to all"
    assert sites.loc["schools/2", "hazards_high"] == ""
    assert sites["accuracy_m"].to_list() == [1000.0, 1000.0, 1000.0, 300.0]


def test_weak_building_is_listed_and_makes_no_place_hazardous(zones, city):
    """Houses are weak from 0 to 60, where four homes stand in no grave hazard but that."""
    everywhere = zone_table([strip("weak_construction", "high", "high", 0, 60)], zones.crs)
    before, after = result_of(zones, city), result_of(pd.concat([zones, everywhere]), city)
    for level in ("very_high", "high"):
        name = f"people_in_any_{level}_inhab"
        assert ends(after.summary, name) == ends(before.summary, name)
    assert after.tables["sites"]["level"].equals(before.tables["sites"]["level"])
    listed = after.tables["sites"]["hazards"].str.contains("weak_construction")
    assert listed.tolist() == [True, True, False, True]  # the third school is far off
    assert "weak_construction/high" in after.tables["exposure"].index


def test_needs_are_of_those_who_lose_homes_to_grave_hazards(zones, city):
    """Hand-worked: 15 people for 3 days at 15 L are 675 L; salt is medium and displaces nobody."""
    needs = result_of(zones, city, days=3).tables["needs"]
    water = needs.loc["any/water", ["need_low", "need_total", "need_high"]]
    assert water.to_list() == [22.5, 675, 1350]
    assert needs.loc["fault/shelter", "need_total"] == pytest.approx(14 * 3.5)
    assert set(needs["hazard"]) == {"tsunami", "fault", "any"}
    doubled = result_of(zones, city, days=3, water_l_per_inhab_day=30.0).tables["needs"]
    assert doubled.loc["any/water", "need_total"] == 1350


def test_the_tsunami_displaces_all_it_floods_however_rare(zones, city):
    """Hand-worked: a rarer wave, only "high", to x = 50: homes 1 + 2 + 4 + 8 + 16."""
    higher = zone_table([strip("tsunami", "25", "high", 0, 50)], zones.crs)
    result = result_of(pd.concat([zones, higher]), city)
    assert result.tables["needs"].loc["tsunami/water", "displaced_inhab"] == 31.0
    assert result.tables["zones"]["tsunami_inhab"].to_list() == [7.0, 24.0]
    assert result.summary["displaced_inhab"] == 31.0
    assert result.summary["people_in_any_very_high_inhab"] == 15.0


def test_notices_say_what_the_figures_do_not(zones, city):
    found = {notice.code: notice.text("en") for notice in result_of(zones, city).warnings}
    assert set(found) == {"people_outside_level", "exposure_site_positions"}
    assert "32 inhabitants (50.8 %)" in found["people_outside_level"]
    assert "Layer schools" in found["exposure_site_positions"]
    assert "Layer tanks" not in found["exposure_site_positions"]
    by_day = result_of(zones, city, moment="day").warnings
    assert "exposure_day_is_night" in {notice.code for notice in by_day}
    moved = result_of(zones, city, pupils_inhab=20_601).warnings
    assert "20,601" in next(n for n in moved if n.code == "exposure_day_model").text("es")


def test_without_zones_nobody_is_exposed_and_the_result_says_why(zones, city):
    result = result_of(zones.iloc[:0], city)
    assert len(result.tables["exposure"]) == 0
    assert result.summary["people_in_any_very_high_inhab_high"] == 0
    assert set(result.tables["sites"]["level"]) == {"outside"}
    assert "exposure_no_zones" in {notice.code for notice in result.warnings}


def test_a_city_without_sites_or_streets_is_counted_all_the_same(zones, city):
    bare = Exposed(city.residents, city.day, city.dwellings, {}, {}, {})
    result = result_of(zones, bare)
    assert result.summary["people_in_any_very_high_inhab"] == 15.0
    assert len(result.tables["sites"]) == 0


def test_the_same_city_gives_the_same_fingerprint(zones, city):
    shuffled = zones.iloc[[2, 1, 0, 3, 4, 5]]
    assert result_of(zones, city).sha256 == result_of(zones, city).sha256
    assert result_of(shuffled, city).summary == result_of(zones, city).summary


def test_every_parameter_has_words_and_three_are_shown():
    texts = parameter_texts("ilo_geo.hazards", "exposure.yaml")
    assert set(texts) == set(ExposureParams.model_fields)
    assert [name for name, text in texts.items() if not text.advanced] == [
        "population_base",
        "moment",
        "level_m",
    ]


def test_a_multipart_street_and_a_unit_with_a_hole_are_cut_right():
    """Hand-worked: 30 m of street in two parts, of which 4 m lie in the hole of the zone."""
    ring = box(0, 0, 20, 20).difference(box(8, 4, 12, 12))
    street = shapely.multilinestrings([[(0, 10), (20, 10)], [(5, 0), (5, 10)]])
    zone = Zone("h", "b", Text(es="b", en="b"), "high", "line", ring, "test")
    city = Exposed(
        {"b": people([10], [3.0])},
        {"b": people([10], [3.0])},
        frame([Point(1, 1)], dwellings=1),
        {},
        {"roads": frame([street])},
        {},
    )
    row = result_of(zone_table([zone], city.dwellings.crs), city).tables["exposure"].loc["h/b"]
    assert row["roads_km"] == pytest.approx(0.026)
    assert row["people_night_inhab"] == 0
