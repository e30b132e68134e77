import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Notice
from ilo_geo.core.results import plain
from ilo_geo.core.results import records


def with_value(result: AnalysisResult, value: float) -> AnalysisResult:
    zones = result.tables["zones"].copy()
    zones.loc["a", "green_m2_per_inhab"] = value
    return replace(result, tables={**result.tables, "zones": zones})


def with_sha256(result: AnalysisResult, sha256: str) -> AnalysisResult:
    first, *others = result.provenance
    return replace(result, provenance=(first.model_copy(update={"sha256": sha256}), *others))


CHANGES: dict[str, Callable[[AnalysisResult], AnalysisResult]] = {
    "analysis": lambda r: replace(r, analysis="other"),
    "area": lambda r: replace(r, area="other"),
    "parameter": lambda r: replace(r, parameters={"standard_m2_per_inhab": 9.000001}),
    "summary": lambda r: replace(r, summary={**r.summary, "population_inhab": 3001}),
    "value": lambda r: with_value(r, 0.500001),
    "value lost": lambda r: with_value(r, float("nan")),
    "table": lambda r: replace(r, tables={"zones": r.tables["zones"]}),
    "warning": lambda r: replace(r, warnings=()),
    "warning field": lambda r: replace(r, warnings=(Notice("modelled_layers", {"layers": "x"}),)),
    "input file": lambda r: with_sha256(r, "f" * 64),
    "input": lambda r: replace(r, provenance=r.provenance[:1]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_fingerprint_changes_with_every_part(toy_result: AnalysisResult, change: str) -> None:
    assert CHANGES[change](toy_result).sha256 != toy_result.sha256


def test_fingerprint_ignores_order_of_layers_and_noise_of_processors(
    toy_result: AnalysisResult,
) -> None:
    turned = replace(toy_result, provenance=toy_result.provenance[::-1])
    assert turned.sha256 == toy_result.sha256
    assert with_value(toy_result, 0.5 + 1e-13).sha256 == toy_result.sha256


def test_a_result_cannot_be_written_to(toy_result: AnalysisResult) -> None:
    with pytest.raises(TypeError):
        toy_result.summary["population_inhab"] = 1  # type: ignore[index]


def test_modelled_layers_are_those_of_the_provenance(toy_result: AnalysisResult) -> None:
    assert toy_result.modelled_layers == ("parks",)


def test_records_start_with_the_index_and_have_no_geometry(toy_result: AnalysisResult) -> None:
    first = records(toy_result.tables["zones"])[0]
    assert list(first) == ["id", "name", "population_inhab", "green_m2_per_inhab"]
    assert first["id"] == "a"


def test_plain_values_survive_json_and_have_no_nan() -> None:
    value = {
        "a": np.float64("nan"),
        "b": (np.int64(3), np.bool_(True)),
        "c": np.array([1.5, np.inf]),
        "d": pd.Timestamp("2026-11-22"),
        "e": 1 / 3,
    }
    assert json.loads(json.dumps(plain(value), allow_nan=False)) == {
        "a": None,
        "b": [3, True],
        "c": [1.5, None],
        "d": "2026-11-22 00:00:00",
        "e": 0.333333333,
    }
