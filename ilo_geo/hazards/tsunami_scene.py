"""From terrain, coast and river to the flood of an area, for every level at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from pyproj import CRS

from ilo_geo.core.crs import crs_name
from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import InputError
from ilo_geo.core.layer import Status
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import Notice
from ilo_geo.hazards.flood import FloodField
from ilo_geo.hazards.flood import Reach
from ilo_geo.hazards.flood import flood_levels_m
from ilo_geo.hazards.flood_draws import FloodDraws
from ilo_geo.hazards.flood_draws import candidates
from ilo_geo.hazards.flood_draws import draw_floods
from ilo_geo.hazards.flood_kernel import Bools
from ilo_geo.hazards.flood_kernel import Levels
from ilo_geo.hazards.river_reach import Corridor
from ilo_geo.hazards.river_reach import river_corridor
from ilo_geo.hazards.river_reach import with_reach
from ilo_geo.hazards.shore import Shore
from ilo_geo.hazards.shore import sea_cells
from ilo_geo.hazards.terrain_checks import TERRAIN
from ilo_geo.hazards.terrain_checks import require_closed_coast
from ilo_geo.hazards.terrain_checks import require_real_heights
from ilo_geo.hazards.terrain_checks import require_whole_terrain
from ilo_geo.hazards.terrain_checks import terrain_limits
from ilo_geo.hazards.terrain_error import ErrorField
from ilo_geo.hazards.terrain_error import terrain_kind
from ilo_geo.hazards.tsunami_parameters import TsunamiParams
from ilo_geo.hazards.tsunami_parameters import tsunami_classes

M2_PER_KM2 = 1e6


@dataclass(frozen=True)
class TsunamiLayers:
    """What a flood is computed from.

    Attributes
    ----------
    elevation_m, transform, crs
        The terrain, north up with square cells; NaN is no value.
    terrain_status, terrain_source
        Of the terrain's layer: what error to assume where none is set.
    land
        Polygons of the area.
    coastline, water
        The seaward edge of the land, and polygons of sea or lake; at least one.
    river
        Axis of the river whose valley the sea goes up.
    spot_heights
        Points with ``elevation_m`` to tell metres from feet by.
    """

    elevation_m: np.ndarray
    transform: Affine
    crs: CRS
    terrain_status: Status
    terrain_source: str
    land: gpd.GeoDataFrame
    coastline: gpd.GeoDataFrame | None = None
    water: gpd.GeoDataFrame | None = None
    river: gpd.GeoDataFrame | None = None
    spot_heights: gpd.GeoDataFrame | None = None

    @property
    def cell_m(self) -> float:
        """Return the side of a cell."""
        return float(abs(self.transform.a))


def tsunami_scene(
    layers: TsunamiLayers, params: TsunamiParams, *, progress: Progress = silent
) -> FloodField:
    """Return at what level each cell floods, by the terrain as it is and by terrains with error.

    ``params.level_m`` and ``params.population_base`` play no part: one scene serves every level.

    Raises
    ------
    CrsError, InputError
        The layers do not fit together or are no terrain and coast; see `terrain_checks`.
    """
    layers = replace(layers, water=_open_water(layers.water))
    shore, n_holes = _checked_shore(layers)
    kind = terrain_kind(layers.terrain_status, layers.terrain_source)
    rmse_m = kind.rmse_m if params.rmse_m is None else params.rmse_m
    correlation_m = kind.correlation_m if params.correlation_m is None else params.correlation_m
    progress("progress.flood", 0.2)
    corridor = _corridor(layers, params)
    shape = layers.elevation_m.shape
    reach = np.zeros(shape, dtype=np.bool_)
    if corridor is not None:
        reach = corridor.within(params.river_reach_m, shape) & shore.land
    level_m = flood_levels_m(layers.elevation_m, shore.sea, start=shore.start)
    progress("progress.flood_draws", 0.3)
    draws = _draws(layers, params, shore, reach, level_m, (rmse_m, correlation_m))
    reached_m = with_reach(level_m, layers.elevation_m, reach)
    lower = reached_m < level_m
    return FloodField(
        level_m=reached_m,
        draws=draws,
        transform=layers.transform,
        crs=layers.crs,
        land=shore.land,
        sea=shore.sea,
        valued=np.isfinite(layers.elevation_m),
        cell_m=layers.cell_m,
        rmse_m=rmse_m,
        correlation_m=correlation_m,
        terrain_modelled=layers.terrain_status is Status.MODELLED,
        corridor=corridor,
        reach=Reach(level_m[lower], reached_m[lower]) if lower.any() else None,
        notices=tuple(_notices(layers, n_holes)),
    )


def _open_water(water: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Return the bodies of water a flood may come from: no sea rises out of a pond."""
    if water is None:
        return None
    bodies = shapely.get_parts(shapely.union_all(water.geometry.to_numpy()))
    large = bodies[shapely.area(bodies) >= terrain_limits().water_min_m2.value]
    return gpd.GeoDataFrame(geometry=large, crs=water.crs) if len(large) else None


def _notices(layers: TsunamiLayers, n_holes: int) -> Iterator[Notice]:
    if n_holes:
        yield Notice("tsunami_terrain_gaps", {"n": n_holes})
    if layers.spot_heights is None:
        yield Notice("tsunami_units_unchecked")


def _checked_shore(layers: TsunamiLayers) -> tuple[Shore, int]:
    """Return where water starts and how many land cells have no height, all checks passed."""
    if layers.coastline is None and layers.water is None:
        least = f"{terrain_limits().water_min_m2.value / M2_PER_KM2:g}"
        raise InputError("tsunami.no_shore", layer="coastline", least=least)
    frames = {
        "land": layers.land,
        "coastline": layers.coastline,
        "water": layers.water,
        "river": layers.river,
        "spot_heights": layers.spot_heights,
    }
    crs = require_same_metric_crs(**frames)
    if crs != layers.crs:
        found, expected = crs_name(layers.crs), crs_name(crs)
        raise CrsError("crs.mixed", where=TERRAIN, found=found, expected=expected, other="land")
    require_real_heights(layers.elevation_m, layers.transform, layers.spot_heights)
    if layers.coastline is not None:
        require_closed_coast(layers.coastline, layers.land, cell_m=layers.cell_m)
    shore = sea_cells(
        layers.elevation_m,
        layers.transform,
        layers.land,
        coastline=layers.coastline,
        water=layers.water,
    )
    n_holes = require_whole_terrain(
        layers.elevation_m, shore, layers.transform, coastline=layers.coastline
    )
    return shore, n_holes


def _corridor(layers: TsunamiLayers, params: TsunamiParams) -> Corridor | None:
    if layers.river is None or layers.river.empty:
        return None
    frames = [frame for frame in (layers.coastline, layers.water) if frame is not None]
    shore = shapely.union_all([frame.geometry.union_all() for frame in frames])
    return river_corridor(
        layers.river,
        shore,
        layers.elevation_m.shape,
        layers.transform,
        half_width_m=params.river_half_width_m,
    )


def _draws(
    layers: TsunamiLayers,
    params: TsunamiParams,
    shore: Shore,
    reach: Bools,
    level_m: Levels,
    error: tuple[float, float],
) -> FloodDraws:
    rmse_m, correlation_m = error
    classes = tsunami_classes()
    cells = candidates(
        layers.elevation_m,
        level_m,
        shore.sea,
        shore.start,
        reach,
        highest_m=classes.highest_level_m + classes.errors_above * rmse_m,
    )
    row, col = np.divmod(cells.cell, layers.elevation_m.shape[1])
    return draw_floods(
        cells,
        ErrorField(row, col, layers.cell_m, rmse_m, correlation_m),
        n_draws=params.n_draws,
        seed=params.seed,
        max_level_m=classes.highest_level_m,
    )
