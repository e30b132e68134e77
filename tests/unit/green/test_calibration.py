"""The plan's own arithmetic, as worked in the domain facts."""

import pytest

from ilo_geo.core.study_area import PlanFigure
from ilo_geo.core.text import Text
from ilo_geo.green.calibration import calibration


def figure(id_, value, year, unit="ha"):
    text = Text(es="x", en="x")
    return PlanFigure(id=id_, title=text, value=value, unit=unit, year=year, source="plan")


def test_plan_figures_of_2014_and_2018():
    figures = (
        figure("stock_2014", 22.2, 2014),
        figure("stock_2018", 4.0, 2018),
        figure("supply_2018", 0.5, 2018, "m²/inhab"),
        figure("demand_2021", 64.38, 2021),
        figure("deficit_2009", 27.45, 2009),
    )
    table = calibration(
        figures,
        green_area_m2={2014: 222_197.06, 2018: 39_963.5},
        population_inhab=79_927,
        standard_m2_per_inhab=9,
        latest_year=2018,
    )
    computed = table["computed_value"]
    assert computed["stock_2014"] == pytest.approx(22.2, abs=0.05)
    assert computed["stock_2018"] == pytest.approx(3.996, abs=0.001)
    assert computed["supply_2018"] == pytest.approx(0.5)
    assert computed["demand_2021"] == pytest.approx(71.93, abs=0.01)
    # R17 of the facts: the deficit today is at least 67.9 ha on 79,927 people
    assert computed["deficit_2009"] == pytest.approx(67.9, abs=0.05)
    assert table.loc["demand_2021", "arithmetic"] == "9 m² × 79,927 ÷ 10,000"
    assert table.loc["stock_2014", "green_year"] == 2014
    assert table.loc["demand_2021", "green_year"] == 2018
