"""Technical sheets in the making: each proposal's is computed once at a time, in the background."""

from __future__ import annotations

from threading import Lock

from dash_app.planner import Planner
from ilo_geo.proposals.people import Actor
from ilo_geo.proposals.permissions import ever_allows
from ilo_geo.services.council import Council
from ilo_geo.services.jobs import JobState
from ilo_geo.services.proposal_sheet import refresh_sheet
from ilo_geo.services.proposal_sheet import sheet_of


def computes(who: Actor) -> bool:
    """Return whether a look of theirs has a sheet computed and kept.

    Who neither proposes nor argues only reads, and reading writes nothing: they are shown the
    sheet that is there.
    """
    return any(ever_allows(who, verb, own=True) for verb in ("create", "comment"))


class SheetDesk:
    """Starts the computation of sheets and tells how far each is."""

    def __init__(self, planner: Planner, council: Council) -> None:
        self._planner, self._council = planner, council
        self._under_way: dict[str, str] = {}
        self._lock = Lock()

    def start(self, proposal_id: str) -> str:
        """Compute a sheet, unless that is being done; return the job."""
        with self._lock:
            job = self._under_way.get(proposal_id)
            state = self.state(job)
            if job is None or state is None or state.ended:
                job = self._planner.jobs.submit(
                    lambda _progress: refresh_sheet(self._council, proposal_id)
                )
                self._under_way[proposal_id] = job
            return job

    def wanted(self, proposal_id: str) -> str | None:
        """Return the job that computes a sheet that is missing or stale, None where none is."""
        with self._lock:
            job = self._under_way.get(proposal_id)
        state = self.state(job)
        if state is not None and not state.ended:
            return job
        found = sheet_of(self._council, proposal_id)
        return self.start(proposal_id) if found is None or found.stale else None

    def state(self, job: str | None) -> JobState | None:
        """Return how far a job is, None where it is not known."""
        return self._planner.jobs.state(job) if job else None
