"""The shape of a proposal: one point, line or polygon inside the city, of a size one can draw."""

from __future__ import annotations

import hashlib
import re

import shapely

from ilo_geo.core.errors import InputError
from ilo_geo.proposals.rulebook import rulebook

SHAPES = {
    "Point": "point",
    "LineString": "line",
    "MultiLineString": "line",
    "Polygon": "polygon",
    "MultiPolygon": "polygon",
    "MultiPoint": "point",
}


def require_shape(shape: shapely.Geometry, kind: str, within: shapely.Geometry | None) -> None:
    """Refuse what cannot be the shape of a proposal.

    Parameters
    ----------
    shape
        In metres, as ``within``.
    kind
        Of the proposal: some kinds are points only, some have an extent.
    within
        The city with its margin, None where its outline is not known.

    Raises
    ------
    InputError
        It is empty, of another kind, has too many corners, crosses itself, or lies outside.
    """
    book = rulebook()
    found = SHAPES.get(shape.geom_type)
    expected = book.kinds[kind].shapes
    if shape.is_empty or found not in expected:
        raise InputError(
            "council.shape_kind", found=found or shape.geom_type, expected=", ".join(expected)
        )
    n_points, most = int(shapely.get_num_coordinates(shape)), book.limits.geometry_points
    if n_points > most:
        raise InputError("council.shape_points", found=n_points, most=most)
    if not shape.is_valid:
        raise InputError("council.shape_invalid", found=_place_of_fault(shape))
    if within is not None and not within.contains(shape):
        middle = shape.centroid
        raise InputError("council.shape_outside", found=f"{middle.x:.0f}, {middle.y:.0f}")


def shape_sha256(wkb: bytes) -> str:
    """Return the fingerprint of a stored shape."""
    return hashlib.sha256(wkb).hexdigest()


def _place_of_fault(shape: shapely.Geometry) -> str:
    """Return where a shape is faulty, in whole metres; the reason is said by our own words."""
    numbers = re.findall(r"-?\d+(?:\.\d+)?", shapely.is_valid_reason(shape))
    return ", ".join(f"{float(number):.0f}" for number in numbers[:2]) + " m"
