from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_geo.core.errors import ParameterError
from ilo_geo.security.optics import camera_models
from ilo_geo.security.optics import density_bands
from ilo_geo.security.optics import edition
from ilo_geo.security.optics import field_of_view_deg
from ilo_geo.security.optics import ground_band
from ilo_geo.security.optics import ground_range_m
from ilo_geo.security.optics import masking_rule
from ilo_geo.security.optics import range_m
from ilo_geo.security.optics import range_of_field_m
from ilo_geo.security.optics import reach
from ilo_geo.security.optics import reported
from ilo_geo.security.optics import scene_heights
from ilo_geo.security.optics import tilt_for_reach_deg

MODELS = list(camera_models().values())


@pytest.mark.parametrize(
    ("density_px_m", "expected_m"), [(25, 56.9), (63, 22.6), (125, 11.4), (250, 5.7)]
)
def test_full_hd_with_a_sensor_of_5_4_mm_and_a_lens_of_4_mm(
    density_px_m: float, expected_m: float
) -> None:
    camera = camera_models()["fixed_1080p_4mm"]
    assert (camera.width_px, camera.sensor_width_mm, camera.focal_mm) == (1920, 5.4, 4.0)
    assert range_m(camera, density_px_m) == pytest.approx(expected_m, abs=0.05)


@pytest.mark.parametrize(
    ("width_px", "hfov_deg", "expected_m"),
    [
        (1920, 60, (66.5, 26.6, 13.3, 6.7)),
        (2560, 60, (88.7, 35.5, 17.7, 8.9)),
        (3840, 60, (133, 53.2, 26.6, 13.3)),
        (3840, 90, (76.8, 30.7, 15.4, 7.7)),
    ],
)
def test_the_ranges_of_the_domain_table(
    width_px: int, hfov_deg: float, expected_m: tuple[float, ...]
) -> None:
    found = [range_of_field_m(width_px, hfov_deg, density) for density in (25, 62.5, 125, 250)]
    assert found == pytest.approx(expected_m, abs=0.051)


@given(st.floats(2, 10), st.floats(2, 50), st.integers(640, 8000), st.floats(10, 1500))
def test_at_its_range_the_width_of_the_field_holds_the_pixels_of_the_density(
    sensor_mm: float, focal_mm: float, width_px: int, density_px_m: float
) -> None:
    far_m = range_of_field_m(width_px, field_of_view_deg(sensor_mm, focal_mm), density_px_m)
    # similar triangles: the field is as wide at far_m as the sensor is at the focal length
    assert far_m * sensor_mm / focal_mm * density_px_m == pytest.approx(width_px)


def test_the_bands_of_both_editions() -> None:
    assert {band.id: band.density_px_m for band in density_bands(2014)} == {
        "monitor": 12.5, "detect": 25, "observe": 62.5, "recognise": 125, "identify": 250,
    }  # fmt: skip
    assert {band.id: band.density_px_m for band in density_bands("2024")} == {
        "overview": 20, "outline": 40, "discern": 80, "perceive": 125, "characterise": 250,
        "validate": 500, "scrutinise": 1500,
    }  # fmt: skip
    for name in (2014, 2024):
        assert "62676-4" in edition(name).source
        assert all(band.title.es and band.title.en for band in density_bands(name))


def test_an_unknown_edition_is_an_error_that_lists_the_known() -> None:
    with pytest.raises(ParameterError, match="2014, 2024"):
        density_bands(1999)


def test_models_are_plausible_and_say_that_they_are_not_verified() -> None:
    assert {model.is_ptz for model in MODELS} == {True, False}
    for model in MODELS:
        assert model.verified == "NV"
        assert 6 <= model.height_m <= 8
        assert 10 < model.hfov_deg < 110
        assert model.vfov_deg < model.hfov_deg
        assert model.price_soles > 0
        assert model.bitrate_mbit_s > 0


def test_a_camera_that_zooms_trades_width_for_distance_and_is_reported_apart() -> None:
    for model in MODELS:
        far = reach(model, reported().detection.density_px_m)
        near = reach(model, reported().recognition.density_px_m)
        assert near.zoom_range_m == pytest.approx(far.zoom_range_m / 5)
        assert far.is_ptz == model.is_ptz
        if model.is_ptz:
            assert far.zoom_range_m > 10 * far.wide_range_m
            assert far.zoom_hfov_deg < 5 < far.wide_hfov_deg
            assert far.over_time_m2 == pytest.approx(math.pi * far.zoom_range_m**2)
            assert far.wide_at_once_m2 < far.zoom_at_once_m2 < far.over_time_m2 / 50
        else:
            assert far.over_time_m2 == far.wide_at_once_m2 == far.zoom_at_once_m2


def test_no_zoom_is_believed_beyond_the_limit() -> None:
    zoom = next(model for model in MODELS if model.is_ptz)
    limit_m = reported().zoom_limit_m
    assert range_m(zoom, 25, zoomed=True) > limit_m
    assert reach(zoom, 25, limit_m=limit_m).zoom_range_m == limit_m
    assert reach(zoom, 25, limit_m=limit_m).wide_range_m == range_m(zoom, 25)


def test_the_blind_zone_and_the_end_of_the_field_by_hand() -> None:
    # 5.3 m above the face: 45 degrees down at 5.3 m, 15 degrees down at 5.3 / tan(15)
    near_m, far_m = ground_band(7.0, 30, 30, 1.7)
    assert near_m == pytest.approx(5.3)
    assert far_m == pytest.approx(5.3 / math.tan(math.radians(15)))
    assert ground_band(7.0, 10, 40, 1.7)[1] == math.inf
    assert ground_band(7.0, 70, 40, 1.7)[0] == 0.0
    assert ground_band(7.0, -30, 40, 1.7) == (math.inf, math.inf)


@given(st.floats(4, 12), st.floats(5, 80), st.floats(5, 200))
def test_the_tilt_for_a_reach_puts_it_on_the_upper_edge(
    height_m: float, vfov_deg: float, reach_m: float
) -> None:
    tilt_deg = tilt_for_reach_deg(height_m, vfov_deg, 1.7, reach_m)
    near_m, far_m = ground_band(height_m, tilt_deg, vfov_deg, 1.7)
    assert far_m == pytest.approx(reach_m)
    assert near_m < far_m
    assert ground_band(height_m, tilt_deg + 1, vfov_deg, 1.7)[1] < reach_m


def test_a_slant_is_shorter_on_the_ground() -> None:
    assert ground_range_m(5.3 * math.sqrt(2), 7.0, 1.7) == pytest.approx(5.3)
    assert ground_range_m(5.0, 7.0, 1.7) == 0.0


def test_heights_and_the_rule_of_masking_have_a_source() -> None:
    assert scene_heights().target_height_m == 1.7
    assert scene_heights().building_height_m == 6.0
    rule = masking_rule()
    assert (rule.density_px_m, rule.depth_m, rule.verified) == (125, 0.5, "NV")
    assert "30120" in rule.source
    assert "0.5 m" in rule.rule.es
    assert "0.5 m" in rule.rule.en
