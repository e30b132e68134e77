"""The vertical error of a terrain, carried through the flood by drawing terrains.

A terrain's error is not noise from cell to cell: a valley or a headland is too high or too low as
a whole. Each draw adds a Gaussian field with standard deviation ``rmse_m`` (no bias) and
correlation ``exp(-(d / correlation_m)²)`` at distance d, and floods the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from functools import cached_property

import numpy as np
from numba import njit
from numpy.typing import NDArray
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from ilo_geo.core.layer import Status
from ilo_geo.core.parameters import Verified
from ilo_geo.core.text import load_package_yaml

# white noise on a lattice of half a correlation length, blended from 8 x 8 nodes: the correlation
# comes out right to 0.01, the variance exactly
NODES = 8

Floats = NDArray[np.float64]
Nodes = tuple[NDArray[np.int64], NDArray[np.float32]]


class TerrainRmse(BaseModel):
    """Error of one kind of terrain; ``words`` are looked for in a layer's source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    words: tuple[str, ...] = ()
    status: Status | None = None
    rmse_m: float = Field(gt=0)
    correlation_m: float = Field(gt=0)
    source: str
    verified: Verified


@cache
def terrain_errors() -> tuple[TerrainRmse, ...]:
    """Return the kinds of terrain, first match first; the last fits every terrain."""
    table = load_package_yaml("ilo_geo.hazards", "terrain_error.yaml")
    return tuple(TerrainRmse.model_validate(row) for row in table["kinds"])


def terrain_kind(status: Status, source: str) -> TerrainRmse:
    """Return what kind of terrain a layer is by its status, then by the words of its source."""
    text = source.casefold()
    for kind in terrain_errors():
        says_so = not kind.words or any(word.casefold() in text for word in kind.words)
        if says_so and kind.status in (None, status):
            return kind
    msg = "the last kind of terrain_error.yaml must fit every terrain"
    raise LookupError(msg)


@dataclass(frozen=True)
class ErrorField:
    """Draws of a Gaussian error with stated variance and correlation at the cells of a grid.

    Parameters
    ----------
    row, col
        Cells the error is wanted at.
    cell_m, rmse_m, correlation_m
        Side of a cell; standard deviation; distance at which the correlation is 1/e.
    """

    row: NDArray[np.int64]
    col: NDArray[np.int64]
    cell_m: float
    rmse_m: float
    correlation_m: float

    @cached_property
    def _blends(self) -> tuple[Nodes, Nodes]:
        per_node = self.cell_m / (self.correlation_m / 2)
        return _blend(self.row.astype(float) * per_node), _blend(self.col.astype(float) * per_node)

    def draw_m(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the error of each cell, m."""
        if not len(self.row):
            return np.empty(0, dtype=np.float32)
        (node_y, weight_y), (node_x, weight_x) = self._blends
        lattice = (int(node_y.max()) + NODES, int(node_x.max()) + NODES)
        noise = rng.standard_normal(lattice, dtype=np.float32)
        error_m: NDArray[np.float32] = _blended(noise, node_y, weight_y, node_x, weight_x)
        error_m *= np.float32(self.rmse_m)
        return error_m


def _blend(place: Floats) -> Nodes:
    """Return along one axis the first node of each cell and the weights of its nodes.

    Gaussian weights of half a correlation length, which is one node, squared-summing to one.
    """
    from_start = place - place.min()
    node = np.floor(from_start).astype(np.int64)
    away = np.arange(NODES) - (NODES // 2 - 1) - (from_start - node)[:, None]
    weight = np.exp(-(away**2) / 2)
    weight /= np.sqrt((weight**2).sum(axis=1, keepdims=True))
    return node, weight.astype(np.float32)


@njit(cache=True, nogil=True)
def _blended(
    noise: NDArray[np.float32],
    node_y: NDArray[np.int64],
    weight_y: NDArray[np.float32],
    node_x: NDArray[np.int64],
    weight_x: NDArray[np.float32],
) -> NDArray[np.float32]:
    n_cells, n_nodes = weight_y.shape
    blended = np.empty(n_cells, np.float32)
    for i in range(n_cells):
        total = np.float32(0)
        for y in range(n_nodes):
            along = np.float32(0)
            for x in range(n_nodes):
                along += noise[node_y[i] + y, node_x[i] + x] * weight_x[i, x]
            total += along * weight_y[i, y]
        blended[i] = total
    return blended
