"""How far a camera sees well enough: field of view, pixel density, tilt.

Pixel density is how many pixels of the image's width a metre across the view gets. A pinhole
without distortion, square pixels, target facing the camera. What is not modelled: night, haze,
contrast, motion, compression: on the street a camera does less than its pixels allow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Annotated
from typing import Any

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from ilo_geo.core.errors import ParameterError
from ilo_geo.core.parameters import Verified
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml

Positive = Annotated[float, Field(gt=0)]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Cited(_Data):
    source: str
    verified: Verified


class CameraModel(_Cited):
    """A kind of camera one can buy.

    ``focal_mm`` is the widest setting, ``focal_max_mm`` the longest of one that zooms and turns
    (PTZ); ``price_soles`` is of the camera alone; ``height_m`` is where it is mounted above the
    ground, 6 to 8 m.
    """

    id: str
    title: Text
    width_px: Annotated[int, Field(gt=0)]
    height_px: Annotated[int, Field(gt=0)]
    sensor_width_mm: Positive
    focal_mm: Positive
    focal_max_mm: Positive | None = None
    price_soles: Annotated[float, Field(ge=0)]
    bitrate_mbit_s: Annotated[float, Field(ge=0)]
    height_m: Annotated[float, Field(ge=2, le=30)]

    @property
    def is_ptz(self) -> bool:
        """Return whether it turns and zooms."""
        return self.focal_max_mm is not None

    @property
    def hfov_deg(self) -> float:
        """Return the horizontal field of view at its widest, degrees."""
        return field_of_view_deg(self.sensor_width_mm, self.focal_mm)

    @property
    def zoom_hfov_deg(self) -> float:
        """Return the horizontal field at full zoom; that of a fixed camera is its only one."""
        return field_of_view_deg(self.sensor_width_mm, self.focal_max_mm or self.focal_mm)

    @property
    def vfov_deg(self) -> float:
        """Return the vertical field of view at its widest, degrees (square pixels)."""
        sensor_height_mm = self.sensor_width_mm * self.height_px / self.width_px
        return field_of_view_deg(sensor_height_mm, self.focal_mm)


class DensityBand(_Data):
    """What a pixel density is enough for."""

    id: str
    density_px_m: Positive
    title: Text


class Edition(_Cited):
    """The bands of one edition of IEC 62676-4, the coarsest first."""

    title: Text
    bands: tuple[DensityBand, ...]


class Threshold(_Data):
    """A pixel density at which cameras are compared."""

    density_px_m: Positive
    title: Text


class Reported(_Cited):
    """The two thresholds at which a camera that zooms is reported, and how far it is believed.

    ``zoom_limit_m`` stands for haze, vibration and aim, which the pixels of a lens do not know.
    """

    detection: Threshold
    recognition: Threshold
    zoom_limit_m: Positive


class SceneHeights(_Cited):
    """Heights above the ground where no layer knows better, m."""

    target_height_m: Positive
    storey_height_m: Positive
    building_height_m: Positive


class MaskingRule(_Cited):
    """Which façades of dwellings are masked, and how deep."""

    density_px_m: Positive
    depth_m: Positive
    rule: Text


@cache
def _data() -> dict[str, Any]:
    table: dict[str, Any] = load_package_yaml("ilo_geo.security", "cameras.yaml")
    return table


@cache
def _models() -> tuple[CameraModel, ...]:
    return tuple(CameraModel(id=key, **spec) for key, spec in _data()["models"].items())


def camera_models() -> dict[str, CameraModel]:
    """Return every camera model by its id."""
    return {model.id: model for model in _models()}


@cache
def edition(name: str | int) -> Edition:
    """Return an edition of IEC 62676-4 (``2014`` or ``2024``) with its source."""
    editions = _data()["editions"]
    if str(name) not in editions:
        expected = ", ".join(editions)
        raise ParameterError(
            "parameter.invalid", where="edition", found=repr(name), expected=expected
        )
    return Edition.model_validate(editions[str(name)])


def density_bands(name: str | int) -> tuple[DensityBand, ...]:
    """Return the quality bands of an edition (``2014`` or ``2024``), the coarsest first."""
    return edition(name).bands


@cache
def reported() -> Reported:
    """Return the thresholds of detection and recognition."""
    return Reported.model_validate(_data()["reported"])


@cache
def scene_heights() -> SceneHeights:
    """Return the heights taken where no layer knows better."""
    return SceneHeights.model_validate(_data()["scene"])


@cache
def masking_rule() -> MaskingRule:
    """Return the rule by which windows of dwellings are masked."""
    return MaskingRule.model_validate(_data()["masking"])


def field_of_view_deg(sensor_mm: float, focal_mm: float) -> float:
    """Return the angle a lens sees across a sensor: ``2 * atan(sensor / (2 * focal))``."""
    return math.degrees(2 * math.atan(sensor_mm / (2 * focal_mm)))


def range_of_field_m(width_px: float, hfov_deg: float, density_px_m: float) -> float:
    """Return how far an image of a width and a field gives a density.

    ``range = width_px / (2 * density * tan(hfov / 2))``, measured along the optical axis.
    """
    return width_px / (2 * density_px_m * math.tan(math.radians(hfov_deg) / 2))


def range_m(model: CameraModel, density_px_m: float, *, zoomed: bool = False) -> float:
    """Return how far a camera sees at a pixel density, m, at its widest or zoomed in full."""
    hfov_deg = model.zoom_hfov_deg if zoomed else model.hfov_deg
    return range_of_field_m(model.width_px, hfov_deg, density_px_m)


def ground_range_m(slant_m: float, camera_height_m: float, target_height_m: float) -> float:
    """Return the distance on the ground of a target at a distance in the air; 0 if out of reach."""
    drop_m = camera_height_m - target_height_m
    return math.sqrt(max(0.0, slant_m**2 - drop_m**2))


def ground_band(
    camera_height_m: float, tilt_deg: float, vfov_deg: float, target_height_m: float
) -> tuple[float, float]:
    """Return the ground distances between which a target lies inside the image's height, m.

    Parameters
    ----------
    camera_height_m, target_height_m
        Above the ground, which is taken as flat; the target must be lower than the camera.
    tilt_deg
        Of the optical axis below the horizon.
    vfov_deg
        Vertical field of view.

    Returns
    -------
    near_m, far_m
        ``(H - h) / tan(tilt ± vfov / 2)``: the blind zone under the camera ends at the first; the
        second is infinite where the upper edge of the image reaches the horizon. Both infinite if
        it looks at the sky only.
    """
    drop_m = camera_height_m - target_height_m
    lower_deg, upper_deg = tilt_deg + vfov_deg / 2, tilt_deg - vfov_deg / 2
    if lower_deg <= 0:
        return math.inf, math.inf
    near_m = 0.0 if lower_deg >= 90 else drop_m / math.tan(math.radians(lower_deg))
    far_m = math.inf if upper_deg <= 0 else drop_m / math.tan(math.radians(min(upper_deg, 90.0)))
    return near_m, far_m


def tilt_for_reach_deg(
    camera_height_m: float, vfov_deg: float, target_height_m: float, reach_m: float
) -> float:
    """Return the tilt that puts a target at ``reach_m`` on the image's upper edge.

    It is the steepest tilt that loses nothing of the range, so the blind zone is the smallest.
    """
    drop_m = camera_height_m - target_height_m
    return math.degrees(math.atan2(drop_m, reach_m)) + vfov_deg / 2


@dataclass(frozen=True)
class Reach:
    """What a camera reaches at one pixel density, without obstacles or blind zone.

    What one image takes in is one thing, what a camera that turns and zooms may reach another, and
    the two are never added: while it looks at one place it is blind to the rest.

    Attributes
    ----------
    density_px_m
        The density.
    is_ptz
        Whether it turns and zooms.
    wide_range_m, wide_hfov_deg
        At the widest setting.
    zoom_range_m, zoom_hfov_deg
        Zoomed in full: farther, and a sliver at a time. A fixed camera's are those of ``wide``.
    """

    density_px_m: float
    is_ptz: bool
    wide_range_m: float
    wide_hfov_deg: float
    zoom_range_m: float
    zoom_hfov_deg: float

    @property
    def wide_at_once_m2(self) -> float:
        """Return the area of one image at the widest setting."""
        return _sector_m2(self.wide_range_m, self.wide_hfov_deg)

    @property
    def zoom_at_once_m2(self) -> float:
        """Return the area of one image zoomed in full."""
        return _sector_m2(self.zoom_range_m, self.zoom_hfov_deg)

    @property
    def over_time_m2(self) -> float:
        """Return the area it may reach by turning, never all at the same moment."""
        if not self.is_ptz:
            return self.wide_at_once_m2
        return _sector_m2(self.zoom_range_m, 360.0)


def _sector_m2(radius_m: float, angle_deg: float) -> float:
    return math.radians(angle_deg) / 2 * radius_m**2


def reach(model: CameraModel, density_px_m: float, *, limit_m: float = math.inf) -> Reach:
    """Return what a camera reaches at a pixel density, no farther than ``limit_m``."""
    return Reach(
        density_px_m=density_px_m,
        is_ptz=model.is_ptz,
        wide_range_m=min(limit_m, range_m(model, density_px_m)),
        wide_hfov_deg=model.hfov_deg,
        zoom_range_m=min(limit_m, range_m(model, density_px_m, zoomed=True)),
        zoom_hfov_deg=model.zoom_hfov_deg,
    )
