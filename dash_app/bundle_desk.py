"""Bundles in the making: those of a campaign are computed once at a time, in the background."""

from __future__ import annotations

from threading import Lock

from dash_app.planner import Planner
from ilo_geo.proposals.people import Actor
from ilo_geo.services.campaign_bundles import CampaignBundles
from ilo_geo.services.campaign_bundles import campaign_bundles
from ilo_geo.services.council import Council
from ilo_geo.services.jobs import JobState

# campaigns whose bundles are kept
KEPT = 16


class BundleDesk:
    """Starts the search for bundles, tells how far it is, and keeps what was found."""

    def __init__(self, planner: Planner, council: Council) -> None:
        self._planner, self._council = planner, council
        self._found: dict[str, CampaignBundles] = {}
        self._jobs: dict[str, str] = {}
        self._lock = Lock()

    def start(self, actor: Actor, campaign_id: str, key: str) -> str | None:
        """Search the bundles of a campaign as it stands (``key``); None where they are known."""
        with self._lock:
            if key in self._found:
                return None
            job = self._jobs.get(key)
            state = self.state(job)
            if job is None or state is None or state.ended:
                job = self._planner.jobs.submit(
                    lambda _progress: self._keep(
                        key, campaign_bundles(self._council, actor, campaign_id)
                    )
                )
                self._jobs[key] = job
            return job

    def found(self, key: str) -> CampaignBundles | None:
        """Return what was found for a campaign as it stood."""
        with self._lock:
            return self._found.get(key)

    def state(self, job: str | None) -> JobState | None:
        """Return how far a job is, None where it is not known."""
        return self._planner.jobs.state(job) if job else None

    def _keep(self, key: str, found: CampaignBundles) -> None:
        with self._lock:
            self._found[key] = found
            while len(self._found) > KEPT:
                self._found.pop(next(iter(self._found)))
