"""Where the pages ask for public data: one fetch at a time, begun only by a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from threading import Lock

from ilo_geo.core.errors import InputError
from ilo_geo.core.text import Text
from ilo_geo.services.areas import Area
from ilo_geo.services.fetch import ALL
from ilo_geo.services.fetch import fetch
from ilo_geo.services.fetch import sources_of
from ilo_geo.services.fetch_plan import FetchPlan
from ilo_geo.services.fetch_plan import dismiss_offer
from ilo_geo.services.fetch_plan import fetch_offer
from ilo_geo.services.fetch_plan import plan_fetch
from ilo_geo.services.init_layers import init_table
from ilo_geo.services.jobs import JobRunner
from ilo_geo.services.jobs import JobState


class FetchDesk:
    """The fetch of one planner; ``area`` gives the study area as it is by now."""

    def __init__(self, area: Callable[[], Area], jobs: JobRunner) -> None:
        self._area = area
        self._jobs = jobs
        self._job: str | None = None
        self._lock = Lock()

    @property
    def state(self) -> JobState | None:
        """Return how far the last fetch is, None where there was none."""
        return None if self._job is None else self._jobs.state(self._job)

    @property
    def is_running(self) -> bool:
        """Return whether a fetch is under way."""
        state = self.state
        return state is not None and not state.ended

    def offer(self) -> FetchPlan | None:
        """Return what to offer who has not fetched yet, or None where nothing is to offer."""
        try:
            return None if self.is_running else fetch_offer(self._area(), _now())
        except InputError:
            # settings with a fault: told where one fetches, not on the first page
            return None

    def plan(self, what: str) -> FetchPlan:
        """Return what a fetch would ask and weigh; nobody is asked anything."""
        return plan_fetch(self._area(), sources_of(what), _now())

    def start(self, what: str, *, fresh: bool = False) -> None:
        """Begin a fetch, unless one is under way.

        Raises
        ------
        ParameterError
            There is no such source.
        """
        self._begin(sources_of(what), fresh=fresh)

    def resume(self) -> None:
        """Take up the sources that broke off, and no other."""
        begun = tuple(self.plan(ALL).begun)
        if begun:
            self._begin(begun, fresh=False)

    def _begin(self, sources: tuple[str, ...], *, fresh: bool) -> None:
        area = self._area()
        with self._lock:
            if not self.is_running:
                self._job = self._jobs.submit(
                    lambda progress: fetch(
                        area, sources, now=_now(), fresh=fresh, progress=progress
                    )
                )

    def title(self, layer: str) -> Text:
        """Return what the area calls a layer, else what it is called in any city."""
        declared = self._area().catalogue.declared.get(layer)
        return init_table().layers[layer].title if declared is None else declared.title

    def cancel(self) -> None:
        """Stop the fetch at its next step; what it has so far is kept."""
        if self._job is not None:
            self._jobs.cancel(self._job)

    def dismiss(self) -> None:
        """Offer no more."""
        dismiss_offer(self._area(), _now())


def _now() -> datetime:
    return datetime.now(UTC)
