"""Use case: where to begin, from what the other analyses find of the same area."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from typing import TypeVar

import numpy as np
import pandas as pd

from ilo_geo.city.zones import polygon_of_each
from ilo_geo.core.errors import InputError
from ilo_geo.core.errors import LayerNotFoundError
from ilo_geo.core.parameters import parameter_texts
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.results import Notice
from ilo_geo.core.text import Text
from ilo_geo.hazards.multihazard_cells import SLACK_M
from ilo_geo.proposals import priority
from ilo_geo.proposals.evidence import Dwellers
from ilo_geo.proposals.evidence import green_raw
from ilo_geo.proposals.evidence import insecurity_raw
from ilo_geo.proposals.evidence import risk_raw
from ilo_geo.proposals.evidence import vulnerability_raw
from ilo_geo.proposals.rules import GREEN
from ilo_geo.proposals.rules import INSECURITY
from ilo_geo.proposals.rules import RISK
from ilo_geo.proposals.rules import VULNERABILITY
from ilo_geo.proposals.rules import priority_rules
from ilo_geo.proposals.scoring import Floats
from ilo_geo.security.need import Need
from ilo_geo.security.need import NeedParams
from ilo_geo.security.patrol.parameters import PatrolParams
from ilo_geo.security.response import S_PER_MIN
from ilo_geo.services.analyses import analysis_of
from ilo_geo.services.analysis import hazard_analysis
from ilo_geo.services.areas import Area
from ilo_geo.services.city import present
from ilo_geo.services.city import residents
from ilo_geo.services.hazard_inputs import levels_of
from ilo_geo.services.hazards import common
from ilo_geo.services.need import need_layers
from ilo_geo.services.need import need_of
from ilo_geo.services.parameters import BASE
from ilo_geo.services.patrol import patrol_layers
from ilo_geo.services.patrol import response_of

# what an analysis says of its layers is said once, of the layers of all
OF_LAYERS = ("modelled_layers", "features_set_aside")
# the area has nothing the analysis could be made of, which is no fault of a file
NOTHING_TO_GO_ON = (
    "multihazard.no_hazards",
    "multihazard.no_cells",
    "tsunami.no_shore",
    "need.nothing_known",
    "need.no_streets",
    "patrol.no_base",
    "patrol.no_base_on_network",
    "patrol.no_streets",
)
SOURCES = ("green", "multihazard")
T = TypeVar("T")


@dataclass
class Gathered:
    """What the analyses tell, and what must be said of those that tell nothing."""

    notices: list[Notice] = field(default_factory=list)

    def of(self, told: tuple[Text, ...], make: Callable[[], T]) -> T | None:
        """Return what ``make`` finds, or None with a notice where the area has no layer for it."""
        try:
            return make()
        except InputError as error:
            if not isinstance(error, LayerNotFoundError) and error.code not in NOTHING_TO_GO_ON:
                raise
            reason = Text(es=error.text("es"), en=error.text("en"))
            self.notices.append(Notice("priority.part_absent", {"part": told, "reason": reason}))
            return None

    def carry(self, notices: tuple[Notice, ...]) -> None:
        """Carry on what an analysis said, once each."""
        for notice in notices:
            if notice.code not in OF_LAYERS and notice not in self.notices:
                self.notices.append(notice)


def priority_layers(area: Area) -> tuple[str, ...]:
    """Return the layers of the analyses that the index is made of."""
    used = [layer for name in SOURCES for layer in analysis_of(name).layers_in_use(area)]
    security = (*need_layers(area), *patrol_layers(area))
    return present(area, (*used, *security, *area.config.levels))


@dataclass(frozen=True)
class Findings:
    """What the other analyses found; None where the area has no layer for one."""

    green: AnalysisResult | None
    risk: AnalysisResult | None
    need: Need | None
    late: Floats


def analyse_priority(
    area: Area, params: priority.PriorityParams, progress: Progress = silent
) -> AnalysisResult:
    """Return the index of priority of every unit of the area's levels."""
    params.weights()
    gathered = Gathered()
    found = _findings(area, params, gathered, progress)
    carried = common(area, priority_layers(area))
    inputs = priority.PriorityInputs(
        levels={name: _level(area, params, name, found) for name in area.config.levels},
        proxies=frozenset({INSECURITY} if found.need and found.need.is_proxy else ()),
        **{**carried, "notices": (*carried["notices"], *gathered.notices)},
    )
    return priority.analyse(inputs, params, progress)


def _findings(
    area: Area, params: priority.PriorityParams, gathered: Gathered, progress: Progress
) -> Findings:
    base = params.population_base
    titles = {part.id: part.title for part in priority_rules().parts}
    risk_titles = (titles[RISK], titles[VULNERABILITY])
    progress("progress.priority", 0.05)
    green = gathered.of((titles[GREEN],), lambda: _result(area, "green", base))
    progress("progress.priority", 0.2)
    risk = gathered.of(risk_titles, lambda: _result(area, "multihazard", base))
    progress("progress.priority", 0.4)
    need = gathered.of(
        (titles[INSECURITY],), lambda: need_of(area, NeedParams(population_base=base))
    )
    for told in (green and green.warnings, risk and risk.warnings, need and need.notices):
        gathered.carry(told or ())
    return Findings(green, risk, need, _late(area, params, need, gathered))


def _late(
    area: Area, params: priority.PriorityParams, need: Need | None, gathered: Gathered
) -> Floats:
    """Return 1 at each point of need that patrols reach late, 0 in time, NaN where unknown."""
    unknown = np.full(len(need.weight) if need else 0, np.nan)
    if need is None or not params.late_weight or not params.insecurity_weight:
        return unknown
    asked = PatrolParams(population_base=params.population_base)
    response_s = gathered.of((priority_rules().response_title,), lambda: response_of(area, asked))
    if response_s is None:
        return unknown
    late: Floats = (response_s > params.late_min * S_PER_MIN).astype(float)
    return late


def _result(area: Area, name: str, base: str) -> AnalysisResult:
    analysis = analysis_of(name)
    return analysis.run(area, analysis.parameters(area, {BASE: base}), silent)


def _level(
    area: Area, params: priority.PriorityParams, name: str, found: Findings
) -> priority.Level:
    polygons = levels_of(area)[name]
    dwellers = _dwellers(area, params.population_base, name, found.risk)
    raw: dict[str, pd.DataFrame] = {}
    if found.green is not None:
        table = found.green.tables[name].loc[polygons.index]
        raw[GREEN] = green_raw(table["deficit_ha"], table["population_inhab"])
    if found.risk is not None:
        raw[RISK] = risk_raw(found.risk.tables["cells"], dwellers)
        raw[VULNERABILITY] = vulnerability_raw(found.risk.tables["cells"], dwellers)
    if found.need is not None:
        raw[INSECURITY] = insecurity_raw(
            found.need.weight,
            polygon_of_each(polygons, found.need.points.geometry.to_numpy()),
            found.late,
            dwellers.inhab_of_units,
            total_inhab=float(dwellers.inhab.sum()),
            late_weight=params.late_weight,
        )
    return priority.Level(area.meta(name).title, polygons, dwellers.inhab_of_units, raw)


def _dwellers(area: Area, base_id: str, level: str, risk: AnalysisResult | None) -> Dwellers:
    points = residents(area, base_id).points
    places = points.geometry.to_numpy()
    polygons = area.frame(level)
    nowhere = area.frame(level).iloc[:0]
    cells = risk.maps["cells"] if risk else nowhere
    return Dwellers(
        inhab=points["inhab"].to_numpy(float),
        unit=polygon_of_each(polygons, places),
        cell=polygon_of_each(cells, places, slack_m=SLACK_M),
        n_units=len(polygons),
    )


PRIORITY = hazard_analysis(
    priority.ANALYSIS_ID,
    priority.PriorityParams,
    parameter_texts("ilo_geo.proposals", "priority.yaml"),
    priority_layers,
    analyse_priority,
)
