"""Two choices of one analysis side by side."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from ilo_geo.core.errors import InputError
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Selection
from ilo_geo.services.compare import compare_choices
from ilo_geo.services.compare import compare_ids


def choice(result: AnalysisResult, ids: str, **changes: Any) -> AnalysisResult:
    """Return the result with a choice of the letters of ``ids``."""
    rows = tuple({"id": letter} for letter in ids)
    selection = Selection(rows, 100.0 * len(ids), 320.0, 0.0625, "feasible", 1.0)
    summary = {"served_inhab": 100.0 * len(ids), "water_m3_day": 40, "cost_soles": None}
    content = {"summary": summary, "parameters": {"population_base": "census"}, **changes}
    return dataclasses.replace(result, analysis="parks", selection=selection, **content)


@pytest.fixture
def pair(toy_result: AnalysisResult) -> tuple[AnalysisResult, AnalysisResult]:
    """Return a choice of three sites and one of two, one of which they share."""
    fewer = {"served_inhab": 180.5, "water_m3_day": 25, "cost_soles": 9e5, "new_ratio": 0.5}
    return choice(toy_result, "abc"), choice(toy_result, "xb", summary=fewer)


def test_differences_are_the_second_less_the_first(
    pair: tuple[AnalysisResult, AnalysisResult],
) -> None:
    table = compare_choices(*pair)
    assert table.loc["objective", ["a", "b", "difference"]].tolist() == [300, 200, -100]
    assert table.loc["n_selected", "difference"] == -1
    assert table.loc["served_inhab", "difference"] == -119.5
    assert table.loc["water_m3_day", "difference"] == -15
    assert table.loc["served_inhab", "unit_es"] == "hab."


def test_figure_that_one_of_them_lacks_has_no_difference(
    pair: tuple[AnalysisResult, AnalysisResult],
) -> None:
    table = compare_choices(*pair)
    assert np.isnan(table.loc["cost_soles", "difference"])
    assert np.isnan(table.loc["new_ratio", "a"])
    assert list(table.index)[-1] == "new_ratio"


def test_ids_are_told_apart_as_the_sets_say(pair: tuple[AnalysisResult, AnalysisResult]) -> None:
    chosen = compare_ids(*pair)["chosen_in"]
    assert chosen.to_dict() == {"a": "only_a", "b": "both", "c": "only_a", "x": "only_b"}


def test_swapping_the_two_swaps_the_columns_and_the_sign(
    pair: tuple[AnalysisResult, AnalysisResult],
) -> None:
    there, back = compare_choices(*pair), compare_choices(*pair[::-1])
    shared = there.index
    assert back.loc[shared, "a"].equals(there["b"].rename("a"))
    assert np.array_equal(back.loc[shared, "difference"], -there["difference"], equal_nan=True)


def test_choice_beside_itself_differs_in_nothing(toy_result: AnalysisResult) -> None:
    one = choice(toy_result, "ab")
    assert compare_choices(one, one)["difference"].dropna().eq(0).all()
    assert set(compare_ids(one, one)["chosen_in"]) == {"both"}


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"analysis": "cameras"}, "analysis"),
        ({"area": "lima"}, "area"),
        ({"parameters": {"population_base": "plan"}}, "population_base"),
    ],
)
def test_choices_that_do_not_compare_are_refused_in_one_line(
    pair: tuple[AnalysisResult, AnalysisResult], changes: dict[str, Any], where: str
) -> None:
    for compare in (compare_choices, compare_ids):
        with pytest.raises(InputError) as error:
            compare(pair[0], dataclasses.replace(pair[1], **changes))
        assert error.value.code == "compare.different"
        assert where in error.value.text("es")


def test_result_without_a_choice_is_refused(
    pair: tuple[AnalysisResult, AnalysisResult],
) -> None:
    with pytest.raises(InputError, match="chose nothing"):
        compare_choices(pair[0], dataclasses.replace(pair[1], selection=None))
