"""Who is asked for public data and how politely: ``settings.yaml``, a file, the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from typing import Any
from urllib.parse import urlsplit

import yaml
from pydantic import AfterValidator
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import ValidationError

from ilo_geo.core.errors import SchemaError
from ilo_geo.core.layer import DATE_PATTERN
from ilo_geo.core.layer import ID_PATTERN
from ilo_geo.core.text import Text
from ilo_geo.core.text import from_yaml
from ilo_geo.core.text import load_package_yaml

ENV_PREFIX = "ILO_GEO_FETCH_"
SECTION_SIGN = "__"
SETTINGS_FILE = "fetch.yaml"


def _web_address(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        msg = "expected an address that begins with http:// or https://"
        raise ValueError(msg)
    if "@" in urlsplit(url).netloc:
        # it stands in the description of every layer, for everybody to read
        msg = "expected an address without a name and password"
        raise ValueError(msg)
    return url


def _one_line(text: str) -> str:
    # it becomes a header of a request
    if not text.isprintable() or not text.isascii():
        msg = "expected one line of ASCII"
        raise ValueError(msg)
    return text


Url = Annotated[str, AfterValidator(_web_address)]
Line = Annotated[str, AfterValidator(_one_line)]
Seconds = Annotated[float, Field(gt=0, le=3600)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Manners(_Model):
    """How often and how long a server is asked, and by whom."""

    user_agent: Line = Field(min_length=3)
    contact: Line
    connect_timeout_s: Seconds
    timeout_s: Seconds
    pause_s: float = Field(ge=0, le=60)
    max_tries: int = Field(ge=1, le=50)
    first_wait_s: Seconds
    wait_factor: float = Field(ge=1, le=10)
    max_wait_s: Seconds

    @property
    def name(self) -> str:
        """Return what the program calls itself before a server."""
        return f"{self.user_agent}; {self.contact}" if self.contact else self.user_agent


class OverpassSettings(_Model):
    """Where OpenStreetMap is asked, and in squares of which size."""

    endpoints: tuple[Url, ...] = Field(min_length=1)
    tile_km: float = Field(gt=0, le=200)
    max_answer_bytes: int = Field(gt=0)


class NominatimSettings(_Model):
    """Where boundaries are asked, and how a district is searched."""

    endpoint: Url
    query: str = Field(min_length=1)
    max_answer_bytes: int = Field(gt=0)
    min_overlap_ratio: float = Field(ge=0, le=1)


class DemSource(_Model):
    """One bucket of elevation tiles of one degree, with its terms."""

    id: str = Field(pattern=ID_PATTERN)
    title: str
    url: Url
    licence: str
    date: str = Field(pattern=DATE_PATTERN)
    vertical_rmse_m: float = Field(gt=0)
    accuracy_m: float = Field(gt=0)


class DemSettings(_Model):
    """Where elevation is read, in turn."""

    sources: tuple[DemSource, ...] = Field(min_length=1)
    note: Text
    max_whole_bytes: int = Field(gt=0)


class EstimateSettings(_Model):
    """What a fetch is expected to weigh; OpenStreetMap by the km² that are built on."""

    built_layer: str
    bytes_per_km2: dict[str, float]
    bytes_per_boundary: float = Field(ge=0)
    bytes_per_dem_km2: float = Field(ge=0)
    bytes_per_dem_tile: float = Field(ge=0)


class FetchSettings(_Model):
    """The whole of ``settings.yaml``."""

    manners: Manners
    overpass: OverpassSettings
    nominatim: NominatimSettings
    dem: DemSettings
    estimate: EstimateSettings
    keep_parts_days: float = Field(gt=0)


def fetch_settings(workspace: Path, environment: Mapping[str, str] = os.environ) -> FetchSettings:
    """Return the settings: the shipped ones, over them the workspace's file, the environment.

    Raises
    ------
    SchemaError
        A value is not allowed or a name is not known; every fault is listed.
    """
    table = load_package_yaml("ilo_geo.io.fetch", "settings.yaml")
    where = ENV_PREFIX
    path = workspace / SETTINGS_FILE
    if path.is_file():
        where = SETTINGS_FILE
        table = _merged(table, _parsed(path.read_text(encoding="utf-8"), where))
    for name, value in sorted(environment.items()):
        if name.startswith(ENV_PREFIX):
            keys = name.removeprefix(ENV_PREFIX).lower().split(SECTION_SIGN)
            table = _merged(table, _nested(keys, _parsed(value, name)))
    try:
        return FetchSettings.model_validate(table)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in error.errors()]
        raise SchemaError("fetch.settings", faults=faults, where=where) from error


def _parsed(text: str, where: str) -> Any:
    try:
        return from_yaml(text)
    except yaml.YAMLError as error:
        found = " ".join(str(error).split())
        raise SchemaError("fetch.settings", faults=[found], where=where) from error


def _nested(keys: list[str], value: Any) -> Any:
    for key in reversed(keys):
        value = {key: value}
    return value


def _merged(below: Any, above: Any) -> Any:
    """Return ``below`` with what ``above`` says instead, section by section."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {**below, **{key: _merged(below.get(key), value) for key, value in above.items()}}
