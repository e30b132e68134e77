"""QGIS shows the colours of the planner's own map."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ilo_geo.core.schema import GeometryKind
from ilo_geo.io.layer_styles import Look
from ilo_geo.io.layer_styles import layer_styles
from ilo_geo.io.layer_styles import vector_renderer

REPO = Path(__file__).parents[3]
MAP_STYLES: dict[str, dict[str, Any]] = yaml.safe_load(
    (REPO / "dash_app" / "components" / "map_styles.yaml").read_text("utf-8")
)


@pytest.mark.parametrize("layer_id", MAP_STYLES)
def test_a_layer_has_the_colours_it_has_on_the_map(layer_id: str) -> None:
    on_map, look = MAP_STYLES[layer_id], layer_styles().layers[layer_id]
    filled = on_map["style"].get("fill", True)
    assert look.line == on_map["style"]["color"]
    assert look.fill == (on_map["style"].get("fillColor") if filled else None)
    classes = {row.value: row for row in look.classes}
    assert set(classes) == set(on_map.get("styles", {}))
    for value, own in on_map.get("styles", {}).items():
        assert classes[value].line == own.get("color")
        assert classes[value].fill == own.get("fillColor")


def test_a_value_with_quotes_stays_one_value() -> None:
    row = {"value": "O'Higgins", "title": {"es": "O", "en": "O"}, "line": "#000000"}
    look = Look(line="#FFFFFF", width_mm=1, by='odd"name', classes=(row,))  # type: ignore[arg-type]
    renderer = vector_renderer(look, GeometryKind.LINE, "es", modelled=False)
    rule = renderer.find("rules/rule")
    assert rule is not None
    assert rule.get("filter") == "\"odd\"\"name\" = 'O''Higgins'"
