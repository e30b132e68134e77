import json
from dataclasses import replace
from pathlib import Path

import pytest

from ilo_geo.core.results import AnalysisResult
from ilo_geo.green.classes import supply_scale
from ilo_geo.services.areas import Area
from ilo_geo.services.exports import FORMATS
from ilo_geo.services.exports import export_result
from ilo_geo.services.green import green_parameter_specs
from ilo_geo.services.green import green_parameters


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format_is_written_where_asked(
    toy_result: AnalysisResult, tmp_path: Path, fmt: str
) -> None:
    path = export_result(toy_result, fmt, tmp_path / "new" / f"green.{fmt}", lang="en")
    assert [p.name for p in path.parent.iterdir()] == [f"green.{fmt}"]
    assert path.stat().st_size > 0


def test_green_tables_are_drawn_by_the_supply_scale(
    toy_result: AnalysisResult, tmp_path: Path
) -> None:
    path = export_result(toy_result, "geojson", tmp_path / "green.geojson")
    features = json.loads(path.read_text("utf-8"))["features"]
    classes = [f["properties"].get("supply_class") for f in features]
    values = toy_result.tables["zones"]["green_m2_per_inhab"]
    assert classes == [*supply_scale().class_ids(values), None]


def test_an_analysis_without_scale_is_exported_too(
    toy_result: AnalysisResult, tmp_path: Path
) -> None:
    unknown = replace(toy_result, analysis="other")
    path = export_result(unknown, "html", tmp_path / "other.html")
    assert "Fuentes" in path.read_text("utf-8")


def test_a_green_export_names_its_population_base(
    small_area: Area, toy_result: AnalysisResult, tmp_path: Path
) -> None:
    params = green_parameters(small_area, {})
    result = replace(toy_result, parameters=params.model_dump())
    specs = green_parameter_specs(small_area)
    path = export_result(result, "html", tmp_path / "green.html", specs=specs)
    base = small_area.config.population_bases[0]
    assert params.population_base == base.id
    assert f"Base de población: {base.title.es} ·" in path.read_text("utf-8")


@pytest.mark.parametrize("shown", ["zones", "parks"])
def test_the_page_opens_on_the_table_asked_for(
    toy_result: AnalysisResult, tmp_path: Path, shown: str
) -> None:
    parks = toy_result.tables["parks"].assign(green_m2_per_inhab=1.0)
    result = replace(toy_result, tables={**toy_result.tables, "parks": parks})
    page = export_result(result, "html", tmp_path / "p.html", shown=shown).read_text("utf-8")
    # only the zones have one without inhabitants, so only their legend names that class
    assert ("Sin habitantes <small>" in page) is (shown == "zones")
