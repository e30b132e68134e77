"""What cameras see: exact in plan, and with heights and terrain."""

from ilo_geo.security.visibility.ground import Ground
from ilo_geo.security.visibility.ground import flat_ground
from ilo_geo.security.visibility.ground import ground_of
from ilo_geo.security.visibility.masking import MaskedArea
from ilo_geo.security.visibility.masking import masked_area
from ilo_geo.security.visibility.plan import inside_notices
from ilo_geo.security.visibility.plan import visibility_polygons
from ilo_geo.security.visibility.prisms import Prisms
from ilo_geo.security.visibility.prisms import SeenCells
from ilo_geo.security.visibility.prisms import building_heights_m
from ilo_geo.security.visibility.prisms import prisms_of
from ilo_geo.security.visibility.prisms import seen_cells
from ilo_geo.security.visibility.prisms import sees_3d
from ilo_geo.security.visibility.prisms import solid_notices
from ilo_geo.security.visibility.sector import sector
from ilo_geo.security.visibility.sector import wedge
from ilo_geo.security.visibility.walls import Walls
from ilo_geo.security.visibility.walls import walls_of

__all__ = [
    "Ground",
    "MaskedArea",
    "Prisms",
    "SeenCells",
    "Walls",
    "building_heights_m",
    "flat_ground",
    "ground_of",
    "inside_notices",
    "masked_area",
    "prisms_of",
    "sector",
    "seen_cells",
    "sees_3d",
    "solid_notices",
    "visibility_polygons",
    "walls_of",
    "wedge",
]
