"""The norms that supply and access are measured against, as data with a source."""

from functools import cache
from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict

from ilo_geo.core.text import Text
from ilo_geo.core.text import load_package_yaml

CUSTOM = "custom"


class AccessStandard(BaseModel):
    """A park of at least ``min_park_area_m2`` within ``distance_m`` on foot.

    ``status`` says how the source was seen (V, V2, NV).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text
    source: str
    status: Literal["V", "V2", "NV"]

    distance_m: float
    min_park_area_m2: float


@cache
def access_standards() -> dict[str, AccessStandard]:
    """Return the access standards by id."""
    table = load_package_yaml("ilo_geo.green", "standards.yaml")["access"]
    return {key: AccessStandard.model_validate(spec) for key, spec in table.items()}
