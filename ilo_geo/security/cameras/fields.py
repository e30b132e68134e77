"""What the chosen cameras see, as areas: by band of pixel density, less the masked strips.

The ring of a band lies between the distance at which the next finer band ends and its own. Bands
coarser than the one asked for are drawn as far as the picture shows them, but count for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from ilo_geo.security.cameras.mounting import Asked
from ilo_geo.security.cameras.mounting import ground_range
from ilo_geo.security.cameras.mounting import in_height
from ilo_geo.security.cameras.parameters import CameraParams
from ilo_geo.security.cameras.uncertainty import Hung
from ilo_geo.security.optics import CameraModel
from ilo_geo.security.optics import DensityBand
from ilo_geo.security.optics import camera_models
from ilo_geo.security.optics import masking_rule
from ilo_geo.security.visibility import sector
from ilo_geo.security.visibility.masking import MaskedArea
from ilo_geo.security.visibility.masking import masked_area
from ilo_geo.siting.problem import Floats

# thinner rings are rounding of two equal distances
THIN_M = 1e-6


@dataclass(frozen=True)
class Ring:
    """The ground distances at which a camera gives a band and none finer."""

    band: DensityBand
    from_m: float
    to_m: float


@dataclass(frozen=True)
class Field:
    """The part of a ring that one camera sees and nothing masks."""

    camera: int
    ring: Ring
    counted: bool
    shape: shapely.Geometry


def rings_of(model: CameraModel, asked: Asked, params: CameraParams) -> tuple[Ring, ...]:
    """Return the rings of a mounted model, the coarsest band first; those that are void are out."""
    near_m, far_m = in_height(model, asked.band.density_px_m, params)
    ends = [min(ground_range(model, b.density_px_m, params), far_m) for b in asked.bands]
    rings = (
        Ring(band, max(finer_end, near_m), end)
        for band, finer_end, end in zip(asked.bands, [*ends[1:], 0.0], ends, strict=True)
    )
    return tuple(ring for ring in rings if ring.to_m - ring.from_m > THIN_M)


def widest_m(models: tuple[CameraModel, ...], asked: Asked, params: CameraParams) -> float:
    """Return how far the coarsest ring of any of the models reaches."""
    return max(ring.to_m for model in models for ring in rings_of(model, asked, params))


def camera_fields(
    hung: Hung, sight: np.ndarray, dwellings: gpd.GeoSeries, asked: Asked, params: CameraParams
) -> tuple[list[Field], list[MaskedArea]]:
    """Return what each camera sees by band, and camera by camera what is masked of it.

    Parameters
    ----------
    sight
        What is seen all around from each camera, as far as the coarsest ring.
    dwellings
        Footprints whose windows are masked as far as a person could be recognised.
    """
    models, depth_m = camera_models(), masking_rule().depth_m
    fields: list[Field] = []
    masked: list[MaskedArea] = []
    for camera, (xy, heading, lens) in enumerate(
        zip(hung.xy, hung.heading_deg, hung.lenses, strict=True)
    ):
        rings = rings_of(models[lens.id], asked, params)
        ends = rings[-1].from_m, rings[0].to_m
        picture = sector(sight[camera], xy, heading, lens.hfov_deg, *ends)
        parted = masked_area(
            picture, xy, dwellings, recognition_range_m=lens.mask_m, depth_m=depth_m
        )
        masked.append(parted)
        for ring in rings:
            shape = sector(parted.open, xy, heading, lens.hfov_deg, ring.from_m, ring.to_m)
            counted = ring.band.density_px_m >= asked.band.density_px_m
            fields.append(Field(camera, ring, counted, shape))
    return fields, masked


def overlaps(shapes: list[shapely.Geometry]) -> Floats:
    """Return the largest share of each shape's area that one single other shape covers."""
    worst = np.zeros(len(shapes))
    own = np.array(shapes, dtype=object)
    one, other = shapely.STRtree(own).query(own, predicate="intersects")
    pairs = one != other
    one, other = one[pairs], other[pairs]
    area_m2 = shapely.area(own)
    shared = shapely.area(shapely.intersection(own[one], own[other]))
    sized = area_m2[one] > 0
    np.maximum.at(worst, one[sized], shared[sized] / area_m2[one][sized])
    return worst
