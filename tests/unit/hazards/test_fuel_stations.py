"""Fuel stations: classes, distances to schools, and what nobody knows."""

import numpy as np
import pytest
from few_people import few_people
from few_people import points

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.parameters import parameter_texts
from ilo_geo.hazards.fuel_stations import FuelStationInputs
from ilo_geo.hazards.fuel_stations import FuelStationParams
from ilo_geo.hazards.fuel_stations import analyse
from ilo_geo.hazards.fuel_stations import consequence_classes

PARAMS = FuelStationParams(population_base="chosen")
NAN = float("nan")


def inputs(stations, *, accuracy_m=0.0, site_accuracy_m=None, **sites):
    return FuelStationInputs(
        area="toy",
        stations=stations,
        accuracy_m=accuracy_m,
        site_accuracy_m=site_accuracy_m or {},
        exposed=few_people([(10, 0), (0, 45), (0, 60)], **sites),
        refs=(),
    )


@pytest.mark.parametrize(
    ("capacity", "lpg", "expected"),
    [
        (100, False, ("significant", "significant")),
        (99.9, False, ("moderate", "moderate")),
        (20, False, ("moderate", "moderate")),
        (19.9, False, ("minimal", "minimal")),
        (5, True, ("significant", "significant")),
        (NAN, True, ("significant", "significant")),
        (NAN, False, ("minimal", "significant")),
    ],
)
def test_classes_are_those_of_the_proposal(capacity, lpg, expected):
    """Domain §5.7: ≥100 m³ or LPG / 20–100 / <20 m³; an unknown capacity is none of them."""
    limits = {"moderate_m3": 20, "significant_m3": 100}
    assert consequence_classes(capacity, lpg=lpg, **limits) == expected


def test_conflicts_are_the_pairs_within_the_distance():
    stations = points((0, 0), (500, 0), name=["A", "B"])
    schools = points((30, 40), (500, 50.5), (0, 200), name=["at 50", "at 50.5", "far"])
    health = points((520, 0), name="post")
    result = analyse(inputs(stations, schools=schools, health=health), PARAMS)
    found = result.tables["conflicts"]
    pairs = list(zip(found["station_name"], found["name"], found["distance_m"], strict=True))
    assert pairs == [("B", "post", 20), ("A", "at 50", 50)]
    assert set(found["conflict"]) == {"certain"}
    assert result.summary["n_conflicts_certain"] == 2
    assert result.summary["n_pairs_not_ruled_out"] == 0
    wider = analyse(
        inputs(stations, schools=schools, health=health),
        PARAMS.model_copy(update={"site_distance_m": 51.0}),
    )
    assert wider.summary["n_conflicts_certain"] == 3


def test_a_conflict_is_as_sure_as_both_positions():
    """Station ±30 m and school ±40 m, both moved at random; 5 % and 95 % decide."""
    rng, n = np.random.default_rng(8), 200_000
    schools = points((5, 0), (0, 75), (0, 95), (0, 900), name=["a", "b", "c", "d"])
    stations = points((0, 0), name="A")
    result = analyse(
        inputs(stations, accuracy_m=30, site_accuracy_m={"schools": 40.0}, schools=schools), PARAMS
    )
    table = result.tables["conflicts"].set_index("name")
    station = rng.normal(0, 30 / 2.4477, (n, 2))
    for name, place in zip("abc", schools.geometry, strict=False):
        school = rng.normal((place.x, place.y), 40 / 2.4477, (n, 2))
        ratio = (np.hypot(*(school - station).T) <= 50).mean()
        if ratio >= 0.05:
            assert table.loc[name, "within_ratio"] == pytest.approx(ratio, abs=0.005)
        assert (name in table.index) == (ratio >= 0.05)
    assert table["conflict"].to_dict() == {"a": "possible", "b": "possible"}
    # 95 m less 50 m of error: nobody can rule it out, though it is no conflict
    assert result.summary["n_pairs_not_ruled_out"] == 1
    assert "fuel_stations.not_ruled_out" in {notice.code for notice in result.warnings}


def test_an_unknown_class_is_shown_as_unknown_not_as_minimal():
    stations = points((0, 0), (5000, 0), name=["?", "small"], capacity_m3=[None, 10.0])
    result = analyse(inputs(stations), PARAMS)
    table = result.tables["stations"]
    assert table["class_known"].tolist() == [False, True]
    assert table["class_high"].tolist() == ["significant", "minimal"]
    assert result.summary["n_class_unknown"] == 1
    circles = result.tables["circles"]
    drawn = circles[circles["feature"] == "0"].groupby("certainty")["band"].agg(set)
    assert drawn["certain"] == {"minimal"}
    assert drawn["line"] == drawn["possible"] == {"minimal", "moderate", "significant"}
    assert set(circles.loc[circles["feature"] == "1", "band"]) == {"minimal"}
    assert circles.loc[circles["feature"] == "0", "source"].str.contains("desconocida").all()
    # the home 45 m away stands in it, the one at 60 m does not
    assert result.summary["exposed_inhab"] == 20


@pytest.mark.parametrize(
    ("stations", "changes", "error", "said"),
    [
        (points(name=[]), {}, InputError, "Layer 'fuel_stations'"),
        (points((0, 0), name="A"), {"moderate_m3": 100.0}, ParameterError, "100 / 100 m³"),
    ],
)
def test_bad_input_is_one_clear_line(stations, changes, error, said):
    with pytest.raises(error) as raised:
        analyse(inputs(stations), PARAMS.model_copy(update=changes))
    assert said in str(raised.value)


def test_a_city_without_schools_has_no_conflicts():
    result = analyse(inputs(points((0, 0), name="A")), PARAMS)
    assert result.tables["conflicts"].empty
    assert len(result.sha256) == 64


def test_every_parameter_has_its_words_and_three_are_shown():
    texts = parameter_texts("ilo_geo.hazards", "fuel_stations.yaml")
    assert set(texts) == set(FuelStationParams.model_fields)
    assert sum(not text.advanced for text in texts.values()) == 3
