"""How much of the walking speed each surface leaves."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from ilo_geo.core.parameters import Verified
from ilo_geo.core.text import load_package_yaml
from ilo_geo.hazards.evacuation.speeds import Floats

STREET, GROUND, STAIRS = "street", "ground", "stairs"


class Surfaces(BaseModel):
    """Speed factors by surface, and the street classes that are not plain street."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    factors: dict[str, float] = Field(min_length=1)
    by_street_class: dict[str, str]
    source: str
    verified: Verified

    def of_streets(self, street_class: pd.Series) -> Floats:
        """Return the factor of each street by its class; an unknown class is a plain street."""
        surface = street_class.map(self.by_street_class).fillna(STREET)
        return np.asarray(surface.map(self.factors), dtype=float)


@cache
def surfaces() -> Surfaces:
    """Return the surfaces and their factors."""
    return Surfaces.model_validate(load_package_yaml("ilo_geo.hazards.evacuation", "surfaces.yaml"))
