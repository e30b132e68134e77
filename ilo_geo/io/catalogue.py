"""Reads a study area folder: ``area.yaml``, ``catalogue.yaml`` and one ``layer.yaml`` a layer.

What somebody chose comes first (`ilo_geo.io.versions`). Else the data of a layer are looked for by
strength: municipal import, then fetched, then shipped in the area's folder, then the modelled
baseline. A modelled layer steps back once a layer it stands on is no longer modelled. All faults of
all descriptions are reported at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from functools import lru_cache
from pathlib import Path
from typing import Annotated
from typing import Any
from typing import TypeVar

import yaml
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import ValidationError
from pyproj import CRS
from pyproj.exceptions import CRSError as ProjCrsError

from ilo_geo.core.crs import require_metric
from ilo_geo.core.errors import CrsError
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import LayerNotFoundError
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.layer import ID_PATTERN
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.layer import Origin
from ilo_geo.core.layer import Status
from ilo_geo.core.schema import Column
from ilo_geo.core.schema import GeometryKind
from ilo_geo.core.study_area import AreaConfig
from ilo_geo.core.text import Text
from ilo_geo.core.text import from_yaml
from ilo_geo.core.text import load_package_yaml
from ilo_geo.io.versions import VersionShelf
from ilo_geo.io.workspace import Workspace

AREA_FILE = "area.yaml"
CATALOGUE_FILE = "catalogue.yaml"
LAYER_FILE = "layer.yaml"
# every question asks for the description of every layer it uses
MAX_KEPT_DESCRIPTIONS = 512
SHIPPED_AREA = Path(__file__).parents[2] / "layers"
ID_HEX_DIGITS = 8
M = TypeVar("M", bound=BaseModel)
# it names a folder, so it must not lead elsewhere
LayerId = Annotated[str, Field(pattern=ID_PATTERN)]


class Theme(BaseModel):
    """A shelf of the catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: Text


class CatalogueFile(BaseModel):
    """The ``catalogue.yaml``: shelves and layers, in the order they are shown and drawn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    themes: tuple[Theme, ...]
    layers: tuple[LayerId, ...]


class LayerSchema(BaseModel):
    """What every file of a known layer id must hold, in any city."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    geometry: GeometryKind
    columns: dict[str, Column] = {}


@dataclass(frozen=True)
class LayerSource:
    """One place where a layer has data: its description and the folder that holds the file."""

    meta: LayerMeta
    folder: Path
    origin: Origin

    @property
    def path(self) -> Path:
        """Return the data file."""
        return self.folder / self.meta.file


@dataclass(frozen=True)
class Catalogue:
    """What a study area folder says it has."""

    folder: Path
    area: AreaConfig
    themes: tuple[Theme, ...]
    declared: dict[str, LayerMeta]
    workspace: Workspace

    @property
    def workspace_id(self) -> str:
        """Return the name of the area's folder in the workspace.

        The shipped area has its id; another folder may have any id, so its path tells it apart.
        """
        folder = self.folder.resolve()
        if folder == SHIPPED_AREA:
            return self.area.id
        return f"{self.area.id}-{hashlib.sha256(str(folder).encode()).hexdigest()[:ID_HEX_DIGITS]}"

    @property
    def versions(self) -> VersionShelf:
        """Return the versions of layers that were brought in."""
        return VersionShelf(self.workspace.versions_dir(self.workspace_id))

    @property
    def stamp(self) -> tuple[tuple[str, int], ...]:
        """Return what changes when a layer is added or another version comes into use."""
        brought = [_place(self, origin) for origin in (Origin.IMPORTED, Origin.FETCHED)]
        described = [path for place in brought for path in sorted(place.glob(f"*/{LAYER_FILE}"))]
        own = [self.folder / AREA_FILE, self.folder / CATALOGUE_FILE, self.versions.in_use_path]
        return tuple((str(p), p.stat().st_mtime_ns) for p in (*own, *described) if p.is_file())

    def source(self, layer_id: str) -> LayerSource | None:
        """Return the strongest source of a layer that has data, or None where none has."""
        return next(self.sources(layer_id), None)

    def sources(self, layer_id: str) -> Iterator[LayerSource]:
        """Yield the sources of a layer that have data, strongest first."""
        if layer_id not in self.declared:
            raise LayerNotFoundError(
                "layer.unknown",
                found=layer_id,
                where=str(self.folder),
                expected=", ".join(self.declared),
            )
        chosen = self.versions.in_use.get(layer_id)
        if chosen in set(Origin):
            # somebody went back to what came with the area, or was put there by hand
            first = self.at(layer_id, Origin(chosen))
        else:
            first = self._landed(layer_id, chosen)
        if first is not None:
            yield first
        for origin in Origin:
            source = self.at(layer_id, origin)
            if source is not None and source != first and not self._steps_back(source.meta):
                yield source

    def at(self, layer_id: str, origin: Origin) -> LayerSource | None:
        """Return a layer as it lies in the folder of one origin, or None where it does not."""
        return self._in(layer_id, self._folder(layer_id, origin), origin)

    def described(self, folder: Path) -> LayerMeta | None:
        """Return the description that lies in a layer's folder, None where it is faulty."""
        return _as_described(folder / LAYER_FILE, self.themes)

    def _landed(self, layer_id: str, version_id: str | None) -> LayerSource | None:
        """Return a layer of a version; None where there is no such version any more."""
        if version_id is None:
            return None
        folder = self.versions.layer_dir(version_id, layer_id)
        if not (folder / LAYER_FILE).is_file():
            return None
        return self._in(layer_id, folder, self.versions.origin(version_id))

    def _in(self, layer_id: str, folder: Path, origin: Origin) -> LayerSource | None:
        # a fault that appears while the city is open is told when it is opened next
        meta = self.described(folder) if (folder / LAYER_FILE).is_file() else None
        meta = meta or (self.declared[layer_id] if origin is Origin.BASELINE else None)
        has_data = meta is not None and (folder / meta.file).is_file()
        return LayerSource(meta, folder, origin) if meta is not None and has_data else None

    def _steps_back(self, meta: LayerMeta) -> bool:
        """Return whether a modelled layer was drawn to fit one that is no longer modelled."""
        if meta.status is not Status.MODELLED:
            return False
        used = (self.source(name) for name in meta.stands_on if name in self.declared)
        return any(source and source.meta.status is not Status.MODELLED for source in used)

    def meta(self, layer_id: str) -> LayerMeta:
        """Return the description of a layer's strongest source, else the declared one."""
        source = self.source(layer_id)
        return source.meta if source else self.declared[layer_id]

    def _folder(self, layer_id: str, origin: Origin) -> Path:
        if origin is Origin.SHIPPED:
            return self.folder / layer_id
        return self.workspace.layer_dir(self.workspace_id, origin, layer_id)


def _as_described(path: Path, themes: tuple[Theme, ...]) -> LayerMeta | None:
    """Return the description in ``path``; it is read again only when the file has changed."""
    stat = path.stat()
    return _read_description(path, themes, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=MAX_KEPT_DESCRIPTIONS)
def _read_description(
    path: Path, themes: tuple[Theme, ...], _changed_ns: int, _size_bytes: int
) -> LayerMeta | None:
    faults: list[str] = []
    meta = _layer(path, str(path), themes, faults)
    return None if faults else meta


@cache
def layer_schemas() -> dict[str, LayerSchema]:
    """Return the schema of every layer id that analyses know."""
    table = load_package_yaml("ilo_geo.io", "schemas.yaml")
    return {layer_id: LayerSchema.model_validate(spec) for layer_id, spec in table.items()}


def load_catalogue(folder: Path, workspace: Workspace) -> Catalogue:
    """Return the catalogue of a study area folder.

    Raises
    ------
    InputError
        ``folder`` is no study area.
    SchemaError
        Any description is faulty; every fault is listed.
    """
    for name in (AREA_FILE, CATALOGUE_FILE):
        if not (folder / name).is_file():
            raise InputError("area.not_found", where=str(folder), expected=name)
    faults: list[str] = []
    area = _parse(AreaConfig, folder / AREA_FILE, AREA_FILE, faults)
    shelf = _parse(CatalogueFile, folder / CATALOGUE_FILE, CATALOGUE_FILE, faults)
    declared = _declared(folder, shelf, faults) if shelf else {}
    if area is not None and shelf is not None:
        declared |= _brought(Catalogue(folder, area, shelf.themes, {}, workspace), shelf)
        faults.extend(f"{AREA_FILE}: {fault}" for fault in _area_faults(area, shelf))
        faults.extend(_support_faults(declared))
        catalogue = Catalogue(folder, area, shelf.themes, declared, workspace)
        _check_workspace(catalogue, shelf, faults)
        if not faults:
            faults.extend(_data_faults(catalogue))
        if not faults:
            return catalogue
    raise SchemaError("catalogue.invalid", where=str(folder), faults=faults)


def read_descriptions(folder: Path) -> dict[str, LayerMeta]:
    """Return the layers that a study area folder describes, whether their data are there or not.

    Raises
    ------
    SchemaError
        A description is faulty; every fault is listed.
    """
    faults: list[str] = []
    shelf = _parse(CatalogueFile, folder / CATALOGUE_FILE, CATALOGUE_FILE, faults)
    declared = _declared(folder, shelf, faults) if shelf else {}
    if faults:
        raise SchemaError("catalogue.invalid", where=str(folder), faults=faults)
    return declared


def _declared(folder: Path, shelf: CatalogueFile, faults: list[str]) -> dict[str, LayerMeta]:
    declared = {}
    for layer_id in shelf.layers:
        path = folder / layer_id / LAYER_FILE
        meta = _layer(path, f"{layer_id}/{LAYER_FILE}", shelf.themes, faults)
        if meta is not None:
            declared[layer_id] = meta
    return declared


def _brought(catalogue: Catalogue, shelf: CatalogueFile) -> dict[str, LayerMeta]:
    """Return the layers that somebody put in the workspace and analyses know by their id.

    So a city takes layers that it was made without, such as incidents; what is wrong with one is
    told by `_check_workspace`.
    """
    places = [
        path
        for origin in (Origin.IMPORTED, Origin.FETCHED)
        for path in sorted(_place(catalogue, origin).glob("[!.]*/"))
    ]
    versions = catalogue.versions
    places += [versions.layer_dir(v, layer) for layer, v in sorted(versions.in_use.items())]
    found: dict[str, LayerMeta] = {}
    for folder in places:
        known = folder.name in layer_schemas() and folder.name not in shelf.layers
        meta = _layer(folder / LAYER_FILE, folder.name, shelf.themes, []) if known else None
        if meta is not None:
            found.setdefault(folder.name, meta)
    return found


def _place(catalogue: Catalogue, origin: Origin) -> Path:
    """Return the folder that holds one folder for each layer of an origin."""
    return catalogue.workspace.layer_dir(catalogue.workspace_id, origin, "x").parent


def _check_workspace(catalogue: Catalogue, shelf: CatalogueFile, faults: list[str]) -> None:
    """Check every layer somebody put in the workspace; what is not described is not ignored."""
    for origin in (Origin.IMPORTED, Origin.FETCHED):
        for folder in sorted(_place(catalogue, origin).glob("[!.]*/")):
            if folder.name not in shelf.layers and folder.name not in layer_schemas():
                faults.append(f"{folder}: is no layer of {CATALOGUE_FILE}")
                continue
            meta = _layer(folder / LAYER_FILE, str(folder / LAYER_FILE), shelf.themes, faults)
            if meta is not None and not (folder / meta.file).is_file():
                faults.append(f"{folder / meta.file}: the file is missing")


def _area_faults(area: AreaConfig, shelf: CatalogueFile) -> Iterator[str]:
    try:
        require_metric(CRS.from_user_input(area.crs), where="crs")
    except ProjCrsError:
        yield f"crs: '{area.crs}' is not a known reference system"
    except CrsError as error:
        yield str(error)
    bases = [base.id for base in area.population_bases if not base.partial]
    if area.default_base not in bases:
        expected = ", ".join(bases) or "a base that is not partial"
        yield f"default_base is '{area.default_base}', expected one of {expected}"
    for level in area.levels:
        if level not in shelf.layers:
            yield f"levels: '{level}' is no layer of {CATALOGUE_FILE}"


def _support_faults(declared: dict[str, LayerMeta]) -> Iterator[str]:
    """Yield layers that stand on one that itself stands on others: one step back, not a chain."""
    for layer_id, meta in declared.items():
        for name in meta.stands_on:
            if name not in declared or declared[name].stands_on:
                where = f"{layer_id}/{LAYER_FILE}"
                yield f"{where}: stands_on: '{name}' is no layer, or stands on others"


def _data_faults(catalogue: Catalogue) -> Iterator[str]:
    """Yield the layers without data, less the modelled ones: the baseline computes those."""
    for layer_id, meta in catalogue.declared.items():
        if meta.status is not Status.MODELLED and catalogue.source(layer_id) is None:
            yield f"{layer_id}/{meta.file}: the file is missing"


def _layer(path: Path, name: str, themes: tuple[Theme, ...], faults: list[str]) -> LayerMeta | None:
    """Return a layer's description, its faults appended under ``name``."""
    meta = _parse(LayerMeta, path, name, faults)
    if meta is not None:
        faults.extend(f"{name}: {fault}" for fault in _meta_faults(meta, path, themes))
    return meta


def _meta_faults(meta: LayerMeta, path: Path, themes: tuple[Theme, ...]) -> Iterator[str]:
    if meta.id != path.parent.name:
        yield f"id is '{meta.id}', expected the folder's name '{path.parent.name}'"
    known = [theme.id for theme in themes]
    if meta.theme not in known:
        yield f"theme is '{meta.theme}', expected one of {', '.join(known)}"
    schema = layer_schemas().get(meta.id)
    if schema is not None and schema.geometry is not meta.geometry:
        yield f"geometry is '{meta.geometry}', expected '{schema.geometry}' for this id"
    if meta.crs is None and meta.geometry is not GeometryKind.TABLE:
        yield "crs is missing, expected a code such as EPSG:4326"


def _parse(model: type[M], path: Path, name: str, faults: list[str]) -> M | None:
    """Return the model read from a YAML file, or None with its faults appended under ``name``."""
    if not path.is_file():
        faults.append(f"{name}: the file is missing")
        return None
    try:
        content: Any = from_yaml(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        faults.append(f"{name}: is not YAML ({' '.join(str(error).split())})")
        return None
    try:
        return model.model_validate(content)
    except ValidationError as error:
        for fault in error.errors():
            where = ".".join(map(str, fault["loc"])) or "content"
            missing = fault["type"] == "missing"
            found = "" if missing else f" (found {fault['input']!r})"
            faults.append(f"{name}: {where}: {fault['msg']}{found}")
        return None
