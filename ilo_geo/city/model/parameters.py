"""Parameters of the modelled city, read from the area folder's ``city_model.yaml``."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import model_validator

from ilo_geo.core.text import Text

Path = tuple[tuple[float, float], ...]

# changes whenever the same parameters give another city
MODEL_VERSION = "3"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fabric(_Strict):
    """How a part of the city is laid out and built.

    ``azimuth_deg`` is the bearing of the long side of the blocks, clockwise from north.
    ``irregularity_m`` bends the streets; ``levels_ratio`` is the share of buildings with 1, 2, 3 …
    storeys; ``occupancy_ratio`` the share of lots that are built.
    """

    azimuth_deg: float = Field(ge=0, lt=180)
    block_length_m: float = Field(gt=20, le=400)
    block_depth_m: float = Field(gt=15, le=200)
    street_width_m: float = Field(gt=4, le=30)
    lot_front_m: float = Field(gt=4, le=80)
    lot_depth_m: float = Field(gt=8, le=100)
    occupancy_ratio: float = Field(ge=0, le=1)
    coverage_ratio: tuple[float, float]
    levels_ratio: tuple[float, ...]
    commercial_ratio: float = Field(ge=0, le=1)
    irregularity_m: float = Field(default=0.0, ge=0, le=40)
    oneway: bool = False
    use: Literal["residential", "industrial"] = "residential"


class Sector(_Strict):
    """A part of the city: an outline in the metric CRS and the fabric inside it.

    Where outlines overlap, the first of the list keeps the ground.
    """

    id: str
    name: str
    district: str
    fabric: str
    outline: Path
    fabric_changes: dict[str, float] = Field(default_factory=dict)


class Connection(_Strict):
    """A street that ties sectors together, along a path in the metric CRS."""

    name: str | None = None
    street_class: Literal["primary", "secondary", "tertiary", "residential", "steps", "footway"]
    path: Path


class Site(_Strict):
    """Ground that is kept free of streets and lots: an outline and why."""

    name: str
    outline: Path


class Ground(_Strict):
    """Where nothing is built."""

    coast_setback_m: float = Field(gt=0, le=500)
    river_strip_m: float = Field(ge=0, le=500)
    max_slope_ratio: float = Field(gt=0, le=1)
    reserved: tuple[Site, ...] = ()


class Terrain(_Strict):
    """The elevation model."""

    cell_m: float = Field(ge=10, le=200)
    coast_spacing_m: float = Field(ge=20, le=1000)


class Hamlets(_Strict):
    """Houses around the rural settlements that the valley road reaches."""

    district: str
    fabric: str
    half_size_m: float = Field(gt=20, le=300)
    reach_m: float = Field(gt=0, le=5000)
    road_name: str
    road_offset_m: float = Field(gt=0, le=1000)
    road_start: tuple[float, float]


class Plaza(_Strict):
    """A real square whose place is known; its shape is modelled."""

    place: str
    name: str


class LargePark(_Strict):
    """A park of two blocks: the street nearest to ``at`` is left out, the block there is green."""

    at: tuple[float, float]
    role: Literal["park", "lost_park"]


class Green(_Strict):
    """Public green of the years that the plan speaks of, and what stands beside it.

    ``kept`` is the green of the latest year, ``lost`` what was there before and is gone.
    """

    population_inhab: float = Field(gt=0)
    earlier_year: int
    latest_year: int
    earlier_m2_per_inhab: float = Field(gt=0)
    latest_m2_per_inhab: float = Field(gt=0)
    last_year_of_lost: int
    source: str
    plazas: tuple[Plaza, ...] = ()
    large_parks: tuple[LargePark, ...] = ()
    kinds: tuple[Literal["park", "garden", "playground"], ...]
    walled_every: int = Field(ge=1)
    private_gardens: int = Field(ge=0)
    cemetery_m: tuple[float, float]
    cemetery_centre: tuple[float, float]
    median_width_m: float = Field(gt=0, lt=3)
    olive_grove_reach_m: tuple[float, float]

    @property
    def kept_m2(self) -> float:
        """Return the public green of the latest year, m²."""
        return self.latest_m2_per_inhab * self.population_inhab

    @property
    def lost_m2(self) -> float:
        """Return the public green that the earlier year had on top, m²."""
        return (self.earlier_m2_per_inhab - self.latest_m2_per_inhab) * self.population_inhab


class Facilities(_Strict):
    """Counts of what is placed on lots."""

    schools_public: int = Field(ge=0)
    schools_private: int = Field(ge=0)
    schools_rural: int = Field(ge=0)
    schools_source: str
    sports_fields: int = Field(ge=0)
    vacant_public_parcels: int = Field(ge=0)
    pole_spacing_m: float = Field(gt=5, le=200)


class ZoneSpec(_Strict):
    """A city zone: the facility whose jurisdiction it is, and where its names come from."""

    facility: int
    id: str
    name: str
    jurisdiction: str | None = None
    neighbourhoods: tuple[str, ...] = ()


class GroundHazard(_Strict):
    """One row of a layer of ground hazards: the sectors that stand for an outline nobody drew.

    With ``rest`` the row takes every sector of the footprint that no other row of its layer names.
    """

    layer: str
    name: str
    level: Literal["low", "medium", "high", "very_high"]
    sectors: tuple[str, ...] = ()
    rest: bool = False
    source: str
    level_basis: str


class CityModel(_Strict):
    """Everything the modelled city depends on, beside the real anchors."""

    seed: int = Field(ge=0)
    note: Text
    storey_height_m: float = Field(gt=2, le=5)
    avenue_width_m: dict[str, float]
    terrain: Terrain
    ground: Ground
    fabrics: dict[str, Fabric]
    sectors: tuple[Sector, ...]
    connections: tuple[Connection, ...]
    hamlets: Hamlets
    green: Green
    facilities: Facilities
    ground_hazards: tuple[GroundHazard, ...] = ()
    zones: tuple[ZoneSpec, ...]

    @model_validator(mode="after")
    def _fabrics_are_known(self) -> CityModel:
        used = {sector.fabric for sector in self.sectors} | {self.hamlets.fabric}
        if unknown := used - self.fabrics.keys():
            msg = f"unknown fabrics {sorted(unknown)}, expected some of {sorted(self.fabrics)}"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _hazards_lie_on_known_sectors(self) -> CityModel:
        known = {sector.id for sector in self.sectors}
        named = {sector for hazard in self.ground_hazards for sector in hazard.sectors}
        if unknown := named - known:
            msg = f"unknown sectors {sorted(unknown)}, expected some of {sorted(known)}"
            raise ValueError(msg)
        return self

    def fabric_of(self, sector: Sector) -> Fabric:
        """Return the fabric of ``sector`` with its own changes."""
        fabric = self.fabrics[sector.fabric]
        return Fabric.model_validate({**fabric.model_dump(), **sector.fabric_changes})

    def rng_key(self, stage: str) -> list[int]:
        """Return the seed of one stage, so that a change in one leaves the others as they were."""
        return [self.seed, *stage.encode()]
