"""Models as they would be mounted: the distances on the ground between which each is good enough.

::

    far = min(ground range at the density asked for, upper edge of the picture)
    near = lower edge of the picture (the blind zone under the camera ends there)

Without a tilt asked for, each model looks down as far as it can without losing range.
"""

from __future__ import annotations

from dataclasses import dataclass

from ilo_geo.core.errors import ParameterError
from ilo_geo.security.cameras.parameters import ALL_MODELS
from ilo_geo.security.cameras.parameters import CameraParams
from ilo_geo.security.cameras.scene import Lens
from ilo_geo.security.optics import CameraModel
from ilo_geo.security.optics import DensityBand
from ilo_geo.security.optics import camera_models
from ilo_geo.security.optics import density_bands
from ilo_geo.security.optics import ground_band
from ilo_geo.security.optics import ground_range_m
from ilo_geo.security.optics import masking_rule
from ilo_geo.security.optics import range_m
from ilo_geo.security.optics import tilt_for_reach_deg

# between the edition of the standard and the band in it
SEPARATOR = ":"


@dataclass(frozen=True)
class Asked:
    """The band asked for, and every band of its edition, the coarsest first."""

    edition: str
    band: DensityBand
    bands: tuple[DensityBand, ...]


def asked_band(value: str) -> Asked:
    """Return the band that a parameter such as ``2014:observe`` names."""
    edition, _, name = value.partition(SEPARATOR)
    bands = density_bands(edition)
    band = next((band for band in bands if band.id == name), None)
    if band is None:
        raise ParameterError(
            "parameter.invalid",
            where="density_band",
            found=repr(value),
            expected=", ".join(f"{edition}{SEPARATOR}{band.id}" for band in bands),
        )
    return Asked(edition, band, bands)


def fixed_models(chosen: str) -> tuple[CameraModel, ...]:
    """Return the fixed models that may be bought; those that turn are reported apart."""
    fixed = {model.id: model for model in camera_models().values() if not model.is_ptz}
    if chosen == ALL_MODELS:
        return tuple(fixed.values())
    return (fixed[chosen],)


def tilt_of(model: CameraModel, density_px_m: float, params: CameraParams) -> float:
    """Return the tilt asked for, or else the steepest that loses no range, degrees."""
    if params.tilt_deg > 0:
        return params.tilt_deg
    reach_m = ground_range(model, density_px_m, params)
    return tilt_for_reach_deg(
        params.camera_height_m, model.vfov_deg, params.target_height_m, reach_m
    )


def ground_range(model: CameraModel, density_px_m: float, params: CameraParams) -> float:
    """Return how far on the ground a model gives a density, tilt aside; 0 where it never does."""
    slant_m = range_m(model, density_px_m)
    return ground_range_m(slant_m, params.camera_height_m, params.target_height_m)


def in_height(model: CameraModel, density_px_m: float, params: CameraParams) -> tuple[float, float]:
    """Return the ground distances between which a target lies inside the picture's height, m."""
    tilt_deg = tilt_of(model, density_px_m, params)
    height_m, target_m = params.camera_height_m, params.target_height_m
    return ground_band(height_m, tilt_deg, model.vfov_deg, target_m)


def lens_of(model: CameraModel, density_px_m: float, params: CameraParams) -> Lens:
    """Return a model as it would be mounted."""
    near_m, far_m = in_height(model, density_px_m, params)
    return Lens(
        id=model.id,
        hfov_deg=model.hfov_deg,
        near_m=near_m,
        far_m=min(far_m, ground_range(model, density_px_m, params)),
        mask_m=ground_range(model, masking_rule().density_px_m, params),
        price_soles=model.price_soles,
    )


def lenses_of(asked: Asked, params: CameraParams) -> tuple[Lens, ...]:
    """Return the models offered that see anything at the density asked for.

    Raises
    ------
    ParameterError
        The camera hangs no higher than the target, or no model sees at that density.
    """
    if params.camera_height_m <= params.target_height_m:
        raise ParameterError(
            "cameras.too_low",
            camera=f"{params.camera_height_m:g}",
            target=f"{params.target_height_m:g}",
        )
    models = fixed_models(params.camera_model)
    lenses = [lens_of(model, asked.band.density_px_m, params) for model in models]
    usable = tuple(lens for lens in lenses if lens.near_m < lens.far_m)
    if not usable:
        raise ParameterError(
            "cameras.never_sharp",
            density=f"{asked.band.density_px_m:g}",
            height=f"{params.camera_height_m:g}",
            tilt=f"{params.tilt_deg:g}",
        )
    return usable
