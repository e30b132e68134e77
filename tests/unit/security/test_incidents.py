"""Incidents at the door, and which counts of them may be published."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import SchemaError
from ilo_geo.security.incidents import UNKNOWN_HOUR
from ilo_geo.security.incidents import incidents_in
from ilo_geo.security.incidents_publish import hidden_counts
from ilo_geo.security.incidents_publish import with_totals

CRS = "EPSG:32719"
LEAST = 5
LAND = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 100, 100)], crs=CRS)


def layer(xy, **columns):
    points = [shapely.Point() if p is None else shapely.Point(p) for p in xy]
    return gpd.GeoDataFrame(geometry=points, crs=CRS).assign(**columns)


def test_every_incident_is_used_or_counted_as_left_out():
    frame = layer([(5, 5), (500, 5), None, (np.nan, 4), (7, 7)], kind="robo", date=None)
    found = incidents_in(frame, LAND, n_refused=2)
    assert (len(found), found.n_outside, found.n_without_position, found.n_given) == (2, 1, 4, 7)
    codes = {notice.code for notice in found.notices()}
    assert codes == {"incidents.outside", "incidents.without_position", "incidents.undated"}


def test_an_hour_is_known_where_it_is_written():
    dates = [
        "2025-03-01T23:10",
        "2025-03-01",
        None,
        "ayer",
        "2025-03-01 04:59:00-05:00",
        "2025-03-02",
    ]
    times = [None, "07:30", "08:00", None, None, "99:00"]
    found = incidents_in(layer([(1, 1)] * 6, kind=None, date=dates, time=times), LAND)
    assert found.points["hour"].tolist() == [23, 7, 8, UNKNOWN_HOUR, 4, UNKNOWN_HOUR]
    assert (found.n_undated, found.n_unreadable, found.n_without_hour) == (1, 1, 1)
    assert found.n_without_kind == 6


def test_a_column_of_dates_without_hours_is_not_midnight():
    days = pd.to_datetime(["2025-03-01", "2025-03-02"])
    found = incidents_in(layer([(1, 1)] * 2, date=days), LAND)
    assert found.points["hour"].tolist() == [UNKNOWN_HOUR] * 2


def test_a_negative_weight_is_refused_with_its_row():
    with pytest.raises(SchemaError, match="row 1"):
        incidents_in(layer([(1, 1)] * 2, weight=[1, -1]), LAND)


def test_another_reference_system_is_refused():
    with pytest.raises(CrsError):
        incidents_in(layer([(1, 1)]).set_crs(5373, allow_override=True), LAND)


def spans(table, hidden):
    """Return the least and the most that each hidden count may be, as a reader can reckon it."""
    n_rows, n_columns = table.shape
    index = np.arange(table.size).reshape(table.shape)
    rows = []
    for r in range(n_rows):
        line = np.zeros(table.size)
        line[index[r, :-1]], line[index[r, -1]] = 1, -1
        rows.append(line)
    for c in range(n_columns):
        line = np.zeros(table.size)
        line[index[:-1, c]], line[index[-1, c]] = 1, -1
        rows.append(line)
    # what is hidden is known not to be 0
    limits = [
        (1, None) if h else (v, v) for v, h in zip(table.ravel(), hidden.ravel(), strict=True)
    ]
    found = {}
    for r, c in zip(*np.nonzero(hidden), strict=True):
        cost = np.zeros(table.size)
        cost[index[r, c]] = 1
        ends = []
        for sign in (1, -1):
            answer = linprog(
                sign * cost, A_eq=np.array(rows), b_eq=np.zeros(len(rows)), bounds=limits
            )
            ends.append(np.inf if answer.status == 3 else sign * answer.fun)
        found[int(r), int(c)] = tuple(ends)
    return found


COUNTS = st.tuples(st.integers(1, 5), st.integers(1, 4)).flatmap(
    lambda shape: st.lists(
        st.integers(0, 4) | st.integers(0, 12),
        min_size=shape[0] * shape[1],
        max_size=shape[0] * shape[1],
    ).map(lambda values: np.array(values).reshape(shape))
)


@settings(deadline=None, max_examples=120)
@given(counts=COUNTS)
def test_no_count_of_1_to_4_is_published_or_can_be_reckoned_from_what_is(counts):
    table, hidden = with_totals(counts), hidden_counts(counts, least_n=LEAST)
    small = (table > 0) & (table < LEAST)
    assert not (small & ~hidden).any()
    assert not hidden[table == 0].any()
    for (r, c), (low, high) in spans(table, hidden).items():
        if small[r, c]:
            assert high - low > 0.99


@settings(deadline=None)
@given(counts=COUNTS)
def test_what_is_hidden_of_a_line_never_sums_to_1_to_4(counts):
    table, hidden = with_totals(counts), hidden_counts(counts, least_n=LEAST)
    for values, hides in [*zip(table, hidden, strict=True), *zip(table.T, hidden.T, strict=True)]:
        if not hides[-1]:
            rest = values[-1] - values[:-1][~hides[:-1]].sum()
            assert rest == 0 or rest >= LEAST


def test_a_table_without_small_counts_is_published_whole():
    assert not hidden_counts(np.array([[5, 0], [7, 9]]), least_n=LEAST).any()


def test_what_is_published_elsewhere_stays_published():
    counts = np.array([[2, 6], [9, 8]])
    kept = np.zeros((3, 3), dtype=bool)
    kept[-1] = True
    hidden = hidden_counts(counts, least_n=LEAST, kept=kept)
    assert not hidden[-1].any()
    assert spans(with_totals(counts), hidden)[0, 0] == pytest.approx((1, 8), abs=7)
    assert hidden[0, 0]
