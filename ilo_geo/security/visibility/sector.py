"""The part of what is seen that a camera of a heading, a field and a range takes in."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# longest step of an arc
STEP_DEG = 5.0
WHOLE_TURN_DEG = 360.0


def arc_radius(radius_m: float, step_rad: float) -> float:
    """Return the radius of the corners that give chords of a step the area of the true arc.

    A chord's triangle has the area ``R**2 * sin(step) / 2``, the arc's sector ``r**2 * step / 2``.
    """
    return radius_m * float(np.sqrt(step_rad / np.sin(step_rad)))


def wedge(
    xy: ArrayLike, heading_deg: float, hfov_deg: float, near_m: float, far_m: float
) -> shapely.Polygon:
    """Return the free field of a camera: a ring sector of exactly its true area.

    Parameters
    ----------
    xy
        Place of the camera, m.
    heading_deg
        Middle of the field, degrees clockwise from north (the y axis).
    hfov_deg
        Width of the field; 360 or more looks all around.
    near_m, far_m
        Ground distances between which it sees, m.
    """
    if not (hfov_deg > 0 and 0 <= near_m < far_m):
        return shapely.Polygon()
    width_deg = min(float(hfov_deg), WHOLE_TURN_DEG)
    n_steps = max(3, int(np.ceil(width_deg / STEP_DEG - 1e-9)))
    bearing = np.radians(heading_deg + width_deg * np.linspace(-0.5, 0.5, n_steps + 1))
    step_rad = np.radians(width_deg) / n_steps
    unit = np.column_stack([np.sin(bearing), np.cos(bearing)])
    origin = np.asarray(xy, dtype=np.float64)
    outer = origin + arc_radius(far_m, step_rad) * unit
    inner = origin + (arc_radius(near_m, step_rad) if near_m > 0 else 0.0) * unit
    if width_deg == WHOLE_TURN_DEG:
        return shapely.Polygon(outer[:-1], [inner[:-1]] if near_m > 0 else None)
    return shapely.Polygon(np.vstack([outer, inner[::-1] if near_m > 0 else inner[:1]]))


def sector(
    polygon: Any,
    xy: ArrayLike,
    heading_deg: ArrayLike,
    hfov_deg: ArrayLike,
    near_m: ArrayLike,
    far_m: ArrayLike,
) -> Any:
    """Return the part of what is seen all around that a camera takes in.

    All arguments may be arrays (``polygon`` and the angles of one value a camera, ``xy`` a row a
    camera); they broadcast, and the answer is then an array.

    Parameters
    ----------
    polygon
        What is seen from ``xy`` all around (`visibility_polygons`), at least ``far_m`` far.
    xy
        Place of the camera, m.
    heading_deg
        Middle of the field, degrees clockwise from north.
    hfov_deg
        Horizontal field of view; 360 or more for all around.
    near_m
        Ground distance nearer than which it is blind (`ilo_geo.security.optics.ground_band`).
    far_m
        Ground distance farther than which it does not see well enough.
    """
    places = np.asarray(xy, dtype=np.float64)
    shape = np.broadcast_shapes(
        np.shape(polygon), places.shape[:-1], *map(np.shape, (heading_deg, hfov_deg, near_m, far_m))
    )
    xs, ys, *numbers = (
        np.broadcast_to(value, shape).ravel()
        for value in (places[..., 0], places[..., 1], heading_deg, hfov_deg, near_m, far_m)
    )
    fields = np.array(
        [wedge((x, y), *cut) for x, y, *cut in zip(xs, ys, *numbers, strict=True)], dtype=object
    )
    seen = shapely.intersection(np.asarray(polygon, dtype=object), fields.reshape(shape))
    return seen if shape else seen[()] if isinstance(seen, np.ndarray) else seen
