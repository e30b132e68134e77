"""Runs long work in background threads that tell how far they are and can be stopped.

Threads share the layers already in memory, where worker processes would read them again; the
heavy kernels (GEOS, numba) release the interpreter lock.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum
from typing import Any

from ilo_geo.core.errors import CancelledError
from ilo_geo.core.errors import IloGeoError
from ilo_geo.core.progress import EnoughError
from ilo_geo.core.progress import Progress

logger = logging.getLogger(__name__)

MAX_KEPT_JOBS = 100


class Phase(StrEnum):
    """Where a job is in its life."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass
class JobState:
    """What is known of a job.

    ``step`` is a code of ``messages.yaml``; ``figures`` are those a search last told.
    """

    phase: Phase = Phase.WAITING
    step: str = "progress.waiting"
    done_ratio: float = 0.0
    figures: dict[str, float] = field(default_factory=dict)
    value: Any = None
    error: IloGeoError | None = None
    cancel_asked: threading.Event = field(default_factory=threading.Event)
    enough_asked: threading.Event = field(default_factory=threading.Event)

    @property
    def ended(self) -> bool:
        """Return whether nothing more will happen."""
        return self.phase not in (Phase.WAITING, Phase.RUNNING)


class JobRunner:
    """Runs jobs one after the other on ``n_workers`` threads."""

    def __init__(self, n_workers: int = 2) -> None:
        self._pool = ThreadPoolExecutor(n_workers, thread_name_prefix="job")
        self._jobs: dict[str, JobState] = {}
        self._lock = threading.Lock()

    def submit(self, work: Callable[[Progress], Any]) -> str:
        """Queue ``work`` and return the id of its job."""
        job_id = uuid.uuid4().hex
        state = JobState()
        with self._lock:
            self._forget_ended()
            self._jobs[job_id] = state
        self._pool.submit(self._run, state, work)
        return job_id

    def state(self, job_id: str) -> JobState | None:
        """Return the state of a job, or None where it is not known (any more)."""
        return self._jobs.get(job_id)

    def cancel(self, job_id: str) -> None:
        """Ask a job to stop at its next step; nothing happens to one that is not known."""
        state = self._jobs.get(job_id)
        if state is not None:
            state.cancel_asked.set()

    def finish(self, job_id: str) -> None:
        """Ask the search of a job to end with the best it has; a job without one goes on."""
        state = self._jobs.get(job_id)
        if state is not None:
            state.enough_asked.set()

    def close(self) -> None:
        """Stop every job and wait for the threads."""
        for state in self._jobs.values():
            state.cancel_asked.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, state: JobState, work: Callable[[Progress], Any]) -> None:
        def progress(code: str, done_ratio: float, /, **figures: float) -> None:
            if state.cancel_asked.is_set():
                raise CancelledError
            state.step, state.done_ratio = code, done_ratio
            state.figures = figures or state.figures
            if figures and state.enough_asked.is_set():
                raise EnoughError

        state.phase = Phase.RUNNING
        try:
            progress("progress.waiting", 0.0)
            state.value = work(progress)
            progress("progress.done", 1.0)
            state.phase = Phase.DONE
        except CancelledError as error:
            state.value, state.error, state.phase = None, error, Phase.CANCELLED
        except IloGeoError as error:
            state.error, state.phase = error, Phase.FAILED
        # a thread has no caller to raise to: any failure must end the job, and is logged whole
        except Exception as error:
            logger.exception("background job failed")
            found = f"{type(error).__name__}: {error}"
            state.error = IloGeoError("job.failed", found=found)
            state.phase = Phase.FAILED

    def _forget_ended(self) -> None:
        ended = [job_id for job_id, state in self._jobs.items() if state.ended]
        for job_id in ended[: max(0, len(self._jobs) - MAX_KEPT_JOBS)]:
            del self._jobs[job_id]
