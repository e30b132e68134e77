"""Use case: bring layers in as a version, switch to it or back, and say what it changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pandas as pd
from pandas.api.types import is_string_dtype

from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import LayerNotFoundError
from ilo_geo.core.layer import Layer
from ilo_geo.core.layer import LayerMeta
from ilo_geo.core.layer import Origin
from ilo_geo.core.layer import RasterLayer
from ilo_geo.core.layer import Status
from ilo_geo.core.layer import VectorLayer
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.io.catalogue import LayerSource
from ilo_geo.io.dem import Dem
from ilo_geo.io.municipal.values import clean_text
from ilo_geo.io.vector import file_sha256
from ilo_geo.io.versions import LandedLayer
from ilo_geo.io.versions import Version
from ilo_geo.io.versions import VersionKind
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.deficit_change import DeficitChange
from ilo_geo.services.deficit_change import deficit
from ilo_geo.services.deficit_change import touches_deficit
from ilo_geo.services.init_layers import NewLayer
from ilo_geo.services.init_layers import init_table
from ilo_geo.services.init_layers import layer_meta
from ilo_geo.services.layer_changes import LayerChange
from ilo_geo.services.layer_changes import layer_change
from ilo_geo.services.layer_folders import LayerData
from ilo_geo.services.layer_folders import write_layer

LOCK = "versions"
# why a layer that landed is not in use
EMPTY, WEAKER = "empty", "weaker"
OUTSIDE = "outside_study_area"
# in place of a version: nobody's choice any more, the strongest source counts
STRONGEST = "strongest"


@dataclass(frozen=True)
class NewVersion:
    """Layers that come in together, and where they come from; ``made`` is in UTC."""

    kind: VersionKind
    source: str
    made: datetime
    layers: Mapping[str, NewLayer]
    query: str | None = None
    endpoint: str | None = None


@dataclass(frozen=True)
class LandReport:
    """What landing did.

    Attributes
    ----------
    version
        The version as it lies in the workspace.
    in_use
        Layers that come from it now.
    absent
        Layers of ``in_use`` of which the source has nothing: its word for none.
    kept
        Layers that landed beside what stays in use, and why: ``empty`` (no features), ``weaker``
        (what is in use has a stronger status).
    stepped_back
        Modelled layers that had data and have none now, as they were drawn to fit replaced ones.
    changes
        What differs, for each layer of ``in_use`` that has features.
    deficit
        The green deficit before and after; None where no layer it needs changed.
    """

    version: Version
    in_use: tuple[str, ...]
    absent: tuple[str, ...]
    kept: Mapping[str, str]
    stepped_back: tuple[str, ...]
    changes: Mapping[str, LayerChange]
    deficit: DeficitChange | None


@dataclass(frozen=True)
class HistoryEntry:
    """One version and the layers that come from it now."""

    version: Version
    in_use: tuple[str, ...]


def land(area: Area, new: NewVersion, *, progress: Progress = silent) -> LandReport:
    """Bring layers in beside what is there, switch to them in one move and report the difference.

    What a person imports comes into use; what is fetched does so unless what is in use has a
    stronger status. A fetched layer without features does so only where nothing real is in use for
    it once this landed. Nothing that was there is lost: see `use` and `undo`.

    Raises
    ------
    InputError
        A layer does not pass the door, or a person imports one without a row that can be used;
        nothing is in use by then.
    WorkspaceError
        The disk refused or another process holds the workspace; what was there is kept.
    """
    shelf = area.catalogue.versions
    with area.catalogue.workspace.lock(LOCK):
        progress("progress.write_layers", 0.0)
        version = _written(area, new)
        try:
            usable = _past_the_door(area, version, new)
            kept = _kept(area, new, usable)
        except InputError:
            shelf.remove(version.id)
            raise
        chosen = tuple(layer for layer in new.layers if layer not in kept)
        before = _snapshot(area)
        progress("progress.compare", 0.4)
        was = deficit(area) if touches_deficit(area, chosen) else None
        # an area looks up what is in use at every question: read what was before it changes
        then = {layer: _rows(area, layer) for layer in chosen if layer in before}
        if chosen:
            shelf.choose({**shelf.in_use, **dict.fromkeys(chosen, version.id)}, new.made)
    now = open_area(area.catalogue.folder, area.catalogue.workspace)
    progress("progress.compare", 0.7)
    stepped_back = tuple(layer for layer in before if not now.has(layer))
    changes = {layer: _change(then.get(layer), _rows(now, layer)) for layer in chosen}
    known = {layer: change for layer, change in changes.items() if change is not None}
    is_changed = None if was is None else DeficitChange(was, deficit(now))
    progress("progress.compare", 1.0)
    absent = tuple(layer for layer in chosen if usable[layer] == 0)
    return LandReport(version, chosen, absent, kept, stepped_back, known, is_changed)


def history(area: Area) -> tuple[HistoryEntry, ...]:
    """Return every version, newest first, with the layers that come from it now."""
    shelf = area.catalogue.versions
    chosen = shelf.in_use
    return tuple(
        HistoryEntry(version, tuple(n for n in version.layers if chosen.get(n) == version.id))
        for version in shelf.versions()
    )


def use(area: Area, which: str, layers: tuple[str, ...], at: datetime) -> tuple[str, ...]:
    """Switch layers to a version, or back to an origin (shipped, baseline …); return which.

    ``layers`` empty means all of the version. `STRONGEST` takes the choice back: a layer that came
    with no other source is gone then.

    Raises
    ------
    InputError
        There is no such version, or it or the origin does not have a layer.
    """
    shelf = area.catalogue.versions
    is_origin = which in {*Origin, STRONGEST}
    held = layers if is_origin else tuple(shelf.version(which).layers)
    wanted = layers or held
    if not wanted:
        raise InputError("version.no_layer", found=which)
    for layer in wanted:
        has = _origin_has(area, layer, which) if is_origin else layer in held
        if not has:
            raise InputError("version.without_layer", layer=layer, found=which)
    with area.catalogue.workspace.lock(LOCK):
        left = {n: v for n, v in shelf.in_use.items() if n not in wanted}
        shelf.choose(left if which == STRONGEST else left | dict.fromkeys(wanted, which), at)
    return wanted


def undo(area: Area) -> tuple[str, ...]:
    """Take back the last switch; return the layers that come from elsewhere now."""
    shelf = area.catalogue.versions
    with area.catalogue.workspace.lock(LOCK):
        before = shelf.in_use
        after = shelf.step_back()
    return tuple(n for n in dict.fromkeys((*before, *after)) if before.get(n) != after.get(n))


def _written(area: Area, new: NewVersion) -> Version:
    """Write the layers and return the version; the same content twice is two versions."""
    shelf, landed = area.catalogue.versions, {}
    metas = {name: _meta(area, name, layer) for name, layer in new.layers.items()}
    word = re.sub(r"[^a-z0-9]+", "_", new.source.lower()).strip("_")[:24] or new.kind
    asked = f"{new.made.isoformat()} {new.kind} {new.source} {new.query} {sorted(new.layers)}"
    made = new.made.astimezone(UTC)
    version = Version(
        id=shelf.free_id(made, word, asked),
        kind=new.kind,
        source=new.source,
        made=made,
        query=new.query,
        endpoint=new.endpoint,
        layers={},
    )

    def write(folder: Path) -> Version:
        for name, layer in new.layers.items():
            write_layer(folder / name, metas[name], _readable(layer.data))
            n_features = None if isinstance(layer.data, Dem) else len(layer.data)
            sha256 = file_sha256(folder / name / metas[name].file)
            landed[name] = LandedLayer(sha256=sha256, n_features=n_features)
        return version.model_copy(update={"layers": landed})

    return shelf.put(version.id, write)


def _readable(data: LayerData) -> LayerData:
    """Return data whose text holds nothing that hides or turns it; a server may send anything."""
    if isinstance(data, Dem):
        return data
    texts = [c for c in data.columns if data[c].dtype == object or is_string_dtype(data[c])]
    return data.assign(**{str(c): clean_text(data[c])[0] for c in texts})


def _meta(area: Area, name: str, layer: NewLayer) -> LayerMeta:
    """Return the description of a layer as this area titles and shelves it."""
    catalogue = area.catalogue
    if name not in init_table().layers:
        expected = ", ".join(init_table().layers)
        where = str(catalogue.area.id)
        raise LayerNotFoundError("layer.unknown", found=name, where=where, expected=expected)
    declared = catalogue.declared.get(name)
    if declared is not None:
        meta = layer_meta(name, layer, theme=declared.theme)
        return meta.model_copy(update={"title": declared.title})
    shelf, themes = init_table().layers[name], [theme.id for theme in catalogue.themes]
    fitting = (theme for theme in (shelf.theme, shelf.elsewhere) if theme in themes)
    return layer_meta(name, layer, theme=next(fitting, themes[0]))


def _past_the_door(area: Area, version: Version, new: NewVersion) -> dict[str, int | None]:
    """Read what was written as every analysis will, before anything is switched to it.

    Returns the features within the city that can be used, None for a raster.
    """
    shelf, usable = area.catalogue.versions, {}
    for name, layer in new.layers.items():
        folder, origin = shelf.layer_dir(version.id, name), shelf.origin(version.id)
        try:
            read = area.read(LayerSource(_meta(area, name, layer), folder, origin))
        except InputError as error:
            # the folder goes away again: what came is what can be mended
            error.fields["where"] = new.source
            raise
        usable[name] = _n_usable(read)
    return usable


def _n_usable(layer: Layer) -> int | None:
    if isinstance(layer, RasterLayer):
        return None
    if not isinstance(layer, VectorLayer):
        return len(layer.data)
    findings = layer.quality.findings
    return len(layer.data) - int((findings["problem"] == OUTSIDE).sum())


def _kept(area: Area, new: NewVersion, usable: Mapping[str, int | None]) -> dict[str, str]:
    """Return the layers that stay beside what is in use, and why."""
    if new.kind == "import":
        for name in new.layers:
            if usable[name] == 0:
                raise InputError("version.empty", found=new.source, layer=name)
        return {}
    real: set[str] = set()
    while True:
        reasons = {
            name: _why_kept(area, layer, _left(area, name, real), usable[name])
            for name, layer in new.layers.items()
        }
        chosen = {name for name, reason in reasons.items() if reason is None}
        known = {name for name in chosen if new.layers[name].terms.status is not Status.MODELLED}
        if known == real:
            return {name: reason for name, reason in reasons.items() if reason is not None}
        # what comes into use makes others step back, and so leaves room for more
        real = known


def _left(area: Area, name: str, real: set[str]) -> LayerSource | None:
    """Return what a layer comes from once the layers ``real`` are observed; None for nothing."""
    catalogue = area.catalogue
    if name not in catalogue.declared:
        return None
    # what somebody chose does not step back
    stays = name in catalogue.versions.in_use
    left = (
        source
        for source in catalogue.sources(name)
        if stays or source.meta.status is not Status.MODELLED or not real & {*source.meta.stands_on}
    )
    return next(left, None)


def _why_kept(
    area: Area, layer: NewLayer, left: LayerSource | None, n_usable: int | None
) -> str | None:
    """Return why a fetched layer stays beside what is left, or None where it comes into use."""
    if left is None:
        return None
    is_weaker = left.meta.status.rank < layer.terms.status.rank
    if n_usable == 0 and (is_weaker or not _is_empty(area, left)):
        return EMPTY
    return WEAKER if is_weaker else None


def _is_empty(area: Area, source: LayerSource) -> bool:
    try:
        return _n_usable(area.read(source)) == 0
    except InputError:
        # a file with a fault may hold something
        return False


def _snapshot(area: Area) -> dict[str, Status]:
    """Return the layers that have data, with their status."""
    declared = area.catalogue.declared
    return {name: area.meta(name).status for name in declared if area.has(name)}


def _rows(area: Area, name: str) -> pd.DataFrame | None:
    """Return the features of a layer in use, None for a raster and for one that is refused."""
    try:
        layer = area.layer(name)
    except InputError:
        return None
    return None if isinstance(layer, RasterLayer) else layer.data


def _change(then: pd.DataFrame | None, now: pd.DataFrame | None) -> LayerChange | None:
    """Return what differs in a layer, None for a raster."""
    return None if now is None else layer_change(then, now)


def _origin_has(area: Area, layer: str, origin: str) -> bool:
    if origin == STRONGEST:
        return layer in area.catalogue.versions.in_use
    declared = layer in area.catalogue.declared
    return declared and area.catalogue.at(layer, Origin(origin)) is not None
