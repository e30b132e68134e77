"""Kernels that spread points over their surroundings, and the density they give in the plane.

Both kernels end at the bandwidth ``b``; ``d`` is the distance, ``u = d / b``::

    quartic   K ∝ (1 − u²)²
    gaussian  K ∝ exp(−d² / 2σ²), σ = b / 3

In the plane the quartic is divided by ``π b² / 3`` and the gaussian by
``2 π σ² (1 − exp(−b² / 2σ²))``, so that each point spreads its weight once. Nothing is corrected
at the sea or the limits of the city: what spreads over them is lost to it.

Sources: Silverman 1986; Okabe, Satoh and Sugihara 2009 (on networks: `density_network`).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

QUARTIC, GAUSSIAN = "quartic", "gaussian"
KERNELS = (QUARTIC, GAUSSIAN)
# the gaussian ends where three standard deviations are
SIGMAS = 3.0


@njit(cache=True, nogil=True)
def kernel_at(distance_m: float, bandwidth_m: float, gaussian: bool) -> float:
    """Return the kernel at a distance, 1 at none and 0 from the bandwidth on."""
    u = distance_m / bandwidth_m
    if u >= 1.0:
        return 0.0
    if gaussian:
        return math.exp(-0.5 * (SIGMAS * u) ** 2)
    return (1.0 - u * u) ** 2


def plane_density(
    points_xy: Floats, weight: Floats, at_xy: Floats, *, bandwidth_m: float, kernel: str = QUARTIC
) -> tuple[Floats, Ints]:
    """Return the density at places of the plane, and how many points it stands on.

    Parameters
    ----------
    points_xy, weight
        Coordinates in metres, shape (n, 2), and what each point counts.
    at_xy
        Places, shape (m, 2).
    bandwidth_m, kernel
        Where the kernel ends and its form, one of `KERNELS`.

    Returns
    -------
    density_per_m2, n_points
        Weight per square metre, and points nearer than the bandwidth, at each place.
    """
    density = np.zeros(len(at_xy))
    n_points = np.zeros(len(at_xy), dtype=np.int64)
    if not len(at_xy) or not len(points_xy):
        return density, n_points
    corner = np.minimum(at_xy.min(axis=0), points_xy.min(axis=0))
    column, row = _box(at_xy, corner, bandwidth_m)
    n_columns = int(column.max()) + 2
    box = row * n_columns + column
    order = np.argsort(box, kind="stable")
    boxes, first = np.unique(box[order], return_index=True)
    point_box = np.stack(_box(points_xy, corner, bandwidth_m), axis=1)
    _add_plane(
        np.ascontiguousarray(points_xy, dtype=np.float64),
        np.asarray(weight, dtype=np.float64),
        point_box,
        np.ascontiguousarray(at_xy[order], dtype=np.float64),
        order,
        boxes,
        np.append(first, len(order)),
        n_columns,
        bandwidth_m,
        kernel == GAUSSIAN,
        density,
        n_points,
    )
    return density / plane_integral_m2(bandwidth_m, kernel), n_points


def plane_integral_m2(bandwidth_m: float, kernel: str) -> float:
    """Return the integral of the kernel, 1 at its centre, over the plane."""
    if kernel == GAUSSIAN:
        sigma_m = bandwidth_m / SIGMAS
        return 2 * math.pi * sigma_m**2 * (1 - math.exp(-0.5 * SIGMAS**2))
    return math.pi * bandwidth_m**2 / 3


def _box(xy: Floats, corner: Floats, size_m: float) -> tuple[Ints, Ints]:
    """Return column and row of the box each point is in."""
    found = np.floor((xy - corner) / size_m).astype(np.int64)
    return found[:, 0], found[:, 1]


@njit(cache=True, nogil=True)
def _add_plane(  # type: ignore[no-untyped-def]
    xy, weight, point_box, at_xy, order, boxes, bounds, n_columns, bandwidth_m, gaussian, out, n_out
):
    """Add each point to the places in its box and the eight around it."""
    for p in range(len(xy)):
        for row in range(point_box[p, 1] - 1, point_box[p, 1] + 2):
            for column in range(point_box[p, 0] - 1, point_box[p, 0] + 2):
                if column < 0 or column >= n_columns:
                    continue
                box = row * n_columns + column
                at = np.searchsorted(boxes, box)
                if at == len(boxes) or boxes[at] != box:
                    continue
                for i in range(bounds[at], bounds[at + 1]):
                    distance_m = math.hypot(xy[p, 0] - at_xy[i, 0], xy[p, 1] - at_xy[i, 1])
                    value = kernel_at(distance_m, bandwidth_m, gaussian)
                    if value > 0:
                        out[order[i]] += weight[p] * value
                        n_out[order[i]] += 1
