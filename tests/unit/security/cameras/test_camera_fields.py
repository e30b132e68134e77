"""Areas seen by pixel density, what is masked of them, and what turns and zooms told apart."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from camera_town import town_inputs
from camera_town import town_params

from ilo_geo.core.errors import ParameterError
from ilo_geo.security.cameras.fields import overlaps
from ilo_geo.security.cameras.fields import rings_of
from ilo_geo.security.cameras.mounting import asked_band
from ilo_geo.security.cameras.mounting import lens_of
from ilo_geo.security.cameras.mounting import lenses_of
from ilo_geo.security.cameras.ptz import ptz_ranges
from ilo_geo.security.cameras.question import camera_scene
from ilo_geo.security.cameras.rules import camera_rules
from ilo_geo.security.cameras.storage import storage_gb
from ilo_geo.security.cameras.storage import storage_table
from ilo_geo.security.cameras.tables import Chosen
from ilo_geo.security.cameras.tables import Drawn
from ilo_geo.security.cameras.tables import field_table
from ilo_geo.security.cameras.tables import masked_table
from ilo_geo.security.optics import camera_models

MODEL = camera_models()["fixed_1080p_4mm"]


def drawn_of_all(**changes: object) -> tuple[Chosen, Drawn]:
    """Return thirty views of the town as if all of them had been chosen."""
    inputs, params = town_inputs(), town_params(**changes)
    scene = camera_scene(inputs, params, camera_rules())
    some = np.random.default_rng(2).choice(len(scene.views), 30, replace=False)
    chosen = Chosen.of(
        type(scene)(**{**vars(scene), "question": unlimited(scene.question)}), np.sort(some)
    )
    return chosen, Drawn.of(chosen, inputs, params)


def unlimited(question: object) -> object:
    """Return the question without pairs that are kept apart."""
    return type(question)(**{**vars(question), "apart": np.zeros((0, 2), dtype=np.int64)})


def test_a_mounted_model_sees_on_the_ground_from_its_blind_zone_to_its_density() -> None:
    """1080p, 5.4 mm sensor, 4 mm lens, 62.5 px/m: 22.8 m in the air, by hand."""
    params = town_params(camera_height_m=7.0, target_height_m=1.7)
    lens = lens_of(MODEL, 62.5, params)
    slant_m = 1920 / (2 * 62.5 * (5.4 / 2 / 4.0))
    assert lens.far_m == pytest.approx(math.sqrt(slant_m**2 - 5.3**2))
    half_height = math.atan(5.4 * 1080 / 1920 / 2 / 4.0)
    steepest = math.atan(5.3 / lens.far_m) + half_height
    assert lens.near_m == pytest.approx(5.3 / math.tan(steepest + half_height))


def test_a_tilt_asked_for_bounds_what_is_seen() -> None:
    half_height = math.atan(5.4 * 1080 / 1920 / 2 / 4.0)
    lens = lens_of(MODEL, 25.0, town_params(tilt_deg=40.0))
    assert lens.near_m == pytest.approx(5.3 / math.tan(math.radians(40) + half_height))
    assert lens.far_m == pytest.approx(5.3 / math.tan(math.radians(40) - half_height))


def test_a_camera_below_its_target_or_never_sharp_is_refused() -> None:
    asked = asked_band("2014:observe")
    with pytest.raises(ParameterError, match="must exceed"):
        lenses_of(asked, town_params(camera_height_m=3.0, target_height_m=3.0))
    with pytest.raises(ParameterError, match="No model offered sees at 1500 px/m"):
        lenses_of(asked_band("2024:scrutinise"), town_params(camera_model=MODEL.id))
    with pytest.raises(ParameterError, match="density_band"):
        asked_band("2014:perceive")


@pytest.mark.parametrize("band", ["2014:detect", "2014:recognise", "2024:outline", "2024:perceive"])
def test_rings_lie_side_by_side_from_the_blind_zone_to_the_range(band: str) -> None:
    asked, params = asked_band(band), town_params()
    rings = rings_of(MODEL, asked, params)
    lens = lens_of(MODEL, asked.band.density_px_m, params)
    assert rings[0].to_m == pytest.approx(lens.far_m)
    assert rings[-1].from_m == pytest.approx(lens.near_m)
    for coarse, fine in pairwise(rings):
        assert coarse.from_m == fine.to_m
        assert coarse.band.density_px_m < fine.band.density_px_m


def test_every_place_a_camera_counts_lies_in_its_counted_fields() -> None:
    chosen, drawn = drawn_of_all()
    scene = chosen.scene
    points = shapely.points(scene.demand.xy)
    n_seen = 0
    for camera, view in enumerate(chosen.views):
        seen = scene.views.reach[[view]].indices
        # the rim of a drawn sector is of chords of 5 degrees: 0.06 % of the range off the circle
        slack_m = 0.002 * chosen.hung.lenses[camera].far_m
        distance_m = shapely.distance(drawn.counted(camera), points[seen])
        assert (distance_m <= slack_m).all()
        inner = shapely.buffer(drawn.counted(camera), -slack_m)
        assert set(np.flatnonzero(shapely.within(points, inner))) <= set(seen)
        n_seen += len(seen)
    assert n_seen > 60


def test_masked_ground_is_in_no_field_and_is_listed_by_dwelling() -> None:
    chosen, drawn = drawn_of_all()
    fields, masked = field_table(chosen, drawn), masked_table(chosen, drawn)
    total_m2 = 0.0
    for name, one in zip(chosen.ids, drawn.masked, strict=True):
        own = shapely.union_all(fields.loc[fields["camera"] == name].geometry.to_numpy())
        assert own.intersection(one.masked).area < 1e-6
        listed = masked.loc[masked["camera"] == name, "masked_area_m2"].sum()
        assert listed >= one.masked.area - 1e-6
        total_m2 += one.masked.area
    assert total_m2 > 1.0
    assert set(masked["dwelling"]) <= set(town_inputs().dwellings.index)


def test_bands_finer_than_asked_count_and_coarser_ones_do_not() -> None:
    chosen, drawn = drawn_of_all(tilt_deg=20.0, density_band="2014:recognise")
    table = field_table(chosen, drawn)
    assert (table["counted"] == (table["density_px_m"] >= 125)).all()
    assert set(table["density_band"]) == {"monitor", "detect", "observe", "recognise", "identify"}


def test_overlap_is_the_largest_share_that_one_other_field_covers() -> None:
    shapes = [shapely.box(0, 0, 10, 10), shapely.box(8, 0, 12, 10), shapely.box(50, 0, 51, 1)]
    assert overlaps(shapes).tolist() == pytest.approx([0.2, 0.5, 0.0])
    assert overlaps([shapely.Polygon(), shapely.box(0, 0, 1, 1)]).tolist() == [0.0, 0.0]


def test_storage_of_forty_five_days_by_hand() -> None:
    """4 Mbit/s are 0.5 MB/s, 43.2 GB a day, 1,944 GB in 45 days."""
    assert storage_gb(4.0, 45.0) == pytest.approx(1944.0)
    models = [MODEL, camera_models()["fixed_4k_4mm"], MODEL]
    table = storage_table(models, camera_rules().storage_days.value)
    assert table.loc[MODEL.id, "total_gb"] == pytest.approx(3888.0)
    assert table.loc[MODEL.id, "arithmetic"].endswith("÷ 8 ÷ 1,000 = 3,888 GB")
    assert table["n_cameras"].sum() == 3


def test_a_camera_that_zooms_recognises_as_its_pixels_allow_and_detects_to_the_limit() -> None:
    """125 px/m by hand; at 25 px/m its pixels reach 1,920 m, haze and aim do not."""
    ranges = ptz_ranges(camera_models()["ptz_1080p_30x"], town_params())
    slant = {name: math.hypot(value, 5.3) for name, value in ranges.items()}
    assert slant["recognition"] == pytest.approx(1920 / (2 * 125 * (5.4 / 2 / 135)))
    assert slant["detection"] == pytest.approx(500.0)
