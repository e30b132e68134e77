"""An official inundation chart in the place of the computed flood, on a city worked out by hand.

Land rises 2 m each 100 m from the coast at x = 0, so the sea at 20 m ends 1,000 m inland; 600
people live in each column of houses, 30 to 45 m past every hundred metres. The chart floods 600 m.
"""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from coast_city import write_chart
from coast_city import write_coast_city
from pyproj import Transformer
from shapely import affinity
from small_city import EPSG
from small_city import SOUTH_M
from small_city import WEST_M

from ilo_geo.core.errors import InputError
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.analyses import analyse
from ilo_geo.services.areas import open_area
from ilo_geo.services.flood_chart import chart_of
from ilo_geo.services.flood_map import flood_map
from ilo_geo.services.hazard_inputs import exposed_of
from ilo_geo.services.hazards import TSUNAMI
from ilo_geo.services.hazards import hazard_zones
from ilo_geo.services.overview import city_overview
from ilo_geo.services.point_hazards import hazards_at
from ilo_geo.services.results import ResultStore

NEAR = shapely.box(-50, 0, 600, 2000)
FAST = {"n_draws": 20, "river_reach_m": 0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_coast_city(tmp_path_factory.mktemp("charted_city"))


@pytest.fixture
def opened(folder, tmp_path):
    """Return a function that opens the city with a chart."""

    def opened(polygons=(NEAR,), **columns):
        workspace = Workspace(tmp_path)
        write_chart(open_area(folder, workspace), list(polygons), **columns)
        return open_area(folder, workspace)

    return opened


@pytest.fixture(scope="module")
def charted(folder, tmp_path_factory):
    workspace = Workspace(tmp_path_factory.mktemp("charted"))
    write_chart(open_area(folder, workspace), [NEAR])
    return open_area(folder, workspace)


def codes(result):
    return [notice.code for notice in result.warnings]


def at(x_m, y_m):
    to_degrees = Transformer.from_crs(EPSG, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(WEST_M + x_m, SOUTH_M + y_m)
    return lat, lon


def people_in(area, polygon, base="plan"):
    """Return the people in a polygon by testing them one by one."""
    points = exposed_of(area, base).residents[base].points
    inside = [polygon.covers(point) for point in points.geometry]
    return float(points["inhab"][inside].sum())


def flooded(area, level_m=20, certainty="line", **asked):
    zones = hazard_zones(area, level_m, 0, asked.get("flood_source", "auto"), graded=True)
    chosen = (zones["hazard"] == "tsunami") & (zones["certainty"] == certainty)
    return zones[chosen].set_index("band")


def test_people_in_the_chart_are_counted_in_place_of_those_below_the_level(charted):
    found = analyse(charted, "tsunami", FAST)
    outline = affinity.translate(NEAR, WEST_M, SOUTH_M)
    assert found.summary["exposed_inhab"] == pytest.approx(people_in(charted, outline))
    assert found.summary["exposed_inhab"] == pytest.approx(3_600)
    band = found.maps["inundation"].loc["tsunami/all/level_20/line"]
    assert (band["source"], band["area_m2"]) == ("DHN, carta de ensayo", pytest.approx(1.2e6))
    computed = analyse(charted, "tsunami", {**FAST, "flood_source": "computed"})
    assert computed.summary["exposed_inhab"] == pytest.approx(6_000)


def test_the_result_says_which_flood_counts_and_how_far_the_two_differ(charted):
    found = analyse(charted, "tsunami", FAST)
    assert {"tsunami_chart_in_use", "tsunami_chart_differs"} <= set(codes(found))
    assert "tsunami_terrain_modelled" not in codes(found)
    said = " ".join(notice.text("es") for notice in found.warnings)
    assert "DHN, carta de ensayo, 14/05/2021" in said
    # 600 to 1,000 m inland over 2 km of coast, and four columns of houses
    assert found.summary["computed_only_m2"] == pytest.approx(0.8e6, rel=0.03)
    assert found.summary["computed_only_inhab"] == pytest.approx(2_400)
    assert found.summary["chart_only_inhab"] == 0
    assert found.maps["computed"]["area_m2"].loc["tsunami/all/level_20/line"] == pytest.approx(
        2e6, rel=0.02
    )
    status = found.maps["inundation_line_20"]["status"].item()
    assert (status, found.maps["inundation_line_computed"]["status"].item()) == (
        "official",
        "derived",
    )
    ref = next(ref for ref in found.provenance if ref.layer == "tsunami_chart")
    assert ref.status == "official"


def test_the_limit_of_the_chart_is_drawn_inland_only(charted):
    line = analyse(charted, "tsunami", FAST).maps["inundation_line_20"].geometry.iloc[0]
    assert line.length == pytest.approx(2_000, abs=45)
    assert line.bounds[0] == pytest.approx(WEST_M + 600)


def test_the_accuracy_of_the_chart_is_its_band_and_the_shore_stays_where_it_is(charted):
    # 20 m hold 95 %: 1.96 sigma inside, 1.645 sigma outside, as of any polygon
    certain, possible = (
        flooded(charted, certainty=name).geometry["level_20"] for name in ("certain", "possible")
    )
    assert certain.bounds[2] == pytest.approx(WEST_M + 580, abs=0.01)
    assert possible.bounds[2] == pytest.approx(WEST_M + 600 + 20 * 1.6449 / 1.9600, abs=0.01)
    assert certain.bounds[0] == pytest.approx(WEST_M)


@pytest.mark.parametrize("level_m", [8, 15, 19, 22, 25])
def test_what_the_chart_does_not_state_is_computed_within_it_and_says_so(charted, level_m):
    found = analyse(charted, "tsunami", {**FAST, "level_m": level_m})
    # lower levels end where the terrain or the chart does, higher ones by the terrain
    reach_m = min(level_m * 50, 600) if level_m < 20 else level_m * 50
    columns = np.arange(37.5, 2_000, 100) <= reach_m
    inhab = 600 * columns[:10].sum() + 400 * columns[10:].sum()
    assert found.summary["exposed_inhab"] == pytest.approx(inhab, rel=0.04)
    assert "tsunami_chart_other_level" in codes(found)
    assert "chart_parts" not in found.tables


def test_exposure_and_graded_zones_follow_the_chart(charted):
    by = {
        source: analyse(charted, "exposure", {"flood_source": source, "river_reach_m": 0})
        for source in ("auto", "computed")
    }
    assert by["auto"].summary["tsunami_inhab"] == pytest.approx(3_600)
    assert by["computed"].summary["tsunami_inhab"] == pytest.approx(6_000)
    assert "tsunami_chart_in_use" in codes(by["auto"])
    assert "tsunami_chart_set_aside" in codes(by["computed"])
    # the graded level of 15 m, computed to 750 m, does not leave the chart
    wet = flooded(charted)
    assert wet.geometry["level_15"].difference(wet.geometry["level_20"].buffer(0.01)).is_empty


def test_the_risk_of_cells_and_the_evacuation_follow_the_chart(charted):
    def summary(name, **asked):
        return analyse(charted, name, asked).summary

    low, high = (
        summary("multihazard", flood_source=s)["high_inhab"]
        + summary("multihazard", flood_source=s)["very_high_inhab"]
        for s in ("auto", "computed")
    )
    assert low < high
    leave = [
        summary("evacuation", flood_source=s, margin_m=0, river_reach_m=0)["evacuees_inhab"]
        for s in ("auto", "computed")
    ]
    assert leave == pytest.approx([3_600, 6_000])


def test_a_place_beyond_the_chart_is_outside_by_the_chart_and_one_in_it_inside(charted):
    inside, beyond = (
        next(one for one in hazards_at(charted, *at(x, 1000), 20) if one.hazard == "tsunami")
        for x in (510, 810)
    )
    # below the 15 m line as well, which the chart does not state
    assert (inside.level, inside.certainty, inside.status) == ("very_high", "line", "official")
    assert inside.probability_ratio == pytest.approx(1)
    assert (beyond.level, beyond.probability_ratio) == (None, 0)
    assert inside.source.endswith("DHN, carta de ensayo")


def test_a_chart_equal_to_the_computed_flood_changes_no_figure(opened, folder, tmp_path):
    plain = open_area(folder, Workspace(tmp_path / "none"))
    asked = {"population_base": "plan"}
    before = analyse(plain, "exposure", asked)
    wet = flooded(plain, 20)
    drawn = [affinity.translate(wet.geometry["level_20"], -WEST_M, -SOUTH_M)]
    area = opened(drawn, accuracy_m=None)
    after = analyse(area, "exposure", asked)
    line = [c for c in before.tables["exposure"] if c.endswith(("inhab", "km", "m2", "dwellings"))]
    for hazard in before.tables["exposure"].index:
        assert after.tables["exposure"].loc[hazard, line].tolist() == pytest.approx(
            before.tables["exposure"].loc[hazard, line].tolist(), rel=1e-6
        )
    assert "tsunami_chart_no_accuracy" in codes(after)
    params = TSUNAMI.parameters(area, FAST)
    counts, same = flood_map(area, params)[0]["counts"], flood_map(plain, params)[0]["counts"]
    assert counts["people_night_inhab"] == pytest.approx(same["people_night_inhab"])


def test_a_higher_sea_never_floods_fewer_whatever_the_chart(charted):
    about, _ = flood_map(charted, TSUNAMI.parameters(charted, FAST))
    for end in ("_low", "", "_high"):
        assert (np.diff(about["counts"][f"people_night_inhab{end}"]) >= -1e-6).all()
    row = about["levels_m"].index(20.0)
    assert about["counts"]["people_night_inhab"][row] == pytest.approx(3_600)


def test_beyond_its_sheet_the_chart_says_nothing(opened):
    south = shapely.box(-50, 0, 600, 900)
    area = opened([south, shapely.box(-100, -100, 1500, 1000)], kind=["flooded", "sheet"])
    found = analyse(area, "tsunami", FAST)
    assert "tsunami_chart_no_sheet" not in codes(found)
    # ten rows of houses by the chart up to 900 m north (nine of them wet), ten by the terrain
    assert found.summary["exposed_inhab"] == pytest.approx(6 * 30 * 9 + 10 * 30 * 10)


def test_a_chart_without_a_sheet_covers_the_ground_behind_its_shore(opened):
    chart = chart_of(opened([shapely.box(-50, 0, 600, 900)]))
    covered = affinity.translate(chart.sheet, -WEST_M, -SOUTH_M)
    assert not chart.sheet_stated
    # 500 m more of shore, and inland without end; oracle: the nearest place of a straight shore
    assert [covered.covers(shapely.Point(x, 1_300)) for x in (10, 1_900)] == [True, True]
    assert not any(covered.covers(shapely.Point(x, 1_500)) for x in (10, 1_900))


def test_a_scenario_without_a_level_is_taken_for_the_outer_line_of_the_plan(opened):
    area = opened([NEAR, shapely.box(-50, 0, 300, 2000)], level_m=[np.nan, 15.0])
    found = analyse(area, "tsunami", FAST)
    assert {"tsunami_chart_no_level", "tsunami_chart_in_use"} <= set(codes(found))
    assert found.summary["exposed_inhab"] == pytest.approx(3_600)
    low = analyse(area, "tsunami", {**FAST, "level_m": 15})
    assert low.summary["exposed_inhab"] == pytest.approx(1_800)


def test_a_weaker_chart_replaces_nothing_until_it_is_asked_for(opened):
    area = opened(status="derived")
    by = {s: analyse(area, "tsunami", {**FAST, "flood_source": s}) for s in ("auto", "chart")}
    assert by["auto"].summary["exposed_inhab"] == pytest.approx(6_000)
    assert "tsunami_chart_not_official" in codes(by["auto"])
    assert by["chart"].summary["exposed_inhab"] == pytest.approx(3_600)
    assert "tsunami_chart_unofficial" in codes(by["chart"])


def test_a_chart_that_cannot_be_one_is_refused(opened, folder, tmp_path):
    with pytest.raises(InputError) as none:
        analyse(
            open_area(folder, Workspace(tmp_path / "none")), "tsunami", {"flood_source": "chart"}
        )
    assert none.value.code == "tsunami.no_chart"
    with pytest.raises(InputError) as strange:
        chart_of(opened(kind=["safe"]))
    assert strange.value.code == "tsunami.chart_kind"
    with pytest.raises(InputError) as elsewhere:
        chart_of(opened([shapely.box(-900, 0, -600, 900)]))
    assert elsewhere.value.code == "tsunami.chart_elsewhere"


def test_results_turn_stale_when_the_chart_arrives(folder, tmp_path):
    area = open_area(folder, Workspace(tmp_path))
    store = ResultStore(area)
    kept = [store.save(analyse(area, "exposure", {})), store.save(analyse(area, "tsunami", FAST))]
    assert not any(store.load(one).stale for one in kept)
    write_chart(area, [NEAR])
    later = ResultStore(open_area(folder, Workspace(tmp_path)))
    assert [later.load(one).changed_layers for one in kept] == [("tsunami_chart",)] * 2


def test_what_was_brought_is_no_longer_wanted(charted):
    assert "tsunami_chart" not in {one.layer for one in city_overview(charted).wanted}


def test_a_park_site_is_struck_out_by_the_chart_and_not_by_what_is_computed(charted):
    def flooded_sites(source):
        found = analyse(charted, "parks", {"level_m": 20, "flood_source": source})
        assert "tsunami_chart" in {ref.layer for ref in found.provenance}
        wet = found.tables["candidates"]["rules"].astype(str).str.contains("tsunami")
        return int(wet.sum())

    assert 0 < flooded_sites("auto") < flooded_sites("computed")
