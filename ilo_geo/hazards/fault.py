"""Geological faults: bands around every catalogued trace, each as sure as the trace itself.

No trace is merged with another or preferred to it: catalogues of one fault differ by kilometres,
and which is right is not known here. Each trace has its own bands, widened by its own error of
position (`ilo_geo.hazards.positional`), and an informative magnitude from its length, which is
never summed over traces. People who stand in the bands of two traces count once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pydantic import Field

from ilo_geo.core.crs import require_same_metric_crs
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import ParameterError
from ilo_geo.core.layer import LayerRef
from ilo_geo.core.layer import Status
from ilo_geo.core.parameters import Parameters
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Notice
from ilo_geo.core.units import peru_number
from ilo_geo.hazards.cited import Cited
from ilo_geo.hazards.exposed import Exposed
from ilo_geo.hazards.exposure_report import EXPOSURE
from ilo_geo.hazards.exposure_report import band_figures
from ilo_geo.hazards.exposure_report import exposure_tables
from ilo_geo.hazards.fault_rules import Band
from ilo_geo.hazards.fault_rules import MagnitudeFormula
from ilo_geo.hazards.fault_rules import fault_rules
from ilo_geo.hazards.positional import reach_of_line
from ilo_geo.hazards.wording import filled
from ilo_geo.hazards.zones import CERTAIN
from ilo_geo.hazards.zones import Zone
from ilo_geo.hazards.zones import zone_table

ANALYSIS_ID = "fault"
HAZARD = "fault"
# where a trace may say who surveyed it
CITING_COLUMNS = ("catalogue", "source", "reference")
M_PER_KM = 1000.0


class FaultParams(Parameters):
    """What a planner may set; the three distances ascend."""

    population_base: str
    inner_m: Annotated[float, Field(ge=15, le=2000)] = 200.0
    middle_m: Annotated[float, Field(ge=15, le=5000)] = 500.0
    outer_m: Annotated[float, Field(ge=15, le=10_000)] = 1000.0


@dataclass(frozen=True)
class FaultInputs:
    """The traces and who is exposed.

    Attributes
    ----------
    area
        Id of the study area.
    faults
        Lines with ``name`` and, where known, ``accuracy_m``, ``length_km``, ``catalogue``,
        ``source``, ``reference``; the index tells traces of one name apart.
    accuracy_m, status, source
        Of the layer: used where a trace states none.
    replaced
        Sources of the weaker layers of traces that this one stands in for.
    boundary
        Outline of the study area; None where it has none, then every trace is in reach.
    exposed, refs, configuration_sha256, notices
        As in every analysis.
    """

    area: str
    faults: gpd.GeoDataFrame
    accuracy_m: float | None
    status: Status
    source: str
    boundary: Any
    exposed: Exposed
    refs: tuple[LayerRef, ...]
    replaced: tuple[str, ...] = ()
    configuration_sha256: str = ""
    notices: tuple[Notice, ...] = ()


def analyse(
    inputs: FaultInputs, params: FaultParams, *, progress: Progress = silent
) -> AnalysisResult:
    """Return the bands of every trace and who stands in them.

    Returns
    -------
    result
        Tables: ``bands`` (`zone_table`, one ``feature`` a trace), ``traces`` (index ``trace``),
        and the tables of `ilo_geo.hazards.exposure_report.exposure_tables`, headline ``inner``.

    Raises
    ------
    ParameterError
        The distances do not ascend.
    InputError
        No trace comes near the area.
    """
    _require_order(params)
    require_same_metric_crs(faults=inputs.faults, **inputs.exposed.levels)
    progress("progress.fault_bands", 0.3)
    traces = _traces(inputs, params)
    _require_near(inputs, traces)
    bands = zone_table(_zones(traces[traces["in_reach"]], params), inputs.faults.crs)
    progress("progress.exposed", 0.6)
    exposure = exposure_tables(bands, inputs.exposed, headline=_headline())
    return AnalysisResult(
        analysis=ANALYSIS_ID,
        area=inputs.area,
        parameters=params.model_dump(),
        summary=_summary(traces, exposure[EXPOSURE]),
        tables={"bands": bands, "traces": traces, **exposure},
        warnings=(*inputs.notices, *_notices(inputs, traces, bands)),
        provenance=inputs.refs,
        configuration_sha256=inputs.configuration_sha256,
    )


def magnitude(length_km: float) -> float:
    """Return the informative magnitude of a rupture of that surface length, all types of fault.

    M = 5.08 + 1.16 · log10(L), L in km (Wells and Coppersmith 1994; coefficients are data). It
    supposes that the whole length breaks at once: what a trace could do, not what it will do.
    """
    formula = fault_rules().magnitude
    return formula.intercept + formula.slope * float(np.log10(length_km))


def _require_order(params: FaultParams) -> None:
    found_m = (params.inner_m, params.middle_m, params.outer_m)
    if not params.inner_m < params.middle_m < params.outer_m:
        shown = " / ".join(f"{distance:g}" for distance in found_m)
        raise ParameterError("fault.band_order", found=shown)


def _require_near(inputs: FaultInputs, traces: gpd.GeoDataFrame) -> None:
    if traces["in_reach"].any():
        return
    nearest_km = float(traces["distance_m"].min()) / M_PER_KM if len(traces) else None
    raise InputError(
        "fault.none_in_area", n=len(traces), where=inputs.area, nearest=peru_number(nearest_km, 1)
    )


def _traces(inputs: FaultInputs, params: FaultParams) -> gpd.GeoDataFrame:
    """Return one row a trace, in the order of the layer, with all that is said of it."""
    rules, faults = fault_rules(), inputs.faults
    drawn_km = faults.length / M_PER_KM
    stated_m = _numbers(faults, "accuracy_m")
    if inputs.accuracy_m is not None:
        stated_m = stated_m.fillna(inputs.accuracy_m)
    length_km = _numbers(faults, "length_km")
    kept = [c for c in ("name", "catalogue", "reference", "slip_type") if c in faults.columns]
    traces = faults[[*kept, "geometry"]].assign(
        accuracy_m=stated_m.fillna(rules.assumed_accuracy_m),
        accuracy_assumed=stated_m.isna(),
        length_km=length_km.where(length_km > 0).fillna(drawn_km),
        drawn_length_km=drawn_km,
    )
    cited = traces.assign(source=faults["source"]) if "source" in faults.columns else traces
    surveyed = [_is_surveyed(row, inputs) for _, row in cited.iterrows()]
    traces = traces.assign(surveyed=surveyed, **_magnitudes(traces["length_km"], rules.magnitude))
    near = faults.distance(inputs.boundary) if inputs.boundary is not None else drawn_km * 0
    reach_m = [reach_of_line(params.outer_m, error).possible_m for error in traces["accuracy_m"]]
    traces = traces.assign(distance_m=near, in_reach=near.to_numpy() <= np.array(reach_m))
    return traces.set_axis([str(label) for label in faults.index]).rename_axis("trace")


def _is_surveyed(trace: pd.Series, inputs: FaultInputs) -> bool:
    """Return whether narrow bands mean anything around a trace: see the rule in the data."""
    rule = fault_rules().surveyed
    cited = [inputs.source, *(str(trace[c]) for c in CITING_COLUMNS if c in trace.index)]
    names_surveyor = any(s.casefold() in text.casefold() for s in rule.sources for text in cited)
    accurate = bool(trace["accuracy_m"] <= rule.max_accuracy_m)
    return accurate and (inputs.status in rule.statuses or names_surveyor)


def _magnitudes(length_km: pd.Series, formula: MagnitudeFormula) -> dict[str, pd.Series]:
    middle = length_km.map(magnitude)
    spread = formula.standard_deviation
    return {
        "magnitude": middle,
        "magnitude_low": middle - spread,
        "magnitude_high": middle + spread,
    }


def _numbers(frame: gpd.GeoDataFrame, column: str) -> pd.Series:
    if column not in frame.columns:
        return pd.Series(np.nan, index=frame.index)
    return pd.to_numeric(frame[column], errors="coerce").astype(float)


def _bands(params: FaultParams, *, surveyed: bool) -> Iterator[tuple[Band, float, Cited]]:
    rules = fault_rules()
    if surveyed:
        for near in rules.near_bands:
            yield near, near.distance_m, rules.near_bands_source
    for band in rules.bands:
        yield band, float(getattr(params, band.parameter)), rules.bands_source


def _zones(traces: gpd.GeoDataFrame, params: FaultParams) -> Iterator[Zone]:
    for trace, row in traces.iterrows():
        for band, distance_m, source in _bands(params, surveyed=bool(row["surveyed"])):
            title = filled(band.title, distance=peru_number(distance_m))
            outlines = reach_of_line(distance_m, row["accuracy_m"]).outlines(row["geometry"])
            known = [row[c] for c in ("catalogue", "name") if c in row and isinstance(row[c], str)]
            cited = "; ".join([*known[:1], source.text])
            for certainty, outline in outlines.items():
                yield Zone(
                    HAZARD, band.id, title, band.level, certainty, outline, cited, str(trace)
                )


def _headline() -> str:
    return f"{HAZARD}/{fault_rules().bands[0].id}"


def _summary(traces: gpd.GeoDataFrame, exposure: pd.DataFrame) -> dict[str, Any]:
    near = traces[traces["in_reach"]]
    longest = near.loc[near["length_km"].idxmax()]
    return {
        "n_traces": len(traces),
        "n_traces_in_reach": len(near),
        "n_traces_surveyed": int(near["surveyed"].sum()),
        **band_figures(exposure, _headline()),
        "longest_length_km": float(longest["length_km"]),
        "longest_magnitude": float(longest["magnitude"]),
        "longest_magnitude_low": float(longest["magnitude_low"]),
        "longest_magnitude_high": float(longest["magnitude_high"]),
    }


def _notices(
    inputs: FaultInputs, traces: gpd.GeoDataFrame, bands: gpd.GeoDataFrame
) -> Iterator[Notice]:
    near = traces[traces["in_reach"]]
    if n_far := len(traces) - len(near):
        yield Notice("fault.traces_elsewhere", {"n": n_far, "where": inputs.area})
    if n_assumed := int(near["accuracy_assumed"].sum()):
        metres = peru_number(fault_rules().assumed_accuracy_m)
        yield Notice("fault.accuracy_assumed", {"n": n_assumed, "accuracy": metres})
    official = inputs.status is Status.OFFICIAL
    if official:
        n_surveyed = int(near["surveyed"].sum())
        yield Notice(
            "fault.official", {"source": inputs.source, "n": len(near), "surveyed": n_surveyed}
        )
    if inputs.replaced:
        yield Notice("fault.replaced", {"replaced": "; ".join(inputs.replaced)})
    if not near["surveyed"].any():
        code = "fault.official_unsurveyed" if official else "fault.none_surveyed"
        most = f"{fault_rules().surveyed.max_accuracy_m:g}"
        yield Notice(code, {"distance": _near_distances(), "accuracy": most})
    if not near["surveyed"].all():
        yield Notice("fault.sure_of_its_trace", {"n": len(near)})
    inner = bands[bands["band"] == fault_rules().bands[0].id]
    sure = set(inner.loc[inner["certainty"] == CERTAIN, "feature"])
    if n_unsure := len(near.index.difference(list(sure))):
        worst = peru_number(float(near["accuracy_m"].max()))
        yield Notice("fault.nobody_is_sure", {"n": n_unsure, "accuracy": worst})


def _near_distances() -> str:
    return "/".join(f"{band.distance_m:g}" for band in fault_rules().near_bands)
