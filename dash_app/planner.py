"""What the pages ask of the library: one object an app, no state outside it."""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

from dash.exceptions import PreventUpdate

from dash_app.fetch_desk import FetchDesk
from ilo_geo.core.errors import InputError
from ilo_geo.core.parameters import Parameters
from ilo_geo.core.parameters import ParameterSpec
from ilo_geo.core.progress import Progress
from ilo_geo.core.progress import silent
from ilo_geo.core.results import AnalysisResult
from ilo_geo.core.text import Lang
from ilo_geo.green.analysis import ANALYSIS_ID as GREEN
from ilo_geo.green.analysis import CELLS
from ilo_geo.hazards.evacuation.analysis import ANALYSIS_ID as EVACUATION
from ilo_geo.hazards.evacuation.parameters import EvacuationParams
from ilo_geo.hazards.tsunami import ANALYSIS_ID as TSUNAMI
from ilo_geo.hazards.tsunami import TsunamiParams
from ilo_geo.services.analyses import analyses
from ilo_geo.services.analyses import analysis_of
from ilo_geo.services.analysis import Analysis
from ilo_geo.services.areas import Area
from ilo_geo.services.areas import open_area
from ilo_geo.services.basemap import Relief
from ilo_geo.services.basemap import relief
from ilo_geo.services.city import file_stamps
from ilo_geo.services.coherence import Coherence
from ilo_geo.services.coherence import coherence
from ilo_geo.services.coherence import has_rules
from ilo_geo.services.flood_map import flood_map
from ilo_geo.services.import_desk import ImportDesk
from ilo_geo.services.jobs import JobRunner
from ilo_geo.services.jobs import JobState
from ilo_geo.services.layer_reports import LayerEntry
from ilo_geo.services.layer_reports import check_layers
from ilo_geo.services.layer_reports import list_layers
from ilo_geo.services.map_layers import MapLayers
from ilo_geo.services.map_layers import Payload
from ilo_geo.services.map_layers import level_payload
from ilo_geo.services.overview import CityOverview
from ilo_geo.services.overview import StartView
from ilo_geo.services.overview import city_overview
from ilo_geo.services.overview import start_view
from ilo_geo.services.point_hazards import PointHazard
from ilo_geo.services.point_hazards import hazards_at
from ilo_geo.services.proposal_sheet import prepare_sheets
from ilo_geo.services.publication import Publication
from ilo_geo.services.search import Place
from ilo_geo.services.search import named_places
from ilo_geo.services.tiles import AreaTiles
from ilo_geo.services.versions import HistoryEntry
from ilo_geo.services.versions import history
from ilo_geo.services.versions import undo
from ilo_geo.services.versions import use
from ilo_geo.services.watch import Watch
from ilo_geo.services.watch import watch

# results kept in memory; each is a few hundred kB
KEPT_RESULTS = 48
# work that ends within this answers at once; longer work shows its progress
INLINE_WAIT_S = 0.6
STEP_S = 0.01
STAMP_LENGTH = 16
# what is made once and again when other layers come into use
OF_ONE_CATALOGUE = ("entries", "overview", "relief", "start_view", "places", "usual_parameters")


@dataclass(frozen=True)
class Started:
    """An analysis under way (``job``), or ready when there is none."""

    job: str | None


class Planner:
    """One study area, its map layers, the background jobs and the results at hand."""

    def __init__(self, area: Area, *, jobs: JobRunner | None = None, tiles: bool = False) -> None:
        self.area = area
        self.jobs = jobs or JobRunner()
        self.maps = MapLayers(area)
        self.fetching = FetchDesk(lambda: self.area, self.jobs)
        self.tiles = tiles
        self.desk = ImportDesk(area.catalogue.workspace)
        self._seen = area.catalogue.stamp
        self.publication = Publication(lambda: self.area, self.latest)
        self.area_tiles = AreaTiles(lambda: self.area)
        self._results: OrderedDict[str, AnalysisResult] = OrderedDict()
        self._under_way: dict[str, str] = {}
        self._waiting: Counter[str] = Counter()
        self._abandoned: set[str] = set()
        self._names: dict[str, frozenset[str]] = {}
        self._lock = Lock()

    def refresh(self) -> InputError | None:
        """Take up layers that came, went or were switched; return what stands against it."""
        seen = self.area.catalogue.stamp
        if seen == self._seen:
            return None
        try:
            area = open_area(self.area.catalogue.folder, self.area.catalogue.workspace)
        except InputError as error:
            # not taken up: told again at the next page, until it is mended
            return error
        with self._lock:
            self.area, self.maps, self._seen = area, MapLayers(area), seen
            for name in OF_ONE_CATALOGUE:
                self.__dict__.pop(name, None)
        return None

    @cached_property
    def entries(self) -> dict[str, LayerEntry]:
        """Return the catalogue."""
        return {entry.meta.id: entry for entry in list_layers(self.area)}

    @cached_property
    def overview(self) -> CityOverview:
        """Return what the city has and lacks."""
        return city_overview(self.area)

    def coherence(self) -> Coherence | None:
        """Return the plan's rules recomputed, None where the city has none.

        Raises
        ------
        SchemaError
            A rule file is faulty.
        """
        return coherence(self.area) if has_rules(self.area) else None

    @cached_property
    def relief(self) -> Relief | None:
        """Return the shaded relief, made at first use."""
        return relief(self.area)

    @cached_property
    def start_view(self) -> StartView:
        """Return where the map opens."""
        return start_view(self.area)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Return every place that can be searched by name."""
        return named_places(self.area)

    @property
    def levels(self) -> tuple[str, ...]:
        """Return the levels of the analysis, finest of the area's own first."""
        return (*reversed(self.area.config.levels), CELLS)

    def watch(self) -> Watch:
        """Return how fresh, complete and real the data are today."""
        return watch(self.area, datetime.now().astimezone().date())

    def history(self) -> tuple[HistoryEntry, ...]:
        """Return what was brought in, newest first."""
        return history(self.area)

    def switch(self, version: str | None) -> tuple[str, ...]:
        """Take a version into use, or with None take the last switch back; return the layers."""
        if version is None:
            switched = undo(self.area)
        else:
            switched = use(self.area, version, (), datetime.now(UTC))
        self.refresh()
        return switched

    def analysis(self, name: str) -> Analysis:
        """Return an analysis by id; `InputError` where there is none of that name."""
        return analysis_of(name)

    def specs(self, analysis: str) -> tuple[ParameterSpec, ...]:
        """Return what the controls need to know about each parameter of an analysis."""
        return self.analysis(analysis).specs(self.area)

    def parameter_names(self, analysis: str) -> frozenset[str]:
        """Return the names that an analysis takes; a name means the same in every analysis."""
        if analysis not in self._names:
            self._names[analysis] = frozenset(type(self.parse({}, analysis)).model_fields)
        return self._names[analysis]

    @cached_property
    def usual_parameters(self) -> dict[str, Any]:
        """Return the value of every parameter of every analysis when nobody chose."""
        usual: dict[str, Any] = {}
        for name in reversed(analyses()):
            usual |= self.parse({}, name).model_dump(mode="json")
        return usual

    def parse(self, raw: Mapping[str, Any], analysis: str = GREEN) -> Parameters:
        """Return validated parameters over the area's defaults.

        Raises
        ------
        ParameterError
            A name is unknown or a value out of range.
        """
        return self.analysis(analysis).parameters(self.area, raw)

    def parse_own(self, raw: Mapping[str, Any], analysis: str) -> Parameters:
        """Return the parameters of an analysis from values that belong to several."""
        own = self.parameter_names(analysis)
        return self.parse({name: value for name, value in raw.items() if name in own}, analysis)

    def start(self, analysis: str, params: Parameters) -> Started:
        """Start an analysis, unless its result is at hand or it is quick enough to wait for."""
        job = self._submitted(analysis, params)
        if job is None:
            return Started(None)
        state = self._ended(job, time.monotonic() + INLINE_WAIT_S)
        if state is None:
            return Started(job)
        if state.error is not None:
            raise state.error
        return Started(None)

    def _ended(self, job: str, until_s: float) -> JobState | None:
        """Return the state of a job that ends by a moment of the clock, None where it does not."""
        while time.monotonic() < until_s:
            state = self.jobs.state(job)
            if state is None or state.ended:
                return state
            time.sleep(STEP_S)
        return None

    def _submitted(self, analysis: str, params: Parameters) -> str | None:
        """Return the job that computes a result, None where it is at hand."""
        key = self._key(analysis, params)
        with self._lock:
            if key in self._results:
                return None
            job = self._under_way.get(key)
            if job is None or (state := self.jobs.state(job)) is None or state.ended:
                job = self.jobs.submit(lambda progress: self._compute(analysis, params, progress))
                self._under_way[key] = job
            self._waiting[job] += 1
            return job

    def abandon(self, job: str | None) -> None:
        """Stop a job that one page waited for, unless another still waits."""
        with self._lock:
            if job is None or self._waiting[job] < 1:
                return
            self._waiting[job] -= 1
            wanted = self._waiting[job] > 0
            if not wanted:
                self._abandoned.add(job)
        if not wanted:
            self.jobs.cancel(job)

    def is_abandoned(self, job: str) -> bool:
        """Return whether a job was stopped because nobody waited for it any more."""
        return job in self._abandoned

    def state(self, job: str) -> JobState | None:
        """Return how far a job is."""
        return self.jobs.state(job)

    def result(self, analysis: str, params: Parameters) -> AnalysisResult:
        """Return the result for ``params``, computed here and now if it is not at hand."""
        key = self._key(analysis, params)
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
        return self._compute(analysis, params, silent)

    def at_hand(self, analysis: str, params: Parameters) -> AnalysisResult | None:
        """Return the result for ``params`` if it needs no computing."""
        key = self._key(analysis, params)
        with self._lock:
            return self._results.get(key)

    def latest(self) -> dict[str, AnalysisResult]:
        """Return the latest result of each analysis that the data on disk still bear out."""
        with self._lock:
            known = list(self._results.items())
        found: dict[str, AnalysisResult] = {}
        stamps = {result.analysis: self.stamp(result.analysis) for _, result in known}
        for key, result in reversed(known):
            if key.startswith(f"{result.analysis}:{stamps[result.analysis]}:"):
                found.setdefault(result.analysis, result)
        return found

    def stamp(self, analysis: str) -> str:
        """Return what changes when a file that an analysis would read now does.

        Read from the files' times and sizes, so that it can be asked at every step.
        """
        seen = file_stamps(self.area, self.analysis(analysis).layers_in_use(self.area))
        return sha256(repr(seen).encode()).hexdigest()[:STAMP_LENGTH]

    def is_stale(self, run: Mapping[str, Any] | None) -> bool:
        """Return whether a file that the run read has changed since."""
        then = (run or {}).get("stamp")
        return bool(run) and then is not None and then != self.stamp(run["analysis"])

    def ready(self, run: Mapping[str, Any] | None, *of: str) -> AnalysisResult:
        """Return the result a page waits for, which must be one of the analyses ``of`` if given.

        Raises
        ------
        PreventUpdate
            Nothing was asked yet, it is still being computed, it is another page's, or the data
            it was computed with are no longer there.
        """
        if not run or run["job"] or (of and run["analysis"] not in of) or self.is_stale(run):
            raise PreventUpdate
        return self.result(run["analysis"], self.parse(run["params"], run["analysis"]))

    def flood(self, params: TsunamiParams) -> tuple[dict[str, Any], Payload]:
        """Return what the browser must know of the flood's planes, and the planes."""
        return flood_map(self.area, params)

    def hazards_at(
        self, lat: float, lon: float, params: Mapping[str, Any]
    ) -> tuple[PointHazard, ...]:
        """Return every hazard at a place (WGS 84 degrees), the sea as ``params`` say."""
        names = ("level_m", "river_reach_m", "flood_source")
        level_m, reach_m, source = (params.get(name, self.usual_parameters[name]) for name in names)
        return hazards_at(self.area, lat, lon, float(level_m), float(reach_m), source)

    def route_sheet(self, params: EvacuationParams, block: str, path: Path, lang: Lang) -> None:
        """Write the printable way to high ground from a block."""
        # matplotlib takes a second to import; only who prints waits for it
        from ilo_geo.services.route_sheets import route_sheet_pdf

        route_sheet_pdf(self.area, params, block, path, lang=lang)

    def known_level(self, level: object) -> str:
        """Return ``level``, or the usual one where there is no such level."""
        return level if level in self.levels else self.levels[0]

    def level(self, result: AnalysisResult, level: str) -> Payload:
        """Return the polygons of a level of a result; the same polygons are written once."""
        table = result.tables[level]
        key = f"level/{level}/{hash(tuple(table.index))}"
        payload = self.maps.once(key, lambda: level_payload(table))
        return self.maps.once(f"level/{level}/{payload.etag}", lambda: payload)

    def warm_up(self) -> None:
        """Prepare in the background what the first page asks for."""
        params = self.parse({})
        # a page that asks meanwhile waits for the same work
        green = self._submitted(GREEN, params)

        def work(progress: Progress) -> None:
            _ = (self.overview, self.start_view, self.places, self.relief, self.usual_parameters)
            for layer_id in self.maps.ids:
                progress("progress.layers", 0.0)
                self.maps.layer(layer_id)
            check_layers(self.area)
            # it was queued first, so that it is under way or done
            if green is not None:
                self._ended(green, math.inf)
            found = self.at_hand(GREEN, params)
            if found is not None:
                self.level(found, self.levels[0])

        self.jobs.submit(work)
        # whoever opens the page of hazards may have no time
        flood = self.parse({}, TSUNAMI)
        self._submitted(TSUNAMI, flood)
        self.jobs.submit(lambda _progress: self.flood(flood))
        self._submitted(EVACUATION, self.parse({}, EVACUATION))
        self.jobs.submit(lambda _progress: prepare_sheets(self.area))

    def _compute(self, analysis: str, params: Parameters, progress: Progress) -> AnalysisResult:
        # a file that changes meanwhile leaves a result that nobody will ask for
        key = self._key(analysis, params)
        result = self.analysis(analysis).run(self.area, params, progress)
        with self._lock:
            self._results[key] = result
            while len(self._results) > KEPT_RESULTS:
                self._results.popitem(last=False)
        return result

    def _key(self, analysis: str, params: Parameters) -> str:
        asked = json.dumps(params.model_dump(mode="json"), sort_keys=True)
        return f"{analysis}:{self.stamp(analysis)}:{asked}"
