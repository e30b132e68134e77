"""The fault analysis on traces whose bands can be worked out by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from few_people import few_people
from few_people import frame
from few_people import points
from shapely import LineString
from shapely import box

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.layer import Status
from ilo_geo.core.parameters import bounds
from ilo_geo.core.parameters import parameter_texts
from ilo_geo.hazards.fault import FaultInputs
from ilo_geo.hazards.fault import FaultParams
from ilo_geo.hazards.fault import analyse
from ilo_geo.hazards.fault import magnitude
from ilo_geo.hazards.positional import line_sigma_m
from ilo_geo.hazards.positional import near_line_ratio

AREA = box(-5000, -5000, 5000, 5000)
# homes at these distances north of the trace y = 0, far from its ends
NORTH_M = (0, 150, 250, 450, 700, 950, 1300, 3000)
PARAMS = FaultParams(population_base="chosen")


def trace(y=0.0, half_m=20_000):
    return LineString([(-half_m, y), (half_m, y)])


def inputs(faults, *, accuracy_m=500.0, status=Status.DERIVED, source="ATA", exposed=None):
    return FaultInputs(
        area="toy",
        faults=faults,
        accuracy_m=accuracy_m,
        status=status,
        source=source,
        boundary=AREA,
        exposed=exposed or few_people([(100, y) for y in NORTH_M], schools=points((50, 190))),
        refs=(),
    )


def bands_of(result, **wanted):
    bands = result.tables["bands"]
    return bands[np.logical_and.reduce([bands[key] == value for key, value in wanted.items()])]


def codes(result):
    return {notice.code for notice in result.warnings}


@pytest.mark.parametrize(("length_km", "expected"), [(15, 6.44), (30, 6.79), (33, 6.84)])
def test_magnitude_is_that_of_wells_and_coppersmith(length_km, expected):
    """Domain §5.6, worked values."""
    assert magnitude(length_km) == pytest.approx(expected, abs=0.005)


def test_traces_of_one_name_are_kept_apart():
    faults = frame(
        [trace(0), trace(2000), trace(-1000)], name="Falla Chololo", length_km=[33, 15, 30]
    )
    result = analyse(inputs(faults), PARAMS)
    assert result.tables["traces"].index.tolist() == ["0", "1", "2"]
    assert set(result.tables["bands"]["feature"]) == {"0", "1", "2"}
    for (_, certainty), rows in bands_of(result, band="inner").groupby(["band", "certainty"]):
        assert len(rows) == 3, certainty
    assert result.tables["traces"]["magnitude"].round(2).tolist() == [6.84, 6.44, 6.79]
    assert result.summary["longest_magnitude"] == pytest.approx(6.84, abs=0.005)


def test_each_band_is_as_wide_as_the_trace_is_sure():
    faults = frame([trace(0), trace(3000)], name=["a", "b"], accuracy_m=[400.0, 100.0])
    result = analyse(inputs(faults, accuracy_m=None), PARAMS)
    places = shapely.points(0, np.arange(0, 2000, 7.0))
    for feature, y, accuracy in (("0", 0, 400), ("1", 3000, 100)):
        for band, width in (("inner", 200), ("middle", 500), ("outer", 1000)):
            ratio = near_line_ratio(shapely.get_y(places), width, line_sigma_m(accuracy))
            rows = bands_of(result, feature=feature, band=band)
            outlines = dict(zip(rows["certainty"], rows.geometry, strict=True))
            for certainty, inside in (("certain", ratio >= 0.95), ("possible", ratio >= 0.05)):
                at = shapely.points(0, shapely.get_y(places) + y)
                found = shapely.contains(outlines.get(certainty), at)
                assert (found == inside).all(), (feature, band, certainty)


def test_people_are_counted_once_and_between_sure_and_possible():
    faults = frame([trace(0), trace(10)], name=["a", "b"])
    result = analyse(inputs(faults, accuracy_m=0.0), PARAMS)
    summary = result.summary
    # homes at 0 and 150 m of ten people each; the other base has eight
    assert (summary["exposed_inhab"], summary["exposed_inhab_low"]) == (20, 16)
    assert (summary["exposed_schools"], summary["exposed_dwellings"]) == (1, 2)
    rough = analyse(inputs(faults, accuracy_m=500.0), PARAMS)
    assert rough.summary["exposed_inhab_low"] == 0
    # 5 % lies at about 200 + 1.645 · 255 = 620 m
    assert rough.summary["exposed_inhab_high"] == 40
    exposure = result.tables["exposure"]["people_night_inhab"]
    by_band = result.tables["exposure_districts"].groupby("band", sort=False)
    assert by_band["people_night_inhab"].sum().tolist() == exposure.tolist()
    districts = result.tables["districts"]
    # every home stands at x = 100, in the east
    assert districts["people_night_inhab"].to_dict() == {"w": 0, "e": 20}
    assert districts.geometry["e"].bounds[0] == 0


def test_narrow_bands_need_a_surveyed_trace():
    """15/50/100 m only with an accuracy of at most 15 m and INGEMMET or official status."""
    rows = [
        ("Audin 2008", 10.0, False),
        ("INGEMMET A6881", 10.0, True),
        ("Carta ingemmet", 15.0, True),
        ("INGEMMET", 60.0, False),
    ]
    catalogue, accuracy, surveyed = zip(*rows, strict=True)
    faults = frame(
        [trace(y) for y in (0, 1, 2, 3)], name="f", catalogue=catalogue, accuracy_m=accuracy
    )
    result = analyse(inputs(faults), PARAMS)
    assert tuple(result.tables["traces"]["surveyed"]) == surveyed
    assert set(bands_of(result, band="no_build")["feature"]) == {"1", "2"}
    assert "fault.none_surveyed" not in codes(result)
    official = analyse(inputs(faults, status=Status.OFFICIAL), PARAMS)
    assert tuple(official.tables["traces"]["surveyed"]) == (True, True, True, False)
    line = bands_of(result, band="no_build", feature="1", certainty="line")
    assert line.geometry.iloc[0].bounds[3] == pytest.approx(1 + 15)


def test_without_a_surveyed_trace_the_reader_is_told():
    result = analyse(inputs(frame([trace()], name="f")), PARAMS)
    assert set(result.tables["bands"]["band"]) == {"inner", "middle", "outer"}
    assert {"fault.none_surveyed", "fault.nobody_is_sure"} <= codes(result)


def test_an_official_layer_says_so_and_what_it_replaces():
    faults = frame([trace()], name="f", accuracy_m=[10.0])
    survey = replace(inputs(faults, status=Status.OFFICIAL, source="INGEMMET"), replaced=("ATA",))
    result = analyse(survey, PARAMS)
    assert {"fault.official", "fault.replaced"} <= codes(result)
    assert not {"fault.none_surveyed", "fault.sure_of_its_trace"} & codes(result)
    coarse = frame([trace()], name="f", accuracy_m=[100.0])
    unsure = analyse(inputs(coarse, status=Status.OFFICIAL, source="INGEMMET"), PARAMS)
    assert {"fault.official_unsurveyed", "fault.sure_of_its_trace"} <= codes(unsure)
    assert "no_build" not in set(unsure.tables["bands"]["band"])


def test_a_trace_that_states_no_accuracy_is_not_taken_for_exact():
    faults = frame([trace(), trace(50)], name="f", accuracy_m=[None, 20.0])
    result = analyse(inputs(faults, accuracy_m=None), PARAMS)
    assert result.tables["traces"]["accuracy_m"].tolist() == [500, 20]
    assert "fault.accuracy_assumed" in codes(result)


def test_a_far_trace_stays_in_the_table_and_has_no_bands():
    faults = frame([trace(0), trace(9000)], name=["near", "far"])
    result = analyse(inputs(faults), PARAMS)
    assert result.tables["traces"]["in_reach"].tolist() == [True, False]
    assert result.tables["traces"]["distance_m"].tolist() == [0, 4000]
    assert set(result.tables["bands"]["feature"]) == {"0"}
    assert "fault.traces_elsewhere" in codes(result)


@pytest.mark.parametrize("faults", [frame([trace(900_000)], name="far"), frame([], name=[])])
def test_no_trace_near_the_area_is_a_clear_error(faults):
    with pytest.raises(InputError, match="Layer 'faults'") as raised:
        analyse(inputs(faults), PARAMS)
    assert "none of its" in str(raised.value)
    assert "895.0 km" in str(raised.value) or faults.empty


def test_distances_that_do_not_rise_are_refused():
    with pytest.raises(ParameterError, match="200 / 200 / 1000 m; expected three rising"):
        analyse(inputs(frame([trace()], name="f")), PARAMS.model_copy(update={"middle_m": 200.0}))


def test_a_length_that_the_catalogue_states_comes_before_the_drawn_one():
    faults = frame([trace(), trace(5)], name="f", length_km=[33.2, None])
    traces = analyse(inputs(faults), PARAMS).tables["traces"]
    assert traces["length_km"].tolist() == [33.2, 40.0]
    assert traces["drawn_length_km"].tolist() == [40.0, 40.0]
    spread = (traces["magnitude_high"] - traces["magnitude_low"]).unique()
    assert spread == pytest.approx(2 * 0.28)


def test_a_band_names_the_catalogue_of_its_trace_or_else_the_trace():
    faults = frame(
        [trace(), trace(5), trace(9)], name=["a", "b", None], catalogue=["SARA", None, None]
    )
    bands = analyse(inputs(faults), PARAMS).tables["bands"]
    said = bands[bands["certainty"] == "line"].groupby("feature")["source"].first()
    assert [text.split("; ")[0] for text in said[:2]] == ["SARA", "b"]
    assert not said.str.contains("None|nan").any()


def test_equal_inputs_give_equal_results_and_are_left_alone():
    faults = frame([trace(), trace(700)], name="f", length_km=[15.0, 30.0])
    before = faults.copy(deep=True)
    first, second = (analyse(inputs(faults), PARAMS).sha256 for _ in range(2))
    assert first == second
    pd.testing.assert_frame_equal(faults, before)


def test_every_parameter_has_its_words_and_three_are_shown():
    texts = parameter_texts("ilo_geo.hazards", "fault.yaml")
    assert set(texts) == set(FaultParams.model_fields)
    assert sum(not text.advanced for text in texts.values()) == 3
    assert bounds(FaultParams, "inner_m") == (15, 2000)
