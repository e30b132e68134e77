"""The one form every hazard takes on the map: zones, each drawn three times by how sure it is.

A *band* says "at least this severe" (level below 20 m, within 200 m of the trace), so a milder band
holds the more severe ones. Of each band there are up to three outlines, each inside the next:

- ``certain``: at least 95 % probable to be inside; absent where nothing is that sure,
- ``line``: the best estimate,
- ``possible``: at least 5 % probable to be inside.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import shapely
from pyproj import CRS

from ilo_geo.core.text import Text
from ilo_geo.hazards.levels import hazard_levels

CERTAIN, LINE, POSSIBLE = "certain", "line", "possible"
CERTAINTIES = (CERTAIN, LINE, POSSIBLE)
SURE_RATIO, POSSIBLE_RATIO = 0.95, 0.05
COLUMNS = (
    "hazard",
    "feature",
    "band",
    "title_es",
    "title_en",
    "level",
    "certainty",
    "area_m2",
    "source",
)


@dataclass(frozen=True)
class Zone:
    """One outline of one band of one feature (a fault trace, a tank; ``all`` where there is one).

    ``source`` names the rule or layer the outline comes from.
    """

    hazard: str
    band: str
    title: Text
    level: str
    certainty: str
    geometry: Any  # shapely polygon or multipolygon in the area's metric CRS
    source: str
    feature: str = "all"

    def __post_init__(self) -> None:
        """Refuse a level or certainty nobody knows."""
        if self.level not in hazard_levels().ids or self.certainty not in CERTAINTIES:
            msg = f"zone {self.id}: level {self.level}, certainty {self.certainty}"
            raise ValueError(msg)

    @property
    def id(self) -> str:
        """Return a label that is unique among the zones of an area."""
        return f"{self.hazard}/{self.feature}/{self.band}/{self.certainty}"


def zone_table(zones: Iterable[Zone], crs: CRS) -> gpd.GeoDataFrame:
    """Return zones as a table, index ``id``, columns `COLUMNS` and ``geometry``; empty ones go."""
    kept = [zone for zone in zones if zone.geometry is not None and not zone.geometry.is_empty]
    rows = [
        {
            "hazard": zone.hazard,
            "feature": zone.feature,
            "band": zone.band,
            "title_es": zone.title.es,
            "title_en": zone.title.en,
            "level": zone.level,
            "certainty": zone.certainty,
            "area_m2": float(shapely.area(zone.geometry)),
            "source": zone.source,
        }
        for zone in kept
    ]
    index = [zone.id for zone in kept]
    geometry = [zone.geometry for zone in kept]
    return gpd.GeoDataFrame(
        rows, columns=list(COLUMNS), index=index, geometry=geometry, crs=crs
    ).rename_axis("id")
