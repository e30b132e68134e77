"""R1–R25 of Ilo against figures worked out here, by other means than the rules."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import yaml
from pyproj import Geod

from ilo_geo.city.plan.coherence import Outcome
from ilo_geo.city.plan.coherence import Standing
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.errors import SchemaError
from ilo_geo.io.catalogue import SHIPPED_AREA
from ilo_geo.io.workspace import Workspace
from ilo_geo.services.areas import open_area
from ilo_geo.services.coherence import coherence
from ilo_geo.services.coherence import has_rules
from ilo_geo.services.coherence import require_rules

GEOD = Geod(ellps="WGS84")
# the box of L.133-134 and the two points of the Cercado
SOUTH, NORTH = -(17 + 38 / 60 + 15 / 3600), -(17 + 20 / 60 + 39 / 3600)
WEST, EAST = -(71 + 22 / 60), -(71 + 21 / 60 + 39 / 3600)
CENTRE = (-71.3453, -17.6458)


@pytest.fixture(scope="module")
def ilo(tmp_path_factory):
    return open_area(None, Workspace(tmp_path_factory.mktemp("workspace")))


@pytest.fixture(scope="module")
def found(ilo):
    return coherence(ilo)


@pytest.fixture(scope="module")
def finding(found):
    return {one.rule.id: one for one in found.findings}


@pytest.fixture(scope="module")
def value(finding):
    """Return a function that gives a step or measure of a rule by name."""

    def value(rule, name):
        one = finding[rule]
        known = {step.step.id: step.value for step in one.steps}
        return (known | {m.figure.id: m.value for m in one.measured})[name]

    return value


def test_every_rule_of_the_list_is_there_once(found):
    ids = [one.rule.id for one in found.findings]
    assert sorted(ids, key=lambda name: int(name[1:])) == [f"R{n}" for n in range(1, 26)]


# verdict column of the list of contradictions; "error", "impossible" and "contradicts" are one word
CONTRADICTIONS = {"R1", "R4", "R12", "R13", "R18"}
COHERENT = {"R17", "R21"}


def test_verdicts_are_those_of_the_list(finding):
    for name, one in finding.items():
        usual = "coherent" if name in COHERENT else "notice"
        assert one.verdict == ("contradiction" if name in CONTRADICTIONS else usual), name


def test_weights_that_the_list_states(finding):
    for name in ("R1", "R3", "R4", "R13", "R14"):
        assert finding[name].rule.weight == "high"
    for name in ("R2", "R16", "R19", "R20", "R21", "R22", "R24"):
        assert finding[name].rule.weight == "low"


# the arithmetic column of the list, as printed there, with the digits it has
PRINTED = [
    ("R1", "width_m", "619.5"),
    ("R1", "height_km", "32.46"),
    ("R1", "box_km2", "20.1"),
    ("R1", "share", "1.3"),
    ("R1", "other_west_m", "1648"),
    ("R1", "other_north_m", "919"),
    ("R2", "real_years", "43"),
    ("R2", "grown", "79926"),
    ("R2", "ilo_1972", "22172"),
    ("R2", "algarrobal_1972", "294"),
    ("R2", "pacocha_1972", "2721"),
    ("R3", "by_deaths", "70623"),
    ("R3", "by_births", "70751"),
    ("R3", "by_age", "70694"),
    ("R3", "by_guards", "68688"),
    ("R3", "by_deaths_2010", "67742"),
    ("R3", "more", "13.1"),
    ("R5", "real_growth", "72"),
    ("R5", "real_share", "17.35"),
    ("R5", "stated_share", "12.53"),
    ("R7", "audin_km", "30.1"),
    ("R7", "gem_km", "33.2"),
    ("R7", "machare_km", "10.4"),
    ("R9", "other_km", "21.9"),
    ("R11", "by_fishing", "26875"),
    ("R11", "by_farming", "29700"),
    ("R11", "by_tourism", "30926"),
    ("R12", "copper_t", "1445400"),
    ("R13", "needed", "48"),
    ("R13", "possible", "13.3"),
    ("R13", "with_rest", "11.4"),
    ("R14", "by_province", "4995"),
    ("R14", "by_district", "4578"),
    ("R14", "by_staff", "1998"),
    ("R14", "implied", "68688"),
    ("R15", "by_shift", "1133.8"),
    ("R15", "by_third", "944.8"),
    ("R15", "by_staff", "2834"),
    ("R15", "of_province", "95.2"),
    ("R15", "of_inei", "86.3"),
    ("R15", "of_district", "18.5"),
    ("R17", "real_deficit", "6.22"),
    ("R17", "real_loss", "82.0"),
    ("R17", "stock_2014", "22.2"),
    ("R17", "stock_now", "4.0"),
    ("R17", "missing_ha", "67.9"),
    ("R17", "missing_low_ha", "60.1"),
    ("R17", "workers_per_ha", "38.5"),
    ("R17", "workers_per_ha_2014", "6.9"),
    ("R18", "implied", "71533"),
    ("R19", "basic_sum", "69"),
    ("R19", "basic_missing", "8"),
    ("R19", "sites_sum", "95"),
    ("R19", "pupils_sum", "20601"),
    ("R21", "by_contract", "99.5"),
    ("R21", "by_group", "99"),
    ("R22", "total", "53"),
    ("R23", "more_km2", "142.8"),
    ("R23", "more_share", "10.3"),
]


@pytest.mark.parametrize(("rule", "name", "printed"), PRINTED)
def test_figures_are_those_of_the_list(value, rule, name, printed):
    decimals = len(printed.partition(".")[2])
    assert f"{value(rule, name):.{decimals}f}" == printed


def test_the_box_of_the_plan_by_geodesics(value):
    middle = (SOUTH + NORTH) / 2
    assert value("R1", "width_m") == pytest.approx(GEOD.inv(WEST, middle, EAST, middle)[2], abs=0.1)
    assert value("R1", "height_km") * 1000 == pytest.approx(
        GEOD.inv(WEST, SOUTH, WEST, NORTH)[2], abs=1
    )
    ring = ([WEST, EAST, EAST, WEST], [SOUTH, SOUTH, NORTH, NORTH])
    area_km2 = abs(GEOD.polygon_area_perimeter(*ring)[0]) / 1e6
    assert value("R1", "box_km2") == pytest.approx(area_km2, rel=1e-3)


def test_distances_are_those_of_the_published_points(value):
    places = gpd.read_file(SHIPPED_AREA / "places" / "data.geojson").set_index("id").geometry
    station, square = places["ct_ilo_2"], places["cercado"]
    apart = GEOD.inv(square.x, square.y, station.x, station.y)[2] / 1000
    assert value("R9", "centre_km") == pytest.approx(apart, rel=1e-6)
    assert value("R9", "other_km") == pytest.approx(
        GEOD.inv(*CENTRE, station.x, station.y)[2] / 1000, rel=1e-6
    )


def test_people_and_land_are_those_of_the_files(value):
    people = gpd.read_file(SHIPPED_AREA / "population" / "data.geojson")
    assert value("R3", "inei_2020") == people["inei_2020"].sum()
    assert value("R3", "census_2017") == people.set_index("name").loc["Ilo", "census_2017"]
    districts = gpd.read_file(SHIPPED_AREA / "districts" / "data.geojson")
    km2 = [abs(GEOD.geometry_area_perimeter(shape)[0]) / 1e6 for shape in districts.geometry]
    assert value("R23", "districts_km2") == pytest.approx(sum(km2), rel=1e-4)


def test_what_is_modelled_or_absent_does_not_count(finding):
    for name, layer in (("R17", "parks"), ("R19", "schools"), ("R15", "urban_footprint")):
        one = finding[name]
        measured = next(m for m in one.measured if m.figure.layer == layer)
        # no baseline was made in this workspace
        assert measured.standing is Standing.ABSENT
        assert Outcome.UNKNOWN in [check.outcome for check in one.checks]


def test_every_quotation_stands_in_the_plan_at_its_line(found, shared_dir):
    plan = (shared_dir / "reference" / "plan_de_gobierno_ilo.txt").read_text("utf-8").splitlines()
    astray = []
    for one in found.findings:
        for figure in one.rule.says:
            nearby = " ".join(" ".join(plan[figure.line - 1 : figure.line + 5]).split())
            at = nearby.find(" ".join(figure.quotation.split()))
            # it begins in the line named
            if not 0 <= at < len(" ".join(plan[figure.line - 1].split())):
                astray.append(f"{one.rule.id} {figure.id} L.{figure.line}")
    assert astray == []


def test_every_figure_stands_in_its_quotation(found):
    """A value that is a number in the quotation, thousands and decimals as the plan writes them."""
    astray = []
    worded = {"R4", "R12", "R16"}
    for one in found.findings:
        for figure in one.rule.says:
            if one.rule.id in worded or (figure.unit is not None and figure.unit.es == "°"):
                continue
            found_in = re.findall(r"\d[\d,]*\.?\d*", figure.quotation)
            numbers = {
                float(text.rstrip(",").replace(",", "")) for text in found_in if text.rstrip(",")
            }
            if figure.value not in numbers:
                astray.append(f"{one.rule.id} {figure.id}: {figure.value} not in {sorted(numbers)}")
    assert astray == []


def test_figures_that_the_area_states_too_agree(ilo, value, finding):
    figures = {figure.id: figure for figure in ilo.config.plan_figures}
    bases = {base.id: base for base in ilo.config.population_bases}
    assert bases["implied_2015"].total_inhab == pytest.approx(value("R3", "implied"), abs=1)
    others = {figure.id: figure.value for figure in finding["R17"].rule.others}
    assert others["implied"] == bases["implied_2015"].total_inhab
    assert figures["stock_2014"].value == round(value("R17", "stock_2014"), 1)
    assert figures["stock_2018"].value == round(value("R17", "stock_now"), 1)
    pupils = next(f.value for f in finding["R19"].rule.says if f.id == "pupils")
    assert ilo.config.defaults["exposure"]["pupils_inhab"] == pupils


def test_what_the_sentences_say_follows_the_numbers(found):
    for lang in ("es", "en"):
        for report in found.reports(lang):
            assert report.meaning
            assert "{" not in report.meaning + report.note


def copied(folder: Path) -> Path:
    """Return a copy of the study area with its data and rules."""
    return Path(shutil.copytree(SHIPPED_AREA, folder / "ilo"))


def test_a_loaded_layer_changes_the_verdict_without_code(tmp_path):
    folder, workspace = copied(tmp_path), Workspace(tmp_path / "workspace")
    area = open_area(folder, workspace)
    before = next(f for f in coherence(area).findings if f.rule.id == "R19")
    assert [m.standing for m in before.measured] == [Standing.ABSENT]
    described = yaml.safe_load((folder / "schools" / "layer.yaml").read_text("utf-8"))
    described |= {
        "status": "official",
        "crs": "EPSG:4326",
        "file": "data.geojson",
        "source": "censo",
    }
    place = workspace.root / area.catalogue.workspace_id / "imported" / "schools"
    place.mkdir(parents=True)
    (place / "layer.yaml").write_text(yaml.safe_dump(described, allow_unicode=True), "utf-8")
    for n in (90, 95):
        shapes = gpd.points_from_xy([-71.34 + i / 1e4 for i in range(n)], [-17.64] * n)
        columns = {
            "name": [f"IE {i}" for i in range(n)],
            "management": ["public"] * n,
            "setting": ["urban"] * n,
        }
        gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326").to_file(place / "data.geojson")
        one = next(f for f in coherence(area).findings if f.rule.id == "R19")
        assert [m.value for m in one.measured] == [n]
        assert one.checks[-1].outcome is (Outcome.HOLDS if n == 95 else Outcome.FAILS)


def test_a_new_rule_is_a_file_and_is_read_while_the_area_is_open(tmp_path):
    folder = copied(tmp_path)
    area = open_area(folder, Workspace(tmp_path / "workspace"))
    assert len(coherence(area).findings) == 25
    words = {"es": "Grifos", "en": "Fuel stations"}
    rule = {
        "id": "M1",
        "title": words,
        "weight": "low",
        "says": [{"id": "n", "title": words, "value": 13, "line": 1, "quotation": "trece"}],
        "layers": [{"id": "mapped", "title": words, "measure": "count", "layer": "fuel_stations"}],
        "checks": [
            {
                "title": words,
                "left": "n",
                "relation": "==",
                "right": "mapped",
                "tolerance": 0,
                "otherwise": "notice",
            }
        ],
        "meaning": {"notice": words, "coherent": words},
    }
    content = {"title": words, "order": 9, "rules": [rule]}
    (folder / "plan" / "own.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    found = coherence(area)
    assert len(found.findings) == 26
    assert found.only(theme="own").findings[0].verdict == "coherent"


def test_a_faulty_folder_is_refused_with_every_fault_and_no_path(tmp_path):
    folder = copied(tmp_path)
    (folder / "plan" / "broken.yaml").write_text("a: [1", "utf-8")
    (folder / "plan" / "latin.yaml").write_bytes("título: ñ".encode("latin-1"))
    (folder / "plan" / "Bad Name.yaml").write_text("{}", "utf-8")
    (folder / "plan" / "empty.yaml").write_text("", "utf-8")
    with pytest.raises(SchemaError) as caught:
        coherence(open_area(folder, Workspace(tmp_path / "workspace")))
    said = str(caught.value)
    assert all(name in said for name in ("broken.yaml", "latin.yaml", "Bad Name.yaml", "empty:"))
    assert str(tmp_path) not in said
    assert "\n" not in said


def test_an_area_without_a_plan_has_no_rules(small_area):
    assert not has_rules(small_area)
    assert coherence(small_area).findings == ()
    with pytest.raises(InputError, match="no rules of a plan"):
        require_rules(small_area)


@pytest.mark.parametrize("asked", [{"theme": "moon"}, {"verdict": "fine"}, {"rule": "R99"}])
def test_what_is_not_there_is_refused(found, asked):
    with pytest.raises(ParameterError):
        found.only(**asked)


def test_themes_and_verdicts_share_out_the_rules(found):
    by_theme = [one.rule.id for theme in found.titles for one in found.only(theme=theme).findings]
    by_verdict = [one.rule.id for name in found.counts for one in found.only(verdict=name).findings]
    assert sorted(by_theme) == sorted(by_verdict) == sorted(one.rule.id for one in found.findings)
    assert sum(found.counts.values()) == 25


def test_the_gravest_come_first(found):
    order = pd.Index(["contradiction", "notice", "coherent", "no_data"])
    places = [order.get_loc(one.verdict.value) for one in found.findings]
    assert places == sorted(places)
