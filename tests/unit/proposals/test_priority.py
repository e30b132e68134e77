"""The priority index of whole levels: opened into parts, with missing data as an interval."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.parameters import parameter_texts
from ilo_geo.core.results import plain
from ilo_geo.core.results import records
from ilo_geo.core.text import Text
from ilo_geo.proposals.priority import Level
from ilo_geo.proposals.priority import PriorityInputs
from ilo_geo.proposals.priority import PriorityParams
from ilo_geo.proposals.priority import analyse

PARTS = ("green", "risk", "insecurity", "vulnerability")
TITLE = Text(es="Zonas", en="Zones")
# three zones; the percentiles of three values a ≤ b ≤ c are a + 0.1 (b − a) and c − 0.1 (c − b)
RAW = {
    "green": [0.0, 4.0, 9.0],
    "risk": [0.5, 0.0, 0.1],
    "insecurity": [1.0, 2.0, 0.5],
    "vulnerability": [0.1, 0.3, 0.2],
}


def exact(values):
    return pd.DataFrame({"low": values, "mid": values, "high": values}, dtype=float)


def level(raw, inhab=None, crs="EPSG:32719"):
    n = len(next(iter(raw.values())))
    squares = [shapely.box(i * 100, 0, i * 100 + 90, 90) for i in range(n)]
    polygons = gpd.GeoDataFrame(
        {"name": [f"Zona {i}" for i in range(n)]},
        index=pd.Index([f"z{i}" for i in range(n)], name="id"),
        geometry=squares,
        crs=crs,
    )
    people = np.full(n, 100.0) if inhab is None else np.array(inhab, dtype=float)
    frames = {p: v if isinstance(v, pd.DataFrame) else exact(v) for p, v in raw.items()}
    return Level(TITLE, polygons, people, frames)


def inputs_of(raw, **changes):
    return PriorityInputs(area="toy", levels={"zones": level(raw, **changes)})


def params(**changes):
    return PriorityParams(population_base="census", n_draws=50, **changes)


def zones(raw=None, **changes):
    return analyse(inputs_of(raw or RAW), params(**changes)).tables["zones"]


def codes(result):
    return [notice.code for notice in result.warnings]


def test_index_of_three_zones_equals_the_sum_done_by_hand() -> None:
    """Percentiles: green .4 8.5, risk .01 .46, insecurity .55 1.9, vulnerability .11 .29."""
    by_hand = {
        "green": [0, 3.6 / 8.1, 1],
        "risk": [1, 0, 0.09 / 0.45],
        "insecurity": [0.45 / 1.35, 1, 0],
        "vulnerability": [0, 1, 0.09 / 0.18],
    }
    weights = {"green": 0.30, "risk": 0.30, "insecurity": 0.25, "vulnerability": 0.15}
    table = zones()
    for part, scaled in by_hand.items():
        assert table[f"{part}_scaled"].tolist() == pytest.approx(scaled)
    expected = sum(weights[p] * np.array(by_hand[p]) for p in PARTS)
    assert table["priority_index"].tolist() == pytest.approx(expected)
    # 0.3833, 0.5333, 0.435
    assert table["rank"].tolist() == [3, 1, 2]


def test_every_score_opens_into_parts_that_sum_to_it_and_can_be_weighed_anew() -> None:
    result = analyse(inputs_of(RAW), params())
    table, weights = result.tables["zones"], result.tables["weights"]["weight"]
    contributions = table[[f"{part}_contribution" for part in PARTS]]
    assert contributions.sum(axis=1).tolist() == pytest.approx(table["priority_index"].tolist())
    again = analyse(inputs_of(RAW), params(green_weight=1.0, risk_weight=0.0)).tables["zones"]
    given = {"green": 1.0, "risk": 0.0, "insecurity": 0.25, "vulnerability": 0.15}
    new = sum(given[p] / 1.4 * table[f"{p}_scaled"] for p in PARTS)
    assert new.tolist() == pytest.approx(again["priority_index"].tolist())
    assert weights.sum() == pytest.approx(1)
    assert table["green_raw"].tolist() == RAW["green"]


def test_main_part_is_the_one_that_adds_most() -> None:
    assert zones()["main_part"].tolist() == ["risk", "insecurity", "green"]


@pytest.mark.parametrize("factor", [0.5, 2.0, 1 / 0.3])
def test_weights_scaled_by_a_constant_change_nothing(factor: float) -> None:
    usual = {f"{part}_weight": w for part, w in zip(PARTS, (0.3, 0.3, 0.25, 0.15), strict=True)}
    scaled = {name: min(weight * factor, 1.0) for name, weight in usual.items()}
    one, two = zones(**usual), zones(**scaled)
    pd.testing.assert_frame_equal(one.drop(columns="geometry"), two.drop(columns="geometry"))


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(PARTS), st.integers(0, 2), st.floats(0.01, 5))
def test_index_never_falls_when_a_part_of_the_zone_rises(part: str, zone: int, more: float) -> None:
    raised = {**RAW, part: [v + more * (n == zone) for n, v in enumerate(RAW[part])]}
    assert zones(raised)["priority_index"].iloc[zone] >= zones()["priority_index"].iloc[zone] - 1e-9


def test_zone_without_data_of_a_part_has_the_scores_with_none_and_all_of_it_as_interval() -> None:
    raw = {**RAW, "insecurity": [1.0, np.nan, 0.5]}
    result = analyse(inputs_of(raw), params())
    row = result.tables["zones"].loc["z1"]
    others = sum(row[f"{part}_contribution"] for part in PARTS if part != "insecurity")
    assert (row["low"], row["high"]) == pytest.approx((others, others + 0.25))
    assert row["priority_index"] == pytest.approx(others + 0.125)
    assert np.isnan(row["insecurity_raw"])
    assert row["known_ratio"] == pytest.approx(0.75)
    assert "priority.unknown" in codes(result)


def test_part_that_no_zone_knows_widens_all_and_moves_no_place() -> None:
    raw = {part: RAW[part] for part in PARTS if part != "insecurity"}
    table = zones(raw)
    assert (table["high"] - table["low"]).tolist() == pytest.approx([0.25] * 3)
    assert table["rank"].tolist() == zones(raw, insecurity_weight=0.0)["rank"].tolist()


def test_part_without_weight_is_not_asked_for() -> None:
    raw = {part: RAW[part] for part in PARTS if part != "insecurity"}
    result = analyse(inputs_of(raw), params(insecurity_weight=0.0))
    assert "priority.unknown" not in codes(result)
    assert result.tables["zones"]["known_ratio"].tolist() == pytest.approx([1, 1, 1])


def test_interval_of_a_part_is_carried_into_index_and_places() -> None:
    risk = pd.DataFrame({"low": [0.0, 0, 0], "mid": RAW["risk"], "high": [1.0, 0.0, 0.1]})
    table = analyse(inputs_of({**RAW, "risk": risk}), params()).tables["zones"]
    exactly = zones()
    assert table["priority_index"].tolist() == exactly["priority_index"].tolist()
    assert table.loc["z0", "low"] == pytest.approx(exactly.loc["z0", "priority_index"] - 0.3)
    assert (table.loc["z1", "rank_low"], table.loc["z1", "rank_high"]) == (1, 1)
    assert (table.loc["z0", "rank_low"], table.loc["z0", "rank_high"]) == (2, 3)


def test_zone_where_nobody_lives_has_no_place_and_does_not_move_the_scale() -> None:
    raw = {part: [*values, 99.0] for part, values in RAW.items()}
    result = analyse(inputs_of(raw, inhab=[100, 100, 100, 0]), params())
    table = result.tables["zones"]
    assert table["priority_index"].tolist()[:3] == zones()["priority_index"].tolist()
    assert plain(records(table))[3]["rank"] is None
    assert np.isnan(table.loc["z3", "priority_index"])
    assert result.summary["n_ranked"] == 3
    assert "priority.uninhabited" in codes(result)


def test_zones_alike_in_all_share_the_first_place_and_the_reader_is_told() -> None:
    result = analyse(inputs_of({part: [1.0, 1.0, 1.0] for part in PARTS}), params(top_k=1))
    assert result.tables["zones"]["rank"].tolist() == [1, 1, 1]
    assert {"priority.all_alike", "priority.ties"} <= set(codes(result))


def test_proxy_is_flagged_in_table_summary_and_notice() -> None:
    marked = dataclasses.replace(inputs_of(RAW), proxies=frozenset({"insecurity"}))
    result = analyse(marked, params())
    assert result.tables["weights"]["is_proxy"].tolist() == [False, False, True, False]
    assert result.summary["insecurity_is_proxy"] is True
    assert "priority.proxy" in codes(result)
    assert "priority.proxy" not in codes(analyse(marked, params(insecurity_weight=0.0)))


def test_levels_are_scaled_each_on_its_own() -> None:
    both = PriorityInputs(
        area="toy",
        levels={"districts": level({p: v[:2] for p, v in RAW.items()}), "zones": level(RAW)},
    )
    result = analyse(both, params())
    assert result.tables["districts"]["green_scaled"].tolist() == [0.0, 1.0]
    assert result.tables["zones"]["priority_index"].tolist() == zones()["priority_index"].tolist()
    assert result.summary["n_units"] == 3


def test_equal_inputs_give_equal_fingerprints_and_leave_inputs_alone() -> None:
    given = inputs_of(RAW)
    before = given.levels["zones"].raw["risk"].copy()
    assert analyse(given, params()).sha256 == analyse(given, params()).sha256
    assert analyse(given, params()).sha256 != analyse(given, params(seed=2)).sha256
    pd.testing.assert_frame_equal(given.levels["zones"].raw["risk"], before)


def test_all_weights_zero_are_refused_in_one_line() -> None:
    with pytest.raises(ParameterError, match="all weights are zero") as error:
        analyse(inputs_of(RAW), params(**{f"{part}_weight": 0.0 for part in PARTS}))
    assert "\n" not in error.value.text("es")


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        (PriorityInputs(area="toy", levels={}), "priority.no_levels"),
        (inputs_of(RAW, inhab=[0, 0, 0]), "priority.nobody"),
        (inputs_of({"green": [np.nan] * 3}), "priority.nothing_known"),
        (
            inputs_of({"risk": pd.DataFrame({"low": [0.5], "mid": [0.2], "high": [0.9]})}),
            "priority.interval",
        ),
    ],
)
def test_inputs_that_cannot_be_ranked_are_refused(inputs: PriorityInputs, code: str) -> None:
    with pytest.raises(InputError) as error:
        analyse(inputs, params())
    assert error.value.code == code


def test_levels_in_degrees_are_refused() -> None:
    with pytest.raises(CrsError):
        analyse(inputs_of(RAW, crs="EPSG:4326"), params())


def test_every_parameter_has_words_and_the_four_weights_are_shown() -> None:
    texts = parameter_texts("ilo_geo.proposals", "priority.yaml")
    assert set(texts) == set(PriorityParams.model_fields)
    assert [n for n, t in texts.items() if not t.advanced] == [f"{p}_weight" for p in PARTS]
