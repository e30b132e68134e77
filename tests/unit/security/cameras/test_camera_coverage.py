"""Cameras, patrols, both, neither: the parts of the need make a whole everywhere."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from camera_town import frame
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.security.cameras.coverage import deficit_cells
from ilo_geo.security.cameras.coverage import level_tables
from ilo_geo.security.cameras.coverage import parts
from ilo_geo.security.cameras.coverage import totals
from ilo_geo.security.cameras.rules import camera_rules

ROW = frame([shapely.Point(20 * n, 5) for n in range(12)])
ROW_XY = shapely.get_coordinates(ROW.geometry)
ZONES = frame([shapely.box(-5, 0, 111, 10), shapely.box(111, 0, 300, 10)], name=["W", "E"])
truths = st.lists(st.booleans(), min_size=12, max_size=12).map(np.array)


@given(truths, truths, st.integers(0, 2**31))
@settings(deadline=None, max_examples=20)
def test_inclusion_and_exclusion_hold_in_all_and_in_each_zone(
    seen: np.ndarray, in_time: np.ndarray, seed: int
) -> None:
    random = np.random.default_rng(seed)
    need = random.random(12)
    need /= need.sum()
    by_place = parts(need, seen, in_time)
    whole = totals(by_place)
    assert whole["camera_ratio"] + whole["patrol_ratio"] - whole["both_ratio"] + whole[
        "neither_ratio"
    ] == pytest.approx(1.0)
    table = level_tables({"zones": ZONES}, ROW_XY, by_place, ROW_XY[:1], camera_rules())["zones"]
    sums = table["camera_ratio"] + table["patrol_ratio"] - table["both_ratio"]
    assert (sums + table["neither_ratio"]).tolist() == pytest.approx([1.0, 1.0])
    # the parts of the zones, weighed with their need, make the whole
    assert (table["need_ratio"] * table["camera_ratio"]).sum() == pytest.approx(
        whole["camera_ratio"]
    )
    cells = deficit_cells(ROW.geometry, by_place, 10)
    assert cells["uncovered_need_ratio"].sum() == pytest.approx(whole["neither_ratio"])


def test_without_patrols_the_deficit_is_what_no_camera_sees() -> None:
    by_place = parts(np.array([0.25, 0.75]), np.array([True, False]), None)
    assert totals(by_place) == {
        "camera_ratio": 0.25,
        "patrol_ratio": None,
        "both_ratio": None,
        "neither_ratio": None,
    }
    points = frame([shapely.Point(0, 0), shapely.Point(900, 900)]).geometry
    cells = deficit_cells(points, by_place, 10)
    assert cells["uncovered_need_ratio"].tolist() == [0.75]


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [(0.0, "none"), (0.0999, "none"), (0.1, "partial"), (0.4999, "partial"), (0.5, "good"),
     (0.7999, "good"), (0.8, "high"), (1.0, "high")],
)  # fmt: skip
def test_class_of_coverage_starts_at_ten_fifty_and_eighty_percent(
    ratio: float, expected: str
) -> None:
    assert camera_rules().coverage_class(ratio) == expected


def test_a_zone_without_need_has_no_class() -> None:
    zones = frame([shapely.box(0, 0, 10, 10), shapely.box(500, 0, 510, 10)], name=["a", "b"])
    xy = np.array([frame([shapely.Point(5, 5)]).geometry[0].coords[0]])
    by_place = parts(np.array([1.0]), np.array([True]), np.array([False]))
    table = level_tables({"zones": zones}, xy, by_place, xy, camera_rules())["zones"]
    assert table.loc[0, "coverage_class"] == "high"
    assert pd.isna(table.loc[1, "coverage_class"])
    assert table["n_cameras"].tolist() == [1, 0]
