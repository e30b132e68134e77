"""What rules a lot out, against plain distances."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from shapely import LineString
from shapely import Point
from shapely import box

from ilo_geo.green.candidates.exclusions import reasons
from ilo_geo.green.candidates.exclusions import rule_titles
from ilo_geo.green.candidates.exclusions import rules_table
from ilo_geo.green.candidates.exclusions import strikes_of
from ilo_geo.green.candidates.land import considered_lots
from ilo_geo.green.candidates.land import measures

from .conftest import CRS
from .conftest import asked
from .conftest import frame
from .conftest import lots_at
from .conftest import no_zones
from .conftest import zones


def struck(lots, *, vetoes=None, overlaps=None, slope=None, **given):
    sites = considered_lots(lots, merge=False)
    measured = measures(sites, None)
    if slope is not None:
        measured["slope_ratio"] = slope
    veto = no_zones() if vetoes is None else vetoes
    return strikes_of(sites, measured, veto, overlaps or {}, asked(**given))


def rules_of(strikes, site):
    row = strikes.struck.loc[site]
    return set(row.index[row])


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(-400, 400), st.integers(-400, 400)), min_size=1, max_size=20),
    st.integers(1, 300),
)
def test_a_lot_is_struck_exactly_where_shapely_says_it_is_within_the_distance(corners, radius_m):
    lots = frame(
        [box(x, y, x + 40, y + 30) for x, y in corners],
        id=[f"{n:02d}" for n in range(len(corners))],
        tenure="public",
        use="vacant",
    )
    tank = Point(0, 0).buffer(radius_m, quad_segs=64)
    found = struck(lots, vetoes=zones(("tanks", "line", "high", tank)))
    assert list(found.struck["tanks"]) == [lot.distance(tank) == 0 for lot in lots.geometry]


def test_every_rule_that_strikes_is_kept_and_said_in_both_languages():
    lots = lots_at(0, width=20, depth=30)
    flood = zones(("tsunami", "line", "high", box(-5, 0, 5, 50)))
    found = struck(lots, vetoes=flood, slope=[0.2])
    assert rules_of(found, "a") == {"area", "width", "slope", "tsunami"}
    titles = rule_titles(asked())
    assert reasons(found.struck, titles, "en")["a"] == (
        "Under 800 m²; Under 25 m wide; Slope over 15 %; Floods in a tsunami up to the 15 m level"
    )
    assert "Pendiente mayor de 15 %" in reasons(found.struck, titles, "es")["a"]


def test_the_chosen_certainty_decides_and_the_rest_stays_possible():
    lots = lots_at(0, 100, 200, 300)
    rings = [("certain", 20), ("line", 120), ("possible", 220)]
    fault = zones(*(("fault", name, "high", box(-5, 0, to, 50)) for name, to in rings))
    sites = {name: struck(lots, vetoes=fault, certainty=name) for name, _ in rings}
    assert {name: int(s.struck["fault"].sum()) for name, s in sites.items()} == {
        "certain": 1,
        "line": 2,
        "possible": 3,
    }
    assert list(sites["certain"].possible["fault"]) == [False, True, True, False]


def test_overlaps_count_the_union_and_lines_the_metres_inside():
    lots = lots_at(0, 100, 200)
    # twice the same 15 m², 1.25 % of the lot; together still 1.25 %
    shed = box(1, 10, 4, 15)
    buildings = frame([shed, shed, box(100, 8, 106, 13)])
    road = frame([LineString([(198, 20), (211, 20)]), LineString([(100, 9), (109, 9)])])
    found = struck(lots, overlaps={"buildings": buildings, "roads": road})
    assert list(found.struck["buildings"]) == [False, True, False]
    assert list(found.struck["roads"]) == [False, False, True]


def test_limits_are_the_planners():
    lots = lots_at(0, width=20, depth=30)
    assert rules_of(struck(lots, min_area_m2=600, min_width_m=20), "a") == set()
    assert rules_of(struck(lots, min_area_m2=601, min_width_m=20), "a") == {"area"}


def test_the_table_counts_what_nothing_else_strikes():
    lots = lots_at(0, 100, 200)
    both = zones(
        ("tanks", "line", "high", box(0, 0, 150, 50)),
        ("fault", "line", "high", box(0, 0, 50, 50)),
    )
    found = struck(lots, vetoes=both)
    table = rules_table(found, rule_titles(asked()))
    assert tuple(table.loc["tanks", ["struck", "struck_alone"]]) == (2, 1)
    assert tuple(table.loc["fault", ["struck", "struck_alone"]]) == (1, 0)
    assert found.eligible.sum() == 1


def test_inputs_are_left_as_they_were():
    lots = lots_at(0, 100)
    before = lots.copy()
    struck(lots, vetoes=zones(("fault", "line", "high", box(0, 0, 50, 50))))
    pd.testing.assert_frame_equal(pd.DataFrame(lots), pd.DataFrame(before))
    assert isinstance(lots, gpd.GeoDataFrame)
    assert lots.crs == CRS
    assert np.array_equal(shapely.area(lots.geometry), shapely.area(before.geometry))
