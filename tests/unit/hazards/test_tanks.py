"""The tank analysis on places whose distances are known."""

import numpy as np
import pandas as pd
import pytest
import shapely
from few_people import few_people
from few_people import points

from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import InputError
from ilo_geo.core.parameters import parameter_texts
from ilo_geo.hazards.fireball import fireball_distance_m
from ilo_geo.hazards.positional import near_point_ratio
from ilo_geo.hazards.positional import point_sigma_m
from ilo_geo.hazards.tanks import TankInputs
from ilo_geo.hazards.tanks import TankParams
from ilo_geo.hazards.tanks import analyse

PARAMS = TankParams(population_base="chosen", bund_area_m2=np.pi * 400)
HOMES = [(100, 0), (0, 200), (-260, 0), (0, -390), (900, 0)]
SCHOOLS = points((140, 0), (0, 320), (3000, 0), name=["near", "far", "gone"])
HEALTH = points((-320, 0), (0, -320), name=["hospital", "post"], category=["II-1", "I-2"])


def inputs(tanks, *, accuracy_m=0.0, site_accuracy_m=None, **sites):
    sites = sites or {"schools": SCHOOLS, "health": HEALTH}
    return TankInputs(
        area="toy",
        tanks=tanks,
        accuracy_m=accuracy_m,
        site_accuracy_m=site_accuracy_m or {},
        exposed=few_people(HOMES, **sites),
        refs=(),
    )


def codes(result):
    return {notice.code for notice in result.warnings}


def test_both_models_are_given_and_differ_by_about_two():
    """Domain §3.8: petrol, 40 m, 27/53/98 m by the flame and 44/76/120/212 m by the point."""
    result = analyse(inputs(points((0, 0), name="t")), PARAMS)
    thermal = result.tables["thermal"]
    assert thermal["solid_m"].round().tolist()[1:] == [27, 53, 98]
    assert thermal["point_m"].round().tolist() == [44, 76, 120, 212]
    assert np.isnan(thermal["solid_m"].iloc[0])
    assert thermal["low_m"].round().tolist() == [0, 27, 53, 98]
    summary = result.summary
    assert (round(summary["thermal_5_low_m"]), round(summary["thermal_5_high_m"])) == (53, 120)
    bands = set(result.tables["rings"]["band"])
    assert {"thermal_5_solid", "thermal_5_point", "thermal_37_5_point"} <= bands
    assert "thermal_37_5_solid" not in bands
    assert "tanks.two_models" in codes(result)


def test_without_error_people_are_counted_by_plain_distance():
    result = analyse(inputs(points((0, 0), name="t")), PARAMS)
    exposure = result.tables["exposure"]["people_night_inhab"]
    far_m = np.hypot(*np.array(HOMES).T)
    for limit in (150, 250, 300, 400):
        assert exposure[f"tanks/land_use_{limit}"] == 10 * (far_m <= limit).sum()
    assert result.summary["exposed_inhab"] == 40
    assert result.summary["exposed_inhab_low"] == 32
    assert result.summary["exposed_schools"] == 2


def test_an_uncertain_tank_has_rings_of_95_and_5_percent():
    result = analyse(inputs(points((0, 0), name="t"), accuracy_m=300), PARAMS)
    rings = result.tables["rings"]
    outer = rings[rings["band"] == "land_use_400"].set_index("certainty")
    offsets = np.arange(3.0, 900, 7)
    ratio = near_point_ratio(offsets, 400, point_sigma_m(300))
    places = shapely.points(offsets, 0)
    for certainty, least in (("certain", 0.95), ("possible", 0.05)):
        found = shapely.contains(outer.geometry[certainty], places)
        assert (found == (ratio >= least)).all(), certainty
    assert "certain" not in set(rings.loc[rings["band"] == "land_use_150", "certainty"])
    assert {"tanks.position", "tanks.lost_in_error"} <= codes(result)
    assert result.summary["exposed_inhab_low"] < result.summary["exposed_inhab"]


def test_sensitive_sites_get_the_advice_of_the_matrix():
    """Issue 3: a school at 140 m gives 'advise against'; a hospital in the outer zone too."""
    sensitive = analyse(inputs(points((0, 0), name="t")), PARAMS).tables["sensitive"]
    by_name = sensitive.set_index("name")
    assert by_name["advice"].to_dict() == {
        "near": "against", "far": "not_against", "hospital": "against", "post": "not_against",
    }  # fmt: skip
    assert by_name["zone"].to_dict() == {
        "near": "proximity", "far": "outer", "hospital": "outer", "post": "outer",
    }  # fmt: skip
    assert by_name["against_ratio"].to_dict() == {"near": 1, "far": 0, "hospital": 1, "post": 0}
    assert by_name.loc["near", "distance_m"] == 140


def test_the_chance_that_a_school_is_too_near_is_that_of_simulated_positions():
    """Tank ±300 m and school ±400 m: both moved at random; SL3 is advised against to 300 m."""
    result = analyse(
        inputs(points((0, 0), name="t"), accuracy_m=300, site_accuracy_m={"schools": 400.0}), PARAMS
    )
    rng, n = np.random.default_rng(5), 200_000
    tank = rng.normal(0, 300 / 2.4477, (n, 2))
    table = result.tables["sensitive"].set_index("name")
    assert set(table.index) == {"near", "far", "hospital", "post"}
    for name, at in (("near", (140, 0)), ("far", (0, 320))):
        school = rng.normal(at, 400 / 2.4477, (n, 2))
        simulated = (np.hypot(*(school - tank).T) <= 300).mean()
        assert table.loc[name, "against_ratio"] == pytest.approx(simulated, abs=0.005)
        assert table.loc[name, "error_m"] == 500
    near = table.loc["near"]
    assert (near["low_m"], near["high_m"]) == (0, 640)
    assert table.loc["far", "advice_worst"] == "against"
    summary = result.summary
    counts = [summary[f"n_advise_against{end}"] for end in ("_low", "", "_high")]
    assert counts == [0, 2, 4]


def test_a_sites_nearest_tank_gives_its_advice():
    tanks = points((0, 0), (2900, 0), name=["a", "b"])
    table = analyse(inputs(tanks), PARAMS).tables["sensitive"].set_index("name")
    assert table["tank"].to_dict() == {
        "near": "0", "far": "0", "hospital": "0", "post": "0", "gone": "1",
    }  # fmt: skip


def test_a_tanks_own_columns_come_before_the_parameters():
    tanks = points(
        (0, 0), (5, 0), name=["a", "b"], fuel=["diesel", None], bund_area_m2=[300.0, None]
    )
    result = analyse(inputs(tanks), PARAMS)
    known = result.tables["tanks"]
    assert known["fuel"].tolist() == ["diesel", "gasoline"]
    assert known["bund_area_m2"].round().tolist() == [300, 1257]
    assert known["bund_assumed"].tolist() == [False, True]
    assert "tanks.bund_assumed" in codes(result)


def test_petrol_and_diesel_have_no_fireball_and_lpg_has_only_that():
    tanks = points(
        (0, 0), (5, 0), (9, 0), name=["a", "b", "c"], lpg=[False, True, True],
        lpg_mass_kg=[9e9, 20_000.0, None],
    )  # fmt: skip
    result = analyse(inputs(tanks), PARAMS)
    bands = result.tables["rings"].groupby("feature")["band"].agg(set)
    assert not any("fireball" in band for band in bands["0"])
    assert all(band.endswith("fireball") for band in bands["1"])
    assert "2" not in bands
    assert {"tanks.no_fireball", "tanks.lpg_mass_unknown"} <= codes(result)
    thermal = result.tables["thermal"]
    assert thermal.loc["1/5", "high_m"] == fireball_distance_m(20_000, 5)
    assert np.isnan(thermal.loc["0/5", "fireball_m"])
    only_lpg = analyse(inputs(tanks.iloc[[1]]), PARAMS)
    assert only_lpg.summary["exposed_inhab"] is None
    assert only_lpg.tables["districts"]["people_night_inhab"].isna().all()
    assert only_lpg.tables["sensitive"].empty
    assert len(only_lpg.sha256) == 64


def test_overpressure_is_off_until_a_mass_is_given():
    off = analyse(inputs(points((0, 0), name="t")), PARAMS)
    assert off.tables["pressure"].empty
    assert not off.tables["rings"]["band"].str.startswith("overpressure").any()
    on = analyse(
        inputs(points((0, 0), name="t")), PARAMS.model_copy(update={"vapour_mass_kg": 10_000.0})
    )
    reach = on.tables["pressure"]["distance_m"]
    # EPA RMP guidance: 1 psi (6.9 kPa) reaches 17 m by the cube root of the TNT in kg
    tnt_kg = 0.10 * 10_000 * 43_700 / 4680
    assert reach["0/6_9"] == pytest.approx(17 * np.cbrt(tnt_kg), rel=0.10)
    assert reach.is_monotonic_increasing
    assert "tanks.overpressure" in codes(on)


def test_milder_bands_hold_graver_ones():
    rings = analyse(inputs(points((0, 0), name="t"), accuracy_m=120), PARAMS).tables["rings"]
    outlines = {(r.band, r.certainty): r.geometry for r in rings.itertuples()}
    for graver, milder in (
        ("land_use_150", "land_use_250"), ("land_use_300", "land_use_400"),
        ("thermal_5_solid", "thermal_1_6_solid"), ("thermal_37_5_point", "thermal_12_5_point"),
    ):  # fmt: skip
        for certainty in ("certain", "line", "possible"):
            if (graver, certainty) in outlines:
                assert outlines[graver, certainty].within(outlines[milder, certainty])


@pytest.mark.parametrize(
    ("tanks", "said"),
    [
        (points(name=[]), "Layer 'tanks': it has no tanks"),
        (points((0, 0), name="t", fuel="kerosene"), "column 'fuel', row 0: found kerosene"),
        (points((0, 0), name="t", bund_area_m2=-4.0), "found -4.0; expected > 0"),
        (points((0, 0), name="t", lpg=True, lpg_mass_kg=0.0), "column 'lpg_mass_kg'"),
    ],
)
def test_a_faulty_tank_layer_is_named(tanks, said):
    with pytest.raises(InputError) as raised:
        analyse(inputs(tanks), PARAMS)
    assert said in str(raised.value)


def test_tanks_in_another_reference_system_are_refused():
    tanks = points((0, 0), name="t").set_crs("EPSG:32718", allow_override=True)
    with pytest.raises(CrsError):
        analyse(inputs(tanks), PARAMS)


def test_equal_inputs_give_equal_results_and_are_left_alone():
    tanks = points((0, 0), name="t", accuracy_m=300)
    before = tanks.copy(deep=True)
    first, second = (analyse(inputs(tanks), PARAMS).sha256 for _ in range(2))
    assert first == second
    pd.testing.assert_frame_equal(tanks, before)


def test_every_parameter_has_its_words_and_three_are_shown():
    texts = parameter_texts("ilo_geo.hazards", "tanks.yaml")
    assert set(texts) == set(TankParams.model_fields)
    assert sum(not text.advanced for text in texts.values()) == 3
