"""What the pages ask of the library: one object an app, no state outside it."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

from dash.exceptions import PreventUpdate

from ilo_geo.core.layer import Origin
from ilo_geo.core.progress import Progress
from ilo_geo.core.results import AnalysisResult
from ilo_geo.green.analysis import CELLS
from ilo_geo.green.parameters import GreenParams
from ilo_geo.services.areas import Area
from ilo_geo.services.basemap import Relief
from ilo_geo.services.basemap import relief
from ilo_geo.services.green import analyse_green
from ilo_geo.services.green import green_parameters
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
from ilo_geo.services.search import Place
from ilo_geo.services.search import named_places

# results kept in memory; each is a few hundred kB
KEPT_RESULTS = 48
# work that ends within this answers at once; longer work shows its progress
INLINE_WAIT_S = 0.6
STEP_S = 0.01


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
        self.tiles = tiles
        self._results: OrderedDict[str, AnalysisResult] = OrderedDict()
        self._under_way: dict[str, str] = {}
        self._lock = Lock()

    @cached_property
    def entries(self) -> dict[str, LayerEntry]:
        """Return the catalogue; a layer loaded while the planner runs appears at the next start."""
        return {entry.meta.id: entry for entry in list_layers(self.area)}

    @cached_property
    def overview(self) -> CityOverview:
        """Return what the city has and lacks."""
        return city_overview(self.area)

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

    @property
    def imported_folder(self) -> str:
        """Return the folder where the municipality's own layers are looked for."""
        catalogue = self.area.catalogue
        return str(catalogue.workspace.root / catalogue.workspace_id / Origin.IMPORTED)

    def parse(self, raw: Mapping[str, Any]) -> GreenParams:
        """Return validated parameters over the area's defaults.

        Raises
        ------
        ParameterError
            A name is unknown or a value out of range.
        """
        return green_parameters(self.area, raw)

    def start(self, params: GreenParams) -> Started:
        """Start an analysis, unless its result is at hand or it is quick enough to wait for."""
        key = _key(params)
        with self._lock:
            if key in self._results:
                return Started(None)
            job = self._under_way.get(key)
            if job is None or (state := self.jobs.state(job)) is None or state.ended:
                job = self.jobs.submit(lambda progress: self._compute(key, params, progress))
                self._under_way[key] = job
        deadline = time.monotonic() + INLINE_WAIT_S
        while time.monotonic() < deadline:
            state = self.jobs.state(job)
            if state is not None and state.ended:
                if state.error is not None:
                    raise state.error
                return Started(None)
            time.sleep(STEP_S)
        return Started(job)

    def state(self, job: str) -> JobState | None:
        """Return how far a job is."""
        return self.jobs.state(job)

    def green(self, params: GreenParams) -> AnalysisResult:
        """Return the result for ``params``, computed here and now if it is not at hand."""
        key = _key(params)
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
        return self._compute(key, params, lambda _code, _ratio: None)

    def at_hand(self, params: GreenParams) -> AnalysisResult | None:
        """Return the result for ``params`` if it needs no computing."""
        with self._lock:
            return self._results.get(_key(params))

    def ready(self, run: Mapping[str, Any] | None) -> AnalysisResult:
        """Return the result a page waits for.

        Raises
        ------
        PreventUpdate
            Nothing was asked yet, or it is still being computed.
        """
        if not run or run["job"]:
            raise PreventUpdate
        return self.green(self.parse(run["params"]))

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

        def work(progress: Progress) -> None:
            _ = (self.overview, self.start_view, self.places, self.relief)
            for layer_id in self.maps.ids:
                progress("progress.layers", 0.0)
                self.maps.layer(layer_id)
            result = self._compute(_key(params), params, progress)
            self.level(result, self.levels[0])
            check_layers(self.area)

        self.jobs.submit(work)

    def _compute(self, key: str, params: GreenParams, progress: Progress) -> AnalysisResult:
        result = analyse_green(self.area, params, progress=progress)
        with self._lock:
            self._results[key] = result
            while len(self._results) > KEPT_RESULTS:
                self._results.popitem(last=False)
        return result


def _key(params: GreenParams) -> str:
    return json.dumps(params.model_dump(mode="json"), sort_keys=True)
