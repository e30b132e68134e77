import json
from dataclasses import replace
from pathlib import Path

import pytest

from ilo_geo.core.results import AnalysisResult
from ilo_geo.green.classes import supply_scale
from ilo_geo.services.exports import FORMATS
from ilo_geo.services.exports import export_result


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
