"""Who moves by day, on a toy city worked out by hand and on random ones."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from shapely import Point
from shapely import box

from ilo_geo.city.population import Residents
from ilo_geo.core.errors import ParameterError
from ilo_geo.hazards.day_population import DayParams
from ilo_geo.hazards.day_population import day_population

CRS = "EPSG:32719"


def frame(geometry, **columns):
    return gpd.GeoDataFrame(geometry=list(geometry), crs=CRS).assign(**columns)


def residents(*inhab):
    homes = [Point(100 * i, 0) for i in range(len(inhab))]
    return Residents(frame(homes, inhab=inhab, unit="u", placed_on="building"))


def schools(n, **columns):
    return frame([Point(50 * i, 500) for i in range(n)], **columns)


def buildings(*work_levels):
    """Return one house and a work place of 100 m² for each number of storeys."""
    shapes = [box(0, 0, 10, 10)] + [
        box(20 * i, 900, 20 * i + 10, 910) for i in range(len(work_levels))
    ]
    return frame(shapes, residential=[True] + [False] * len(work_levels), levels=[2, *work_levels])


def moved(day, place):
    points = day.points
    return points.loc[points["placed_on"] == place, "inhab"].to_list()


def test_a_day_worked_out_by_hand():
    """Of 100 people 20 learn and 30 work: homes keep half, work of 1 and 2 storeys shares 1:2."""
    day = day_population(
        residents(60.0, 40.0),
        schools(2),
        buildings(1, 2),
        DayParams(pupils_inhab=20, workers_inhab=30),
    )
    assert moved(day, "building") == pytest.approx([30, 20])
    assert moved(day, "school") == pytest.approx([10, 10])
    assert moved(day, "work") == pytest.approx([10, 20])
    school = day.points[day.points["placed_on"] == "school"]
    assert list(school.geometry) == [Point(0, 500), Point(50, 500)]
    assert school["unit"].isna().all()


def test_public_and_private_schools_share_as_the_plan_counts():
    """Plan L.361-366: 15,799 pupils in 49 public locales, 4,802 in 46 private ones."""
    kinds = ["public"] * 49 + ["private"] * 46
    params = DayParams(pupils_inhab=20_601, public_pupils_ratio=15_799 / 20_601)
    pupils = moved(
        day_population(residents(79_927.0), schools(95, management=kinds), buildings(1), params),
        "school",
    )
    assert pupils[0] == pytest.approx(15_799 / 49)
    assert pupils[-1] == pytest.approx(4_802 / 46)
    assert sum(pupils) == pytest.approx(20_601)


def test_enrolment_comes_before_any_rule():
    layer = schools(3, pupils=[10, 30, 60], management=["public", "private", "private"])
    params = DayParams(pupils_inhab=50, public_pupils_ratio=0.9)
    day = day_population(residents(100.0), layer, buildings(1), params)
    assert moved(day, "school") == pytest.approx([5, 15, 30])


def test_schools_of_one_kind_share_equally_whatever_the_ratio():
    layer = schools(2, management=["private", "private"])
    params = DayParams(pupils_inhab=50, public_pupils_ratio=0.9)
    assert moved(day_population(residents(100.0), layer, buildings(1), params), "school") == [
        25,
        25,
    ]


def test_who_has_nowhere_to_go_stays_at_home():
    params = DayParams(pupils_inhab=20, workers_inhab=30)
    day = day_population(residents(60.0, 40.0), schools(0), buildings(), params)
    assert moved(day, "building") == [60.0, 40.0]
    assert len(day.points) == 2


def test_more_than_live_there_cannot_leave():
    params = DayParams(pupils_inhab=70, workers_inhab=40)
    with pytest.raises(ParameterError) as caught:
        day_population(residents(100.0), schools(1), buildings(1), params)
    assert "110" in str(caught.value)
    assert "100" in str(caught.value)


@given(
    inhab=st.lists(st.floats(0, 1e4), min_size=1, max_size=30),
    leaving=st.tuples(st.floats(0, 0.5), st.floats(0, 0.5)),
    n_schools=st.integers(0, 5),
    levels=st.lists(st.integers(1, 9), max_size=5),
)
@settings(max_examples=60, deadline=None)
def test_nobody_is_made_or_lost_and_no_home_owes_people(inhab, leaving, n_schools, levels):
    night = residents(*inhab)
    pupils, workers = (night.total_inhab * ratio for ratio in leaving)
    params = DayParams(pupils_inhab=pupils, workers_inhab=workers)
    day = day_population(night, schools(n_schools), buildings(*levels), params)
    assert day.total_inhab == pytest.approx(night.total_inhab, rel=1e-9, abs=1e-9)
    at_home = np.array(moved(day, "building"))
    assert (at_home >= 0).all()
    assert (at_home <= np.array(inhab)).all()
    assert sum(moved(day, "school")) == pytest.approx(pupils if n_schools else 0, rel=1e-9)


def test_the_night_is_left_as_it_was():
    night = residents(60.0, 40.0)
    day_population(night, schools(1), buildings(1), DayParams(pupils_inhab=20))
    assert night.points["inhab"].to_list() == [60.0, 40.0]
