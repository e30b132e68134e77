"""What several analyses ask of a city: its people by base, its streets as a graph; made once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterable
from typing import Any
from typing import TypeVar
from weakref import WeakKeyDictionary

from ilo_geo.city.network import Network
from ilo_geo.city.network import walking_network
from ilo_geo.city.population import Residents
from ilo_geo.city.population import require_apart
from ilo_geo.city.population import spread_residents
from ilo_geo.city.population import unit_inhabitants
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.layer import Layer
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.layer import Status
from ilo_geo.core.layer import VectorLayer
from ilo_geo.core.quality import Action
from ilo_geo.core.results import Notice
from ilo_geo.core.study_area import PopulationBase
from ilo_geo.core.text import Text
from ilo_geo.io.catalogue import AREA_FILE
from ilo_geo.services.areas import Area

# unit of the columns of a population layer that count people
INHABITANTS = "hab."
MAX_KEPT = 48

T = TypeVar("T")
_ABSENT = object()


class Kept:
    """The last few costly values of one area, by key; made once even when asked for twice."""

    def __init__(self) -> None:
        self._values: dict[Hashable, Any] = {}
        self._making: dict[Hashable, threading.RLock] = {}
        self._lock = threading.Lock()

    def has(self, key: Hashable) -> bool:
        """Return whether a value is there already."""
        with self._lock:
            return key in self._values

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the value of ``key``, made the first time; other keys need not wait for it."""
        with self._lock:
            making = self._making.setdefault(key, threading.RLock())
        with making:
            known = self._values.get(key, _ABSENT)
            if known is not _ABSENT:
                with self._lock:
                    # the longest unasked goes first
                    self._values[key] = self._values.pop(key, known)
                value: T = known
                return value
            made = make()
            with self._lock:
                self._values[key] = made
                while len(self._values) > MAX_KEPT:
                    oldest = next(iter(self._values))
                    del self._values[oldest]
                    self._making.pop(oldest, None)
            return made


_kept_by_area: WeakKeyDictionary[Area, Kept] = WeakKeyDictionary()


def kept_of(area: Area) -> Kept:
    """Return what is kept of an area, as long as the area lives."""
    return _kept_by_area.setdefault(area, Kept())


def present(area: Area, layer_ids: Iterable[str]) -> tuple[str, ...]:
    """Return those of the layers that have data."""
    return tuple(layer for layer in dict.fromkeys(layer_ids) if area.has(layer))


def fingerprint(area: Area, layer_ids: Iterable[str]) -> tuple[str, ...]:
    """Return what changes when one of the layers does."""
    return tuple(f"{layer} {area.layer(layer).sha256}" for layer in present(area, layer_ids))


def file_stamps(area: Area, layer_ids: Iterable[str]) -> tuple[tuple[str, int, int], ...]:
    """Return path, time and size of the files that hold the layers and the configuration.

    Cheaper than a `fingerprint`: nothing is read.
    """
    catalogue = area.catalogue
    found = [catalogue.source(layer) for layer in present(area, layer_ids)]
    paths = [catalogue.folder / AREA_FILE, *(source.path for source in found if source)]
    stats = [(path, path.stat()) for path in paths]
    return tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stats)


def offered_bases(area: Area) -> tuple[PopulationBase, ...]:
    """Return the population bases one may choose: complete ones that the layer in use holds.

    A loaded census brings its own: every column of the population layer's description in
    inhabitants that no base of the area names.
    """
    meta, config = area.meta("population"), area.config.population_bases
    known = {base.column for base in config}
    own = tuple(
        PopulationBase(
            id=name,
            title=column.title or Text(es=name, en=name),
            column=name,
            source=meta.source,
            partial=column.nullable,
        )
        for name, column in meta.columns.items()
        if column.unit == INHABITANTS and name not in known
    )
    held = set(area.frame("population").columns)
    return tuple(b for b in (*config, *own) if not b.partial and b.column in held)


def default_base(area: Area) -> str:
    """Return the id of the base that an area starts with."""
    ids = [base.id for base in offered_bases(area)]
    return area.config.default_base if area.config.default_base in ids else ids[0]


def require_choice(name: str, value: object, choices: tuple[object, ...] | list[str]) -> None:
    """Refuse a value that is none of ``choices``."""
    if value not in choices:
        expected = ", ".join(map(str, choices))
        raise ParameterError("parameter.invalid", where=name, found=repr(value), expected=expected)


def walking(area: Area) -> Network:
    """Return the streets one may walk, as a graph."""
    layer = area.layer("streets")
    streets = area.frame("streets")
    return kept_of(area).get(("network", layer.sha256), lambda: walking_network(streets))


def residents(area: Area, base_id: str) -> Residents:
    """Return where the inhabitants counted by a base live.

    Raises
    ------
    SchemaError
        The population layer lost rows at the door, or units overlap.
    """
    used = [name for name in ("population", "buildings", "streets", "water") if area.has(name)]
    stamp = tuple(area.layer(name).sha256 for name in used)
    return kept_of(area).get(("residents", stamp, base_id), lambda: _spread(area, base_id))


def _spread(area: Area, base_id: str) -> Residents:
    units = area.frame("population")
    base = next(base for base in offered_bases(area) if base.id == base_id)
    require_whole(area.layer("population"))
    require_apart(units)
    return spread_residents(
        units,
        unit_inhabitants(units, base),
        area.frame("buildings"),
        area.frame("streets"),
        area.frame("water") if area.has("water") else None,
    )


def require_whole(population: Layer) -> None:
    """Refuse a population layer of which the door set rows aside: their people would be lost."""
    if isinstance(population, VectorLayer):
        findings = population.quality.findings
        lost = findings[findings["action"] == Action.SET_ASIDE]
        faults = [f"row {row.row}: {row.problem}" for row in lost.itertuples()]
        if faults:
            raise SchemaError("population.invalid", where="population", faults=faults)


def layer_notices(area: Area, refs: tuple[LayerRef, ...]) -> tuple[Notice, ...]:
    """Return what a reader must know of the layers used: which are modelled, what was set aside."""
    notices = []
    modelled = tuple(ref.title for ref in refs if ref.status is Status.MODELLED)
    if modelled:
        notices.append(Notice("modelled_layers", {"layers": modelled}))
    displaced = tuple(ref.title for ref in refs if area.displaces_official(ref.layer))
    if displaced:
        notices.append(Notice("official_displaced", {"layers": displaced}))
    for ref in refs:
        layer = area.layer(ref.layer)
        if isinstance(layer, VectorLayer) and (n := layer.quality.count(Action.SET_ASIDE)):
            notices.append(Notice("features_set_aside", {"n": n, "layer": ref.title}))
    return tuple(notices)
