"""Access that considers demand: the enhanced two-step floating catchment area method (E2SFCA).

Step 1, each park k shares its area S among all who can walk to it:
``R_k = S_k / Σ_i P_i W(d_ik)``. Step 2, each place i sums the shares within reach:
``A_i = Σ_k R_k W(d_ik)`` in m² per inhabitant. ``W`` is a Gaussian that is 1 at the gate and falls
to 0 at the edge of the catchment (Dai 2010), so that the edge makes no step. People never served
do not appear in A; the total ``Σ P_i A_i`` equals the area of all parks that somebody reaches.

Source: Luo and Qi 2009 (E2SFCA); Dai 2010 (Gaussian).
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array


def gaussian_weight(distance_m: np.ndarray, catchment_m: float) -> np.ndarray:
    """Return ``(exp(−½(d/d0)²) − exp(−½)) / (1 − exp(−½))`` within ``d0``, else 0."""
    edge = np.exp(-0.5)
    inside = (np.exp(-0.5 * (distance_m / catchment_m) ** 2) - edge) / (1.0 - edge)
    return np.where(distance_m <= catchment_m, np.maximum(inside, 0.0), 0.0)


def e2sfca_m2_per_inhab(
    place: np.ndarray,
    park: np.ndarray,
    distance_m: np.ndarray,
    *,
    place_inhab: np.ndarray,
    park_area_m2: np.ndarray,
    catchment_m: float,
) -> np.ndarray:
    """Return the access of each place.

    Parameters
    ----------
    place, park, distance_m
        One entry for each pair within reach: row of the place, row of the park, walking distance.
    place_inhab
        Inhabitants of each place.
    park_area_m2
        Area of each park.
    catchment_m
        Distance at which a park stops attracting.

    Returns
    -------
    access
        m² per inhabitant for each place, 0 where no park is within reach.
    """
    weight = gaussian_weight(distance_m, catchment_m)
    shape = (len(place_inhab), len(park_area_m2))
    pull = coo_array((weight, (place, park)), shape=shape).tocsr()
    demand_inhab = pull.T @ place_inhab
    share = np.divide(
        park_area_m2, demand_inhab, out=np.zeros(len(park_area_m2)), where=demand_inhab > 0
    )
    return np.asarray(pull @ share)
