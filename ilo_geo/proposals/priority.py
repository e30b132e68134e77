"""Where to begin: an index of priority for each unit of each level, opened into its parts.

Pure: the same inputs and parameters give the same result; nothing is read or written. Scale and
index are told in `scoring`, raw values in `evidence`, draws in `stability`. Units of one level are
compared with each other only: the scale of the districts is not that of the zones.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import geopandas as gpd
import numpy as np
import pandas as pd
from pydantic import Field

from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.parameters import Parameters
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Notice
from ilo_geo.core.text import Text
from ilo_geo.proposals.priority_tables import Scored
from ilo_geo.proposals.priority_tables import level_table
from ilo_geo.proposals.priority_tables import scales_table
from ilo_geo.proposals.priority_tables import summary
from ilo_geo.proposals.priority_tables import weights_table
from ilo_geo.proposals.rules import priority_rules
from ilo_geo.proposals.scoring import HIGH
from ilo_geo.proposals.scoring import LOW
from ilo_geo.proposals.scoring import MID
from ilo_geo.proposals.scoring import Floats
from ilo_geo.proposals.scoring import index_of
from ilo_geo.proposals.scoring import place_interval
from ilo_geo.proposals.scoring import places
from ilo_geo.proposals.scoring import scaled_part
from ilo_geo.proposals.stability import stability

ANALYSIS_ID = "priority"


class PriorityParams(Parameters):
    """What a planner may set; weights count in proportion to each other."""

    population_base: str
    green_weight: Annotated[float, Field(ge=0, le=1)] = 0.30
    risk_weight: Annotated[float, Field(ge=0, le=1)] = 0.30
    insecurity_weight: Annotated[float, Field(ge=0, le=1)] = 0.25
    vulnerability_weight: Annotated[float, Field(ge=0, le=1)] = 0.15
    top_k: Annotated[int, Field(ge=1, le=50)] = 3
    weight_swing_ratio: Annotated[float, Field(ge=0, le=0.9)] = 0.2
    late_min: Annotated[float, Field(ge=1, le=60)] = 8.0
    late_weight: Annotated[float, Field(ge=0, le=5)] = 1.0
    n_draws: Annotated[int, Field(ge=20, le=2000)] = 1000
    seed: Annotated[int, Field(ge=0, le=2**31)] = 1

    def weights(self) -> dict[str, float]:
        """Return the weight of each part, summing to 1.

        Raises
        ------
        ParameterError
            All are zero.
        """
        given = {part: float(getattr(self, f"{part}_weight")) for part in priority_rules().ids}
        total = sum(given.values())
        if total <= 0:
            names = ", ".join(f"{part}_weight" for part in given)
            raise ParameterError("priority.no_weight", where=names)
        return {part: weight / total for part, weight in given.items()}


@dataclass(frozen=True)
class Level:
    """The units of one level.

    Attributes
    ----------
    title
        What the level is called.
    polygons
        Index ``id``; ``name`` where known.
    inhab
        Inhabitants of each unit.
    raw
        By part ``low``, ``mid``, ``high``, a row a unit; NaN where there are no data. A part that
        is absent has no data anywhere.
    """

    title: Text
    polygons: gpd.GeoDataFrame
    inhab: Floats
    raw: Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class PriorityInputs:
    """The levels of an area, coarse to fine, and which parts stand on a proxy."""

    area: str
    levels: Mapping[str, Level]
    proxies: frozenset[str] = frozenset()
    refs: tuple[LayerRef, ...] = ()
    notices: tuple[Notice, ...] = ()
    configuration_sha256: str = ""


def analyse(
    inputs: PriorityInputs, params: PriorityParams, progress: Progress = silent
) -> AnalysisResult:
    """Return the index of every unit, its interval, its parts and how stable its place is.

    Returns
    -------
    result
        Tables: one a level, ``weights`` and ``scales``; columns in docs/methods.

    Raises
    ------
    ParameterError
        All weights are zero.
    InputError
        No level, nobody lives in one, no data of any part that weighs, or an interval whose ends
        are out of order.
    CrsError
        Levels in different reference systems.
    """
    weights = params.weights()
    _require_usable(inputs, weights)
    progress("progress.priority", 0.6)
    scored = {name: _scored(level, params, weights) for name, level in inputs.levels.items()}
    tables: dict[str, pd.DataFrame] = {
        name: level_table(inputs.levels[name].polygons, inputs.levels[name].inhab, one, weights)
        for name, one in scored.items()
    }
    finest = list(inputs.levels)[-1]
    tables["weights"] = weights_table(params.model_dump(), weights, inputs.proxies)
    tables["scales"] = scales_table(scored)
    return AnalysisResult(
        analysis=ANALYSIS_ID,
        area=inputs.area,
        parameters=params.model_dump(),
        summary=summary(tables[finest], weights, params.top_k, inputs.proxies),
        tables=tables,
        warnings=(*inputs.notices, *_notices(inputs, scored, weights, params.top_k)),
        provenance=inputs.refs,
        configuration_sha256=inputs.configuration_sha256,
    )


def _require_usable(inputs: PriorityInputs, weights: Mapping[str, float]) -> None:
    if not inputs.levels:
        raise InputError("priority.no_levels", where=inputs.area)
    require_same_metric_crs(**{name: level.polygons for name, level in inputs.levels.items()})
    weighing = [part for part, weight in weights.items() if weight > 0]
    for name, level in inputs.levels.items():
        inhabited = level.inhab > 0
        if not inhabited.any():
            raise InputError("priority.nobody", where=name)
        for part, raw in level.raw.items():
            low, mid, high = (raw[end].to_numpy(float) for end in (LOW, MID, HIGH))
            if ((low > mid) | (mid > high)).any():
                raise InputError("priority.interval", where=f"{name}, {part}")
        known = [part for part in weighing if _known(level, part)[inhabited].any()]
        if not known:
            raise InputError("priority.nothing_known", where=name, parts=", ".join(weighing))


def _known(level: Level, part: str) -> np.ndarray:
    if part not in level.raw:
        return np.zeros(len(level.polygons), dtype=bool)
    known: np.ndarray = level.raw[part][MID].notna().to_numpy()
    return known


def _scored(level: Level, params: PriorityParams, weights: Mapping[str, float]) -> Scored:
    """Return scale, index and places of the units where anybody lives."""
    ranked = np.flatnonzero(level.inhab > 0)
    nothing = pd.DataFrame(np.nan, index=range(len(level.polygons)), columns=[LOW, MID, HIGH])
    raw = {part: level.raw.get(part, nothing).iloc[ranked] for part in weights}
    parts = {part: scaled_part(one) for part, one in raw.items()}
    index = index_of(parts, weights)
    best, worst = place_interval(index)
    return Scored(
        ranked=ranked,
        raw=raw,
        parts=parts,
        index=index,
        rank=places(index.mid),
        rank_low=best,
        rank_high=worst,
        stability=stability(
            parts,
            weights,
            top_k=params.top_k,
            swing_ratio=params.weight_swing_ratio,
            n_draws=params.n_draws,
            seed=params.seed,
        ),
    )


def _notices(
    inputs: PriorityInputs, scored: Mapping[str, Scored], weights: Mapping[str, float], top_k: int
) -> Iterator[Notice]:
    yield Notice("priority.per_inhabitant")
    titles = {part.id: part.title for part in priority_rules().parts}
    weighing = [part for part, weight in weights.items() if weight > 0]
    proxies = tuple(titles[part] for part in weighing if part in inputs.proxies)
    if proxies:
        yield Notice("priority.proxy", {"parts": proxies})
    for name, one in scored.items():
        title, n = inputs.levels[name].title, len(one.ranked)
        for part in weighing:
            said = {"part": titles[part], "level": title}
            unknown = int((~one.parts[part].known).sum())
            if unknown:
                yield Notice("priority.unknown", {**said, "n": unknown, "total": n})
            if unknown < n and not one.parts[part].distinguishes:
                yield Notice("priority.all_alike", said)
        able = int((one.rank_low <= top_k).sum())
        if able > min(top_k, n):
            yield Notice("priority.open", {"n": able, "total": n, "k": top_k, "level": title})
        first = int((one.rank <= top_k).sum())
        if first > min(top_k, n):
            yield Notice("priority.ties", {"n": first, "k": top_k, "level": title})
        empty = len(inputs.levels[name].polygons) - n
        if empty:
            yield Notice("priority.uninhabited", {"n": empty, "level": title})
