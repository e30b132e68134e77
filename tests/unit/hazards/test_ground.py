"""Ground hazards that come as layers with a level."""

import numpy as np
import pytest
import shapely
from few_people import CRS
from few_people import frame
from shapely import box

from ilo_geo.core.errors import CrsError
from ilo_geo.hazards.ground import GroundLayer
from ilo_geo.hazards.ground import ground_notices
from ilo_geo.hazards.ground import ground_rules
from ilo_geo.hazards.ground import ground_zones
from ilo_geo.io.catalogue import layer_schemas


def graded(*rows, accuracy_m=100.0, **columns):
    geometry, level = zip(*rows, strict=True)
    polygons = frame(list(geometry), level=list(level), source=[f"s{i}" for i in range(len(rows))])
    return GroundLayer(polygons.assign(**columns), accuracy_m)


def outlines(zones):
    return {(z.hazard, z.band, z.certainty): z.geometry for z in zones.itertuples()}


def test_a_mild_band_holds_the_graver_ones():
    layer = graded((box(0, 0, 1000, 1000), "medium"), (box(1000, 0, 2000, 1000), "very_high"))
    zones = ground_zones({"weak_construction": layer}, CRS)
    found = outlines(zones)
    assert set(zones["band"]) == {"medium", "very_high"}
    medium = found["weak_construction", "medium", "line"]
    assert medium.equals(box(0, 0, 2000, 1000))
    grave = found["weak_construction", "very_high", "line"]
    assert grave.equals(box(1000, 0, 2000, 1000))
    assert zones.loc["weak_construction/all/medium/line", "source"] == "s0; s1"


def test_the_edge_is_as_sure_as_the_layer_and_the_seam_between_rows_is_no_edge():
    """A straight edge: 5 % lies 1.645 σ outside, σ = accuracy / 1.96; certain keeps ±accuracy."""
    layer = graded((box(0, 0, 1000, 900), "high"), (box(1000, 0, 2000, 900), "high"))
    found = outlines(ground_zones({"saline_soils": layer}, CRS))
    sure = found["saline_soils", "high", "certain"]
    assert sure.symmetric_difference(box(100, 100, 1900, 800)).area < 1e-3
    west = found["saline_soils", "high", "possible"].bounds[0]
    assert west == pytest.approx(-1.644854 / 1.959964 * 100, abs=1e-3)


def test_a_row_of_its_own_accuracy_moves_by_that():
    layer = graded(
        (box(0, 0, 500, 500), "low"), (box(5000, 0, 5500, 500), "low"), accuracy_m=[10.0, None]
    )
    layer = GroundLayer(layer.polygons.assign(accuracy_m=[10.0, None]), 200.0)
    found = outlines(ground_zones({"dunes": layer}, CRS))
    sure = shapely.get_parts(found["dunes", "low", "certain"])
    widths = sorted(np.ptp(np.array(part.bounds)[[0, 2]]) for part in sure)
    assert widths == pytest.approx([100, 480])


def test_what_is_smaller_than_its_error_is_never_certain():
    layer = graded((box(0, 0, 150, 5000), "high"))
    found = outlines(ground_zones({"river_erosion": layer}, CRS))
    assert {certainty for _, _, certainty in found} == {"line", "possible"}


def test_an_empty_layer_draws_nothing_and_is_said_to_be_unknown():
    empty = GroundLayer(frame([]), None)
    layers = {"dunes": empty, "saline_soils": graded((box(0, 0, 900, 900), "medium"))}
    zones = ground_zones(layers, CRS)
    assert set(zones["hazard"]) == {"saline_soils"}
    (notice,) = ground_notices(layers)
    said = notice.text("es")
    assert "Dunas" in said
    assert "Erosión fluvial" in said
    assert "Suelos salinos" not in said
    assert ground_zones({"dunes": empty}, CRS).empty


def test_nothing_is_said_where_everything_is_drawn():
    layer = graded((box(0, 0, 900, 900), "medium"))
    assert ground_notices(dict.fromkeys(ground_rules().layers, layer)) == ()


def test_a_layer_in_another_system_is_refused():
    layer = graded((box(0, 0, 9, 9), "low"))
    moved = GroundLayer(layer.polygons.set_crs("EPSG:32718", allow_override=True), 10.0)
    with pytest.raises(CrsError):
        ground_zones({"dunes": moved}, CRS)


def test_every_ground_layer_has_a_schema_with_level_and_source():
    schemas = layer_schemas()
    for layer in ground_rules().layers:
        assert {"level", "source"} <= set(schemas[layer].columns)
