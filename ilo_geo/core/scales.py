"""Classes of a map: breaks or categories, names, colours and patterns, as data with a source."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import model_validator

from ilo_geo.core.text import Text


class ScaleClass(BaseModel):
    """One class of a scale: id, name, fill colour and hatch.

    ``pattern`` is the hatch in matplotlib's signs, empty for a plain fill.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: Text
    colour: str = Field(pattern=r"^#[0-9A-Fa-f]{6}$")
    pattern: str = Field(default="", pattern=r"^[-/\\|+x.]*$")


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


class OutlineClass(BaseModel):
    """One way to draw an outline, by how sure it is; ``opacity`` is that of the fill inside."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: Text
    line: Literal["solid", "thick", "dashed"]
    opacity: float = Field(ge=0, le=1)


class CategoryScale(BaseModel):
    """Classes by the values of a column of ids, mildest first.

    Where ``outline_column`` is named, its values are the ids of ``outlines``, widest first, and
    one class may be drawn once for each of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: Text
    column: str
    classes: tuple[ScaleClass, ...] = Field(min_length=1)
    missing: ScaleClass
    outline_column: str | None = None
    outlines: tuple[OutlineClass, ...] = ()
    source: str

    @model_validator(mode="after")
    def _ids_are_unique(self) -> CategoryScale:
        ids = [c.id for c in (*self.classes, self.missing)]
        outline_ids = [outline.id for outline in self.outlines]
        if len(set(ids)) < len(ids) or len(set(outline_ids)) < len(outline_ids):
            msg = f"ids {ids} or {outline_ids} repeat"
            raise ValueError(msg)
        if bool(self.outlines) != bool(self.outline_column):
            msg = "outline_column and outlines go together"
            raise ValueError(msg)
        return self

    def class_ids(self, values: pd.Series) -> pd.Series:
        """Return the class id of each value, on the same index; an unknown one is missing."""
        known = values.astype(object).where(
            values.isin([c.id for c in self.classes]), self.missing.id
        )
        return known.rename(f"{self.id}_class")

    def drawing_order(self, table: pd.DataFrame) -> np.ndarray:
        """Return the positions of the rows so that what is drawn last hides nothing that matters.

        Wide outlines lie under narrow ones; of one outline, mild classes under severe ones.
        """
        ids = [self.missing.id, *(c.id for c in self.classes)]
        rank = self.class_ids(table[self.column]).map(ids.index).to_numpy()
        width = np.zeros(len(table))
        if self.outline_column:
            outline_ids = [outline.id for outline in self.outlines]
            width = pd.Categorical(table[self.outline_column], outline_ids).codes
        return np.lexsort((rank, width))
