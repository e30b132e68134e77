"""Use case: the green analysis of a study area, with the costly steps kept between questions."""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Mapping
from typing import Any
from typing import TypeVar
from weakref import WeakKeyDictionary

import geopandas as gpd
import pandas as pd

from ilo_geo.city.network import Network
from ilo_geo.city.network import walking_network
from ilo_geo.city.population import require_apart
from ilo_geo.city.population import spread_residents
from ilo_geo.city.population import unit_inhabitants
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.errors import SchemaError
from ilo_geo.core.layer import Layer
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.layer import Status
from ilo_geo.core.layer import VectorLayer
from ilo_geo.core.parameters import Choice
from ilo_geo.core.parameters import ParameterSpec
from ilo_geo.core.parameters import bounds
from ilo_geo.core.parameters import parse_parameters
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.quality import Action
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Notice
from ilo_geo.core.study_area import PopulationBase
from ilo_geo.core.text import Text
from ilo_geo.green.analysis import ANALYSIS_ID
from ilo_geo.green.analysis import analyse
from ilo_geo.green.parameters import GreenParams
from ilo_geo.green.parameters import parameter_texts
from ilo_geo.green.report_units import report_units
from ilo_geo.green.scene import GreenInputs
from ilo_geo.green.scene import GreenScene
from ilo_geo.green.scene import green_scene
from ilo_geo.green.standards import AccessStandard
from ilo_geo.green.standards import access_standards
from ilo_geo.services.areas import Area

GREEN_LAYERS = ("parks", "other_green", "sports_fields")
GREEN_COLUMNS = ["name", "kind", "access", "since_year", "until_year", "geometry"]
OPTIONAL_LAYERS = ("barriers", "gates", "water")
# unit of the columns of a population layer that count people
INHABITANTS = "hab."
NOT_VERIFIED = "NV"
MAX_KEPT = 24

T = TypeVar("T")


class _Kept:
    """The last few costly values of one area, by key; made once even when asked for twice."""

    def __init__(self) -> None:
        self._values: dict[Hashable, Any] = {}
        self._lock = threading.RLock()

    def has(self, key: Hashable) -> bool:
        return key in self._values

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            if key not in self._values:
                self._values[key] = make()
                while len(self._values) > MAX_KEPT:
                    del self._values[next(iter(self._values))]
            value: T = self._values[key]
            return value


_kept_by_area: WeakKeyDictionary[Area, _Kept] = WeakKeyDictionary()


def green_defaults(area: Area) -> dict[str, Any]:
    """Return the parameters that an area sets before the planner touches any."""
    config = area.config
    year = max(config.green_years, default=None)
    bases = offered_bases(area)
    ids = [base.id for base in bases]
    return {
        "population_base": bases[0].id if config.default_base not in ids else config.default_base,
        "year": year,
        **config.defaults.get(ANALYSIS_ID, {}),
    }


def green_parameters(area: Area, raw: Mapping[str, Any]) -> GreenParams:
    """Return validated parameters: those given over those of the area.

    Raises
    ------
    ParameterError
        A name is unknown, or a value out of range or not one of the area's choices.
    """
    given = {name: value for name, value in raw.items() if value not in (None, "")}
    params = parse_parameters(GreenParams, {**green_defaults(area), **given})
    bases = [base.id for base in offered_bases(area)]
    _require_choice("population_base", params.population_base, bases)
    _require_choice("year", params.year, area.config.green_years or (None,))
    return params


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


def _require_choice(name: str, value: object, choices: tuple[object, ...] | list[str]) -> None:
    if value not in choices:
        expected = ", ".join(map(str, choices))
        raise ParameterError("parameter.invalid", where=name, found=repr(value), expected=expected)


def green_parameter_specs(area: Area) -> tuple[ParameterSpec, ...]:
    """Return what the controls need to know about each parameter, in the order they are shown."""
    config = area.config
    choices = {
        "population_base": tuple(
            Choice(base.id, base.title, base.source) for base in offered_bases(area)
        ),
        "year": tuple(
            Choice(year, Text(es=str(year), en=str(year)), parameter_texts()["year"].source)
            for year in config.green_years
        ),
        "access_standard": tuple(
            Choice(key, _marked(standard), standard.source)
            for key, standard in access_standards().items()
        ),
    }
    defaults = green_parameters(area, {}).model_dump()
    specs = []
    for name, text in parameter_texts().items():
        lower, upper = bounds(GreenParams, name)
        integer = isinstance(defaults[name], int)
        specs.append(
            ParameterSpec(name, text, defaults[name], lower, upper, integer, choices.get(name, ()))
        )
    return tuple(spec for spec in specs if spec.name != "year" or config.green_years)


def _marked(standard: AccessStandard) -> Text:
    """Return the name of a norm, with the mark of one quoted from memory."""
    title = standard.title
    if standard.status != NOT_VERIFIED:
        return title
    return Text(es=f"{title.es} ({NOT_VERIFIED})", en=f"{title.en} ({NOT_VERIFIED})")


def analyse_green(
    area: Area, params: GreenParams, *, progress: Progress = silent
) -> AnalysisResult:
    """Return the green analysis of ``area``; what was computed before is reused.

    Raises
    ------
    LayerNotFoundError
        A layer it needs has no data.
    InputError
        A layer is faulty.
    """
    kept = _kept_by_area.setdefault(area, _Kept())
    refs = _refs(area)
    stamp = tuple(ref.sha256 for ref in refs)
    inputs = kept.get(
        ("inputs", stamp, params.population_base),
        lambda: _inputs(area, kept, params.population_base, refs, progress),
    )
    scene: GreenScene = kept.get(
        ("scene", stamp, *_scene_key(params)),
        lambda: green_scene(
            inputs, year=params.year, reach_m=params.entrance_reach_m, progress=progress
        ),
    )
    units = kept.get(
        ("units", stamp, *_scene_key(params), params.cell_resolution),
        lambda: report_units(inputs, scene, cell_resolution=params.cell_resolution),
    )
    return kept.get(
        ("result", stamp, params.model_dump_json()),
        lambda: analyse(inputs, scene, units, params, progress=progress),
    )


def is_warm(area: Area, params: GreenParams) -> bool:
    """Return whether the analysis would reuse the costly steps and so answer at once."""
    kept = _kept_by_area.get(area)
    stamp = tuple(ref.sha256 for ref in _refs(area)) if kept else ()
    key = ("units", stamp, *_scene_key(params), params.cell_resolution)
    return kept is not None and kept.has(key)


def _scene_key(params: GreenParams) -> tuple[Hashable, ...]:
    return params.population_base, params.year, params.entrance_reach_m


def layers_in_use(area: Area) -> tuple[str, ...]:
    """Return the ids of the layers that the analysis would use now."""
    needed = ["population", "streets", "parks", "buildings", *area.config.levels]
    optional = [*GREEN_LAYERS[1:], *OPTIONAL_LAYERS]
    return tuple(dict.fromkeys([*needed, *(name for name in optional if area.has(name))]))


def _refs(area: Area) -> tuple[LayerRef, ...]:
    return tuple(area.layer(name).ref for name in layers_in_use(area))


def _inputs(
    area: Area,
    kept: _Kept,
    base_id: str,
    refs: tuple[LayerRef, ...],
    progress: Progress,
) -> GreenInputs:
    progress("progress.layers", 0.05)
    config = area.config
    units, streets = area.frame("population"), area.frame("streets")
    base = next(base for base in offered_bases(area) if base.id == base_id)
    _require_whole(area.layer("population"))
    require_apart(units)
    optional = {name: area.frame(name) if area.has(name) else None for name in OPTIONAL_LAYERS}
    progress("progress.network", 0.3)
    street_sha = next(ref.sha256 for ref in refs if ref.layer == "streets")
    network: Network = kept.get(("network", street_sha), lambda: walking_network(streets))
    progress("progress.population", 0.45)
    residents = spread_residents(
        units,
        unit_inhabitants(units, base),
        area.frame("buildings"),
        streets,
        optional["water"],
    )
    return GreenInputs(
        area=config.id,
        residents=residents,
        levels={level: area.frame(level) for level in config.levels},
        green=_all_green(area),
        streets=streets,
        network=network,
        barriers=optional["barriers"],
        gates=optional["gates"],
        age_ratio=_age_ratio(area, units, base),
        age_groups=config.age_groups,
        plan_figures=config.plan_figures,
        green_years=config.green_years,
        refs=refs,
        configuration_sha256=area.configuration_sha256,
        notices=_notices(area, refs),
    )


def _require_whole(population: Layer) -> None:
    """Refuse a population layer of which the door set rows aside: their people would be lost."""
    if isinstance(population, VectorLayer):
        findings = population.quality.findings
        lost = findings[findings["action"] == Action.SET_ASIDE]
        faults = [f"row {row.row}: {row.problem}" for row in lost.itertuples()]
        if faults:
            raise SchemaError("population.invalid", where="population", faults=faults)


def _all_green(area: Area) -> gpd.GeoDataFrame:
    frames = {name: area.frame(name)[GREEN_COLUMNS] for name in GREEN_LAYERS if area.has(name)}
    rows = [frame.set_index(name + "/" + frame.index.astype(str)) for name, frame in frames.items()]
    filled = [frame for frame in rows if len(frame)] or rows[:1]
    return gpd.GeoDataFrame(pd.concat(filled), crs=area.crs)


def _age_ratio(area: Area, units: gpd.GeoDataFrame, base: PopulationBase) -> pd.DataFrame | None:
    groups = area.config.age_groups
    if not groups:
        return None
    counted = units[base.column].astype(float)
    return pd.DataFrame({group.id: units[group.column] / counted for group in groups})


def _notices(area: Area, refs: tuple[LayerRef, ...]) -> tuple[Notice, ...]:
    notices = []
    modelled = tuple(ref.title for ref in refs if ref.status is Status.MODELLED)
    if modelled:
        notices.append(Notice("modelled_layers", {"layers": modelled}))
    for ref in refs:
        layer = area.layer(ref.layer)
        if isinstance(layer, VectorLayer) and (n := layer.quality.count(Action.SET_ASIDE)):
            notices.append(Notice("features_set_aside", {"n": n, "layer": ref.title}))
    return tuple(notices)
