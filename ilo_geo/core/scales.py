"""Class breaks of a map: values, names and colours, as data with a source."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import model_validator

from ilo_geo.core.text import Text


class ScaleClass(BaseModel):
    """One class of a scale: id, name and fill colour."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: Text
    colour: str = Field(pattern=r"^#[0-9A-Fa-f]{6}$")


class Scale(BaseModel):
    """Ascending breaks and the classes between them; a value on a break is in the upper class."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: Text
    column: str
    unit: Text
    breaks: tuple[float, ...]
    classes: tuple[ScaleClass, ...]
    missing: ScaleClass
    source: str

    @model_validator(mode="after")
    def _breaks_fit_classes(self) -> Scale:
        if list(self.breaks) != sorted(set(self.breaks)):
            msg = f"breaks {self.breaks} do not ascend"
            raise ValueError(msg)
        if len(self.classes) != len(self.breaks) + 1:
            msg = f"{len(self.breaks)} breaks need {len(self.breaks) + 1} classes"
            raise ValueError(msg)
        return self

    def class_ids(self, values: pd.Series) -> pd.Series:
        """Return the class id of each value, on the same index; NaN is the missing class."""
        ids = np.array([c.id for c in self.classes] + [self.missing.id], dtype=object)
        numbers = values.to_numpy(dtype=float)
        position = np.searchsorted(self.breaks, numbers, side="right")
        position[np.isnan(numbers)] = len(self.classes)
        return pd.Series(ids[position], index=values.index, name=f"{self.id}_class")
