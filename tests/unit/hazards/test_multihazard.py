"""The multi-hazard evaluation of a strip of three cells worked by hand, and its properties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import CRS
from shapely import Point
from shapely import box

from ilo_geo.city.population import Residents
from ilo_geo.city.zones import polygon_of_each
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.parameters import parameter_texts
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.text import Text
from ilo_geo.hazards.evar import evar_rules
from ilo_geo.hazards.levels import hazard_levels
from ilo_geo.hazards.multihazard import MultihazardInputs
from ilo_geo.hazards.multihazard import MultihazardParams
from ilo_geo.hazards.multihazard import analyse
from ilo_geo.hazards.vulnerability import Evidence
from ilo_geo.hazards.zones import CERTAIN
from ilo_geo.hazards.zones import CERTAINTIES
from ilo_geo.hazards.zones import LINE
from ilo_geo.hazards.zones import POSSIBLE
from ilo_geo.hazards.zones import Zone
from ilo_geo.hazards.zones import zone_table

EPSG = "EPSG:32719"
EVERY_HAZARD = frozenset(z for hazard in evar_rules().hazards for z in hazard.zones)
PARAMS = MultihazardParams(population_base="plan")


def strip(hazard: str, level: str, certainty: str, west: float, east: float) -> Zone:
    title = Text(es="x", en="x")
    return Zone(hazard, level, title, level, certainty, box(west, 0, east, 100), "test")


def residents(people: Mapping[float, float]) -> Residents:
    points = gpd.GeoDataFrame(
        {"inhab": list(people.values()), "unit": "u", "placed_on": "building"},
        geometry=[Point(x, 50) for x in people],
        crs=EPSG,
    )
    return Residents(points)


def three_cells() -> gpd.GeoDataFrame:
    cells = [box(x, 0, x + 100, 100) for x in (0, 100, 200)]
    return gpd.GeoDataFrame(index=["a", "b", "c"], geometry=cells, crs=EPSG)


def city(**changes: Any) -> MultihazardInputs:
    """Return A over the shore, B behind it, C where nobody lives, a fault under all three."""
    zones = [
        strip("tsunami", "very_high", CERTAIN, 0, 20),
        strip("tsunami", "very_high", LINE, 0, 50),
        strip("tsunami", "very_high", POSSIBLE, 0, 120),
        *(strip("fault", "high", certainty, 0, 300) for certainty in CERTAINTIES),
    ]
    districts = gpd.GeoDataFrame(
        {"id": ["d1", "d2"], "name": ["Puerto", "Pampa"]},
        geometry=[box(0, 0, 100, 100), box(100, 0, 300, 100)],
        crs=EPSG,
    )
    evidence = Evidence(
        fragile_age_ratio=pd.Series({"a": 0.35, "b": 0.35, "c": 0.1}),
        poverty_low_ratio=pd.Series({"a": 0.08, "b": 0.08, "c": 0.02}),
        poverty_high_ratio=pd.Series({"a": 0.08, "b": 0.08, "c": 0.02}),
        material=pd.Series({"a": "mat", "b": "brick", "c": "brick"}),
    )
    inputs = MultihazardInputs(
        area="strip",
        zones=zone_table(zones, CRS(EPSG)),
        hazards_present=EVERY_HAZARD,
        cells=three_cells(),
        residents={
            "plan": residents({10: 30, 60: 70, 110: 50}),
            "census": residents({10: 20, 60: 60, 110: 80}),
        },
        levels={"districts": districts},
        evidence=evidence,
    )
    return replace(inputs, **changes)


NO_ZONES = zone_table([], CRS(EPSG))


@pytest.fixture(scope="module")
def result() -> AnalysisResult:
    return analyse(city(), PARAMS)


def codes(found: AnalysisResult) -> list[str]:
    return [notice.code for notice in found.warnings]


def test_weighted_hazard_of_three_cells_by_hand(result: AnalysisResult) -> None:
    """.331 × tsunami + .331 × fault (.260) + .338 × .035, weights of domain notes §5.8."""
    cells = result.tables["cells"]
    dry, wet = (0.331 * t + 0.331 * 0.260 + 0.338 * 0.035 for t in (0.035, 0.503))
    assert cells["hazard_sum"].tolist() == pytest.approx([wet, dry, dry], abs=5e-4)
    assert cells["hazard_sum_low"].tolist() == pytest.approx([dry, dry, dry], abs=5e-4)
    assert cells["hazard_sum_high"].tolist() == pytest.approx([wet, wet, dry], abs=5e-4)
    assert cells["hazard_class"].tolist() == ["very_high", "medium", "medium"]


def test_the_maximum_stands_beside_the_sum_and_names_its_hazard(result: AnalysisResult) -> None:
    """The fault alone is high everywhere though the sum calls B and C medium."""
    cells = result.tables["cells"]
    assert cells["hazard_max"].tolist() == [0.503, 0.260, 0.260]
    assert cells["max_class"].tolist() == ["very_high", "high", "high"]
    assert cells["max_class_low"].tolist() == ["high", "high", "high"]
    assert cells["max_class_high"].tolist() == ["very_high", "very_high", "high"]
    assert cells["max_hazard"].tolist() == ["tsunami", "seismic", "seismic"]
    assert cells["tsunami_level"].tolist() == ["very_high", "outside", "outside"]


def test_risk_of_three_cells_by_hand(result: AnalysisResult) -> None:
    """R = P × V with V = .539 walls + .297 age + .164 income, by pocket calculator."""
    cells = result.tables["cells"]
    assert cells["vulnerability_mid"].tolist() == pytest.approx([0.3222, 0.0698, 0.035], abs=3e-4)
    assert cells["risk_mid"].tolist() == pytest.approx([0.0852, 0.0076, 0.0038], abs=3e-4)
    assert cells["risk_low"].tolist() == pytest.approx([0.0353, 0.0076, 0.0038], abs=3e-4)
    assert cells["risk_high"].tolist() == pytest.approx([0.0852, 0.0185, 0.0038], abs=3e-4)
    assert cells["risk"].tolist() == [0.085, 0.008, 0.004]
    assert cells["risk_class"].tolist() == ["very_high", "medium", "low"]
    assert cells["risk_class_low"].tolist() == ["high", "medium", "low"]
    assert cells["risk_class_high"].tolist() == ["very_high", "high", "low"]


def test_people_by_class_with_the_interval_of_outline_and_base(result: AnalysisResult) -> None:
    """Plan 100 in A and 50 in B, census 80 and 80; A is high to very high, B medium to high."""
    summary = result.summary
    told = {
        name: [summary[f"{name}_inhab{end}"] for end in ("", "_low", "_high")]
        for name in ("very_high", "high", "medium", "low", "max_very_high", "max_high")
    }
    assert told == {
        "very_high": [100, 0, 100],
        "high": [0, 0, 160],
        "medium": [50, 0, 80],
        "low": [0, 0, 0],
        "max_very_high": [100, 0, 160],
        "max_high": [50, 0, 160],
    }
    assert (summary["population_inhab"], summary["n_cells"]) == (150, 3)
    assert summary["consistency_ratio"] == pytest.approx(0.015, abs=5e-4)
    assert (summary["consistency_limit"], summary["vulnerability_known_ratio"]) == (0.10, 1)


def test_districts_add_up_and_tell_their_worst_class(result: AnalysisResult) -> None:
    table = result.tables["districts"]
    assert table.index.tolist() == ["d1", "d2"]
    assert table["very_high_inhab"].tolist() == [100, 0]
    assert table["medium_inhab_high"].tolist() == [0, 80]
    assert table["worst_class"].tolist() == ["very_high", "medium"]
    assert table["worst_class_high"].tolist() == ["very_high", "high"]
    assert table["worst_max_class"].tolist() == ["very_high", "high"]
    for level in hazard_levels().ids:
        assert table[f"{level}_inhab"].sum() == result.summary[f"{level}_inhab"]
    assert table["inhab"].sum() == 150


def test_tables_of_weights_and_judgements_show_what_was_decided(result: AnalysisResult) -> None:
    weights, judgements = result.tables["weights"], result.tables["judgements"]
    assert weights.groupby("group")["weight"].sum().to_list() == pytest.approx([1, 1])
    pair = judgements[(judgements["first"] == "tsunami") & (judgements["second"] == "dunes")]
    assert pair["judgement"].tolist() == ["7"]
    assert len(judgements) == 15 + 3


def test_hazards_without_a_layer_are_an_interval_and_are_named() -> None:
    """.193 of weight (river, salts, sand) on .035, .134 and .503 in turn, by hand."""
    present = EVERY_HAZARD - {"river_erosion", "saline_soils", "dunes"}
    full, partial = analyse(city(), PARAMS), analyse(city(hazards_present=present), PARAMS)
    one, other = full.tables["cells"], partial.tables["cells"]
    for column, value in (("hazard_sum", 0.134), ("hazard_sum_high", 0.503)):
        added = (other[column] - one[column]).to_numpy()
        assert added == pytest.approx(np.full(3, 0.193 * (value - 0.035)), abs=5e-4)
    assert other["hazard_sum_low"].tolist() == pytest.approx(one["hazard_sum_low"].tolist())
    assert other["hazard_max"].tolist() == one["hazard_max"].tolist()
    assert other["dunes_level"].isna().all()
    notice = next(n for n in partial.warnings if n.code == "multihazard.missing_hazards")
    assert "Suelos salinos" in notice.text("es")
    assert "multihazard.missing_hazards" not in codes(full)


def test_half_of_the_hydrocarbons_known_leaves_an_open_end() -> None:
    """Tanks drawn and no fuel stations known: at least the tanks', at most anything."""
    zones = [strip("tanks", "medium", certainty, 0, 100) for certainty in CERTAINTIES]
    inputs = city(
        zones=zone_table(zones, CRS(EPSG)), hazards_present=EVERY_HAZARD - {"fuel_stations"}
    )
    cells = analyse(inputs, PARAMS).tables["cells"]
    others = 0.855 * 0.035
    assert cells["hazard_sum_low"]["a"] == pytest.approx(0.145 * 0.134 + others, abs=5e-4)
    assert cells["hazard_sum_high"]["a"] == pytest.approx(0.145 * 0.503 + others, abs=5e-4)
    assert cells["max_class"].tolist() == ["medium", "outside", "outside"]
    assert cells["max_hazard"].isna().tolist() == [False, True, True]


def test_missing_vulnerability_is_told_with_the_people_it_concerns() -> None:
    """A third of the 150 live in B, of which nothing is known."""
    evidence = Evidence(fragile_age_ratio=pd.Series({"a": 0.35}), material=pd.Series({"a": "mat"}))
    found = analyse(city(evidence=evidence), PARAMS)
    texts = [n.text("en") for n in found.warnings if n.code == "multihazard.vulnerability_unknown"]
    assert [("33.3 %" in text, "100.0 %" in text) for text in texts] == [
        (True, False),
        (True, False),
        (False, True),
    ]
    cells = found.tables["cells"]
    assert (cells["vulnerability_low"]["b"], cells["vulnerability_high"]["b"]) == pytest.approx(
        (0.035, 0.503)
    )
    assert cells["vulnerability_known_ratio"]["b"] == 0


def test_figures_of_the_plan_by_district_are_told_as_coarse() -> None:
    districts = city().levels["districts"].assign(id=["180301", "180302"])
    inputs = city(area="ilo", evidence=Evidence(), levels={"districts": districts})
    found = analyse(inputs, PARAMS)
    coarse = [n for n in found.warnings if n.code == "multihazard.vulnerability_coarse"]
    assert [n.fields["percent"] for n in coarse] == ["100.0", "100.0"]
    assert "L.317-319" in coarse[1].text("es")
    cells = found.tables["cells"]
    # El Algarrobal is the poorer district
    assert cells["vulnerability_high"]["b"] > cells["vulnerability_high"]["a"]


def test_weak_construction_belongs_to_vulnerability_and_not_to_hazard() -> None:
    weak = [strip("weak_construction", "very_high", certainty, 0, 200) for certainty in CERTAINTIES]
    zones = pd.concat([city().zones, zone_table(weak, CRS(EPSG))])
    before = analyse(city(), PARAMS).tables["cells"]
    after = analyse(city(zones=zones), PARAMS).tables["cells"]
    assert after["hazard_sum"].tolist() == before["hazard_sum"].tolist()
    assert after["hazard_max"].tolist() == before["hazard_max"].tolist()
    assert after["vulnerability_mid"]["b"] == pytest.approx(0.3222, abs=3e-4)
    assert after["vulnerability_mid"]["c"] == before["vulnerability_mid"]["c"]


def test_a_cell_takes_the_level_that_reaches_the_asked_share_of_its_people() -> None:
    """30 of the 100 in A are under the line: enough for 0.3, not for 0.31."""
    classes = [
        analyse(city(), MultihazardParams(population_base="plan", cover_ratio=cover)).tables[
            "cells"
        ]["max_class"]["a"]
        for cover in (0.1, 0.3, 0.31, 1)
    ]
    assert classes == ["very_high", "very_high", "high", "high"]


def test_a_line_without_further_outlines_reaches_whom_it_reaches() -> None:
    """A twentieth of A is under the line: not its best estimate, but the most it can be."""
    zones = zone_table([strip("tsunami", "high", LINE, 0, 50)], CRS(EPSG))
    people = {"plan": residents({10: 5, 60: 95})}
    cells = analyse(city(zones=zones, residents=people), PARAMS).tables["cells"]
    classes = cells.loc["a", ["max_class_low", "max_class", "max_class_high"]]
    assert classes.tolist() == ["outside", "outside", "high"]


def test_the_fewest_for_certain_are_those_of_the_smallest_base() -> None:
    """All of A and B surely high by the fault alone: plan 150, census 160, half the plan 75."""
    zones = city().zones[city().zones["hazard"] == "fault"]
    half = residents({10: 15, 60: 35, 110: 25})
    inputs = city(zones=zones, residents=dict(city().residents) | {"half": half})
    summary = analyse(inputs, PARAMS).summary
    told = [summary[f"max_high_inhab{end}"] for end in ("", "_low", "_high")]
    assert told == [150, 75, 160]


def test_of_equally_strong_hazards_the_weightiest_is_named() -> None:
    """Sand weighs .038 and hydrocarbons .145."""
    zones = [
        strip(hazard, "high", certainty, 0, 100)
        for hazard in ("dunes", "tanks")
        for certainty in CERTAINTIES
    ]
    cells = analyse(city(zones=zone_table(zones, CRS(EPSG))), PARAMS).tables["cells"]
    assert cells["max_hazard"]["a"] == "hydrocarbons"


@pytest.mark.parametrize("hazard", sorted(EVERY_HAZARD))
def test_a_zone_more_lowers_nothing_in_any_cell(hazard: str) -> None:
    """Sum, maximum and risk of the whole evaluation, with a severe zone over B and C added."""
    added = [strip(hazard, "very_high", certainty, 100, 300) for certainty in CERTAINTIES]
    zones = pd.concat([city().zones, zone_table(added, CRS(EPSG))])
    before, after = (
        analyse(city(zones=one), PARAMS).tables["cells"] for one in (city().zones, zones)
    )
    columns = [f"hazard_{kind}{end}" for kind in ("sum", "max") for end in ("_low", "", "_high")]
    columns += ["risk_low", "risk_mid", "risk_high", "risk"]
    assert (after[columns] >= before[columns] - 1e-12).all(axis=None)
    assert (after.loc[["b", "c"], "risk_mid"] > before.loc[["b", "c"], "risk_mid"]).all()
    assert (after["hazard_max"] >= after["hazard_sum"] - 1e-12).all()


def test_a_point_on_a_shared_limit_counts_once_and_one_astray_is_told() -> None:
    """At x = 100 both cells meet; at 303 a cell is 3 m away, at 400 none is near."""
    people = residents({100: 10, 303: 5, 400: 7})
    points = people.points.geometry.to_numpy()
    assert polygon_of_each(three_cells(), points).tolist() == [0, -1, -1]
    assert polygon_of_each(three_cells(), points, slack_m=5).tolist() == [0, 2, -1]
    found = analyse(city(residents={"plan": people}), PARAMS)
    assert found.summary["evaluated_inhab"] == 15
    assert "multihazard.people_outside_cells" in codes(found)


def test_same_inputs_same_result_and_inputs_untouched() -> None:
    inputs = city()
    zones, cells = inputs.zones.copy(), inputs.cells.copy()
    assert analyse(inputs, PARAMS).sha256 == analyse(inputs, PARAMS).sha256
    pd.testing.assert_frame_equal(inputs.zones, zones)
    pd.testing.assert_frame_equal(inputs.cells, cells)


@pytest.mark.parametrize(
    ("changes", "code", "named"),
    [
        ({"zones": city().zones.to_crs("EPSG:32718")}, "crs.mixed", "zones"),
        ({"hazards_present": frozenset({"meteor"})}, "multihazard.unknown_hazard", "meteor"),
        ({"hazards_present": frozenset(), "zones": NO_ZONES}, "multihazard.no_hazards", "tsunami"),
        ({"cells": three_cells().iloc[:0]}, "multihazard.no_cells", "celdas"),
        ({"cells": three_cells().set_axis(["a", "a", "b"])}, "multihazard.no_cells", "celdas"),
    ],
)
def test_unusable_inputs_are_refused(changes: dict[str, Any], code: str, named: str) -> None:
    with pytest.raises(InputError) as caught:
        analyse(city(**changes), PARAMS)
    assert caught.value.code == code
    assert named in caught.value.text("es")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hazard_judgements", "1 1/9 4 5 7; 9 4 5 7; 2 3 4; 2 3; 2"),
        ("vulnerability_judgements", "9 1/9; 9"),
    ],
)
def test_judgements_that_contradict_each_other_are_refused_by_name(name: str, text: str) -> None:
    params = MultihazardParams(population_base="plan", **{name: text})
    with pytest.raises(ParameterError) as caught:
        analyse(city(), params)
    assert caught.value.code == "ahp.inconsistent"
    assert name in caught.value.text("es")


def test_every_parameter_has_words_and_three_are_shown() -> None:
    texts = parameter_texts("ilo_geo.hazards", "multihazard.yaml")
    assert set(texts) == set(MultihazardParams.model_fields)
    assert sum(not text.advanced for text in texts.values()) == 3
