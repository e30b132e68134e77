"""One layer: what it is, where it comes from, and its data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import field_validator
from pyproj import CRS
from pyproj.exceptions import CRSError as ProjCrsError

from ilo_geo.core.schema import Column
from ilo_geo.core.schema import GeometryKind
from ilo_geo.core.text import Text

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import pandas as pd
    from affine import Affine

    from ilo_geo.core.quality import QualityReport

DATE_PATTERN = r"^\d{4}(-\d{2}(-\d{2})?)?$"
ID_PATTERN = r"^[a-z][a-z0-9_]*$"


class Status(StrEnum):
    """How far a layer can be trusted; shown wherever the layer or a figure from it is shown."""

    OFFICIAL = "official"
    OBSERVED = "observed"
    DERIVED = "derived"
    MODELLED = "modelled"

    @property
    def rank(self) -> int:
        """Return how weak it is: 0 for official, 3 for modelled."""
        return list(Status).index(self)


class Origin(StrEnum):
    """Where the data of a layer lie, strongest first."""

    IMPORTED = "imported"
    FETCHED = "fetched"
    SHIPPED = "shipped"
    BASELINE = "baseline"


class LayerMeta(BaseModel):
    """Description of a layer, as written in its ``layer.yaml``.

    ``accuracy_m`` is the horizontal error of positions in metres, or None where a table has none.
    ``file`` is absent from the shipped folder where the baseline city computes it. ``stands_on``
    names the modelled layers that a modelled one was drawn to fit: it steps back as soon as one of
    them is replaced by something better.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=ID_PATTERN)
    title: Text
    theme: str = Field(pattern=ID_PATTERN)
    geometry: GeometryKind
    crs: str | None
    source: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    date: str = Field(pattern=DATE_PATTERN)
    accuracy_m: float | None = Field(ge=0)
    status: Status
    file: str = Field(pattern=r"^[A-Za-z0-9_.-]+$")
    columns: dict[str, Column] = Field(default_factory=dict)
    note: Text | None = None
    stands_on: tuple[str, ...] = ()

    @field_validator("date", mode="before")
    @classmethod
    def _date_as_text(cls, value: object) -> object:
        # YAML reads an unquoted 2023 or 2023-05-01 as a number or a date
        return str(value) if value is not None else value

    @field_validator("crs")
    @classmethod
    def _known_crs(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                CRS.from_user_input(value)
            except ProjCrsError as error:
                msg = f"'{value}' is not a known reference system"
                raise ValueError(msg) from error
        return value


class LayerRef(BaseModel):
    """The trace a layer leaves in a result: enough to find it again and to see it changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    layer: str
    title: Text
    source: str
    licence: str
    date: str
    status: Status
    accuracy_m: float | None
    sha256: str


@dataclass(frozen=True)
class LoadedLayer:
    """What every layer in memory carries beside its data.

    ``sha256`` is of the data file as it lies on disk.
    """

    meta: LayerMeta
    sha256: str
    origin: Origin

    @property
    def ref(self) -> LayerRef:
        """Return the provenance entry of this layer."""
        meta = self.meta
        return LayerRef(
            layer=meta.id,
            title=meta.title,
            source=meta.source,
            licence=meta.licence,
            date=meta.date,
            status=meta.status,
            accuracy_m=meta.accuracy_m,
            sha256=self.sha256,
        )


@dataclass(frozen=True)
class VectorLayer(LoadedLayer):
    """Features in the study area's metric CRS, past the geometry checks."""

    data: gpd.GeoDataFrame
    quality: QualityReport


@dataclass(frozen=True)
class TableLayer(LoadedLayer):
    """Rows without geometry."""

    data: pd.DataFrame


@dataclass(frozen=True)
class RasterLayer(LoadedLayer):
    """One band in the study area's metric CRS; NaN where there is no value."""

    values: np.ndarray
    transform: Affine
    crs: CRS


Layer = VectorLayer | TableLayer | RasterLayer
