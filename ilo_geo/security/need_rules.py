"""The figures of need and of what may be published, read from ``need_rules.yaml``."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from ilo_geo.core.parameters import Verified
from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Cited(_Data):
    """Something with a source, and how it was seen."""

    source: str
    verified: Verified


class Judgements(Cited):
    """Judgements between criteria, in the form of `core.ahp.ahp_weights`."""

    text: str


class ClassFactors(Cited):
    """What one inhabitant within reach counts on a street of each class."""

    by_class: dict[str, float]
    other: float


class Names(Cited):
    """Names of uses or of layers."""

    names: tuple[str, ...]


class Publication(Cited):
    """What keeps incidents from being found in what is published."""

    least_n: int = Field(ge=2)
    fewer: Text
    density_digits: int = Field(ge=1)
    most_kinds: int = Field(ge=1)
    most_clusters: int = Field(ge=1)
    hull_grid_m: float = Field(gt=0)


class DensityClasses(Cited):
    """Classes of density by share of the street length that carries any."""

    shares: tuple[float, ...]
    titles: tuple[Text, ...]


class NeedRules(_Data):
    """Everything in the file."""

    criteria: tuple[str, ...]
    titles: dict[str, Text]
    judgements: Judgements
    street_class_factor: ClassFactors
    shop_uses: Names
    site_layers: Names
    publication: Publication
    density_classes: DensityClasses


@cache
def need_rules() -> NeedRules:
    """Return the figures of need."""
    return NeedRules.model_validate(load_package_yaml("ilo_geo.security", "need_rules.yaml"))
